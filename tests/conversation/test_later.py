"""What a customer wants done later becomes a task, before anybody says so."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from conversation import steps
from shared import contracts as c
from shared.errors import StoreBusy, StoreDown
from shared.ports import TaskFilter
from shared.recurrence import wall
from shared.routing.queues import house
from tests.clock import Clock
from tests.conversation.desk import Desk, ids, running, understood
from tests.conversation.test_conversation import EMAIL, broken, number
from tests.orders import item, order

HERE = house().zone
NOW = datetime(2026, 11, 26, 10, 20, tzinfo=HERE).timestamp()
"""A Thursday."""
PHONE = "TOKEN_2c4e28ba-2fa1-41d2-883f-0016d3cca427"
ANA = "TOKEN_3d4e28ba-2fa1-41d2-883f-0016d3cca427"
WAITING = order("1005", item("Tern Jacket", "M", "TJ-M"), status="unfulfilled", expected_on="2026-12-02")
SENT = order(
    "1005", item("Tern Jacket", "M", "TJ-M"), status="shipped", shipped_on="2026-11-25", carrier="DHL"
)


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent agent is given up on after a second here."""
    monkeypatch.setattr(steps, "ASK_SECONDS", 1.0)


def agents(found: c.Order = WAITING, *, intent: str = "ORDER_STATUS") -> dict[Any, Any]:
    """A shop with one order, for its owner and for who proves it."""

    async def fetch(ask: c.FetchFacts) -> c.FactsFetched:
        mine = bool(ask.customer) or ask.email == EMAIL or ask.order_number in ask.proved_orders
        one = found if ask.order_number == "1005" and mine else None
        return c.FactsFetched(**ids(ask), order=one, orders=(found,) if ask.customer else ())

    async def classify(ask: c.ClassifyIntent) -> c.IntentClassified:
        entities = (number("1005"),) if "1005" in ask.text else ()
        answered: c.IntentClassified = await understood(intent, entities=entities)(ask)
        return answered

    return {c.FETCH: fetch, c.CLASSIFY: classify}


async def tasks_of(desk: Desk) -> list[c.Task]:
    assert desk.service.steps.tasks is not None
    return list(await desk.service.steps.tasks.page(TaskFilter(status=None)))


def told(desk: Desk) -> list[str]:
    return [each.task_id for each in desk.bus._events[c.TASK_CHANGED.subject].values()]


async def test_tell_me_when_it_ships(tmp_path: Path) -> None:
    """The bot has a task about this order; the scheduler is told, the customer hears where it stands."""
    async with running(tmp_path, agents(), Clock(NOW)) as desk:
        said = await desk.say("Tell me when it ships, please", customer=ANA)
        (task,) = await tasks_of(desk)
    assert (said.status, said.escalation) == ("answered", None)
    assert "#1005" in said.reply
    assert "order:1005/number" in said.sentences[0].sources
    assert (task.kind, task.assignee, task.order_number) == ("tell_when_shipped", c.BOT, "1005")
    assert (task.conversation_id, task.customer, task.title) == ("c-1", ANA, "Tell me when it ships, please")
    assert task.due_at == NOW + 86_400
    assert told(desk) == [task.id]


async def test_a_guest_proves_the_order_first(tmp_path: Path) -> None:
    """The wish is remembered over the questions, and is over when it has come true."""
    async with running(tmp_path, agents(), Clock(NOW)) as desk:
        assert (await desk.say("Let me know when my order 1005 ships")).status == "asked"
        assert await tasks_of(desk) == []
        said = await desk.say(EMAIL)
        assert said.status == "answered"
        assert said.state is not None
        assert "wish" not in said.state.slots
        (task,) = await tasks_of(desk)
        again = await desk.say("and where is order 1005 now?")
        assert await tasks_of(desk) == [task]
    assert (task.order_number, again.status) == ("1005", "answered")


async def test_what_has_shipped_is_told_at_once(tmp_path: Path) -> None:
    """No task."""
    async with running(tmp_path, agents(SENT), Clock(NOW)) as desk:
        said = await desk.say("Tell me when 1005 ships", customer=ANA)
        assert await tasks_of(desk) == []
    assert "DHL" in said.reply


async def test_a_turn_that_is_replayed_makes_one_task(tmp_path: Path) -> None:
    """A worker died after the task was kept: the next one finds it."""
    turn = c.TurnAccepted(
        conversation_id="c-1", turn_id="t-1", text="Tell me when it ships", accepted_at=NOW, customer=ANA
    )
    async with running(tmp_path, agents(), Clock(NOW)) as desk:
        for _ in range(2):
            (result,) = await desk.service.answer([turn])
        assert len(await tasks_of(desk)) == 1
    assert result.status == "answered"


