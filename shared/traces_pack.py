"""Reads the query pack: the questions operators ask their traces, each a file of Kusto that says what it is.

A file begins with comments (`// what:`, `// who:`, `// columns:`, `// example:`, `// parameters:`), and its
parameters are `let` statements whose values are the defaults: it runs as it stands, here and in Azure.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from shared.errors import DeskError
from shared.ports.traces import BadQuery

FOLDER = Path(__file__).parents[1] / "observability" / "kql"
ParameterKind = Literal["string", "timespan", "number", "bool"]
_LET = re.compile(r"^let (?P<name>\w+) = (?P<value>[^;]+);", re.MULTILINE)
_FIELD = re.compile(r"(?P<field>[\w-]+): ?(?P<text>.*)")
_ENTRY = re.compile(r"(?P<name>\w+)(?: \[(?P<unit>[^\]]+)\])?: (?P<says>.+)")
_BACK = re.compile(r"(\d+)([dhm])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_KINDS: Mapping[ParameterKind, re.Pattern[str]] = {
    "string": re.compile(r'"[^"\\]*"'),
    "timespan": re.compile(r"\d+(?:\.\d+)?(?:d|h|m|s|ms)"),
    "number": re.compile(r"-?\d+(?:\.\d+)?"),
    "bool": re.compile(r"true|false"),
}
_LOOKS: Mapping[ParameterKind, str] = {
    "string": "text",
    "timespan": "a time such as 90m, 12h or 7d",
    "number": "a number such as 20 or 0.5",
    "bool": "true or false",
}
_LONGEST = 200
_FIELDS = {"what", "who", "columns", "example"}
_MAY = {"parameters", "back", "portal-only"}


class BadPack(DeskError):
    """A file of the pack does not say what it must."""


@dataclass(frozen=True)
class Column:
    """One column of the answer; `unit` is empty for what has none."""

    name: str
    says: str
    unit: str = ""


@dataclass(frozen=True)
class Parameter:
    """What may be filled in; `default` as it is shown to people, without quotes."""

    name: str
    says: str
    kind: ParameterKind
    default: str

    def literal(self, given: str) -> str:
        """What was given, as Kusto writes it.

        Raises:
            BadQuery: it is none of this kind, or longer than 200 characters.
        """
        if len(given) > _LONGEST or not given.isprintable():
            raise BadQuery(
                f"{self.name}: at most {_LONGEST} characters on one line are taken, not {given[:40]!r}"
            )
        if self.kind == "string":
            escaped = given.replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
        if _KINDS[self.kind].fullmatch(given.strip()) is None:
            raise BadQuery(f"{self.name}: expected {_LOOKS[self.kind]}, not {given[:40]!r}")
        return given.strip()


@dataclass(frozen=True)
class Query:
    """One question: `what` is asked by `who`, over what is no older than `back`.

    `example` is a row of its answer by `columns`. `portal_only` says what keeps it from running anywhere but
    in Azure, and is empty for nearly all. `text` is the file, comments included.
    """

    name: str
    what: str
    who: str
    columns: Sequence[Column]
    example: str
    parameters: Sequence[Parameter]
    back: timedelta
    portal_only: str
    text: str

    @property
    def title(self) -> str:
        """Its name for people: `cost_by_agent` is `Cost by agent`."""
        return self.name.replace("_", " ").capitalize()

    @property
    def counted(self) -> bool:
        """Whether it reads counters of every turn, which no sample touches."""
        return "AppMetrics" in self.text

    @property
    def estimated(self) -> bool:
        """Whether its numbers are estimates for all turns; else they are those of what was kept."""
        return "ItemCount" in self.text

    @property
    def chart(self) -> str:
        """How it asks to be drawn (`timechart`, `barchart`, ...); empty for a table."""
        found = re.search(r"^\| render (\w+)", self.text, re.MULTILINE)
        return found[1] if found else ""

    def filled(self, given: Mapping[str, str]) -> str:
        """The text with these parameters instead of the defaults; empty ones keep theirs.

        Raises:
            BadQuery: there is no such parameter, or its value is of another kind.
        """
        known = {each.name: each for each in self.parameters}
        if strange := sorted(set(given) - set(known)):
            raise BadQuery(f"{self.name} has no {', '.join(strange)}; it takes {', '.join(known) or 'none'}")
        literals = {name: known[name].literal(value) for name, value in given.items() if value.strip()}

        def value(found: re.Match[str]) -> str:
            literal = literals.get(found["name"])
            return f"let {found['name']} = {literal};" if literal is not None else found[0]

        return _LET.sub(value, self.text)


def without_header(text: str) -> str:
    """The query alone: what it says of itself in comments is shown beside it."""
    lines = text.splitlines(keepends=True)
    while lines and lines[0].startswith("//"):
        del lines[0]
    return "".join(lines).lstrip("\n")


def read_pack(folder: Path = FOLDER) -> Mapping[str, Query]:
    """Every query of a folder by its name, in the order of names.

    Raises:
        BadPack: a file's header lacks something, or names what is not there.
    """
    return {
        path.stem: read_query(path.stem, path.read_text("utf-8")) for path in sorted(folder.glob("*.kql"))
    }


def read_query(name: str, text: str) -> Query:
    """One query from its text.

    Raises:
        BadPack: its header lacks something, or names what is not there.
    """
    fields = _header(name, text)
    if missing := sorted(_FIELDS - set(fields)):
        raise BadPack(f"{name}.kql: its header lacks {', '.join(f'// {each}:' for each in missing)}")
    if strange := sorted(set(fields) - _FIELDS - _MAY):
        raise BadPack(f"{name}.kql: its header has {', '.join(strange)}, which nobody reads")
    columns = [Column(*entry) for entry in _entries(name, fields["columns"])]
    return Query(
        name=name,
        what=" ".join(fields["what"]),
        who=" ".join(fields["who"]),
        columns=columns,
        example=" ".join(fields["example"]),
        parameters=_parameters(name, fields.get("parameters", ()), text),
        back=_back(name, " ".join(fields.get("back", ("7d",)))),
        portal_only=" ".join(fields.get("portal-only", ())),
        text=text,
    )


def _header(name: str, text: str) -> Mapping[str, Sequence[str]]:
    """The lines of each field; what is further in than the field's name goes on with it."""
    fields: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in text.splitlines():
        if not line.startswith("//"):
            break
        said = line.removeprefix("// ")
        found = _FIELD.fullmatch(said)
        if found is not None and not said.startswith(" "):
            lines = fields.setdefault(found["field"], [])
            said = found["text"]
        if lines is None:
            raise BadPack(f"{name}.kql: {line!r} belongs to no field such as // what:")
        if said.strip():
            lines.append(said.strip())
    return fields


