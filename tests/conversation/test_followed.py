"""What the bot promises to tell of later, in the customer's words: kept first, then said, and taken back."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from conversation.later.keeping import MOST_FOLLOWED
from shared import contracts as c
from shared.recurrence import wall
from tests.clock import Clock
from tests.conversation.desk import Desk, ids, running, understood
from tests.conversation.test_later import ANA, HERE, NOW, SENT, WAITING, agents, tasks_of
from tests.products import product, variant

DELIVERED = structs.replace(SENT, status="delivered", delivered_on="2026-11-25")
BEANIE = product(
    "Driftwood Beanie",
    *(
        structs.replace(variant(title, f"HP-{title}", price="28.00", in_stock=left), item=item)
        for title, left, item in (("Oat", 0, "501"), ("Pine Green", 0, "502"), ("Lake Blue", 3, "503"))
    ),
    category="Hats",
)


def shop(*orders: c.Order, products: tuple[c.Product, ...] = (BEANIE,)) -> dict[Any, Any]:
    """A signed-in customer's orders, and what the shop sells."""

    async def fetch(ask: c.FetchFacts) -> c.FactsFetched:
        one = next((each for each in orders if each.number == ask.order_number), None)
        found = products if "products" in ask.wants else ()
        return c.FactsFetched(**ids(ask), order=one, orders=orders, products=found)

    return {c.FETCH: fetch, c.CLASSIFY: understood("GENERAL_INQUIRY")}


async def kinds(desk: Desk) -> list[tuple[str, str]]:
    return [(each.kind, each.status) for each in await tasks_of(desk)]


@pytest.mark.parametrize(
    ("found", "text", "kept", "said"),
    [
        (SENT, "let me know when it's delivered", [("tell_when_delivered", "open")], "e-mail"),
        (WAITING, "Tell me when it arrives", [("tell_when_delivered", "open")], "#1005"),
        (DELIVERED, "let me know when it's delivered", [], "delivered"),
        (SENT, "tell me when it ships", [], "DHL"),
    ],
)  # fmt: skip
async def test_of_an_order(
    tmp_path: Path, found: c.Order, text: str, kept: list[tuple[str, str]], said: str
) -> None:
    """What is still to come becomes a task, and how it will be told is said; else it is told at once."""
    async with running(tmp_path, agents(found), Clock(NOW)) as desk:
        reply = await desk.say(text, customer=ANA)
        assert await kinds(desk) == kept
    assert (reply.status, said in reply.reply) == ("answered", True)


async def test_of_several_orders_it_asks_which(tmp_path: Path) -> None:
    """Unless news is to come of one only; the answer goes on with the wish."""
    other = structs.replace(WAITING, number="1006")
    async with running(tmp_path, shop(SENT, other), Clock(NOW)) as desk:
        assert (await desk.say("tell me when it arrives", customer=ANA)).status == "asked"
        assert await kinds(desk) == []
        (await desk.say("the tern jacket one, tell me when it ships"))
        (task,) = await tasks_of(desk)
    assert (task.kind, task.order_number) == ("tell_when_shipped", "1006")


async def test_a_number_answers_which(tmp_path: Path) -> None:
    """The wish is remembered over the question."""
    other = structs.replace(WAITING, number="1006")
    answers = shop(SENT, other)
    answers[c.CLASSIFY] = agents()[c.CLASSIFY]  # reads 1005
    async with running(tmp_path, answers, Clock(NOW)) as desk:
        await desk.say("tell me when it arrives", customer=ANA)
        assert (await desk.say("1005")).status == "answered"
        (task,) = await tasks_of(desk)
    assert (task.kind, task.order_number) == ("tell_when_delivered", "1005")


@pytest.mark.parametrize(
    ("text", "item", "said"),
    [
        ("tell me when the Driftwood Beanie in oat is back in stock", "501", "Oat"),
        ("let me know when the green Driftwood Beanie is available again", "502", "Pine Green"),
        ("tell me when the blue Driftwood Beanie is back in stock", "", "Lake Blue"),
    ],
)
async def test_stock(tmp_path: Path, text: str, item: str, said: str) -> None:
    """The named variant is watched by the number that webhooks bring; of one that is there it is said."""
    async with running(tmp_path, shop(), Clock(NOW)) as desk:
        reply = await desk.say(text)
        found = [(each.kind, each.item) for each in await tasks_of(desk)]
    assert (reply.status, said in reply.reply) == ("answered", True)
    assert found == ([("tell_when_in_stock", item)] if item else [])


