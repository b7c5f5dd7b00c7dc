"""What every back end of the index promises when the embedder fails, changes or lacks a locale."""

from collections.abc import Sequence

import pytest

from shared.adapters.memory.embedder import HashingEmbedder
from shared.errors import ModelDown, SettingsError
from shared.ports import TextKind
from tests.knowledge.back_ends import QUESTION, RETURNS, BackEnd, editions, source, texts


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


async def test_locales_without_vectors_are_found_by_words(back_end: BackEnd) -> None:
    """Only locales that the embedder knows get vectors; one that it learns gets them at the next store."""
    both = [source("returns", RETURNS), source("retours", "Trente jours pour tout.", locale="fr")]
    async with back_end.open(vector_locales=("en",)) as index:
        assert await index.store(both) == 1
        assert await texts(index, "trente jours", "fr") == ["Trente jours pour tout."]
    async with back_end.open() as index:
        assert await index.store([]) == 1
