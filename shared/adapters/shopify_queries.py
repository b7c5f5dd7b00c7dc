"""The GraphQL documents we send to Shopify.

Names and shapes: shopify.dev/docs/api/admin-graphql/2026-10 (objects Order, Customer, Product). What changes
the shop stands in `shopify_mutations`.
"""

_ORDER_FIELDS = """
fragment OrderFields on Order {
  name processedAt cancelledAt displayFulfillmentStatus displayFinancialStatus returnStatus
  totalPriceSet { shopMoney { amount currencyCode } }
  totalRefundedSet { shopMoney { amount currencyCode } }
  totalShippingPriceSet { shopMoney { amount currencyCode } } taxesIncluded discountCodes
  shippingAddress { formatted(withName: true) }
  lineItems(first: 50) { nodes {
    id title variantTitle sku quantity refundableQuantity isGiftCard
    originalUnitPriceSet { shopMoney { amount currencyCode } } product { tags }
    discountedUnitPriceAfterAllDiscountsSet { shopMoney { amount currencyCode } }
    taxLines(first: 5) { priceSet { shopMoney { amount currencyCode } } } } }
  fulfillments(first: 10) {
    status displayStatus createdAt estimatedDeliveryAt deliveredAt trackingInfo(first: 1) { company number } }
  refunds(first: 10) { createdAt }
  returns(first: 5) { nodes { status returnLineItems(first: 20) { nodes { quantity
    ... on ReturnLineItem { fulfillmentLineItem { lineItem { id } } } } } } }
}
"""
# What this customer was given lately, for the shop's abuse rule: money, other items, items once more.
RESEND_TAG = "desk-resend"
_GIVEN = f"""
  refunded: orders(
    first: 20, reverse: true, sortKey: UPDATED_AT,
    query: "financial_status:refunded OR financial_status:partially_refunded"
  ) {{ nodes {{ refunds(first: 10) {{ createdAt }} }} }}
  sentBack: orders(
    first: 20, reverse: true, sortKey: UPDATED_AT,
    query: "return_status:in_progress OR return_status:returned OR return_status:inspection_complete"
  ) {{ nodes {{ returns(first: 5) {{
    nodes {{ createdAt status exchangeLineItems(first: 1) {{ nodes {{ id }} }} }} }} }} }}
  resent: orders(first: 20, reverse: true, sortKey: UPDATED_AT, query: "tag:{RESEND_TAG}") {{
    nodes {{ createdAt }} }}
"""

ORDER = (
    """
query Order($search: String!) {
  orders(first: 1, query: $search) { nodes { ...OrderFields email customer { id legacyResourceId"""
    + _GIVEN
    + "} } }\n}\n"
    + _ORDER_FIELDS
)

ORDERS_OF_CUSTOMER = (
    """
query OrdersOfCustomer($id: ID!, $limit: Int!) {
  customer(id: $id) { id legacyResourceId"""
    + _GIVEN
    + """
    orders(first: $limit, reverse: true, sortKey: PROCESSED_AT) { nodes { ...OrderFields email } } }
}
"""
    + _ORDER_FIELDS
)

CUSTOMER = """
query Customer($id: ID!) {
  customer(id: $id) {
    id legacyResourceId firstName locale defaultEmailAddress { emailAddress }
    orders(first: 50, reverse: true, sortKey: PROCESSED_AT) { nodes { name } } }
}
"""

RECORD = """
query Record($id: ID!) {
  customer(id: $id) {
    firstName lastName displayName
    defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber }
    defaultAddress { ...Lines }
    orders(first: 20, reverse: true, sortKey: PROCESSED_AT) { nodes { shippingAddress { ...Lines } } } }
}
fragment Lines on MailingAddress { name address1 address2 zip phone formatted(withName: false) }
"""

PRODUCTS = """
query Products($search: String!, $limit: Int!) {
  shop { currencyCode }
  products(first: $limit, query: $search, sortKey: RELEVANCE) { nodes {
    handle title productType description tags
    variants(first: 30) { nodes { title sku price inventoryQuantity inventoryItem { legacyResourceId } } } } }
}
"""

