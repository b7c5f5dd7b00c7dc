/**
 * <answer-desk>: the chat widget of the shop, one custom element in one file.
 *
 *   <script type="module" src="/static/widget.js"></script>
 *   <answer-desk lang="en"></answer-desk>
 *
 * Attributes: `lang` (en, fr, es; else the page's), `endpoint` (origin of the gateway; else the page's),
 * `heading` (title of the panel).
 * Methods: `open()`, `close()`, `ask(text)`, `signIn({customerId, token})`, `signOut()`,
 * `newConversation()`.
 * Events: `answer-desk-token-expired` (detail `{customerId, provide(tokenOrPromise)}`) when the customer
 * token is refused; `answer-desk-link` (detail `{href}`, cancelable) when a link of a reply is followed.
 * Theme: the custom properties `--answer-desk-accent`, `--answer-desk-on-accent`.
 *
 * It runs under `Content-Security-Policy: default-src 'self'; require-trusted-types-for 'script'`:
 * everything a shop or customer wrote enters the page as text nodes, styles as a constructed sheet.
 */

// ---- words -------------------------------------------------------------------------------------

const STRINGS = {
  en: {
    launch: "Ask us",
    launchLabel: "Open the chat with customer service",
    title: "How can we help?",
    subtitle: "Automated answers. A person when you ask.",
    greeting:
      "Hello! I’m the shop’s automated assistant. I can help with orders, returns, shipping and " +
      "finding the right gear. What can I do for you?",
    chips: ["Where is my order?", "How do returns work?", "How much is shipping?"],
    person: "Talk to a person",
    personMessage: "I would like to talk to a person.",
    log: "Conversation",
    input: "Your message",
    placeholder: "Write a message…",
    send: "Send",
    close: "Close the chat",
    fresh: "New conversation",
    you: "You said:",
    bot: "Assistant",
    staff: "Support team",
    sources: "Sources",
    stages: {
      sending: "Sending…",
      understanding: "Reading your message…",
      looking_up: "Looking that up…",
      acting: "Taking care of it…",
      writing: "Writing an answer…",
      checking: "Checking the answer…",
      handing_over: "Finding a person for you…",
      typing: "{name} is typing…",
      loading: "Loading your conversation…",
    },
    helpful: "Was this helpful?",
    up: "Yes, helpful",
    down: "No, not helpful",
    thanks: "Thank you for telling us.",
    why: "Why?",
    comment: "What was wrong? (optional)",
    commentSend: "Send feedback",
    unsaved: "That could not be saved. Please try again.",
    reconnecting: "Connection lost. Reconnecting…",
    failed: "Not sent.",
    again: "Try again",
    unreachable: "We could not be reached. Your message is kept here.",
    session: "Your sign-in has expired. Please sign in again.",
    limited: "That was a lot at once. We can read your next message in {time}.",
    ended: "The earlier conversation is closed. This is a new one.",
    refused: "This message could not be taken.",
    withPerson: "You are talking with our support team.",
    waiting: "A person will take over here.",
    place: "You are number {n} in the queue.",
    wait: "About {from} to {to} minutes.",
    waitWithin: "Within about {to} minutes.",
    waitBeyond: "More than {from} minutes.",
    opens: "We are back {time}.",
    contact: { phone: "We will call you.", email: "We will answer by e-mail." },
    due: "You will hear from us by {time}.",
    ticket: "Reference {ticket}",
    order: "Order {number}",
    actions: { refund: "Refund", cancel: "Cancellation", return: "Return" },
    outcomes: { done: "Done", refused: "Not possible", needs_approval: "Being reviewed" },
    unread: "New message from customer service",
    latest: "Go to the latest message",
    left: "{n} characters left",
  },
  fr: {
    launch: "Une question ?",
    launchLabel: "Ouvrir la discussion avec le service client",
    title: "Comment vous aider ?",
    subtitle: "Réponses automatiques. Une personne sur demande.",
    greeting:
      "Bonjour ! Je suis l’assistant automatique de la boutique. Je vous aide pour vos commandes, " +
      "retours, livraisons et le choix de votre équipement. Que puis-je faire pour vous ?",
    chips: ["Où est ma commande ?", "Comment faire un retour ?", "Combien coûte la livraison ?"],
    person: "Parler à quelqu’un",
    personMessage: "Je voudrais parler à une personne.",
    log: "Conversation",
    input: "Votre message",
    placeholder: "Écrivez un message…",
    send: "Envoyer",
    close: "Fermer la discussion",
    fresh: "Nouvelle conversation",
    you: "Vous avez dit :",
    bot: "Assistant",
    staff: "Service client",
    sources: "Sources",
    stages: {
      sending: "Envoi…",
      understanding: "Lecture de votre message…",
      looking_up: "Recherche en cours…",
      acting: "Traitement en cours…",
      writing: "Rédaction de la réponse…",
      checking: "Vérification de la réponse…",
      handing_over: "Nous cherchons quelqu’un pour vous…",
      typing: "{name} est en train d’écrire…",
      loading: "Chargement de votre conversation…",
    },
    helpful: "Cette réponse vous a-t-elle aidé ?",
    up: "Oui, utile",
    down: "Non, pas utile",
    thanks: "Merci pour votre avis.",
    why: "Pourquoi ?",
    comment: "Qu’est-ce qui n’allait pas ? (facultatif)",
    commentSend: "Envoyer l’avis",
    unsaved: "L’enregistrement a échoué. Veuillez réessayer.",
    reconnecting: "Connexion perdue. Reconnexion…",
    failed: "Non envoyé.",
    again: "Réessayer",
    unreachable: "Nous sommes injoignables pour l’instant. Votre message est conservé ici.",
    session: "Votre session a expiré. Veuillez vous reconnecter.",
    limited: "Cela fait beaucoup d’un coup. Nous pourrons lire votre prochain message dans {time}.",
    ended: "La conversation précédente est terminée. En voici une nouvelle.",
    refused: "Ce message n’a pas pu être pris en compte.",
    withPerson: "Vous échangez avec notre service client.",
    waiting: "Une personne va prendre le relais ici.",
    place: "Vous êtes numéro {n} dans la file.",
    wait: "Environ {from} à {to} minutes.",
    waitWithin: "D’ici {to} minutes environ.",
    waitBeyond: "Plus de {from} minutes.",
    opens: "Nous sommes de retour {time}.",
    contact: { phone: "Nous vous appellerons.", email: "Nous vous répondrons par e-mail." },
    due: "Vous aurez une réponse avant {time}.",
    ticket: "Référence {ticket}",
    order: "Commande {number}",
    actions: { refund: "Remboursement", cancel: "Annulation", return: "Retour" },
    outcomes: { done: "Fait", refused: "Impossible", needs_approval: "En cours d’examen" },
    unread: "Nouveau message du service client",
    latest: "Aller au dernier message",
    left: "{n} caractères restants",
  },
  es: {
    launch: "¿Dudas?",
    launchLabel: "Abrir el chat con atención al cliente",
    title: "¿En qué le ayudamos?",
    subtitle: "Respuestas automáticas. Una persona si la pide.",
    greeting:
      "¡Hola! Soy el asistente automático de la tienda. Le ayudo con pedidos, devoluciones, envíos " +
      "y a elegir el equipo adecuado. ¿Qué necesita?",
    chips: ["¿Dónde está mi pedido?", "¿Cómo hago una devolución?", "¿Cuánto cuesta el envío?"],
    person: "Hablar con una persona",
    personMessage: "Quiero hablar con una persona.",
    log: "Conversación",
    input: "Su mensaje",
    placeholder: "Escriba un mensaje…",
    send: "Enviar",
    close: "Cerrar el chat",
    fresh: "Nueva conversación",
    you: "Usted:",
    bot: "Asistente",
    staff: "Atención al cliente",
    sources: "Fuentes",
    stages: {
      sending: "Enviando…",
      understanding: "Leyendo su mensaje…",
      looking_up: "Buscando la información…",
      acting: "Ocupándonos de ello…",
      writing: "Escribiendo la respuesta…",
      checking: "Comprobando la respuesta…",
      handing_over: "Buscando a una persona…",
      typing: "{name} está escribiendo…",
      loading: "Cargando su conversación…",
    },
    helpful: "¿Le ha servido?",
    up: "Sí, me ha servido",
    down: "No me ha servido",
    thanks: "Gracias por decírnoslo.",
    why: "¿Por qué?",
    comment: "¿Qué estaba mal? (opcional)",
    commentSend: "Enviar opinión",
    unsaved: "No se ha podido guardar. Inténtelo de nuevo.",
    reconnecting: "Conexión perdida. Reconectando…",
    failed: "No enviado.",
    again: "Reintentar",
    unreachable: "No hemos podido conectar. Su mensaje sigue aquí.",
    session: "Su sesión ha caducado. Vuelva a iniciar sesión.",
    limited: "Son muchos mensajes a la vez. Podremos leer el siguiente dentro de {time}.",
    ended: "La conversación anterior está cerrada. Esta es nueva.",
    refused: "No hemos podido recibir este mensaje.",
    withPerson: "Está hablando con nuestro equipo de atención.",
    waiting: "Una persona continuará por aquí.",
    place: "Es el número {n} de la fila.",
    wait: "Unos {from} a {to} minutos.",
    waitWithin: "En unos {to} minutos como mucho.",
    waitBeyond: "Más de {from} minutos.",
    opens: "Volvemos {time}.",
    contact: { phone: "Le llamaremos.", email: "Le responderemos por correo." },
    due: "Tendrá noticias nuestras antes de {time}.",
    ticket: "Referencia {ticket}",
    order: "Pedido {number}",
    actions: { refund: "Reembolso", cancel: "Cancelación", return: "Devolución" },
    outcomes: { done: "Hecho", refused: "No es posible", needs_approval: "En revisión" },
    unread: "Nuevo mensaje de atención al cliente",
    latest: "Ir al último mensaje",
    left: "Quedan {n} caracteres",
  },
};

