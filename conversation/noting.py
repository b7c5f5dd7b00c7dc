"""Puts an exchange in short, for the time when a conversation no longer remembers it word for word."""

from collections.abc import Iterable

from conversation.asks import TurnState
from conversation.memory import pair, short
from conversation.turn import Plan
from shared.contracts import Digest, Intent, IntentClassified, Receipt, Sentence
from shared.promises import promises_in

_PROMISE, _NAME = 160, 30
"""Characters that are kept of each."""
# A topic with one of these says by when something will have happened.
_COMMITTING = {"business_days", "due"}
# What may be done is asked (`ask.confirm_return`) or told as done (`action.return.done`): these say no.
_SAYING_NO = (
    "return.", "cancel.", "change.", "exchange.not_", "exchange.window_", "variant.", "decision.denied",
)  # fmt: skip
_NO_WISH = {Intent.GENERAL_INQUIRY, Intent.OUT_OF_SCOPE, Intent.FEEDBACK}


def noted(state: TurnState) -> Digest:
    """This turn's exchange in short. Of a refused message nothing is kept: its words may be an attack."""
    plan, receipts = state["plan"], state.get("receipts", ())
    if plan.route == "refuse":
        return Digest()
    classified, sentences = state.get("classified"), state["draft"].sentences
    orders = _orders(plan, receipts, _named(classified, "order_number"))
    of = f" #{orders[0]}" if len(orders) == 1 else ""
    needs = plan.needs or (classified.needs if classified else ())
    agreed = (topic.values.get("amount", "") for topic in plan.topics)
    no = (topic.goal for topic in plan.topics if topic.goal.startswith(_SAYING_NO))
    return Digest(
        wanted=_once(f"{need.intent.value}{of}" for need in needs if need.intent not in _NO_WISH),
        orders=orders,
        products=_names([*_titles(plan), *_named(classified, "product")]),
        amounts=_names([*_named(classified, "amount"), *agreed]),
        asked=_answered(state["text"], plan, sentences),
        refused=_once(
            [
                *(f"{goal.replace('.', ' ').replace('_', ' ')}{of}" for goal in no),
                *(_carried_out(receipt) for receipt in receipts if receipt.status == "refused"),
            ]
        ),
        done=_once(_carried_out(receipt) for receipt in receipts if receipt.status == "done"),
        promised=tuple(f"{of} {promise}".strip() for promise in _promised(state)),
    )


def _named(classified: IntentClassified | None, kind: str) -> list[str]:
    """What the customer named of this kind, in normal form."""
    return [entity.value for entity in (classified.entities if classified else ()) if entity.kind == kind]


def _orders(plan: Plan, receipts: Iterable[Receipt], named: Iterable[str]) -> tuple[str, ...]:
    """The orders the customer named and those we spoke of."""
    ids = [fact_id for topic in plan.topics for fact_id in topic.facts.values()]
    told = [i.removeprefix("order:").split("/")[0] for i in ids if i.startswith("order:")]
    return _names([*named, *told, *(receipt.order_number for receipt in receipts)])


def _titles(plan: Plan) -> list[str]:
    """The products we spoke of."""
    titles = {fact.id: fact.value for fact in plan.facts if fact.id.endswith("/title")}
    return [titles.get(fact_id, "") for topic in plan.topics for fact_id in topic.facts.values()]


def _answered(text: str, plan: Plan, sentences: Iterable[Sentence]) -> tuple[str, ...]:
    """The question with the first sentence that states something; none when we asked back."""
    if plan.asked or plan.route != "write":
        return ()
    if plan.gap:
        return (pair(text, "not known"),)
    told = next((sentence.text for sentence in sentences if sentence.sources), "")
    return (pair(text, told),) if told else ()


def _promised(state: TurnState) -> tuple[str, ...]:
    """What we said will happen, in our own words: commitments, an expected day, all with a time limit."""
    plan, receipts, sentences = state["plan"], state.get("receipts", ()), state["draft"].sentences
    classified = state.get("classified")
    language = classified.language if classified else state["before"].language or "en"
    promises = promises_in(sentences, language, now=state["now"], receipts=receipts)
    binding = [promise.text for promise in promises if promise.binding]
    refused = any(receipt.status != "done" for receipt in receipts)
    commits = not refused and any(_COMMITTING & topic.values.keys() for topic in plan.topics)
    told = [
        sentence.text
        for sentence in sentences
        if any(promise in sentence.text for promise in binding)
        or (commits and not sentence.text.rstrip().endswith("?"))
        or any(source.endswith("/expected_on") for source in sentence.sources)
    ]
    return (f'"{short(" ".join(told), _PROMISE)}"',) if told else ()


def _carried_out(receipt: Receipt) -> str:
    told = receipt.reference or receipt.detail
    of = f" #{receipt.order_number}" if receipt.order_number else ""
    kind = f"{receipt.kind}_part" if receipt.part else receipt.kind
    return f"{kind}{of}" + (f" ({short(told, _NAME)})" if told else "")


def _names(found: Iterable[str]) -> tuple[str, ...]:
    return _once(short(name, _NAME) for name in found)


def _once(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for each in found if each))
