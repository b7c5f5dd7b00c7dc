"""What every back end of the index promises of a search: SQLite, MongoDB, and DocumentDB's stand-in alike."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from shared.adapters.memory.embedder import HashingEmbedder
from shared.adapters.sqlite.index import open_index as open_sqlite
from shared.errors import StoreDown
from shared.ports import Filters
from tests.knowledge.back_ends import QUESTION, RETURNS, TODAY, BackEnd, source, texts

ROOT = Path(__file__).parents[2]


async def test_what_is_stored_is_found(back_end: BackEnd) -> None:
    """A document is served with its source; the next process finds it, and pays for no vector again."""
    embedder = HashingEmbedder()
    async with back_end.open(embedder) as index:
        assert await index.store([source("returns", RETURNS), source("again", RETURNS)]) == 1
        (first, *_) = (await index.search(QUESTION, language="en", k=3)).passages
        assert (first.text, first.source, first.section) == (RETURNS, "again.md", "How long")
        assert await index.files() == (
            {s.file: s.digest for s in [source("returns", RETURNS), source("again", RETURNS)]},
            {"returns.md": "returns", "again.md": "again"},
        )
    async with back_end.open(embedder) as index:
        assert await index.store([source("returns", RETURNS)]) == 0
        assert await texts(index, QUESTION) == [RETURNS, RETURNS]
        assert await index.count() == {"en": 2}
    assert embedder.texts == 1 + 2  # one text for the documents, two questions


async def test_an_empty_index_says_so(back_end: BackEnd) -> None:
    """Without knowledge a search finds nothing, and the ping names the remedy."""
    async with back_end.open() as index:
        assert (await index.search(QUESTION, language="en", k=3)).passages == ()
        assert await index.files() == ({}, {})
        assert await index.store([]) == 0
        with pytest.raises(StoreDown, match="empty; sync"):
            await index.ping()
        await index.store([source("returns", RETURNS)])
        await index.ping()
        await index.store([], removed=["returns.md"])
        with pytest.raises(StoreDown, match="empty"):
            await index.ping()


async def test_filters_narrow_a_search(back_end: BackEnd) -> None:
    """Locales and categories that were not asked for are left out."""
    async with back_end.open() as index:
        await index.store(
            [
                source("returns", "Return the tent within 30 days."),
                source("care", "Dry the tent before you return home.", title="Care", category="product-care"),
                source("retours", "Return the tent.", title="Return the tent", locale="fr"),
            ]
        )

        async def ids(filters: Filters | None) -> set[str]:
            found = await index.search("return the tent", language="en", k=3, filters=filters)
            return {passage.id.removeprefix("kb:").partition("#")[0] for passage in found.passages}

        assert await ids(None) == {"returns", "care", "retours"}
        assert await ids(Filters(locales=("fr",))) == {"retours"}
        assert await ids(Filters(categories=("product-care",))) == {"care"}
        assert await ids(Filters(locales=("en",), categories=("returns",))) == {"returns"}
        assert await ids(Filters(categories=("nothing",))) == set()


async def test_what_was_nearest_below_the_floor_is_named(back_end: BackEnd) -> None:
    """When nothing of the asked language is good enough, up to three of it are kept for the gap's record."""
    documents = [
        source(f"d{n}", f"We sell and repair many useful kinds of outdoor {thing}s.", title=thing)
        for n, thing in enumerate(["tent", "boot", "stove", "lamp"])
    ]
    async with back_end.open() as index:
        await index.store([*documents, source("r", "kayak kayak rental", title="kayak rental", locale="fr")])
        found = await index.search("do you ever offer kayak rental of outdoor", language="en", k=3)
        assert [passage.locale for passage in found.passages] == ["fr"]
        assert [passage.locale for passage in found.nearest] == ["en"] * 3
        assert all(0 < passage.score < 0.22 for passage in found.nearest)
        assert (await index.search("kayak rental", language="fr", k=3)).nearest == ()


async def test_documents_hold_from_a_day_to_a_day(back_end: BackEnd) -> None:
    """A version for some days takes over and gives back by itself, and a later one waits beside it."""
    day = [TODAY]
    weekend = date(2026, 11, 27)
    async with back_end.open(today=lambda: day[0]) as index:
        await index.store([source("returns", RETURNS)])
        special = source(
            "returns", "Return items within 60 days of delivery.", since=weekend, until=weekend + timedelta(3)
        )
        await index.store([special])
        assert (await index.files())[0] == {"returns.md": special.digest}
        names = [await index.version()]
        for passed, said in [(0, "30 days"), (6, "60 days"), (9, "60 days"), (10, "30 days")]:
            day[0] = TODAY + timedelta(passed)
            (text,) = await texts(index, QUESTION)
            assert said in text
            names.append(await index.version())
        assert names[0] == names[1] == names[4] != names[2] == names[3]
        later = Filters(on=weekend)
        assert "60 days" in (await index.search(QUESTION, language="en", k=1, filters=later)).passages[0].text
        await index.store([source("returns", "Return items within 90 days of delivery.")])
        day[0] = weekend
        (text,) = await texts(index, QUESTION)
        assert "90 days" in text


async def test_an_expired_document_is_not_served(back_end: BackEnd) -> None:
    """The last day counts; after it the file is still known, so that a sync does not read it anew."""
    async with back_end.open() as index:
        await index.store([source("returns", RETURNS, until=TODAY)])
        assert await texts(index, QUESTION) == [RETURNS]
    async with back_end.open(today=lambda: TODAY + timedelta(1)) as index:
        assert await texts(index, QUESTION) == []
        assert (await index.files())[1] == {"returns.md": "returns"}


async def test_every_back_end_ranks_the_shops_documents_alike(back_end: BackEnd, tmp_path: Path) -> None:
    """The same questions bring the same passages with the same scores, whoever compares the vectors."""
    questions = [
        "How long do I have to return an item?",
        "can I use two promo codes on one order",
        "combien coûte la livraison express",
        "olvidé mi contraseña",
    ]
    path = tmp_path / "reference.db"
    async with (
        open_sqlite(path, embedder=HashingEmbedder(), vector_locales=("en", "fr", "es")) as reference,
        back_end.open(today=lambda: date(2026, 11, 26)) as index,
    ):
        await reference.sync(ROOT / "knowledge_base")
        report = await index.sync(ROOT / "knowledge_base")
        assert report.rejected == ()
        assert (await index.sync(ROOT / "knowledge_base")).added == ()
        for question in questions:
            expected = (await reference.search(question, language="en", k=1)).passages
            found = (await index.search(question, language="en", k=1)).passages
            assert [p.id for p in found] == [p.id for p in expected]
            assert [p.score for p in found] == pytest.approx([p.score for p in expected], abs=0.001)
