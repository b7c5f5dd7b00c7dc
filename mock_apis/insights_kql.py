"""Answers Kusto queries over our tables through duckdb-kql."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import duckdb_kql

from mock_apis import insights_errors as errors
from mock_apis.insights_constants import with_constants
from mock_apis.insights_errors import QueryError
from mock_apis.insights_percentiles import know_weights, without_percentiles
from mock_apis.insights_store import Telemetry
from mock_apis.insights_tables import TABLES

_KINDS = {
    "VARCHAR": "string",
    "BOOLEAN": "bool",
    "INTEGER": "int",
    "SMALLINT": "int",
    "TINYINT": "int",
    "BIGINT": "long",
    "HUGEINT": "long",
    "UBIGINT": "long",
    "UINTEGER": "long",
    "DOUBLE": "real",
    "FLOAT": "real",
    "TIMESTAMP": "datetime",
    "TIMESTAMP WITH TIME ZONE": "datetime",
    "DATE": "datetime",
    "INTERVAL": "timespan",
    "UUID": "guid",
}


_MOST_CHARACTERS = 10_000
_MOST_DEPTH = 40
"""Brackets within brackets; the parser's time grows steeply with them."""


class TooSlow(Exception):
    """The query took longer than its caller waits."""


@dataclass(frozen=True)
class Answer:
    """A table; a column's type is Kusto's. `cut` says that there were more rows than may be given."""

    columns: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[Any]]
    cut: bool


@dataclass(frozen=True)
class Between:
    """The time a query may see, in seconds since 1970, the end not included."""

    start: float | None = None
    end: float | None = None


def ask(
    telemetry: Telemetry,
    query: str,
    *,
    workspace: bool,
    between: Between,
    most_rows: int,
    seconds: float,
) -> Answer:
    """The answer to a query over a workspace's tables (`AppRequests`) or a resource's (`requests`).

    Raises:
        QueryError: it cannot be parsed, names what is not there, or uses what we cannot run.
        TooSlow: after `seconds`.
    """
    schema = {
        table.workspace if workspace else table.classic: [name for name, _ in table.view(workspace=workspace)]
        for table in TABLES
    }
    reader = telemetry.reader()
    until = time.monotonic() + seconds
    timer = threading.Timer(seconds, reader.interrupt)
    timer.daemon = True
    try:
        for view in _views(telemetry, workspace=workspace, between=between):
            reader.execute(view)
        timer.start()
        sql = _translated(query, schema)
        if time.monotonic() > until:
            raise TooSlow
        found = reader.execute(sql)
        columns = [(each[0], _kind(str(each[1]))) for each in found.description or ()]
        rows = found.fetchmany(most_rows + 1)
    except duckdb.InterruptException as error:
        raise TooSlow from error
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        told = "the query needs more memory than there is for queries; narrow it with where"
        raise QueryError("LimitsExceeded", told) from error
    except duckdb.Error as error:
        raise errors.semantic(query, str(error), schema) from error
    finally:
        timer.cancel()
        reader.close()
    return Answer(columns=columns, rows=rows[:most_rows], cut=len(rows) > most_rows)


def _views(telemetry: Telemetry, *, workspace: bool, between: Between) -> Sequence[str]:
    """The tables under the names of that scope, as temporary views of one connection."""
    start = max(telemetry.oldest, between.start or 0.0)
    seen = f'"timestamp" >= make_timestamp({int(start * 1e6)})'
    if between.end is not None:
        seen += f' AND "timestamp" < make_timestamp({int(between.end * 1e6)})'
    made = []
    for table in TABLES:
        name = table.workspace if workspace else table.classic
        columns = ", ".join(f'{sql} AS "{column}"' for column, sql in table.view(workspace=workspace))
        made.append(f'CREATE TEMP VIEW "{name}" AS SELECT {columns} FROM data.{table.classic} WHERE {seen}')  # noqa: S608  names of ours
    return made


def _translated(query: str, schema: dict[str, list[str]]) -> str:
    _bounded(query)
    errors.beginning(query)
    know_weights()
    try:
        return duckdb_kql.to_sql(without_percentiles(with_constants(query)), schema=schema, allow_write=False)
    except duckdb_kql.KqlSyntaxError as error:
        raise errors.mistyped(query, error) from error
    except duckdb_kql.KqlUnsupportedError as error:
        raise errors.unsupported(query, error) from error
    except duckdb_kql.KqlSchemaError as error:
        raise errors.unknown_column(query, error.name, schema) from error
    except duckdb_kql.KqlError as error:
        raise QueryError("SemanticError", str(error)) from error
    except RecursionError as error:
        told = "the query is nested too deeply"
        raise QueryError("SyntaxError", told) from error


def _bounded(query: str) -> None:
    if len(query) > _MOST_CHARACTERS:
        told = f"the query has more than {_MOST_CHARACTERS} characters"
        raise QueryError("SyntaxError", told)
    depth = 0
    for at, sign in enumerate(query):
        depth += (sign in "([{") - (sign in ")]}")
        if depth > _MOST_DEPTH:
            line = query.count("\n", 0, at) + 1
            told = f"brackets are nested more than {_MOST_DEPTH} deep"
            raise QueryError("SyntaxError", told, line=line, column=at - query.rfind("\n", 0, at))


def _kind(sql_type: str) -> str:
    if sql_type.startswith("DECIMAL"):
        return "decimal"
    return _KINDS.get(sql_type, "dynamic")
