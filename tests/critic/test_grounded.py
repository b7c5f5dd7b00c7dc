"""The critic against thousands of replies: good ones pass, altered ones do not (evals/grounding.py)."""

import json
from typing import Any

import pytest

from evals.__main__ import main
from tests import kept

pytestmark = pytest.mark.timeout(600)
"""Tens of thousands of sentences: on two busy cores more than the two minutes of a test."""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, testrun_uid: str) -> dict[str, Any]:
    """The figures of `python -m evals grounding`: 45 s of CPU, once in a run whichever workers ask."""
    file = tmp_path_factory.getbasetemp().parent / f"grounding-{testrun_uid}.json"
    with kept.alone("grounding.lock"):
        if not file.exists():
            file.write_text(_printed(["grounding", "--json"])[-1], "utf-8")
    figures: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return figures


def _printed(command: list[str]) -> list[str]:
    printed: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.print", lambda text, **_: printed.append(text))
        assert main(command) == 0
    return printed


def test_every_sentence_of_our_templates_passes(measured: dict[str, Any]) -> None:
    """Each goal in each tone, variant and with many or few slots is sent as the writer wrote it."""
    assert measured["passed"]["good: templates"]["n"] > 1_000
    assert measured["wrong"].get("good: templates", "") == ""


def test_our_documents_may_be_quoted_and_retold(measured: dict[str, Any]) -> None:
    """Every sentence passes as a quote; with "Yes, " before it, no quote any more, at most 0.5 % do not."""
    assert measured["passed"]["good: quoted"]["n"] > 1_000
    assert measured["wrong"].get("good: quoted", "") == ""
    assert measured["passed"]["good: retold"]["share"] >= 0.995


@pytest.mark.parametrize("when", ["seen", "unseen"])
def test_what_people_would_write_passes(measured: dict[str, Any], when: str) -> None:
    """Of replies in other words than their source's, at most 4 % are sent back."""
    assert measured["passed"][f"good: by hand, {when}"]["share"] >= 0.96


@pytest.mark.parametrize(
    ("kind", "share"),
    [
        ("digit changed", 1.0),
        ("id changed", 1.0),
        ("date changed", 1.0),
        ("unit changed", 1.0),
        ("foreign contact", 1.0),
        ("wrong language", 1.0),
        ("number swapped within source", 0.98),
        ("numbers swapped within sentence", 0.98),
        ("name of product changed", 0.98),
        ("negation removed", 0.98),
        ("negation added", 0.98),
        ("limit removed", 0.95),
        ("opposite", 0.98),
        ("negation by hand, seen", 0.97),
        ("negation by hand, unseen", 0.85),
        ("promise by hand, seen", 0.97),
        ("promise by hand, unseen", 0.9),
    ],
)
def test_what_is_altered_is_found(measured: dict[str, Any], kind: str, share: float) -> None:
    """One value, name, unit, yes or no changed, or one promise made: the reply is sent back."""
    assert measured["found"][kind]["n"] >= 30
    assert measured["found"][kind]["share"] >= share


def test_other_measures_need_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Only a measure that brings its own replies runs without --data."""
    with pytest.raises(SystemExit):
        main(["intent"])
    assert "intent needs --data" in capsys.readouterr().err
