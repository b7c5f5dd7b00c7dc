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
