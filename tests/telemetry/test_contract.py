"""The contract of names: nothing else is said, and its page is what it says."""

import re
from pathlib import Path

import pytest

from shared.telemetry import described
from shared.telemetry.contract import GIVEN, SPANS, keys, span_type, wire_names

ROOT = Path(__file__).parents[2]
ROOMS = ("agents", "conversation", "gateway", "shared", "launch")


def test_the_page_is_what_the_contract_says() -> None:
    """`python -m shared.telemetry.described` writes it."""
    assert described.FILE.read_text("utf-8") == described.page()


def test_no_name_is_given_twice_or_begins_like_the_exporters_own() -> None:
    """What begins so is dropped on the way (tests/telemetry/test_export.py)."""
    names = [*wire_names().values(), *GIVEN]
    assert len(names) == len(set(names))
    assert not [
        n for n in names if n.startswith(("http.", "db.", "messaging.", "rpc.", "server.", "microsoft."))
    ]


def test_every_name_is_said_by_somebody() -> None:
    """A name that nobody notes is no part of a contract."""
    code = "\n".join(path.read_text("utf-8") for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    said = set(re.findall(r"\b(\w+)=", code)) | set(re.findall(r'"(\w+)": ', code))
    assert not sorted(set(keys()) - said)


def test_a_span_that_the_contract_does_not_know_is_an_error() -> None:
    """Each known name has one type; what an agent is called follows its type's name."""
    assert span_type("invoke_agent conversation").name == "invoke_agent conversation"
    assert span_type("invoke_agent intent").name == "invoke_agent "
    assert {each.table for each in SPANS} == {"AppRequests", "AppDependencies"}
    with pytest.raises(KeyError, match=r"no span type for 'dream'"):
        span_type("dream")
