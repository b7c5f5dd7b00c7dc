/**
 * Gives htmx its one way to parse HTML, in the moment in which it is there.
 *
 * htmx begins by itself, before the modules of the page: a click of that time would be parsed without a
 * policy, which ours forbids, and be lost. So this stands before it in the page, and waits for its name.
 */
{
  const asIs = { createHTML: (text) => text };
  const parsing = window.trustedTypes ? trustedTypes.createPolicy("htmx", asIs) : asIs;
  const refuse = () => {
    throw new Error("No code runs from attributes here.");
  };
  Object.defineProperty(window, "htmx", {
    configurable: true,
    set(htmx) {
      Object.defineProperty(window, "htmx", { value: htmx, configurable: true, writable: true });
      htmx.registerExtension("desk", { init: (api) => api.initSecurity(parsing, refuse, refuse) });
    },
  });
  window.deskParsing = parsing;
}
