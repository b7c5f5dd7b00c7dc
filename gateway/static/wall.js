/** The wall keeps itself up to date in place; who wants to read in peace stops it with a button. */

const EVERY_MS = 15_000;
const pause = document.getElementById("pause");

/** The answer comes as a document: nothing here parses text, and focus inside the figures is left alone. */
function refresh() {
  const there = document.querySelector("main");
  const paused = pause.getAttribute("aria-pressed") === "true";
  if (paused || document.hidden || there.contains(document.activeElement)) return;
  const asked = new XMLHttpRequest();
  asked.responseType = "document";
  asked.addEventListener("load", () => {
    // Elsewhere: the session has ended, so to the sign-in. An answer's address never has the skip link's #.
    if (asked.responseURL !== location.href.split("#")[0]) return location.reload();
    const fresh = asked.response?.querySelector("main");
    if (asked.status === 200 && fresh) there.replaceWith(document.adoptNode(fresh));
    return undefined;
  });
  asked.open("GET", location.href);
  asked.setRequestHeader("Accept", "text/html");
  asked.setRequestHeader("X-By-Itself", "1"); // keeps no session alive: the wall is open all day
  asked.send();
}

pause.hidden = false;
pause.addEventListener("click", () => {
  pause.setAttribute("aria-pressed", String(pause.getAttribute("aria-pressed") !== "true"));
});
document.addEventListener("visibilitychange", refresh);
setInterval(refresh, EVERY_MS);
