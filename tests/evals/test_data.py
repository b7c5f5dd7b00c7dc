"""The held-out messages keep their form, their counts and their distance from the seeds."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from shared.adapters.embedded.seeds import load_seeds
from shared.contracts import LANGUAGES, Entity, Intent

DATA = Path(__file__).parents[2] / "evals" / "data"
ROWS = {
    file.stem: [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    for file in sorted(DATA.glob("*.jsonl"))
}
NORMAL_FORMS = {
    "order_number": r"\d{3,12}",
    "product": r"\S.*\S",
    "size": r"X{0,3}[SML]|X+L|\d{1,2}(\.5)?",
    "color": r"[a-z ]+",
    "amount": r"\d+(\.\d\d)? (USD|EUR)",
    "date": r"(\d{4}|-)-\d\d-\d\d",
    "quantity": r"\d{1,2}",
    "promo_code": r"[A-Z0-9-]+",
}


def folded(text: str) -> str:
    """The words alone: neither case nor punctuation makes a message another one."""
    return " ".join(re.findall(r"\w+", text.lower()))


def spans(text: str, words: int) -> set[str]:
    """Every run of at least so many words."""
    said = text.split()
    return {
        " ".join(said[start:end]) for start in range(len(said)) for end in range(start + words, len(said) + 1)
    }


def test_files_are_those_of_the_table() -> None:
    """The README's table names every file with its rows per language, truly."""
    table = re.findall(
        r"^\| `(\w+)\.jsonl` \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|",
        (DATA / "README.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    by_language = {
        name: [len(rows)] + [sum(row["lang"] == lang for row in rows) for lang in LANGUAGES]
        for name, rows in ROWS.items()
    }
    assert {name: [int(n) for n in counts] for name, *counts in table} == by_language


def test_ids_are_unique() -> None:
    """An id names one row of all files."""
    ids = Counter(row["id"] for rows in ROWS.values() for row in rows)
    assert [name for name, n in ids.items() if n > 1] == []


def test_texts_are_unique() -> None:
    """No message is measured twice; only short answers in a context may look alike."""
    texts: dict[str, list[str]] = {}
    for name, rows in ROWS.items():
        for row in rows:
            if name != "context":
                texts.setdefault(folded(row["text"]), []).append(row["id"])
    assert [ids for ids in texts.values() if len(ids) > 1] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_intents_are_covered(lang: str) -> None:
    """Every intent has 12 messages or more in every language; out of scope has 30."""
    rows = ROWS[f"intent_{lang}"]
    counts = Counter(row["accept"][0] for row in rows)
    assert {row["lang"] for row in rows} == {lang}
    assert set(counts) == set(Intent)
    assert min(counts.values()) >= 12
    assert counts[Intent.OUT_OF_SCOPE] >= 30


@pytest.mark.parametrize("name", ROWS)
def test_names_are_ours(name: str) -> None:
    """Languages, intents, speakers, slots and labels are those of the contracts."""
    for row in ROWS[name]:
        assert row["lang"] in LANGUAGES, row["id"]
        assert row["text"].strip() == row["text"] != "", row["id"]
        for key in {"accept", "needs"} & set(row):
            assert 0 < len(row[key]) == len(set(row[key]) & set(Intent)), row["id"]
        if name == "context":
            assert {said["who"] for said in row["context"]} == {"customer", "bot"}, row["id"]
            assert ("open_intent" in row) == ("open_slot" in row), row["id"]
            assert row.get("open_intent", Intent.EXCHANGE) in set(Intent), row["id"]
            assert row.get("open_slot", "item") in {"order_number", "item", "confirm", "clarify"}, row["id"]
        if name == "sentiment":
            assert row["label"] in {"positive", "neutral", "negative"}, row["id"]
        if name in {"hostile", "lookalikes"}:
            assert row["label"] == (name == "hostile"), row["id"]
            assert row["family"].startswith("lookalike_") == (name == "lookalikes"), row["id"]


def test_needs_are_several_or_one() -> None:
    """60 messages hold more needs than one, 15 only look as if they did."""
    several = Counter(len(row["needs"]) > 1 for row in ROWS["needs"])
    assert several == {True: 60, False: 15}


def test_entities_have_their_normal_form() -> None:
    """A value is written the way the finder writes it: `1001`, `12.99 USD`, `--11-03`."""
    kinds = set(get_args(get_type_hints(Entity)["kind"]))
    assert set(NORMAL_FORMS) <= kinds
    for row in ROWS["entities"]:
        for entity in row["entities"]:
            assert re.fullmatch(NORMAL_FORMS[entity["kind"]], entity["value"]), row["id"]


def test_nothing_was_learned_from() -> None:
    """No message of five words or more is part of a seed, nor a seed of five words part of a message."""
    seeds = {folded(seed.text) for seed in load_seeds()}
    all_seeds = "\n".join(f" {seed} " for seed in seeds)
    seen = []
    for rows in ROWS.values():
        for row in rows:
            text = folded(row["text"])
            within_a_seed = len(text.split()) >= 5 and f" {text} " in all_seeds
            if within_a_seed or spans(text, 5) & seeds:
                seen.append(row["id"])
    assert seen == []  # ids only: who mends these rows must not see the seeds
