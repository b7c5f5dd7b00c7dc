"""The demo shop is the same every time, complete, and quick to make."""

import re
import subprocess
import sys
import time
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from mock_apis.demo import demo_customers, demo_products
from mock_apis.shop_data import fill, read_products
from mock_apis.shopify import open_shop
from mock_apis.store import Store, open_store
from tests.speed import limit

from .conftest import TODAY


@pytest.fixture
def store(shop_file: Path) -> Store:
    """The shop's records."""
    return open_shop(shop_file, TODAY)


def test_has_the_promised_size(store: Store) -> None:
    """A new shop has 500 customers, 1,000 orders and 50 products."""
    counts = {kind: sum(1 for _ in store.all(kind)) for kind in ("customer", "order", "product")}
    assert counts == {"customer": 500, "order": 1000, "product": 50}


def test_a_name_is_found_without_reading_all(store: Store) -> None:
    """The index has the order too: SQLite took another one and read every order, 3 ms for each look."""
    began = time.process_time()
    for _ in range(200):
        assert store.named("order", "#1999")
    assert time.process_time() - began < limit(0.1)


def test_is_the_same_every_time(store: Store) -> None:
    """Two shops made for the same day are equal, order by order."""
    again = open_shop(None, TODAY)
    for kind in ("customer", "order", "product"):
        assert list(again.all(kind)) == list(store.all(kind))


def test_has_orders_in_every_state(store: Store) -> None:
    """Each state of an order's life occurs at least 25 times."""
    seen: Counter[str] = Counter()
    for order in store.all("order"):
        parcel = order["fulfillments"][0] if order["fulfillments"] else {}
        seen[order["displayFulfillmentStatus"]] += 1
        seen[order["displayFinancialStatus"]] += 1
        seen[f"return {order['returnStatus']}"] += 1
        seen[f"parcel {parcel.get('displayStatus')}"] += 1
        seen["cancelled"] += order["cancelledAt"] is not None
        if delivered := parcel.get("deliveredAt"):
            days = (TODAY - date.fromisoformat(delivered[:10])).days
            seen["<14" if days < 14 else "14-30" if days <= 30 else ">30"] += 1
    wanted = (
        "UNFULFILLED", "ON_HOLD", "PARTIALLY_FULFILLED", "FULFILLED", "PAID", "REFUNDED",
        "PARTIALLY_REFUNDED", "return IN_PROGRESS", "return RETURNED", "parcel IN_TRANSIT",
        "parcel OUT_FOR_DELIVERY", "parcel DELAYED", "parcel DELIVERED", "cancelled", "<14", "14-30", ">30",
    )  # fmt: skip
    assert {state: seen[state] for state in wanted if seen[state] < 25} == {}


def test_orders_are_possible(store: Store) -> None:
    """No order was shipped before it was placed, arrived in the future, or pays back more than its total."""
    for order in store.all("order"):
        assert order["processedAt"][:10] < TODAY.isoformat()
        total = float(order["totalPriceSet"]["shopMoney"]["amount"])
        lines = sum(
            float(i["discountedUnitPriceAfterAllDiscountsSet"]["shopMoney"]["amount"]) * i["quantity"]
            for i in order["lineItems"]
        )
        lines += float(order["totalTaxSet"]["shopMoney"]["amount"])
        shipping = float(order["totalShippingPriceSet"]["shopMoney"]["amount"])
        assert total == pytest.approx(lines + shipping)
        assert float(order["totalRefundedSet"]["shopMoney"]["amount"]) <= total
        for parcel in order["fulfillments"]:
            assert order["processedAt"] < parcel["createdAt"] < f"{TODAY}T23"
            assert (
                parcel["deliveredAt"] is None or parcel["createdAt"] < parcel["deliveredAt"] < f"{TODAY}T23"
            )


def test_nobody_real(store: Store) -> None:
    """E-mails are at example domains, unique, and phones from ranges kept for fiction."""
    people = list(store.all("customer"))
    assert len({p["email"].casefold() for p in people}) == len(people)
    assert {p["locale"] for p in people} == {"en", "fr", "es"}
    fiction = re.compile(r"\+1\d{3}55501\d\d|\+447700900\d{3}|\+3363998\d{4}")
    for person in people:
        assert re.fullmatch(r"[a-z0-9.]+@example\.(com|org|net)", person["email"]), person["email"]
        assert person["phone"] is None or fiction.fullmatch(person["phone"]), person["phone"]


def test_a_customer_abuses_refunds(store: Store) -> None:
    """One customer has three or more refunds in 90 days, for the policy to catch."""
    since = (TODAY - timedelta(days=90)).isoformat()
    refunds = Counter(
        order["customerId"]
        for order in store.all("order")
        for r in order["refunds"]
        if r["createdAt"] > since
    )
    assert max(refunds.values()) >= 3


