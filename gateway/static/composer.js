/** The reply box: where the caret is, how long the text is, and focus that follows what was chosen. */

const $ = (id) => document.getElementById(id);

// Macros and quotes are put where the caret is; the server is told with the form.
document.addEventListener("selectionchange", () => {
  if (document.activeElement === $("text")) noteCaret();
});

function noteCaret() {
  const box = $("text");
  const caret = box?.form?.elements.caret; // what is only there to copy has none
  if (caret) caret.value = box.selectionStart;
}

// Who wrote before this script came put it somewhere, too.
if ($("text") && $("text").value !== $("text").defaultValue) noteCaret();

document.addEventListener("input", ({ target, isTrusted }) => {
  if (target.dataset?.count) count(target);
  if (target.id === "text" && isTrusted) noteSeen(target.form);
});

/** Who types has read what stands there: the server warns of what the customer wrote since. */
function noteSeen(form) {
  const newest = [...document.querySelectorAll("#lines .line.theirs")].pop();
  if (newest && form.elements.seen && $("newer")?.hidden) form.elements.seen.value = newest.dataset.turn;
}

document.addEventListener("htmx:after:swap", () => {
  document.querySelectorAll("textarea[data-count]").forEach(count);
  const box = $("text");
  if (!box) return;
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

/** Shown near the limit, as characters: what the server counts. What is too long is not sent, and says by how much. */
function count(box) {
  const told = $(`${box.id}-count`);
  if (!told) return;
  const length = [...box.value.trim()].length;
  const most = Number(box.dataset.count);
  const over = length - most;
  const said = length > most * 0.8 ? `${length.toLocaleString()} of ${most.toLocaleString()} characters` : "";
  told.textContent = over > 0 ? `${said}: ${over.toLocaleString()} too many. Shorten it, or send it in parts.` : said;
  told.classList.toggle("over", over > 0);
  box.setCustomValidity(over > 0 ? `${over.toLocaleString()} characters too many; shorten it, or send it in parts.` : "");
}
