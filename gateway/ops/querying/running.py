"""Runs what an operator asks in Kusto: bounded, written down first, and told exactly where it is wrong."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from gateway.entries import Entries
from gateway.ops.explaining.traced import Traced
from gateway.problems import Problem
from gateway.staff.roles import Member
from shared.ports.traces import BadQuery, Table
from shared.traces_pack import Query, without_header

MOST = 10_000
"""Rows of one answer; a table that people read, and a file for a spreadsheet, need no more."""
SECONDS = 30.0
SPANS: Mapping[str, timedelta] = {
    "1h": timedelta(hours=1),
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
"""How far back a query may look, by what the form sends."""
_LONGEST_ERROR = 240
_RENDER = re.compile(
    r"""\|\s*render\s+(\w+)                                # how
    (?:\s+with\s*\((?:"[^"\n]*"|'[^'\n]*'|[^"'()])*\))?   # its title and its axes
    (?:[\s;]|//[^\n]*+)*+\Z                             # comments may follow""",
    re.VERBOSE,
)
_NAMED = re.compile(r"named '(\w+)'")
_UNFILLED = re.compile(r'^let (\w+) = "[ct]-";', re.MULTILINE)
_LET = re.compile(r"^let (\w+) = [^;]+;", re.MULTILINE)


@dataclass(frozen=True)
class Asked:
    """A query as it was sent; `chart` is how it asks to be drawn, empty for any way that fits."""

    text: str
    back: str
    name: str = ""

    @property
    def chart(self) -> str:
        """`timechart`, `barchart`, `table`..., from its last line."""
        found = _RENDER.search(_bare(self.text))
        return found[1].lower() if found else ""

    @property
    def unfilled(self) -> str:
        """The first parameter that is still what an id begins with: `conversation`, `turn`, or empty."""
        found = _UNFILLED.search(self.text)
        return found[1] if found else ""

    @property
    def mark(self) -> str:
        """Which text it was, for the audit log, which holds no text."""
        return hashlib.sha256(self.text.encode("utf-8", "replace")).hexdigest()[:16]


@dataclass(frozen=True)
class Wrong:
    """Why a query does not run, and where: the line (from 1; 0 is not known) in three parts."""

    told: str
    line: int = 0
    before: str = ""
    at: str = ""
    after: str = ""


async def run(traced: Traced, entries: Entries, who: Member, asked: Asked, *, purpose: str) -> Table:
    """The answer, at most `MOST` rows; `purpose` is what for: `screen`, `csv` or `json`.

    Raises:
        Problem: this gateway has no traces to ask, or no such time span.
        BadQuery, TracesDown: see `Traces.query`.
        AuditDown: it cannot be written down, so it is not run.
    """
    if traced.port is None:
        raise Problem(409, "no-traces", "No traces", NO_TRACES)
    if asked.back not in SPANS:
        told = f"back: expected {', '.join(SPANS)}, not {asked.back[:40]!r}"
        raise Problem(422, "invalid-field", "Invalid request", told)
    which = f"{asked.name or 'own'} {asked.mark}"
    await entries.did(who.actor, "traces_queried", f"query {which} over {asked.back} for {purpose}")
    table = await traced.port.query(limited(asked.text), back=SPANS[asked.back], seconds=SECONDS)
    if len(table.rows) <= MOST:
        return table
    said = f"only the first {MOST:,} rows are given; summarize, or narrow it with where"
    return replace(table, rows=table.rows[:MOST], partial=table.partial or said)


NO_TRACES = (
    "No traces can be asked here: TRACES_URL is off, or sends them where this gateway cannot ask. Set "
    "TRACES_URL=embedded://, or TRACES_WORKSPACE beside an Application Insights connection string."
)


def limited(text: str) -> str:
    """The query with an end to its rows, and without its picture, which we draw ourselves.

    What is added stands on lines of its own: places that errors name stay where they were.
    """
    bare = _RENDER.sub("", _bare(text))
    return f"{bare}\n| take {MOST + 1}" if bare.strip() else text


def _bare(text: str) -> str:
    return text.rstrip().rstrip(";").rstrip()


def wrong(text: str, error: BadQuery) -> Wrong:
    """The place that an error names, in the text as it was written."""
    lines = text.split("\n")
    # A parser that lists all that it would have taken says too much.
    told = str(error) if len(str(error)) <= _LONGEST_ERROR else f"{str(error)[:_LONGEST_ERROR]}…"
    place = error.line, error.column
    if not error.line and (name := _NAMED.search(str(error))) is not None:
        place = _first(lines, name[1])  # Azure names what it does not find, and says no place
    if not place[0]:
        return Wrong(told)
    # Behind the end stands only what we have added: it is the end that is wrong.
    line = min(place[0], len(lines))
    there = lines[line - 1]
    column = max(0, place[1] - 1) if place[0] <= len(lines) else len(there)
    column = min(column, len(there))
    word = re.match(r"\w+|.?", there[column:])
    end = column + (len(word[0]) if word else 0)
    return Wrong(told, line, there[:column], there[column:end], there[end:])


def _first(lines: Sequence[str], name: str) -> tuple[int, int]:
    """Line and column of the first place where a name stands, from 1; (0, 0) when it stands nowhere."""
    for n, line in enumerate(lines):
        if (found := re.search(rf"\b{name}\b", line)) is not None:
            return n + 1, found.start() + 1
    return 0, 0


def named(text: str, pack: Mapping[str, Query]) -> str:
    """The query of the pack that this text is, whatever its parameters; empty for one of their own."""
    bare = _shape(text)
    return next((name for name, query in pack.items() if _shape(query.text) == bare), "")


def _shape(text: str) -> str:
    return _LET.sub(r"let \1;", without_header(text.replace("\r\n", "\n"))).strip()


def span_for(back: timedelta) -> str:
    """The shortest choice that reaches as far back."""
    return next((name for name, span in SPANS.items() if span >= back), list(SPANS)[-1])