STOCKED = """
query Stocked($id: ID!) {
  shop { currencyCode }
  inventoryItem(id: $id) { variant {
    title sku price inventoryQuantity inventoryItem { legacyResourceId }
    product { handle title productType description tags } } }
}
"""

PING = "query Ping { shop { name } }"

# What an action needs to know before and after it: ids, what is left, and the mark of earlier attempts.
WORK = """
query Work($search: String!) {
  orders(first: 1, query: $search) { nodes {
    id name currencyCode presentmentCurrencyCode cancelledAt cancellation { staffNote } customer { id }
    totalPriceSet { shopMoney { amount currencyCode } }
    totalRefundedSet { shopMoney { amount currencyCode } }
    shippingAddress { firstName lastName address1 address2 city zip provinceCode countryCodeV2 phone }
    lineItems(first: 50) { nodes { id sku currentQuantity refundableQuantity isGiftCard variant { id }
      originalUnitPriceSet { shopMoney { amount currencyCode } } product { tags } }
      pageInfo { hasNextPage } }
    fulfillments(first: 10) { status
      fulfillmentLineItems(first: 50) { nodes { id quantity lineItem { id sku } }
        pageInfo { hasNextPage } } }
    refunds(first: 20) { legacyResourceId createdAt note
      totalRefundedSet { shopMoney { amount currencyCode } } }
    returns(first: 10) { pageInfo { hasNextPage } nodes { id name status createdAt
      reverseFulfillmentOrders(first: 1) { pageInfo { hasNextPage } nodes { id
        lineItems(first: 20) { nodes { totalQuantity dispositions { type quantity } }
          pageInfo { hasNextPage } }
        reverseDeliveries(first: 1) { nodes { deliverable {
          ... on ReverseDeliveryShippingDeliverable { label { publicFileUrl } } } } } } }
      refunds(first: 5) { pageInfo { hasNextPage }
        nodes { legacyResourceId totalRefundedSet { shopMoney { amount currencyCode } } } }
      returnLineItems(first: 20) { pageInfo { hasNextPage }
        nodes { id quantity processableQuantity returnReasonNote
        ... on ReturnLineItem { fulfillmentLineItem { id } } } } } }
    transactions(first: 10) { id kind status gateway amountSet { shopMoney { amount currencyCode } } } } }
}
"""

# Where what has not left is packed. By itself, for it needs an access scope of its own
# (`read_merchant_managed_fulfillment_orders`): a shop that has not granted it still does everything else.
PACKED_AT = """
query PackedAt($id: ID!) {
  order(id: $id) { fulfillmentOrders(first: 20) { pageInfo { hasNextPage } nodes {
    status assignedLocation { location { id } }
    lineItems(first: 50) { pageInfo { hasNextPage } nodes { remainingQuantity lineItem { id } } } } } }
}
"""

# What an action for a customer needs to know; the two metafields are the shop's points and our marks on them.
MEMBER = """
query Member($id: ID!) {
  customer(id: $id) {
    id defaultEmailAddress { marketingState }
    points: metafield(namespace: "loyalty", key: "points") { value compareDigest }
    marks: metafield(namespace: "answer_desk", key: "loyalty_marks") { value compareDigest } }
}
"""

VARIANT = """
query Variant($search: String!) { productVariants(first: 1, query: $search) { nodes { id sku } } }
"""

# A resent order and its draft carry the mark of the action as a tag.
RESENT = """
query Resent($search: String!) {
  orders(first: 1, query: $search) { nodes { name tags } }
  draftOrders(first: 5, query: $search) { nodes { id tags status order { name } } }
}
"""

# Which order a parcel back belongs to; its webhook names the reverse fulfillment order alone.
PARCEL_BACK = """
query ParcelBack($id: ID!) { reverseFulfillmentOrder(id: $id) { order { name } } }
"""
