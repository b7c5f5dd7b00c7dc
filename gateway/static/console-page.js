/** The page of the console: its parts, bringing them up to date, and where the reader is. */

export const $ = (id) => document.getElementById(id);
export const caseId = () => document.querySelector(".talk")?.dataset.case ?? "";
export const me = () => document.body.dataset.me;
export const csrf = () => document.body.dataset.csrf;
/** As the gateway knows requests that a page makes of its own accord: they keep no session alive. */
export const BY_ITSELF = "X-By-Itself";

/** Fetch a part of the page without anybody asking for it; focus, scroll and what is typed stay. */
export function bring(path, id, swap = "innerMorph") {
  const options = { target: `#${id}`, source: `#${id}`, swap, headers: { [BY_ITSELF]: "1" } };
  return htmx.ajax("GET", path, options);
}

// ---- the thread --------------------------------------------------------------------------------

let wasAtEnd = true; // as the reader left it: by scrolling, not because lines or their room have changed
let room = 0; // how high the lines were when that was seen
let known = new Set();
let below = false; // something new is below what is read

const atEnd = (lines) => lines.scrollHeight - lines.scrollTop - lines.clientHeight < 48;

export function noteScroll() {
  const lines = $("lines");
  if (!lines) return;
  known = new Set([...lines.children].map((line) => line.id));
  if (wasAtEnd) below = false;
}

/** Who reads the end reads it still when the room for it changes: a keyboard comes, a draft goes. */
const sized = new ResizeObserver(() => {
  room = watched.clientHeight;
  if (wasAtEnd) toEnd();
});
let watched = null;

export function followEnd() {
  if ($("lines") === watched) return;
  sized.disconnect();
  watched = $("lines");
  if (watched) sized.observe(watched);
}

document.addEventListener("scroll", ({ target }) => {
  // Of a scrolling that its own room has caused, the observer tells.
  if (target.id !== "lines" || target.clientHeight !== room) return;
  wasAtEnd = atEnd(target);
  if (wasAtEnd) toEnd();
}, { capture: true, passive: true });

export function toEnd() {
  const lines = $("lines");
  below = false;
  wasAtEnd = true;
  if (lines) lines.scrollTop = lines.scrollHeight;
  $("newer")?.setAttribute("hidden", "");
}

/** Who reads further up stays there, and is told that there is more. */
export function keepScroll() {
  showEarlier();
  const lines = $("lines");
  if (!lines) return;
  const fresh = [...lines.children].filter((line) => line.id && !known.has(line.id));
  if (fresh.length && known.size) {
    below = !wasAtEnd;
    if (wasAtEnd) toEnd();
    for (const line of fresh) announce(line);
    known = new Set([...lines.children].map((line) => line.id));
  }
  $("newer")?.toggleAttribute("hidden", !below); // as it comes from the server it is hidden
}

/** Earlier messages that were just fetched are read from their end: that is where the reader was. */
function showEarlier() {
  const fresh = document.querySelector(".earlier-lines:not([data-seen])");
  if (!fresh) return;
  fresh.dataset.seen = "";
  $("before").scrollTop = fresh.offsetTop + fresh.offsetHeight - $("before").clientHeight;
}

function announce(line) {
  const from = line.querySelector(".by")?.firstChild?.textContent.trim() ?? "";
  const text = line.querySelector(".text, .happened")?.textContent.trim() ?? "";
  if (text && !line.matches(".mine")) $("told").textContent = `${from} ${text}`.trim().slice(0, 160);
}

/**
 * `fetching` once at a time; who asks meanwhile may know more than its answer: it is done once more. `newer` asks
 * for that where it runs, and for nothing where it does not.
 */
export function onceAtATime(fetching) {
  let running = null;
  let again = false;
  async function run() {
    again = false;
    await fetching();
    if (again) await run();
  }
  const refresh = () => {
    if (running) again = true;
    else running = run().finally(() => (running = null));
    return running;
  };
  refresh.newer = () => running && refresh();
  return refresh;
}

/** Bring the thread up to date. */
export const refreshThread = onceAtATime(async () => {
  const id = caseId();
  if (id) await bring(`/console/cases/${encodeURIComponent(id)}/thread?since=${$("thread").dataset.since}`, "thread");
});

/** A turn is told before it is stored: look until it is there, and once more for what it did. */
export async function untilThere(turn, patience = 150) {
  await refreshThread();
  if (patience === 150) setTimeout(refreshThread, 1500);
  const there = document.querySelector(`[data-turn="${CSS.escape(turn)}"]`);
  if (!there && patience < 3000) setTimeout(() => untilThere(turn, patience * 2), patience);
}

// ---- a phone's keyboard ---------------------------------------------------------------------------

/** Where a keyboard lies over the page instead of making it shorter (iOS), the page is as high as what is seen. */
export function fitToKeyboard() {
  const seen = window.visualViewport;
  seen?.addEventListener("resize", () => {
    const covered = window.innerHeight - seen.height > 100 && seen.scale === 1;
    document.body.style.height = covered ? `${seen.height}px` : "";
    if (covered) window.scrollTo(0, 0);
  });
}
