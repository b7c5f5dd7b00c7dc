/**
 * The demo shop's page: its products, who is signed in, that customer's orders, in three languages.
 *
 * A real shop does the three things at the end of this file: it gives the widget its customer's token,
 * a fresh one when that has expired, and decides where a link of a reply leads.
 */

const STRINGS = {
  en: {
    skip: "Skip to the content",
    strip: "Free standard shipping from $75 · Returns within 30 days of delivery",
    nav: "Shop",
    shop: "Shop",
    orders: "Your orders",
    policies: "Shipping and returns",
    language: "Language",
    signedIn: "Signed in as",
    guest: "Guest",
    headline: "Made for the far side of the bay.",
    lead:
      "Tents, packs and layers for wet mornings and long trails. Questions about an order? Ask us, " +
      "at any hour.",
    browse: "Browse the gear",
    askUs: "Ask a question",
    gear: "Gear",
    category: "Category",
    all: "Everything",
    more: "Show all",
    shippingTitle: "Shipping",
    shippingText:
      "Standard takes 5–7 business days and is free from $75. Express takes 2–3 days for $12.99, " +
      "overnight is $24.99.",
    returnsTitle: "Returns",
    returnsText:
      "Unused goods come back within 30 days of delivery. Gift cards and final sale items are not " +
      "returnable.",
    refundsTitle: "Refunds",
    refundsText: "Refunds arrive within 5–7 business days.",
    demo: "Harbor & Pine is a demo shop: its customers, orders and products are made up.",
    docs: "API documentation",
    signInFirst: "Choose who you are above to see your orders.",
    noOrders: "There are no orders yet.",
    noProducts: "The catalog is not available right now.",
    noCustomers: "The demo customers could not be loaded. Reload the page to try again.",
    noToken: "Signing in did not work. Choose the customer again.",
    placed: "Placed {date}",
    order: "Order {number}",
    ask: "Ask about it",
    askOrder: "Where is my order {number}?",
    askProduct: "I have a question about the {title}: ",
    from: "from {price}",
    states: {
      unfulfilled: "Preparing",
      on_hold: "On hold",
      partially_shipped: "Partly shipped",
      shipped: "On its way",
      out_for_delivery: "Out for delivery",
      delivered: "Delivered",
      delayed: "Delayed",
      cancelled: "Cancelled",
      return_in_progress: "Return in progress",
      returned: "Returned",
    },
  },
  fr: {
    skip: "Aller au contenu",
    strip: "Livraison standard offerte dès 75 $ · Retours sous 30 jours après la livraison",
    nav: "Boutique",
    shop: "Boutique",
    orders: "Vos commandes",
    policies: "Livraison et retours",
    language: "Langue",
    signedIn: "Connecté en tant que",
    guest: "Visiteur",
    headline: "Fait pour l’autre rive de la baie.",
    lead:
      "Tentes, sacs et couches chaudes pour les matins humides et les longs sentiers. Une question " +
      "sur une commande ? Écrivez-nous à toute heure.",
    browse: "Voir l’équipement",
    askUs: "Poser une question",
    gear: "Équipement",
    category: "Catégorie",
    all: "Tout",
    more: "Tout afficher",
    shippingTitle: "Livraison",
    shippingText:
      "La livraison standard prend 5 à 7 jours ouvrés et est offerte dès 75 $. L’express prend 2 à " +
      "3 jours pour 12,99 $, la livraison le lendemain coûte 24,99 $.",
    returnsTitle: "Retours",
    returnsText:
      "Les articles non utilisés se retournent sous 30 jours après la livraison. Les cartes-cadeaux " +
      "et les fins de série ne sont pas reprises.",
    refundsTitle: "Remboursements",
    refundsText: "Les remboursements arrivent sous 5 à 7 jours ouvrés.",
    demo: "Harbor & Pine est une boutique de démonstration : tout y est inventé.",
    docs: "Documentation de l’API",
    signInFirst: "Choisissez qui vous êtes ci-dessus pour voir vos commandes.",
    noOrders: "Il n’y a pas encore de commande.",
    noProducts: "Le catalogue n’est pas disponible pour l’instant.",
    noCustomers: "Les clients de démonstration n’ont pas pu être chargés. Rechargez la page.",
    noToken: "La connexion a échoué. Choisissez de nouveau le client.",
    placed: "Passée le {date}",
    order: "Commande {number}",
    ask: "Une question ?",
    askOrder: "Où est ma commande {number} ?",
    askProduct: "J’ai une question sur l’article {title} : ",
    from: "dès {price}",
    states: {
      unfulfilled: "En préparation",
      on_hold: "En attente",
      partially_shipped: "Expédiée en partie",
      shipped: "En route",
      out_for_delivery: "En cours de livraison",
      delivered: "Livrée",
      delayed: "Retardée",
      cancelled: "Annulée",
      return_in_progress: "Retour en cours",
      returned: "Retournée",
    },
  },
  es: {
    skip: "Ir al contenido",
    strip: "Envío estándar gratis desde $75 · Devoluciones hasta 30 días después de la entrega",
    nav: "Tienda",
    shop: "Tienda",
    orders: "Sus pedidos",
    policies: "Envíos y devoluciones",
    language: "Idioma",
    signedIn: "Sesión de",
    guest: "Invitado",
    headline: "Hecho para el otro lado de la bahía.",
    lead:
      "Tiendas, mochilas y capas para mañanas húmedas y senderos largos. ¿Dudas sobre un pedido? " +
      "Pregúntanos a cualquier hora.",
    browse: "Ver el equipo",
    askUs: "Hacer una pregunta",
    gear: "Equipo",
    category: "Categoría",
    all: "Todo",
    more: "Ver todo",
    shippingTitle: "Envíos",
    shippingText:
      "El envío estándar tarda de 5 a 7 días laborables y es gratis desde $75. El exprés tarda 2 o " +
      "3 días por $12.99 y el de un día cuesta $24.99.",
    returnsTitle: "Devoluciones",
    returnsText:
      "Los artículos sin usar se devuelven hasta 30 días después de la entrega. Las tarjetas regalo " +
      "y los artículos de liquidación no se devuelven.",
    refundsTitle: "Reembolsos",
    refundsText: "Los reembolsos llegan en 5 a 7 días laborables.",
    demo: "Harbor & Pine es una tienda de demostración: todo en ella es inventado.",
    docs: "Documentación de la API",
    signInFirst: "Elija arriba quién es para ver sus pedidos.",
    noOrders: "Todavía no hay pedidos.",
    noProducts: "El catálogo no está disponible en este momento.",
    noCustomers: "No se han podido cargar los clientes de demostración. Recarga la página.",
    noToken: "No se ha podido iniciar sesión. Elija de nuevo el cliente.",
    placed: "Hecho el {date}",
    order: "Pedido {number}",
    ask: "Preguntar",
    askOrder: "¿Dónde está mi pedido {number}?",
    askProduct: "Tengo una pregunta sobre {title}: ",
    from: "desde {price}",
    states: {
      unfulfilled: "En preparación",
      on_hold: "En espera",
      partially_shipped: "Enviado en parte",
      shipped: "En camino",
      out_for_delivery: "En reparto",
      delivered: "Entregado",
      delayed: "Con retraso",
      cancelled: "Cancelado",
      return_in_progress: "Devolución en curso",
      returned: "Devuelto",
    },
  },
};

