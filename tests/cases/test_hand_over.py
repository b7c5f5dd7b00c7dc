"""A conversation goes to a person and comes back; nobody talks over anybody, nobody is left in silence."""

import asyncio
from pathlib import Path

import pytest

from gateway.casework import new_turn
from gateway.staff.roles import Member
from shared import contracts as c
from shared.errors import BusDown, NotNow
from shared.ports import Delivered
from tests.cases.examples import EMMA, NOAH, Support, support
from tests.conversation.desk import ids


async def settled(at: Support, conversation: str = "c-1") -> None:
    """Every turn of this conversation has its result, and it is stored."""
    while await at.desk.bus.unanswered([conversation]) or any(at.desk.bus._workers[0]._tasks):  # noqa: ASYNC110
        await asyncio.sleep(0)


async def test_a_person_takes_over_and_gives_back(tmp_path: Path) -> None:
    """The transcript, as the customer reads it."""
    async with support(tmp_path) as at:
        await at.desk.say("I want to talk to a human")
        case = await at.case()
        assert case.phase == "waiting"
        waiting = await at.desk.say("Are you there?")
        assert waiting.status == "with_person"
        assert "1" in waiting.reply
        await at.work.claim(case.id, EMMA)
        await at.work.say(case.id, EMMA, "Hi, Emma here. What happened?", turn_id=new_turn())
        await settled(at)
        silent = await at.desk.say("The pole is broken.")
        assert (silent.status, silent.reply) == ("with_person", "")
        await at.work.note(case.id, EMMA, "Second broken pole this week.")
        await at.work.give_back(case.id, EMMA)
        await settled(at)
        back = await at.desk.say("Great service!")
        assert (back.status, back.speaker) == ("answered", "bot")
        lines = await at.lines()
        assert [who for who, _ in lines] == [
            "customer", "bot", "customer", "bot", "system", "staff", "customer", "system", "customer", "bot",
        ]  # fmt: skip
        assert "Emma" in lines[4][1]
        assert lines[5][1] == "Hi, Emma here. What happened?"
        assert not any("Second broken" in text for _, text in lines)
        assert (await at.case()).phase == "returned"


@pytest.mark.parametrize(("display", "label"), [("Ana", "Ana"), ("", "Our team")])
async def test_customers_never_read_an_account(tmp_path: Path, display: str, label: str) -> None:
    """What they call the person, or our team; in the words of the house as in the name beside them."""
    somebody = Member(id="m-7", name="a.lund.42", role="agent", display=display)
    async with support(tmp_path) as at:
        await at.desk.say("I want to talk to a human")
        case = await at.case()
        await at.work.claim(case.id, somebody)
        await at.work.say(case.id, somebody, "Hello!", turn_id=new_turn())
        await at.work.close(case.id, somebody)
        await settled(at)
        stored = await at.desk.service.steps.store.read("c-1")
        assert stored is not None
        assert "a.lund" not in str([(line.text, line.name) for line in stored.messages])
        assert [line.name for line in stored.messages if line.who == "staff"] == [label]
        joined = next(line for line in stored.messages if line.who == "system")
        assert (joined.name, (display or "our team") in joined.text) == (label, True)


async def test_what_the_bot_believed_is_gone_when_it_comes_back(tmp_path: Path) -> None:
    """What was said stays, by whom it was said; what it waited for, and counted, does not."""
    async with support(tmp_path) as at:
        await at.desk.say("I want a human")
        before = await at.desk.service.steps.store.load("c-1")
        assert before is not None
        assert before.hand_over_id
        case = await at.case()
        await at.work.claim(case.id, EMMA)
        await at.work.say(case.id, EMMA, "Done, it is refunded.", turn_id=new_turn())
        await at.work.give_back(case.id, EMMA)
        await settled(at)
        after = (await at.desk.say("Thanks!")).state
        assert after is not None
        assert (after.hand_over_id, after.contacts, after.open_slot) == ("", {}, "")
        assert [said.who for said in after.history][-3:] == ["staff", "customer", "bot"]


async def test_a_closed_case_stays_closed_and_a_new_wish_opens_another(tmp_path: Path) -> None:
    """The customer hears that it is closed and may say how it was; who asks again gets a new case."""
    async with support(tmp_path) as at:
        await at.desk.say("human please")
        first = await at.case()
        await at.work.claim(first.id, EMMA)
        await at.work.close(first.id, EMMA, "pole replaced")
        await settled(at)
        assert "Emma" in (await at.lines())[-1][1]
        with pytest.raises(NotNow, match="closed"):
            await at.work.say(first.id, EMMA, "one more thing", turn_id=new_turn())
        answer = await at.desk.say("I need to speak to a human again")
        assert answer.status == "handed_over"
        second = await at.case()
        assert second.id != first.id
        assert (second.phase, (await at.cases.case(first.id)).resolution) == ("waiting", "pole replaced")  # type: ignore[union-attr]


