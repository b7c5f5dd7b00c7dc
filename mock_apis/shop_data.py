"""Fills a new demo shop: 500 customers, 1,000 orders in every state, the products, from one seed."""

import json
import random
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from mock_apis.shop_orders import Line, Plan, order
from mock_apis.shop_people import customers
from mock_apis.store import Store

Doc = dict[str, Any]

SEED = 20260
CUSTOMERS = 500
ORDERS = 1000
FIRST_ORDER = 1001
PRODUCTS_FILE = Path(__file__).parent / "data" / "products.json"
_PRODUCT_BASE = 8_200_000_000_000
_VARIANT_BASE = 4_300_000_000_000

# The demo customers' orders: customer, SKUs with quantities, life in days before today.
_DEMO_ORDERS: dict[int, tuple[int, dict[str, int], dict[str, Any]]] = {
    1001: (
        1,
        {"HP-TERN2T-MOSS": 1, "HP-SPARRSS-PACK-OF-2": 1},
        {"placed": 6, "shipped": 4, "expected": -5},
    ),
    1002: (
        1,
        {"HP-FERNSHS-MEDIUM": 1},
        {"placed": 22, "shipped": 20, "expected": 9, "delivered": 10},
    ),
    1003: (2, {"HP-CAIRNLH-M-9": 1}, {"placed": 1}),
    1004: (
        2,
        {"HP-KINDLF-M-M": 1, "HP-DRIFTB-PINE-GREEN": 1},
        {"placed": 33, "shipped": 31, "expected": 19, "delivered": 20},
    ),
    1005: (3, {"HP-SALTSRJ-W-M": 1}, {"placed": 12, "shipped": 11, "expected": 4, "delivered": 5}),
    1006: (3, {"HP-JUNIPTP-PAIR": 1}, {"placed": 9, "cancelled": 8, "refunded": 8}),
    1007: (
        3,
        {"HP-LONGS45P-SMALL-MEDIUM": 1},
        {"placed": 7, "shipped": 6, "expected": 0, "road": "OUT_FOR_DELIVERY"},
    ),
    1008: (
        4,
        {"HP-EMBER20SB-REGULA": 1},
        {"placed": 60, "shipped": 58, "expected": 46, "delivered": 45},
    ),
    1009: (
        4,
        {"HP-KESTRCS-STANDA": 1, "HP-FINCHC-TWO-PERSON": 1},
        {"placed": 5, "shipped": 3, "expected": -6, "shipped_lines": 1},
    ),
    1010: (
        4,
        {"HP-LICHEAP-REGULA": 1},
        {"placed": 31, "shipped": 29, "expected": 17, "delivered": 18, "return_opened": 4},
    ),
    1011: (
        4,
        {"HP-COVE10KPB-STANDA": 1},
        {"placed": 21, "shipped": 19, "expected": 4, "road": "DELAYED"},
    ),
    1013: (
        1,
        {"HP-BROOKIB-750-ML": 1, "HP-WAXWICK-STANDA": 1},
        {"placed": 25, "shipped": 23, "expected": 11, "delivered": 12},
    ),
}
_STATES = {
    "unfulfilled": 90, "on_hold": 25, "partial": 45, "in_transit": 110, "out_for_delivery": 35,
    "delivered_14": 170, "delivered_30": 150, "delivered_old": 168, "cancelled": 45, "refunded": 40,
    "partly_refunded": 30, "returned": 25, "return_open": 25, "delayed": 30,
}  # fmt: skip
_ABUSER = 5  # this customer has more refunds in 90 days than the shop's policy likes
_ABUSED = 4


