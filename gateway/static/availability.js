/**
 * Beside the form of `/staff/availability` on any page: saves each change by itself, and says once a minute
 * that the browser is still there. Without it the form has its button, and using any page says the same.
 */

const ADDRESS = "/staff/availability";
const EVERY_MS = 60_000;
const JSON_PLEASE = { Accept: "application/json" };

const save = async (form) => {
  const body = new URLSearchParams(new FormData(form));
  const headers = { ...JSON_PLEASE, "X-CSRF-Token": form.elements.csrf.value };
  const said = form.querySelector("[data-availability-said]");
  try {
    const answer = await fetch(ADDRESS, { method: "POST", body, headers });
    said.textContent = answer.ok ? "Saved." : ((await answer.json()).detail ?? "Not saved.");
  } catch {
    said.textContent = "Not saved: no connection.";
  }
};

/** What another browser of theirs has said meanwhile, unless somebody is at this form. */
const look = async (form) => {
  const answer = await fetch(ADDRESS, { headers: JSON_PLEASE }).catch(() => null);
  if (!answer?.ok || form.contains(document.activeElement)) return;
  const { me } = await answer.json();
  for (const box of form.querySelectorAll("input[type=radio]")) box.checked = box.value === me.state;
  for (const box of form.querySelectorAll("input[name=language]")) box.checked = me.languages.includes(box.value);
  for (const box of form.querySelectorAll("input[name=skill]")) box.checked = me.skills.includes(box.value);
};

for (const form of document.querySelectorAll("[data-availability]")) {
  form.addEventListener("change", () => save(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save(form);
  });
  setInterval(() => look(form), EVERY_MS);
}
