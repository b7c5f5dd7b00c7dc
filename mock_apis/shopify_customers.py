"""Changes what the mock Shopify keeps about a customer: consent to mail, metafields, store credit."""

import hashlib
from typing import Any

from mock_apis.shop_orders import money
from mock_apis.shopify_paging import Doc, Info, page
from mock_apis.shopify_refunds import no, stamp

_SETTABLE = {"SUBSCRIBED", "UNSUBSCRIBED", "PENDING"}


def email_consent(_: object, info: Info, **args: Doc) -> Doc:
    """`customerEmailMarketingConsentUpdate`."""
    wish, store = args["input"], info.context.store
    with store.writing():
        customer = store.get("customer", wish["customerId"])
        if customer is None:
            return {"customer": None, "userErrors": [no("customerId", "Customer not found")]}
        if not customer["email"]:
            return {"customer": None, "userErrors": [no("customerId", "Customer has no email address")]}
        state = wish["emailMarketingConsent"]["marketingState"]
        if state not in _SETTABLE:
            problem = no("marketingState", f"Cannot specify {state} as a marketing state input")
            return {"customer": None, "userErrors": [problem]}
        customer |= {"marketingState": state, "updatedAt": stamp(info)}
        store.change("customer", customer["id"], customer)
    return {"customer": customer, "userErrors": []}


def metafields_set(_: object, info: Info, **args: list[Doc]) -> Doc:
    """`metafieldsSet`: all or none; a `compareDigest` that is not the stored one refuses."""
    store = info.context.store
    with store.writing():
        owners: dict[str, Doc] = {}
        kept: list[Doc] = []
        for n, wish in enumerate(args["metafields"]):
            owner = owners.get(wish["ownerId"]) or store.get("customer", wish["ownerId"])
            if owner is None:
                return _refused(n, "INVALID", "Owner does not exist")
            owners[owner["id"]] = owner
            fields = owner.setdefault("metafields", {})
            name = f"{wish.get('namespace') or 'custom'}.{wish['key']}"
            before = fields.get(name)
            if "compareDigest" in wish and wish["compareDigest"] != (_digest(before) if before else None):
                message = (
                    "The resource has been updated since it was loaded. Try again with an updated value."
                )
                return _refused(n, "STALE_OBJECT", message)
            fields[name] = {"value": wish["value"], "type": wish.get("type") or (before or {}).get("type")}
            kept.append(_shown(owner, name))
        for owner in owners.values():
            store.change("customer", owner["id"], owner)
    return {"metafields": kept, "userErrors": []}


def _refused(index: int, code: str, message: str) -> Doc:
    problem = {"code": code, "elementIndex": index, "field": ["metafields", str(index)], "message": message}
    return {"metafields": None, "userErrors": [problem]}


def metafield(customer: Doc, _: Info, **args: Any) -> Doc | None:
    """One metafield of a customer, or None."""
    name = f"{args.get('namespace') or 'custom'}.{args['key']}"
    return _shown(customer, name) if name in customer.get("metafields", {}) else None


def _shown(customer: Doc, name: str) -> Doc:
    found = customer["metafields"][name]
    space, _, key = name.partition(".")
    number = int(hashlib.sha256((customer["id"] + name).encode()).hexdigest()[:10], 16)
    return {
        **found,
        "id": f"gid://shopify/Metafield/{number}",
        "namespace": space,
        "key": key,
        "compareDigest": _digest(found),
    }


def _digest(found: Doc) -> str:
    return hashlib.sha256(str(found["value"]).encode()).hexdigest()


def credit_accounts(customer: Doc, _: Info, **paging: Any) -> Doc:
    """The customer's one account, once it has been credited."""
    held = customer.get("storeCreditCents")
    number = customer["legacyResourceId"]
    id_ = f"gid://shopify/StoreCreditAccount/{number}"
    rows = [] if held is None else [{"id": id_, "balance": money(held)["shopMoney"]}]
    return page(rows, paging.get("first"), paging.get("after"))
