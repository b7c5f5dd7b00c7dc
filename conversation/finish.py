"""Makes the one result of a turn from what the graph left."""

from collections.abc import Sequence

from msgspec import structs

from conversation.asks import LanguageOf, TurnState, language, paid
from conversation.citing import citations
from conversation.memory import remember
from conversation.noting import noted
from conversation.turn import TOKEN
from shared import contracts as c
from shared.contracts.previews import previews

_NEAREST = 3
"""Passages named beside a question without an answer: enough to see which document should have it."""


def finish(state: TurnState, *, finished_at: float, trace_id: str, detect: LanguageOf) -> c.TurnFinished:
    """The result of one run: reply, citations, receipts, what was paid, what is remembered."""
    turn, plan, classified = state["turn"], state["plan"], state.get("classified")
    sentences = state["draft"].sentences
    status = state.get("status") or ("asked" if plan.asked else "answered")
    # Nobody was asked what is wanted: who asks for a person gets one first.
    asked_for_person = "screened" not in state and state.get("reason") != "engine_down"
    needs = _as_understood(plan.needs, classified) or (classified.needs if classified else ())
    if asked_for_person:
        needs = (c.Need(intent=c.Intent.ESCALATION_REQUEST, confidence=1.0),)
    reply = " ".join(sentence.text for sentence in sentences)
    speaks = language(state, detect)
    usages = tuple(state.get("usages", ()))
    taken = sum(usage.tokens for usage in usages)
    unanswered = _unanswered(state)
    after = structs.replace(
        plan.state,
        language=speaks,
        tokens_used=plan.state.tokens_used + taken,
        nano_usd_used=plan.state.nano_usd_used + paid(usages),
    )
    return c.TurnFinished(
        conversation_id=turn.conversation_id,
        turn_id=turn.turn_id,
        finished_at=finished_at,
        accepted_at=turn.accepted_at,
        status=status,
        sentences=sentences,
        intent=needs[0].intent if needs else None,
        intents=needs,
        confidence=round(needs[0].confidence, 4) if needs else 0.0,
        understood=plan.otherwise(classified),
        language=speaks,
        citations=citations(sentences, plan.passages, plan.facts, language=speaks),
        actions=state.get("receipts", ()),
        escalation=state.get("hand_over"),
        contact=state.get("contact"),
        engine=_engine(state["draft"].usage),
        trace_id=trace_id,
        usages=usages,
        timings_ms=dict(state.get("timings", ())),
        gap=unanswered is not None,
        unanswered=unanswered,
        said=state["text"],
        approval=_approval(state),
        state=remember(after, state["text"], reply, noted(state)),
    )


def _as_understood(needs: tuple[c.Need, ...], classified: c.IntentClassified | None) -> tuple[c.Need, ...]:
    """The needs that were worked on, each as surely as it was understood and no surer.

    Planning makes what it reads otherwise sure enough to go by; the main one stands for what was read.
    """
    if classified is None or not needs:
        return needs
    main = classified.needs[0].confidence
    read = {need.intent: need.confidence for need in (*classified.alternatives, *classified.needs)}
    rest = (structs.replace(need, confidence=read.get(need.intent, main)) for need in needs[1:])
    return (structs.replace(needs[0], confidence=main), *rest)


def _engine(usage: c.Usage) -> str:
    """Who wrote it: `openai`, and `openai-cheaper` while the budget for models runs short."""
    return f"{usage.engine}-cheaper" if usage.tier == "cheaper" else usage.engine


def _approval(state: TurnState) -> c.ApprovalAsked | None:
    """What staff are asked to decide, when this turn handed over for that."""
    wish, case = state["plan"].approval, state.get("hand_over")
    if wish is None or case is None:
        return None
    return c.ApprovalAsked(
        id=f"a-{state['turn'].turn_id}",
        case_id=case.id,
        action=wish.action,
        why=wish.why,
        preview=previews(wish.action, wish.titles),
        language=case.packet.language,
        customer=state["plan"].state.customer,
    )


def nothing(turn: c.TurnAccepted, *, finished_at: float) -> c.TurnFinished:
    """The result of a turn whose conversation was erased meanwhile: that it ended, and not a word of it."""
    return c.TurnFinished(
        conversation_id=turn.conversation_id,
        turn_id=turn.turn_id,
        finished_at=finished_at,
        accepted_at=turn.accepted_at,
        status="refused",
        sentences=(),
        intent=None,
        language=turn.locale or "en",
    )


def _unanswered(state: TurnState) -> c.Unanswered | None:
    """The knowledge base's gap, if this turn met one.

    Without an answer of the knowledge agent nobody knows whether there is one, and what holds no word asks
    nothing. What came over the floor in a language the customer does not speak counts as near.
    """
    nearest = state.get("nearest")
    asks = any(char.isalpha() for char in TOKEN.sub("", state["text"]))
    gap, missed = state["plan"].gap, state["plan"].missed
    if not (gap or missed) or nearest is None or not asks:
        return None
    near = sorted({*state["passages"], *nearest}, key=lambda passage: (-passage.score, passage.id))
    return c.Unanswered(
        question=state["text"] if gap else missed,
        nearest=tuple(
            c.NearPassage(id=p.id, title=p.title, section=p.section, score=p.score) for p in near[:_NEAREST]
        ),
    )


def merged(turns: Sequence[c.TurnAccepted], result: c.TurnFinished) -> list[c.TurnFinished]:
    """One result for each turn of a burst; all but the last point to the one that answers them."""
    earlier = [
        structs.replace(
            result,
            turn_id=turn.turn_id,
            accepted_at=turn.accepted_at,
            customer_mark=turn.customer_mark,
            answered_with=result.turn_id,
            said=turn.text,
            usages=(),
            timings_ms={},
            gap=False,
            unanswered=None,
            contact=None,
            state=None,
        )
        for turn in turns[:-1]
    ]
    last = turns[-1]
    return [*earlier, structs.replace(result, said=last.text, customer_mark=last.customer_mark)]
