/** What happens elsewhere, as it happens: rows of the queue, lines of the thread, who else is here. */

import { refreshAlarms } from "./alarms.js";
import { $, BY_ITSELF, bring, caseId, csrf, me, onceAtATime, refreshThread, untilThere } from "./console-page.js";
import { refreshBelonging, refreshFacts } from "./console-pane.js";
import { ago } from "./times.js";

// ---- live --------------------------------------------------------------------------------------

const HANDS = new Set(["CaseClaimed", "CaseReopened", "CaseReleased", "CaseReturned", "CaseClosed", "DraftRejected", "ReplyHeld"]);
const SAID = new Set(["CustomerWrote", "StaffSpoke", "StaffNoted"]); // what the note says is as it was
let stream = null;
const streams = new Set(); // a new one may not have said hello while the old one is there
let over = false;
let late = false;
let waiting = 1000;

/**
 * One stream for this page; it says which case is before us.
 *
 * A hidden page has none: a browser keeps six lines to a server, and the seventh tab would hang.
 */
export function listen() {
  if (document.hidden) return hush();
  const id = caseId();
  const page = [...crypto.getRandomValues(new Uint8Array(8))].map((each) => each.toString(16)).join("");
  const { shown } = (document.querySelector(".talk") ?? document.body).dataset; // when it was made
  const now = new EventSource(`/console/live?${new URLSearchParams({ page, case: id, shown })}`);
  now.leave = () => id && navigator.sendBeacon(`/console/cases/${encodeURIComponent(id)}/left`, new URLSearchParams({ csrf: csrf(), page }));
  stream = now;
  streams.add(now);
  now.addEventListener("hello", (event) => {
    if (now === stream) close((each) => each !== now);
    waiting = 1000;
    $("live").hidden = true;
    const missed = JSON.parse(event.data); // between its making and now
    if (late || missed.queue) catchUpQueue();
    if (late || missed.case) catchUpCase();
    late = false;
  });
  now.addEventListener("error", () => {
    if (now !== stream) return;
    late = true;
    $("live").hidden = false;
    if (now.readyState !== EventSource.CLOSED) return; // it tries again by itself
    setTimeout(() => now === stream && listen(), waiting);
    waiting = Math.min(waiting * 2, 60_000);
  });
  now.addEventListener("case", (event) => onCase(JSON.parse(event.data)));
  now.addEventListener("said", (event) => {
    untilThere(JSON.parse(event.data).turn);
    refreshBelonging();
  });
  now.addEventListener("staff", (event) => onStaff(JSON.parse(event.data)));
  now.addEventListener("task", (event) => onTask(JSON.parse(event.data)));
  now.addEventListener("again", catchUp);
  now.addEventListener("over", () => {
    over = true;
    now.close();
    catchUp(); // is refused, which says what to do
  });
}

/** Nothing comes any more; what is missed is fetched once the page is seen again. */
function hush() {
  for (const each of streams) each.leave(); // the line alone may seem open to a proxy for long
  close(() => true);
  stream = null;
  late = true;
}

function close(which) {
  for (const each of [...streams].filter(which)) {
    each.close();
    streams.delete(each);
  }
}

addEventListener("pagehide", hush);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) hush();
  else if (!stream && !over) listen();
});

/** After a break everything that is shown is fetched; what is there already stays the same element. */
function catchUp() {
  catchUpQueue();
  catchUpCase();
}

function catchUpQueue() {
  refreshQueue();
  countDue();
  refreshAlarms();
}

function catchUpCase() {
  refreshThread();
  refreshFacts();
  renewBox();
}

/** The reply box as the case is now, unless something is being written in it: then the server says what is wrong. */
export async function renewBox() {
  if (caseId() && !$("text")?.value && !$("note")?.value) await keepingFocus(() => bringBox(caseId()));
}

/** The queue as this page has narrowed it, with as many rows as are there. */
const refreshQueue = onceAtATime(async () => {
  if (!$("rows")) return;
  const { dataset: { view, query }, children } = $("rows");
  await bring(`/console/queue?${query || `view=${view}`}&count=${children.length}`, "queue");
  mark(caseId());
});

async function onCase(change) {
  const link = `a[href="/console/cases/${encodeURIComponent(change.id)}"]`;
  if (change.alarm || $("alarms").querySelector(link)) refreshAlarms();
  if (change.kind === "CaseRaised" && !change.alarm) onRaised(change); // somebody has it, or it is less urgent
  await placeRow(change);
  if (change.id !== caseId()) return;
  await refreshThread();
  if (SAID.has(change.kind)) refreshBelonging();
  else refreshFacts();
  if (HANDS.has(change.kind) && change.by !== me()) await keepingFocus(() => bringBox(change.id));
}

/** The reply box as it is now, with what is being written in it: its draft and its sources, too. */
function bringBox(id) {
  const path = `/console/cases/${encodeURIComponent(id)}`;
  if (!$("text")?.value) return bring(`${path}/composer`, "composer", "innerHTML");
  const values = { ...Object.fromEntries(new FormData($("reply"))), do: "keep" };
  const headers = { [BY_ITSELF]: "1" };
  return htmx.ajax("POST", `${path}/compose`, { target: "#composer", source: "#composer", swap: "innerHTML", values, headers });
}

const held = new Set();

