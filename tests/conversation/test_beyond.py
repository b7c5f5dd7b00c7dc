"""What staff without approvals may do alone is what the bot may: one set of rules for both."""

from datetime import date
from typing import Any

import pytest
from msgspec import structs

from conversation.rules.beyond import beyond_rules
from conversation.rules.playbooks import load_policy
from shared import contracts as c
from tests.orders import item, order
from tests.products import variant

TODAY = date(2026, 11, 20)
CAP = item("Larch Cap", "One size", "A", price="40.00")
SOLD = order("1014", CAP, status="delivered", delivered_on="2026-11-10", total="40.00")
GIVEN = tuple(c.Given(kind="refund", on=f"2026-11-0{n}") for n in (1, 2, 3))

PARTLY = {"total": "300.00", "payment": "partially_refunded"}


def refund(amount: str = "40.00") -> c.Refund:
    return c.Refund(order_number="1014", items=("A",), amount=amount, currency="USD")


@pytest.mark.parametrize(
    ("action", "changes", "why"),
    [
        (refund(), {}, ()),
        (refund(), {"status": "shipped", "delivered_on": ""}, ("not_delivered",)),
        (refund(), {"status": "unfulfilled", "delivered_on": ""}, ("not_delivered",)),
        (refund(), {"items": (structs.replace(CAP, returnable=False),)}, ("final_sale",)),
        (refund(), {"delivered_on": "2026-09-01"}, ("window",)),
        (refund(), {"given": GIVEN}, ("abuse",)),
        (refund("49.00"), PARTLY | {"refunded": "1.00"}, ()),
        (
            refund("49.00"),
            PARTLY | {"refunded": "1.01"},
            ("amount",),
        ),
        (c.Return(order_number="1014", items=("A",)), {"delivered_on": "2026-09-01"}, ("window",)),
        (c.Exchange(order_number="1014", item="A", wanted="B"), {}, ()),
        (c.Exchange(order_number="1014", item="A", wanted="B"), {"given": GIVEN}, ("abuse",)),
        (c.Cancel(order_number="1014"), {}, ("declined",)),
        (c.Cancel(order_number="1014"), {"status": "unfulfilled"}, ()),
        (c.ChangeAddress(order_number="1014", address="TOKEN_x"), {"status": "unfulfilled"}, ("proof",)),
        (c.Resend(order_number="1014"), {}, ("tier",)),
    ],
)
def test_staff_alone_keep_the_rules_of_the_bot(
    action: c.Action, changes: dict[str, Any], why: tuple[str, ...]
) -> None:
    """What was refunded of the order before counts; what the bot declines is a lead's to do."""
    found = beyond_rules(
        action, structs.replace(SOLD, **changes), variant("Large", "B", price="40.00"), policy=load_policy(),
        signed_in=False, today=TODAY,
    )  # fmt: skip
    assert found == why


@pytest.mark.parametrize("wanted", [None, variant("Bag", "B", price="399.00")])
def test_what_is_sent_in_exchange_costs_the_same(wanted: c.Variant | None) -> None:
    """Or somebody looks; of what the shop does not tell, too."""
    swap = c.Exchange(order_number="1014", item="A", wanted="B")
    assert beyond_rules(swap, SOLD, wanted, policy=load_policy(), signed_in=True, today=TODAY) == ("price",)
