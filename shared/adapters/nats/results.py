"""The results of turns: one subject per conversation, each result linked to those before it."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from nats.aio.msg import Msg

from shared.adapters.bus_rules import partition_of
from shared.adapters.chains import Shelf
from shared.adapters.nats.acks import Overtaken
from shared.adapters.nats.letters import bury
from shared.adapters.nats.link import Link
from shared.adapters.nats.streams import TURNS_OUT
from shared.adapters.nats.wire import (
    CHAIN,
    EXPECTED_LAST,
    SEQUENCE,
    SUBJECT,
    TURN,
    Wire,
    turn_in_subject,
    turn_out_subject,
)
from shared.contracts import TurnAccepted, TurnFinished
from shared.errors import BadMessage
from shared.ports import Delivered

LINKS = 16
"""Earlier results named in each one. A server of 2.9 finds the last message of a subject at once, but
searches the whole stream for the others, so each result says where those before it are."""
WORKER = "conversation"
"""Who gives up turns."""
KNOWN = 10_000
"""Conversations whose chain a worker remembers."""


class Results(Shelf):
    """Reads and writes results. Writing is fenced: it extends the chain it has read, or reads again."""

    def __init__(self, link: Link, wire: Wire) -> None:
        self._link = link
        self._wire = wire
        self._chains: OrderedDict[str, dict[str, int]] = OrderedDict()
        self._log = logging.getLogger(__name__)

    async def of(self, conversation_id: str, after: int) -> Sequence[Delivered]:
        """Results of a conversation with `seq` > `after`, oldest first."""
        head = await self._head(conversation_id)
        if head is None:
            return ()
        chain = await self._chain(head)
        newest = _seq_of(head)
        wanted = [seq for seq in chain.values() if seq > after and seq != newest]
        found = [each for each in await asyncio.gather(*map(self._at, wanted)) if each is not None]
        if newest > after and (last := self.read(head)) is not None:
            found.append(last)
        return tuple(found)

    async def find(self, conversation_id: str, turn_id: str) -> Delivered | None:
        """The result of one turn."""
        head = await self._head(conversation_id)
        if head is None:
            return None
        if (head.headers or {}).get(TURN) == turn_id:
            return self.read(head)
        seq = (await self._chain(head)).get(turn_id)
        return None if seq is None else await self._at(seq)

    def read(self, msg: Msg) -> Delivered | None:
        """A result with its position, from a stored or republished message; none when it is no result.

        nats-server checks no reply subject: an agent can have an acknowledgement, or an event it hears, sent
        here. Only who may publish here can set the header.
        """
        try:
            return Delivered(seq=_seq_of(msg), turn=self._turn(msg))
        except BadMessage as error:
            self._log.error("message %s of %s is no result: %s", _seq_of(msg), TURNS_OUT, error)
            return None

    def _turn(self, msg: Msg) -> TurnFinished:
        turn = self._wire.decode(msg.data, TurnFinished)
        headers = msg.headers or {}
        named = headers.get(TURN), headers.get(SUBJECT)
        if named != (turn.turn_id, turn_out_subject(turn.conversation_id)):
            raise BadMessage("no conversation service stored it here")
        return turn

    def forget(self, partition: int) -> None:
        """Somebody else may have written to these conversations since."""
        for conversation in [name for name in self._chains if partition_of(name) == partition]:
            del self._chains[conversation]

    async def stored(self, turn: TurnAccepted) -> Delivered | None:
        """See `Shelf.stored`."""
        chain = await self._known(turn.conversation_id)
        seq = chain.get(turn.turn_id)
        return None if seq is None else await self._at(seq)

    async def store(self, result: TurnFinished) -> Delivered:
        """See `Shelf.store`."""
        conversation = result.conversation_id
        subject = turn_out_subject(conversation)
        data = self._wire.encode(result)
        while True:
            chain = await self._known(conversation)
            there = chain.get(result.turn_id)
            if there is not None and (found := await self._at(there)) is not None:
                return found
            links = list(chain.items())[-LINKS:]
            headers = {
                TURN: result.turn_id,
                EXPECTED_LAST: str(links[-1][1] if links else 0),
                CHAIN: " ".join(f"{turn}:{seq}" for turn, seq in links),
            }
            if not links:
                del headers[CHAIN]
            try:
                ack = await self._link.store(subject, data, headers)
            except Overtaken:
                # Another owner wrote, or our own acknowledgement was lost: read what is there.
                self._chains.pop(conversation, None)
                continue
            chain[result.turn_id] = ack.seq
            return Delivered(seq=ack.seq, turn=result)

    async def bury(self, turn: TurnAccepted, reason: str, headers: Mapping[str, str] | None) -> None:
        """See `Shelf.bury`."""
        subject = turn_in_subject(partition_of(turn.conversation_id))
        await bury(self._link, subject, self._wire.encode(turn), reason, by=WORKER, headers=headers)

    async def _known(self, conversation_id: str) -> dict[str, int]:
        chain = self._chains.get(conversation_id)
        if chain is None:
            head = await self._head(conversation_id)
            chain = {} if head is None else await self._chain(head)
            self._chains[conversation_id] = chain
            if len(self._chains) > KNOWN:
                self._chains.popitem(last=False)
        else:
            self._chains.move_to_end(conversation_id)
        return chain

    async def _head(self, conversation_id: str) -> Msg | None:
        return await self._link.get(TURNS_OUT, last_by_subj=turn_out_subject(conversation_id))

    async def _chain(self, head: Msg) -> dict[str, int]:
        """Positions by turn, oldest first; a long conversation is followed back page by page."""
        headers = head.headers or {}
        if TURN not in headers:
            before = await self._before(head)
            # It stays the last: who stores next must have seen it.
            return {**({} if before is None else await self._chain(before)), "": _seq_of(head)}
        chain = {headers.get(TURN, ""): _seq_of(head)}
        page = _links(headers)
        while page:
            chain = {**dict(page), **chain}
            if len(page) < LINKS:
                break
            oldest = await self._link.get(TURNS_OUT, seq=page[0][1])
            page = [] if oldest is None else _links(oldest.headers or {})
        return chain

    async def _before(self, odd: Msg) -> Msg | None:
        """The last result before a message that is none; reads them all, as this should not happen."""
        subject = (odd.headers or {})[SUBJECT]
        found, seq = None, 0
        while (msg := await self._link.get(TURNS_OUT, seq=seq + 1, next_by_subj=subject)) is not None:
            seq = _seq_of(msg)
            if TURN in (msg.headers or {}):
                found = msg
        return found

    async def _at(self, seq: int) -> Delivered | None:
        msg = await self._link.get(TURNS_OUT, seq=seq)
        return None if msg is None else self.read(msg)


def _seq_of(msg: Msg) -> int:
    return int((msg.headers or {})[SEQUENCE])


def _links(headers: dict[str, str]) -> list[tuple[str, int]]:
    pairs = (pair.rsplit(":", 1) for pair in headers.get(CHAIN, "").split())
    return [(turn, int(seq)) for turn, seq in pairs]
