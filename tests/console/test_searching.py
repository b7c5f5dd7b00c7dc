"""Conversations are found by words and ids, or by whose value is in them, and none of it is in an address."""

from pathlib import Path

import pytest

from shared import contracts as c
from shared.adapters.memory.audit import MemoryAudit
from tests.console.desk import PAGE, ConsoleDesk, open_desk


async def search(console: ConsoleDesk, role: str = "agent", **fields: str) -> str:
    answer = await console.http(role).post("/console/search", data={"words": "", **fields}, headers=PAGE)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return answer.text


async def three(console: ConsoleDesk) -> None:
    """A case in French with an e-mail address, one in English, a conversation of the bot's."""
    mail = await console.desk.delivery.vault.token("ana@example.com", conversation_id="c-1", owner="42")
    await console.said(f"ma tente et {mail}", conversation="c-1", turn="t-1", language="fr")
    name = await console.desk.delivery.vault.token("Ana Lund", conversation_id="c-2", owner="43")
    await console.said(f"my tent, {name}", conversation="c-2", turn="t-2", at=200.0)
    await console.said("a stove", conversation="c-3", turn="t-3", at=300.0)
    await console.waits("h-1", "c-1", summary=f"Asks about a tent, {mail}.")
    await console.waits("h-2", "c-2")


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"words": "tente"}, {"h-1"}),
        ({"words": "TENT"}, {"h-1", "h-2"}),
        ({"words": "h-2"}, {"h-2"}),
        ({"words": "c-3"}, {"c-3"}),
        ({"language": "fr"}, {"h-1"}),
        ({"phase": "waiting"}, {"h-1", "h-2"}),
        ({"queue": "sales"}, set()),
        ({"personal": "Ana@Example.com"}, {"h-1"}),
        ({"personal": "42"}, {"h-1"}),
        ({"personal": "ana  lund"}, {"h-2"}),
        ({"personal": "ANA LUND"}, {"h-2"}),
        ({"personal": "42", "words": "stove"}, set()),
        ({"personal": "nobody@example.com"}, set()),
        ({}, {"h-1", "h-2", "c-3"}),
    ],
)
async def test_what_is_found(tmp_path: Path, fields: dict[str, str], found: set[str]) -> None:
    """By each field, and by all together."""
    async with open_desk(tmp_path) as console:
        await three(console)
        page = await search(console, **fields)
        here = {name for name in ("h-1", "h-2") if f"/console/cases/{name}" in page}
        here |= {name for name in ("c-1", "c-2", "c-3") if f"/console/conversations/{name}" in page}
        assert here == found
        assert ("Nothing was found" in page) == (not found)


async def test_a_line_says_what_its_case_is_about(tmp_path: Path) -> None:
    """Its values closed, by their kind."""
    async with open_desk(tmp_path) as console:
        await three(console)
        page = await search(console, words="tente")
        assert "Asks about a tent, <span" in page
        assert "ana@" not in page


async def test_pages(tmp_path: Path) -> None:
    """The next page is a form with the same fields: what is looked for stands in no address."""
    async with open_desk(tmp_path) as console:
        for n in range(25):
            await console.said("tent", conversation=f"c-{n}", turn=f"t-{n}", at=100.0 + n)
        first = await search(console, words="tent")
        cursor = first.partition('name="cursor" value="')[2].partition('"')[0]
        rest = await search(console, words="tent", cursor=cursor)
        assert (first.count('class="entry"'), rest.count('class="entry"')) == (20, 5)
        assert 'name="cursor"' not in rest
        empty = await console.http().get("/console/search", headers=PAGE)
        assert 'method="post"' in empty.text


async def test_a_name_is_no_word_and_the_page_says_where_it_is_found(tmp_path: Path) -> None:
    """Names are sealed: what no word is can be looked for as a value, by a press, which is written down."""
    async with open_desk(tmp_path) as console:
        await three(console)
        nothing = await search(console, words="Ana Lund", language="en")
        offered = nothing.partition("Nothing was found")[2]
        assert 'name="personal" value="Ana Lund"' in offered
        assert 'name="language" value="en"' in offered
        assert "Look for “<bdi>Ana Lund</bdi>” as a personal value" in offered
        assert "as a personal value" not in await search(console, words="tent")
        assert "as a personal value" not in await search(console, words="yurt", personal="Ana Lund")


async def test_looking_for_a_value_is_written_down_without_it(tmp_path: Path) -> None:
    """Nothing is opened for it; a search by words is nobody's business."""
    async with open_desk(tmp_path) as console:
        await three(console)
        await search(console, words="tent")
        await search(console, personal="ana@example.com")
        audit = console.desk.entries.audit
        assert isinstance(audit, MemoryAudit)
        told = [line.deed for line in audit.lines if line.deed.action != "staff_sign_in"]
        assert [(deed.action, deed.actor) for deed in told] == [("value_searched", "staff:m-agent")]
        assert "ana@" not in str(told)


@pytest.mark.parametrize(
    "fields", [{"words": "x" * 201}, {"phase": "none"}, {"cursor": "zz"}, {"owner": "Ana"}]
)
async def test_bad_fields(tmp_path: Path, fields: dict[str, str]) -> None:
    """Named, with what would be right."""
    async with open_desk(tmp_path) as console:
        answer = await console.http().post("/console/search", data={"words": "", **fields}, headers=PAGE)
        assert (answer.status_code, next(iter(fields)) in answer.text) == (422, True)


async def test_operators_read_no_customers_words(tmp_path: Path) -> None:
    """Nor find them."""
    async with open_desk(tmp_path) as console:
        await console.said("tent", state=c.ConversationState())
        answer = await console.http("operator").post("/console/search", data={"words": "tent"}, headers=PAGE)
        assert answer.status_code == 403
