/**
 * The query box: Ctrl+Enter, where an error is, tables sorted by a click, and the last queries of this tab.
 *
 * Without this script the form still asks, and the answer is a page of its own.
 */

const HISTORY = "ops-queries";
const MOST = 20;
const LONGEST_MS = 40_000; // a query has 30 s
const form = document.getElementById("ask");
const box = document.getElementById("query");
const answer = document.getElementById("answer");
const history = document.getElementById("history");
const link = document.getElementById("link");
const linked = document.getElementById("linked");

box.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit(document.getElementById("run"));
});

// A file is fetched, so that a query that does not run leaves the page, and what is written, where it is.
for (const button of form.querySelectorAll("[data-file]")) {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    answer.setAttribute("aria-busy", "true");
    remember(box.value);
    file(button).catch(unanswered);
  });
}

async function file(button) {
  const fields = { csrf: form.elements.csrf.value, query: box.value, back: form.elements.back.value };
  const came = await fetch(button.formAction, {
    method: "POST",
    headers: { "HX-Request": "true" },
    body: new URLSearchParams({ ...fields, [button.name]: button.value }),
    signal: AbortSignal.timeout(LONGEST_MS),
  });
  if (!came.ok) {
    await htmx.swap({ text: await came.text(), target: answer, swap: "innerHTML", sourceElement: answer });
    answered();
    return;
  }
  const save = document.createElement("a");
  save.href = URL.createObjectURL(await came.blob());
  save.download = /filename="([^"]+)"/.exec(came.headers.get("Content-Disposition"))?.[1] ?? "query";
  save.click();
  URL.revokeObjectURL(save.href);
  answer.removeAttribute("aria-busy");
}

// ---- a link to what stands in the box: behind the #, where no server and no log sees it -----------

link.hidden = false;
link.addEventListener("click", async () => {
  const address = new URL(location.pathname, location.href);
  address.hash = new URLSearchParams({ back: form.elements.back.value, query: box.value });
  window.history.replaceState(null, "", address);
  try {
    await navigator.clipboard.writeText(address.href);
    linked.textContent = "Copied.";
  } catch {
    linked.textContent = "It stands in the address bar."; // the browser lets us not, e.g. over plain HTTP
  }
});

function opened() {
  const given = new URLSearchParams(location.hash.slice(1));
  if (!given.has("query")) return;
  box.value = given.get("query");
  if ([...form.elements.back.options].some((each) => each.value === given.get("back"))) {
    form.elements.back.value = given.get("back");
  }
}
window.addEventListener("hashchange", opened);

form.addEventListener("submit", () => {
  answer.setAttribute("aria-busy", "true");
  remember(box.value);
});

document.addEventListener("htmx:after:swap", answered);
document.addEventListener("htmx:error", unanswered);

function answered() {
  answer.removeAttribute("aria-busy");
  settle();
}

// Without this a query that nobody answers would look like one that still runs.
function unanswered() {
  if (!answer.hasAttribute("aria-busy")) return;
  answer.removeAttribute("aria-busy");
  const told = document.createElement("p");
  told.className = "wrong";
  told.textContent = "No answer came. Ask for less or a shorter time, and look whether the gateway can be reached.";
  answer.replaceChildren(told);
}

function settle() {
  const place = answer.querySelector("[data-line]");
  if (place) select(Number(place.dataset.line), place.querySelector("mark"));
  for (const table of answer.querySelectorAll("table.rows")) sortable(table);
}

function select(line, mark) {
  const lines = box.value.split("\n").slice(0, line - 1);
  const before = mark.previousSibling?.textContent.length ?? 0; // as the box counts, which takes some signs for two
  const start = lines.reduce((length, each) => length + each.length + 1, 0) + before;
  box.focus();
  box.setSelectionRange(start, start + Math.max(1, mark.textContent.length));
}

// ---- sorting -----------------------------------------------------------------------------------

function sortable(table) {
  const heads = [...table.tHead.rows[0].cells];
  for (const [at, head] of heads.entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      for (const each of heads) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      sort(table, at, up, head.classList.contains("number"));
    });
    head.replaceChildren(button);
  }
}

function sort(table, at, up, numbers) {
  const value = (row) => (numbers ? Number(row.cells[at].textContent || "NaN") : row.cells[at].textContent);
  const rows = [...table.tBodies[0].rows].map((row) => [value(row), row]);
  const compare = ([a], [b]) => {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b); // what has none is last
    const order = numbers ? a - b : a.localeCompare(b, "en", { numeric: true });
    return up ? order : -order;
  };
  table.tBodies[0].append(...rows.sort(compare).map(([, row]) => row));
}

// ---- what was asked before ---------------------------------------------------------------------

function remembered() {
  try {
    const found = JSON.parse(sessionStorage.getItem(HISTORY) ?? "[]");
    return Array.isArray(found) ? found.filter((each) => typeof each === "string") : [];
  } catch {
    return []; // storage is blocked, or holds what is not ours
  }
}

function remember(text) {
  if (!text.trim()) return;
  const kept = [text, ...remembered().filter((each) => each !== text)].slice(0, MOST);
  try {
    sessionStorage.setItem(HISTORY, JSON.stringify(kept));
  } catch {
    // Storage is blocked: nothing to remember it in.
  }
  list();
}

function list() {
  const kept = remembered();
  history.hidden = !kept.length;
  history.querySelector("ol").replaceChildren(...kept.map((text) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "second";
    button.textContent = text.split("\n").filter((line) => !line.startsWith("//")).join(" ").slice(0, 200);
    button.addEventListener("click", () => {
      box.value = text;
      box.focus();
    });
    const item = document.createElement("li");
    item.append(button);
    return item;
  }));
}

list();
opened();
settle();
