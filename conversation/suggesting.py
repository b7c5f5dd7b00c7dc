"""Writes what a person may send first: grounded, checked by the critic's rules, or nothing."""

from datetime import UTC, datetime
from typing import Any

from conversation.asks import TurnState
from conversation.handing import passages
from conversation.turn import Plan
from shared import contracts as c
from shared.errors import DeskError
from shared.hand_over import next_action
from shared.ports import Judge, Writer

_ASKS_SOMETHING = {"unclear", "rejected_drafts", "critic_down", "third_contact", "asked_for_person"}
"""Reasons of who may just want to know something: pages that speak to it are quoted."""


async def suggest(
    words: Writer, rules: Judge, state: TurnState, plan: Plan, ask: c.RequestPerson, *, now: float
) -> tuple[c.Sentence, ...]:
    """The reply's sentences with their sources; of what the rules object to, nothing is suggested.

    `words` and `rules` are local: it works when everything else is down.
    """
    needed = next_action(ask, today=datetime.fromtimestamp(now, UTC).date())
    first = c.Topic(goal="suggested.opening", intent=ask.intent)
    last = c.Topic(goal=f"suggested.{needed.kind}", intent=ask.intent)
    stands, pages = _order(ask, needed.order_number), passages(state, plan)
    quoted: tuple[c.Topic, ...] = ()
    if ask.reason in _ASKS_SOMETHING and pages:
        quoted = (c.Topic(goal="policy.answer", intent=ask.intent, sources=tuple(p.id for p in pages)),)
    # From the fullest to the plainest: the first one that the rules let pass.
    for topics in ((first, *stands, *quoted, last), (first, *stands, last), (first, last)):
        write = c.WriteReply(
            **_ids(ask), text=ask.text, language=ask.language, topics=topics, first_name=ask.first_name,
            passages=pages, facts=ask.facts,
        )  # fmt: skip
        try:
            draft = await words.write(write)
        except DeskError:
            continue  # a goal that cannot be said of what is known
        judge = c.JudgeReply(
            **_ids(ask), sentences=draft.sentences, language=ask.language, text=ask.text, passages=pages,
            facts=ask.facts, allowed_values=(ask.first_name,) if ask.first_name else (),
            written_by=draft.usage.engine,
        )  # fmt: skip
        if (await rules.judge(judge)).passed:
            return draft.sentences
    return ()


def _ids(ask: c.RequestPerson) -> dict[str, Any]:
    return {"conversation_id": ask.conversation_id, "turn_id": ask.turn_id, "step_id": f"{ask.step_id}-reply"}


def _order(ask: c.RequestPerson, number: str) -> tuple[c.Topic, ...]:
    """How the order stands, in the sentence the assistant has for it."""
    prefix = f"order:{number}/"
    facts = {f.id.removeprefix(prefix): f.id for f in ask.facts if f.id.startswith(prefix)}
    status = next((fact.value for fact in ask.facts if fact.id == f"{prefix}status"), "")
    told = {field: fact for field, fact in facts.items() if "items/" not in field}
    return (c.Topic(goal=f"order_status.{status}", intent=ask.intent, facts=told),) if status else ()