/** The best of our languages for a tag such as `fr-CA`. */
const languageOf = (tag) => {
  const short = (tag || "").slice(0, 2).toLowerCase();
  return short in STRINGS ? short : null;
};

/** `say("fr", "stages.writing")`; `{name}` in a string is filled from `values`. */
const say = (language, path, values = {}) => {
  const found = path.split(".").reduce((node, key) => node?.[key], STRINGS[language]);
  if (typeof found !== "string") return undefined;
  return found.replace(/\{(\w+)\}/g, (_, key) => String(values[key]));
};

const duration = (language, seconds) => {
  const minutes = seconds >= 90;
  const unit = minutes ? "minute" : "second";
  const count = minutes ? Math.ceil(seconds / 60) : seconds;
  const style = { style: "unit", unit, unitDisplay: "long" };
  return new Intl.NumberFormat(language, style).format(count);
};

const NAMED = { timeZoneName: "short" };

/** A moment as the customer reads a clock: the hour today, with the date on another day.
 *
 * `zone` names the clock: what is promised stands beside a reply that names the shop's. */
const moment = (language, value, zone = {}) => {
  const at = new Date(typeof value === "number" ? value * 1000 : value);
  if (value === null || value === undefined || value === "" || Number.isNaN(at.getTime())) return "";
  const today = at.toDateString() === new Date().toDateString();
  const day = today ? {} : { weekday: "short", day: "numeric", month: "short" };
  return new Intl.DateTimeFormat(language, { ...day, hour: "numeric", minute: "2-digit", ...zone }).format(at);
};

// ---- the wire ----------------------------------------------------------------------------------

const MOST_ATTEMPTS = 8; // ~50 s of trying with the steps below, longer than a gateway takes to restart
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 15_000;
const SILENCE_MS = 60_000; // a turn's stream that says nothing this long is a dead connection
const TYPING_MS = 6_000; // staff who type say so every three seconds
const LISTEN_SILENCE_MS = 120_000; // an idle conversation is quiet; only dead sockets are reopened
const PATIENT_S = 30; // up to here a refused message goes out by itself when the time is over
const TOKEN_WAIT_MS = 10_000;

const CLOSED = new Set(["conversation-expired", "conversation-replaced"]);
const TABS_MS = 300; // another tab of this browser answers in a few milliseconds, or is asleep

/** The connection broke before the answer was whole: worth another try. */
class Lost extends Error {}

/** The gateway said no (RFC 9457). */
class Problem extends Error {
  constructor({ status, type, title, detail }, retryAfter) {
    super(detail || title || `HTTP ${status}`);
    this.status = status;
    this.kind = String(type ?? "").split("/").pop();
    this.retryAfter = retryAfter;
  }

  /** The conversation is over for this tab, whoever the customer is: what comes next begins a new one. */
  get ends() {
    return this.status === 404 || CLOSED.has(this.kind);
  }

  static async from(response) {
    let body = {};
    try {
      body = await response.json();
    } catch {
      // A proxy in between answers in HTML; the status still says what to do.
    }
    return new Problem({ ...body, status: response.status }, seconds(response.headers.get("Retry-After")));
  }
}

/** Retry-After is a number of seconds or a date (RFC 9110, 10.2.3). */
const seconds = (value) => {
  if (value === null || value === undefined || value === "") return null;
  const number = Number(value);
  const found = Number.isFinite(number) ? number : (Date.parse(value) - Date.now()) / 1000;
  return Number.isFinite(found) ? Math.max(1, Math.ceil(found)) : null;
};

/** Ends after `ms`, or when the network is back, or at once when `signal` is aborted. */
const pause = (ms, signal) =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done);
    signal.addEventListener("abort", done);
  });

const backoff = (attempt) =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1)) * (0.8 + Math.random() * 0.4);

/** randomUUID exists only on https and localhost; a shop under test on the LAN is neither. */
const uuid = () => {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
};

/** One block of an event stream (WHATWG HTML, 9.2.6) as `{type, id, data}`, or null for a comment. */
const parseEvent = (block) => {
  const event = { type: "message", id: null, data: [] };
  for (const line of block.split(/\r\n|\r|\n/)) {
    const colon = line.indexOf(":");
    if (colon === 0 || line === "") continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event.type = value;
    else if (field === "id") event.id = value;
    else if (field === "data") event.data.push(value);
  }
  return event.data.length ? { ...event, data: JSON.parse(event.data.join("\n")) } : null;
};

/** The events of a response; throws Lost when the stream breaks or is silent for `silence` ms. */
async function* readEvents(response, silence) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      let timer;
      const silent = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Lost(`no byte for ${silence} ms`)), silence);
      });
      const read = reader.read().catch((error) => {
        throw error.name === "AbortError" ? error : new Lost(error.message);
      });
      const { done, value } = await Promise.race([read, silent]).finally(() => clearTimeout(timer));
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const blocks = rest.split(/\r\n\r\n|\n\n|\r\r/);
      rest = blocks.pop();
      for (const block of blocks) {
        const event = parseEvent(block);
        if (event) yield event;
      }
    }
  } finally {
    reader.cancel().catch(() => {}); // the socket may be gone already, which is what we want
  }
}

// ---- the conversation --------------------------------------------------------------------------

const STORED_AS = "answer-desk";
const OPENED_AS = "answer-desk-open";
const MOST_EXTRAS = 50;

/** What this tab remembers of its conversation, so that a reload loses nothing. */
const memory = {
  load(name = STORED_AS) {
    try {
      return JSON.parse(sessionStorage.getItem(name));
    } catch {
      return null; // blocked or damaged storage only costs the memory of this tab
    }
  },
  save(value, name = STORED_AS) {
    try {
      if (value) sessionStorage.setItem(name, JSON.stringify(value));
      else sessionStorage.removeItem(name);
    } catch {
      // Storage full or blocked: the chat works on, it only forgets at reload.
    }
  },
};

const blank = (identity) => ({
  identity,
  id: null,
  token: null,
  lastEventId: null,
  escalation: null,
  said: 0, // how many messages of the customer are on the page
  pending: [], // {key, text, nth, turnId}: not yet answered; `nth` of what the customer said
  extras: {}, // by turn: what the gateway's history does not repeat
});

/**
 * One conversation with the gateway: sends each message until it is answered exactly once, listens
 * for what comes by itself. It knows nothing of the page; `view` is told what happened.
 */
class Conversation {
  #endpoint;
  #credentials;
  #view;
  #closed = new AbortController();
  #finished = new Set();
  #troubled = new Set();
  #turn = Promise.resolve();
  #listening = null;
  #tabs = null;
  #typed = 0;

  constructor({ endpoint, state, credentials, view }) {
    this.#endpoint = endpoint;
    this.#credentials = credentials;
    this.#view = view;
    this.state = state;
    this.live = new Map(); // client message id -> message on its way
    if ("BroadcastChannel" in window) {
      this.#tabs = new BroadcastChannel(STORED_AS);
      this.#tabs.addEventListener("message", ({ data }) => this.#told(data));
    }
  }

  get busy() {
    return this.live.size > 0;
  }

  close() {
    this.#closed.abort();
    this.#listening?.abort();
    this.#tabs?.close();
    for (const message of this.live.values()) message.stop.abort();
  }