const FIRST_SHOWN = 8;
const REMEMBERED = { customer: "shop-customer", language: "shop-language" };

// One line drawing for each kind of goods, by category; anything else gets the mountain.
const PICTURES = {
  Tents: "M3 19l9-14 9 14zM12 5l3.5 14h-7z",
  Sleeping: "M3 8v8a2 2 0 0 0 2 2h14a2 2 0 0 0 2-2v-3a5 5 0 0 0-5-5zM3 8a2.5 2.5 0 0 1 5 0v10",
  Kitchen: "M6 9h12l-1 7H7zM4 9h16M9 6V4M12 6V3M15 6V4M8 20h8",
  Packs: "M7 9a5 5 0 0 1 10 0v11H7zM9 5.5V4h6v1.5M7 13h10M10 16h4M5 12v6M19 12v6",
  Jackets: "M9 4l-5 3-1 9h3v4h12v-4h3l-1-9-5-3-3 3zM12 7v13",
  Footwear: "M7 4v9l-3 3v3h16v-3l-7-3V4zM7 8h6M9 13h4M4 17.5h16",
  Tools: "M5 20l9-9M14 11c-2-4 1-8 5-7l-3 3 1 2 2 1 3-3c1 4-3 7-7 5",
  Lighting: "M9 8h6l1 10H8zM10 8V6h4v2M9 4a3 3 0 0 1 6 0M8 21h8M12 11v4",
  Water: "M9 8h6v11a2 2 0 0 1-2 2h-2a2 2 0 0 1-2-2zM10 8V5h4v3M9 13h6M11 3h2",
  "Base Layers": "M8 4L3 7l2 4 2-1v10h10V10l2 1 2-4-5-3a4 4 0 0 1-8 0z",
  Pants: "M7 4h10l1 16h-4l-2-10-2 10H6zM7 7h10",
  "Dog Gear": "M5 13c0-3 3-4 7-4s7 1 7 4l-2 6H7zM8 5.5v2M12 4v3M16 5.5v2",
  "Gift Cards": "M3 7h18v11H3zM3 11h18M12 7v11M12 7c-4 0-5-4-2-4s2 4 2 4 0-4 2-4 2 4-2 4",
  mountain: "M2 19l7-12 4 6 2-3 7 9zM7 10.5l2 1.5 2-1.5",
};