/** A reply that was held came into the thread without anybody's act: its card belongs into the reply box. */
export async function showHeld() {
  if (!$("reply")?.matches("[data-speaks]")) return;
  const lines = [...document.querySelectorAll('#lines .line[data-draft="open"]')];
  const fresh = lines.map(({ dataset }) => dataset.turn).filter((turn) => !held.has(turn));
  for (const turn of fresh) held.add(turn);
  const there = (turn) => $("reply").elements.draft.value === turn || document.querySelector(`.draft-card[data-draft="${CSS.escape(turn)}"]`);
  if (fresh.some((turn) => !there(turn))) await keepingFocus(() => bringBox(caseId()));
}

/** In the reply box, which is made anew. */
async function keepingFocus(change) {
  const box = document.activeElement?.closest("#composer") ? document.activeElement.id : "";
  await change();
  if (box) $(box)?.focus();
}

/** Put a case's row where it belongs in this view, or take it out; focus stays on it. */
async function placeRow({ id, version, row }) {
  const list = $("rows");
  // What belongs in a view of staff's own making only the server knows.
  if (list?.dataset.query) return refreshQueue();
  refreshQueue.newer(); // rows that are on their way may be older than this one
  const old = $(`row-${id}`);
  if (!list || (old && Number(old.dataset.version) >= version)) return;
  const fresh = row && new DOMParser().parseFromString(deskParsing.createHTML(row), "text/html").querySelector("li");
  if (!fresh || !belongs(fresh.dataset, list.dataset.view)) {
    if (old?.contains(document.activeElement)) (old.nextElementSibling ?? old.previousElementSibling)?.querySelector("a")?.focus();
    old?.remove();
    return;
  }
  const after = [...list.children].find((each) => each !== old && isAfter(each.dataset, fresh.dataset));
  if (!after && !old && $("more")) return; // on a page that was not asked for yet
  if (old) {
    await htmx.swap({ text: row, target: old, swap: "outerMorph", sourceElement: list });
    if (old.nextElementSibling !== (after ?? null)) move(list, old, after ?? null);
  } else {
    list.insertBefore(document.adoptNode(fresh), after ?? null);
    htmx.process(fresh);
  }
  $("nobody")?.remove();
  mark(caseId());
}

/** Browsers without `moveBefore` take the focus away from what is moved. */
function move(list, row, before) {
  const focused = row.contains(document.activeElement) ? document.activeElement : null;
  if (list.moveBefore) list.moveBefore(row, before);
  else list.insertBefore(row, before);
  focused?.focus();
}

/** Which row is the case before us. */
export function mark(id) {
  for (const link of document.querySelectorAll(".row a[aria-current]")) link.removeAttribute("aria-current");
  document.querySelector(`#${CSS.escape(`row-${id}`)} a`)?.setAttribute("aria-current", "true");
}

function belongs({ phase, owner }, view) {
  const open = phase === "waiting" || phase === "person";
  if (view === "mine") return open && owner === me();
  if (view === "waiting") return phase === "waiting";
  return view === "over" ? !open : open;
}

function isAfter(one, other) {
  const [a, b] = [one, other].map(({ rank, opened }) => [Number(rank), Number(opened)]);
  return a[0] !== b[0] ? a[0] > b[0] : a[1] > b[1];
}

// ---- follow-ups --------------------------------------------------------------------------------

/** Said once, politely, with the way to it; how many are due stays in the bar. */
function onTask({ id, before }) {
  tell(`/console/tasks#t-${encodeURIComponent(id)}`, before ? `A follow-up is due in ${ago(before)}` : "A follow-up is due");
  countDue();
  refreshBelonging();
}

const told = new Set();

/** What cannot wait stands over every page of the console until somebody goes there or hides it. */
function onRaised({ id, raised }) {
  if (told.has(`${id} ${raised}`)) return; // a sign may come twice
  told.add(`${id} ${raised}`);
  tell(`/console/cases/${encodeURIComponent(id)}`, `A customer tells of ${raised}`, "alarm");
}

function tell(href, words, kind = "") {
  const alarms = [...$("notice").querySelectorAll('[data-kind="alarm"]')].filter((each) => each.getAttribute("href") !== href);
  if (alarms.length && !kind) return; // what is due can wait, and is counted in the bar
  const link = document.createElement("a");
  link.href = href;
  link.textContent = words;
  const hide = document.createElement("button");
  hide.type = "button";
  hide.className = "quiet";
  hide.textContent = "Hide";
  hide.addEventListener("click", () => $("notice").replaceChildren());
  link.dataset.kind = kind;
  $("notice").replaceChildren(...alarms, link, hide);
}

/** How many follow-ups are due, beside the link to them. */
export function countDue() {
  if ($("due")) bring("/console/due", "due", "innerHTML");
}

// ---- who is here -------------------------------------------------------------------------------

export const present = new Map();

function onStaff({ by, name, doing }) {
  const now = Date.now();
  if (doing === "left") present.delete(by);
  else present.set(by, { name, typing: doing === "typing" ? now + 6000 : present.get(by)?.typing ?? 0, until: now + 45_000 });
  showPresent();
}

export function showPresent() {
  const now = Date.now();
  const words = [];
  for (const [by, each] of present) {
    if (each.until < now) present.delete(by);
    else words.push(`${each.name} ${each.typing > now ? "is typing…" : "is looking at this too"}`);
  }
  const line = $("presence");
  if (line && line.textContent !== words.join(" · ")) line.textContent = words.join(" · ");
}
