"""Dead letters on NATS: written with who gave up, read, put back once, and taken out."""

import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from hashlib import blake2b

from shared import telemetry
from shared.adapters.nats.acks import Taken
from shared.adapters.nats.link import Link
from shared.adapters.nats.loading import listening
from shared.adapters.nats.stored import Stored, next_stored, remove
from shared.adapters.nats.streams import DEAD
from shared.adapters.nats.wire import AT, BY, FOR, MSG_ID, REASON, RESENT, event_subject
from shared.logs import happened
from shared.ports import DeadLetter
from shared.ports.bus import gone, resendable
from shared.telemetry.contract import INTERNAL

_LOG = logging.getLogger(__name__)
STORE_SECONDS = 3600.0
"""How long something paid for waits to be stored when the bus is away."""
SEND_SECONDS = 10.0
"""How long an operator waits for a letter to be stored again."""
TRACE = ("traceparent", "tracestate")
_LONGEST_REASON = 1000


async def bury(
    link: Link, subject: str, data: bytes, reason: str, *, by: str, headers: Mapping[str, str] | None
) -> None:
    """Keep what `by` gave up in the dead-letter stream; once, however often it is said.

    `headers` are those of the message: its trace goes along, and one that was resent and failed again is
    another letter.
    """
    came = headers or {}
    digest = blake2b(data, digest_size=8).hexdigest()
    kept = {
        MSG_ID: ".".join((subject, digest, by, came.get(RESENT, ""))),
        # In one line: a line break would begin a header of its own.
        REASON: " ".join(reason.split())[:_LONGEST_REASON],
        AT: f"{time.time():.3f}",
        BY: by,
        **{name: came[name] for name in TRACE if name in came},
    }
    with _traced(subject, kept[REASON], by):
        telemetry.flag("given_up")
        await link.store(f"dead.{subject}", data, kept, seconds=STORE_SECONDS)
    happened(_LOG, "dead_letter", level=logging.ERROR, says=kept[REASON][:200], subject=subject, by=by)


def _traced(subject: str, reason: str, by: str) -> telemetry.Opened:
    """A span of its own, and a trace where there is none: events of timers have none."""
    notes: telemetry.Notes = {"agent": by, "action": "bury", "destination": subject, "reasoning": reason}
    if telemetry.current() is None:
        return telemetry.root("bury", kind=INTERNAL, **notes)
    return telemetry.span("bury", **notes)


async def letters(link: Link, *, after: str, limit: int | None) -> list[DeadLetter]:
    """See `Bus.dead_letters`."""
    found: list[DeadLetter] = []
    seq = _seq(after) + 1
    while limit is None or len(found) < limit:
        stored = await next_stored(link, DEAD, seq, "dead.>")
        if stored is None:
            break
        found.append(_letter(stored))
        seq = stored.seq + 1
    return found


async def find(link: Link, letter_id: str) -> tuple[DeadLetter, Stored] | None:
    """The letter of this id, if it still lies there."""
    seq = _seq(letter_id)
    stored = await next_stored(link, DEAD, seq, "dead.>") if seq else None
    if stored is None or stored.seq != seq or (letter := _letter(stored)).id != letter_id:
        return None
    return letter, stored


async def resend(link: Link, letter_id: str) -> bool:
    """See `Bus.resend`."""
    found = await find(link, letter_id)
    if found is None:
        return False
    letter, stored = found
    resendable(letter)
    came = stored.headers
    headers = {RESENT: letter.id, **{name: came[name] for name in TRACE if name in came}}
    subject = letter.subject
    if letter.kind == "event":
        # A key is stored once, so it needs another; the same one for whoever resends this letter, too. The
        # others who hear this event have handled it.
        event = subject.removeprefix("event.").rpartition(".")[0]
        subject = event_subject(event, f"{subject} {letter.id}")
        if letter.by:
            if letter.by not in await listening(link):
                raise gone(letter)
            headers[FOR] = letter.by
    else:
        headers[MSG_ID] = f"resent.{letter.id}"
    # Taken: somebody stored it and has not taken the letter out yet, or died in between.
    with suppress(Taken):
        await link.store(subject, letter.data, headers, seconds=SEND_SECONDS)
    return await remove(link, DEAD, stored.seq)


async def discard(link: Link, letter_id: str) -> bool:
    """See `Bus.discard`."""
    found = await find(link, letter_id)
    return found is not None and await remove(link, DEAD, found[1].seq)


def _letter(stored: Stored) -> DeadLetter:
    headers = stored.headers
    at = headers.get(AT, "0")
    return DeadLetter(
        # With the time: a stream that was made anew counts from 1 again.
        id=f"{stored.seq}-{at.replace('.', '')}",
        subject=stored.subject.removeprefix("dead."),
        data=stored.data,
        reason=headers.get(REASON, ""),
        at=float(at),
        by=headers.get(BY, ""),
    )


def _seq(letter_id: str) -> int:
    """The position that an id names; 0 for none."""
    seq = letter_id.partition("-")[0]
    return int(seq) if seq.isdecimal() and len(seq) < 19 else 0