async def test_what_cannot_be_kept_is_not_promised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The turn fails and the bus tries again; without any store of tasks a person is called."""
    turn = c.TurnAccepted(
        conversation_id="c-1", turn_id="t-1", text="Tell me when it ships", accepted_at=NOW, customer=ANA
    )

    async def full(*_: object) -> None:
        raise StoreDown("the disk is full")

    async with running(tmp_path, agents(), Clock(NOW)) as desk:
        monkeypatch.setattr(desk.service.steps.tasks, "add", full)
        with pytest.raises(StoreDown):
            await desk.service.answer([turn])
        object.__setattr__(desk.service.steps, "tasks", None)
        said = await desk.say("Tell me when it ships", customer=ANA)
    assert said.status == "handed_over"


CALLS = ("call me back tomorrow at 3", "Please ring me tomorrow at 15:00")


@pytest.mark.parametrize("text", CALLS)
async def test_a_call_at_a_clear_time(tmp_path: Path, text: str) -> None:
    """Staff have it in the customer's words, a quarter of an hour ahead; the date is said back."""
    async with running(tmp_path, agents(intent="ESCALATION_REQUEST"), Clock(NOW)) as desk:
        said = await desk.say(text, customer=ANA)
        (task,) = await tasks_of(desk)
    assert (said.status, said.escalation) == ("answered", None)
    assert "November 27 at 15:00 Eastern time" in said.reply
    assert (task.kind, task.title, task.reminders) == ("call_back", text, (900,))
    assert (wall(task.due_at, HERE), task.assignee) == ("2026-11-27T15:00", "queue:support")


async def test_asked_again_it_is_the_same_task(tmp_path: Path) -> None:
    """Nobody is told twice; of two hours to call at, the last one counts. A replay changes nothing."""
    async with running(tmp_path, agents(), Clock(NOW)) as desk:
        for text in ("Tell me when it ships", "let me know when it ships!", "call me tomorrow at 3"):
            await desk.say(text, customer=ANA)
        for _ in range(2):
            moved = c.TurnAccepted(
                conversation_id="c-1", turn_id="t-4", text="no, call me at 5", accepted_at=NOW, customer=ANA
            )
            await desk.service.answer([moved])
        kinds = {task.kind: task for task in await tasks_of(desk)}
        assert len(await tasks_of(desk)) == 2
    assert kinds["tell_when_shipped"].title == "Tell me when it ships"
    assert wall(kinds["call_back"].due_at, HERE) == "2026-11-27T17:00"
    assert kinds["call_back"].title == "call me tomorrow at 3 / no, call me at 5"


