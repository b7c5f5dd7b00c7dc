/** Times in the reader's own zone, as the server writes them in the shop's (gateway/times.py), and kept right. */

const PARTS = { weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const PLAIN = new Intl.DateTimeFormat("en-GB", PARTS);
const ZONED = new Intl.DateTimeFormat("en-GB", { ...PARTS, timeZoneName: "short" });

function parts(format, at) {
  return Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
}

function told(at, now) {
  const away = Math.abs(now - at) / 1000;
  if (away < 60) return "now";
  const minutes = `${Math.floor(away / 60)} min`;
  if (away < 3600) return at < now ? `${minutes} ago` : `in ${minutes}`;
  const there = parts(PLAIN, at);
  const year = there.year === parts(PLAIN, now).year ? "" : ` ${there.year}`;
  return `${there.weekday} ${there.day} ${there.month}${year}, ${there.hour}:${there.minute}`;
}

function full(at) {
  const there = parts(ZONED, at);
  return `${there.weekday} ${there.day} ${there.month} ${there.year}, ${there.hour}:${there.minute} ${there.timeZoneName}`;
}

/** In the largest unit that fits: `15 min`. */
export function ago(seconds) {
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]]) {
    if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  }
  return "1 min";
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function tellDue(mark) {
  const left = Number(mark.dataset.due) - Date.now() / 1000;
  mark.className = `due${left < 0 ? " late" : left < 900 ? " soon" : ""}`;
  put(mark, `${left < 0 ? "late by" : "due in"} ${ago(Math.abs(left))}`);
}

/** All times of the page as they are now. */
export function tellTimes() {
  const now = Date.now();
  for (const time of document.querySelectorAll("time[data-moment], time[data-ago], time[data-due]")) {
    const at = new Date(time.dateTime);
    time.title = full(at);
    if ("moment" in time.dataset) put(time, told(at, now));
    else if ("ago" in time.dataset) put(time, ago(now / 1000 - Number(time.dataset.ago)));
    else tellDue(time);
  }
}

setInterval(tellTimes, 20_000);
document.addEventListener("htmx:after:swap", tellTimes);
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", tellTimes);
else tellTimes();
