"""Carries an action out at Shopify, once per key."""

from shared import contracts as c
from shared.adapters import shopify_changes as changes
from shared.adapters import shopify_money as money
from shared.adapters import shopify_paying as paying
from shared.adapters import shopify_queries as queries
from shared.adapters import shopify_resending as resending
from shared.adapters import shopify_returns as returns
from shared.adapters import shopify_wire_work as wire
from shared.adapters.shopify_asking import Mark, Refused, by_hand, receipt, refused
from shared.adapters.shopify_client import VENDOR, ShopifyClient
from shared.errors import VendorDown

NO_SUCH_ORDER = Refused("the shop has no such order", "no_order")


async def carry_out(
    client: ShopifyClient, action: c.Action, *, search: str, customer: str, key: str, address: str = ""
) -> c.Receipt:
    """One attempt, safe to repeat: it looks for its own mark before it acts and after a refusal.

    `search` finds the order, `customer` is the gid it must belong to (empty: whoever's, proved before).
    `address` is that of a change of address, revealed.
    """
    mark = Mark.of(key)
    order = await _look(client, search)
    if order is None or (customer and (order.customer is None or order.customer.id != customer)):
        return refused(action, NO_SUCH_ORDER)
    if found := await _found(client, action, order, mark, address):
        return found
    refusal = await _act(client, action, order, mark, address)
    if isinstance(refusal, c.Receipt):
        return refusal
    after = await _look(client, search)
    if after is not None and returns.sends_back(action) and refusal is None:
        refusal, after = await _label(client, action, after, mark, search)
    if after is not None and (found := await _found(client, action, after, mark, address)):
        return found
    if refusal is not None:
        return refused(action, refusal)
    # The vendor took it but does not show it yet (cancelling is a job there): look again later.
    raise VendorDown(VENDOR, f"accepted the {action.kind} but has not finished it")


async def _look(client: ShopifyClient, search: str) -> wire.WorkOrder | None:
    found = (await client.once(queries.WORK, wire.Work, search=search)).orders.nodes
    return found[0] if found else None


async def _found(
    client: ShopifyClient, action: c.Action, order: wire.WorkOrder, mark: Mark, address: str
) -> c.Receipt | None:
    """How this very action ended when an earlier attempt came to an end; None when it is still to be done."""
    reference = ""
    if returns.sends_back(action):
        return returns.sent_back(action, order, mark)
    match action:
        case c.Refund() if action.of_return:
            reference = paying.paid(action, order, mark)
        case c.Refund() | c.StoreCredit():
            reference = money.paid_back(order, mark)
        case c.Cancel() if action.items:
            reference = money.paid_back(order, mark)
        case c.Cancel():
            reference = order.name if changes.cancelled(order, mark) else ""
        case c.ChangeAddress():
            reference = order.name if changes.goes_there(order, address) else ""
        case c.ChangeItem():
            reference = order.name if changes.holds(action, order) else ""
        case c.Resend():
            reference = (await resending.resent(client, mark))[0]
    return receipt(action, reference) if reference else None


async def _act(  # noqa: PLR0911 one return per kind
    client: ShopifyClient, action: c.Action, order: wire.WorkOrder, mark: Mark, address: str
) -> Refused | c.Receipt | None:
    """A receipt only where the vendor's answer to a change is one, so that nothing has to be searched."""
    if unsure := _unsure(action, order):
        return unsure
    if returns.sends_back(action):
        return await returns.begin(client, action, order, mark)
    match action:
        case c.Refund() if action.of_return:
            return await paying.pay(client, action, order, mark)
        case c.Refund() | c.StoreCredit():
            return await money.pay_back(client, action, order, mark)
        case c.Cancel() if action.items:
            return changes.closed(order) or await money.pay_back(client, action, order, mark)
        case c.Cancel():
            return await changes.cancel(client, order, mark)
        case c.ChangeAddress():
            return await changes.send_to(client, order, address)
        case c.ChangeItem():
            return await changes.swap(client, action, order, mark)
        case c.Resend():
            return await resending.resend(client, action, order, mark)
    return Refused("it is not about an order")


def _unsure(action: c.Action, order: wire.WorkOrder) -> Refused | None:
    """What a person has to do: an order of which we see a part only, or whose money is in two currencies.

    `transactionAmount` and `returnShippingFee` are in the currency the customer paid in ("OrderTransaction",
    "ReturnShippingFeeInput"), our amounts in the shop's.
    """
    part = isinstance(action, c.Cancel) and action.items
    if not part and not isinstance(action, c.Refund | c.StoreCredit | c.Return | c.Exchange):
        return None
    if cut := order.cut:
        return by_hand(f"the order has more {cut} than are read at once")
    paid_in = order.presentment_currency_code or order.currency_code
    if paid_in != order.currency_code and not isinstance(action, c.Exchange):
        why = f"the customer paid in {paid_in}, the shop counts in {order.currency_code}"
        return Refused(f"{why}: do it in the shop's admin", "currency")
    return None


async def _label(
    client: ShopifyClient, action: returns.SendsBack, order: wire.WorkOrder, mark: Mark, search: str
) -> tuple[Refused | None, wire.WorkOrder | None]:
    """The second step of a return; without a label the first one is taken back."""
    refusal = await returns.print_label(client, action, order, mark)
    after = await _look(client, search)
    if refusal is None or after is None:
        return refusal, after
    if half := await returns.take_back(client, after, mark):
        return half, after
    return refusal, await _look(client, search)
