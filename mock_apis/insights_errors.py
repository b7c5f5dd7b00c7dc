"""Says what is wrong with a query in words of who wrote it: where, and what may have been meant.

duckdb-kql names classes of its parser, DuckDB the SQL that it was given; neither is what stands in the box.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

import duckdb_kql
from duckdb_kql.errors import SourceSpan
from duckdb_kql.translate.functions import AGGREGATE_FUNCTIONS, SCALAR_FUNCTIONS

from mock_apis.insights_percentiles import HIDDEN
from mock_apis.insights_tables import TABLES

_OPERATORS = (
    "as", "consume", "count", "distinct", "evaluate", "extend", "facet", "filter", "find", "fork",
    "getschema", "invoke", "join", "limit", "lookup", "make-series", "mv-apply", "mv-expand", "order",
    "parse", "parse-kv", "parse-where", "partition", "project", "project-away", "project-keep",
    "project-rename", "project-reorder", "reduce", "render", "sample", "sample-distinct", "scan", "search",
    "serialize", "sort", "summarize", "take", "top", "top-hitters", "top-nested", "union", "where",
)  # fmt: skip
"""learn.microsoft.com/kusto/query/tabular-operators."""
_SUCH = "such as AppRequests | take 10"
_FEW = 3
"""What the parser would have taken is told up to so many signs."""
_QUOTES = "'\""
_CURLY = "“”‘’«»"
_COMPARED = re.compile(
    rf"""{HIDDEN}
    | (?P<where>\|\s*(?:where|filter)\b) | (?P<end>[|;])
    | (?P<sign>(?<![=!<>~])=(?![=~>]))""",
    re.VERBOSE,
)
_BRACKETS = re.compile(rf"{HIDDEN} | (?P<open>[(\[{{]) | (?P<close>[)\]}}])", re.VERBOSE)
_SKIPPED = re.compile(rf"\s+ | {HIDDEN}", re.VERBOSE)
_ASSIGNED = re.compile(rf"{HIDDEN} | \b(?P<name>[A-Za-z_]\w*)\s*=(?![=~])", re.VERBOSE)
_MISSING = re.compile(
    r"""Table\ with\ name\ (?P<table>\S+)\ does\ not\ exist
    | (?:[Cc]olumn | Alias\ with\ name)\ "(?P<column>[^"]+)\"""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"//[^\n]*")
_KIND_OF_ERROR = re.compile(r"^[\w ]+ Error: ")
_SIGN = re.compile(r"[\w-]+|\S|")
_EXPECTING = re.compile(r"expecting (?:\{(?P<several>.*)\}|(?P<one>.+))", re.DOTALL)


class QueryError(Exception):
    """The query cannot be answered; `line` and `column` count from 1 where they are known."""

    def __init__(self, code: str, message: str, *, line: int = 0, column: int = 0) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.line = line
        self.column = column


def beginning(query: str) -> None:
    """Refuse what neither Kusto's query API nor ours runs, and what would run here alone.

    Raises:
        QueryError: a command that begins with a dot; `where a = b`, which is a syntax error in Azure.
    """
    first = _first(query)
    if query.startswith(".", first):
        told = f"commands that begin with a dot do not run here; ask a table, {_SUCH}"
        raise _at(query, first, "SyntaxError", told)
    if query[first:].casefold().startswith("select "):
        raise _at(
            query, first, "SyntaxError", f"this is Kusto, not SQL: a query begins with a table, {_SUCH}"
        )
    comparing = False
    for found in _COMPARED.finditer(query):
        if found["sign"] and comparing:
            raise _at(query, found.start(), "SyntaxError", "one = gives a name; to compare, write ==")
        comparing = bool(found["where"]) or (comparing and not found["end"])


def mistyped(query: str, error: duckdb_kql.KqlSyntaxError) -> QueryError:
    """What the parser did not understand, by the query as it was written: what ran was rewritten by us."""
    found = duckdb_kql.validate(query) or error.diagnostics
    if not found:
        return QueryError("SyntaxError", str(error))
    at = _offset(query, found[0].span)
    sign = _sign(query, at)
    if (bracket := _unclosed(query)) is not None:
        return _at(query, bracket, "SyntaxError", f"this {query[bracket]} is not closed")
    told = _said(query, at, sign, found[0].message)
    if sign == "|" and "<EOF>" in found[0].message and _first(query) < at:
        # What is wrong stands behind the | at which the parser gave up.
        behind = at + 1 + len(query[at + 1 :]) - len(query[at + 1 :].lstrip())
        told, word = _operator(_sign(query, behind))
        at = behind if word else at
    return _at(query, at, "SyntaxError", told)


def unsupported(query: str, error: duckdb_kql.KqlUnsupportedError) -> QueryError:
    """What Kusto may know and duckdb-kql does not, by the name that stands in the query."""
    kind, _, name = error.construct.rpartition(":")
    if kind.endswith(("function", "aggregate")):
        near = _near(name, [*SCALAR_FUNCTIONS, *AGGREGATE_FUNCTIONS])
        told = f"the function {name} does not run here, it may run in Azure{near}"
        return _named(query, name, "NotSupportedError", told)
    if name == "multi-statement":
        return QueryError("NotSupportedError", "one query at a time runs here; only let stands before a ;")
    if error.span is None:
        why = f" ({error.hint})" if error.hint else ""
        told = f"{error.construct.replace(':', ' ')} does not run here{why}; it may run in Azure"
        return QueryError("NotSupportedError", told)
    at = _offset(query, error.span)
    name = _sign(query, at) if name.endswith("Operator") else name
    return _at(query, at, "NotSupportedError", f"{name} does not run here; it may run in Azure")


def semantic(query: str, told: str, schema: Mapping[str, Sequence[str]]) -> QueryError:
    """DuckDB's complaint without its echo of our SQL; of a name that is missing, the one that is like it."""
    told = told.partition("\n")[0]
    if "Lists larger than" in told:
        return QueryError("LimitsExceeded", "the query makes more rows than run here; narrow it with where")
    found = _MISSING.search(told)
    if found is None:
        return QueryError("SemanticError", _KIND_OF_ERROR.sub("", told))
    if name := found["table"]:
        own = [each["name"] for each in _ASSIGNED.finditer(query) if each["name"]]
        hint = _other(name, schema, {}) or _near(name, [*schema, *own])
        hint = hint or f"; there are {', '.join(schema)}"
        return _named(query, name, "SemanticError", f"Failed to resolve table named '{name}'{hint}")
    return unknown_column(query, found["column"], schema)


