"""Finds the mock Shopify's variants, and keeps count of what is on the shelf."""

from mock_apis import shopify_search as search
from mock_apis.shopify_paging import Doc, Info, page
from mock_apis.store import Store

_KEYS: dict[str, search.Reader] = {"sku": lambda doc: str(doc["sku"])}


def product_variants(
    _: object, info: Info, *, first: int | None = None, after: str | None = None, query: str | None = None
) -> Doc:
    """`productVariants`, found by `sku:`."""
    groups = search.parse(query or "")
    pool = variants(info.context.store)
    return page([row for row in pool if search.score(row, groups, _KEYS, _title)], first, after)


def variant_of_line(line: Doc, store: Store) -> Doc | None:
    """`LineItem.variant`."""
    product = store.get("product", line["productId"])
    rows = product["variants"] if product else []
    return next(({**row, "product": product} for row in rows if row["sku"] == line["sku"]), None)


def variant(store: Store, id_: str) -> Doc | None:
    """The variant with its product, or None."""
    return next((row for row in variants(store) if row["id"] == id_), None)


def variants(store: Store) -> list[Doc]:
    """Every variant of the shop with its product."""
    return [{**row, "product": product} for product in store.all("product") for row in product["variants"]]


def inventory_item(_: object, info: Info, *, id: str) -> Doc | None:  # noqa: A002  wire name
    """`inventoryItem`: counts the variant of the same number."""
    number = id.rpartition("/")[2]
    found = variant(info.context.store, f"gid://shopify/ProductVariant/{number}")
    return item_of_variant(found, info) if found else None


def item_of_variant(found: Doc, _: Info) -> Doc:
    """`ProductVariant.inventoryItem`."""
    number = found["id"].rpartition("/")[2]
    return {
        "id": f"gid://shopify/InventoryItem/{number}",
        "legacyResourceId": number,
        "sku": found["sku"],
        "variant": found,
    }


def take(store: Store, id_: str, count: int) -> None:
    """So many of a variant leave the shelf; a negative count puts them back."""
    found = variant(store, id_)
    if found is None:
        raise KeyError(f"the store has no variant {id_}")
    product = found["product"]
    for row in product["variants"]:
        if row["id"] == id_:
            row["inventoryQuantity"] -= count
    store.change("product", product["id"], product)


def _title(doc: Doc) -> str:
    return str(doc["title"])
