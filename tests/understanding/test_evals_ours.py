"""The measures of several needs, entities, mood, words in a context."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from evals.__main__ import main


def measure(
    capsys: pytest.CaptureFixture[str], models: Path, folder: Path, name: str, *rows: dict[str, object]
) -> dict[str, Any]:
    file = folder / "rows.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    assert main([name, "--data", str(file), "--cache-dir", str(models), "--json"]) == 0
    figures: dict[str, Any] = json.loads(capsys.readouterr().out)
    return figures


@pytest.mark.usefixtures("engine")
def test_what_was_said_before_is_part_of_the_row(
    capsys: pytest.CaptureFixture[str], models: Path, tmp_path: Path
) -> None:
    """A bare number means what the bot had asked for; without the context the same row is wrong."""
    row = {"text": "1001", "accept": ["RETURN_REQUEST"], "lang": "en"}
    context = {
        "context": [
            {"who": "customer", "text": "I want to send my boots back"},
            {"who": "bot", "text": "Which order?"},
        ],
        "open_intent": "RETURN_REQUEST",
        "open_slot": "order_number",
    }
    assert measure(capsys, models, tmp_path, "intent", row | context)["accuracy"] == 1.0
    assert measure(capsys, models, tmp_path, "intent", row)["accuracy"] == 0.0


@pytest.mark.usefixtures("engine")
def test_several_needs(capsys: pytest.CaptureFixture[str], models: Path, tmp_path: Path) -> None:
    """Exact counts messages, recall and precision count needs, the order does not matter."""
    text = "cancel my order please. also, I forgot my password"
    found = measure(
        capsys, models, tmp_path, "needs",
        {"text": text, "lang": "en", "needs": ["ACCOUNT_HELP", "CANCELLATION"]},
        {"text": "I forgot my password", "lang": "en", "needs": ["ACCOUNT_HELP", "LOYALTY_PROGRAM"]},
    )  # fmt: skip
    assert (found["n"], found["exact"], found["recall"], found["precision"]) == (2, 0.5, 0.75, 1.0)
    assert found["main_need"] == 1.0


@pytest.mark.usefixtures("engine")
def test_entities(capsys: pytest.CaptureFixture[str], models: Path, tmp_path: Path) -> None:
    """A missed value lowers recall, an unasked one lowers precision, case does not matter."""
    found = measure(
        capsys, models, tmp_path, "entities",
        {"text": "is #1001 here", "lang": "en", "entities": [{"kind": "order_number", "value": "1001"}]},
        {"text": "where is order #1002", "lang": "en", "entities": []},
        {"text": "it costs too much", "lang": "en", "entities": [{"kind": "amount", "value": "9 USD"}]},
    )  # fmt: skip
    assert (found["exact"], found["recall"], found["precision"]) == (0.3333, 0.5, 0.5)
    assert found["by_kind"] == {
        "amount": {"n": 1, "recall": 0.0},
        "order_number": {"n": 1, "recall": 1.0},
    }


@pytest.mark.usefixtures("engine")
def test_mood(capsys: pytest.CaptureFixture[str], models: Path, tmp_path: Path) -> None:
    """Accuracy by rows, macro by label."""
    found = measure(
        capsys, models, tmp_path, "sentiment",
        {"text": "this is terrible, I am furious", "lang": "en", "label": "negative"},
        {"text": "I hate it, awful service", "lang": "en", "label": "negative"},
        {"text": "this is terrible, I am furious", "lang": "en", "label": "positive"},
    )  # fmt: skip
    assert (found["accuracy"], found["macro"]) == (0.6667, 0.5)


@pytest.mark.usefixtures("engine")
def test_language_in_a_session(capsys: pytest.CaptureFixture[str], models: Path, tmp_path: Path) -> None:
    """With the session's language two words are told right; a whole sentence in another wins over it."""
    found = measure(
        capsys, models, tmp_path, "language",
        {"text": "ok", "lang": "fr"},
        {"text": "Je voudrais savoir où se trouve ma commande", "lang": "fr"},
    )  # fmt: skip
    assert found["accuracy_1_2_words_with_prior"] == 1.0
    assert found["accuracy_after_switching"] == 1.0
    assert found["accuracy_from_3_words"] == 1.0


@pytest.mark.parametrize(
    ("name", "row", "message"),
    [
        ("needs", {"text": "a", "lang": "en", "needs": []}, "line 1: .*needs"),
        ("needs", {"text": "a", "lang": "en", "needs": ["REFUNDS"]}, "line 1: .*REFUNDS"),
        ("entities", {"text": "a", "lang": "en", "entities": [{"kind": "size"}]}, "line 1: .*value"),
        ("sentiment", {"text": "a", "lang": "en", "label": "cross"}, "line 1: .*cross"),
        ("sentiment", {"text": "a", "lang": "de", "label": "neutral"}, "line 1: .*de"),
        (
            "intent",
            {"text": "a", "accept": ["EXCHANGE"], "context": [{"who": "nobody", "text": "b"}]},
            "row 1: .*nobody",
        ),
    ],
)
@pytest.mark.usefixtures("engine")
def test_a_wrong_row_is_explained(
    capsys: pytest.CaptureFixture[str],
    models: Path,
    tmp_path: Path,
    name: str,
    row: dict[str, object],
    message: str,
) -> None:
    """A row of the wrong shape ends with code 2, naming the line and the field or value."""
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps(row))
    assert main([name, "--data", str(file), "--cache-dir", str(models)]) == 2
    assert re.search(f"rows.jsonl, {message}", capsys.readouterr().err)


def test_the_mock_engine_goes_the_whole_way(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """`--engine openai-mock` asks the model's adapter over HTTP; an unknown engine is refused by name."""
    file = tmp_path / "rows.jsonl"
    file.write_text(json.dumps({"text": "where is my order?", "accept": ["ORDER_STATUS"]}))
    assert main(["intent", "--data", str(file), "--engine", "openai-mock", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["accuracy"] == 1.0
    with pytest.raises(SystemExit):
        main(["intent", "--data", str(file), "--engine", "gpt"])
    assert "gpt" in capsys.readouterr().err
