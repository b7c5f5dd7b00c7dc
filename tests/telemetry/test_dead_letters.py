"""What is given up can be found among the traces, whoever's it was."""

from functools import partial
from typing import cast

import pytest

from shared import telemetry
from shared.adapters.nats.letters import bury
from shared.adapters.nats.link import Link
from shared.telemetry.flags import OURS
from shared.telemetry.spans import Sink, Span, record_to


class _Link:
    """Takes what is stored."""

    def __init__(self) -> None:
        self.stored: list[str] = []

    async def store(self, subject: str, *_: object, **__: object) -> None:
        self.stored.append(subject)


class _Seen(Sink):
    def __init__(self) -> None:
        self.spans: list[Span] = []

    def ended(self, span: Span) -> None:
        self.spans.append(span)


@pytest.mark.parametrize("traced", [True, False])
async def test_a_dead_letter_has_a_span_that_is_kept(traced: bool) -> None:
    """In the trace that led to it, or one of its own: a timer's event has none."""
    link, seen = _Link(), _Seen()
    letter = partial(bury, cast("Link", link), "event.x.v1.1", b"{}", "VendorDown: zendesk")
    stop = record_to(seen)
    try:
        if traced:
            with telemetry.root("turn", agent="gateway", action="chat") as turn:
                await letter(by="escalation-x-v1", headers=None)
            assert isinstance(turn, Span)
            assert seen.spans[0].trace == turn.trace
        else:
            await letter(by="escalation-x-v1", headers=None)
    finally:
        stop()
    (subject,) = link.stored
    buried = seen.spans[0]
    assert (buried.name, f"dead.{buried.attributes['destination']}") == ("bury", subject)
    assert buried.attributes["reasoning"] == "VendorDown: zendesk"
    assert buried.attributes["agent"] == "escalation-x-v1"
    assert OURS.why(buried.trace) == "given_up"
