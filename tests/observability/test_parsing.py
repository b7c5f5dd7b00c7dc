"""The query pack as Microsoft's own parser reads it, against the schema of our contract and tables."""

import os
import shutil

import pytest

from observability.parsing import MODULES, diagnostics
from observability.schema import keys_read, known_keys
from shared.traces_pack import read_pack

WRONG = {
    "no_table": "AppRequest | count",
    "no_column": "AppRequests\n| where Nmae == 'turn'",
    "no_operator": "AppRequests | were true",
    "wrong_type": "AppRequests | summarize sum(Name)",
}


def test_the_pack_is_right_and_what_is_wrong_is_found() -> None:
    """No diagnostic on any query; tables, columns, operators and types that are wrong have one each."""
    if shutil.which("node") is None or not MODULES.is_dir():
        missing = "no Kusto parser: `make .venv/kusto.ok` installs it by npm"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    pack = read_pack()
    found = diagnostics({name: query.text for name, query in pack.items()} | WRONG, modules=MODULES)
    assert {name: told for name, told in found.items() if told and name not in WRONG} == {}
    assert {name: bool(found[name]) for name in WRONG} == dict.fromkeys(WRONG, True)
    (where,) = found["no_column"]
    assert (where.line, where.column, "Nmae" in where.message) == (2, 9, True)


def test_queries_read_what_the_contract_names() -> None:
    """A parser knows no keys of `Properties`: each that is read is one of the contract."""
    known = known_keys()
    strange = {
        (name, bag, key)
        for name, query in read_pack().items()
        for bag, key in keys_read(query.text)
        if key not in known[bag]
    }
    assert not strange


def test_keys_are_found_however_they_are_written() -> None:
    """By a dot or in brackets, and not in comments or texts."""
    query = """// Properties.comment
    T | where Properties.agent == "Properties.text" and Properties["gen_ai.agent.name"] != @"Measurements.raw"
    | extend x = todouble(Measurements["a.b"]) + Measurements.c"""
    assert keys_read(query) == {
        ("Properties", "agent"),
        ("Properties", "gen_ai.agent.name"),
        ("Measurements", "a.b"),
        ("Measurements", "c"),
    }


def test_few_run_in_azure_alone() -> None:
    """What cannot be tried here is hardly tried at all: fewer than three."""
    assert sum(bool(query.portal_only) for query in read_pack().values()) < 3


def test_the_pack_answers_what_operators_ask() -> None:
    """At least 28 questions, each unlike the others, each with a reader and columns that are told."""
    pack = read_pack()
    assert len(pack) >= 28
    assert len({query.what for query in pack.values()}) == len(pack)
    assert all(query.what.endswith("?") and query.who and query.columns for query in pack.values())
    odd = [name for name, query in pack.items() if len(query.example.split("|")) != len(query.columns)]
    assert not odd, "their examples have other columns"
