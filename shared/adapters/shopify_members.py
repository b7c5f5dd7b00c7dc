"""Changes what Shopify keeps about a customer: the newsletter, and the points of the loyalty programme.

Points are a metafield of the shop (`loyalty.points`). Beside it stand our marks of what was done to it, and
both are set in one step over the values that were read, so a correction counts once.
"""

import json

from shared import contracts as c
from shared.adapters import shopify_queries as queries
from shared.adapters import shopify_wire_work as wire
from shared.adapters.shopify_asking import Mark, Refused, ask, receipt, refused
from shared.adapters.shopify_client import VENDOR, ShopifyClient
from shared.adapters.shopify_mutations import CONSENT, METAFIELDS
from shared.errors import VendorDown

_STATES = {"subscribe": "SUBSCRIBED", "unsubscribe": "UNSUBSCRIBED"}
_KEPT = 50  # marks; a turn is replayed within days, not after fifty corrections


async def carry_out_for(
    client: ShopifyClient, action: c.Newsletter | c.CorrectLoyalty, *, customer: str, mark: Mark
) -> c.Receipt:
    """One attempt, safe to repeat. `customer` is the gid of who is signed in."""
    found = (await client.once(queries.MEMBER, wire.MemberFound, id=customer)).customer
    if found is None:
        return refused(action, Refused("the shop has no such customer", "account"))
    if isinstance(action, c.Newsletter):
        return await _newsletter(client, action, found, mark)
    return await _points(client, action, found, mark)


async def _newsletter(
    client: ShopifyClient, action: c.Newsletter, member: wire.Member, mark: Mark
) -> c.Receipt:
    if member.default_email_address is None:
        return refused(action, Refused("the account has no e-mail address", "account"))
    state = _STATES[action.wish]
    if member.default_email_address.marketing_state != state:
        consent = {"marketingState": state, "marketingOptInLevel": "SINGLE_OPT_IN"}
        wish = {"customerId": member.id, "emailMarketingConsent": consent}
        if problem := await ask(client, CONSENT, input=wish):
            return refused(action, problem)
    return receipt(action, mark.short)


async def _points(
    client: ShopifyClient, action: c.CorrectLoyalty, member: wire.Member, mark: Mark
) -> c.Receipt:
    marks: list[str] = json.loads(member.marks.value) if member.marks else []
    if mark.text in marks:
        return receipt(action, mark.short)
    if member.points is None:
        return refused(action, Refused("the shop keeps no points for this customer", "account"))
    points = int(member.points.value) + action.points
    if points < 0:
        return refused(action, Refused(f"the account holds {member.points.value} points", "account"))
    fields = [
        {
            "ownerId": member.id, "namespace": "loyalty", "key": "points", "type": "number_integer",
            "value": str(points), "compareDigest": member.points.compare_digest,
        },
        {
            "ownerId": member.id, "namespace": "answer_desk", "key": "loyalty_marks", "type": "json",
            "value": json.dumps([*marks, mark.text][-_KEPT:]),
            "compareDigest": member.marks.compare_digest if member.marks else None,
        },
    ]  # fmt: skip
    if await ask(client, METAFIELDS, fields=fields):
        # Somebody was faster, perhaps this very action: look again.
        raise VendorDown(VENDOR, "the points have changed meanwhile")
    return receipt(action, mark.short)