async def test_a_reply_that_was_being_written_when_a_person_came_is_theirs_to_use(tmp_path: Path) -> None:
    """Staff take over a conversation that nobody handed over, in the middle of a turn."""
    writing, go_on = asyncio.Event(), asyncio.Event()

    async def write(ask: c.WriteReply) -> c.ReplyWritten:
        writing.set()
        await go_on.wait()
        return c.ReplyWritten(
            **ids(ask),
            sentences=(c.Sentence(text="Thank you for telling us."),),
            usage=c.Usage(engine="test", model="test"),
        )

    async with support(tmp_path, {c.WRITE: write}) as at:
        asking = asyncio.create_task(at.desk.say("Lovely tent!"))
        await writing.wait()
        given = c.HandOver(
            id="h-taken", conversation_id="c-1", reason="taken_over", priority="normal", queue="support",
            opened_at=1.0, sla_due_at=2.0, position=0,
            packet=c.Packet(
                summary="", facts=(), tried=(), promised=(), suggested_reply="", sentiment="neutral",
                language="en",
            ),
        )  # fmt: skip
        await at.cases.open(c.CaseOpened(at=1.0, by=EMMA.actor, hand_over=given, taken=True))
        await at.work.claim("h-taken", EMMA)
        go_on.set()
        turn = await asking
        assert await at.desk.service.steps.store.release(turn) is False
        await settled(at)
        case = await at.case()
        assert case.drafts == (turn.turn_id,)
        assert [who for who, _ in await at.lines()] == ["customer", "system"]
        await at.work.say(
            case.id, EMMA, "Thank you so much!", turn_id=new_turn(), draft=turn.turn_id, edited=True
        )
        await settled(at)
        assert (await at.lines())[-1] == ("staff", "Thank you so much!")
        assert (await at.case()).drafts == ()


async def test_only_the_owner_speaks(tmp_path: Path) -> None:
    """A claim cannot be stolen; the other is told whose it is, and the customer hears nothing of it."""
    async with support(tmp_path) as at:
        await at.desk.say("human please")
        case = await at.case()
        await at.work.claim(case.id, EMMA)
        for attempt in (
            at.work.claim(case.id, NOAH),
            at.work.say(case.id, NOAH, "Hi, Noah here", turn_id=new_turn()),
            at.work.give_back(case.id, NOAH),
            at.work.close(case.id, NOAH),
        ):
            with pytest.raises(NotNow, match="Emma has it"):
                await attempt
        await settled(at)
        assert not any("Noah" in text for _, text in await at.lines())


async def test_what_could_not_be_told_is_told_later_once(tmp_path: Path) -> None:
    """The bus is away when Emma speaks: it is kept, and reaches the customer once when the bus is back."""
    async with support(tmp_path) as at:
        await at.desk.say("human please")
        case = await at.case()
        await at.work.claim(case.id, EMMA)
        submit = at.desk.bus.submit

        async def down(_: c.TurnAccepted) -> None:
            raise BusDown("gone")

        at.desk.bus.submit = down  # type: ignore[method-assign]
        await at.work.say(case.id, EMMA, "I am on it.", turn_id=new_turn())
        at.desk.bus.submit = submit  # type: ignore[method-assign]
        at.clock.at += 10
        assert await at.work.retell() == 1
        assert await at.work.retell() == 0
        await settled(at)
        assert [text for who, text in await at.lines() if who == "staff"] == ["I am on it."]


async def test_a_burst_with_a_person_in_it_keeps_its_order(tmp_path: Path) -> None:
    """What staff do stands where it was done, though all of it is worked on together."""
    async with support(tmp_path) as at:
        turns = [
            c.TurnAccepted(conversation_id="c-1", turn_id="t-1", text="Nice shop", accepted_at=1.0),
            c.TurnAccepted(
                conversation_id="c-1", turn_id="s-1", text="", accepted_at=2.0,
                act=c.StaffSaid(name="Emma", text="Hello"),
            ),
            c.TurnAccepted(conversation_id="c-1", turn_id="t-2", text="Really", accepted_at=3.0),
            c.TurnAccepted(conversation_id="c-1", turn_id="t-3", text="Nice", accepted_at=4.0),
        ]  # fmt: skip
        results = await at.desk.service.answer(turns)
        assert [(each.turn_id, each.speaker, each.answered_with) for each in results] == [
            ("t-1", "bot", ""), ("s-1", "staff", ""), ("t-2", "bot", "t-3"), ("t-3", "bot", ""),
        ]  # fmt: skip
        await at.desk.service.heard([Delivered(seq=n, turn=each) for n, each in enumerate(results, 1)])
        assert [who for who, _ in await at.lines()] == [
            "customer", "bot", "staff", "customer", "customer", "bot",
        ]  # fmt: skip
