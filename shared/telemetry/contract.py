"""The one place that names what traces say: every span, every attribute, its kind and who reads it.

`Notes` types the calls of `span` and `note`, so that a name nobody agreed on is an error of mypy; its
metadata makes the names on the wire, the schema that the queries are checked against, and docs/traces.md.
Names with `gen_ai.` are those of opentelemetry.io/docs/specs/semconv/gen-ai (in development: pinned here).
No name begins with `http.`, `db.`, `messaging.`, `rpc.` or `server.`: Application Insights' exporter drops
such attributes.
"""

from dataclasses import dataclass
from typing import Annotated, Literal, TypedDict, get_args, get_type_hints

SpanKind = Literal["server", "internal", "client", "consumer"]
SERVER, INTERNAL, CLIENT, CONSUMER = get_args(SpanKind)
Attribute = str | int | float | bool


@dataclass(frozen=True)
class Key:
    """What one attribute is called on the wire, and what it says."""

    says: str
    wire: str = ""
    unit: str = ""


class Notes(TypedDict, total=False):
    """What a span may say. Texts stand in `Properties`, numbers in `Measurements` too, truth as `true`."""

    agent: Annotated[
        str, Key("whose work it is: gateway, conversation, an agent, a listener; of calls: who called")
    ]
    action: Annotated[str, Key("what was done: a call's subject, a route, an act of staff, an operation")]
    step: Annotated[str, Key("the step of the turn; the same step is answered once")]
    engine: Annotated[str, Key("what answered: embedded, openai, person, cache")]
    model: Annotated[str, Key("the model or deployment that answered")]
    tried: Annotated[str, Key("models that did not answer before, divided by blanks")]
    cost_usd: Annotated[
        float,
        Key(
            "what it cost at the vendor's price: of one call, of a step with what failed before, of a turn;"
            " add up spans of one kind only",
            unit="USD",
        ),
    ]
    input_tokens: Annotated[int, Key("tokens read", "gen_ai.usage.input_tokens")]
    cached_tokens: Annotated[
        int, Key("of those, cached by the vendor", "gen_ai.usage.cache_read.input_tokens")
    ]
    output_tokens: Annotated[int, Key("tokens written", "gen_ai.usage.output_tokens")]
    operation: Annotated[str, Key("invoke_agent, chat or embeddings", "gen_ai.operation.name")]
    provider: Annotated[str, Key("who serves the model", "gen_ai.provider.name")]
    asked_model: Annotated[str, Key("the model that was asked for", "gen_ai.request.model")]
    finish: Annotated[str, Key("why the model stopped", "gen_ai.response.finish_reasons")]
    agent_name: Annotated[str, Key("the agent, by the convention", "gen_ai.agent.name")]
    confidence: Annotated[
        float,
        Key(
            "how sure of what was understood, 0 to 1, calibrated: of `understood` where that is not `intent`"
        ),
    ]
    reasoning: Annotated[str, Key("why, in a sentence, by who decided; tokenized")]
    alternatives: Annotated[str, Key("what was not chosen, with scores: JSON of [{what, score, why}]")]
    policy: Annotated[str, Key("the clause of policy or playbook that decided")]
    sources: Annotated[str, Key("passages and facts it rests on, divided by blanks")]
    intent: Annotated[str, Key("what the customer wants, as it was handled")]
    understood: Annotated[
        str, Key("what the words alone were understood as, where the plan took it for another intent")
    ]
    language: Annotated[str, Key("the customer's language: en, fr, es")]
    sentiment: Annotated[str, Key("how the customer feels: positive, neutral, negative")]
    needs: Annotated[str, Key("all that they want, the first is `intent`")]
    signals: Annotated[str, Key("reasons for a person found in the words")]
    allowed: Annotated[bool, Key("whether the message may be worked on")]
    passed: Annotated[bool, Key("whether the draft may be sent")]
    rules: Annotated[str, Key("rules of the critic that object, divided by blanks")]
    draft: Annotated[int, Key("which draft, from 1")]
    goals: Annotated[str, Key("what the reply had to say")]
    passages: Annotated[int, Key("passages found over the floor")]
    best: Annotated[float, Key("the best passage's score, 0 to 1")]
    gap: Annotated[bool, Key("the knowledge base has no answer")]
    order_lookup: Annotated[str, Key("how the search for the order ended")]
    orders: Annotated[int, Key("orders found")]
    products: Annotated[int, Key("products found")]
    route: Annotated[str, Key("what the plan is: write, act, arrange, refuse, hand_over")]
    status: Annotated[str, Key("how the turn ended")]
    drafts: Annotated[int, Key("how many drafts it took")]
    action_kind: Annotated[str, Key("which kind of action", "kind")]
    outcome: Annotated[str, Key("how the action or the call ended")]
    reference: Annotated[str, Key("the vendor's number for what was done")]
    reason: Annotated[str, Key("why a person is called")]
    priority: Annotated[str, Key("of the case")]
    queue: Annotated[str, Key("where the case waits")]
    promises: Annotated[int, Key("promises kept account of")]
    refused: Annotated[str, Key("the rule by which it was refused")]
    ticket_error: Annotated[str, Key("why there is no ticket yet")]
    store_error: Annotated[str, Key("why it was not stored at once")]
    error_kind: Annotated[str, Key("the kind of an error that was dealt with", "error.kind")]
    vendor: Annotated[str, Key("the vendor that was called")]
    tries: Annotated[int, Key("how often it was tried")]
    code: Annotated[int, Key("the status of the vendor's or our answer")]
    values: Annotated[int, Key("personal values that were looked at")]
    purpose: Annotated[str, Key("what personal values were revealed for")]
    destination: Annotated[str, Key("the subject on the bus")]
    delivery: Annotated[int, Key("which delivery of this message, from 1")]
    lost: Annotated[int, Key("spans of this trace that a process no longer had when it was flagged")]
    waited_ms: Annotated[
        float,
        Key("how long the customer waited, from acceptance to answer, whatever died meanwhile", unit="ms"),
    ]
    queued_ms: Annotated[float, Key("from stored on the bus to taken by who works on it", unit="ms")]