async def test_a_call_that_staff_move_at_the_same_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is said that is not so: the turn is tried again over what they wrote."""
    later = c.TurnAccepted(
        conversation_id="c-1", turn_id="t-9", text="call me tomorrow at 5", accepted_at=NOW, customer=ANA
    )

    async def faster(*_: object, **__: object) -> list[c.Task]:
        return []

    async with running(tmp_path, agents(), Clock(NOW)) as desk:
        await desk.say("call me tomorrow at 3", customer=ANA)
        with monkeypatch.context() as patched:
            patched.setattr(desk.service.steps.tasks, "change", faster)
            with pytest.raises(StoreBusy):
                await desk.service.answer([later])
        (said,) = await desk.service.answer([later])
        (task,) = await tasks_of(desk)
    assert "17:00" in said.reply
    assert wall(task.due_at, HERE) == "2026-11-27T17:00"


async def test_time_and_number_are_asked_for(tmp_path: Path) -> None:
    """Whatever was not said; all of it stands in the task."""
    async with running(tmp_path, agents(intent="ESCALATION_REQUEST"), Clock(NOW)) as desk:
        asked = await desk.say("call me back")
        assert (asked.status, "Eastern time" in asked.reply) == ("asked", True)
        asked = await desk.say("tomorrow at 3")
        assert (asked.status, await tasks_of(desk)) == ("asked", [])
        assert (await desk.say(PHONE)).status == "answered"
        (task,) = await tasks_of(desk)
    assert task.title == f"call me back tomorrow at 3 {PHONE}"
    assert wall(task.due_at, HERE) == "2026-11-27T15:00"


async def test_nobody_calls_on_a_sunday(tmp_path: Path) -> None:
    """Two hours at which somebody is there are offered instead."""
    async with running(tmp_path, agents(intent="ESCALATION_REQUEST"), Clock(NOW)) as desk:
        asked = await desk.say("call me on Sunday at 3", customer=ANA)
        assert (asked.status, "Monday, November 30 at 15:00" in asked.reply) == ("asked", True)
        assert (await desk.say("no, Monday at 3 then")).status == "answered"
        (task,) = await tasks_of(desk)
    assert wall(task.due_at, HERE) == "2026-11-30T15:00"


async def test_a_planned_call_gets_its_number_moves_and_ends(tmp_path: Path) -> None:
    """In words, by who waits for nobody; the number is that of the call, and nothing is asked twice."""
    number = "TOKEN_11111111-2222-4333-8444-555555555555"
    async with running(tmp_path, agents(intent="ESCALATION_REQUEST"), Clock(NOW)) as desk:
        await desk.say("call me back", customer=ANA)
        assert "10:00" in (await desk.say("tomorrow at 10")).reply
        assert (await desk.say(f"my number is {number}")).status == "answered"
        assert "15:00" in (await desk.say("actually make it 3pm")).reply
        (task,) = await tasks_of(desk)
        assert (wall(task.due_at, HERE), number in task.title) == ("2026-11-27T15:00", True)
        assert "call" in (await desk.say("cancel the call")).reply
        assert [each.status for each in await tasks_of(desk)] in ([], ["cancelled"])


@pytest.mark.parametrize(
    ("text", "intent", "status"),
    [
        ("whenever the moon is full", "GENERAL_INQUIRY", "handed_over"),
        ("no thanks, leave it", "CANCELLATION", "answered"),
    ],
)
async def test_no_second_question(tmp_path: Path, text: str, intent: str, status: str) -> None:
    """Who is not understood twice gets a person; who wants no call any more gets none."""
    async with running(tmp_path, agents(intent=intent), Clock(NOW)) as desk:
        await desk.say("call me back", customer=ANA)
        assert (await desk.say(text)).status == status
        assert await tasks_of(desk) == []


async def test_another_matter_comes_first(tmp_path: Path) -> None:
    """A question about an order is answered, whatever we asked."""
    async with running(tmp_path, agents(SENT), Clock(NOW)) as desk:
        await desk.say("call me back", customer=ANA)
        assert "DHL" in (await desk.say("where is order 1005?")).reply


async def test_when_nobody_is_there_to_ask_a_person_takes_it(tmp_path: Path) -> None:
    """Asking for a call never fails."""
    down = dict.fromkeys((c.SCREEN, c.CLASSIFY, c.RETRIEVE, c.ASSESS, c.FETCH, c.WRITE, c.JUDGE), broken)
    async with running(tmp_path, {**down, c.REQUEST_PERSON: broken}, Clock(NOW)) as desk:
        assert (await desk.say("call me back", customer=ANA)).status == "handed_over"


async def test_danger_comes_before_a_call(tmp_path: Path) -> None:
    """Who is hurt does not wait until tomorrow at 3."""
    danger = c.Signal(reason="safety", span="burned")

    async def assess(ask: c.AssessMessage) -> c.MessageAssessed:
        return c.MessageAssessed(**ids(ask), signals=(danger,))

    async with running(tmp_path, {**agents(), c.ASSESS: assess}, Clock(NOW)) as desk:
        said = await desk.say("the stove burned me, call me back tomorrow at 3", customer=ANA)
    assert said.escalation is not None
    assert said.escalation.reason == "safety"


async def test_a_notice_rests_on_the_order(tmp_path: Path) -> None:
    """What the house tells without being asked has its sources, too, and the house is who speaks."""
    notice = c.Notice(goal="follow_up.shipped", values={"items": "Tern Jacket"}, facts=SENT.facts())
    turn = c.TurnAccepted(conversation_id="c-1", turn_id="s-1", text="", accepted_at=NOW, act=notice)
    async with running(tmp_path, agents(), Clock(NOW)) as desk:
        await desk.say("Tell me when it ships", customer=ANA)
        (told_,) = await desk.service.answer([turn])
    assert (told_.status, told_.speaker) == ("told", "system")
    assert "DHL" in told_.reply
    sources = {source for sentence in told_.sentences for source in sentence.sources}
    assert {"order:1005/number", "order:1005/carrier", "order:1005/shipped_on"} <= sources
    assert structs.replace(told_, state=None).said == ""
