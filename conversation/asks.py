"""What the graph carries, and the larger asks that are built from it."""

from collections.abc import Callable, Iterable, Sequence
from operator import add
from typing import Annotated, Any, TypedDict

from msgspec import structs

from conversation.turn import Part, Plan
from conversation.words.paying import ways_to_pay
from conversation.words.questions import in_full, questions_in
from conversation.words.register import register_of
from conversation.words.replies import laughs, leans_back
from conversation.words.smalltalk import small_talk
from conversation.words.speaking import spoken
from conversation.words.wishes import return_window
from shared import contracts as c
from shared.spending import nanos
from shared.tongues import other_tongue

ASK_SECONDS = 15.0
"""Longer than a redelivery to another process after a kill (5 s), shorter than a customer's patience."""

LanguageOf = Callable[[str, c.Language | None], c.Language]


class TurnState(TypedDict, total=False):
    """What the graph carries from node to node. `nearest` is None when knowledge did not answer.

    `parts` are the questions of a message that asks several, each with its own passages.
    """

    turn: c.TurnAccepted
    text: str
    before: c.ConversationState
    now: float
    screened: c.MessageScreened
    classified: c.IntentClassified | None
    passages: tuple[c.Passage, ...]
    nearest: tuple[c.Passage, ...] | None
    parts: tuple[Part, ...]
    signals: tuple[c.Signal, ...]
    plan: Plan
    receipts: tuple[c.Receipt, ...]
    draft: c.ReplyWritten
    drafts: int
    findings: tuple[c.Finding, ...]
    reason: str
    hand_over: c.HandOver
    contact: c.ContactWish | None
    status: c.TurnStatus
    usages: Annotated[list[c.Usage], add]
    timings: Annotated[list[tuple[str, float]], add]


def ids(state: TurnState, step: str) -> dict[str, Any]:
    """Whose conversation, which turn, which step: what every ask begins with."""
    turn = state["turn"]
    return {
        "conversation_id": turn.conversation_id,
        "turn_id": turn.turn_id,
        "step_id": f"{turn.turn_id}.{step}",
    }


_LEANS_AT_MOST = 3


def question(state: TurnState) -> str:
    """What to look up: a short message that leans on the last one is looked up together with it.

    The days of returns and the ways to pay by the names that they have on pages: "send the jacket back" is
    said there of parcels, and a payment service nowhere.
    """
    text = state["text"]
    return " ".join(
        part for part in (leaned_on(state), text, return_window(text) or ways_to_pay(text)) if part
    )


def leaned_on(state: TurnState) -> str:
    """What the customer said before, when this message is short and points back; empty otherwise.

    Back to the last one that stands by itself: "do you ship to Belgium?", "what does it cost?", "and to
    Spain?" is one question.
    """
    before: list[str] = []
    text = state["text"]
    for said in reversed([said.text for said in state["before"].history if said.who == "customer"]):
        if not leans_back(text) or len(before) == _LEANS_AT_MOST:
            break
        before.insert(0, text := said)
    return " ".join(before)


def retrieve_ask(state: TurnState) -> c.RetrievePassages:
    """What to look up; of several questions, each by itself too."""
    return c.RetrievePassages(
        **ids(state, "retrieve"),
        text=question(state),
        language_prior=state["before"].language or state["turn"].locale,
        parts=in_full(questions_in(state["text"])),
    )


def classify_ask(state: TurnState, text: str) -> c.ClassifyIntent:
    """What is wanted with these words, and what they may answer."""
    before = state["before"]
    return c.ClassifyIntent(
        **ids(state, "classify"),
        text=text,
        history=before.recalled,
        language_prior=before.language or state["turn"].locale,
        open_intent=c.Intent(before.open_intent) if before.open_intent else None,
        open_slot=before.open_slot,
        spent=spent_before(state),
    )


