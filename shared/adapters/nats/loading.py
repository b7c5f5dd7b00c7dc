"""Asks JetStream how full its streams are, and how far each consumer is.

Requests and replies as in "JetStream wire API Reference" of the NATS docs (docs.nats.io).
"""

import asyncio
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar

import msgspec
from nats import errors

from shared.adapters.bus_rules import PARTITIONS
from shared.adapters.nats.access import CONSUMED, SERVICES, STREAMS, consumers
from shared.adapters.nats.link import Link
from shared.adapters.nats.streams import ASKS, DEAD, EVENTS, TURNS_IN
from shared.adapters.nats.wire import STATUS, turn_in_subject
from shared.errors import BusDown
from shared.ports import ConsumerLoad, Load, StreamLoad

SECONDS = 2.0
"""How long the whole look may take; who watches asks again anyway."""
WORKER = "conversation"
"""The service that works on turns: its consumers change their names with every owner."""


class _Error(msgspec.Struct, frozen=True):
    code: int
    description: str = ""


class _Page(msgspec.Struct, frozen=True):
    total: int = 0
    error: _Error | None = None


class _Config(msgspec.Struct, frozen=True):
    name: str = ""
    filter_subject: str = ""


class _State(msgspec.Struct, frozen=True):
    messages: int
    bytes: int
    first_ts: datetime
    subjects: Mapping[str, int] = {}


class _Stream(msgspec.Struct, frozen=True):
    config: _Config
    state: _State


class _Streams(_Page, frozen=True):
    streams: tuple[_Stream, ...] | None = None


class _Info(_Page, frozen=True):
    state: _State | None = None


class _Moved(msgspec.Struct, frozen=True):
    last_active: datetime | None = None


class _Consumer(msgspec.Struct, frozen=True):
    name: str
    config: _Config
    delivered: _Moved
    ack_floor: _Moved
    num_ack_pending: int
    num_redelivered: int
    num_waiting: int
    num_pending: int


class _Consumers(_Page, frozen=True):
    consumers: tuple[_Consumer, ...] | None = None


Reply = TypeVar("Reply", bound=_Page)


async def load(link: Link) -> Load:
    """See `Bus.load`."""
    until = asyncio.get_running_loop().time() + SECONDS
    streams, asked, turns, found = await asyncio.gather(
        _streams(link, until),
        _stored(link, ASKS, until),
        _stored(link, TURNS_IN, until),
        asyncio.gather(*(_consumers(link, stream, until) for stream in CONSUMED)),
    )
    now = time.time()
    taking = dict(zip(CONSUMED, found, strict=True))
    there = [_consumer(stream, each, now) for stream, several in taking.items() for each in several]
    partitions = {each.config.filter_subject for each in taking[TURNS_IN]}
    return Load(
        at=now,
        streams=tuple(_stream(each, now) for each in streams if each.config.name in STREAMS),
        consumers=(*there, *_missing({(each.stream, each.name) for each in there}, partitions, asked, turns)),
        dead_letters=sum(each.state.messages for each in streams if each.config.name == DEAD),
    )


async def listening(link: Link) -> set[str]:
    """The consumers of events that are there. Raises `BusDown`."""
    until = asyncio.get_running_loop().time() + SECONDS
    return {each.name for each in await _consumers(link, EVENTS, until)}


def _stream(found: _Stream, now: float) -> StreamLoad:
    state = found.state
    # The server's clock: one that is ahead of ours makes nothing younger than new.
    oldest = max(0.0, now - state.first_ts.timestamp()) if state.messages else None
    return StreamLoad(name=found.config.name, messages=state.messages, bytes=state.bytes, oldest=oldest)


def _consumer(stream: str, found: _Consumer, now: float) -> ConsumerLoad:
    moved = [each.last_active.timestamp() for each in (found.delivered, found.ack_floor) if each.last_active]
    return ConsumerLoad(
        name=found.name,
        stream=stream,
        service=_service(stream, found),
        pending=found.num_pending,
        ack_pending=found.num_ack_pending,
        redelivered=found.num_redelivered,
        waiting=found.num_waiting,
        idle=max(0.0, now - max(moved)) if moved else None,
    )


def _service(stream: str, found: _Consumer) -> str:
    """Whose it is; a listener of a name of its own is called by that."""
    if stream == TURNS_IN:
        return WORKER
    known = _known().get((stream, found.name))
    if known is not None or stream != EVENTS:
        return known or ""
    event = found.config.filter_subject.removeprefix("event.").removesuffix(".*").replace(".", "-")
    return found.name.removesuffix(f"-{event}")


def _known() -> dict[tuple[str, str], str]:
    return {(each.stream, each.durable): name for name in SERVICES for each in consumers(name)}


def _missing(
    there: set[tuple[str, str]], partitions: set[str], asked: Mapping[str, int], turns: Mapping[str, int]
) -> Iterable[ConsumerLoad]:
    """Those that a whole installation has and this one has not: what comes for them waits for nobody."""
    for name in SERVICES:
        for each in consumers(name):
            if (each.stream, each.durable) not in there:
                yield _absent(each.stream, each.durable, name, asked.get(each.subject, 0))
    for partition in range(PARTITIONS):
        subject = turn_in_subject(partition)
        if subject not in partitions:
            yield _absent(TURNS_IN, f"work-{partition}", WORKER, turns.get(subject, 0))


def _absent(stream: str, name: str, service: str, pending: int) -> ConsumerLoad:
    return ConsumerLoad(
        name=name,
        stream=stream,
        service=service,
        pending=pending,
        ack_pending=0,
        redelivered=0,
        waiting=0,
        idle=None,
        there=False,
    )


async def _streams(link: Link, until: float) -> list[_Stream]:
    found: list[_Stream] = []
    while True:
        page = await _ask(link, "$JS.API.STREAM.LIST", {"offset": len(found)}, _Streams, until)
        found += page.streams or ()
        if not page.streams or len(found) >= page.total:
            return found


async def _consumers(link: Link, stream: str, until: float) -> list[_Consumer]:
    found: list[_Consumer] = []
    while True:
        subject = f"$JS.API.CONSUMER.LIST.{stream}"
        page = await _ask(link, subject, {"offset": len(found)}, _Consumers, until)
        found += page.consumers or ()
        if not page.consumers or len(found) >= page.total:
            return found


async def _stored(link: Link, stream: str, until: float) -> Mapping[str, int]:
    """Messages by subject, for streams whose subjects are few."""
    info = await _ask(link, f"$JS.API.STREAM.INFO.{stream}", {"subjects_filter": ">"}, _Info, until)
    return info.state.subjects if info.state is not None else {}


async def _ask(
    link: Link, subject: str, asked: Mapping[str, object], kind: type[Reply], until: float
) -> Reply:
    try:
        reply = await link.request(subject, msgspec.json.encode(asked), until=until)
    except errors.Error as error:
        raise BusDown(f"NATS cannot be asked for its load: {error}; is nats-server up?") from None
    if reply.headers and STATUS in reply.headers:
        raise BusDown("NATS cannot be asked for its load: no JetStream answers; look at the nats-server log")
    page = msgspec.json.decode(reply.data, type=kind)
    if page.error is not None:
        raise BusDown(f"NATS cannot be asked for its load: {page.error.description}; look at its log")
    return page
