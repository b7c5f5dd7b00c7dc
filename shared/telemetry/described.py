"""Writes docs/traces.md from the contract: `python -m shared.telemetry.described`."""

from collections.abc import Iterator
from pathlib import Path

from shared.telemetry.contract import GIVEN, SPANS, Key, keys, wire_names

FILE = Path(__file__).parents[2] / "docs" / "traces.md"
_HEAD = """\
# Traces

One trace per turn, from the gateway through the conversation and every agent to models, vendors and the
vault. This page is made from `shared/telemetry/contract.py` by `python -m shared.telemetry.described`; a
test compares them.

- **Where**: `TRACES_URL` in [settings.md](settings.md). By default an Application Insights of our own
  runs beside the desk (`DATA_DIR/insights`); in Azure it is the real one, and the same Kusto asks both. It is
  a process of `python -m launch all`: other roles on the same `DATA_DIR` send to it too. A role that finds
  none there says so once at its start; its spans wait for one, as below.
- **What is kept**: every turn is recorded, and the choice falls when it is over. Of conversations
  `TRACES_RATIO` is kept whole (all of them here, half elsewhere); a turn that failed, was waited for longer
  than `TRACES_SLOW_SECONDS` (what lay on the bus after a crash counts, too), was handed over, refused, given
  up, held back because a person had taken over, had a draft rejected, or was marked wrong by staff is kept in
  any case, for itself alone.
  `sum(ItemCount)` is true for all turns.
- **When that is known late**: where a share is kept, a turn waits a minute in every process that has a
  part of it before the choice falls, whether it is flagged, chosen or neither: so figures of the last
  minutes are not those of flagged turns alone. A flag that comes by then, from whatever process, keeps
  all of it. Later ones find what was chosen; of what was let go each process leaves a span `lost` that
  says how many, counted as `desk_trace_spans_lost_total{reason="late"}`. What waits takes at most 16 MiB
  of a process (some seventy spans a second for a minute); with more of them the wait gets shorter. Such
  traces arrive 70 seconds after their turn, those of a process that is killed meanwhile never; where all
  is kept they arrive within ten.
- **How long**: `TRACES_DAYS` here (7), in Azure what the workspace says.
- **A damaged file** (a full disk, a copy made while it was written) becomes `telemetry.damaged-<time>`,
  with `-wal` what was not yet in it, beside the new file in `DATA_DIR/insights`; traces begin anew and `/ops`
  and the log say so. It is not asked any more, holds only tokens as the other does, and is removed
  `TRACES_DAYS` after its last change, at the next start. Nothing else needs it: delete it sooner if you like.
- **Personal data**: what stands here is tokenized as it is on the bus. Erasing a conversation ends its
  values; the traces of it say nothing any more that leads to a person, and end by age. The page that
  explains shows nothing of it from then on.
- **Cost on a turn**: `python -m bench.traces`. A span that is recorded takes 8 microseconds; what is kept
  becomes an envelope in a thread of its own, 60 microseconds each with its way to the service, and 4 ms a
  request, of which a process makes one in four seconds, or for 256 spans. That a span waits for a late flag
  takes 2.5 microseconds more, in that thread. In two rounds the bench found no more CPU with traces than the
  machine's own changes of pace.
- **When nobody takes them**: turns go on. What never came to the service (nobody listens, 429, 502, 503; of
  Application Insights 401 and 403, too) is sent again every four seconds, up to 10,000 spans of a process;
  older ones make room. What is refused (402: the daily cap; 400), or was cut off while it was sent, is lost:
  it may have been taken, and would be there twice. A process that ends tries once more. The embedded service
  is started again when it ends (0.5 s to a minute later, elsewhere if another has its port), and all
  processes follow it; what was in flight is lost. `launch all` looks every five seconds whether it still
  answers, if only to say hello: a big query keeps it busy, not silent. Six times in a row without a word, in
  half a minute to a minute, and it hangs: it is ended and started again. `/ops` shows for each process what
  was taken, what waits, what was lost and why ([operations.md](operations.md)).

A word on numbers: they stand in `Properties` as text, and in `Measurements` as numbers. `DurationMs` has
whole milliseconds only (the exporter drops the rest), `Measurements.latency_ms` has them all. `cost_usd`
stands on calls of models, on the steps that made them (failed tries included) and on turns: add up one
kind of span only.

"""


def page() -> str:
    """The whole page."""
    return _HEAD + "\n".join(_spans()) + "\n\n" + "\n".join(_keys()) + "\n"


def _spans() -> Iterator[str]:
    wire = wire_names()
    yield "## Spans\n"
    yield "| name | table | what it is | always says |"
    yield "|---|---|---|---|"
    for each in SPANS:
        name = f"{each.name.strip()} ..." if each.name.endswith(" ") else each.name
        always = ", ".join(f"`{wire[key]}`" for key in each.keys)
        yield f"| `{name}` | {each.table} | {each.says} | {always} |"


def _keys() -> Iterator[str]:
    wire = wire_names()
    yield "## Attributes\n"
    yield "| name | kind | unit | what it says |"
    yield "|---|---|---|---|"
    for name, key in GIVEN.items():
        yield _row(name, key, "on every span")
    for name, (key, kind) in keys().items():
        yield _row(wire[name], key, {str: "text", bool: "truth"}.get(kind, "number"))


def _row(name: str, key: Key, kind: str) -> str:
    return f"| `{name}` | {kind} | {key.unit} | {key.says} |"


if __name__ == "__main__":
    FILE.write_text(page(), "utf-8")