def read_products(path: Path = PRODUCTS_FILE) -> list[Doc]:
    """The shop's products as written by hand; raises `ValueError` naming the file when unreadable."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"cannot read the products in {path.name}: {error}") from error
    if not isinstance(found, list) or not found:
        raise ValueError(f"{path.name} holds no list of products")
    return found


def fill(store: Store, today: date, rows: list[Doc]) -> None:
    """Write the whole shop; the same `today` and products give the same shop to the byte."""
    rng = random.Random(SEED)
    store.set_meta("today", today.isoformat())
    products = [_product(n, row) for n, row in enumerate(rows, 1)]
    people = customers(rng, CUSTOMERS, today)
    store.put_many("product", ((p["id"], n, p["handle"], "", p) for n, p in enumerate(products)))
    store.put_many("customer", ((c["id"], n, c["email"].casefold(), "", c) for n, c in enumerate(people, 1)))
    made = (order(plan, people[owner - 1], today) for plan, owner in _plans(rng, products))
    store.put_many("order", ((o["id"], o["number"], o["name"], o["customerId"], o) for o in made))


def _product(n: int, row: Doc) -> Doc:
    number = _PRODUCT_BASE + n
    final = ["final-sale"] if row["final_sale"] else []
    return {
        "id": f"gid://shopify/Product/{number}",
        "legacyResourceId": str(number),
        "handle": row["handle"],
        "title": row["title"],
        "description": row["description"],
        "productType": row["category"],
        "tags": [*row["tags"], *final],
        "isGiftCard": row["category"] == "Gift Cards",
        "variants": [
            {
                "id": f"gid://shopify/ProductVariant/{_VARIANT_BASE + n * 100 + k}",
                "title": variant["title"],
                "sku": variant["sku"],
                "price": variant["price"],
                "inventoryQuantity": variant["inventory"],
            }
            for k, variant in enumerate(row["variants"])
        ],
    }


def _plans(rng: random.Random, products: list[Doc]) -> Iterator[tuple[Plan, int]]:
    goods = {v["sku"]: (p, v) for p in products for v in p["variants"]}
    for number, (owner, wanted, life) in _DEMO_ORDERS.items():
        yield Plan(number=number, lines=_demo_lines(goods, wanted), **life), owner
    numbers = [n for n in range(FIRST_ORDER, FIRST_ORDER + ORDERS) if n not in _DEMO_ORDERS]
    states = [state for state, count in _STATES.items() for _ in range(count)]
    rng.shuffle(states)
    sellable = [pair for pair in goods.values() if not pair[0]["isGiftCard"]]
    abused = 0
    for number, state in zip(numbers, states, strict=True):
        owner = rng.randint(len({o for o, _, _ in _DEMO_ORDERS.values()}) + 1, CUSTOMERS)
        if state == "refunded" and abused < _ABUSED:
            abused, owner = abused + 1, _ABUSER
        size = 2 if state == "partial" else rng.choices((1, 2, 3), (60, 28, 12))[0]
        lines = [(*pair, rng.choices((1, 2), (85, 15))[0]) for pair in rng.sample(sellable, size)]
        yield Plan(number=number, lines=lines, **_life(rng, state) | _price(number)), owner


def _price(number: int) -> dict[str, Any]:
    """Some were bought with a code, some where sales are taxed."""
    return {"discount": 0 if number % 7 else 10, "tax": 0 if number % 5 else 6}


def _demo_lines(goods: dict[str, tuple[Doc, Doc]], wanted: dict[str, int]) -> list[Line]:
    # With other products than the shop's own (a developer's short list) the first ones stand in.
    spare = iter(goods.values())
    return [(*(goods.get(sku) or next(spare)), count) for sku, count in wanted.items()]


def _life(rng: random.Random, state: str) -> dict[str, Any]:  # noqa: C901, PLR0911 one return per state
    """Days before today for one order of this state."""
    prep, way = rng.randint(1, 2), rng.randint(5, 9)
    if state in {"unfulfilled", "on_hold"}:
        return {"placed": rng.randint(1, 3), "on_hold": state == "on_hold"}
    if state == "partial":
        shipped = rng.randint(1, 4)
        return {
            "placed": shipped + prep,
            "shipped": shipped,
            "expected": shipped - way,
            "shipped_lines": 1,
        }
    if state == "in_transit":
        shipped = rng.randint(1, 4)
        return {"placed": shipped + prep, "shipped": shipped, "expected": shipped - way}
    if state == "out_for_delivery":
        return {"placed": prep + way, "shipped": way, "expected": 0, "road": "OUT_FOR_DELIVERY"}
    if state == "delayed":
        late = rng.randint(2, 8)
        shipped = late + way
        return {"placed": shipped + prep, "shipped": shipped, "expected": late, "road": "DELAYED"}
    if state == "cancelled":
        gone = rng.randint(1, 120)
        return {"placed": gone + 1, "cancelled": gone, "refunded": gone}
    low, high = {"delivered_14": (1, 13), "delivered_30": (14, 30)}.get(state, (31, 200))
    if state in {"refunded", "returned", "partly_refunded", "return_open"}:
        low, high = 12, 75
    here = rng.randint(low, high)
    life: dict[str, Any] = {
        "placed": here + way + prep, "shipped": here + way, "expected": here - 1, "delivered": here,
    }  # fmt: skip
    if state in {"refunded", "returned", "return_open"}:
        life["return_opened"] = here - rng.randint(1, 5)
    if state in {"refunded", "returned"}:
        life["return_closed"] = life["refunded"] = max(here - 10, 1)
    if state == "partly_refunded":
        life |= {"refunded": max(here - 6, 1), "part_refund": True}
    return life
