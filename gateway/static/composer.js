/** The reply box: where the caret is, how long the text is, and focus that follows what was chosen. */

const $ = (id) => document.getElementById(id);

// Macros and quotes are put where the caret is; the server is told with the form.
document.addEventListener("selectionchange", () => {
  const box = document.activeElement;
  if (box?.id === "text" && box.form) box.form.elements.caret.value = box.selectionStart;
});

document.addEventListener("input", ({ target, isTrusted }) => {
  if (target.id !== "text") return;
  count(target);
  if (isTrusted) noteSeen(target.form);
});

/** Who types has read what stands there: the server warns of what the customer wrote since. */
function noteSeen(form) {
  const newest = [...document.querySelectorAll("#lines .line.theirs")].pop();
  if (newest && form.elements.seen && $("newer")?.hidden) form.elements.seen.value = newest.dataset.turn;
}

document.addEventListener("htmx:after:swap", () => {
  const box = $("text");
  if (!box) return;
  count(box);
  if (!("given" in box.dataset)) return;
  delete box.dataset.given; // once: the next swap may be of another part of the page
  box.dispatchEvent(new Event("input", { bubbles: true })); // kept on this device like what is typed
  const caret = box.dataset.caret;
  if (caret === undefined) return;
  const blank = box.value.match(/⟦[^⟧\n]*⟧/);
  box.focus({ preventScroll: true });
  if (blank) box.setSelectionRange(blank.index, blank.index + blank[0].length);
  else box.setSelectionRange(Number(caret), Number(caret));
});

// Tabs and tools say what to type into once they are open.
document.addEventListener("click", ({ target }) => {
  const opener = target.closest?.("[data-focus]");
  if (!opener) return;
  setTimeout(() => {
    const field = $(opener.dataset.focus);
    if (field?.checkVisibility()) field.focus();
  });
});

/** Shown near the limit, as characters: what the server counts. */
function count(box) {
  const told = $("text-count");
  if (!told) return;
  const length = [...box.value].length;
  const most = Number(box.dataset.count);
  told.textContent = length > most * 0.8 ? `${length.toLocaleString()} of ${most.toLocaleString()} characters` : "";
  told.classList.toggle("over", length > most);
}