class Given:
    """What every span says without being told."""

    CONVERSATION = "gen_ai.conversation.id"
    TURN = "turn"
    LATENCY = "latency_ms"
    WEIGHT = "weight"
    KEPT_FOR = "kept_for"
    INPUTS = "inputs"
    OUTPUTS = "outputs"
    ERROR = "error"


GIVEN: dict[str, Key] = {
    Given.CONVERSATION: Key("the conversation"),
    Given.TURN: Key("the customer's turn, or the event's id"),
    Given.LATENCY: Key("how long it took", unit="ms"),
    Given.WEIGHT: Key("how many turns this one stands for; `ItemCount` is the same, rounded"),
    Given.KEPT_FOR: Key("why it is kept whatever the sample: failed, slow, handed_over, refused, ..."),
    Given.INPUTS: Key("what was asked, as JSON, tokenized, at most 8,000 characters"),
    Given.OUTPUTS: Key("what was answered, likewise"),
    Given.ERROR: Key("the kind of error that ended it; on spans that failed"),
}
"""By the name on the wire. `inputs` and `outputs` stand on spans that answer a call."""
NUMBERS = (Given.LATENCY, Given.WEIGHT)


@dataclass(frozen=True)
class SpanType:
    """A kind of span: how its name begins, what it is in Application Insights, what it always says."""

    name: str
    kind: SpanKind
    says: str
    keys: tuple[str, ...]

    @property
    def table(self) -> str:
        """`AppRequests` for what came from outside or over the bus as an event, else `AppDependencies`."""
        return "AppRequests" if self.kind in {SERVER, CONSUMER} else "AppDependencies"


SPANS: tuple[SpanType, ...] = (
    SpanType("turn", SERVER, "one turn as who sent it sees it: begins every trace of a conversation",
             ("agent", "action")),
    SpanType("webhook ", SERVER, "a vendor tells us something", ("agent", "action", "outcome")),
    SpanType("invoke_agent conversation", INTERNAL, "the turn in the conversation service",
             ("agent", "action", "status", "confidence", "reason", "delivery", "queued_ms")),
    SpanType("plan", INTERNAL, "playbook and policy decide what is said, asked or done",
             ("agent", "action", "route", "policy", "reasoning", "alternatives")),
    SpanType("invoke_agent ", INTERNAL, "an agent answers one call",
             ("agent", "action", "step", "agent_name", "operation", "destination", "delivery", "queued_ms")),
    SpanType("chat ", CLIENT, "a model is asked",
             ("agent", "operation", "provider", "asked_model", "model", "outcome", "tries")),
    SpanType("embeddings ", CLIENT, "texts become vectors at a model service",
             ("agent", "operation", "provider", "asked_model", "outcome")),
    SpanType("call ", CLIENT, "a vendor is called", ("agent", "vendor", "action", "code", "outcome")),
    SpanType("vault ", CLIENT, "personal values are hidden, looked up or shown",
             ("agent", "action", "values")),
    SpanType("bury", INTERNAL, "a message is given up and goes to the dead letters",
             ("agent", "action", "destination", "reasoning")),
    SpanType("flag", INTERNAL, "what became known of a turn that was over: its reply was held back, or wrong",
             ("agent", "action", "reasoning")),
    SpanType("lost", INTERNAL, "the trace is incomplete: its flag came when a process had let go of its part",
             ("agent", "action", "lost")),
    SpanType("handle ", CONSUMER, "a listener heard an event; recorded when it did something, failed or came"
             " again", ("agent", "action", "destination", "delivery", "queued_ms")),
)  # fmt: skip
"""The first whose `name` a span's begins with is its type."""


def span_type(name: str) -> SpanType:
    """The type of a span by its name.

    Raises:
        KeyError: no type has such a name.
    """
    for each in SPANS:
        if name == each.name or (each.name.endswith(" ") and name.startswith(each.name)):
            return each
    raise KeyError(f"no span type for {name!r}: add one to shared/telemetry/contract.py")


def keys() -> dict[str, tuple[Key, type]]:
    """Every key by its name in the code, with its type."""
    found: dict[str, tuple[Key, type]] = {}
    for name, hint in get_type_hints(Notes, include_extras=True).items():
        kind, key = get_args(hint)[:2]
        found[name] = key, kind
    return found


def wire_names() -> dict[str, str]:
    """From the name in the code to the name on the wire."""
    return {name: key.wire or name for name, (key, _) in keys().items()}


def numbers() -> frozenset[str]:
    """The names on the wire that stand in `Measurements` too."""
    wired = wire_names()
    return frozenset(wired[name] for name, (_, kind) in keys().items() if kind in {int, float}) | set(NUMBERS)
