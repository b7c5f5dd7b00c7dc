"""Answers the GraphQL reads of the mock Shopify from its store."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from graphql import GraphQLError, GraphQLObjectType, GraphQLSchema, build_schema

from mock_apis import shopify_customers as customers
from mock_apis import shopify_drafts as drafts
from mock_apis import shopify_packing as packing
from mock_apis import shopify_returns as returns
from mock_apis import shopify_search as search
from mock_apis import shopify_warehouse as warehouse
from mock_apis import shopify_writes as writes
from mock_apis.shopify_paging import Doc, Info, desk, page
from mock_apis.shopify_variants import inventory_item, item_of_variant, product_variants, variant_of_line
from mock_apis.shopify_webhooks import DOMAIN

SCHEMA_FILE = Path(__file__).parent / "shopify_schema.graphql"
_ORDER_KEYS: dict[str, search.Reader] = {
    "name": lambda doc: str(doc["name"]),
    "email": lambda doc: str(doc["email"]),
    "customer_id": lambda doc: str(doc["customerId"]).rpartition("/")[2],
    "financial_status": lambda doc: str(doc["displayFinancialStatus"]),
    "fulfillment_status": lambda doc: str(doc["displayFulfillmentStatus"]),
    "return_status": lambda doc: str(doc["returnStatus"]),
    "tag": lambda doc: " ".join(doc["tags"]),
}
_CUSTOMER_KEYS: dict[str, search.Reader] = {
    "email": lambda doc: str(doc["email"]),
    "id": lambda doc: str(doc["legacyResourceId"]),
    "tag": lambda doc: " ".join(doc["tags"]),
}
_PRODUCT_KEYS: dict[str, search.Reader] = {
    "title": lambda doc: str(doc["title"]),
    "handle": lambda doc: str(doc["handle"]),
    "product_type": lambda doc: str(doc["productType"]),
    "tag": lambda doc: " ".join(doc["tags"]),
    "id": lambda doc: str(doc["legacyResourceId"]),
}
_SORTS: dict[str, Callable[[Doc], Any]] = {
    "ID": lambda doc: doc["id"],
    "CREATED_AT": lambda doc: doc["createdAt"],
    "PROCESSED_AT": lambda doc: (doc["processedAt"], doc["number"]),
    "UPDATED_AT": lambda doc: doc["updatedAt"],
    "ORDER_NUMBER": lambda doc: doc["number"],
    "NAME": lambda doc: doc["displayName"],
    "TITLE": lambda doc: doc["title"],
}


@cache
def schema() -> GraphQLSchema:
    """The executable schema, built once per process."""
    built = build_schema(SCHEMA_FILE.read_text(encoding="utf-8"))
    for owner, fields in _RESOLVERS.items():
        kind = built.type_map[owner]
        if not isinstance(kind, GraphQLObjectType):
            raise TypeError(f"{owner} is no object type in {SCHEMA_FILE.name}")
        for field, resolve in fields.items():
            kind.fields[field].resolve = resolve
    return built


def _by_id(kind: str) -> Callable[..., Doc | None]:
    def resolve(_: object, info: Info, **args: str) -> Doc | None:
        id_ = args["id"]
        if not id_.startswith(f"gid://shopify/{kind}/"):
            raise GraphQLError(f"Invalid global id '{id_}'", extensions={"code": "BAD_REQUEST"})
        return desk(info).store.get(kind.lower(), id_)

    return resolve


def _orders(
    _: object, info: Info, *, first: int | None = None, after: str | None = None,
    query: str | None = None, reverse: bool = False, sortKey: str = "PROCESSED_AT",  # noqa: N803 wire name
) -> Doc:  # fmt: skip
    store = desk(info).store
    groups = search.parse(query or "")
    if name := search.only(groups, "name"):
        one = store.named("order", f"#{name.removeprefix('#')}")
        pool = [one] if one else []
    elif owner := search.only(groups, "customer_id"):
        pool = store.owned("order", f"gid://shopify/Customer/{owner}")
    elif tag := search.only(groups, "tag"):
        pool = store.holding("order", tag)
    else:
        pool = list(store.all("order"))
    return page(_chosen(pool, groups, _ORDER_KEYS, reverse=reverse, sort=sortKey), first, after)


def _customers(
    _: object, info: Info, *, first: int | None = None, after: str | None = None,
    query: str | None = None, reverse: bool = False, sortKey: str = "ID",  # noqa: N803 wire name
) -> Doc:  # fmt: skip
    store = desk(info).store
    groups = search.parse(query or "")
    if email := search.only(groups, "email"):
        one = store.named("customer", email)
        pool = [one] if one else []
    else:
        pool = list(store.all("customer"))
    return page(_chosen(pool, groups, _CUSTOMER_KEYS, reverse=reverse, sort=sortKey), first, after)


def _products(
    _: object, info: Info, *, first: int | None = None, after: str | None = None,
    query: str | None = None, reverse: bool = False, sortKey: str = "ID",  # noqa: N803 wire name
) -> Doc:  # fmt: skip
    pool = list(desk(info).store.all("product"))
    groups = search.parse(query or "")
    return page(_chosen(pool, groups, _PRODUCT_KEYS, reverse=reverse, sort=sortKey), first, after)


def _chosen(
    pool: list[Doc],
    groups: list[list[search.Term]],
    keys: dict[str, search.Reader],
    *,
    reverse: bool,
    sort: str,
) -> list[Doc]:
    if groups:
        scored = [(search.score(doc, groups, keys, _text), doc) for doc in pool]
        scored = [(points, doc) for points, doc in scored if points]
        if sort == "RELEVANCE":
            scored.sort(key=lambda pair: -pair[0])
        pool = [doc for _, doc in scored]
    if sort in _SORTS:
        pool.sort(key=_SORTS[sort])
    return pool[::-1] if reverse else pool


def _text(doc: Doc) -> str:
    names = ("name", "title", "productType", "displayName", "email")
    return " ".join(str(doc[name]) for name in names if name in doc) + " " + " ".join(doc["tags"])


def _customer_orders(
    customer: Doc, info: Info, *, first: int | None = None, after: str | None = None,
    query: str | None = None, reverse: bool = False, sortKey: str = "ID",  # noqa: N803 wire name
) -> Doc:  # fmt: skip
    pool = desk(info).store.owned("order", customer["id"])
    groups = search.parse(query or "")
    return page(_chosen(pool, groups, _ORDER_KEYS, reverse=reverse, sort=sortKey), first, after)


def _children(field: str) -> Callable[..., Doc]:
    def resolve(parent: Doc, _: Info, *, first: int | None = None, after: str | None = None) -> Doc:
        return page(parent[field], first, after)

    return resolve


def _list_of(field: str) -> Callable[..., list[Doc]]:
    def resolve(parent: Doc, _: Info, *, first: int | None = None) -> list[Doc]:
        return [{**child, "_order": parent} for child in parent[field]][:first]

    return resolve


def _fulfillment_lines(parcel: Doc, _: Info, **paging: Any) -> Doc:
    rows = [_with_line(row, parcel["_order"]) for row in parcel["fulfillmentLineItems"]]
    return page(rows, paging.get("first"), paging.get("after"))


def _refund_lines(refund: Doc, _: Info, **paging: Any) -> Doc:
    rows = [_with_line(row, refund["_order"]) for row in refund["refundLineItems"]]
    return page(rows, paging.get("first"), paging.get("after"))


def _returns(order: Doc, _: Info, **paging: Any) -> Doc:
    return page(
        [returns.shown_return(row, order) for row in order["returns"]],
        paging.get("first"),
        paging.get("after"),
    )


def _return_lines(sent_back: Doc, _: Info, **paging: Any) -> Doc:
    order = sent_back["order"]
    parts = {row["id"]: row for parcel in order["fulfillments"] for row in parcel["fulfillmentLineItems"]}
    rows = [
        {
            **row,
            "refundableQuantity": row["quantity"] if sent_back["status"] == "OPEN" else 0,
            "processedQuantity": row.get("processedQuantity", 0),
            "processableQuantity": warehouse.processable(row) if sent_back["status"] == "OPEN" else 0,
            "fulfillmentLineItem": _with_line(parts[row["fulfillmentLineItemId"]], order),
        }
        for row in sent_back["returnLineItems"]
    ]
    return page(rows, paging.get("first"), paging.get("after"))


def _with_line(row: Doc, order: Doc) -> Doc:
    line = next(line for line in order["lineItems"] if line["id"] == row["lineItemId"])
    return {**row, "lineItem": line}


def _formatted(address: Doc, _: Info, withName: bool = False) -> list[str]:  # noqa: N803
    town = " ".join(part for part in (address["zip"], address["city"], address["provinceCode"]) if part)
    named = [address["name"]] if withName else []
    lines = [*named, address["address1"], address["address2"], town, address["country"]]
    return [line for line in lines if line]


_RESOLVERS: dict[str, dict[str, Callable[..., Any]]] = {
    "QueryRoot": {
        "shop": lambda _, _info: {
            "id": "gid://shopify/Shop/1",
            "name": "Harbor & Pine",
            "currencyCode": "USD",
            "myshopifyDomain": DOMAIN,
        },
        "customer": _by_id("Customer"),
        "order": _by_id("Order"),
        "product": _by_id("Product"),
        "job": _by_id("Job"),
        "inventoryItem": inventory_item,
        "productVariants": product_variants,
        "draftOrders": drafts.draft_orders,
        "reverseFulfillmentOrder": warehouse.reverse_order,
        "orders": _orders,
        "customers": _customers,
        "products": _products,
        "webhookSubscriptions": lambda _, info, first=None, after=None: page(
            list(desk(info).store.all("webhook")), first, after
        ),
    },
    "Mutation": writes.MUTATIONS,
    "Customer": {
        "orders": _customer_orders,
        "numberOfOrders": lambda doc, info: str(len(desk(info).store.owned("order", doc["id"]))),
        "defaultEmailAddress": lambda doc, _info: {
            "emailAddress": doc["email"],
            "marketingState": doc.get("marketingState", "NOT_SUBSCRIBED"),
        },
        "metafield": customers.metafield,
        "storeCreditAccounts": customers.credit_accounts,
        "defaultPhoneNumber": lambda doc, _info: {"phoneNumber": doc["phone"]} if doc["phone"] else None,
    },
    "Order": {
        "customer": lambda doc, info: desk(info).store.get("customer", doc["customerId"]),
        "lineItems": _children("lineItems"),
        "fulfillments": _list_of("fulfillments"),
        "fulfillmentOrders": packing.fulfillment_orders,
        "refunds": _list_of("refunds"),
        "transactions": _list_of("transactions"),
        "returns": _returns,
        "discountCodes": lambda doc, _info: doc.get("discountCodes", []),
        "taxesIncluded": lambda doc, _info: doc.get("taxesIncluded", False),
        "presentmentCurrencyCode": lambda doc, _info: doc.get("presentmentCurrencyCode", doc["currencyCode"]),
    },
    "LineItem": {
        # Lines that an edit or a draft has made, and shops that were filled before there were codes.
        "discountedUnitPriceAfterAllDiscountsSet": lambda doc, _info: doc.get(
            "discountedUnitPriceAfterAllDiscountsSet", doc["originalUnitPriceSet"]
        ),
        "taxLines": lambda doc, _info, first=None: doc.get("taxLines", [])[:first],
        "product": lambda doc, info: desk(info).store.get("product", doc["productId"]),
        "variant": lambda doc, info: variant_of_line(doc, desk(info).store),
    },
    "ReverseFulfillmentOrder": {
        "lineItems": _children("lines"),
        "reverseDeliveries": _children("deliveries"),
    },
    "Fulfillment": {
        "fulfillmentLineItems": _fulfillment_lines,
        "trackingInfo": lambda doc, _info, first=None: doc["trackingInfo"][:first],
    },
    "FulfillmentOrder": {"lineItems": _children("lines")},
    "Refund": {"refundLineItems": _refund_lines},
    "Return": {
        "returnLineItems": _return_lines,
        "exchangeLineItems": lambda doc, _info, first=None, after=None: page(
            doc.get("exchangeLineItems") or [], first, after
        ),
        "reverseFulfillmentOrders": warehouse.reverse_orders,
        "refunds": warehouse.refunds_of,
        "returnShippingFees": warehouse.fees_of,
        "totalQuantity": lambda doc, _info: sum(row["quantity"] for row in doc["returnLineItems"]),
    },
    "MailingAddress": {"formatted": _formatted},
    "Product": {
        "variants": lambda doc, _info, first=None, after=None: page(
            [{**row, "product": doc} for row in doc["variants"]], first, after
        ),
        "totalInventory": lambda doc, _info: sum(row["inventoryQuantity"] for row in doc["variants"]),
    },
    "ProductVariant": {
        "displayName": lambda doc, _info: f"{doc['product']['title']} - {doc['title']}",
        "inventoryItem": item_of_variant,
    },
}
