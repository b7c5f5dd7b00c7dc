"""Keeps what models took for a turn, also where nothing came of their answers: that was paid all the same."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from msgspec import structs

from conversation.asks import paid
from shared import contracts as c

_taken: ContextVar[list[c.Usage] | None] = ContextVar("taken", default=None)


@contextmanager
def paying() -> Iterator[list[c.Usage]]:
    """What is answered in this task and those it starts, until the context ends."""
    taken: list[c.Usage] = []
    token = _taken.set(taken)
    try:
        yield taken
    finally:
        _taken.reset(token)


def usages_of(answer: c.Message) -> list[c.Usage]:
    """What an answer took, with what was tried before it; nothing of an agent that asks no model."""
    tried: Sequence[c.Usage] = getattr(answer, "tried", ())
    usage: c.Usage | None = getattr(answer, "usage", None)
    return [*tried, *([usage] if usage else [])]


def note_paid(answer: c.Message) -> None:
    """An answer came."""
    if (taken := _taken.get()) is not None:
        taken += usages_of(answer)


def with_all(result: c.TurnFinished, taken: Sequence[c.Usage]) -> c.TurnFinished:
    """The result with all that was taken, whether its words came of that or not."""
    if len(taken) <= len(result.usages):
        return result
    state = result.state
    if state is not None:
        tokens = sum(usage.tokens for usage in taken) - sum(usage.tokens for usage in result.usages)
        state = structs.replace(
            state,
            tokens_used=state.tokens_used + tokens,
            nano_usd_used=state.nano_usd_used + paid(taken) - paid(result.usages),
        )
    return structs.replace(result, usages=tuple(taken), state=state)
