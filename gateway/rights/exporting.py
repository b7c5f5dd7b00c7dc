"""Gathers everything that is kept of one customer, with its personal values opened."""

from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import structs

from gateway.delivery import Delivery
from gateway.rights.context import Purpose, Rights, conversations_of
from shared.contracts.recordings import RecordedTurn
from shared.ports import AuditLine, Deed, Held
from shared.ports.spending import Spend


@dataclass(frozen=True)
class Overview:
    """How much is kept of a customer, by store and kind; nothing of it is opened."""

    pseudonym: str
    conversations: int
    stores: dict[str, dict[str, int]]


async def overview(rights: Rights, customer: str) -> Overview:
    """What an export would tell and an erasure would remove, as counts. Raises a `DeskError`."""
    ids = sorted(await conversations_of(rights, customer))
    held = await rights.store.held(ids)
    name = rights.audit.pseudonym("customer", customer)
    results = [await rights.bus.results(each) for each in ids]
    return Overview(
        pseudonym=name,
        conversations=len(ids),
        stores={
            "conversations": {
                "conversations": sum(each.conversation is not None for each in held),
                "messages": sum(len(each.conversation.messages) for each in held if each.conversation),
                "hand-overs": sum(len(each.hand_overs) for each in held),
                "promises": sum(len(each.promises) for each in held),
                "feedback": sum(len(each.feedback) for each in held),
                "unanswered questions": sum(len(each.questions) for each in held),
                "corrections": sum(len(each.corrections) for each in held),
                "recorded turns": sum(len(each.recorded) for each in held),
                "tasks": sum(len(each.tasks) for each in held),
                "approvals": sum(len(each.approvals) for each in held),
            },
            "message bus": {"results": sum(map(len, results))},
            "vault": {"personal values": await rights.vault.count(ids)},
            "helpdesk": {"tickets": sum(bool(one.ticket) for each in held for one in each.hand_overs)},
            "spending": {
                "calls of models": sum([(await rights.spending.of_conversation(i)).calls for i in ids])
            },
            "exported files": {"files": len(list(rights.exports(name).glob("*")))},
        },
    )


async def gather(
    rights: Rights, customer: str, *, actor: str = "", purpose: Purpose = "customer request"
) -> dict[str, Any]:
    """What is kept of this customer (an id of the shop's, or of a guest's conversation), as plain values.

    Each conversation is opened with one audited reveal for the purpose `export`; a line before them says who
    (`actor`; empty is this process) exports and why.
    """
    door = Delivery(vault=rights.vault, purpose="export")
    found = await conversations_of(rights, customer)
    name = rights.audit.pseudonym("customer", customer)
    counts = {"conversations": len(found)}
    await rights.audit.write(Deed(action="export", purpose=f"{purpose}, {name}", actor=actor, counts=counts))
    conversations = []
    for held in await rights.store.held(sorted(found)):
        opened = await door.opened(_plain(held), held.conversation_id)
        opened["model_costs"] = _costs(await rights.spending.of_conversation(held.conversation_id))
        opened["audit"] = [_line(line) for line in await rights.audit.about(held.conversation_id)]
        conversations.append(opened)
    return {"customer": customer, "pseudonym_in_audit": name, "conversations": conversations}


def _plain(held: Held) -> dict[str, Any]:
    kept = held.conversation
    messages = [
        {
            "who": message.who,
            "at": message.at,
            "text": message.text,
            "result": msgspec.to_builtins(message.result) if message.result else None,
        }
        for message in (kept.messages if kept else ())
    ]
    return {
        "conversation_id": held.conversation_id,
        "messages": messages,
        "remembered": msgspec.to_builtins(kept.state) if kept else None,
        "hand_overs": msgspec.to_builtins(list(held.hand_overs)),
        "with_staff": [msgspec.to_builtins(each.event) for each in held.case_events],
        "promises": msgspec.to_builtins(list(held.promises)),
        "feedback": msgspec.to_builtins(list(held.feedback)),
        "corrections": msgspec.to_builtins(list(held.corrections)),
        "unanswered_questions": [{"at": at, "question": question} for at, question in held.questions],
        "tasks": msgspec.to_builtins(list(held.tasks)),
        "approvals": msgspec.to_builtins(list(held.approvals)),
        "recorded_turns": [_recorded(each) for each in held.recorded],
    }


def _costs(spend: Spend) -> list[dict[str, Any]]:
    return [
        {
            "day": line.day.isoformat(),
            "agent": line.agent,
            "model": line.model,
            "calls": line.calls,
            "tokens": line.input_tokens + line.output_tokens,
            "usd": str(line.usd),
        }
        for line in spend.lines
    ]


def _recorded(turn: RecordedTurn) -> dict[str, Any]:
    """A recording with what ports answered spelled out."""
    answers = [
        {
            "of": each.of,
            "asked": msgspec.msgpack.decode(each.asked) if each.asked else None,
            "answer": msgspec.msgpack.decode(each.answer) if each.answer else None,
            "error": each.error,
        }
        for each in turn.answers
    ]
    shown: dict[str, Any] = msgspec.to_builtins(structs.replace(turn, answers=()))
    return shown | {"answers": answers}


def _line(line: AuditLine) -> dict[str, Any]:
    deed = line.deed
    return {
        "at": line.at,
        "actor": deed.actor,
        "action": deed.action,
        "purpose": deed.purpose,
        "values": len(deed.tokens),
    }
