"""The measures of understanding, and what they measured."""

import json
from pathlib import Path
from typing import Any

import pytest

from evals.__main__ import main
from evals.figures import macro, macro_interval, percentile, wilson

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="the public data is absent (../shared/data): quality was NOT measured"
)


def measure(capsys: pytest.CaptureFixture[str], models: Path, *arguments: str) -> dict[str, Any]:
    assert main([*arguments, "--cache-dir", str(models), "--json"]) == 0
    figures: dict[str, Any] = json.loads(capsys.readouterr().out)
    return figures


@needs_data
@pytest.mark.usefixtures("engine")
def test_intents_of_people(capsys: pytest.CaptureFixture[str], models: Path) -> None:
    """On people's messages the macro accuracy is 0.92 or more."""
    found = measure(capsys, models, "intent", "--data", str(DATA / "intent_human.jsonl"))
    assert found["n"] == 523
    assert found["macro"] >= 0.92


@needs_data
@pytest.mark.usefixtures("engine")
def test_out_of_scope(capsys: pytest.CaptureFixture[str], models: Path) -> None:
    """Nine in ten foreign questions are recognized at 3 % or less false rejects."""
    in_scope = ("--in-scope", str(DATA / "intent_human.jsonl"))
    found = measure(capsys, models, "oos", "--data", str(DATA / "oos.jsonl"), *in_scope)
    assert found["recall"] >= 0.92
    assert found["false_reject_rate"] <= 0.03


@needs_data
@pytest.mark.usefixtures("engine")
def test_languages(capsys: pytest.CaptureFixture[str], models: Path) -> None:
    """The language of a sentence is told right in 99.5 % or more."""
    found = measure(capsys, models, "language", "--data", str(DATA / "language.jsonl"))
    assert found["accuracy"] >= 0.995


@pytest.mark.usefixtures("engine")
def test_a_small_file_is_counted_right(
    capsys: pytest.CaptureFixture[str], models: Path, tmp_path: Path
) -> None:
    """Right means the answer is in `accept`; macro goes by label, or the first accepted intent."""
    file = tmp_path / "rows.jsonl"
    rows = [
        {"text": "where is my order", "accept": ["ORDER_STATUS"], "label": "a"},
        {"text": "track my order", "accept": ["ORDER_STATUS", "TRACKING_UPDATE"], "label": "a"},
        {"text": "where is my order", "accept": ["CANCELLATION"], "label": "a"},
        {"text": "I forgot my password", "accept": ["ACCOUNT_HELP"]},
    ]
    file.write_text("\n".join(map(json.dumps, rows)))
    found = measure(capsys, models, "intent", "--data", str(file))
    assert (found["n"], found["accuracy"]) == (4, 0.75)
    assert found["macro"] == pytest.approx((2 / 3 + 1) / 2, abs=1e-4)
    assert found["per_label"] == {
        "ACCOUNT_HELP": {"n": 1, "accuracy": 1.0},
        "a": {"n": 3, "accuracy": 0.6667},
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"text": "a", "accept": ["ORDER_STATUS"]}\n{broken', "line 2: not JSON"),
        ('{"text": "a"}', "line 1: `accept` is missing"),
        ('{"text": "a", "accept": ["REFUNDS"]}', "not a list of our intents"),
        ("[1]", "line 1: not an object"),
        ("", "no rows"),
    ],
)
def test_a_wrong_file_is_explained(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: str, message: str
) -> None:
    """A file with an error ends with code 2, naming file, line and what is missing."""
    file = tmp_path / "rows.jsonl"
    file.write_text(content)
    assert main(["intent", "--data", str(file)]) == 2
    assert message in capsys.readouterr().err


def test_a_missing_file_is_explained(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """A file that is not there ends with code 2 and its name."""
    assert main(["language", "--data", str(tmp_path / "none.jsonl")]) == 2
    assert "none.jsonl" in capsys.readouterr().err


def test_intervals_and_percentiles() -> None:
    """Wilson's interval matches its published example; a percentile is a value that occurred."""
    # 81 of 263: Newcombe 1998, Statistics in Medicine 17:857, table I, method 3.
    assert wilson([True] * 81 + [False] * 182) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert percentile([5.0, 1.0, 3.0, 2.0, 4.0], 50) == 3.0
    assert percentile([1.0, 2.0], 95) == 2.0
    groups = {"a": [True] * 30 + [False] * 10, "b": [True] * 5}
    low, high = macro_interval(groups)
    assert low < macro(groups) == 0.875 < high
