"""Writes what a person may send first: grounded, checked by the critic's rules, or nothing."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from conversation.asks import TurnState
from conversation.hand_over.handing import passages
from conversation.turn import Plan
from shared import contracts as c
from shared.errors import DeskError
from shared.hand_over import next_action
from shared.ports import Judge, Writer

_QUOTES = {"unclear", "rejected_drafts", "critic_down", "third_contact", "asked_for_person"}
"""Reasons of who may just want to know something: pages that speak to it are quoted."""
_STANDS = _QUOTES | {"engine_down", "order_change", "refund_limit", "not_allowed", "action_failed"}
"""Reasons of who wants to hear how their order stands; others have told us that it is not as it should be."""


async def suggest(
    words: Writer, rules: Judge, state: TurnState, plan: Plan, ask: c.RequestPerson, *, now: float
) -> tuple[c.Sentence, ...]:
    """The reply's sentences with their sources; of what the rules object to, nothing is suggested.

    `words` and `rules` are local: it works when everything else is down.
    """
    needed = next_action(ask, today=datetime.fromtimestamp(now, UTC).date())
    pages = passages(state, plan) if ask.reason in _QUOTES else ()
    first = await _said(words, ask, c.Topic(goal="suggested.opening", intent=ask.intent))
    stands = await _stands(words, ask, needed.order_number) if ask.reason in _STANDS else ()
    quoted = await _quoted(words, ask, pages) if pages else ()
    # From the fullest to the plainest: the first one that the rules let pass.
    for told in ((*stands, *quoted), stands, ()):
        goal = _last(needed.kind, ask.reason, told)
        last = await _said(words, ask, c.Topic(goal=f"suggested.{goal}", intent=ask.intent))
        draft = (*first, *told, *last)
        judge = c.JudgeReply(
            **_ids(ask), sentences=draft, language=ask.language, text=ask.text, passages=pages,
            facts=ask.facts, allowed_values=(ask.first_name,) if ask.first_name else (),
        )  # fmt: skip
        if (await rules.judge(judge)).passed:
            return draft
    return ()


def _last(kind: str, reason: str, told: Sequence[c.Sentence]) -> str:
    """How it ends: a question is asked again when nobody understood it, looked into when nothing was told."""
    if kind != "answer_question" or told:
        return kind
    return "ask_again" if reason == "unclear" else "look_up_order"


def _ids(ask: c.RequestPerson) -> dict[str, Any]:
    return {"conversation_id": ask.conversation_id, "turn_id": ask.turn_id, "step_id": f"{ask.step_id}-reply"}


async def _said(
    words: Writer, ask: c.RequestPerson, topic: c.Topic, *, pages: tuple[c.Passage, ...] = ()
) -> tuple[c.Sentence, ...]:
    """One part of the reply; nothing when it cannot be said of what is known."""
    write = c.WriteReply(
        **_ids(ask), text=ask.text, language=ask.language, topics=(topic,), first_name=ask.first_name,
        passages=pages, facts=ask.facts,
    )  # fmt: skip
    try:
        return (await words.write(write)).sentences
    except DeskError:
        return ()


async def _quoted(
    words: Writer, ask: c.RequestPerson, pages: tuple[c.Passage, ...]
) -> tuple[c.Sentence, ...]:
    """What the pages say to it."""
    topic = c.Topic(goal="policy.answer", intent=ask.intent, sources=tuple(page.id for page in pages))
    return tuple(s for s in await _said(words, ask, topic, pages=pages) if s.sources)


async def _stands(words: Writer, ask: c.RequestPerson, number: str) -> tuple[c.Sentence, ...]:
    """How the order stands, as the assistant says it, but not what the assistant offers beside it."""
    prefix = f"order:{number}/"
    facts = {f.id.removeprefix(prefix): f.id for f in ask.facts if f.id.startswith(prefix)}
    status = next((fact.value for fact in ask.facts if fact.id == f"{prefix}status"), "")
    told = {field: fact for field, fact in facts.items() if "items/" not in field}
    topic = c.Topic(goal=f"order_status.{status}", intent=ask.intent, facts=told)
    return tuple(s for s in await _said(words, ask, topic) if s.sources) if status else ()
