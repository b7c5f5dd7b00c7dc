"""The measure of personal data tells leaks and over-masking right."""

import argparse
import json
from pathlib import Path

import pytest

from evals.pii import run
from shared.errors import SettingsError


async def measure(tmp_path: Path, *rows: dict[str, object]) -> dict[str, object]:
    data = tmp_path / "rows.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return await run(argparse.Namespace(data=str(data), json=True))


async def test_figures(tmp_path: Path) -> None:
    """A found value is no leak, a missed one is, a word masked outside the spans counts against us."""
    figures = await measure(
        tmp_path,
        {"text": "mail ana@example.com", "span": [5, 20], "record": None, "variant": "mail"},
        {"text": "code zanzibar now", "spans": [[5, 13, "secret"]], "record": None, "variant": "word"},
        {"text": "code zanzibar now", "spans": [[5, 13, "secret"]], "record": {"a": {"b": ["Zanzibar"]}}},
        {"text": "call (555) 013-4477 now", "spans": [], "record": None},
    )
    assert figures["n"] == 4
    assert figures["values"] == 3
    assert figures["leak_rate"] == pytest.approx(1 / 3, abs=1e-3)
    assert figures["overmask_rate"] == pytest.approx(2 / 9, abs=1e-3)
    groups = figures["by_variant"]
    assert isinstance(groups, dict)
    assert {name: group["leak_rate"] for name, group in groups.items()} == {
        "all": 0.0,
        "mail": 0.0,
        "word": 1.0,
    }
    json.dumps(figures)


async def test_groups(tmp_path: Path) -> None:
    """Values are counted by language and type, with the record and without; clean messages by themselves."""
    figures = await measure(
        tmp_path,
        {"text": "zanzibar, call (555) 013-4477", "lang": "en", "record": {"name": "Zanzibar"},
         "spans": [[0, 8, "name"], [15, 29, "phone"]]},
        {"text": "was (555) 013-4477 on sale", "lang": "fr", "spans": []},
    )  # fmt: skip
    assert figures["leak_rate"] == 0.0
    assert figures["leak_rate_unknown"] == 0.5
    assert figures["overmask_clean"] == 0.4
    by_type, by_lang = figures["unknown_by_type"], figures["unknown_by_lang"]
    assert isinstance(by_type, dict)
    assert isinstance(by_lang, dict)
    assert {name: group["leak_rate"] for name, group in by_type.items()} == {"name": 1.0, "phone": 0.0}
    assert {name: group["n"] for name, group in by_lang.items()} == {"en": 2}


async def test_what_tools_need_is_counted_and_told_apart(tmp_path: Path) -> None:
    """The whole figure has the order's number in it, the other has not, and the types show both."""
    figures = await measure(
        tmp_path,
        {"text": "order 1001 of zanzibar, (555) 013-4477", "record": None,
         "spans": [[6, 10, "order_id"], [14, 22, "name"], [24, 38, "phone"]]},
    )  # fmt: skip
    assert figures["leak_rate_unknown"] == pytest.approx(2 / 3, abs=1e-3)
    assert figures["leak_rate_unknown_but_ids"] == 0.5
    by_type = figures["unknown_by_type"]
    assert isinstance(by_type, dict)
    assert {name: group["leak_rate"] for name, group in by_type.items()} == {
        "name": 1.0,
        "order_id": 1.0,
        "phone": 0.0,
    }


async def test_places_are_those_of_the_message(tmp_path: Path) -> None:
    """What is found at a second reading, between tokens of the first, is counted where it stood."""
    text = "quackenbush ordered it. My name is Zebulon Quackenbush, ring (555) 013-4477 now"
    row: dict[str, object] = {"text": text, "spans": [[0, 11, "name"], [35, 54, "name"], [61, 75, "phone"]]}
    figures = await measure(tmp_path, row)
    assert (figures["leak_rate_unknown"], figures["overmask_rate"]) == (0.0, 0.0)


async def test_halves(tmp_path: Path) -> None:
    """Rows that were looked at while developing do not count, unless asked for."""
    rows = [{"text": f"{n} x", "half": half} for n, half in enumerate(("open", "closed", "open"))]
    data = tmp_path / "rows.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    counted = {half: await run(argparse.Namespace(data=str(data), half=half)) for half in ("open", "closed")}
    assert {half: figures["n"] for half, figures in counted.items()} == {"open": 2, "closed": 1}


async def test_half_is_a_leak(tmp_path: Path) -> None:
    """A value of which half of the letters and digits survive has leaked; one letter fewer has not."""
    text = "it is ana@example.com!zanzibarzanzib"
    half = await measure(tmp_path, {"text": text, "span": [6, 35], "record": None})
    assert half["leak_rate"] == 1.0
    less = await measure(tmp_path, {"text": text, "span": [6, 32], "record": None})
    assert less["leak_rate"] == 0.0


@pytest.mark.parametrize(
    "row", [{"text": "ana", "span": [0, 9]}, {"text": "ana", "span": "no"}, {"text": "a", "spans": [3]}]
)
async def test_wrong_rows(tmp_path: Path, row: dict[str, object]) -> None:
    """A wrong span is named with its row."""
    with pytest.raises(SettingsError, match="row 1: "):
        await measure(tmp_path, row)
