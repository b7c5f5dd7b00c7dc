"""A person decides, as transcripts: the customer hears the outcome, and what was agreed to happens once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.approving import Approving
from gateway.casework import Casework
from gateway.staff.roles import Member
from shared import contracts as c
from shared.adapters.sqlite.approvals import open_approvals
from shared.adapters.sqlite.cases import open_cases
from shared.errors import BusDown
from shared.ports import CaseStore
from tests.conversation.test_actions import NOW, Talk, talking

EMMA = Member(id="m-emma", name="Emma", role="lead")
NOAH = Member(id="m-noah", name="Noah", role="lead")


@dataclass
class Scene:
    """A customer, staff who decide, and the case between them."""

    talk: Talk
    staff: Approving
    cases: CaseStore

    async def asked(self) -> c.Approval:
        """The customer wants 123 dollars back, which is over the limit."""
        told = await self.talk.says("I want a refund for order 1005", "REFUND_STATUS", order_number="1005")
        assert (told.status, self.talk.actions) == ("handed_over", [])
        (waiting,) = await self.staff.open()
        return waiting

    async def lines(self) -> list[tuple[str, str]]:
        """Who said what so far, once every turn has its result."""
        bus = self.talk.desk.bus
        while await bus.unanswered(["c-1"]) or any(bus._workers[0]._tasks):  # noqa: ASYNC110
            await asyncio.sleep(0)
        stored = await self.talk.desk.service.steps.store.read("c-1")
        return [(line.who, line.text) for line in (stored.messages if stored else ())]

    async def phase(self) -> str:
        """Where the case stands."""
        case = await self.cases.of("c-1")
        return case.phase if case else ""


@asynccontextmanager
async def scene(tmp_path: Path, receipt: dict[str, Any] | None = None) -> AsyncIterator[Scene]:
    """Everything in one process, on the in-process bus and a real store."""
    file = tmp_path / "desk.db"
    async with talking(tmp_path, receipt) as talk, open_cases(file) as cases, open_approvals(file) as kept:
        yield Scene(talk, Approving(kept, cases, talk.desk.bus, now=lambda: NOW + 60), cases)


async def test_a_request_says_what_would_be_done_and_why_it_needs_a_person(tmp_path: Path) -> None:
    """In the words of whoever reads it; it belongs to the case that was opened for it."""
    async with scene(tmp_path) as at:
        waiting = await at.asked()
        case = await at.cases.of("c-1")
    assert case is not None
    assert waiting.asked.case_id == case.id
    assert waiting.asked.why == ("amount",)
    back = "Refund 117.05 USD for Tern Jacket, Wren Mug from order #1005 when they are back, with a label."
    assert waiting.asked.preview["en"] == back
    assert waiting.asked.preview["fr"].startswith("Rembourser 117.05 USD pour Tern Jacket, Wren Mug")
    assert isinstance(waiting.asked.action, c.Refund)
    assert (waiting.asked.action.amount, waiting.asked.action.goods_back) == ("117.05", True)


async def test_approved_it_is_done_and_the_customer_hears_of_it(tmp_path: Path) -> None:
    """By the same key that the customer's own yes would have had; the bot has the conversation again."""
    async with scene(tmp_path) as at:
        waiting = await at.asked()
        made = await at.staff.decide(waiting.id, EMMA, "approve")
        assert isinstance(made, c.DecisionMade)
        who, text = (await at.lines())[-1]
        assert (who, "$117.05" in text, "R-77" in text, "agreed" in text) == ("system", True, True, True)
        (done,) = at.talk.done
        assert (done.action, done.key, done.customer) == (waiting.asked.action, waiting.key, "TOKEN_x")
        assert await at.phase() == "returned"
        back = await at.talk.says("thank you")
        assert back.status != "with_person"


async def test_approved_with_a_change_the_change_is_done(tmp_path: Path) -> None:
    """Under the key of what was asked for: the wish is one."""
    async with scene(tmp_path) as at:
        waiting = await at.asked()
        credit = c.StoreCredit(order_number="1005", amount="100.00", currency="USD")
        await at.staff.decide(waiting.id, EMMA, "edit", edited=credit)
        text = (await at.lines())[-1][1]
        (done,) = at.talk.done
    assert (done.action, done.key) == (credit, waiting.key)
    assert ("$100.00" in text, "change" in text) == (True, True)


@pytest.mark.parametrize(
    ("reason", "words", "says", "phase"),
    [
        ("window", "", "delivery", "returned"),
        ("used", "The sole is worn.", "The sole is worn.", "returned"),
        ("evidence", "Please send a photo.", "Please send a photo.", "waiting"),
        ("other", "", "could not approve", "returned"),
    ],
)
async def test_denied_the_customer_hears_why(
    tmp_path: Path, reason: str, words: str, says: str, phase: str
) -> None:
    """Kindly, with the person's words; what is missing, a person waits for."""
    async with scene(tmp_path) as at:
        waiting = await at.asked()
        await at.staff.decide(waiting.id, EMMA, "deny", reason=reason, words=words)
        who, text = (await at.lines())[-1]
        assert (who, says in text, at.talk.actions) == ("system", True, [])
        assert await at.phase() == phase


