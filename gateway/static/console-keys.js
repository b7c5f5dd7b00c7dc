/** One key for what is done all day; who types, or has them switched off, types. */

import { $, toEnd } from "./console-page.js";

const OFF = "desk-keys-off"; // WCAG 2.1.4: single keys can be turned off, for who speaks to their computer
const TYPED = "input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]";

function off() {
  try {
    return localStorage.getItem(OFF) === "1";
  } catch {
    return false;
  }
}

function step(by) {
  const rows = [...document.querySelectorAll("#rows .row a")];
  if (!rows.length) return;
  const here = rows.findIndex((row) => row === document.activeElement);
  const from = here >= 0 ? here : rows.findIndex((row) => row.hasAttribute("aria-current"));
  rows[Math.min(Math.max(from + by, 0), rows.length - 1)].focus();
}

/** The first that waits, but for the one before us; false when nobody else does. */
export function next() {
  const waiting = document.querySelector("#rows .row.waiting a:not([aria-current])");
  waiting?.click();
  return !!waiting;
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  e: toEnd,
  g: next,
  q: () => (document.querySelector("#rows .row a[aria-current]") ?? document.querySelector("#rows .row a"))?.focus(),
  "/": () => document.querySelector("input[type=search]")?.focus(),
  "?": () => $("keys").showModal(),
};

function onKey(event) {
  if (event.defaultPrevented || event.isComposing) return;
  const { target, key } = event;
  if (key === "Enter" && (event.ctrlKey || event.metaKey) && target.matches?.("textarea") && target.form) {
    event.preventDefault();
    const its = `[data-send="${CSS.escape(target.id)}"]`; // never the button of a draft beside it
    target.form.querySelector(its)?.click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || target.matches?.(TYPED) || $("keys").open || off()) return;
  const bound = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const act = KEYS[key] ?? (bound && (() => bound.click()));
  if (!act) return;
  event.preventDefault();
  act();
}

export function listenToKeys() {
  const on = $("keys-on");
  on.checked = !off();
  on.addEventListener("change", () => {
    try {
      if (on.checked) localStorage.removeItem(OFF);
      else localStorage.setItem(OFF, "1");
    } catch { /* no storage: for this page they stay on */ }
  });
  $("keys-open").hidden = false;
  $("keys-open").addEventListener("click", () => $("keys").showModal());
  document.addEventListener("keydown", onKey);
}