const desk = document.querySelector("answer-desk");
const find = (id) => document.getElementById(id);
let language = "en";
let customers = [];
let products = [];
let customer = null;
let everything = false;
let noTokenYet = false;

const say = (key, values = {}) => {
  const text = key.split(".").reduce((node, part) => node?.[part], STRINGS[language]);
  return text?.replace(/\{(\w+)\}/g, (_, name) => values[name]);
};

const SIGNS = { USD: "$", EUR: "€", GBP: "£" };

// As replies and help pages write it (`money` in phrasing.py): "$49.90", in French "49,90 $".
const money = (amount, given) => {
  const currency = given ?? "USD";
  const french = language === "fr";
  const style = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  const number = new Intl.NumberFormat(french ? "fr" : "en-US", style).format(amount).replaceAll("\u202f", "\u00a0");
  const sign = SIGNS[currency];
  if (french) return `${number}\u00a0${sign ?? currency}`;
  return sign ? sign + number : `${number}\u00a0${currency}`;
};

// A day of the shop is a day, wherever the reader's clock stands.
const day = (value) =>
  new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(value));

const h = (tag, className, ...children) => {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};

const picture = (category) => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", PICTURES[category] ?? PICTURES.mountain);
  svg.append(path);
  const box = h("div", "picture", svg);
  box.setAttribute("aria-hidden", "true");
  return box;
};

const asks = (question, about) => {
  const button = h("button", "ask", say("ask"));
  button.type = "button";
  button.setAttribute("aria-label", `${say("ask")}: ${about}`);
  button.addEventListener("click", () => desk.ask(question));
  return button;
};

const remembered = (name) => {
  try {
    return sessionStorage.getItem(REMEMBERED[name]);
  } catch {
    return null; // storage is blocked: the page starts as a guest's every time
  }
};

const remember = (name, value) => {
  try {
    sessionStorage.setItem(REMEMBERED[name], value);
  } catch {
    // Storage is blocked: nothing to remember it in.
  }
};

const json = async (path, options) => {
  const response = await fetch(path, options);
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
};

// ---- what is shown -----------------------------------------------------------------------------

const showOrders = () => {
  const orders = customer?.orders ?? [];
  const note = customer ? (orders.length ? "" : say("noOrders")) : say("signInFirst");
  find("orders-note").textContent = noTokenYet ? say("noToken") : note;
  find("order-list").replaceChildren(...orders.map(orderCard));
};

const orderCard = (order) => {
  const number = String(order.number).startsWith("#") ? order.number : `#${order.number}`;
  const title = say("order", { number });
  const placed = order.placed ?? order.placed_on;
  const items = order.items.map(({ title: item, quantity }) => h("li", "", `${quantity} × ${item}`));
  return h("li", "order",
    h("header", "", h("h3", "", title), h("span", "state", say(`states.${order.status}`) ?? order.status)),
    placed ? h("p", "", say("placed", { date: day(placed) })) : null,
    h("ul", "", ...items),
    h("footer", "",
      h("span", "total", money(order.total, order.currency)),
      asks(say("askOrder", { number }), title)));
};

const showProducts = () => {
  const category = find("category").value;
  const chosen = products.filter((product) => !category || product.category === category);
  const shown = everything || category ? chosen : chosen.slice(0, FIRST_SHOWN);
  find("product-list").replaceChildren(...shown.map(productCard));
  find("products-note").textContent = products.length ? "" : say("noProducts");
  find("more").hidden = shown.length === chosen.length;
};

const productCard = (product) => {
  const prices = new Set((product.variants ?? []).map((variant) => variant.price));
  const price = money(product.price, product.currency);
  const card = h("li", "product",
    picture(product.category),
    h("div", "about",
      h("span", "kind", product.category),
      h("h3", "", product.title),
      h("p", "blurb", product.description ?? ""),
      h("footer", "",
        h("span", "price", prices.size > 1 ? say("from", { price }) : price),
        asks(say("askProduct", { title: product.title }), product.title))));
  card.id = `product-${product.handle}`;
  card.tabIndex = -1;
  return card;
};