@pytest.mark.parametrize("language", ["en", "fr", "es"])
@pytest.mark.parametrize("reason", ["used", "other"])
@pytest.mark.parametrize(
    "words",
    [
        "Sorry, we refund no more than $50; a 20% coupon comes next week.",
        "I asked TOKEN_00000001-0000-4000-8000-000000000000 about it. Is there a photo?",
    ],
)
async def test_a_person_s_words_reach_the_customer_as_they_were_written(
    tmp_path: Path, words: str, reason: str, language: c.Language
) -> None:
    """Whatever they name or promise, in whichever language: they are no draft of the bot's to be judged."""
    async with scene(tmp_path) as at:
        at.talk.language = language
        waiting = await at.asked()
        await at.staff.decide(waiting.id, EMMA, "deny", reason=reason, words=words)
        text = (await at.lines())[-1][1]
        stored = await at.talk.desk.service.steps.store.load("c-1")
    assert text.endswith(f": {words}")
    assert stored is not None
    assert stored.history[-1] == c.Said(who="staff", text=words)


@pytest.mark.parametrize(
    ("language", "says"), [("en", "person on our team"), ("fr", "conseiller"), ("es", "una persona")]
)
async def test_the_shop_s_no_after_an_approval_is_for_a_person(
    tmp_path: Path, language: c.Language, says: str
) -> None:
    """The customer hears so in their language; the vendor's own words are for staff. Nothing is lost."""
    refusal = "The order total is less than the refund"
    async with scene(tmp_path, {"status": "refused", "reference": "", "detail": refusal}) as at:
        at.talk.language = language
        waiting = await at.asked()
        await at.staff.decide(waiting.id, EMMA, "approve")
        text = (await at.lines())[-1][1]
        case = await at.cases.of("c-1")
    assert (says in text, refusal in text, "agreed" in text) == (True, False, False)
    assert case is not None
    assert (case.phase, case.hand_over.reason) == ("waiting", "action_failed")
    assert case.id != waiting.asked.case_id
    assert refusal in case.hand_over.packet.promised


async def test_of_two_at_the_same_instant_one_decides(tmp_path: Path) -> None:
    """The other learns who did; the shop is asked once."""
    async with scene(tmp_path) as at:
        waiting = await at.asked()
        answers = await asyncio.gather(
            at.staff.decide(waiting.id, EMMA, "approve"), at.staff.decide(waiting.id, NOAH, "approve")
        )
        await at.lines()
        (lost,) = [each for each in answers if isinstance(each, c.DecisionLost)]
        assert lost.approval is not None
        assert (lost.why, lost.approval.decided_name) == ("decided", "Emma")
        assert len(at.talk.done) == 1


async def test_a_decision_outlives_its_case(tmp_path: Path) -> None:
    """Somebody closed it before anybody decided: the wish is granted all the same, once, and told."""
    async with scene(tmp_path) as at:
        waiting = await at.asked()
        casework = Casework(at.cases, at.talk.desk.bus, now=lambda: NOW + 1)
        await casework.claim(waiting.asked.case_id, EMMA)
        await casework.close(waiting.asked.case_id, EMMA)
        for decided in range(2):
            made = await at.staff.decide(waiting.id, EMMA, "approve")
            assert isinstance(made, c.DecisionMade), decided
        who, text = (await at.lines())[-1]
        assert (who, "$117.05" in text, "R-77" in text) == ("system", True, True)
        assert (len(at.talk.done), await at.staff.open(), await at.phase()) == (1, [], "closed")
        assert (await at.talk.says("thank you")).status != "with_person"


async def test_a_denial_after_a_merge_is_heard_where_it_was_asked(tmp_path: Path) -> None:
    """The case goes on in another conversation; the request is still this one's."""
    async with scene(tmp_path) as at:
        waiting = await at.asked()
        await at.talk.says(
            "I want a refund for order 1005", "REFUND_STATUS", conversation="c-2", order_number="1005"
        )
        case, into = await at.cases.of("c-1"), await at.cases.of("c-2")
        assert case is not None
        assert into is not None
        await Casework(at.cases, at.talk.desk.bus, now=lambda: NOW + 1).merge(case, into, EMMA)
        made = await at.staff.decide(waiting.id, EMMA, "deny", reason="used")
        assert isinstance(made, c.DecisionMade)
        who, text = (await at.lines())[-1]
        kept = await at.cases.of("c-2")
    assert (who, "worn" in text or "used" in text, at.talk.actions) == ("system", True, [])
    assert kept is not None
    assert kept.phase == "waiting"


async def test_a_request_nobody_has_made_takes_no_decision(tmp_path: Path) -> None:
    """It may have been erased."""
    async with scene(tmp_path) as at:
        unknown = await at.staff.decide("a-none", NOAH, "approve")
    assert unknown == c.DecisionLost(why="unknown")


async def test_decided_while_the_bus_is_down_it_is_carried_out_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The decision counts at once; told any number of times, it is done once."""
    async with scene(tmp_path) as at:
        waiting = await at.asked()
        submit = at.talk.desk.bus.submit

        async def down(_: c.TurnAccepted) -> None:
            raise BusDown("away for the test")

        monkeypatch.setattr(at.talk.desk.bus, "submit", down)
        assert isinstance(await at.staff.decide(waiting.id, EMMA, "approve"), c.DecisionMade)
        monkeypatch.setattr(at.talk.desk.bus, "submit", submit)
        later = Approving(at.staff.approvals, at.cases, at.talk.desk.bus, now=lambda: NOW + 120)
        assert [await later.retell(), await later.retell()] == [1, 0]
        await at.staff._tell((await at.staff.approvals.of("c-1"))[0])
        assert "R-77" in (await at.lines())[-1][1]
        assert len(at.talk.done) == 1
