"""Between a request and its decision the order goes on: who approves sees it, and nothing is done twice."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import structs

from gateway.app import build_app
from gateway.approving import Approving
from shared import contracts as c
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.memory.vault import MemoryVault
from shared.adapters.sqlite.approvals import open_approvals
from shared.adapters.sqlite.cases import open_cases
from shared.adapters.sqlite.store import open_store
from shared.contracts.standing import standing
from shared.errors import VendorDown
from shared.settings import Settings
from tests.approvals.test_store import NOW, request
from tests.gateway_desk import gateway_desk
from tests.orders import item, order
from tests.staff import PASSWORD

MUG, TENT = item("Wren Mug", "450 ml", "WM", price="34.00"), item("Tern 2 Tent", "Moss", "TT", price="89.00")
ORDER = order("1005", MUG, TENT, status="delivered", delivered_on="2026-11-11", total="123.00")
BACK, GONE = structs.replace(MUG, back=1), structs.replace(MUG, gone=1)
ALL = c.Refund(order_number="1005", amount="117.05", currency="USD", goods_back=True)
TWO = structs.replace(MUG, quantity=2)
PAIR = c.Refund(
    order_number="1005", items=("WM",), amount="62.05", currency="USD", goods_back=True, label_cost="5.95"
)


@pytest.mark.parametrize(
    ("action", "now", "why", "most"),
    [
        (ALL, {}, "", ""),
        (ALL, {"items": (BACK, TENT)}, "already_back", "89.00"),
        (ALL, {"items": (GONE, TENT)}, "already_paid", "89.00"),
        (ALL, {"items": (GONE, BACK)}, "already_back", ""),
        (PAIR, {"items": (structs.replace(TWO, gone=1), TENT)}, "already_paid", "28.05"),
        (structs.replace(PAIR, amount="28.05"), {"items": (structs.replace(TWO, gone=1), TENT)}, "", ""),
        (PAIR, {"items": (structs.replace(TWO, gone=1, back=1), TENT)}, "already_back", ""),
        (ALL, {"refunded": "20.00"}, "too_much", "103.00"),
        (ALL, {"refunded": "123.00"}, "already_paid", ""),
        (ALL, {"status": "cancelled"}, "cancelled", ""),
        (structs.replace(ALL, items=("TT",), amount="83.05"), {"items": (BACK, TENT)}, "", ""),
        (structs.replace(ALL, items=("WM",), amount="28.05"), {"items": (BACK, TENT)}, "already_back", ""),
        (structs.replace(ALL, items=("XX",)), {}, "not_in_order", ""),
        (c.Return(order_number="1005", items=("WM",)), {"items": (BACK, TENT)}, "already_back", ""),
        (
            c.Exchange(order_number="1005", item="WM", wanted="W2"),
            {"items": (GONE, TENT)},
            "already_paid",
            "",
        ),
        (
            c.Exchange(order_number="1005", item="WM", wanted="W2", quantity=2),
            {"items": (structs.replace(TWO, back=1), TENT)},
            "already_back",
            "",
        ),
        (c.StoreCredit(order_number="1005", amount="9.00"), {"items": (BACK, TENT)}, "already_back", ""),
        (c.StoreCredit(order_number="1005", amount="120.00"), {"refunded": "20.00"}, "too_much", "103.00"),
        (c.Cancel(order_number="1005"), {}, "shipped", ""),
        (c.Cancel(order_number="1005"), {"status": "unfulfilled"}, "", ""),
        (c.ChangeAddress(order_number="1005", address="x"), {"status": "shipped"}, "shipped", ""),
        (c.Resend(order_number="1005"), {"refunded": "1.00"}, "", ""),
        (c.CorrectLoyalty(points=5), {}, "", ""),
    ],
)
def test_what_no_longer_fits_is_named(action: c.Action, now: dict[str, Any], why: str, most: str) -> None:
    """The same lines sent back, exchanged, cancelled or paid; other lines are of no matter."""
    found = standing(action, structs.replace(ORDER, **now))
    assert (found.why, found.most) == (why, most)


def test_an_order_that_is_gone_fits_nothing() -> None:
    """But what is about an account needs none."""
    assert standing(ALL, None).why == "no_order"
    assert standing(c.Newsletter(wish="subscribe"), None).why == ""


@dataclass
class Shop:
    """One order, or an outage."""

    order: c.Order | None = ORDER
    down: bool = False
    asked: list[str] = field(default_factory=list)

    async def order_proved(self, number: str, *, conversation_id: str) -> c.Order | None:
        self.asked.append(f"{number} {conversation_id}")
        if self.down:
            raise VendorDown("shopify", "503")
        return self.order


@dataclass
class Console:
    """A lead's client, the shop and what was decided."""

    http: httpx.AsyncClient
    shop: Shop
    approving: Approving

    async def decide(self, **form: str) -> httpx.Response:
        return await self.http.post("/console/approvals/a-1", data=form)

    async def status(self) -> str:
        found = await self.approving.approvals.get("a-1")
        return found.status if found else ""


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    bus, vault, file, shop = MemoryBus(), MemoryVault(), tmp_path / "desk.db", Shop()
    async with open_store(file) as store, open_cases(file) as cases, open_approvals(file) as approvals:
        approving = Approving(approvals, cases, bus, now=lambda: NOW + 60, shop=shop)
        desk = gateway_desk(
            Settings(data_dir=tmp_path), bus=bus, vault=vault, audit=vault.audit, store=store, cases=cases,
            approving=approving,
        )  # fmt: skip
        await approvals.ask(request())
        transport = httpx.ASGITransport(build_app(desk))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://desk.test", auth=("lead", PASSWORD)
        ) as http:
            yield Console(http, shop, approving)


async def test_approving_what_was_sent_back_meanwhile_is_refused_with_the_reason(console: Console) -> None:
    """The page says so before, the answer after; denying is always possible."""
    console.shop.order = structs.replace(ORDER, items=(BACK, TENT))
    page = await console.http.get("/console/approvals", headers={"Accept": "text/html"})
    assert "a return or an exchange of the same items is open (Wren Mug)" in page.text
    refused = await console.decide(decision="approve")
    assert (refused.status_code, await console.status()) == (409, "open")
    assert "meanwhile a return or an exchange of the same items is open" in refused.json()["detail"]
    denied = await console.decide(decision="deny", reason="other")
    assert (denied.status_code, await console.status()) == (200, "denied")


async def test_the_amount_that_is_left_can_be_approved(console: Console) -> None:
    """It stands in the form already; more than that is refused."""
    console.shop.order = structs.replace(ORDER, refunded="20.00")
    page = await console.http.get("/console/approvals", headers={"Accept": "text/html"})
    assert 'value="103.00"' in page.text
    assert (await console.decide(decision="approve")).status_code == 409
    assert (await console.decide(decision="edit", amount="110.00")).status_code == 409
    assert (await console.decide(decision="edit", amount="103.00")).status_code == 200
    assert await console.status() == "edited"


async def test_what_was_carried_out_is_not_held_against_itself(console: Console) -> None:
    """The button pressed twice: the order has changed by the first, and the second is the same decision."""
    assert (await console.decide(decision="approve")).status_code == 200
    console.shop.order = structs.replace(ORDER, refunded="123.00")
    assert (await console.decide(decision="approve")).status_code == 200


async def test_a_shop_that_is_down_holds_up_no_decision(console: Console) -> None:
    """It compares again when the action is carried out."""
    console.shop.down = True
    assert (await console.decide(decision="approve")).status_code == 200
    assert console.shop.asked == ["1005 c-1"]
