"""Doing something at the shop from a case: shown first, done once, beyond the rules by a lead."""

import html
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from msgspec import structs

from conversation.rules.beyond import beyond_rules
from conversation.rules.playbooks import load_policy
from gateway.approving import Approving
from gateway.context import Desk
from gateway.doing import Doing
from shared import contracts as c
from shared.adapters.memory.audit import MemoryAudit
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.sqlite.approvals import SqliteApprovals, open_approvals
from shared.errors import BusDown, VendorDown
from shared.ports import CommerceApi
from tests.cases.examples import hand_over
from tests.console.desk import ConsoleDesk, open_desk
from tests.orders import item, order
from tests.products import product, variant

NOW = 1_795_262_400.0  # 21 November 2026, noon
BEANIE = item("Larch Beanie", "One size", "LB", price="30.00")
TENT = item("Tern 2 Tent", "Moss", "TT", price="249.00")
SENT = order(
    "1014", BEANIE, TENT, status="delivered", delivered_on="2026-11-11", total="285.95", shipping="6.95"
)
ANA = c.ConversationState(customer="TOKEN_3d4e28ba-2fa1-41d2-883f-0016d3cca427", language="en")
AT_ONCE = c.Refund(order_number="1014", items=("LB",), amount="30.00", currency="USD")
POLICY = load_policy()
WISH = {"kind": "refund", "order": "1014", "items": "LB"}


@dataclass
class Shop:
    """One customer's one order."""

    order: c.Order = SENT
    newer: Sequence[c.Order] = ()

    async def orders_of_customer(self, **_: object) -> Sequence[c.Order]:
        return [*self.newer, self.order]

    async def products(self, query: str, *, limit: int = 3) -> Sequence[c.Product]:
        return [product(query, variant("Large", "LB2", price="30.00"), variant("Bag", "BAG", price="399.00"))]

    async def record_behind(self, *_: object, **__: object) -> Sequence[str]:
        return ()


@dataclass
class Scene:
    """The console, the shop, and what was asked of leads."""

    console: ConsoleDesk
    shop: Shop
    approvals: SqliteApprovals

    async def do(self, role: str = "agent", **form: str) -> tuple[int, str]:
        """Post the form; the page, or where it leads."""
        answer = await self.console.act("do", "h-1", role, **form)
        return answer.status_code, answer.headers.get("location", answer.text)

    async def shown(self, role: str = "agent", **form: str) -> dict[str, str]:
        """The hidden fields of the confirmation."""
        status, page = await self.do(role, step="preview", **form)
        assert status == 200, page
        assert 'value="confirm"' in page, page
        found = re.findall(r'type="hidden" name="([a-z]+)" value="([^"]*)"', page)
        return {name: html.unescape(value) for name, value in found} | {"step": "confirm"}

    def turns(self) -> list[c.TurnAccepted]:
        """What the conversation was told to do."""
        bus = self.console.desk.bus
        assert isinstance(bus, MemoryBus)
        return [each.turn for each in bus._turns.values() if isinstance(each.turn.act, c.ActionDecided)]


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    shop = Shop()
    async with open_desk(tmp_path) as console, open_approvals(tmp_path / "desk.db") as approvals:
        await console.said("I'd like my money back", "Of which order?", state=ANA)
        given = hand_over()
        facts = (
            c.Fact(id="kb:refunds#how", value="5 days"),
            c.Fact(id="order:1014/status", value="delivered"),
        )
        given = structs.replace(given, packet=structs.replace(given.packet, facts=facts))
        await console.cases.open(c.CaseOpened(at=100.0, by="bot", hand_over=given))
        desk = with_doing(console, shop, approvals)
        console.app.state.desk = console.desk = desk
        await console.act("claim")
        yield Scene(console, shop, approvals)


def with_doing(console: ConsoleDesk, shop: Shop, approvals: SqliteApprovals) -> Desk:
    """The desk with this shop and the room for doing."""
    old = console.desk
    return replace(
        old,
        intake=replace(old.intake, shop=cast("CommerceApi", shop)),
        doing=Doing(
            POLICY.actions, partial(beyond_rules, policy=POLICY), old.bus, approvals, now=lambda: NOW
        ),
        approving=Approving(approvals, console.cases, old.bus, now=lambda: NOW),
    )


