"""Which event may follow which."""

import pytest
from msgspec import structs

from shared import cases
from shared import contracts as c
from shared.errors import NotNow
from tests.cases.examples import opened

EMMA, NOAH = "staff:m-emma", "staff:m-noah"
WAITING = cases.opened(opened())
CLAIM = c.CaseClaimed(at=110.0, by=EMMA, name="Emma", turn_id="s-1")
HELD = c.ReplyHeld(at=111.0, turn_id="t-2", text="It shipped.")
CLAIMED = cases.after(WAITING, CLAIM)


def says(by: str = EMMA, **more: str) -> c.StaffSpoke:
    return c.StaffSpoke(at=120.0, by=by, name=by, text="Hello", turn_id="s-2", **more)  # type: ignore[arg-type]


def closed(by: str = EMMA) -> c.CaseClosed:
    return c.CaseClosed(at=130.0, by=by, turn_id="s-3")


def reopened(by: str = NOAH, at: float = 131.0) -> c.CaseReopened:
    return c.CaseReopened(at=at, by=by, name="Noah", turn_id="s-8")


def test_a_day_of_a_case() -> None:
    """It waits, is claimed, spoken in, given back to the line, claimed by another, and closed."""
    case = cases.told(
        (
            opened(),
            CLAIM,
            says(),
            c.CaseReleased(at=121.0, by=EMMA),
            c.CaseClaimed(at=122.0, by=NOAH, name="Noah", turn_id="s-9"),
            closed(NOAH),
        )
    )
    assert (case.phase, case.version, case.owner, case.first_spoke_at, case.ended_at) == (
        "closed", 6, "", 120.0, 130.0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("case", "event", "rule", "says_"),
    [
        (CLAIMED, c.CaseClaimed(at=1, by=NOAH, name="Noah", turn_id="s-4"), "claimed", "Emma has it"),
        (CLAIMED, CLAIM, "yours", "already"),
        (WAITING, says(), "waiting", "claim it first"),
        (CLAIMED, says(NOAH), "claimed", "Emma has it"),
        (CLAIMED, closed(NOAH), "claimed", "Emma has it"),
        (CLAIMED, c.CaseReleased(at=1, by=NOAH), "claimed", "Emma has it"),
        (CLAIMED, c.CaseReturned(at=1, by=NOAH, turn_id="s-5"), "claimed", "Emma has it"),
        (WAITING, c.CaseReleased(at=1, by=EMMA), "waiting", "claim it first"),
        (cases.after(CLAIMED, closed()), says(), "closed", "closed"),
        (cases.after(CLAIMED, c.CaseReturned(at=1, by=EMMA, turn_id="s")), says(), "returned", "bot"),
        (CLAIMED, says(draft="t-2"), "no_draft", "no"),
        (CLAIMED, opened(), "open", "open already"),
        (CLAIMED, reopened(), "open", "open already"),
        (
            cases.after(CLAIMED, c.CaseReturned(at=1, by=EMMA, turn_id="s")),
            reopened(),
            "over",
            "with the bot",
        ),
        (cases.after(CLAIMED, closed()), reopened(at=130.0 + cases.REOPEN_SECONDS + 1), "late", "15 minutes"),
    ],
)
def test_what_may_not_be(case: c.Case, event: c.CaseEvent, rule: str, says_: str) -> None:
    """Nobody speaks for another, nothing happens in what is over; the message says what to do."""
    with pytest.raises(NotNow, match=says_) as caught:
        cases.after(case, event)
    assert caught.value.rule == rule


def test_a_held_reply_is_a_draft_until_somebody_decides() -> None:
    """Sent or rejected once; the second decision is told that there is none left."""
    held = cases.after(CLAIMED, HELD)
    assert held.drafts == ("t-2",)
    assert cases.after(held, says(draft="t-2")).drafts == ()
    rejected = cases.after(held, c.DraftRejected(at=1, by=EMMA, turn_id="t-2", reason="wrong order"))
    assert rejected.drafts == ()
    with pytest.raises(NotNow, match="decided about already"):
        cases.after(rejected, says(draft="t-2"))


def test_the_clock_and_a_lead_may_take_a_case_from_its_owner() -> None:
    """Whoever falls silent does not lock it for ever."""
    for event in (
        c.CaseReleased(at=1, by="clock", why="silent"),
        c.CaseReleased(at=1, by="staff:m-lead", why="lead"),
    ):
        assert cases.after(CLAIMED, event).phase == "waiting"


def test_closing_can_be_taken_back() -> None:
    """By whoever of staff does it, who has it then; nothing is left of how it had ended."""
    over = cases.after(CLAIMED, structs.replace(closed(), outcome="spam", resolution="a mistake"))
    assert (over.outcome, over.resolution) == ("spam", "a mistake")
    again = cases.after(over, reopened())
    assert (again.phase, again.owner, again.claimed_at) == ("person", NOAH, 131.0)
    assert (again.ended_at, again.outcome, again.resolution) == (0.0, "", "")
    assert cases.after(again, says(NOAH)).spoke_at == 120.0


def test_notes_may_be_added_to_what_is_over() -> None:
    """They are no word to the customer."""
    over = cases.after(CLAIMED, closed())
    noted = cases.after(over, c.StaffNoted(at=1, by=NOAH, name="Noah", text="see ticket 7"))
    assert (noted.phase, noted.version) == ("closed", over.version + 1)


def test_a_vendor_may_close_what_waits_or_is_claimed() -> None:
    """A ticket that was solved at the helpdesk is solved here."""
    for case in (WAITING, CLAIMED):
        assert cases.after(case, closed("zendesk")).phase == "closed"
