"""What the shop counts, as `STOCKED` asks for it: an inventory item with the variant and product it is of."""

from shared.adapters.shopify_wire import Shop, Variant, Wire


class ProductOnly(Wire, frozen=True, kw_only=True):
    """A product without its variants."""

    handle: str
    title: str
    product_type: str
    description: str
    tags: list[str]


class VariantOfProduct(Variant, frozen=True, kw_only=True):
    """A variant with its product."""

    product: ProductOnly


class Counted(Wire, frozen=True, kw_only=True):
    """An inventory item with what it is of."""

    variant: VariantOfProduct | None


class Stocked(Wire, frozen=True, kw_only=True):
    """The answer of `STOCKED`."""

    shop: Shop
    inventory_item: Counted | None
