"""Whether something holds of a product is quoted from where it stands, or plainly not known."""

from pathlib import Path
from typing import Any

import pytest

from shared import contracts as c
from shared.errors import VendorDown
from tests.conversation.desk import USAGE, ids, running, understood

INQUIRY = understood("PRODUCT_INQUIRY")


def _tent(name: str, description: str, *tags: str) -> c.Product:
    return c.Product(
        handle=name.lower(),
        title=f"{name} Tent",
        category="Tents",
        description=description,
        currency="USD",
        final_sale=False,
        variants=(c.Variant(title="Moss", sku=f"HP-{name}", price="429.00", in_stock=4),),
        tags=tags,
    )


HERON = _tent("Heron", "Roomy tent. The fly is rated to a 3,000 mm water column.", "family")
TERN = _tent("Tern", "Tent for two. Weighs 1.9 kg.", "organic")


async def _shelf(ask: c.FetchFacts) -> c.FactsFetched:
    return c.FactsFetched(**ids(ask), products=(TERN, HERON) if "products" in ask.wants else ())


async def _near(ask: c.RetrievePassages) -> c.PassagesRetrieved:
    passage = c.Passage(
        id="kb:tents#rain", source="tents.md", title="Our tents", section="Rain", locale="en", version=1,
        text="The Heron Tent keeps out rain. It has two doors.", category="products", score=0.5,
    )  # fmt: skip
    return c.PassagesRetrieved(**ids(ask), passages=(passage,), usage=USAGE)


ANSWERS: dict[Any, Any] = {c.CLASSIFY: INQUIRY, c.FETCH: _shelf, c.RETRIEVE: _near}


def _asked_to_write(desk: Any) -> c.WriteReply:
    return next(ask for ask in reversed(desk.asked) if isinstance(ask, c.WriteReply))


async def test_what_nothing_tells_is_not_known_and_kept(tmp_path: Path) -> None:
    """The reply names the product and nothing else of it; the gap names the passages that were near."""
    async with running(tmp_path, ANSWERS) as desk:
        result = await desk.say("is the heron tent fire retardant?")
        [gap] = await desk.service.steps.store.gaps()
    reply = " ".join(sentence.text for sentence in result.sentences)
    assert "Heron Tent" in reply
    assert "429" not in reply
    assert (result.gap, gap.question) == (True, "is the heron tent fire retardant?")
    assert [near.id for near in gap.nearest] == ["kb:tents#rain"]


async def test_every_writer_is_given_the_decision(tmp_path: Path) -> None:
    """No passage and no field but the name: what a writer has not, it cannot quote."""
    async with running(tmp_path, ANSWERS) as desk:
        await desk.say("is the heron tent fire retardant?")
        ask = _asked_to_write(desk)
    assert [topic.goal for topic in ask.topics] == ["product.not_told"]
    assert (ask.passages, [fact.id for fact in ask.facts]) == ((), ["product:heron/title"])


async def test_what_is_told_is_cut_to_the_words_that_tell_it(tmp_path: Path) -> None:
    """And the products of which nothing tells it are named to the writer, and to the customer."""
    async with running(tmp_path, ANSWERS) as desk:
        result = await desk.say("are your tents waterproof?")
        ask = _asked_to_write(desk)
    [topic] = ask.topics
    assert (topic.goal, topic.facts) == (
        "product.told",
        {"told_1": "product:heron/title", "silent_1": "product:tern/title"},
    )
    assert [page.text for page in ask.passages] == ["The fly is rated to a 3,000 mm water column."]
    assert "Tern Tent" in result.sentences[-1].text
    assert not result.gap


async def test_a_mark_of_the_shop_is_told_as_such(tmp_path: Path) -> None:
    """With its own fact as the source."""
    async with running(tmp_path, ANSWERS) as desk:
        result = await desk.say("is the Tern tent organic?")
    [told] = result.sentences
    assert "organic" in told.text
    assert "product:tern/tags" in told.sources


async def test_a_price_beside_an_unknown_property_is_still_told(tmp_path: Path) -> None:
    """Without a sentence that would pass for the answer."""
    async with running(tmp_path, ANSWERS) as desk:
        result = await desk.say("how much is the Heron tent in the vegan version?")
    reply = " ".join(sentence.text for sentence in result.sentences)
    assert "$429" in reply
    assert "3,000" not in reply


@pytest.mark.parametrize("intent", ["PRODUCT_INQUIRY", "PRICE_PROMOTION"])
async def test_who_names_product_and_property_is_not_asked_again(tmp_path: Path, intent: str) -> None:
    """However unsure the intent agent is, as long as it may be a question about a product."""
    maybe = (c.Need(intent=c.Intent.PRODUCT_INQUIRY, confidence=0.2),)
    unsure = understood(intent, 0.4, alternatives=maybe)
    async with running(tmp_path, {**ANSWERS, c.CLASSIFY: unsure}) as desk:
        result = await desk.say("are your tents fire retardant?")
    assert (result.status, result.gap, result.intent) == ("answered", True, c.Intent.PRODUCT_INQUIRY)


async def test_a_general_question_that_nothing_answers_may_be_one_for_a_product(tmp_path: Path) -> None:
    """The shop's own pages are looked at before it is said that nobody knows."""
    answers = {c.CLASSIFY: understood("GENERAL_INQUIRY"), c.FETCH: _shelf}
    async with running(tmp_path, answers) as desk:
        result = await desk.say("are your tents waterproof?")
    assert any("3,000 mm" in sentence.text for sentence in result.sentences)


async def test_what_may_be_another_wish_is_asked_about(tmp_path: Path) -> None:
    """No page tells how to return a tent: that says nothing of the return."""
    async with running(tmp_path, {**ANSWERS, c.CLASSIFY: understood("RETURN_REQUEST", 0.4)}) as desk:
        result = await desk.say("can my tent go back?")
    assert (result.status, result.gap) == ("asked", False)


async def test_asking_back_needs_no_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unclear question is asked about while the shop is down."""
    monkeypatch.setattr("conversation.steps.ASK_SECONDS", 1.0)

    async def closed(_: c.FetchFacts) -> c.FactsFetched:
        raise VendorDown("the shop does not answer")

    answers = {c.CLASSIFY: understood("PRICE_PROMOTION", 0.4), c.FETCH: closed}
    async with running(tmp_path, answers) as desk:
        result = await desk.say("are tents retardant?")
    assert result.status == "asked"


async def test_the_kind_is_remembered(tmp_path: Path) -> None:
    """A question without a name is about all that were spoken of."""
    async with running(tmp_path, ANSWERS) as desk:
        await desk.say("are your tents fire retardant?")
        result = await desk.say("are they vegan?")
        assert _asked_to_write(desk).topics[0].facts == {}
    assert result.gap
