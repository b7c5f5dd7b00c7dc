/**
 * The console's own script: what a page without it cannot do. Everything else is forms and links.
 *
 * htmx 4 (Zero-Clause BSD, docs/third-party.md) puts fragments into the page. Under our policy it may parse
 * HTML only by the Trusted Types policy of console-policy.js, and run no code from attributes.
 */
import { forget, onInput, restore, tidy } from "./console-kept.js";
import { listenToKeys, next } from "./console-keys.js";
import { countDue, listen, mark, present, renewBox, showHeld, showPresent } from "./console-live.js";
import { $, BY_ITSELF, caseId, csrf, fitToKeyboard, followEnd, keepScroll, noteScroll, refreshThread, toEnd } from "./console-page.js";

// Whoever goes back and forward before htmx listens has the address of one page and sees another.
const [loaded] = performance.getEntriesByType("navigation");
if (loaded?.type === "reload" && new URL(loaded.name).pathname !== location.pathname) location.reload();

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  ctx.request.headers["X-CSRF-Token"] = csrf();
});

document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  const { headers, action, method } = ctx.request;
  if (headers[BY_ITSELF] || ctx.response.status >= 400) return;
  $("refusal").replaceChildren();
  if (method !== "POST") return;
  const way = new URL(action, location.href).pathname.split("/");
  acted = way[2] === "cases" ? way.pop() : "beside";
  if (acted === "beside") countDue();
  if (acted === "close") $("closing")?.hidePopover?.();
  if (acted === "say" || acted === "note") forget(caseId() + (acted === "note" ? "-note" : ""));
});

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  $("closing")?.hidePopover?.(); // why is told behind it; what was chosen stays in it
  // What was refused is not as this page shows it.
  if (ctx.response.status !== 409) return;
  refreshThread();
  renewBox();
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (!ctx || ctx.request?.headers[BY_ITSELF]) return;
  const said = document.createElement("p");
  said.className = "refusal";
  $("closing")?.hidePopover?.();
  said.textContent = "The server could not be reached. Nothing was sent; try again.";
  $("refusal").replaceChildren(said);
});

const SPOKE = new Set(["say", "approve", "note"]);
let acted = "";
let shown = null; // the case before us, to see when another one is opened
document.addEventListener("htmx:before:swap", noteScroll);
document.addEventListener("htmx:after:swap", settle);
document.addEventListener("htmx:after:history:update", () => settle());

/** Once per change of the page. */
function settle() {
  const opened = caseId();
  $("panes").classList.toggle("opened", !!opened);
  restore();
  if (opened !== shown) {
    shown = opened;
    present.clear();
    toEnd();
    mark(opened);
    listen();
    if (opened && matchMedia("(max-width: 700px)").matches) $("case").focus({ preventScroll: true });
  } else {
    keepScroll();
    if (SPOKE.has(acted)) toEnd(); // who wrote looks for what they wrote
  }
  followEnd(); // the case may have been opened once more
  showPresent();
  showHeld();
  if (acted) keepFocus();
}

/** The button that was pressed may be gone: go on where one goes on. */
function keepFocus() {
  const on = acted === "beside" ? "#belongs" : acted === "release" || acted === "give-back" || acted === "close" ? ".case-head h1" : "#composer textarea";
  acted = "";
  if (document.activeElement === document.body) document.querySelector(on)?.focus();
}

document.addEventListener("click", (event) => {
  if (event.target.id === "newer") toEnd();
  if (event.target.id === "act-next" && !event.ctrlKey && !event.metaKey && next()) event.preventDefault();
});
document.addEventListener("input", onInput);
// How it ended may need words: they are asked for in the question, not refused behind it.
document.addEventListener("change", ({ target }) => {
  if (target.id === "outcome") $("resolution").required = target.value === "other";
});
setInterval(showPresent, 2000);

document.addEventListener("DOMContentLoaded", () => {
  tidy();
  listenToKeys();
  fitToKeyboard();
  settle();
});
