/** On a phone the bar is one line that scrolls: the page that is open is in sight. */

document.querySelector(".bar [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
