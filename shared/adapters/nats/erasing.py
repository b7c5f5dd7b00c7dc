"""Takes the messages of conversations out of every stream, and their bytes off the disk."""

from collections.abc import AsyncIterator, Collection

import msgspec

from shared.adapters.bus_rules import legal_id, partition_of
from shared.adapters.nats.link import Link
from shared.adapters.nats.stored import next_stored, remove
from shared.adapters.nats.streams import ANSWERS, ASKS, DEAD, EVENTS, TURNS_IN, TURNS_OUT
from shared.adapters.nats.wire import turn_in_subject, turn_out_subject


class _Body(msgspec.Struct, frozen=True):
    conversation_id: str = ""
    turn_id: str = ""


_DECODER = msgspec.json.Decoder(_Body)


async def erase(link: Link, conversation_ids: Collection[str]) -> dict[str, int]:
    """How many messages of these conversations were removed, by stream; what nobody asks for stays.

    Results and answers are found by subject; asks, turns and events are looked through one by one,
    about 0.2 ms each. Raises `BusDown`; what was removed until then stays removed.
    """
    wanted = {legal_id("conversation_id", each) for each in conversation_ids}
    places = [(TURNS_IN, subject) for subject in _accepting(wanted)]
    for conversation in sorted(wanted):
        places.append((TURNS_OUT, turn_out_subject(conversation)))
        places.append((ANSWERS, f"answer.*.{partition_of(conversation)}.{conversation}.>"))
    places += [(ASKS, "ask.>"), (EVENTS, "event.>"), (DEAD, "dead.>")] if wanted else []
    removed: dict[str, int] = {}
    for stream, subject in dict.fromkeys(places):
        removed[stream] = removed.get(stream, 0) + await _erase(link, stream, subject, wanted)
    return removed


async def expire(link: Link, conversation_ids: Collection[str]) -> int:
    """How many results of these conversations were removed. Raises `BusDown`."""
    wanted = {legal_id("conversation_id", each) for each in conversation_ids}
    return sum([await _erase(link, TURNS_OUT, turn_out_subject(each), wanted) for each in sorted(wanted)])


async def accepted(link: Link, conversation_ids: Collection[str]) -> list[tuple[str, str]]:
    """Every stored turn of these conversations: conversation and turn. Raises `BusDown`."""
    wanted = {legal_id("conversation_id", each) for each in conversation_ids}
    return [
        (body.conversation_id, body.turn_id)
        for subject in _accepting(wanted)
        async for _, body in _bodies(link, TURNS_IN, subject)
        if body.conversation_id in wanted
    ]


def _accepting(conversations: Collection[str]) -> list[str]:
    return [turn_in_subject(partition) for partition in sorted({*map(partition_of, conversations)})]


async def _erase(link: Link, stream: str, subject: str, wanted: Collection[str]) -> int:
    count = 0
    async for seq, body in _bodies(link, stream, subject):
        if body.conversation_id in wanted:
            await remove(link, stream, seq)
            count += 1
    return count


async def _bodies(link: Link, stream: str, subject: str) -> AsyncIterator[tuple[int, _Body]]:
    """Every message of a subject, with its position."""
    seq = 1
    while (stored := await next_stored(link, stream, seq, subject)) is not None:
        yield stored.seq, _body(stored.data)
        seq = stored.seq + 1


def _body(data: bytes) -> _Body:
    try:
        return _DECODER.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return _Body()  # a dead letter may be anything
