"""Contradictions: different values for one fact are found and quoted, look-alikes are left alone."""

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from shared.adapters.knowledge.contradictions import (
    Contradiction,
    Quote,
    find_contradictions,
    load_declared,
    refused,
    render,
)
from shared.adapters.knowledge.documents import Document, Section
from shared.adapters.knowledge.formats.markdown import parse_document
from shared.contracts import LANGUAGES
from shared.errors import SettingsError

KNOWLEDGE = Path(__file__).parents[2] / "knowledge_base"
PAIRS: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "contradictions.toml").read_text("utf-8")
)["pair"]


def document(text: str, *, key: str = "a", translation_of: str = "", since: str = "2026-01-01") -> Document:
    """A document of one section from `locale | title | section | text`."""
    locale, title, section, body = (part.strip() for part in text.split("|", 3))
    return Document(
        id=key,
        title=title,
        category="shop",
        locale=next(language for language in LANGUAGES if language == locale),
        version=1,
        effective_from=date.fromisoformat(since),
        translation_of=translation_of,
        sections=(Section((section,), body),),
    )


def found(pair: dict[str, Any]) -> tuple[Contradiction, ...]:
    one = document(pair["a"])
    other = document(
        pair["b"],
        key="a" if pair.get("b_supersedes") else "b",
        translation_of="a" if pair.get("translates") else "",
        since=pair.get("b_from", "2026-01-01"),
    )
    return find_contradictions([one, other])


def shop() -> list[Document]:
    files = sorted(KNOWLEDGE.rglob("*.md"))
    return [parse_document(path.read_text("utf-8")) for path in files if path.name != "README.md"]


def changed(documents: list[Document], key: str, old: str, new: str) -> list[Document]:
    """The documents with one sentence of one of them rewritten."""

    def rewritten() -> Iterator[Document]:
        for original in documents:
            if original.id != key:
                yield original
                continue
            texts = [section.text for section in original.sections]
            assert any(old in text for text in texts), f"{old!r} is not in {key}"
            sections = [
                replace(section, text=section.text.replace(old, new)) for section in original.sections
            ]
            yield replace(original, sections=tuple(sections))

    return list(rewritten())


def test_the_pairs_are_enough_and_half_of_them_were_written_after_the_checker() -> None:
    """Recall and false alarms are measured on both halves."""
    for written in ("before", "after"):
        for contradicts in (True, False):
            half = [p for p in PAIRS if (p["written"], p["contradicts"]) == (written, contradicts)]
            assert len(half) >= 30


@pytest.mark.parametrize(("written", "floor"), [("before", 29), ("after", 26), ("last", 6)])
def test_planted_contradictions_are_found(written: str, floor: int) -> None:
    """What is found today is found tomorrow; contradictions.toml says how it did on pairs it had not seen."""
    planted = [pair for pair in PAIRS if pair["written"] == written and pair["contradicts"]]
    missed = [f"{pair['a']} <> {pair['b']}" for pair in planted if not found(pair)]
    assert len(planted) - len(missed) >= floor, "\n".join(missed)


@pytest.mark.parametrize("pair", [p for p in PAIRS if not p["contradicts"]], ids=lambda p: p["b"][:60])
def test_a_look_alike_is_no_contradiction(pair: dict[str, Any]) -> None:
    """Two facts that only look like one are never reported."""
    assert not [render(contradiction) for contradiction in found(pair)]


def test_our_own_documents_do_not_contradict_each_other() -> None:
    """No false alarm on the knowledge base, with the declared facts beside it."""
    reported = find_contradictions(shop(), declared=load_declared(KNOWLEDGE))
    assert not [render(contradiction) for contradiction in reported]


def test_a_contradiction_quotes_both_sentences_with_their_places() -> None:
    """The person who publishes sees what stands where, word for word."""
    questions = document(
        "en | Questions | Returns | Yes. You can send items back within 14 days of delivery. Ask us.",
        key="faq",
    )
    reported = find_contradictions([*shop(), questions], changed={"faq"}, files={"faq": "en/faq.md"})
    (contradiction,) = [c for c in reported if "returns-policy" in c.documents]
    quotes = {quote.document: quote for quote in contradiction.quotes}
    assert quotes["faq"] == Quote(
        "faq", "Returns", "You can send items back within 14 days of delivery.", "14 days", "en/faq.md"
    )
    assert quotes["returns-policy"] == Quote(
        "returns-policy",
        "How long you have to return an item",
        "You can return most items within 30 days of delivery.",
        "30 days",
    )
    text = render(contradiction)
    assert '"You can return most items within 30 days of delivery."' in text
    assert "en/faq.md (Returns)" in text
    assert "30 days against 14 days" in text or "14 days against 30 days" in text