  save() {
    if (!this.#closed.signal.aborted) memory.save(this.state);
  }

  /** Shows what was said before, then carries on with what was under way when the page went. */
  async resume() {
    const history = this.state.id ? await this.#history() : { messages: [] };
    if (this.#closed.signal.aborted) return;
    const waiting = this.state.pending;
    const keys = history ? recognized(history.messages, waiting) : new Map();
    if (history) {
      for (const said of history.messages) if (said.who !== "customer") this.#finished.add(said.turn_id);
      this.#view.history(history, this.state, keys);
    }
    this.state.said = history?.messages.filter((said) => said.who === "customer").length ?? 0;
    const shown = new Set(keys.values());
    for (const message of waiting) {
      if (!shown.has(message.key)) {
        this.#view.customer(message.key, message.text);
        message.nth = this.state.said;
        this.state.said += 1;
      }
      this.#dispatch(message);
    }
    this.save();
    if (this.state.id) this.listen();
  }

  send(text) {
    const message = { key: uuid(), text, nth: this.state.said, turnId: null };
    this.state.said += 1;
    this.state.pending.push(message);
    this.save();
    this.#view.customer(message.key, text);
    this.#dispatch(message);
  }

  /** Sends a failed message once more, under the same client_message_id. */
  again(key) {
    const message = this.state.pending.find((waiting) => waiting.key === key);
    if (message && !this.live.has(key)) this.#dispatch(message);
  }

  async rate(turnId, rating, comment) {
    const body = { turn_id: turnId, rating, ...(comment ? { comment } : {}) };
    const path = `/v1/conversations/${encodeURIComponent(this.state.id)}/feedback`;
    const response = await this.#fetch(path, { method: "POST", body, signal: this.#closed.signal });
    if (!response.ok) throw await Problem.from(response);
    this.#remember(turnId, { rating });
  }

  #remember(turnId, extra) {
    const { extras } = this.state;
    extras[turnId] = { ...extras[turnId], ...extra };
    const turns = Object.keys(extras);
    for (const old of turns.slice(0, Math.max(0, turns.length - MOST_EXTRAS))) delete extras[old];
    this.save();
  }

  /** One request with both proofs: who the customer is and whose conversation this is. */
  async #fetch(path, { method = "GET", body, headers = {}, signal }) {
    let used = null;
    const once = async () => {
      used = this.state.token;
      const customer = this.#credentials.token();
      const all = {
        ...(body ? { "Content-Type": "application/json" } : {}),
        ...(customer ? { Authorization: `Bearer ${customer}` } : {}),
        ...(this.state.token ? { "X-Conversation-Token": this.state.token } : {}),
        ...headers,
      };
      const options = { method, headers: all, body: body && JSON.stringify(body), signal };
      try {
        return await fetch(this.#endpoint + path, { ...options, cache: "no-store" });
      } catch (error) {
        throw error.name === "AbortError" ? error : new Lost(error.message);
      }
    };
    const response = await once();
    if (response.status !== 401) return response;
    const { kind } = await Problem.from(response.clone());
    const renewed = CLOSED.has(kind) ? this.#newer(used) : this.#credentials.refresh();
    if (!(await renewed)) return response;
    if (signal?.aborted) throw new DOMException("the conversation was closed", "AbortError");
    return once();
  }

  /** Whether a newer token is known than this one; a tab that went on with the conversation tells. */
  async #newer(used) {
    if (this.state.token === used && this.state.id) {
      this.#tabs?.postMessage({ ask: this.state.id });
      await pause(TABS_MS, this.#closed.signal);
    }
    return Boolean(this.state.token) && this.state.token !== used;
  }

  /** A duplicated tab holds the same conversation: what one learns of its token, all do. */
  #told({ id, token, ask }) {
    if (!this.state.id || (ask ?? id) !== this.state.id) return;
    if (ask) this.#tabs.postMessage({ id: ask, token: this.state.token });
    else this.#renew(token);
  }

  /** Keeps the newest token; those before it are refused a few minutes later. */
  #renew(token) {
    if (!token || token === this.state.token) return false;
    this.state.token = token;
    this.save();
    return true;
  }

  async #history() {
    const path = `/v1/conversations/${encodeURIComponent(this.state.id)}`;
    this.#view.loading(true);
    try {
      for (let attempt = 1; !this.#closed.signal.aborted; attempt += 1) {
        try {
          const response = await this.#fetch(path, { signal: this.#closed.signal });
          if (response.ok) {
            const history = await response.json();
            this.#adopt({ ...history, conversation_id: this.state.id });
            return history;
          }
          const problem = await Problem.from(response);
          if (problem.status === 401 && !problem.ends) {
            this.#view.session(); // still theirs, once they have signed in again
            return null;
          }
          if (problem.status < 500 && problem.status !== 429) {
            this.#forget();
            return null;
          }
        } catch (error) {
          if (error.name === "AbortError") return null;
          if (!(error instanceof Lost)) throw error;
        }
        this.#trouble("history", true);
        await pause(backoff(attempt), this.#closed.signal);
      }
      return null;
    } finally {
      this.#trouble("history", false);
      this.#view.loading(false);
    }
  }

  /** The gateway does not know this conversation any more: what is sent next opens a new one. */
  #forget() {
    this.#listening?.abort();
    const { identity, pending } = this.state;
    this.state = { ...blank(identity), pending };
    this.save();
    this.#view.ended();
  }

  /**
   * Messages go out in the order they were written: each waits until the one before is accepted, and
   * while nobody knows the conversation's id, until the one before is answered.
   */
  #dispatch(waiting) {
    const { key, text, turnId } = waiting;
    const message = { key, text, turnId, stop: new AbortController(), accepted: deferred() };
    this.live.set(key, message);
    this.#view.mark(message.key, "sending");
    const before = this.#turn;
    this.#turn = message.accepted.promise;
    this.#view.stage("sending");
    before.then(() => this.#deliver(message)).catch((error) => {
      this.#fail(message, "unreachable");
      throw error; // a mistake of ours belongs in the console
    });
  }

  async #deliver(message) {
    const { signal } = message.stop;
    for (let attempt = 1, limits = 0; !signal.aborted; attempt += 1) {
      try {
        await this.#post(message);
        return;
      } catch (error) {
        if (signal.aborted) break;
        const lost = error instanceof Lost || (error instanceof Problem && error.status >= 500);
        if (!lost && !(error instanceof Problem)) throw error;
        if (error.ends && this.state.id) {
          this.#forget();
        } else if (error.status === 429 && error.retryAfter <= PATIENT_S && limits < 3) {
          limits += 1;
          attempt -= 1;
          this.#view.limited(message.key, error.retryAfter ?? 5);
          await pause((error.retryAfter ?? 5) * 1000, signal);
          this.#view.limited(message.key, 0);
        } else if (lost && attempt < MOST_ATTEMPTS) {
          this.#trouble(message.key, true);
          const asked = (error.retryAfter ?? 0) * 1000;
          await pause(Math.max(asked, backoff(attempt)), signal);
        } else {
          this.#refuse(message, error);
          return;
        }
      }
    }
  }

  async #post(message) {
    const body = {
      message: message.text,
      client_message_id: message.key,
      locale: this.#view.language,
      ...(this.state.id ? { conversation_id: this.state.id } : {}),
    };
    const headers = { Accept: "text/event-stream" };
    const { signal } = message.stop;
    const response = await this.#fetch("/v1/chat", { method: "POST", body, headers, signal });
    if (!response.ok) throw await Problem.from(response);
    this.#trouble(message.key, false);
    if (this.state.id) message.accepted.resolve();
    if ((response.headers.get("Content-Type") ?? "").includes("json")) {
      const answer = await response.json();
      if (response.status !== 202) return this.#finish(answer, message);
      this.#adopt(answer); // only accepted: the answer comes on the conversation's stream
      this.#belongs(message, answer.turn_id);
      if (this.#finished.has(answer.turn_id)) this.#settle(message); // which was quicker than this
      message.accepted.resolve();
      return undefined;
    }
    for await (const { type, data } of readEvents(response, SILENCE_MS)) {
      if (signal.aborted) return;
      this.#adopt(data);
      if (this.state.id) message.accepted.resolve();
      if (type === "done") return this.#finish(data, message);
      if (type === "problem") throw new Problem(data, seconds(data.retry_after));
      this.#progress(type, data, message);
    }
    throw new Lost("the stream ended before the answer did");
  }

  #progress(type, data, message) {
    if (data.turn_id && message.turnId && data.turn_id !== message.turnId) {
      this.#view.withdraw(message.turnId); // begun again elsewhere: the half answer is void
    }
    if (data.turn_id) this.#belongs(message, data.turn_id);
    if (this.#finished.has(data.turn_id)) return;
    if (type === "status") this.#view.stage(data.stage);
    if (type === "sentence") this.#view.sentence(data);
  }

  #belongs(message, turnId) {
    if (message.turnId === turnId) return;
    message.turnId = turnId;
    const waiting = this.state.pending.find(({ key }) => key === message.key);
    if (waiting) waiting.turnId = turnId;
    this.save();
  }

  #adopt(data) {
    if (!data.conversation_id) return;
    if (this.state.id === data.conversation_id) {
      if (this.#renew(data.conversation_token)) {
        this.#tabs?.postMessage({ id: this.state.id, token: this.state.token });
      }
      return;
    }
    if (!data.conversation_token && !this.state.token) return;
    this.state.id = data.conversation_id;
    this.state.token = data.conversation_token ?? this.state.token;
    this.save();
    this.listen();
  }

  /** A finished turn, from the answer to our request or from the conversation's stream. */
  #finish(answer, message = null) {
    if (this.#closed.signal.aborted) return;
    this.#adopt(answer);
    const turn = answer.turn_id;
    const known = this.#finished.has(turn);
    this.#finished.add(turn);
    for (const waiting of [...this.live.values()]) {
      if (waiting === message || (turn && waiting.turnId === turn)) this.#settle(waiting);
    }
    if (answer.escalation || answer.status === "with_person" || answer.with_person) {
      this.state.escalation = { ...this.state.escalation, ...answer.escalation, status: answer.status };
      if (answer.name) this.state.escalation.heard = true; // somebody is there
    } else if (answer.status) {
      this.state.escalation = null;
    }
    if (!known && answer.actions?.length) this.#remember(turn, { actions: answer.actions });
    this.save();
    if (answer.who === "staff") this.#typing(null);
    if (!known) this.#view.finish(answer);
    this.#view.handover(this.state.escalation);
  }

  /** A person writes; they say so every few seconds, and then no more. */
  #typing(name) {
    clearTimeout(this.#typed);
    if (name) this.#typed = setTimeout(() => this.#typing(null), TYPING_MS);
    if (name || !this.busy) this.#view.stage(name ? "typing" : null, { name });
  }

  #settle(message) {
    this.live.delete(message.key);
    this.state.pending = this.state.pending.filter((waiting) => waiting.key !== message.key);
    this.save();
    message.stop.abort();
    message.accepted.resolve();
    this.#trouble(message.key, false);
    this.#view.limited(message.key, 0);
    this.#view.mark(message.key, "sent");
    if (!this.busy) this.#view.stage(null);
  }

  #refuse(message, problem) {
    if (problem.status === 429) return this.#fail(message, "limited", problem.retryAfter ?? 60);
    if (problem.status === 401) return this.#fail(message, "session");
    if (problem instanceof Lost || problem.status >= 500) return this.#fail(message, "unreachable");
    this.state.pending = this.state.pending.filter((waiting) => waiting.key !== message.key);
    return this.#fail(message, "refused", problem.message);
  }

  #fail(message, why, detail) {
    this.live.delete(message.key);
    this.save();
    this.#trouble(message.key, false);
    if (message.turnId) this.#view.withdraw(message.turnId);
    this.#view.mark(message.key, "failed", { why, detail });
    if (!this.busy) this.#view.stage(null);
    message.accepted.resolve();
  }

  /**
   * Hears what comes without being asked: a reply whose request broke, a person's answer. A hidden tab
   * lets go of its stream, because browsers allow six connections to one shop over HTTP/1.1, unless a
   * person is expected to write.
   */
  async listen() {
    const wanted = !document.hidden || this.state.escalation;
    if (!wanted) this.#listening?.abort();
    if (!wanted || !this.state.id || this.#closed.signal.aborted) return;
    if (this.#listening && !this.#listening.signal.aborted) return;
    const stop = new AbortController();
    this.#listening = stop;
    for (let attempt = 0; !stop.signal.aborted; attempt += 1) {
      if (attempt > 0) await pause(backoff(attempt), stop.signal);
      if (stop.signal.aborted) break;
      try {
        if (!(await this.#hear(stop.signal, () => (attempt = 0)))) break;
        this.#trouble("events", attempt > 0); // one clean end is a gateway's habit, two are trouble
      } catch (error) {
        if (stop.signal.aborted || error.name === "AbortError") break;
        if (!(error instanceof Lost)) throw error;
        this.#trouble("events", true);
      }
    }
    stop.abort();
    this.#trouble("events", false);
  }

  /** Reads the stream until it ends; false when there is no use in asking again. */
  async #hear(signal, connected) {
    const { id, lastEventId } = this.state;
    const headers = { Accept: "text/event-stream" };
    if (lastEventId) headers["Last-Event-ID"] = lastEventId;
    const response = await this.#fetch(`/v1/conversations/${encodeURIComponent(id)}/events`, {
      headers,
      signal,
    });
    if (response.status === 429 || response.status >= 500) throw new Lost(`HTTP ${response.status}`);
    if (!response.ok) {
      if (CLOSED.has((await Problem.from(response)).kind)) this.#forget();
      return false;
    }
    this.#trouble("events", false);
    for await (const event of readEvents(response, LISTEN_SILENCE_MS)) {
      if (signal.aborted) return false;
      connected();
      if (event.type === "token") this.#adopt(event.data);
      else if (event.type === "done") this.#finish(event.data);
      else if (event.type === "message") this.#heard(event.data);
      else if (event.type === "queue") this.#queued(event.data);
      else if (event.type === "status" && event.data.stage === "typing") this.#typing(event.data.name);
      else if (event.type === "status" && this.busy) this.#view.stage(event.data.stage);
      if (event.id) {
        this.state.lastEventId = event.id;
        this.save();
      }
    }
    return true;
  }

  #heard(said) {
    if (said.who === "staff") this.state.escalation = { ...this.state.escalation, heard: true };
    if (said.who === "staff" || said.who === "system") this.#view.said(said);
    this.#view.handover(this.state.escalation);
  }

  /** How it stands for who waits; each one replaces the one before. */
  #queued(place) {
    const { status, position, due_at: due } = place;
    const stands = { place, position, sla_due: due, heard: status === "person" };
    this.state.escalation = status === "over" ? null : { ...this.state.escalation, ...stands };
    this.save();
    this.#view.handover(this.state.escalation);
  }

  #trouble(source, is) {
    if (is) this.#troubled.add(source);
    else this.#troubled.delete(source);
    this.#view.connection(this.#troubled.size === 0);
  }
}

