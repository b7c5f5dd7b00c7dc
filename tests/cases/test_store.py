"""Cases beside the conversations in one file: once, in order, one open case for a conversation."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs

from shared import contracts as c
from shared.adapters.sqlite.cases import SqliteCases, open_cases
from shared.adapters.sqlite.store import SqliteStore, open_store
from shared.errors import NotNow
from shared.ports import CaseFilter, CasePlace, Delivered
from tests.cases.examples import hand_over


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with open_store(tmp_path / "desk.db") as found:
        yield found


@pytest.fixture
async def cases(store: SqliteStore, tmp_path: Path) -> AsyncIterator[SqliteCases]:
    async with open_cases(tmp_path / "desk.db") as found:
        yield found


def claim(who: str, turn: str = "s-1", at: float = 110.0) -> c.CaseClaimed:
    return c.CaseClaimed(at=at, by=f"staff:{who}", name=who, turn_id=turn)


def reply(turn: str = "t-1", text: str = "It shipped.", **more: object) -> c.TurnFinished:
    return structs.replace(
        c.TurnFinished(
            conversation_id="c-1",
            turn_id=turn,
            finished_at=111.0,
            accepted_at=109.0,
            status="answered",
            sentences=(c.Sentence(text=text),),
            intent=None,
            language="en",
            said="where is it?",
            state=c.ConversationState(
                language="en",
                history=(c.Said(who="customer", text="where is it?"), c.Said(who="bot", text=text)),
            ),
        ),
        **more,
    )


async def test_a_hand_over_opens_one_case(store: SqliteStore, cases: SqliteCases) -> None:
    """Asked twice, or again for the same conversation, it is the same case; the queue shows it."""
    first = await store.open_hand_over(hand_over("h-1"))
    again = await store.open_hand_over(hand_over("h-2"))
    assert (first.id, again.id, first.position) == ("h-1", "h-1", 1)
    assert [each.id for each in await store.waiting()] == ["h-1"]
    found = await cases.of("c-1")
    assert found is not None
    assert (found.phase, found.version) == ("waiting", 1)


async def test_of_two_who_claim_at_once_one_has_it(tmp_path: Path, store: SqliteStore) -> None:
    """Two processes, two connections, the same instant: the other is told who was first."""
    await store.open_hand_over(hand_over())
    async with open_cases(tmp_path / "desk.db") as one, open_cases(tmp_path / "desk.db") as two:
        both = (one.append("h-1", claim("emma", "s-1")), two.append("h-1", claim("noah", "s-2")))
        won, lost = await asyncio.gather(*both, return_exceptions=True)
    assert isinstance(won, c.Case)
    assert isinstance(lost, NotNow)
    assert (won.owner, lost.rule) == ("staff:emma", "claimed")
    assert await store.waiting() == []


async def test_what_a_form_sends_twice_happens_once(store: SqliteStore, cases: SqliteCases) -> None:
    """The turn's id is the form's."""
    await store.open_hand_over(hand_over())
    await cases.append("h-1", claim("emma"))
    spoke = c.StaffSpoke(at=120.0, by="staff:emma", name="Emma", text="Hello", turn_id="s-2")
    assert (await cases.append("h-1", spoke)).version == 3
    assert (await cases.append("h-1", spoke)).version == 3
    kinds = [type(each.event).__name__ for each in await cases.events("c-1")]
    assert kinds == ["CaseOpened", "CaseClaimed", "StaffSpoke"]
    assert [each.n for each in await cases.events("c-1", case_id="h-1", after=1)] == [2, 3]


async def test_compare_and_set(store: SqliteStore, cases: SqliteCases) -> None:
    """Who looked at an older version is told so, and nothing is written; so with an unknown case."""
    await store.open_hand_over(hand_over())
    await cases.append("h-1", claim("emma"), version=1)
    with pytest.raises(NotNow, match="look at it again"):
        await cases.append("h-1", c.CaseReleased(at=1, by="staff:emma"), version=1)
    with pytest.raises(NotNow, match="no case 'h-9'"):
        await cases.append("h-9", claim("emma"))
    assert len(await cases.events("c-1")) == 2


async def test_a_reply_in_flight_is_held_when_a_person_has_it(store: SqliteStore, cases: SqliteCases) -> None:
    """It is a draft for staff; the customer's page, the bot's memory and a second asking agree."""
    await store.open_hand_over(hand_over())
    await cases.append("h-1", claim("emma"))
    assert await store.release(reply()) is False
    await cases.append("h-1", c.CaseReturned(at=112.0, by="staff:emma", turn_id="s-2"))
    assert await store.release(reply()) is False, "the first answer stands"
    await store.record([Delivered(seq=1, turn=reply())])
    assert await store.release(reply()) is False
    stored = await store.read("c-1")
    assert stored is not None
    assert [line.who for line in stored.messages] == ["customer"]
    assert [said.who for said in stored.state.history] == ["customer"]
    held = [each.event for each in await cases.events("c-1") if isinstance(each.event, c.ReplyHeld)]
    assert [each.text for each in held] == ["It shipped."]


async def test_a_reply_that_was_sent_stays_sent(store: SqliteStore, cases: SqliteCases) -> None:
    """A claim a moment later changes nothing; who asks after it is stored hears the same."""
    await store.open_hand_over(hand_over())
    assert await store.release(reply()) is True
    await cases.append("h-1", claim("emma"))
    assert await store.release(reply()) is True
    await store.record([Delivered(seq=1, turn=reply())])
    assert await store.release(reply()) is True
    stored = await store.read("c-1")
    assert stored is not None
    assert [line.who for line in stored.messages] == ["customer", "bot"]
    case = await cases.of("c-1")
    assert case is not None
    assert (case.drafts, case.heard_at) == ((), 109.0)


async def test_staff_are_never_held(store: SqliteStore, cases: SqliteCases) -> None:
    """Their own words reach the customer while they have the case."""
    await store.open_hand_over(hand_over())
    await cases.append("h-1", claim("emma"))
    assert await store.release(reply("s-7", speaker="staff", speaker_name="Emma", said="")) is True


async def test_pages_and_places(store: SqliteStore, cases: SqliteCases) -> None:
    """The urgent first, then the oldest; a page goes on where the last one ended; places are by queue."""
    for n in range(5):
        await store.open_hand_over(hand_over(f"h-{n}", f"c-{n}", at=100.0 + n))
    await store.open_hand_over(hand_over("h-9", "c-9", priority="urgent", at=200.0))
    first = await cases.page(CaseFilter(), limit=3)
    last = first[-1]
    rest = await cases.page(CaseFilter(), after=CasePlace(2, last.opened_at, last.id), limit=10)
    assert [each.id for each in (*first, *rest)] == ["h-9", "h-0", "h-1", "h-2", "h-3", "h-4"]
    assert [await cases.position(name) for name in ("h-9", "h-0", "h-4", "h-none")] == [1, 2, 6, 0]
    await cases.append("h-0", claim("emma"))
    assert await cases.position("h-4") == 5
    assert [each.id for each in await cases.page(CaseFilter(owner="staff:emma"))] == ["h-0"]
    assert [each.id for each in await cases.page(CaseFilter(queues=("sales",)))] == []


async def test_the_place_that_is_told_is_the_one_of_the_cases_own_queue(
    store: SqliteStore, cases: SqliteCases
) -> None:
    """A hand-over, the list of who waits and the case say one number, also once it was moved or raised."""

    async def agree() -> dict[str, int]:
        listed = {each.id: each.position for each in await store.waiting()}
        assert listed == {name: await cases.position(name) for name in listed}
        return listed

    for n in range(3):
        await store.open_hand_over(hand_over(f"h-{n}", f"c-{n}", at=100.0 + n))
    elsewhere = structs.replace(hand_over("h-s", "c-s", at=110.0), queue="sales")
    told = await store.open_hand_over(elsewhere)
    assert (told.position, (await agree())["h-s"]) == (1, 1)
    again = await store.open_hand_over(hand_over("h-s2", "c-2", at=111.0))
    assert (again.id, again.position) == ("h-2", 3)
    moved = c.CaseMoved(at=120.0, by="staff:lead", queue="sales", priority="high", due_at=900.0, why="test")
    await cases.append("h-2", moved)
    assert await agree() == {"h-2": 1, "h-0": 1, "h-1": 2, "h-s": 2}
    raised = c.CaseRaised(
        at=130.0, reason="safety", queue="sales", priority="urgent", due_at=140.0, turn_id="t-9"
    )
    await store.raise_case("c-1", raised)
    assert await agree() == {"h-1": 1, "h-2": 2, "h-0": 1, "h-s": 3}


async def test_closed_by_mistake(store: SqliteStore, cases: SqliteCases) -> None:
    """It stands in the queue again; not when the customer has another case by then."""
    await store.open_hand_over(hand_over("h-1"))
    await cases.append("h-1", c.CaseClosed(at=120.0, by="staff:emma", turn_id="s-1"))
    assert not await store.waiting()
    again = c.CaseReopened(at=121.0, by="staff:emma", name="Emma", turn_id="s-2")
    assert (await cases.append("h-1", again)).owner == "staff:emma"
    assert [each.event for each in await cases.untold(before=121.0)][-1] == again
    await cases.append("h-1", c.CaseReleased(at=122.0, by="staff:emma"))
    assert [each.id for each in await store.waiting()] == ["h-1"]
    await cases.append("h-1", c.CaseClosed(at=123.0, by="staff:emma", turn_id="s-3"))
    await store.open_hand_over(hand_over("h-2", at=124.0))
    with pytest.raises(NotNow, match="case h-2 is open"):
        await cases.append("h-1", structs.replace(again, at=125.0, turn_id="s-4"))


async def test_what_was_not_told_is_found(store: SqliteStore, cases: SqliteCases) -> None:
    """Until its turn is on its way."""
    await store.open_hand_over(hand_over())
    await cases.append("h-1", claim("emma"))
    assert [each.event.at for each in await cases.untold(before=110.0)] == [110.0]
    assert await cases.untold(before=109.0) == []
    await cases.mark_told("h-1", "s-1")
    assert await cases.untold(before=110.0) == []


async def test_erasing_takes_the_case_along(store: SqliteStore, cases: SqliteCases) -> None:
    """Nothing of it is left, drafts and notes included."""
    await store.open_hand_over(hand_over())
    await cases.append("h-1", claim("emma"))
    await store.release(reply())
    await store.record([Delivered(seq=1, turn=reply())])
    (held,) = await store.held(["c-1"])
    assert len(held.case_events) == 4
    await store.erase(["c-1"])
    assert (await cases.of("c-1"), await cases.events("c-1"), await store.held(["c-1"])) == (None, [], [])


async def test_a_file_of_before_there_were_cases_gets_them(tmp_path: Path, store: SqliteStore) -> None:
    """Who waited there, waits."""
    await store.open_hand_over(hand_over())
    store._db.executescript("DELETE FROM cases; DELETE FROM case_events")
    async with open_store(tmp_path / "desk.db") as later:
        assert [each.id for each in await later.waiting()] == ["h-1"]


async def test_cases_without_a_ticket_are_in_no_others_way(store: SqliteStore, cases: SqliteCases) -> None:
    """However much has happened in them: they have no ticket in which it could stand."""
    for n in range(5):
        await store.open_hand_over(hand_over(f"h-{n}", f"c-{n}"))
        await cases.append(f"h-{n}", claim("emma"))
    await store.attach_ticket("h-4", "77")
    assert [(ticket, each.case_id) for ticket, each in await cases.unmirrored(limit=2)] == [("77", "h-4")]
    assert [given.id for given in await store.unfiled()] == ["h-0", "h-1", "h-2", "h-3"]


async def test_tickets_of_a_file_of_before_are_known(tmp_path: Path, store: SqliteStore) -> None:
    """They stood in the hand-over alone."""
    await store.open_hand_over(hand_over())
    await store.attach_ticket("h-1", "77")
    store._db.execute("DROP TABLE tickets")
    async with open_store(tmp_path / "desk.db") as later, open_cases(tmp_path / "desk.db") as cases:
        await cases.append("h-1", claim("emma"))
        assert [ticket for ticket, _ in await cases.unmirrored()] == ["77"]
        assert await later.unfiled() == []
        await later.erase(["c-1"])
        assert later._db.execute("SELECT COUNT(*) FROM tickets").fetchone() == (0,)