def _entries(name: str, lines: Sequence[str]) -> Sequence[tuple[str, str, str]]:
    entries = []
    for line in lines:
        found = _ENTRY.fullmatch(line)
        if found is None:
            raise BadPack(f"{name}.kql: {line!r} is not of the form `name [unit]: what it says`")
        entries.append((found["name"], found["says"], found["unit"] or ""))
    return entries


def _parameters(name: str, lines: Sequence[str], text: str) -> Sequence[Parameter]:
    lets = {found["name"]: found["value"].strip() for found in _LET.finditer(text)}
    parameters = []
    for parameter, says, _ in _entries(name, lines):
        value = lets.get(parameter)
        if value is None:
            raise BadPack(f"{name}.kql: no `let {parameter} = ...;` for the parameter {parameter}")
        kind = next((kind for kind, form in _KINDS.items() if form.fullmatch(value)), None)
        if kind is None:
            raise BadPack(f"{name}.kql: the default of {parameter} is no plain value: {value}")
        parameters.append(Parameter(parameter, says, kind, value.strip('"') if kind == "string" else value))
    return parameters


def _back(name: str, text: str) -> timedelta:
    found = _BACK.fullmatch(text)
    if found is None:
        raise BadPack(f"{name}.kql: // back: {text} is no time such as 14d or 12h")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