async def test_shown_then_done_once_and_told(scene: Scene) -> None:
    """The price less the label, by the rule; a double press is one turn, in the audit log under a name."""
    confirm = await scene.shown(**WISH)
    assert (
        confirm["shown"]
        == "Refund 24.05 USD for Larch Beanie from order #1014 when they are back, with a label."
    )
    assert scene.turns() == []
    for _ in range(2):
        status, place = await scene.do(**confirm)
        assert (status, place) == (303, f"/console/cases/h-1/do?key={confirm['key']}")
    (turn,) = scene.turns()
    assert isinstance(turn.act, c.ActionDecided)
    assert (turn.act.asked, turn.act.name, turn.act.action.kind) == (False, "agent", "refund")
    assert turn.act.key.endswith(confirm["key"])
    audit = scene.console.desk.entries.audit
    assert isinstance(audit, MemoryAudit)
    deeds = [each.deed for each in audit.lines if each.deed.action == "action_taken"]
    assert {(each.actor, each.purpose) for each in deeds} == {("staff:m-agent", "h-1 refund 1014")}
    page = await scene.console.http().get(place)
    assert "It is being done" in page.text


@pytest.mark.parametrize(
    ("form", "why", "kind"),
    [
        ({**WISH, "items": "TT"}, "over the amount", c.Refund),
        ({"kind": "resend", "order": "1014", "items": "LB"}, "always needs approval", c.Resend),
        ({"kind": "store_credit", "order": "1014", "amount": "20"}, "always needs approval", c.StoreCredit),
        ({"kind": "loyalty", "points": "150"}, "always needs approval", c.CorrectLoyalty),
        ({"kind": "exchange", "order": "1014", "items": "LB", "wanted": "BAG"}, "another price", c.Exchange),
        ({"kind": "exchange", "order": "1014", "items": "LB", "wanted": "X"}, "another price", c.Exchange),
    ],
)
async def test_beyond_the_rules_a_lead_is_asked_and_may(
    scene: Scene, form: dict[str, str], why: str, kind: type
) -> None:
    """The agent's press makes one request; a lead's own is done."""
    status, page = await scene.do(step="preview", **form)
    assert (status, f"Needs a lead: <strong>{why}" in page) == (200, True)
    confirm = await scene.shown(**form)
    for _ in range(2):
        assert (await scene.do(**confirm))[1].endswith("asked=true")
    (asked,) = await scene.approvals.of("c-1")
    assert (isinstance(asked.asked.action, kind), asked.asked.customer, scene.turns()) == (
        True,
        ANA.customer,
        [],
    )
    assert (await scene.do("lead", **(await scene.shown("lead", **form))))[0] == 303
    assert len(scene.turns()) == 1


@pytest.mark.parametrize(
    ("form", "action"),
    [
        (
            {**WISH, "goods": "at_once"},
            AT_ONCE,
        ),
        ({"kind": "exchange", "items": "LB", "wanted": "LB2"}, None),
        ({"kind": "return", "items": "LB"}, None),
    ],
)
async def test_each_kind_is_what_the_form_says(
    scene: Scene, form: dict[str, str], action: c.Action | None
) -> None:
    """Within the rules, by an agent."""
    confirm = await scene.shown(**({"order": "1014"} | form))
    await scene.do(**confirm)
    (turn,) = scene.turns()
    assert isinstance(turn.act, c.ActionDecided)
    assert turn.act.action.kind == form["kind"]
    assert action is None or turn.act.action == action


async def test_the_order_of_the_case_is_chosen(scene: Scene) -> None:
    """Not the customer's newest, which nobody spoke of; what was typed goes before."""
    scene.shop.newer = [structs.replace(SENT, number="1020"), structs.replace(SENT, number="1019")]
    page = (await scene.console.http().get("/console/cases/h-1/do")).text
    assert re.findall(r'value="(\d+)" selected', page) == ["1014"]
    _, page = await scene.do(step="change", **WISH | {"order": "1019"})
    assert re.findall(r'value="(\d+)" selected', page) == ["1019"]


