"""What staff do in the console: each act once, and each refusal says what may be done instead."""

import pytest

from tests.console.desk import HTMX, ConsoleDesk


async def test_the_way_of_a_case(console: ConsoleDesk) -> None:
    """Take it, speak, note, close: forms lead back to the case, whose thread tells it."""
    assert "Waiting for a person" in await console.page()
    taken = await console.act("claim")
    assert (taken.status_code, taken.headers["location"]) == (303, "/console/cases/h-1#newest")
    await console.act("say", text="Hello, I look into it.", turn_id="s-" + "1" * 32)
    await console.act("note", text="The carrier lost it.")
    page = await console.page()
    assert page.index("where is my order?") < page.index("It shipped on Monday.")
    assert "With <bdi>agent</bdi> (you)" in page
    assert page.index("Hello, I look into it.") < page.index("The carrier lost it.")
    assert page.count("only staff see this") == 1
    await console.act("close", outcome="solved", resolution="sent again")
    closed = await console.page()
    assert "closed it: <bdi>Solved: sent again</bdi>" in closed
    assert 'name="turn_id"' not in closed, "nobody speaks in what is over"
    assert "Closed: <bdi>Solved</bdi>" in closed
    assert "Open it again" in closed
    await console.act("reopen")
    again = await console.page()
    assert "opened it again" in again
    assert "With <bdi>agent</bdi> (you)" in again
    assert "Open it again" not in again


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"outcome": ""}, "choose how it ended"),
        ({"outcome": "done"}, "is not one of solved, answered"),
        ({"outcome": "other", "resolution": " "}, "resolution: is empty"),
    ],
)
async def test_a_case_does_not_close_without_saying_how(
    console: ConsoleDesk, fields: dict[str, str], says: str
) -> None:
    """The button asks first; a form without an answer closes nothing."""
    assert 'popovertarget="closing"' in await console.page()
    refused = await console.act("close", **fields)
    assert (refused.status_code, says in refused.text) == (422, True)
    case = await console.cases.case("h-1")
    assert case is not None
    assert case.open


@pytest.mark.parametrize("what", ["release", "give-back", "close"])
async def test_fragments(console: ConsoleDesk, what: str) -> None:
    """For a page that is there: the thread, and the reply box as a part of its own."""
    await console.act("claim")
    done = await console.act(what, htmx=True)
    assert done.status_code == 200
    assert "<html" not in done.text
    assert '<hx-partial hx-target="#composer"' in done.text
    assert done.text.count('id="lines"') == 1


async def test_who_takes_a_case_may_open_its_values_at_once(console: ConsoleDesk) -> None:
    """The pane comes with the act, and alone for who sees another take it."""
    part, opens = "/console/cases/h-1/customer", "Show all values"
    assert opens not in (await console.http().get(part, headers=HTMX)).text
    taken = (await console.act("claim", htmx=True)).text
    assert opens in taken.partition('<hx-partial hx-target="#facts"')[2]
    alone = (await console.http().get(part, headers=HTMX)).text
    assert (opens in alone, "<html" in alone) == (True, False)
    await console.act("release")
    assert opens not in (await console.http().get(part, headers=HTMX)).text