def unknown_column(query: str, name: str, schema: Mapping[str, Sequence[str]]) -> QueryError:
    """No table of the query has such a column, and the query makes none."""
    used = {column: "" for table, columns in schema.items() if table in query for column in columns}
    own = [each["name"] for each in _ASSIGNED.finditer(query) if each["name"]]
    hint = _other(name, {}, used) or _near(name, [*used, *own, *schema])
    bag = next((each for each in ("Properties", "customDimensions") if each in used), "")
    if not hint and bag and not query.startswith(name, _first(query)):
        hint = f"; what a span says stands in {bag}: {bag}.{name}"
    return _named(query, name, "SemanticError", f"Failed to resolve column named '{name}'{hint}")


def _said(query: str, at: int, sign: str, told: str) -> str:
    """The parser's words without the list of all signs that it knows."""
    if "token recognition" in told:
        return _unread(sign)
    if not query[_first(query) : at]:
        return f"a query begins with a table, {_SUCH}"
    if sign in {"", "|"}:
        return "something is missing before this |" if sign else "the query ends too early"
    said = f"'{sign}' is not expected here"
    expected = _EXPECTING.search(told)
    signs = (
        (expected["several"] or expected["one"]).replace("<EOF>", "the end").split(", ") if expected else []
    )
    before = _COMMENT.sub("", query[:at]).rstrip(" \t")
    if before.endswith("\n") and not before.rstrip().endswith(("|", ";", ",", "(")):
        return f"{said}; does a | or a ; lack before it?"
    return f"{said}; expected {' or '.join(signs)}" if 0 < len(signs) <= _FEW else said


def _unread(sign: str) -> str:
    if sign in _QUOTES:
        return "the text that begins here has no end"
    return f"{sign} means nothing here" + "; texts stand in straight quotes" * (sign in _CURLY)


def _operator(word: str) -> tuple[str, str]:
    """What is wrong behind a |, and the word there, if one stands there."""
    if not word[:1].isalpha():
        return "an operator such as where or summarize is missing after this |", ""
    if word in _OPERATORS:
        return f"{word} is not complete, or has something that it does not take", word
    return f"there is no operator {word}{_near(word, _OPERATORS)}", word


def _unclosed(query: str) -> int | None:
    """Where the innermost bracket stands that nothing closes."""
    opened = []
    for found in _BRACKETS.finditer(query):
        if found["open"]:
            opened.append(found.start())
        elif found["close"] and opened:
            opened.pop()
    return opened[-1] if opened else None


def _other(name: str, tables: Iterable[str], columns: Iterable[str]) -> str:
    """The name of the other generation: `customDimensions` of `Properties`, `requests` of `AppRequests`."""
    pairs = [(each.classic, each.workspace) for each in TABLES]
    pairs += [(each.classic, each.workspace) for table in TABLES for each in table.columns]
    known = {*tables, *columns}
    for pair in pairs:
        if name in pair:
            other = pair[pair.index(name) - 1]
            if other in known:
                return f"; here it is {other}"
    return ""


def _near(name: str, known: Iterable[str]) -> str:
    """The name that is most like this one, as a question; empty when none is."""
    by_case = {each.casefold(): each for each in known if each != name}
    found = get_close_matches(name.casefold(), by_case, n=1, cutoff=0.7)
    return f"; did you mean {by_case[found[0]]}?" if found else ""


def _named(query: str, name: str, code: str, told: str) -> QueryError:
    """The error at the first place where the name stands in no text and no comment."""
    pattern = re.compile(rf"{HIDDEN} | (?P<name>(?<!\w){re.escape(name)}(?!\w))", re.VERBOSE)
    found = next((each for each in pattern.finditer(query) if each["name"]), None)
    return _at(query, found.start(), code, told) if found else QueryError(code, told)


def _at(query: str, at: int, code: str, told: str) -> QueryError:
    line = query.count("\n", 0, at) + 1
    return QueryError(code, told, line=line, column=at - query.rfind("\n", 0, at))


def _offset(query: str, span: SourceSpan) -> int:
    """Where a place of the parser's is; it counts lines from 1 and columns from 0."""
    return sum(len(line) + 1 for line in query.split("\n")[: span.line - 1]) + span.column


def _first(query: str) -> int:
    """Where the first sign stands that is neither blank, comment nor text."""
    at = 0
    while (found := _SKIPPED.match(query, at)) is not None:
        at = found.end()
    return at


def _sign(query: str, at: int) -> str:
    found = _SIGN.match(query, at)
    return found[0] if found else ""