const deferred = () => {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};

/** Which message of a history is which one still waiting here: index in the history -> key. */
const recognized = (messages, pending) => {
  const mine = messages.map((said, index) => ({ ...said, index })).filter(({ who }) => who === "customer");
  const keys = new Map();
  for (const { key, text, nth, turnId } of pending) {
    const same = mine.find((said) => turnId && said.turn_id === turnId && said.text === text);
    const found = same ?? (mine[nth]?.text === text ? mine[nth] : null);
    if (found && !keys.has(found.index)) keys.set(found.index, key);
  }
  return keys;
};

// ---- the page ----------------------------------------------------------------------------------

const ICONS = {
  chat: "M4 5.5h16v11H11l-4.5 3.5v-3.5H4z",
  close: "M6 6l12 12M18 6L6 18",
  fresh: "M12 5v14M5 12h14",
  send: "M4 12l16-7-5.5 14.5-3-6z M11.5 13.5L20 5",
  up: "M7 11v9H4v-9zM7 11l4.5-7c1.6 0 2.3 1.2 2 2.6L13 9.5h5.5c1 0 1.7 .9 1.5 1.9l-1.4 7c-.2 .9-.8 1.6-1.8 1.6H7",
  down: "M7 13V4H4v9zM7 13l4.5 7c1.6 0 2.3-1.2 2-2.6L13 14.5h5.5c1 0 1.7-.9 1.5-1.9l-1.4-7c-.2-.9-.8-1.6-1.8-1.6H7",
  latest: "M12 5v14M6 13l6 6 6-6",
  pine: "M12 2.5l4.5 6h-2.5l4 5.5h-3l4 5.5H5l4-5.5H6l4-5.5H7.5zM12 19.5v2.5",
  refund: "M5 9h10a4 4 0 0 1 0 9H9M5 9l4-4M5 9l4 4",
  cancel: "M12 4a8 8 0 1 0 0 16a8 8 0 1 0 0-16M6.5 6.5l11 11",
  return: "M4 8l8-4 8 4v9l-8 4-8-4zM4 8l8 4 8-4M12 12v9",
  done: "M5 12.5l4.5 4.5L19 7.5",
};

const SVG = "http://www.w3.org/2000/svg";

const icon = (name) => {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name] ?? ICONS.done);
  svg.append(path);
  return svg;
};

/** An element: `h("p.note", {hidden: true, "aria-label": "…", onclick}, ...children)`; text is text. */
const h = (selector, properties = {}, ...children) => {
  const [tag, ...classes] = selector.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key === "hidden") element.hidden = value;
    else if (value !== undefined && value !== null) element.setAttribute(key, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
};