def write_ask(state: TurnState, step: str, drafts: int, *, language: c.Language) -> c.WriteReply:
    """What the reply must say, and what it may rest on."""
    plan, classified, history = state["plan"], state.get("classified"), state["before"].history
    feeling = classified.sentiment.score if classified and not _tells_no_mood(state["text"]) else 0.0
    return c.WriteReply(
        **ids(state, step),
        text=state["text"],
        leans_on=leaned_on(state),
        language=language,
        topics=plan.topics,
        register=register_of(state["text"], history, language=language, feeling=feeling),
        first_name=plan.state.first_name,
        history=state["before"].recalled,
        passages=plan.passages,
        facts=plan.facts,
        draft=drafts,
        feedback=state.get("findings", ()),
        spent=spent_before(state),
    )


def _tells_no_mood(text: str) -> bool:
    """Laughter, a yes or a no, a language that no engine here reads: sympathy for these is silly."""
    return laughs(text) or small_talk(text) != "" or other_tongue(text) is not None


def judge_ask(state: TurnState, *, language: c.Language) -> c.JudgeReply:
    """The draft, and all that it may rest on."""
    plan = state["plan"]
    name = plan.state.first_name
    return c.JudgeReply(
        **ids(state, f"judge-{state['drafts']}"),
        sentences=state["draft"].sentences,
        language=language,
        text=state["text"],
        passages=plan.passages,
        facts=(*plan.facts, *_receipt_facts(state.get("receipts", ()), plan.execute)),
        allowed_values=(
            *(value for topic in plan.topics for value in topic.values.values()),
            *([name] if name else []),
        ),
        written_by=state["draft"].usage.engine,
        spent=spent_before(state),
    )


def paid(usages: Iterable[c.Usage]) -> int:
    """Their price in nano-dollars."""
    return sum(nanos(usage.cost_usd) for usage in usages)


def spent_before(state: TurnState) -> c.Spent:
    """What was taken so far; a replay after a crash finds the same answers, so the same sum."""
    usages, before = state.get("usages", ()), state["before"]
    return c.Spent(
        turn=sum(usage.tokens for usage in usages),
        conversation=before.tokens_used,
        nano_usd=before.nano_usd_used + paid(usages),
    )


def _receipt_facts(receipts: Sequence[c.Receipt], action: c.Action | None) -> tuple[c.Fact, ...]:
    """What was done and what was refused, so that the critic can hold a reply against it.

    A return that was opened for a refund proves that the refund was agreed to, not that it was paid.
    """
    kinds = [(receipt, receipt.kind) for receipt in receipts]
    agreed = [
        (each, "refund_agreed") for each in receipts if isinstance(action, c.Refund) and each.kind == "return"
    ]
    return tuple(
        c.Fact(id=f"receipt:{kind}:{receipt.order_number}", value=f"{receipt.status} {receipt.reference}")
        for receipt, kind in (*kinds, *agreed)
    )


def language(state: TurnState, detect: LanguageOf) -> c.Language:
    """The language of the reply: as classified, else as the text and the conversation look."""
    classified = state.get("classified")
    return (
        classified.language
        if classified
        else spoken_in(state["text"], state["turn"], state["before"], detect)
    )


def spoken_in(text: str, turn: c.TurnAccepted, before: c.ConversationState, detect: LanguageOf) -> c.Language:
    """The language of a reply to `text`, without a model."""
    prior = before.language or turn.locale
    return spoken(text, detect(text, prior), before, turn.locale) if text else prior or "en"


def as_spoken(classified: c.IntentClassified, state: TurnState) -> c.IntentClassified:
    """With the language of the reply, whatever an engine takes a lone "oui" or German for."""
    speaks = spoken(state["text"], classified.language, state["before"], state["turn"].locale)
    return structs.replace(classified, language=speaks)


def harm_in(screened: c.MessageScreened) -> tuple[c.Signal, ...]:
    """A content filter that struck at words of harm: no attack on us, but for a person to read."""
    flagged = any(finding.rule == "input.harm" for finding in screened.findings)
    return (c.Signal(reason="safety", span=""),) if flagged else ()
