/** What is typed is kept on this device, and others see that somebody types. */

import { caseId, csrf, me } from "./console-page.js";

const ALL = "desk-draft:";
const KEPT = `${ALL}${me()}:`; // whoever signs in next on this device has their own
const KEPT_MS = 12 * 3600 * 1000;

/** On this device only, for half a day: a session that expires, or a tab that closes, loses no text. */
function keep(id, text) {
  try {
    if (text.trim()) localStorage.setItem(KEPT + id, JSON.stringify({ text, at: Date.now() }));
    else forget(id);
  } catch { /* no storage, or it is full: the text stays in the page */ }
}

export function forget(id) {
  try {
    localStorage.removeItem(KEPT + id);
  } catch { /* no storage */ }
}

function kept(key) {
  try {
    const found = JSON.parse(localStorage.getItem(key));
    if (Date.now() - found.at < KEPT_MS) return found.text;
    localStorage.removeItem(key);
  } catch { /* no storage, or not ours */ }
  return "";
}

export function restore() {
  for (const box of document.querySelectorAll("textarea[data-kept]")) {
    if (!box.value) box.value = kept(KEPT + box.dataset.kept);
  }
}

let typed = 0;

export function onInput({ target }) {
  if (!target.dataset?.kept) return;
  keep(target.dataset.kept, target.value);
  if (Date.now() - typed < 3000 || !target.value.trim() || !document.querySelector("#reply[data-speaks]")) return;
  typed = Date.now();
  const headers = { "X-CSRF-Token": csrf(), "Content-Type": "application/x-www-form-urlencoded" };
  fetch(`/console/cases/${encodeURIComponent(caseId())}/typing`, { method: "POST", headers }).catch(() => {});
}

/** What is too old is gone, also of cases that nobody opens; so is what another member left here. */
export function tidy() {
  try {
    for (const key of Object.keys(localStorage)) {
      if (key.startsWith(KEPT)) kept(key);
      else if (key.startsWith(ALL)) localStorage.removeItem(key);
    }
  } catch { /* no storage */ }
}