/** One of each category first, so that the first rows show what the shop is about. */
const mixed = (all) => {
  const seen = {};
  const rank = all.map((product) => {
    seen[product.category] = (seen[product.category] ?? 0) + 1;
    return seen[product.category];
  });
  return all.map((product, n) => [rank[n], n, product])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1])
    .map(([, , product]) => product);
};

const speak = (chosen) => {
  language = chosen in STRINGS ? chosen : "en";
  document.documentElement.lang = language;
  find("language").value = language;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = say(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-label]")) {
    element.setAttribute("aria-label", say(element.dataset.tLabel));
  }
  showOrders();
  showProducts();
};

// ---- what a real shop does too -----------------------------------------------------------------

const tokenFor = async (customerId) => {
  const body = JSON.stringify({ customer_id: customerId });
  const headers = { "Content-Type": "application/json" };
  return (await json("/demo/token", { method: "POST", headers, body })).token;
};

const signIn = async (id) => {
  const found = customers.find((known) => String(known.id) === id) ?? null;
  let token = null;
  noTokenYet = false;
  try {
    token = found && (await tokenFor(found.id));
  } catch (error) {
    console.error(error);
    noTokenYet = true;
  }
  if (find("customer").value !== id) return; // somebody else was chosen in the meantime
  customer = token ? found : null;
  if (customer) desk.signIn({ customerId: String(customer.id), token });
  else desk.signOut();
  showOrders();
};

desk.addEventListener("answer-desk-token-expired", (event) => {
  const known = customers.find(({ id }) => String(id) === event.detail.customerId);
  if (known) event.detail.provide(tokenFor(known.id));
});

desk.addEventListener("answer-desk-link", (event) => {
  const handle = event.detail.href.match(/^\/products\/([\w-]+)$/)?.[1];
  if (!products.some((product) => product.handle === handle)) return;
  event.preventDefault(); // the demo shop has one page: the product is on it
  everything = true;
  find("category").value = "";
  showProducts();
  const card = find(`product-${handle}`);
  card.classList.add("found");
  card.scrollIntoView({ block: "center" });
  if (matchMedia("(max-width: 520px)").matches) desk.close();
  card.focus({ preventScroll: true });
});

const start = async () => {
  speak(remembered("language") ?? navigator.language.slice(0, 2));
  find("help").addEventListener("click", () => desk.open());
  find("more").addEventListener("click", () => {
    everything = true;
    showProducts();
  });
  find("category").addEventListener("change", showProducts);
  find("language").addEventListener("change", (event) => {
    remember("language", event.target.value);
    speak(event.target.value);
  });
  find("customer").addEventListener("change", async (event) => {
    const { value } = event.target;
    remember("customer", value);
    const locale = customers.find(({ id }) => String(id) === value)?.locale?.slice(0, 2);
    if (locale) {
      remember("language", locale);
      speak(locale);
    }
    await signIn(value);
  });
  await Promise.all([startCustomers(), startProducts(), startWhy()]);
};

const startCustomers = async () => {
  try {
    ({ customers } = await json("/demo/customers"));
  } catch (error) {
    console.error(error);
    find("orders-note").textContent = say("noCustomers");
    return;
  }
  const options = customers.map(({ id, name, locale }) => new Option(`${name} (${locale.slice(0, 2)})`, id));
  find("customer").append(...options);
  const before = remembered("customer");
  if (!customers.some(({ id }) => String(id) === before)) return;
  find("customer").value = before;
  await signIn(before);
};

// Who runs the desk finds the way from a reply to why it was given; everybody else gets a plain no.
const startWhy = async () => {
  try {
    const { explain } = await json("/ops/may", { headers: { "X-By-Itself": "1" } });
    if (explain) desk.setAttribute("explain", "/ops/conversations/");
  } catch (error) {
    console.error(error); // a shop without operators' pages still has its customers and its chat
  }
};

const startProducts = async () => {
  try {
    products = mixed((await json("/demo/products")).products);
  } catch (error) {
    console.error(error); // a shop without this page still has its customers and its chat
  }
  const categories = [...new Set(products.map((product) => product.category))].sort();
  find("category").append(...categories.map((category) => new Option(category, category)));
  showProducts();
};

await customElements.whenDefined("answer-desk");
await start();
