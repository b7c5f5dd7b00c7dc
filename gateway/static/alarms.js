/** The line of what cannot wait, on every page of the console, kept as the server has it. */

const EVERY_MS = 10_000; // pages with a stream of their own ask at once

/** The answer comes as a document: nothing here parses text. What is the same is not said again. */
export function refreshAlarms() {
  const there = document.getElementById("alarms");
  if (document.hidden || !there || there.contains(document.activeElement)) return;
  const asked = new XMLHttpRequest();
  asked.responseType = "document";
  asked.addEventListener("load", () => {
    const fresh = asked.status === 200 && asked.response?.getElementById("alarms");
    if (fresh && !fresh.isEqualNode(there)) there.replaceChildren(...fresh.childNodes);
  });
  asked.open("GET", "/console/due/alarms");
  asked.setRequestHeader("Accept", "text/html");
  asked.setRequestHeader("X-By-Itself", "1"); // keeps no session alive
  asked.send();
}

document.addEventListener("visibilitychange", refreshAlarms);
setInterval(refreshAlarms, EVERY_MS);
