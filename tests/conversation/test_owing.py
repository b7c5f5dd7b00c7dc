"""A refund follows its goods, as transcripts: what is owed is kept, and paid once the parcel is back."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from conversation.later import owing
from shared import contracts as c
from shared.errors import VendorRefused
from shared.ports import TaskFilter
from shared.promises import kept_by_receipt, made_in
from tests.clock import Clock
from tests.conversation.desk import running
from tests.conversation.test_actions import NOW, ORDERS, Talk, talking
from tests.orders import item, order

BEANIE = structs.replace(item("Larch Beanie", "One size", "LB", price="30.00"), paid="27.00", tax="1.62")
SMALL = order("1014", BEANIE, status="delivered", delivered_on="2026-11-11", total="35.57", shipping="6.95")
LABEL = "https://labels.example.com/1014-R1.pdf"
OPENED = {"reference": "#1014-R1", "label": LABEL}


async def owed(talk: Talk) -> Sequence[c.Task]:
    """What the bot still has to pay."""
    tasks = talk.desk.service.steps.tasks
    assert tasks is not None
    return await tasks.page(TaskFilter(kind="pay_when_back"))


async def due(talk: Talk, task: c.Task) -> c.TurnFinished:
    """The parcel is back: the turn that pays for it."""
    assert task.action is not None
    act = c.PaymentDue(action=task.action, key=task.action.key, agreed=task.agreed, why=task.why)
    return await talk.desk.say("", act=act)


@pytest.mark.parametrize(
    ("language", "wish", "yes", "said"),
    [
        ("en", "please refund order 1014", "yes", ("$30.00", "$22.67", "$3.00", "$1.62", "$5.95", "$6.95")),
        ("fr", "remboursez la commande 1014 s'il vous plaît", "oui", ("5,95", "22,67", "1,62", "6,95")),
        ("es", "quiero el reembolso del pedido 1014", "sí", ("$5.95", "$22.67", "$1.62", "$6.95")),
    ],
)
async def test_what_is_agreed_is_said_part_by_part_and_paid_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: c.Language, wish: str, yes: str,
    said: tuple[str, ...],
) -> None:  # fmt: skip
    """Preview, label and what to do at the yes; the money and the last word when the parcel is there."""
    monkeypatch.setitem(ORDERS, "1014", SMALL)
    async with talking(tmp_path, OPENED) as talk:
        talk.language = language
        preview = await talk.says(wish, "REFUND_STATUS", order_number="1014")
        assert preview.status == "asked"
        assert [each for each in said if each not in preview.reply] == []
        agreed = await talk.says(yes)
        assert (agreed.status, LABEL in agreed.reply, said[1] in agreed.reply) == ("answered", True, True)
        (waiting,) = await owed(talk)
        assert waiting.action == c.Refund(
            order_number="1014", items=("LB",), amount="22.67", currency="USD", of_return="#1014-R1"
        )
        assert (waiting.assignee, waiting.agreed, waiting.conversation_id) == (c.BOT, True, "c-1")
        (promised,) = [each for each in made_in(agreed) if each.promise.amount]
        assert promised.promise.kind == "refund"
        assert (promised.promise.order, promised.state) == ("1014", "open")
        paid = await due(talk, waiting)
    assert (paid.status, paid.speaker) == ("told", "system")
    assert ("22.67" in paid.reply or "22,67" in paid.reply, "#1014" in paid.reply) == (True, True)
    assert [each.what for each in talk.actions] == ["LB:22.67", "LB:22.67:#1014-R1"]
    assert kept_by_receipt(promised, agreed.actions[0]) == ""
    assert kept_by_receipt(promised, paid.actions[0]) == "receipt:refund:1014"


async def test_a_replay_owes_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process died after the shop's yes: the same turn again keeps the same task."""
    monkeypatch.setitem(ORDERS, "1014", SMALL)
    async with talking(tmp_path, OPENED) as talk:
        await talk.says("refund order 1014", "REFUND_STATUS", order_number="1014")
        before = await talk.desk.service.steps.store.load("c-1")
        await talk.says("yes")
        assert before is not None
        turn = c.TurnAccepted(
            conversation_id="c-1", turn_id="t-2", text="yes", accepted_at=NOW, customer="TOKEN_x"
        )
        await talk.desk.service._hear([turn], before, None)
        assert len(await owed(talk)) == 1