async def test_stock_asks_which_and_of_what(tmp_path: Path) -> None:
    """The product, then its variant; "the oat one" answers."""
    async with running(tmp_path, shop(), Clock(NOW)) as desk:
        asked = await desk.say("tell me when it's back in stock")
        assert (asked.status, await kinds(desk)) == ("asked", [])
        asked = await desk.say("the Driftwood Beanie")
        assert (asked.status, "Oat and Pine Green" in asked.reply) == ("asked", True)
        assert (await desk.say("the oat one")).status == "answered"
        (task,) = await tasks_of(desk)
    assert (task.item, task.kind) == ("501", "tell_when_in_stock")


@pytest.mark.parametrize(
    ("text", "due", "about"),
    [
        ("remind me tomorrow to send the boots back", "2026-11-27T09:00", "to send the boots back"),
        ("remind me in 2 hours", "2026-11-26T12:20", ""),
        ("rappelez-le-moi lundi prochain au matin", "2026-11-30T09:00", ""),
        ("recuérdamelo en tres días", "2026-11-29T10:20", ""),
        ("remind me next week", "2026-11-30T09:00", ""),
        ("send me a reminder tomorrow at 3pm", "2026-11-27T15:00", ""),
        ("remind me in half an hour", "2026-11-26T10:50", ""),
        ("remind me tonight", "2026-11-26T19:00", ""),
        ("recuérdamelo mañana por la tarde", "2026-11-27T14:00", ""),
    ],
)
async def test_a_reminder(tmp_path: Path, text: str, due: str, about: str) -> None:
    """At the moment named, on the house's clock, in the customer's words; the date is said back."""
    async with running(tmp_path, shop(), Clock(NOW)) as desk:
        reply = await desk.say(text)
        (task,) = await tasks_of(desk)
    assert (task.kind, task.assignee, wall(task.due_at, HERE)) == ("remind_customer", c.BOT, due)
    assert (reply.status, task.note) == ("answered", about)
    assert datetime.fromisoformat(due).strftime("%H:%M") in reply.reply


async def test_a_reminder_without_a_moment(tmp_path: Path) -> None:
    """It is asked for once; then nothing is promised. A no ends it."""
    async with running(tmp_path, shop(), Clock(NOW)) as desk:
        assert (await desk.say("remind me to send the boots back")).status == "asked"
        assert (await desk.say("tomorrow morning")).status == "answered"
        (task,) = await tasks_of(desk)
        assert (task.note, wall(task.due_at, HERE)) == ("to send the boots back", "2026-11-27T09:00")
        assert (await desk.say("remind me please")).status == "asked"
        assert "no reminder" in (await desk.say("whenever")).reply
        assert await tasks_of(desk) == [task]


async def test_no_more(tmp_path: Path) -> None:
    """All that was promised is taken back, once; a replay of the turn says the same."""
    async with running(tmp_path, agents(WAITING), Clock(NOW)) as desk:
        before = (await desk.say("stop telling me", customer=ANA)).reply
        assert "nothing" in before or "no reminder" in before
        await desk.say("Tell me when it ships")
        await desk.say("remind me tomorrow")
        turn = c.TurnAccepted(
            conversation_id="c-1", turn_id="t-9", text="stop telling me", accepted_at=NOW, customer=ANA
        )
        replies = [(await desk.service.answer([turn]))[0].reply for _ in range(2)]
        assert {status for _, status in await kinds(desk)} == {"cancelled"}
    assert replies[0] == replies[1]
    assert "any more" in replies[0]


async def test_so_much_and_no_more(tmp_path: Path) -> None:
    """The bot says when it watches as much as it can; what it watches already is not one more."""
    async with running(tmp_path, agents(WAITING), Clock(NOW)) as desk:
        await desk.say("Tell me when it ships", customer=ANA)
        for hours in range(2, MOST_FOLLOWED + 2):
            await desk.say(f"remind me in {hours} hours")
        assert len(await tasks_of(desk)) == MOST_FOLLOWED
        refused = (await desk.say("remind me on Friday")).reply
        assert "Friday" not in refused
        assert "#1005" in (await desk.say("tell me when it ships")).reply
        assert len(await tasks_of(desk)) == MOST_FOLLOWED


async def test_a_shop_is_no_diary(tmp_path: Path) -> None:
    """What is out of its scope is so with a reminder, too."""
    answers = shop() | {c.CLASSIFY: understood("OUT_OF_SCOPE")}
    async with running(tmp_path, answers, Clock(NOW)) as desk:
        await desk.say("remind me to water the ferns tomorrow")
        assert await tasks_of(desk) == []
