/**
 * The console's own script: what a page without it cannot do. Everything else is forms and links.
 *
 * htmx 4 (Zero-Clause BSD, docs/third-party.md) puts fragments into the page. Under our policy it may parse
 * HTML only by the Trusted Types policy made here, and run no code from attributes.
 */
"use strict";

const parsing = window.trustedTypes
  ? trustedTypes.createPolicy("htmx", { createHTML: (text) => text })
  : { createHTML: (text) => text };

function refuse() {
  throw new Error("No code runs from attributes here.");
}

htmx.registerExtension("desk", {
  init: (api) => api.initSecurity(parsing, refuse, refuse),
});

// Every request that htmx makes comes from our page.
document.addEventListener("htmx:config:request", (event) => {
  event.detail.ctx.request.headers["X-CSRF-Token"] = document.body.dataset.csrf;
});

document.addEventListener("htmx:after:swap", () => {
  document.getElementById("panes")?.classList.toggle("opened", !!document.querySelector(".talk"));
});
