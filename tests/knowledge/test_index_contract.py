"""What every back end of the knowledge index promises: SQLite, MongoDB, and Azure DocumentDB's stand-in."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from shared.adapters.memory.embedder import HashingEmbedder
from shared.adapters.sqlite.index import open_index as open_sqlite
from shared.errors import ModelDown, SettingsError, StoreBusy, StoreDown
from shared.ports import Filters, TextKind
from tests.knowledge.back_ends import TODAY, BackEnd, editions, source, texts
from tests.processes import Process

ROOT = Path(__file__).parents[2]
RETURNS = "You can return most items within 30 days of delivery."
QUESTION = "how long may I return an item"


class Mortal(HashingEmbedder):
    """Dies at its second batch, until revived."""

    def __init__(self) -> None:
        super().__init__()
        self.batches_left = 1

    async def embed(self, texts: Sequence[str], *, kind: TextKind = "question") -> list[list[float]]:
        if not self.batches_left:
            raise ModelDown("no answer within 10 s")
        self.batches_left -= 1
        return await super().embed(texts, kind=kind)


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


async def test_additions_and_removals_are_one_step(back_end: BackEnd) -> None:
    """A file that was moved is never there twice, nor missing."""
    async with back_end.open() as index:
        await index.store([source("returns", RETURNS), source("old", "Old tents are great.")])
        await index.store(
            [source("returns", RETURNS, file="en/returns.md")], removed=["returns.md", "old.md"]
        )
        assert (await index.files())[1] == {"en/returns.md": "returns"}
        assert await texts(index, QUESTION) == [RETURNS]


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


async def test_the_version_names_what_is_served(back_end: BackEnd) -> None:
    """The same content has the same name in every process; any change of it has another."""
    async with back_end.open() as index:
        await index.store([source("returns", RETURNS)])
        first = await index.version()
    async with back_end.open() as index, back_end.open() as other:
        assert await index.version() == first
        await other.store([source("returns", RETURNS.replace("30", "45"))])
        assert await index.version() == await other.version() != first
        await other.store([source("returns", RETURNS)])
        assert await index.version() == first


async def test_another_process_sees_a_publication(back_end: BackEnd) -> None:
    """What one process publishes, the other serves at its next search."""
    async with back_end.open() as writer, back_end.open() as reader:
        assert await texts(reader, QUESTION) == []
        await writer.store([source("returns", RETURNS)])
        assert await texts(reader, QUESTION) == [RETURNS]


async def test_an_embedder_that_dies_leaves_the_last_version_whole(back_end: BackEnd) -> None:
    """Half a publication is never seen; the next call pays only for what was not done yet."""
    mortal = Mortal()
    async with back_end.open(mortal) as index, back_end.open() as reader:
        mortal.batches_left = 9
        await index.store(editions("first"))
        before = await index.version()
        mortal.batches_left, paid = 1, mortal.texts
        with pytest.raises(ModelDown):
            await index.store(editions("second"), removed=["doc-1.md"])
        assert mortal.texts - paid == 32
        assert await index.version() == await reader.version() == before
        found = await reader.search("first edition thing1 tents", language="en", k=1)
        assert found.passages[0].text == "The first edition says thing1 about tents."
        alone = await _score_by_words(reader, "first edition thing1 tents")
        assert found.passages[0].score != pytest.approx(alone)  # its vector still counts
        mortal.batches_left = 9
        assert await index.store(editions("second")) == 8
        assert "second" in (await texts(reader, "edition thing1 tents"))[0]


async def _score_by_words(index: object, question: str) -> float:
    """What words alone would say of the best passage."""
    ranking = next(iter(index._rankings.values()))  # type: ignore[attr-defined]
    return ranking.shelves["en"].best(question, None, 1)[0][1]  # type: ignore[no-any-return]


async def test_who_publishes_second_is_told_to_try_again(back_end: BackEnd) -> None:
    """Two processes at once: the first wins whole, the loser writes nothing and pays nothing twice."""

    class Slow(HashingEmbedder):
        def __init__(self) -> None:
            super().__init__()
            self.asked, self.go_on = asyncio.Event(), asyncio.Event()

        async def embed(self, texts: Sequence[str], *, kind: TextKind = "question") -> list[list[float]]:
            self.asked.set()
            await self.go_on.wait()
            return await super().embed(texts, kind=kind)

    slow = Slow()
    async with back_end.open() as first, back_end.open(slow) as second:
        await first.store([source("returns", RETURNS)])
        losing = asyncio.create_task(second.store([source("care", "Dry the tent.")], removed=["returns.md"]))
        await slow.asked.wait()
        await first.store([source("gifts", "Gift cards come by e-mail.", title="Gifts")])
        slow.go_on.set()
        with pytest.raises(StoreBusy, match="sync again") as busy:
            await losing
        assert busy.value.retry
        assert set((await second.files())[0]) == {"returns.md", "gifts.md"}
        paid = slow.texts
        assert await second.store([source("care", "Dry the tent.")]) == 0
        assert slow.texts == paid
        assert await first.count() == {"en": 3}


async def test_two_first_publications_do_not_mix(back_end: BackEnd) -> None:
    """On an empty index too, one of two wins."""
    async with back_end.open() as first, back_end.open() as second:
        stored = await asyncio.gather(
            first.store([source("returns", RETURNS)]),
            second.store([source("gifts", "Gift cards come by e-mail.")]),
            return_exceptions=True,
        )
        lost = [error for error in stored if isinstance(error, StoreBusy)]
        assert all(isinstance(one, int | StoreBusy) for one in stored)
        assert sum((await first.count()).values()) == 2 - len(lost) >= 1


@pytest.mark.parametrize("point", ["embedding", "switch"])
async def test_a_killed_process_leaves_the_last_version_serving(
    back_end: BackEnd, point: str, tmp_path: Path
) -> None:
    """SIGKILL while vectors are made or just before the switch: the old edition is whole, the new resumes."""
    async with back_end.open() as index:
        await index.store(editions("first"))
        before = await index.version()
    command = [sys.executable, "-m", "tests.knowledge.killed_store", back_end.name, back_end.url, point]
    process = Process("store", command, ready="AT THE POINT", folder=tmp_path / "out", env={})
    try:
        await asyncio.to_thread(process.wait_ready)
    finally:
        process.kill()
    embedder = HashingEmbedder()
    async with back_end.open(embedder) as index:
        assert await index.version() == before
        assert len((await index.files())[0]) == 40
        assert await texts(index, "first edition thing39 about tents")
        assert await index.store(editions("second", 39), removed=["doc-39.md"]) == (
            7 if point == "embedding" else 0
        )
        assert await index.count() == {"en": 39}
        assert all("second" in text for text in await texts(index, "edition thing7 about tents"))


async def test_another_embedder_is_refused_until_asked_to_embed_anew(back_end: BackEnd) -> None:
    """Vectors of two models are never compared, by the process that changed nor by those that still run."""
    other = HashingEmbedder(name="other", dimensions=32)
    async with back_end.open() as old:
        await old.store([source("returns", RETURNS)])
        with pytest.raises(SettingsError, match=r"hashing-64/64.*other/32.*re_embed"):
            async with back_end.open(other):
                pass
        async with back_end.open(other, re_embed=True) as index:
            assert await texts(index, QUESTION)  # by words, until the next sync
            assert await index.store([]) == 1
            assert await index.store([]) == 0
            assert await texts(index, QUESTION) == [RETURNS]
        assert await texts(old, QUESTION) == [RETURNS]
    async with back_end.open(other) as index:
        await index.ping()
    with pytest.raises(SettingsError, match=r"other/32.*hashing-64/64"):
        async with back_end.open():
            pass


async def test_words_serve_alone_while_the_embedder_is_down(back_end: BackEnd) -> None:
    """A dead embedder costs quality, not the answer."""
    async with back_end.open() as index:
        await index.store([source("returns", RETURNS)])
    dead = Mortal()
    dead.batches_left = 0
    async with back_end.open(dead) as index:
        assert await texts(index, QUESTION) == [RETURNS]


async def test_vectors_of_the_wrong_width_are_not_stored(back_end: BackEnd) -> None:
    """An embedder that does not give what it says is a model error, before anything is published."""

    class Narrow(HashingEmbedder):
        async def embed(self, texts: Sequence[str], *, kind: TextKind = "question") -> list[list[float]]:
            return [vector[:5] for vector in await super().embed(texts, kind=kind)]

    async with back_end.open(Narrow()) as index:
        with pytest.raises(ModelDown, match=r"\(1, 5\).*64 dimensions"):
            await index.store([source("returns", RETURNS)])
        assert await index.files() == ({}, {})


async def test_locales_without_vectors_are_found_by_words(back_end: BackEnd) -> None:
    """Only locales that the embedder knows get vectors; one that it learns gets them at the next store."""
    both = [source("returns", RETURNS), source("retours", "Trente jours pour tout.", locale="fr")]
    async with back_end.open(vector_locales=("en",)) as index:
        assert await index.store(both) == 1
        assert await texts(index, "trente jours", "fr") == ["Trente jours pour tout."]
    async with back_end.open() as index:
        assert await index.store([]) == 1


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
