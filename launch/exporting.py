"""Gathers everything that is kept of one customer, with its personal values opened."""

from typing import Any

import msgspec

from gateway.delivery import Delivery
from shared.ports import AuditLine, Deed, Held
from shared.wiring import Services


async def gather(services: Services, customer: str) -> dict[str, Any]:
    """What is kept of this customer (an id of the shop's, or of a guest's conversation), as plain values.

    Each conversation is opened with one audited reveal for the purpose `export`.
    """
    audit, vault, store = await services.audit(), await services.vault(), await services.store()
    door = Delivery(vault=vault, purpose="export")
    found = set(await vault.conversations(customer))
    if await store.load(customer) is not None:
        found.add(customer)
    name = audit.pseudonym("customer", customer)
    await audit.write(Deed(action="export", purpose=name, counts={"conversations": len(found)}))
    conversations = []
    for held in await store.held(sorted(found)):
        opened = await door.opened(_plain(held), held.conversation_id)
        opened["audit"] = [_line(line) for line in await audit.about(held.conversation_id)]
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
        "feedback": msgspec.to_builtins(list(held.feedback)),
        "unanswered_questions": [{"at": at, "question": question} for at, question in held.questions],
    }


def _line(line: AuditLine) -> dict[str, Any]:
    deed = line.deed
    return {
        "at": line.at,
        "actor": deed.actor,
        "action": deed.action,
        "purpose": deed.purpose,
        "values": len(deed.tokens),
    }