async def test_a_return_above_the_limit_is_paid_when_a_person_agrees(tmp_path: Path) -> None:
    """It opens at once, as the help pages say; over fifty dollars somebody looks before the money goes."""
    async with talking(tmp_path, {"reference": "#1005-R1"}) as talk:
        preview = await talk.says(
            "I want to return the jacket of 1005", "RETURN_REQUEST", order_number="1005"
        )
        assert ("$83.05" in preview.reply, "$5.95" in preview.reply) == (True, True)
        await talk.says("yes")
        (waiting,) = await owed(talk)
        assert (waiting.agreed, len(talk.actions)) == (False, 1)
        asked = await due(talk, waiting)
        assert (asked.status, len(talk.actions)) == ("handed_over", 1)
        assert asked.approval is not None
        assert (asked.approval.action, asked.approval.why) == (waiting.action, ("amount",))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"given": tuple(c.Given(kind="refund", on=f"2026-11-0{n}") for n in (1, 2, 3))}, ("abuse",)),
        ({"payment": "partially_refunded"}, ("payment",)),
        ({}, ()),
    ],
)
async def test_a_return_is_no_way_round_the_rule_of_refunds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, values: dict[str, Any], why: tuple[str, ...]
) -> None:
    """What would ask a person of a refund asks them of the return's money, and no amount is promised."""
    monkeypatch.setitem(ORDERS, "1014", structs.replace(SMALL, **values))
    async with talking(tmp_path, OPENED) as talk:
        preview = await talk.says("return the beanie of 1014", "RETURN_REQUEST", order_number="1014")
        assert ("colleague" in preview.reply, "up to $22.67" in preview.reply) == (bool(why), bool(why))
        await talk.says("yes")
        (waiting,) = await owed(talk)
        assert (waiting.agreed, waiting.why) == (not why, why)
        ended = await due(talk, waiting)
    assert (ended.approval.why if ended.approval else ()) == why
    assert ended.status == ("handed_over" if why else "told")


async def test_a_payment_the_shop_refuses_is_for_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something is missing from the parcel: nobody is told that money is coming."""
    monkeypatch.setitem(ORDERS, "1014", SMALL)
    refused: dict[str, Any] = {
        "status": "refused",
        "reference": "",
        "why": "incomplete",
        "detail": "one is missing",
    }
    async with talking(tmp_path, refused) as talk:
        task = c.Refund(order_number="1014", amount="22.67", currency="USD", of_return="#1014-R1")
        told = await talk.desk.say("", act=c.PaymentDue(action=task, key=task.key))
    assert told.escalation is not None
    assert (told.escalation.reason, told.status) == ("action_failed", "handed_over")


async def test_a_payment_that_reaches_nobody_is_not_spoken_of(tmp_path: Path) -> None:
    """The turn ends without a word or a case, so that another pays; nobody is called for an outage."""

    async def broken(ask: c.ExecuteAction) -> c.ActionExecuted:
        raise VendorRefused("shopify", "the key is wrong")

    owed = c.Refund(order_number="1014", amount="22.67", currency="USD", of_return="#1014-R1")
    async with running(tmp_path, {c.EXECUTE: broken}, Clock(NOW)) as desk:
        ended = await desk.say("", act=c.PaymentDue(action=owed, key=owed.key))
    assert (ended.status, ended.reply, ended.actions, ended.escalation) == ("told", "", (), None)
    assert ended.state is not None
    assert (ended.state.hand_over_id, ended.state.history) == ("", ())


@pytest.mark.parametrize(
    ("number", "goal_words", "status", "actions"),
    [("1003", "shipping included", "asked", ["cancel"]), ("1007", "delivered", "answered", [])],
)
async def test_what_cannot_come_back_is_said_truly(
    tmp_path: Path, number: str, goal_words: str, status: str, actions: list[str]
) -> None:
    """Not packed: the order is cancelled instead, all of it paid back; on its way: after the delivery."""
    async with talking(tmp_path) as talk:
        told = await talk.says(f"I want a refund for order {number}", "REFUND_STATUS", order_number=number)
        assert told.status == status
        assert goal_words in told.reply or "arrived" in told.reply
        if actions:
            await talk.says("yes")
        assert [each.kind for each in talk.actions] == actions
        assert await owed(talk) == []


@pytest.mark.parametrize(("amount", "is_owed"), [("26.05", True), ("0.00", False), ("", False)])
def test_nothing_is_owed_for_what_its_label_eats_up(amount: str, is_owed: bool) -> None:
    """A parcel that brings no money needs nobody to look for it."""
    action = c.Return(order_number="1014", items=("LB",), amount=amount, currency="USD")
    receipt = c.Receipt(kind="return", status="done", reference="#1014-R1", order_number="1014")
    turn = c.TurnAccepted(conversation_id="c-1", turn_id="t-1", text="yes", accepted_at=NOW)
    assert (owing.owed(action, receipt, turn, customer="") is not None) is is_owed
