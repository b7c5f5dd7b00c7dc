"""The conversation suite tells right from wrong: in its files, in replies, at the shop."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from evals.suite import spoken
from evals.suite.scenario import Scenario, read_scenario
from evals.suite.shop import Bought, Cast, Person, Placed, TrueShop
from mock_apis.shopify import open_shop
from shared.errors import SettingsError

HEAD = 'language = "en"\nabout = "x"\nwho = "customer"\n[orders.a]\n'
PARCEL = Placed(
    number="1001",
    customer="7",
    email="a@example.com",
    status="shipped",
    payment="paid",
    placed_on="2026-03-01",
    shipped_on="2026-03-02",
    expected_on="2026-03-09",
    delivered_on="",
    cancelled_on="",
    refunded_on="",
    total="1249.50",
    refunded="0.00",
    carrier="Northway",
    tracking_number="CX123456789US",
    items=(Bought(title="Tern 2 Tent", price="249.00"),),
    final_sale=False,
)
CAST = Cast(customer=Person(first_name="Ana"), orders={"a": PARCEL})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("language = ", "x.toml: Invalid value"),
        (HEAD, "x.toml: turns is missing; write at least one"),
        (HEAD + '[[turns]]\nsay = "hi"', "turn 1: Object missing required field `status`"),
        (HEAD + '[[turns]]\nsay = "hi"\nstatus = "done"', "turn 1: Invalid enum value 'done'"),
        (HEAD + '[[turns]]\nsay = "hi"\nstatus = "asked"\nmoood = 1', "unknown field `moood`"),
        (
            HEAD + '[[turns]]\nsay = "hi"\nstatus = "handed_over"',
            "handed_over and a [turns.hand_over] go together",
        ),
        (HEAD + '[[turns]]\nsay = "{b.number}"\nstatus = "asked"', "turn 1: {b.number}: unknown; fields are"),
        (HEAD + '[[turns]]\nsay = "x"\nstatus = "asked"\nfacts = ["a.colour"]', "{a.colour}: unknown"),
        (HEAD + '[[turns]]\nsay = "x"\nstatus = "asked"\nmust = ["/(/"]', "no regular expression"),
        (HEAD + '[[turns]]\nsay = "x"\nstatus = "asked"\nafter = "soon"', "no length of time; write 90s"),
        (
            HEAD.replace("customer", "guest") + '[[turns]]\nsay = "x"\nstatus = "asked"',
            'orders.a: a guest has no orders of their own; write of = "anybody"',
        ),
    ],
)
def test_a_wrong_file_is_told_with_key_and_remedy(tmp_path: Path, text: str, told: str) -> None:
    """The file, where in it, and what to write."""
    file = tmp_path / "x.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as error:
        read_scenario(file)
    assert "x.toml" in str(error.value)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("reply", "field", "language", "stated"),
    [
        ("It comes on March 9.", "expected_on", "en", True),
        ("It comes on March 19.", "expected_on", "en", False),
        ("It comes on 2026-03-09.", "expected_on", "en", False),
        ("Elle arrive le 9 mars.", "expected_on", "fr", True),
        ("Llega el 9 de marzo.", "expected_on", "es", True),
        ("Llega el 9 mars.", "expected_on", "es", False),
        ("You paid $1,249.50.", "total", "en", True),
        ("Vous avez payé 1 249,50 $.", "total", "fr", True),
        ("You paid $1,249.55.", "total", "en", False),
        ("You paid $249.50.", "total", "en", False),
        ("Order #1001", "number", "en", True),
        ("Order #11001", "number", "en", False),
        ("Delivered!", "delivered_on", "en", False),
    ],
)
def test_a_value_is_recognized_as_a_language_writes_it(
    reply: str, field: str, language: str, stated: bool
) -> None:
    """Days in words, amounts with either point; nothing near it, and nothing the shop does not know."""
    assert spoken.states(reply, CAST, "a", field, language) is stated  # type: ignore[arg-type]


def test_days_and_amounts_are_found_wherever_they_come_from() -> None:
    """So that those nobody knows of stand out."""
    text = "March 3, le 4 mars, 5 de marzo, 2026-03-06, 1er mars; $1,249.50, 49,90 $ and 30 days, 10.50 %"
    assert spoken.days_in(text) == {(3, 1), (3, 3), (3, 4), (3, 5), (3, 6)}
    assert spoken.amounts_in(text) == {"1249.50", "49.90"}


def test_a_refund_is_worked_out_from_the_order_and_the_policy() -> None:
    """Price paid with its tax less the label, for an item or for all; the whole price is no refund."""
    lines = (
        Bought(title="Cap", price="30.00", paid="27.00", tax="1.62"),
        Bought(title="Socks", price="10.00", quantity=2, paid="10.00"),
    )
    found = spoken.refunds_of(structs.replace(PARCEL, items=lines), Decimal("5.95"))
    assert {"5.95", "22.67", "3.00", "1.62", "14.05", "42.67"} <= found
    assert not {"27.00", "28.62", "48.62"} & found


def test_a_shop_is_as_it_was_after_a_scenario(tmp_path: Path) -> None:
    """An order given away and changed is back with its owner, a new one gone, a lost one there again."""
    file = tmp_path / "shopify.db"
    open_shop(file, datetime.now(UTC).date()).close()
    shop = TrueShop(file)
    doc = {
        "name": "x", "language": "en", "about": "x", "who": "customer", "turns": (),
        "orders": {"small": {"of": "given", "status": "delivered", "total": (1, 50)}},
    }  # fmt: skip
    cast = shop.cast(msgspec.convert(doc, Scenario))
    given = cast.orders["small"]
    assert given.customer == cast.customer.id
    assert shop.order(given.number).email == cast.customer.email
    with shop.store.writing():
        shop.store.put("order", "new", {}, number=1, name="#new")
        shop.store.sql("DELETE FROM doc WHERE name = ?", "#1001")
    shop.restore()
    assert shop.order(given.number).customer != cast.customer.id
    assert shop.order("1001")
    assert shop.store.get("order", "new") is None
    shop.close()
