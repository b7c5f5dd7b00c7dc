"""Macros and passages come into the box where the caret is, and nothing leaves it by them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.console.sealing import seal
from shared import contracts as c
from tests.console.writing import PASSAGES, Writing, alerts, form_of, open_writing

QUOTE = PASSAGES[0].text


@pytest.fixture
async def writing(tmp_path: Path) -> AsyncIterator[Writing]:
    async with open_writing(tmp_path) as made:
        yield made


async def test_a_macro_without_scripts(writing: Writing) -> None:
    """Choosing one brings the page back with its text, filled for this case."""
    page = await writing.desk.page()
    assert 'value="macro:order_looking"' in page
    box = await writing.post("compose", do="macro:order_looking")
    assert form_of(box.text)["text"].startswith(
        "Hello,\nYou are in touch with our team from Harbor &amp; Pine".replace("&amp;", "&")
    )
    assert not await writing.said()


async def test_a_blank_blocks_sending(writing: Writing) -> None:
    """No carrier is known: it is marked, and the message waits until that is filled."""
    box = await writing.post("compose", do="macro:order_where")
    fields = form_of(box.text)
    assert "order #1001 is on its way. The carrier is ⟦carrier⟧" in fields["text"]
    refused = await writing.send("say", fields)
    assert refused.status_code == 422
    assert "Fill in ⟦carrier⟧, ⟦expected_on⟧ first" in alerts(refused.text)
    text = fields["text"].replace("⟦carrier⟧", "UPS").replace("⟦expected_on⟧", "Friday")
    sent = await writing.send("say", fields | {"text": text})
    if sent.status_code == 409:  # a day that no fact has is warned of
        sent = await writing.send("say", form_of(sent.text))
    assert sent.status_code == 303
    assert len(await writing.said()) == 1


async def test_at_the_caret(writing: Writing) -> None:
    """Browsers count UTF-16 units and send CRLF."""
    box = await writing.post("compose", text="🙂\r\nAB", caret="4", do="macro:service_goodbye")
    text = form_of(box.text)["text"]
    assert text.startswith("🙂\nA Is there anything else")
    assert text.endswith(" B")
    caret = int(form_of(box.text)["caret"])
    assert text.encode("utf-16-le")[2 * caret :].decode("utf-16-le") == " B"
    strange = await writing.post("compose", text="AB", caret="9999999999", do="macro:service_goodbye")
    assert form_of(strange.text)["text"].startswith("AB Is there")


async def test_searching_macros(writing: Writing) -> None:
    """Enter in the field searches and keeps what was written; an unknown macro is told."""
    box = await writing.post("compose", text="Hi", macros="photo", do="find")
    assert 'value="macro:service_photo"' in box.text
    assert "macro:order_where" not in box.text
    assert form_of(box.text)["text"] == "Hi"
    gone = await writing.post("compose", text="Hi", do="macro:nothing")
    assert gone.status_code == 409
    assert form_of(gone.text)["text"] == "Hi"


async def test_the_language_of_the_customer(tmp_path: Path) -> None:
    """Their macros, greeting and states."""
    async with open_writing(tmp_path, language="fr") as writing:
        box = await writing.post("compose", do="macro:order_where")
        assert "Bonjour,\nVotre commande n° 1001 est en route." in form_of(box.text)["text"]


async def test_the_knowledge_base(writing: Writing) -> None:
    """The customer's language first, with title, section, day of the version; asked in tokens."""
    box = await writing.post("compose", knowledge="returns for jo@example.com", do="find")
    assert box.text.index("Returns › How to return") < box.text.index("Retours › Comment faire")
    assert "version 3 since" in box.text
    assert "2026-01-05" in box.text
    (ask,) = writing.asked
    assert ask.language_prior == "en"
    assert "jo@example.com" not in ask.text
    assert "TOKEN_" in ask.text


async def test_insert_with_source(writing: Writing) -> None:
    """The quote stands in the text, and the source goes with the message to the customer."""
    searched = await writing.post("compose", text="Hello.", knowledge="returns", do="find")
    fields = form_of(searched.text)
    box = await writing.send("compose", {**fields, "do": f"insert:{PASSAGES[0].id}"})
    fields = form_of(box.text)
    assert fields["text"] == f"Hello. “{QUOTE}”"
    assert len(writing.asked) == 1, "the same step is answered once"
    assert (await writing.send("say", fields)).status_code == 303
    (spoke,) = await writing.said()
    assert spoke.sources == (
        c.Citation(source="en/returns.md", title="Returns", section="How to return", quote=QUOTE),
    )


async def test_a_source_can_be_taken_out(writing: Writing) -> None:
    """And only so many go with one message."""
    fields = form_of((await writing.post("compose", knowledge="returns", do="find")).text)
    box = await writing.send("compose", {**fields, "do": f"insert:{PASSAGES[0].id}"})
    assert "Remove this source" in box.text
    dropped = await writing.send("compose", {**(form_of(box.text)), "do": "drop:0"})
    assert "Remove this source" not in dropped.text
    assert form_of(dropped.text)["sources"] == ""
    many = tuple(c.Citation(source=f"{n}.md", title="T", section="S", quote="q") for n in range(5))
    sealed = seal(many, secret="s" * 40, case_id="h-1")
    full = await writing.send("compose", {**(fields | {"sources": sealed}), "do": f"insert:{PASSAGES[0].id}"})
    assert "at most 5 sources" in alerts(full.text)


@pytest.mark.parametrize("forged", ["!", "e30=", "A" * 30_000])
async def test_a_forged_source_is_none(writing: Writing, forged: str) -> None:
    """What we did not seal, for this case, is no source."""
    citation = (c.Citation(source="x", title="Free money", section="", quote="q"),)
    for sealed in (
        forged,
        seal(citation, secret="t" * 40, case_id="h-1"),
        seal(citation, secret="s" * 40, case_id="h-2"),
    ):
        await writing.post("say", text="Hello there.", sources=sealed)
    assert [spoke.sources for spoke in await writing.said()] == [(), (), ()]


async def test_an_article_that_is_gone(writing: Writing) -> None:
    """Nothing is inserted that the knowledge base does not say."""
    box = await writing.post("compose", text="Hi", knowledge="returns", do="insert:kb:other#x")
    assert box.status_code == 409
    assert "has changed meanwhile" in alerts(box.text)
    assert form_of(box.text)["text"] == "Hi"


async def test_the_knowledge_base_is_away(writing: Writing, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, and what was written stays."""
    monkeypatch.setattr("gateway.console.writing._SEARCH_SECONDS", 0.01)
    monkeypatch.setattr(
        "gateway.console.writing.RETRIEVE", c.Call("nobody.v1", c.RetrievePassages, c.PassagesRetrieved)
    )
    box = await writing.post("compose", text="Hi", knowledge="returns", do="find")
    assert box.status_code == 503
    assert "does not answer now" in alerts(box.text)
    assert form_of(box.text)["text"] == "Hi"


async def test_who_does_not_have_the_case(writing: Writing) -> None:
    """They see neither box nor tools, and may still say that the bot was wrong."""
    page = await writing.desk.page(role="lead")
    assert '<textarea id="text"' not in page
    assert "macro:" not in page
    assert 'value="wrong:t-1"' in page