def test_a_translation_is_held_to_its_original() -> None:
    """A French number that differs from the English one is reported with both sentences."""
    documents = changed(shop(), "shipping-policy-fr", "6,95 $", "9,95 $")
    (contradiction,) = find_contradictions(documents, changed={"shipping-policy-fr"})
    assert contradiction.documents == {"shipping-policy", "shipping-policy-fr"}
    assert {quote.value for quote in contradiction.quotes} == {"$6.95", "9,95 $"}


def test_checking_what_changed_finds_what_checking_everything_finds() -> None:
    """A sync need only ask about the documents it changed."""
    documents = changed(shop(), "shipping-policy", "costs $14.95", "costs $17.95")
    everything = find_contradictions(documents)
    assert everything
    assert set(find_contradictions(documents, changed={"shipping-policy"})) == set(everything)
    assert not find_contradictions(documents, changed={"gift-cards"})


def test_a_version_that_has_ended_contradicts_nothing() -> None:
    """Only versions that are served on the same day are compared."""
    old = document("en | Returns | Window | You can return items within 14 days of delivery.")
    new = document("en | Returns | Window | You can return items within 30 days.", since="2026-06-01")
    assert not find_contradictions([old, new])
    assert find_contradictions([old, replace(new, id="b")])


def test_only_changed_documents_are_refused() -> None:
    """The document that was right yesterday keeps serving; the new one is held back."""
    documents = changed(shop(), "shipping-policy-fr", "6,95 $", "9,95 $")
    reported = find_contradictions(documents)
    assert refused(reported, {"shipping-policy-fr", "gift-cards"}) == {"shipping-policy-fr"}
    assert not refused(reported, {"gift-cards"})


def test_a_changed_document_that_agrees_with_what_is_served_is_not_refused() -> None:
    """Of two new documents only the one that departs from the served value is held back."""
    quotes = (
        Quote("old", "", "30 days.", "30"),
        Quote("new", "", "30 days.", "30"),
        Quote("bad", "", "9.", "9"),
    )
    assert refused([Contradiction("window", quotes)], {"new", "bad"}) == {"bad"}


def test_new_documents_that_contradict_each_other_are_all_refused() -> None:
    """When nothing that is served says which is right, none of them is published."""
    quotes = (Quote("one", "", "30 days.", "30"), Quote("two", "", "14 days.", "14"))
    assert refused([Contradiction("window", quotes)], {"one", "two"}) == {"one", "two"}


def test_a_document_that_leaves_out_a_declared_fact_is_reported() -> None:
    """FACTS.toml lists who states a fact; a rewritten sentence cannot drop it unseen."""
    documents = changed(shop(), "community-discount", "15 % off full-price gear", "25 % off full-price gear")
    reported = find_contradictions(
        documents, declared=load_declared(KNOWLEDGE), changed={"community-discount"}
    )
    (declared,) = [c for c in reported if c.fact == "prices.community_percent"]
    assert {quote.value for quote in declared.quotes} >= {"15 percent", "not stated"}
    assert refused(reported, {"community-discount"}) == {"community-discount"}


def test_another_figure_in_the_words_of_a_declared_fact_is_reported_anywhere() -> None:
    """A document that is not listed for a fact may not state it otherwise either."""
    documents = [
        *shop(),
        document("en | Studio | Data | We erase personal data within 60 days.", key="studio"),
    ]
    reported = find_contradictions(documents, declared=load_declared(KNOWLEDGE), changed={"studio"})
    (declared,) = [c for c in reported if c.fact == "privacy.deletion_days"]
    assert "personal data within 60 days" in {quote.value for quote in declared.quotes}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[a.b\n", "not valid TOML"),
        ("a = 1\n", r"write it as \[group.key\]"),
        ("[a.b]\nvalue = 1\n", "a.b"),
        ('[a.b]\nvalue = 1\ndocuments = []\ncolour = "x"\n', "colour"),
    ],
)
def test_a_wrong_facts_file_is_refused_naming_fact_and_remedy(tmp_path: Path, text: str, says: str) -> None:
    """The error names the file, the fact and what to do."""
    (tmp_path / "FACTS.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=says):
        load_declared(tmp_path)


def test_a_folder_without_declared_facts_is_fine(tmp_path: Path) -> None:
    """FACTS.toml is an offer, not a duty."""
    assert load_declared(tmp_path) is None