// Only these paths of the shop itself become links, whatever a reply contains.
const SHOP_PATH =
  /(?<![\w/.:\\])\/(?:products|collections|pages|policies|orders|account|returns|help|cart)(?:\/[\w.~-]+)*(?:#[\w-]+)?(?![\w/\\:])/g;

const shopPath = (text) => {
  const [only] = text.match(SHOP_PATH) ?? [];
  return only === text ? text : null;
};

/** Text with its shop paths as links: text nodes and anchors, nothing else. */
const linked = (text, follow) => {
  const nodes = [];
  let at = 0;
  for (const match of text.matchAll(SHOP_PATH)) {
    const href = match[0].replace(/\.+$/, "");
    nodes.push(text.slice(at, match.index), h("a", { href, onclick: follow }, href));
    at = match.index + href.length;
  }
  return [...nodes, text.slice(at)].filter((node) => node !== "");
};

const squeezed = (text) => text.replace(/\s+/g, " ").trim();

/** What was said, on the page: bubbles, sources, receipts and thumbs. */
class Transcript {
  #words;
  #desk;
  #replies = new Map();
  #mine = new Map();
  #seen = new Set();

  constructor(log, words, desk) {
    this.log = log;
    this.#words = words;
    this.#desk = desk;
  }

  clear() {
    this.log.replaceChildren();
    this.#replies.clear();
    this.#mine.clear();
    this.#seen.clear();
  }

  greet(chips) {
    const greeting = h("div.row.bot.greeting", {}, this.#bubble(this.#words("greeting", "p")));
    const buttons = STRINGS.en.chips.map((_, n) => {
      const chip = this.#words(`chips.${n}`, "button.chip");
      chip.type = "button";
      chip.addEventListener("click", () => chips(chip.textContent));
      return chip;
    });
    this.log.append(greeting, h("div.chips", {}, ...buttons));
  }

  #bubble(...children) {
    return h("div.bubble", {}, ...children);
  }

  customer(key, text, at) {
    this.log.querySelector(".chips")?.remove();
    const note = h("div.note");
    const bubble = this.#bubble(this.#words("you", "span.unseen"), h("p.text", {}, text));
    const row = h("div.row.customer", {}, bubble, note);
    if (at) row.append(this.#time(at));
    this.log.append(row);
    if (key) this.#mine.set(key, { row, note });
  }

  mark(key, state, { why, detail, again } = {}) {
    const mine = this.#mine.get(key);
    if (!mine) return;
    mine.row.dataset.state = state;
    mine.note.replaceChildren();
    if (state !== "failed") return;
    const reason = this.#words(why === "limited" ? "failed" : why, "span");
    mine.note.append(reason);
    if (why === "refused" && detail) mine.note.append(" ", h("span", {}, detail));
    if (!again) return;
    const button = this.#words("again", "button.again");
    button.type = "button";
    button.addEventListener("click", again);
    mine.note.append(" ", button);
  }

  #reply(turnId) {
    let reply = this.#replies.get(turnId);
    if (!reply) {
      const text = h("p.text");
      const bubble = this.#bubble(this.#words("bot", "span.unseen"), text);
      const row = h("div.row.bot", {}, bubble);
      reply = { row, bubble, text, parts: new Map() };
      this.#replies.set(turnId, reply);
      this.log.append(row);
    }
    return reply;
  }

  /** Sentence `index` of a reply in the making; the same one twice is shown once. */
  sentence({ turn_id: turnId, index, text }) {
    const { text: box, parts } = this.#reply(turnId);
    const span = h("span", {}, ...linked(text, this.#desk.follow), /\s$/.test(text) ? "" : " ");
    const next = [...parts.keys()].filter((n) => n > index).sort((a, b) => a - b)[0];
    if (parts.has(index)) parts.get(index).replaceWith(span);
    else box.insertBefore(span, next === undefined ? null : parts.get(next));
    parts.set(index, span);
  }

  withdraw(turnId) {
    this.#replies.get(turnId)?.row.remove();
    this.#replies.delete(turnId);
  }

  /** The whole answer: it has the last word over the sentences that were streamed. */
  finish(answer, { rating, at } = {}) {
    const { turn_id: turnId, reply: said, citations, actions } = answer;
    // What was done for them is an answer with its receipt, whoever decided on it; who came and went is a line.
    if (said && (answer.who === "staff" || (answer.who === "system" && !actions?.length))) {
      this.said({ id: `${turnId}-${answer.who}`, who: answer.who, name: answer.name, text: said, at });
      return;
    }
    if (!said || (answer.answered_with && answer.answered_with !== turnId)) {
      this.withdraw(turnId);
      return;
    }
    const reply = this.#reply(turnId);
    if (answer.language) reply.bubble.setAttribute("lang", answer.language);
    if (squeezed(reply.text.textContent) !== squeezed(said) || said.includes("\n")) {
      reply.text.replaceChildren(...linked(said, this.#desk.follow));
    }
    for (const action of actions ?? []) reply.row.append(this.#receipt(action));
    if (citations?.length) reply.row.append(this.#sources(citations));
    if (answer.status === "answered" || answer.status === "refused") {
      reply.row.append(this.#thumbs(turnId, rating));
    }
    if (at) reply.row.append(this.#time(at));
    this.#why(turnId, reply.row);
  }

  /** For who runs the desk: from each reply to why it was given, once the page says that they may see it. */
  explain() {
    for (const [turnId, { row }] of this.#replies) this.#why(turnId, row);
  }

  #why(turnId, row) {
    const href = this.#desk.why(turnId);
    if (!href || row.querySelector(".why")) return;
    row.append(Object.assign(this.#words("why", "a.why"), { href, target: "_blank", rel: "noopener" }));
  }

  /** Something of the history, or of a person now. */
  said(message, extra = {}) {
    const id = message.id ?? message.turn_id;
    if (this.#seen.has(id)) return;
    this.#seen.add(id);
    if (message.who === "customer") this.customer(extra.key, message.text, message.at);
    else if (message.who === "bot" || (message.who === "system" && message.actions?.length)) {
      const turn = message.turn_id ?? message.id;
      const status = message.who === "bot" ? "answered" : "told";
      const answer = { status, ...message, turn_id: turn, reply: message.text };
      this.finish({ ...answer, actions: message.actions ?? extra.actions }, { ...extra, at: message.at });
    } else this.#person(message);
  }

  #person({ who, name: whose, text, at }) {
    if (who === "system") return this.log.append(h("p.system", {}, text));
    const name = whose ? h("bdi.name", {}, whose) : this.#words("staff", "span.name");
    const body = h("p.text", {}, ...linked(text, this.#desk.follow));
    return this.log.append(h("div.row.staff", {}, name, this.#bubble(body), at ? this.#time(at) : null));
  }

  /** A line of ours in the conversation. */
  system(key) {
    this.log.append(this.#words(key, "p.system"));
  }

  #time(at) {
    return h("time", { datetime: new Date(typeof at === "number" ? at * 1000 : at).toISOString() },
      moment(this.#desk.language, at));
  }

  #sources(citations) {
    const items = citations.map(({ title, section, source, quote }) => {
      const name = h("cite", {}, title || source || "");
      const path = shopPath(source ?? "");
      return h("li", {},
        path ? h("a", { href: path, onclick: this.#desk.follow }, name) : name,
        section && section !== title ? h("span.section", {}, section) : null,
        quote ? h("blockquote", {}, quote) : null);
    });
    const label = this.#words("sources", "span");
    const summary = h("summary", {}, label, h("span.count", {}, String(citations.length)));
    return h("details.sources", {}, summary, h("ol", {}, ...items));
  }

  #receipt({ kind, status, order_number: order, summary, detail }) {
    const name = this.#words(`actions.${kind}`, "strong") ?? h("strong", {}, kind);
    const state = this.#words(`outcomes.${status}`, "span.outcome") ?? h("span.outcome", {}, status);
    const number = order ? this.#words("order", "span.order", { number: order }) : null;
    const sign = h("span.sign", {}, icon(kind in ICONS ? kind : "done"));
    const line = h("div.line", {}, h("span", {}, name, number), state);
    const about = h("div.about", {}, line, h("p", {}, summary || detail || ""));
    return h("div.receipt", { "data-status": status, role: "group" }, sign, about);
  }

  #thumbs(turnId, rating) {
    const row = h("div.thumbs", { role: "group" });
    const asked = this.#words("helpful", "span.asked");
    const status = h("span.thanks", { role: "status" });
    const buttons = ["up", "down"].map((kind) => {
      const button = this.#words(kind, "button.thumb", {}, "label");
      button.type = "button";
      button.append(icon(kind));
      button.setAttribute("aria-pressed", String(rating === kind));
      button.addEventListener("click", () => choose(kind));
      return button;
    });
    const press = (kind) => {
      buttons.forEach((button, n) => button.setAttribute("aria-pressed", String(["up", "down"][n] === kind)));
    };
    let pressed = rating;
    const save = async (kind, comment) => {
      press(kind);
      try {
        await this.#desk.rate(turnId, kind, comment);
        pressed = kind;
        status.replaceChildren(this.#words("thanks", "span"));
        return true;
      } catch (error) {
        if (!(error instanceof Lost || error instanceof Problem)) throw error;
        press(pressed);
        status.replaceChildren(this.#words("unsaved", "span"));
        return false;
      }
    };
    const choose = async (kind) => {
      row.querySelector("form")?.remove();
      if ((await save(kind)) && kind === "down") row.append(this.#comment(save));
      row.querySelector("input")?.focus();
    };
    row.append(asked, ...buttons, status);
    return row;
  }

  #comment(save) {
    const input = this.#words("comment", "input", {}, "placeholder");
    input.maxLength = 1000;
    const button = this.#words("commentSend", "button.small");
    const form = h("form.comment", {}, input, button);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (input.value.trim() && (await save("down", input.value.trim()))) form.remove();
    });
    return form;
  }
}

// ---- the element -------------------------------------------------------------------------------

const MOST_CHARACTERS = 5000; // the gateway refuses more
const COUNT_FROM = 4500;
const NARROW = "(max-width: 520px), (max-height: 480px)";

const STYLES = `
:host {
  all: initial;
  --accent: var(--answer-desk-accent, #1f5a44);
  --on-accent: var(--answer-desk-on-accent, #ffffff);
  --surface: #ffffff; --ground: #f6f3ec; --ink: #1c2a25; --muted: #56645d; --line: #ddd8cc;
  --soft: #e4eee8; --amber: #fbefd6; --amber-ink: #624000; --red: #9a2a1c;
  --shadow: 0 1px 2px rgb(24 38 32 / 12%), 0 12px 40px rgb(24 38 32 / 22%);
  color-scheme: light;
  color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
:host([hidden]) { display: none; }
@media (prefers-color-scheme: dark) {
  :host {
    --accent: var(--answer-desk-accent, #7fc8a5);
    --on-accent: var(--answer-desk-on-accent, #0c1a14);
    --surface: #18211d; --ground: #101714; --ink: #e9eeea; --muted: #a6b3ab; --line: #34423b;
    --soft: #22332b; --amber: #3a2f16; --amber-ink: #f3d593; --red: #f2a195;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%), 0 12px 40px rgb(0 0 0 / 50%);
    color-scheme: dark;
  }
}
* { box-sizing: border-box; }
[hidden] { display: none !important; }
p, h2, ol, blockquote, form { margin: 0; padding: 0; }
button, input, textarea { font: inherit; color: inherit; }
button { cursor: pointer; border: 0; background: none; padding: 0; }
svg { width: 22px; height: 22px; fill: none; stroke: currentColor; stroke-width: 1.7;
  stroke-linecap: round; stroke-linejoin: round; flex: none; }
a { color: inherit; text-underline-offset: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }

.launcher { position: fixed; right: max(20px, env(safe-area-inset-right));
  bottom: max(20px, env(safe-area-inset-bottom)); z-index: 2147483000; display: flex;
  align-items: center; gap: 10px; min-height: 54px; padding: 0 22px 0 18px; border-radius: 27px;
  background: var(--accent); color: var(--on-accent); font-weight: 600; box-shadow: var(--shadow); }
.launcher:hover { filter: brightness(1.08); }
.launcher:focus-visible { outline-offset: 3px; }
.badge { position: absolute; top: -5px; right: -3px; min-width: 22px; height: 22px; padding: 0 6px;
  border-radius: 11px; background: #b4431f; color: #fff; font-size: 13px; line-height: 22px; }

.panel { position: fixed; inset: auto; right: max(20px, env(safe-area-inset-right));
  bottom: max(20px, env(safe-area-inset-bottom)); z-index: 2147483000; width: 400px;
  height: min(660px, calc(100dvh - 40px)); max-width: none; max-height: none; margin: 0; padding: 0;
  border: 1px solid var(--line); border-radius: 18px; background: var(--ground); color: var(--ink);
  overflow: hidden; box-shadow: var(--shadow); }
.panel[open] { display: flex; flex-direction: column; animation: rise .18s ease-out; }
.panel::backdrop { background: var(--ground); }
@keyframes rise { from { opacity: 0; transform: translateY(10px); } }
.head { display: flex; align-items: center; gap: 12px; padding: 12px 8px 12px 16px;
  background: var(--surface); border-bottom: 1px solid var(--line); }
.mark { display: grid; place-items: center; width: 38px; height: 38px; border-radius: 50%;
  background: var(--accent); color: var(--on-accent); flex: none; }
.names { flex: 1; min-width: 0; }
h2 { font-size: 16px; line-height: 1.3; font-weight: 650; letter-spacing: -.005em; }
.sub { font-size: 13px; line-height: 1.35; color: var(--muted); }
.tool { display: grid; place-items: center; width: 44px; height: 44px; border-radius: 10px;
  color: var(--muted); flex: none; }
.tool:hover { background: var(--ground); color: var(--ink); }
.tool:focus-visible { outline-offset: -2px; }

.handover, .notice { padding: 10px 16px; font-size: 14px; line-height: 1.4; }
.handover { background: var(--soft); border-bottom: 1px solid var(--line); }
.handover strong { display: block; font-weight: 650; }
.handover .facts { display: flex; flex-wrap: wrap; gap: 0 10px; color: var(--muted); }
.handover .facts span { overflow-wrap: anywhere; }
.notice { background: var(--amber); color: var(--amber-ink); border-top: 1px solid var(--line); }

.log { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; padding: 18px 16px 8px;
  display: flex; flex-direction: column; gap: 14px; }
.log:focus-visible { outline-offset: -3px; }
.row { max-width: 88%; display: flex; flex-direction: column; align-items: flex-start; gap: 6px; }
.row.customer { align-self: flex-end; align-items: flex-end; }
.bubble { padding: 10px 14px; border-radius: 16px; border-bottom-left-radius: 5px; max-width: 100%;
  background: var(--surface); border: 1px solid var(--line); overflow-wrap: anywhere; }
.text { white-space: pre-wrap; }
.customer .bubble { background: var(--accent); color: var(--on-accent); border-color: transparent;
  border-radius: 16px; border-bottom-right-radius: 5px; }
.customer[data-state="sending"] .bubble { opacity: .82; }
.customer[data-state="failed"] .bubble { background: var(--surface); color: var(--ink);
  border: 1px dashed var(--red); }
.staff .bubble { background: var(--soft); }
.name { font-size: 13px; font-weight: 650; color: var(--muted); }
.note { font-size: 13px; color: var(--red); text-align: right; }
.note:empty { display: none; }
.again { min-height: 44px; padding: 0 6px; font-weight: 650; text-decoration: underline; }
.system { align-self: center; font-size: 13px; color: var(--muted); text-align: center; }
time { font-size: 12px; color: var(--muted); }
.chips { display: flex; flex-direction: column; align-items: flex-start; gap: 8px; }
.chip { min-height: 44px; padding: 8px 16px; border: 1px solid var(--accent); border-radius: 22px;
  background: var(--surface); color: var(--accent); font-weight: 550; text-align: left; }
.chip:hover { background: var(--soft); }

.sources { font-size: 13.5px; max-width: 100%; }
summary { display: inline-flex; align-items: center; gap: 8px; min-height: 44px; margin: -6px 0;
  padding: 0 4px; color: var(--muted); font-weight: 600; cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary::before { content: ""; width: 7px; height: 7px; border: solid currentColor;
  border-width: 0 1.7px 1.7px 0; transform: rotate(-45deg); transition: transform .15s; }
[open] > summary::before { transform: rotate(45deg); }
.count { min-width: 20px; padding: 0 6px; border-radius: 10px; background: var(--soft);
  color: var(--ink); font-size: 12px; line-height: 20px; text-align: center; }
.sources ol { list-style: none; display: grid; gap: 10px; padding: 4px 0 4px; }
.sources li { padding: 10px 12px; border: 1px solid var(--line); border-radius: 12px;
  background: var(--surface); overflow-wrap: anywhere; }
cite { font-style: normal; font-weight: 650; }
.section { color: var(--muted); }
.section::before { content: " › "; }
blockquote { margin-top: 4px; padding-left: 10px; border-left: 3px solid var(--accent);
  color: var(--muted); }

.receipt { display: flex; align-items: flex-start; gap: 12px; width: 100%; padding: 12px;
  border: 1px solid var(--line); border-radius: 14px; background: var(--surface); font-size: 14px; }
.sign { display: grid; place-items: center; width: 36px; height: 36px; border-radius: 10px;
  background: var(--soft); color: var(--accent); flex: none; }
.about { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.line { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between;
  gap: 2px 10px; }
.about p, .order { color: var(--muted); }
.order::before { content: " · "; }
.outcome { padding: 0 9px; border-radius: 10px; background: var(--soft); font-size: 12.5px;
  font-weight: 650; }
.receipt:not([data-status="done"]) .sign, .receipt:not([data-status="done"]) .outcome {
  background: var(--amber); color: var(--amber-ink); }

.thumbs { display: flex; flex-wrap: wrap; align-items: center; font-size: 13px; color: var(--muted);
  margin: -6px 0; }
.asked { padding: 0 4px; }
.why { align-self: flex-start; padding: 4px; font-size: 13px; color: var(--muted); }
.thumb { display: grid; place-items: center; width: 44px; height: 44px; border-radius: 10px; }
.thumb svg { width: 19px; height: 19px; }
.thumb:hover { color: var(--ink); background: var(--surface); }
.thumb[aria-pressed="true"] { color: var(--accent); }
.thumb[aria-pressed="true"] svg { fill: currentColor; fill-opacity: .22; }
.comment { display: flex; gap: 8px; width: 100%; padding: 4px 0 8px; }
.comment input { flex: 1; min-width: 0; min-height: 44px; padding: 0 12px; border-radius: 10px;
  border: 1px solid var(--muted); background: var(--surface); color: var(--ink); font-size: 16px; }
.small { min-height: 44px; padding: 0 14px; border-radius: 10px; background: var(--accent);
  color: var(--on-accent); font-weight: 600; }

.stage { display: flex; align-items: center; gap: 10px; min-height: 26px; padding: 0 18px 6px;
  font-size: 13.5px; color: var(--muted); }
.stage:empty { visibility: hidden; }
.dots { display: inline-flex; gap: 4px; }
.dots i { width: 6px; height: 6px; border-radius: 50%; background: var(--accent);
  animation: breathe 1.2s infinite ease-in-out; }
.dots i:nth-child(2) { animation-delay: .15s; }
.dots i:nth-child(3) { animation-delay: .3s; }
@keyframes breathe { 0%, 60%, 100% { opacity: .3; } 30% { opacity: 1; } }
.latest { position: absolute; right: 16px; bottom: 100%; margin-bottom: 8px; display: grid;
  place-items: center; width: 44px; height: 44px; border-radius: 50%; background: var(--surface);
  border: 1px solid var(--line); color: var(--accent); box-shadow: 0 2px 10px rgb(24 38 32 / 18%); }
.foot { position: relative; padding: 10px 12px 4px; background: var(--surface);
  border-top: 1px solid var(--line); padding-bottom: max(4px, env(safe-area-inset-bottom)); }
.composer { display: flex; align-items: flex-end; gap: 8px; }
textarea { flex: 1; min-width: 0; min-height: 46px; max-height: 140px; padding: 10px 14px; resize: none;
  border: 1px solid var(--muted); border-radius: 14px; background: var(--surface); font-size: 16px;
  line-height: 1.5; }
textarea::placeholder, input::placeholder { color: var(--muted); opacity: 1; }
textarea:focus-visible, .comment input:focus-visible { outline-offset: 0; }
.send { display: grid; place-items: center; width: 46px; height: 46px; border-radius: 14px;
  background: var(--accent); color: var(--on-accent); flex: none; }
.send[aria-disabled="true"] { background: var(--line); color: var(--muted); cursor: default; }
.below { display: flex; align-items: center; justify-content: space-between; font-size: 13px;
  color: var(--muted); }
.person { min-height: 44px; padding: 0 4px; font-weight: 600; text-decoration: underline;
  text-underline-offset: 3px; }
.person:hover { color: var(--ink); }

@media (max-width: 520px), (max-height: 480px) {
  .panel { inset: 0; width: 100vw; width: 100%; height: var(--desk-height, 100dvh); border: 0;
    border-radius: 0; }
  .head { padding-top: max(12px, env(safe-area-inset-top)); }
}
@media (prefers-reduced-motion: reduce) {
  *, *::before { animation: none !important; transition: none !important; }
}
`;

let sheet = null;

const styles = () => {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLES);
  }
  return sheet;
};

const GUEST = "guest";

class AnswerDesk extends HTMLElement {
  static observedAttributes = ["lang", "heading", "explain"];

  #parts = null;
  #transcript = null;
  #conversation = null;
  #identity = GUEST;
  #token = null;
  #refreshing = null;
  #unread = 0;
  #limits = new Map();
  #ticking = null;
  #off = null;

  connectedCallback() {
    if (!this.#parts) this.#build();
    this.#off = new AbortController();
    const { signal } = this.#off;
    const relabel = new MutationObserver(() => this.#relabel());
    relabel.observe(document.documentElement, { attributeFilter: ["lang"] });
    signal.addEventListener("abort", () => relabel.disconnect());
    document.addEventListener("visibilitychange", () => this.#conversation?.listen(), { signal });
    matchMedia(NARROW).addEventListener("change", () => this.#reshow(), { signal });
    window.visualViewport?.addEventListener("resize", () => this.#fit(), { signal });
    this.#relabel();
    const stored = memory.load();
    this.#begin(stored?.identity === GUEST ? stored : null);
    if (memory.load(OPENED_AS)) this.open({ focus: false });
  }

  disconnectedCallback() {
    this.#off.abort();
    this.#conversation?.close();
    clearInterval(this.#ticking);
  }

  attributeChangedCallback() {
    if (!this.isConnected || !this.#parts) return;
    this.#relabel();
    this.#transcript.explain();
  }

  // -- for the shop's page

  get language() {
    const own = this.getAttribute("lang") || this.closest("[lang]")?.getAttribute("lang");
    return languageOf(own) ?? languageOf(navigator.language) ?? "en";
  }

  /** Says who the customer is. Another customer than before starts a new conversation. */
  signIn({ customerId, token }) {
    this.#token = token;
    if (customerId !== this.#identity) this.#become(customerId);
  }

  signOut() {
    this.#token = null;
    if (this.#identity !== GUEST) this.#become(GUEST);
  }

  open({ focus = true } = {}) {
    const { panel, launcher, input } = this.#parts;
    if (!panel.open) {
      if (matchMedia(NARROW).matches) panel.showModal();
      else panel.show();
    }
    launcher.hidden = true;
    launcher.setAttribute("aria-expanded", "true");
    memory.save(true, OPENED_AS);
    this.#count(0);
    this.#fit();
    this.#bottom();
    if (focus) input.focus();
  }

  close() {
    const { panel, launcher } = this.#parts;
    if (!panel.open) return;
    panel.close();
    launcher.hidden = false;
    launcher.setAttribute("aria-expanded", "false");
    memory.save(false, OPENED_AS);
    launcher.focus();
  }

  /** Opens the panel with a message ready to be sent or changed. */
  ask(text) {
    this.open();
    this.#parts.input.value = text;
    this.#typed();
  }

  newConversation() {
    memory.save(null);
    this.#begin(null);
    this.#parts.input.focus();
  }

  // -- who and which conversation

  #become(identity) {
    const mine = this.#conversation?.state;
    const stored = memory.load();
    // A stored conversation of this very customer is from before a reload, unless we just left it.
    const resumes = stored?.identity === identity && !(mine?.id || mine?.pending.length);
    if (!resumes) memory.save(null);
    this.#identity = identity;
    this.#parts.input.value = "";
    this.#typed();
    this.#begin(resumes ? stored : null);
  }

  #begin(stored) {
    this.#conversation?.close();
    this.#transcript.clear();
    this.#transcript.greet((text) => this.#send(text));
    this.#limits.clear();
    this.#tick();
    this.#show("stage", []);
    this.#show("trouble", []);
    this.#handover(null);
    this.#count(0);
    const conversation = new Conversation({
      endpoint: (this.getAttribute("endpoint") ?? "").replace(/\/$/, ""),
      state: stored ?? blank(this.#identity),
      credentials: { token: () => this.#token, refresh: () => this.#refresh() },
      view: this.#view(() => this.#conversation === conversation),
    });
    this.#conversation = conversation;
    if (stored) conversation.resume();
  }

  /** What a conversation may do to the page, as long as it is the present one. */
  #view(present) {
    const desk = this;
    const says = {
      customer: (key, text) => this.#add(() => this.#transcript.customer(key, text), true),
      mark: (key, state, { why, detail } = {}) => {
        const again = why && why !== "refused" ? () => this.#conversation.again(key) : null;
        if (why === "limited") this.#limited(key, detail);
        this.#add(() => this.#transcript.mark(key, state, { why, detail, again }));
      },
      stage: (stage, values) => this.#stage(stage, values),
      sentence: (sentence) => this.#add(() => this.#transcript.sentence(sentence)),
      withdraw: (turnId) => this.#transcript.withdraw(turnId),
      finish: (answer) => this.#add(() => this.#transcript.finish(answer), false, Boolean(answer.reply)),
      said: (message) => this.#add(() => this.#transcript.said(message), false, true),
      history: (history, state, keys) => this.#history(history, state, keys),
      handover: (escalation) => this.#handover(escalation),
      limited: (key, left) => this.#limited(key, left),
      loading: (is) => this.#stage(is ? "loading" : null),
      session: () => this.#add(() => this.#transcript.system("session")),
      ended: () => {
        this.#handover(null);
        this.#add(() => this.#transcript.system("ended"));
      },
      connection: (well) => this.#show("trouble", well ? [] : [this.#words("reconnecting", "span")]),
    };
    const guarded = Object.entries(says).map(([name, act]) => [
      name,
      (...all) => (present() ? act(...all) : undefined),
    ]);
    return Object.defineProperty(Object.fromEntries(guarded), "language", { get: () => desk.language });
  }

  #history({ messages, status }, state, keys) {
    const { log } = this.#parts;
    log.setAttribute("aria-live", "off"); // what was heard before the reload is not read out again
    log.querySelector(".chips")?.remove();
    messages.forEach((message, index) => {
      this.#transcript.said(message, { ...state.extras[message.turn_id], key: keys.get(index) });
    });
    if (status === "with_person" || status === "handed_over") {
      const heard = messages.some((message) => message.who === "staff");
      state.escalation = { status, ...state.escalation, heard };
    }
    this.#handover(state.escalation);
    this.#bottom();
    requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
  }

  /** Asks the page for a fresh customer token; several refused requests share one question. */
  #refresh() {
    if (this.#identity === GUEST) return Promise.resolve(false);
    const customerId = this.#identity;
    this.#refreshing ??= new Promise((resolve) => {
      const late = setTimeout(() => resolve(null), TOKEN_WAIT_MS);
      const provide = (token) =>
        Promise.resolve(token).then(resolve, () => resolve(null)).finally(() => clearTimeout(late));
      const options = { bubbles: true, composed: true, detail: { customerId, provide } };
      this.dispatchEvent(new CustomEvent("answer-desk-token-expired", options));
    })
      .then((token) => {
        if (!token || customerId !== this.#identity) return false;
        this.#token = token;
        return true;
      })
      .finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  #send(text) {
    const message = text.trim();
    if (message) this.#conversation.send(message);
  }

  // -- what is seen

  #build() {
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [styles()];
    const label = (key, selector, name) => {
      const button = this.#words(key, selector, {}, "label");
      button.type = "button";
      button.append(icon(name));
      return button;
    };
    const parts = {
      badge: h("span.badge", { hidden: true }),
      launcher: h("button.launcher", { type: "button", "aria-expanded": "false" }),
      title: h("h2", { id: "title" }),
      fresh: label("fresh", "button.tool", "fresh"),
      close: label("close", "button.tool", "close"),
      handover: h("div.handover", { role: "status", hidden: true }),
      log: this.#words("log", "div.log", {}, "label"),
      stage: h("p.stage", { role: "status" }),
      trouble: h("p.notice", { role: "status", hidden: true }),
      limit: h("p.notice", { role: "status", hidden: true }),
      latest: label("latest", "button.latest", "latest"),
      input: this.#words("placeholder", "textarea", {}, "placeholder"),
      send: label("send", "button.send", "send"),
      left: h("span", { role: "status" }),
      person: this.#words("person", "button.person"),
    };
    parts.log.setAttribute("role", "log");
    parts.log.setAttribute("aria-live", "polite");
    parts.log.tabIndex = 0;
    parts.latest.hidden = true;
    parts.send.type = "submit";
    parts.person.type = "button";
    Object.assign(parts.input, { rows: 1, maxLength: MOST_CHARACTERS, enterKeyHint: "send" });
    parts.input.setAttribute("autocomplete", "off");
    parts.launcher.append(icon("chat"), this.#words("launch", "span"), parts.badge);
    const names = h("div.names", {}, parts.title, this.#words("subtitle", "p.sub"));
    parts.form = h("form.composer", {}, parts.input, parts.send);
    const below = h("div.below", {}, parts.person, parts.left);
    parts.panel = h(
      "dialog.panel",
      { "aria-labelledby": "title" },
      h("div.head", {}, h("span.mark", {}, icon("pine")), names, parts.fresh, parts.close),
      parts.handover,
      parts.log,
      parts.stage,
      parts.trouble,
      parts.limit,
      h("div.foot", {}, parts.latest, parts.form, below),
    );
    this.#parts = parts;
    const follow = (event) => this.#follow(event);
    const rate = (...all) => this.#conversation.rate(...all);
    const words = (...all) => this.#words(...all);
    const desk = this;
    this.#transcript = new Transcript(parts.log, words, {
      follow,
      rate,
      why: (turnId) => this.#why(turnId),
      get language() {
        return desk.language;
      },
    });
    root.append(parts.launcher, parts.panel);
    this.#wire();
  }

  #wire() {
    const { launcher, panel, close, fresh, form, input, person, log, latest } = this.#parts;
    launcher.addEventListener("click", () => this.open());
    close.addEventListener("click", () => this.close());
    fresh.addEventListener("click", () => this.newConversation());
    person.addEventListener("click", () => this.#send(say(this.language, "personMessage")));
    latest.addEventListener("click", () => {
      this.#bottom();
      input.focus();
    });
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      event.stopPropagation();
      this.close();
    });
    panel.addEventListener("cancel", (event) => {
      event.preventDefault(); // the back gesture of a phone closes it our way, with the focus returned
      this.close();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = input.value;
      if (!text.trim()) return;
      input.value = "";
      this.#typed();
      this.#send(text);
      input.focus();
    });
    input.addEventListener("input", () => this.#typed());
    input.addEventListener("keydown", (event) => {
      // Enter also confirms a word of an input method (Japanese, dead keys): that is not "send".
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      form.requestSubmit();
    });
    log.addEventListener("scroll", () => (latest.hidden = this.#atBottom()), { passive: true });
  }

  /** An element that carries a string of ours and changes with the language. */
  #words(path, selector, values = {}, as = "text") {
    if (say("en", path, values) === undefined) return undefined;
    const element = h(selector);
    Object.assign(element.dataset, { t: path, as, values: JSON.stringify(values) });
    this.#word(element);
    return element;
  }

  #word(element) {
    const { t, as, values } = element.dataset;
    const text = say(this.language, t, JSON.parse(values));
    if (as === "text") element.textContent = text;
    if (as === "placeholder") element.setAttribute("placeholder", text);
    if (as === "label") element.setAttribute("title", text);
    if (as !== "text") element.setAttribute("aria-label", text);
  }

  #relabel() {
    const { title, launcher, panel, input } = this.#parts;
    for (const element of this.shadowRoot.querySelectorAll("[data-t]")) this.#word(element);
    title.textContent = this.getAttribute("heading") || say(this.language, "title");
    launcher.setAttribute("aria-label", say(this.language, "launchLabel"));
    input.setAttribute("aria-label", say(this.language, "input"));
    for (const part of [launcher, panel]) part.setAttribute("lang", this.language);
    this.#handover(this.#conversation?.state.escalation ?? null);
    this.#typed();
  }

  #show(part, children) {
    const element = this.#parts[part];
    element.replaceChildren(...children);
    if (part !== "stage") element.hidden = children.length === 0;
  }

  #stage(stage, values) {
    const text = stage && this.#words(`stages.${stage}`, "span", values);
    const { stage: line } = this.#parts;
    if (text && line.textContent === text.textContent) return;
    const stick = this.#atBottom();
    const dots = h("span.dots", { "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    this.#show("stage", text ? [dots, text] : []);
    if (stick) this.#bottom();
  }

  #handover(escalation) {
    const stick = this.#atBottom();
    this.#tellHandover(escalation);
    this.#parts.person.hidden = Boolean(escalation); // one is asked for already
    if (stick) this.#bottom();
  }

  #tellHandover(escalation) {
    if (!escalation) return this.#show("handover", []);
    const { heard, position, sla_due: due, ticket } = escalation;
    const title = this.#words(heard ? "withPerson" : "waiting", "strong");
    const facts = h("span.facts");
    const when = moment(this.language, due, NAMED);
    if (!heard && position) facts.append(this.#words("place", "span", { n: position }));
    if (!heard) facts.append(...this.#wait(escalation.place ?? {}));
    if (!heard && when) facts.append(this.#words("due", "span", { time: when }));
    if (ticket) facts.append(this.#words("ticket", "span", { ticket }));
    return this.#show("handover", facts.childElementCount ? [title, facts] : [title]);
  }

  /** What is known of the wait, and how they are answered instead. */
  #wait({ wait, opens_at: opens, contact }) {
    const { from_minutes: from, to_minutes: to } = wait ?? {};
    const path = to === null ? "waitBeyond" : from ? "wait" : "waitWithin";
    const told = [];
    if (wait) told.push(this.#words(path, "span", { from, to }));
    if (opens) told.push(this.#words("opens", "span", { time: moment(this.language, opens, NAMED) }));
    if (contact) told.push(this.#words(`contact.${contact}`, "span"));
    return told.filter(Boolean);
  }

  /** Shows how long a message has to wait; screen readers hear the time once, eyes see it run. */
  #limited(key, left) {
    if (left > 0) this.#limits.set(key, Date.now() + left * 1000);
    else this.#limits.delete(key);
    this.#tick(left);
  }

  #tick(announce = 0) {
    const left = Math.ceil((Math.max(0, ...this.#limits.values()) - Date.now()) / 1000);
    if (left <= 0) {
      clearInterval(this.#ticking);
      this.#ticking = null;
      this.#limits.clear();
      return this.#show("limit", []);
    }
    const sentence = (count) => say(this.language, "limited", { time: duration(this.language, count) });
    if (announce || this.#parts.limit.hidden) {
      const heard = h("span.unseen", {}, sentence(left));
      this.#show("limit", [heard, h("span", { "aria-hidden": "true" })]);
    }
    this.#parts.limit.lastChild.textContent = sentence(left);
    this.#ticking ??= setInterval(() => this.#tick(), 1000);
    return undefined;
  }

  #add(change, always = false, counts = false) {
    const stick = always || this.#atBottom();
    change();
    if (stick) this.#bottom();
    else this.#parts.latest.hidden = false;
    if (counts && !this.#parts.panel.open) this.#count(this.#unread + 1);
  }

  #count(unread) {
    const { badge } = this.#parts;
    this.#unread = unread;
    badge.hidden = unread === 0;
    badge.replaceChildren();
    if (unread === 0) return;
    const heard = this.#words("unread", "span.unseen");
    badge.append(h("span", { "aria-hidden": "true" }, String(unread)), heard);
  }

  #atBottom() {
    const { log } = this.#parts;
    return log.scrollHeight - log.scrollTop - log.clientHeight < 48;
  }

  /** Shows the end of the log, or of a reply taller than the log, its beginning. */
  #bottom() {
    const { log, latest } = this.#parts;
    const last = log.lastElementChild;
    log.scrollTop = log.scrollHeight;
    if (last?.matches(".bot, .staff") && last.offsetHeight > log.clientHeight) last.scrollIntoView(true);
    latest.hidden = true;
  }

  #typed() {
    const { input, send, left } = this.#parts;
    send.setAttribute("aria-disabled", String(!input.value.trim()));
    input.style.height = "auto";
    if (input.scrollHeight > 46) input.style.height = `${Math.min(140, input.scrollHeight + 2)}px`;
    const rest = MOST_CHARACTERS - input.value.length;
    const near = input.value.length > COUNT_FROM;
    left.replaceChildren(...(near ? [this.#words("left", "span", { n: rest })] : []));
  }

  /** The keyboard of a phone covers a full-screen sheet; the visible part is what counts. */
  #fit() {
    const height = window.visualViewport?.height;
    if (height) this.#parts.panel.style.setProperty("--desk-height", `${Math.round(height)}px`);
  }

  #reshow() {
    const { panel, input } = this.#parts;
    if (!panel.open) return;
    const typing = this.shadowRoot.activeElement === input;
    panel.close();
    this.open({ focus: typing });
  }

  /** Where a reply is explained; nowhere, unless the page says where with `explain`. */
  #why(turnId) {
    const [base, id] = [this.getAttribute("explain"), this.#conversation?.state.id];
    if (!base || !id) return "";
    const turn = encodeURIComponent(turnId);
    return `${base}${encodeURIComponent(id)}?turn=${turn}#turn-${turn}`;
  }

  #follow(event) {
    const href = event.currentTarget.getAttribute("href");
    const options = { bubbles: true, composed: true, cancelable: true, detail: { href } };
    if (!this.dispatchEvent(new CustomEvent("answer-desk-link", options))) event.preventDefault();
  }
}

customElements.define("answer-desk", AnswerDesk);
