/** The right pane: orders are fetched after it; values that were opened are hidden again after a minute. */
import { $, bring, caseId } from "./console-page.js";

/** Not `hx-trigger="load"`: htmx may begin before those who listen to it are there (console.js). */
function fetchParts() {
  for (const part of document.querySelectorAll("[data-fetch]")) {
    const path = part.dataset.fetch;
    delete part.dataset.fetch;
    bring(path, part.id, "innerHTML");
  }
}

let waits = false;

/** Approvals, promises and follow-ups as they are now; who fills in one of their forms is not disturbed. */
export function refreshBelonging() {
  const part = $("belongs");
  if (!part) return;
  waits = part.contains(document.activeElement) && document.activeElement.matches("input, select");
  if (!waits) bring(`/console/cases/${encodeURIComponent(caseId())}/belongs`, "belongs");
}

/** The note, and what may be opened: who has the case, and what it needs, may have changed. */
export function refreshFacts() {
  if ($("facts")) bring(`/console/cases/${encodeURIComponent(caseId())}/customer`, "facts");
  refreshBelonging();
}

document.addEventListener("focusout", ({ target, relatedTarget }) => {
  if (waits && target.closest("#belongs") && !relatedTarget?.closest("#belongs")) refreshBelonging();
});

let timer = 0;
const closed = new WeakMap(); // labels with what stands in them while their values are closed

/** Put what the server opened into the labels of this page, and count down. */
function show(values) {
  clearInterval(timer);
  hide();
  const until = Date.now() + 1000 * Number(values.dataset.hideAfter);
  for (const value of values.querySelectorAll("[data-value]")) {
    const name = CSS.escape(value.dataset.value);
    if (values.querySelectorAll(`[data-value="${name}"]`).length > 1) continue; // which one it is, the list says
    for (const label of document.querySelectorAll(`.token[data-hidden="${name}"]`)) {
      if (values.contains(label)) continue;
      closed.set(label, [...label.childNodes]);
      label.textContent = value.textContent;
      label.classList.add("open");
    }
  }
  timer = setInterval(() => {
    const left = Math.ceil((until - Date.now()) / 1000);
    const told = values.querySelector("[data-left]");
    if (told) told.textContent = String(Math.max(0, left));
    if (left <= 0 || !values.isConnected) {
      clearInterval(timer);
      values.remove();
      hide();
    }
  }, 500);
}

function hide() {
  for (const label of document.querySelectorAll(".token.open")) {
    if (closed.has(label)) label.replaceChildren(...closed.get(label));
    label.classList.remove("open");
  }
}

document.addEventListener("DOMContentLoaded", fetchParts);
document.addEventListener("htmx:after:swap", () => {
  fetchParts();
  const values = document.querySelector("#revealed .values:not([data-seen])");
  if (!values) return;
  values.dataset.seen = "1";
  show(values);
});

// A page that comes back out of the browser's memory shows nothing that was open when it left.
addEventListener("pagehide", () => {
  document.querySelector("#revealed .values")?.remove();
  hide();
});
