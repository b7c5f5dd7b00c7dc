/**
 * The operators' pages keep their figures up to date in place; everything else on them is forms and links.
 *
 * A part with `data-from` (where it comes from) and `data-every` (seconds) is fetched again and again, while the
 * page is looked at and nobody has pressed #pause. htmx puts it into the page: focus and scroll stay. One that
 * comes without `data-from` is what was waited for, and is not fetched again; `data-swap` is how it is put there.
 */

const BY_ITSELF = "X-By-Itself"; // such requests keep no session alive: the page is open all day
const pause = document.getElementById("pause");
const stale = document.getElementById("stale");

document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  ctx.request.headers["X-CSRF-Token"] = document.body.dataset.csrf;
});

const paused = () => document.hidden || pause?.getAttribute("aria-pressed") === "true";

function bring(part) {
  if (paused() || part.dataset.waits || !part.dataset.from) return;
  part.dataset.waits = "1"; // a slow answer is waited for, not asked for twice
  const done = () => delete part.dataset.waits;
  const swap = part.dataset.swap ?? "innerMorph";
  const options = { target: `#${part.id}`, source: `#${part.id}`, swap, headers: { [BY_ITSELF]: "1" } };
  Promise.resolve(htmx.ajax("GET", part.dataset.from, options)).then(done, done);
}

function tell(fresh) {
  if (stale) stale.hidden = fresh;
}

// What was asked for before the reader wanted peace comes too late.
document.addEventListener("htmx:before:swap", (event) => {
  if (event.detail.ctx.request?.headers[BY_ITSELF] && paused()) event.preventDefault();
});
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => {
  if (!ctx.request.headers[BY_ITSELF]) return;
  if (ctx.response.status === 401) location.reload(); // the session has ended: to the sign-in
  tell(ctx.response.status < 400);
});
document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (ctx?.request?.headers[BY_ITSELF]) tell(false);
});

for (const part of document.querySelectorAll("[data-from]")) {
  setInterval(() => bring(part), 1000 * Number(part.dataset.every));
  document.addEventListener("visibilitychange", () => bring(part));
}
if (pause) {
  pause.hidden = false;
  pause.addEventListener("click", () => {
    pause.setAttribute("aria-pressed", String(pause.getAttribute("aria-pressed") !== "true"));
  });
}

for (const all of document.querySelectorAll("[data-all]")) {
  all.closest("label").hidden = false;
  all.addEventListener("change", () => {
    for (const box of document.querySelectorAll(`input[name="${all.dataset.all}"]`)) box.checked = all.checked;
  });
}
