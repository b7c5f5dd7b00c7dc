"""The GraphQL documents by which we change the shop.

Each names its answer `done` and its refusals `problems`, so that one shape reads them all. Wire forms:
shopify.dev/docs/api/admin-graphql/2026-10, the page of each mutation.
"""

CANCEL = """
mutation Cancel($order: ID!, $note: String!) {
  done: orderCancel(
    orderId: $order, reason: CUSTOMER, restock: true, notifyCustomer: true, staffNote: $note
    refundMethod: { originalPaymentMethodsRefund: true }
  ) { problems: orderCancelUserErrors { message } }
}
"""

# "Implementing idempotency": the directive is mandatory here since 2026-04. Store credit instead of money is
# `refundMethods` of the same mutation, so it is idempotent too; `storeCreditAccountCredit` is not.
REFUND = """
mutation Refund($input: RefundInput!, $key: String!) {
  done: refundCreate(input: $input) @idempotent(key: $key) { problems: userErrors { message } }
}
"""

# "Manage exchanges": `exchangeLineItems` of the same input hold the new item.
RETURN = """
mutation Return($input: ReturnInput!) {
  done: returnCreate(returnInput: $input) { problems: userErrors { message } }
}
"""

# "Migrate to return processing": since 2025-07 the items of a return are confirmed and refunded by one
# mutation, which takes no more than a line's `processableQuantity`; `refundCreate` would leave it open.
PROCESS = """
mutation Process($input: ReturnProcessInput!) {
  done: returnProcess(input: $input) { problems: userErrors { message } }
}
"""

RETURN_CANCEL = """
mutation ReturnCancel($id: ID!) { done: returnCancel(id: $id) { problems: userErrors { message } } }
"""

# An empty list of lines means all of the return.
LABEL = """
mutation Label($id: ID!, $url: URL!) {
  done: reverseDeliveryCreateWithShipping(
    reverseFulfillmentOrderId: $id, reverseDeliveryLineItems: [], labelInput: { fileUrl: $url }
    notifyCustomer: true
  ) { problems: userErrors { message } }
}
"""

ADDRESS = """
mutation Address($input: OrderInput!) {
  done: orderUpdate(input: $input) { problems: userErrors { message } }
}
"""

# "Edit existing orders": begun, staged, and seen by nobody before the commit.
EDIT_BEGIN = """
mutation EditBegin($order: ID!) {
  done: orderEditBegin(id: $order) { edit: calculatedOrder { id } problems: userErrors { message } }
}
"""
EDIT_ADD = """
mutation EditAdd($id: ID!, $variant: ID!, $quantity: Int!) {
  done: orderEditAddVariant(id: $id, variantId: $variant, quantity: $quantity) {
    problems: userErrors { message } }
}
"""
EDIT_QUANTITY = """
mutation EditQuantity($id: ID!, $line: ID!, $quantity: Int!) {
  done: orderEditSetQuantity(id: $id, lineItemId: $line, quantity: $quantity, restock: true) {
    problems: userErrors { message } }
}
"""
EDIT_COMMIT = """
mutation EditCommit($id: ID!, $note: String!) {
  done: orderEditCommit(id: $id, notifyCustomer: true, staffNote: $note) { problems: userErrors { message } }
}
"""

DRAFT = """
mutation Draft($input: DraftOrderInput!) {
  done: draftOrderCreate(input: $input) {
    draft: draftOrder { id tags status } problems: userErrors { message } }
}
"""
DRAFT_COMPLETE = """
mutation DraftComplete($id: ID!) {
  done: draftOrderComplete(id: $id) {
    draft: draftOrder { id tags status order { name } } problems: userErrors { message } }
}
"""

CONSENT = """
mutation Consent($input: CustomerEmailMarketingConsentUpdateInput!) {
  done: customerEmailMarketingConsentUpdate(input: $input) { problems: userErrors { message } }
}
"""

# All or none, and only over the values we read: `compareDigest` (null: there was none).
METAFIELDS = """
mutation Metafields($fields: [MetafieldsSetInput!]!) {
  done: metafieldsSet(metafields: $fields) { problems: userErrors { message } }
}
"""
