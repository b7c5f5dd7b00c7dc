/**
 * One key for what is done all day; who types, or has them switched off, types.
 *
 * A single key does only what can be taken back by going elsewhere. What a customer reads (a draft that is sent,
 * a person who joins) needs Ctrl as well.
 */

import { $, caseId, toEnd } from "./console-page.js";

const OFF = "desk-keys-off"; // WCAG 2.1.4: single keys can be turned off, for who speaks to their computer
const TYPED = "input:not([type=checkbox]):not([type=radio]), textarea, select, [role=textbox], [role=combobox]";
const REST_MS = 1000; // longer than a finger that is on its way, shorter than reading what is new

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
  "/": () => document.querySelector('.bar a[href="/console/search"]')?.click(),
  "?": () => $("keys").showModal(),
};

// ---- when keys rest ----------------------------------------------------------------------------

let typed = -REST_MS; // when a key last went into a field, or would have
let field = null; // what staff write in, until they leave it themselves

/** What is no longer seen has the focus until the page is drawn anew. */
const inField = (target) => (!!target.isContentEditable || !!target.matches?.(TYPED)) && target.checkVisibility();

/** Who clicks elsewhere, or goes on by Tab, has left; that a field is gone from the page is no leaving. */
function leave() {
  typed = -REST_MS;
  field = null;
}

/** Whether a key is the rest of something typed, whose field has gone from under it. */
function isText() {
  const now = performance.now();
  const lost = field && (document.activeElement === document.body || !field.checkVisibility());
  if (!lost && now - typed >= REST_MS) return false;
  typed = now;
  return true;
}

const means = new Map(); // what keys would do, each since when

/** To which case, draft and text a press of this would go, and after which warning. */
function meaning(each) {
  const asked = each.dataset.send ? document.querySelector(".box-warning")?.textContent : "";
  return [caseId(), each.getAttribute("hx-post"), each.value, each.textContent, asked].join("\n");
}

const nameOf = ({ dataset }) => dataset.key ?? `send ${dataset.send}`;

/** Of two with the same key the first in the page counts: that is the one which is pressed. */
function noteMeanings(since = performance.now()) {
  const there = new Map();
  for (const each of document.querySelectorAll("[data-key], [data-send]")) {
    if (!there.has(nameOf(each))) there.set(nameOf(each), meaning(each));
  }
  for (const name of means.keys()) if (!there.has(name)) means.delete(name);
  for (const [name, meant] of there) if (means.get(name)?.meant !== meant) means.set(name, { meant, since });
}

/** Press what is there, if it was that already when the finger set out, and no other case is on its way. */
function press(each) {
  if (!each || document.querySelector("#rows a.htmx-request")) return;
  noteMeanings();
  const late = performance.now() - means.get(nameOf(each)).since < REST_MS;
  // A label or a summary only leads to its field.
  if (late && !each.matches("label, summary")) $("told").textContent = "The page has just changed. Look at it, then press again.";
  else each.click();
}

const POPOVERS = "popover" in HTMLElement.prototype ? ", :popover-open" : "";
const isAsked = () => !!document.querySelector(`dialog[open]${POPOVERS}`);
const bound = (name) => document.querySelector(`[data-key="${CSS.escape(name)}"]`);

// ---- what is pressed ---------------------------------------------------------------------------

/** Ctrl Enter sends what is written; elsewhere it does what a template bound to it, and so with Shift. */
function onEnter({ target, shiftKey }) {
  if (!shiftKey && target.matches("textarea") && target.form) {
    press(target.form.querySelector(`[data-send="${CSS.escape(target.id)}"]`)); // never the button of a draft beside it
    return;
  }
  const nothingWritten = shiftKey && target.id === "text" && !target.value.trim();
  if (isAsked() || (inField(target) && !nothingWritten)) return;
  const act = bound(shiftKey ? "Ctrl Shift Enter" : "Ctrl Enter");
  if (act?.checkVisibility()) press(act);
  else act?.closest("details")?.setAttribute("open", ""); // it is read before it is sent
}

/** What the browser does with Enter itself: press a button, open a link in another tab. The case before us is open. */
const isPressed = (target) => !!target.closest?.("button, summary, a:not([aria-current])");

function onKey(event) {
  const { target, key } = event;
  if (event.defaultPrevented || event.isComposing) return;
  if (key === "Tab" || (key === "Escape" && target.closest?.("dialog, [popover]"))) return leave();
  const held = event.ctrlKey || event.metaKey;
  if (key === "Enter" && held && !event.altKey && !isPressed(target)) {
    event.preventDefault();
    if (!event.repeat) onEnter(event);
    return;
  }
  if (inField(target)) {
    if (key.length === 1 || key === "Backspace") typed = performance.now();
    return;
  }
  if (isText()) return;
  const shifted = event.shiftKey && key.toLowerCase() !== key.toUpperCase();
  if (held || event.altKey || event.getModifierState("AltGraph") || shifted || event.repeat) return;
  const act = KEYS[key];
  const its = act ? null : bound(key);
  if ((!act && !its) || isAsked() || off()) return;
  event.preventDefault();
  if (act) act();
  else press(its);
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
  noteMeanings(-REST_MS);
  document.addEventListener("htmx:after:swap", () => noteMeanings());
  document.addEventListener("keydown", onKey);
  document.addEventListener("pointerdown", leave, { capture: true });
  document.addEventListener("focusin", ({ target }) => (field = inField(target) ? target : null));
}
