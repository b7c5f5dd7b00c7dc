"""The door out: replies leave with their tokens opened, for the one customer they belong to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import structs

from shared import telemetry
from shared.contracts import Citation, HandOver, TurnFinished
from shared.errors import StoreDown, VaultDown
from shared.personal_data import swap_out, tokens_in
from shared.ports import ConversationStore, PIIVault, StoredConversation

_WITH_PERSON = {"with_person", "handed_over"}
_TOKEN = "TOKEN_"  # noqa: S105  the mark of a token, not a secret


@dataclass(frozen=True)
class Delivery:
    """Opens tokens of one conversation for its customer; every opening is audited by the vault."""

    vault: PIIVault
    purpose: str = "delivery"
    store: ConversationStore | None = None

    async def opened(self, kept: dict[str, Any], conversation_id: str) -> dict[str, Any]:
        """A copy of plain values with every token in their texts opened, by one reveal."""
        tokens = tokens_in(msgspec.json.encode(kept).decode())
        if not tokens:
            return kept
        # No value holds a null: what comes in is cleaned of control characters.
        values = (await self._open("\0".join(tokens), conversation_id)).split("\0")
        if len(values) != len(tokens):
            raise VaultDown(
                "a value holds the mark between values; it cannot be exported, look at the intake"
            )
        opened: dict[str, Any] = _swapped(kept, dict(zip(tokens, values, strict=True)))
        return opened

    async def answer(self, turn: TurnFinished, *, token: str = "") -> dict[str, Any]:
        """The body of an answer as the API documents it; without `token` it brings none.

        Without the bot's words when a person has the conversation by now: that is asked last of all, when
        nothing but sending is left, and what was decided once stays. Raises `StoreDown`, but for a hand-over.
        """
        reply, actions = await self._open(turn.reply, turn.conversation_id), self._actions(turn)
        if not await self._released(turn):
            telemetry.flag_later(
                "held_back", trace=turn.trace_id, conversation=turn.conversation_id, turn=turn.turn_id,
                why="a person had the conversation before the reply could leave",
            )  # fmt: skip
            turn = structs.replace(turn, status="with_person", sentences=(), citations=())
            reply, actions = "", []
        return {
            "conversation_id": turn.conversation_id,
            **({"conversation_token": token} if token else {}),
            "turn_id": turn.turn_id,
            "answered_with": turn.answered_with or None,
            "reply": reply,
            "who": turn.speaker,
            "name": turn.speaker_name or None,
            "status": turn.status,
            "with_person": turn.status in _WITH_PERSON or bool(turn.state and turn.state.hand_over_id),
            "intent": turn.intent.value if turn.intent else None,
            "intents": [
                {"intent": n.intent.value, "confidence": round(n.confidence, 4)} for n in turn.intents
            ],
            "confidence": turn.confidence,
            "understood_as": turn.understood.intent.value if turn.understood else None,
            "language": turn.language,
            "citations": [_citation(citation) for citation in turn.citations],
            "actions": actions,
            "escalation": _escalation(turn.escalation) if turn.escalation else None,
            "engine": turn.engine,
            "trace_id": turn.trace_id,
        }

    async def _released(self, turn: TurnFinished) -> bool:
        """Whether it may leave; that a person was asked for may while the store is down.

        Nobody can have taken the conversation in a store that is down, and who asked must not be left
        without a word.
        """
        try:
            return self.store is None or await self.store.release(turn)
        except StoreDown:
            if turn.escalation is None:
                raise
            return True

    async def sentences(self, turn: TurnFinished) -> list[str]:
        """The reply sentence by sentence."""
        if turn.answered_with:
            return []  # the turn that answers this one brings them
        return [await self._open(sentence.text, turn.conversation_id) for sentence in turn.sentences]

    async def conversation(self, stored: StoredConversation) -> dict[str, Any]:
        """The whole conversation as its customer may see it."""
        messages = []
        for line in stored.messages:
            result = line.result
            shown: dict[str, Any] = {
                "id": line.id,
                "who": line.who,
                "name": line.name or None,
                "text": await self._open(line.text, stored.conversation_id),
                "at": line.at,
                "turn_id": line.turn_id,
                "status": result.status if result else None,
                "citations": [_citation(citation) for citation in result.citations] if result else [],
                "actions": self._actions(result) if result else [],
            }
            messages.append(shown)
        last = next((line.result for line in reversed(stored.messages) if line.result), None)
        return {
            "conversation_id": stored.conversation_id,
            "status": "with_person" if stored.state.hand_over_id else (last.status if last else "answered"),
            "language": stored.state.language,
            "messages": messages,
        }

    def _actions(self, turn: TurnFinished) -> list[dict[str, Any]]:
        return [
            {
                "kind": receipt.kind,
                "status": receipt.status,
                "order_number": receipt.order_number,
                "reference": receipt.reference,
                # What the shop's system said of it is for staff; the reply tells it in the customer's words.
                "summary": receipt.why if receipt.status != "done" else "",
            }
            for receipt in turn.actions
        ]

    async def _open(self, text: str, conversation_id: str) -> str:
        if _TOKEN not in text:
            return text
        with telemetry.span(
            "vault reveal", kind=telemetry.CLIENT, action="reveal", purpose=self.purpose,
            values=text.count("TOKEN_"),
        ):  # fmt: skip
            return await self.vault.reveal(text, conversation_id=conversation_id, purpose=self.purpose)


def _swapped(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return swap_out(value, values)
    if isinstance(value, dict):
        return {key: _swapped(each, values) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_swapped(each, values) for each in value]
    return value


def _citation(citation: Citation) -> Mapping[str, Any]:
    return {
        "source": citation.source,
        "title": citation.title,
        "section": citation.section,
        "quote": citation.quote,
        "fields": list(citation.fields),
    }


def _escalation(hand_over: HandOver) -> dict[str, Any]:
    return {
        "id": hand_over.id,
        "reason": hand_over.reason,
        "priority": hand_over.priority,
        "queue": hand_over.queue,
        "position": hand_over.position or None,
        "sla_due": hand_over.sla_due_at,
        "ticket": hand_over.ticket or None,
    }