async def test_our_fault_costs_nothing(scene: Scene) -> None:
    """The whole order with its shipping, and the label is free."""
    confirm = await scene.shown("lead", kind="refund", order="1014", fault="yes")
    assert "285.95 USD" in confirm["shown"]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"kind": "gift"}, "is not one of refund, store_credit"),
        ({**WISH, "order": "1001"}, "none that this customer has shown to be theirs (1014)"),
        ({**WISH, "items": "XX"}, "is no SKU of #1014"),
        ({**WISH, "amount": "999"}, "30.00 is the most"),
        ({**WISH, "amount": "1e99"}, "1e99 is more than was paid for it"),
        ({**WISH, "amount": "1.005"}, "has parts of a cent"),
        ({"kind": "store_credit", "order": "1014"}, "is no amount"),
        ({"kind": "exchange", "order": "1014"}, "an exchange names one SKU"),
        ({"kind": "address", "order": "1014"}, "New address: is empty"),
        ({"kind": "loyalty", "points": "many"}, "is no number of points"),
        ({"kind": "cancel", "order": "1014"}, "the order has been packed or shipped"),
    ],
)
async def test_what_cannot_be_is_named_and_kept(scene: Scene, form: dict[str, str], words: str) -> None:
    """With what was typed still in the form."""
    status, page = await scene.do(step="preview", **form)
    assert (status in {409, 422}, words in page.replace("&#39;", "'")) == (True, True)
    assert f'maxlength="12" autocomplete="off" value="{form.get("amount", "")}"' in page
    assert scene.turns() == []


@pytest.mark.parametrize(
    ("amount", "shown"), [("20,50", "20.50"), ("$20", "20.00"), ("20.5", "20.50"), ("20 €", "20.00")]
)
async def test_an_amount_as_people_write_it(scene: Scene, amount: str, shown: str) -> None:
    """With a comma, too; an item in small letters is the item."""
    confirm = await scene.shown("lead", kind="refund", order="1014", items="lb", amount=amount)
    assert f"Refund {shown} USD for Larch Beanie" in confirm["shown"]


async def test_what_was_typed_comes_back_whatever_happens(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shop is down, the bus is down, somebody else has the case; and who looks again may change it."""
    typed = {"kind": "address", "order": "1014", "address": "1 Quay", "reason": "moved", "amount": "7"}

    def kept(page: str) -> bool:
        return all(f'value="{each}"' in page for each in typed.values())

    with monkeypatch.context() as broken:
        broken.setattr(Shop, "orders_of_customer", down)
        status, page = await scene.do(step="preview", **typed)
        assert (status, kept(page), "The shop does not answer" in page) == (503, True, True)
    confirm = await scene.shown(**WISH)
    with monkeypatch.context() as broken:
        broken.setattr(MemoryBus, "submit", no_bus)
        status, page = await scene.do(**confirm)
        assert (status, confirm["key"] in page, 'value="confirm"' in page) == (503, True, True)
    assert (await scene.do(**confirm))[0] == 303
    assert len(scene.turns()) == 1
    status, page = await scene.do(**typed, step="change")
    assert (status, kept(page), 'value="preview"' in page) == (200, True, True)
    await scene.console.act("release")
    status, page = await scene.do(step="preview", **typed)
    assert (status, kept(page), page.count("Take the case first")) == (409, True, 1)


async def down(*_: object, **__: object) -> Sequence[c.Order]:
    raise VendorDown("shopify", "it does not answer")


async def no_bus(*_: object, **__: object) -> None:
    raise BusDown


async def test_what_changed_between_look_and_yes_is_shown_anew(scene: Scene) -> None:
    """Another amount than the one that was shown, or lines that are on their way back: not done."""
    confirm = await scene.shown(**WISH)
    scene.shop.order = structs.replace(SENT, items=(structs.replace(BEANIE, paid="20.00"), TENT))
    status, page = await scene.do(**confirm)
    assert (status, "changed since this was shown" in page) == (409, True)
    scene.shop.order = structs.replace(SENT, items=(structs.replace(BEANIE, back=1), TENT))
    assert (await scene.do(**confirm))[0] == 409
    assert scene.turns() == []


async def test_only_who_has_the_case_does_something(scene: Scene) -> None:
    """Or a lead; operators see no case at all."""
    await scene.console.act("release")
    assert (await scene.do(step="preview", **WISH))[0] == 409
    assert (await scene.do("operator", step="preview", **WISH))[0] == 403
    assert (await scene.do("lead", step="preview", **WISH))[0] == 200