def test_demo_customers_keep_their_orders(shop_file: Path) -> None:
    """The four demo customers have the orders the docs tell of, in the states the docs tell of."""
    found = {
        person["name"]: {order["number"]: order["status"] for order in person["orders"]}
        for person in demo_customers(shop_file)
    }
    assert found == {
        "Ana García": {"1001": "shipped", "1002": "delivered", "1013": "delivered"},
        "Marc Dubois": {"1003": "unfulfilled", "1004": "delivered"},
        "Emma Johnson": {"1005": "delivered", "1006": "cancelled", "1007": "out_for_delivery"},
        "James Wilson": {
            "1008": "delivered", "1009": "partially_shipped", "1010": "return_in_progress", "1011": "delayed",
        },
    }  # fmt: skip


def test_demo_dates_and_totals(shop_file: Path) -> None:
    """The demo orders' days, totals and tracking are what the policy examples need."""
    orders = {order["number"]: order for person in demo_customers(shop_file) for order in person["orders"]}

    def days(number: str, name: str) -> int:
        return (TODAY - date.fromisoformat(orders[number][name])).days

    assert [days(n, "delivered") for n in ("1002", "1004", "1005", "1008")] == [10, 20, 5, 45]
    assert days("1003", "placed") == 1
    assert days("1011", "expected") > 0
    assert float(orders["1002"]["total"]) < 50 < float(orders["1013"]["total"])
    assert orders["1001"]["tracking"]["number"]
    assert orders["1006"]["payment"] == "refunded"


def test_demo_customers_are_who_they_are(shop_file: Path) -> None:
    """Names, e-mails and locales of the demo customers are stable; their ids are numbers."""
    found = [(p["name"], p["email"], p["locale"]) for p in demo_customers(shop_file)]
    assert found == [
        ("Ana García", "ana.garcia@example.com", "es"),
        ("Marc Dubois", "marc.dubois@example.com", "fr"),
        ("Emma Johnson", "emma.johnson@example.com", "en"),
        ("James Wilson", "james.wilson@example.com", "en"),
    ]
    assert all(p["id"].isdigit() for p in demo_customers(shop_file))


def test_demo_products_are_the_catalogue(shop_file: Path) -> None:
    """The products a page shows are those in products.json."""
    shown = {p["handle"]: p["price"] for p in demo_products(shop_file)}
    assert len(shown) == 50
    for row in read_products():
        assert shown[row["handle"]] == min((v["price"] for v in row["variants"]), key=float)


def test_is_quick(tmp_path: Path) -> None:
    """Making the file takes less than 1.5 s of CPU, opening it again less than 50 ms."""
    path = tmp_path / "shop.db"
    began = time.process_time()
    open_shop(path, TODAY).close()
    made = time.process_time()
    open_shop(path, TODAY).close()
    opened = time.process_time()
    assert made - began < limit(1.5)
    assert opened - made < limit(0.05)


def test_dates_stay_when_opened_later(tmp_path: Path) -> None:
    """A shop keeps the dates of the day it was made."""
    path = tmp_path / "shop.db"
    open_shop(path, TODAY).close()
    later = open_shop(path, TODAY + timedelta(days=9))
    assert later.meta("today") == TODAY.isoformat()
    assert later.need("order", "gid://shopify/Order/6000000001003")["processedAt"].startswith("2026-11-20")


def test_several_processes_make_one_shop(tmp_path: Path) -> None:
    """Processes that open the same new file at once all see the one whole shop."""
    path = tmp_path / "shop.db"
    code = (
        "import sys; from pathlib import Path; from datetime import date\n"
        "from mock_apis.shopify import open_shop\n"
        "s = open_shop(Path(sys.argv[1]), date(2026, 11, 21))\n"
        "with s.writing():\n"
        "    n = s.next_number('visit', first=1); s.put('visit', str(n), {}, number=n)\n"
        "print(sum(1 for _ in s.all('order')))"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) for _ in range(4)
    ]
    assert [p.communicate(timeout=60)[0].decode().strip() for p in running] == ["1000"] * 4
    assert sum(1 for _ in open_shop(path, TODAY).all("visit")) == 4
    assert [p.name for p in tmp_path.glob(".shop.db-*")] == []


def test_other_products_work_too() -> None:
    """A developer's own short product list makes a shop as well."""
    forms = [{"title": f"V{n}", "sku": f"S{n}", "price": "10.00", "inventory": 1} for n in range(3)]
    row: dict[str, object] = {
        "handle": "plain",
        "title": "Plain",
        "category": "Tools",
        "description": "A thing.",
    }
    row |= {"final_sale": False, "tags": [], "variants": forms}
    store = open_store(None, vendor="shopify", seed=lambda s: fill(s, TODAY, [row]))
    assert sum(1 for _ in store.all("order")) == 1000


def test_names_a_wrong_file(tmp_path: Path) -> None:
    """A file of another vendor, or no SQLite file, is refused with its name."""
    open_store(tmp_path / "z.db", vendor="zendesk", seed=lambda _: None).close()
    with pytest.raises(ValueError, match=r"z\.db holds the mock zendesk"):
        open_shop(tmp_path / "z.db", TODAY)
    (tmp_path / "t.db").write_text("not a database, " * 100)
    with pytest.raises(ValueError, match=r"t\.db is not a mock vendor's file"):
        open_shop(tmp_path / "t.db", TODAY)
    (tmp_path / "p.json").write_text("[")
    with pytest.raises(ValueError, match=r"cannot read the products in p\.json"):
        read_products(tmp_path / "p.json")
