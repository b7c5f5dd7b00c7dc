"""How the day goes, counted from cases, turns, thumbs and gaps as they are stored."""

from pathlib import Path

from gateway.casework import new_turn
from shared import contracts as c
from shared.adapters.sqlite.measures import open_measures, spread
from shared.ports.measures import NOTHING, Spread
from tests.cases.examples import EMMA, NOAH, support


async def test_an_hour_of_support(tmp_path: Path) -> None:
    """Three conversations: the bot settled one, Emma closed one that was rated, one waits too long."""
    async with support(tmp_path) as at, open_measures(tmp_path / "desk.db") as measures:
        began = at.clock.at
        empty = await measures.figures(since=began, now=began)
        assert (empty.automation, empty.csat, empty.first_response) == (None, None, NOTHING)
        await at.desk.say("Lovely tent!", "c-bot")
        await at.desk.say("human please", "c-closed")
        await at.desk.say("human please", "c-waits")
        closed = await at.case("c-closed")
        at.clock.at += 120
        await at.work.claim(closed.id, EMMA)
        await at.work.say(closed.id, EMMA, "Hi", turn_id=new_turn())
        at.clock.at += 480
        await at.work.close(closed.id, EMMA, outcome="refunded")
        events = await at.cases.events("c-closed")
        (ending,) = [each.event for each in events if isinstance(each.event, c.CaseClosed)]
        await at.desk.service.steps.store.add_feedback(
            c.FeedbackGiven(
                conversation_id="c-closed", turn_id=ending.turn_id, rating="up", given_at=at.clock.at
            )
        )
        waits = await at.case("c-waits")
        figures = await measures.figures(since=began, now=waits.due_at + 1)
        assert (figures.conversations, figures.automated) == (3, 1)
        assert figures.first_response == Spread(1, 120.0, 120.0)
        assert figures.resolution == Spread(1, 600.0, 600.0)
        assert (figures.good, figures.rated, figures.csat) == (1, 1, 1.0)
        (queue,) = figures.queues
        assert (queue.queue, queue.waiting, queue.with_person, queue.overdue) == ("support", 1, 0, 1)
        assert queue.longest > 3600
        assert (figures.reasons, figures.outcomes) == ({"asked_for_person": 2}, {"refunded": 1})
        await at.work.claim(waits.id, NOAH)
        later = await measures.figures(since=at.clock.at + 1, now=waits.due_at - 60)
        assert later.loads == {NOAH.actor: ("Noah", 1)}
        assert (later.queues[0].waiting, later.queues[0].with_person, later.queues[0].at_risk) == (0, 1, 1)
        assert (later.conversations, later.reasons) == (0, {})


def test_the_middle_and_the_ninth_tenth() -> None:
    """Nearest rank: a value that was really measured."""
    assert spread([5, 1, 3]) == Spread(3, 3, 5)
    assert spread(list(range(1, 11))) == Spread(10, 5, 9)
