"""Says in a trace what takes more than a word: what a model took, what was not chosen."""

from collections.abc import Iterable, Sequence

import msgspec

from shared.contracts import Usage
from shared.telemetry.spans import current, note


def note_usage(usage: Usage, *, tried: Sequence[Usage] = ()) -> None:
    """Who answered and what it took; `tried` are the engines before it that did not answer."""
    paid = (*tried, usage)
    note(
        engine=usage.engine,
        model=usage.model,
        tried=" ".join(failed.model for failed in tried),
        cost_usd=sum(each.cost_usd for each in paid),
        input_tokens=sum(each.input_tokens for each in paid),
        cached_tokens=sum(each.cached_tokens for each in paid),
        output_tokens=sum(each.output_tokens for each in paid),
    )


def alternatives(rejected: Iterable[tuple[str, float, str]]) -> str:
    """What was not chosen, its score, and why, as the trace keeps it; empty when there was nothing else."""
    if (span := current()) is None or span.remote:
        return ""
    found = [{"what": what, "score": round(score, 4), "why": why} for what, score, why in rejected]
    return msgspec.json.encode(found).decode() if found else ""
