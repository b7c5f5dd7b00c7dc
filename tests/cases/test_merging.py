"""Two cases of one customer become one: both events or none, and the customer is told where it goes on."""

from pathlib import Path

import pytest

from gateway.casework import act_of
from shared import cases
from shared import contracts as c
from shared.adapters.sqlite.cases import open_cases
from shared.adapters.sqlite.store import open_store
from shared.errors import NotNow
from tests.cases.examples import EMMA, NOAH, hand_over, opened, support

ONE, OTHER = cases.opened(opened()), cases.opened(opened(hand_over("h-2", "c-2")))
MERGED = c.CaseMerged(
    at=200.0, by=EMMA.actor, name="Emma", into="h-2", into_conversation="c-2", turn_id="s-7"
)
ABSORBED = c.CaseAbsorbed(at=200.0, by=EMMA.actor, name="Emma", case_id="h-1", conversation_id="c-1")
CLAIM = c.CaseClaimed(at=110.0, by=NOAH.actor, name="Noah", turn_id="s-1")


def test_one_closes_and_the_other_goes_on() -> None:
    """Each knows the other; the one that stays keeps its place, owner and drafts."""
    closed, kept = cases.after(ONE, MERGED), cases.after(OTHER, ABSORBED)
    assert (closed.phase, closed.resolution, closed.merged_into) == ("closed", "merged", "h-2")
    assert (kept.phase, kept.absorbed, kept.opened_at) == ("waiting", ("h-1",), OTHER.opened_at)


@pytest.mark.parametrize(
    ("case", "event", "rule"),
    [
        (cases.after(ONE, CLAIM), MERGED, "claimed"),
        (cases.after(OTHER, CLAIM), ABSORBED, "claimed"),
        (cases.after(ONE, MERGED), MERGED, "closed"),
        (cases.after(OTHER, ABSORBED), ABSORBED, "merged"),
        (OTHER, MERGED, "same"),
    ],
)
def test_what_may_not_be_merged(case: c.Case, event: c.CaseEvent, rule: str) -> None:
    """What another has, what is over, what is merged already, a case into itself."""
    with pytest.raises(NotNow) as caught:
        cases.after(case, event)
    assert caught.value.rule == rule


def test_a_case_of_before_there_were_merges_is_read() -> None:
    """The new fields have values for old records."""
    import msgspec  # noqa: PLC0415

    old = msgspec.to_builtins(ONE)
    del old["merged_into"], old["absorbed"]
    assert msgspec.convert(old, c.Case) == ONE


async def test_both_or_none(tmp_path: Path) -> None:
    """When the case that should stay is somebody else's, the other one stays open."""
    async with open_store(tmp_path / "desk.db") as store, open_cases(tmp_path / "desk.db") as rows:
        await store.open_hand_over(hand_over("h-1"))
        await store.open_hand_over(hand_over("h-2", "c-2"))
        await rows.append("h-2", CLAIM)
        with pytest.raises(NotNow, match="Noah has it"):
            await rows.merge("h-1", MERGED, ABSORBED)
        left = await rows.case("h-1")
        assert left is not None
        assert (left.phase, len(await rows.events("c-1"))) == ("waiting", 1)


async def test_the_customer_is_told_where_it_goes_on(tmp_path: Path) -> None:
    """By a system notice in the closed conversation; what they write there next is for the bot again."""
    async with support(tmp_path) as desk:
        for name, conversation in (("h-1", "c-1"), ("h-2", "c-2")):
            await desk.cases.open(opened(hand_over(name, conversation, at=desk.clock.now())))
        one, other = await desk.case("c-1"), await desk.case("c-2")
        async with desk.desk.bus.watch() as arriving:
            await desk.work.merge(one, other, EMMA)
            async for item in arriving:
                if not isinstance(item, c.TurnProgress | c.CaseChanged):
                    break
        ((who, text),) = await desk.lines("c-1")
        assert (who, "other" in text) == ("system", True)
        assert await desk.lines("c-2") == []
        assert not (await desk.case("c-1")).open


def test_the_notice_is_of_the_closed_one_only() -> None:
    """Whoever goes on is not interrupted."""
    assert act_of(MERGED) == c.Notice(goal="person.merged")
    assert act_of(ABSORBED) is None
