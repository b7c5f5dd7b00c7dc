"""Products as the desk knows them; what a test does not name is filled in."""

import json
from pathlib import Path

from shared.contracts import Product, Variant

CATALOGUE = Path(__file__).parents[1] / "mock_apis" / "data" / "products.json"


def variant(title: str, sku: str, *, price: str = "249.00", in_stock: int = 4) -> Variant:
    """A form that can be bought."""
    return Variant(title=title, sku=sku, price=price, in_stock=in_stock)


def product(
    title: str,
    *variants: Variant,
    handle: str = "",
    category: str = "Tents",
    description: str = "A tent.",
    final_sale: bool = False,
    tags: tuple[str, ...] = (),
) -> Product:
    """A product in dollars; its handle is its title in small letters unless given."""
    return Product(
        handle=handle or title.lower().replace(" ", "-"),
        title=title,
        category=category,
        description=description,
        currency="USD",
        final_sale=final_sale,
        variants=variants,
        tags=tags,
    )


def catalogue() -> list[Product]:
    """Every product of the mock shop."""
    return [
        product(
            row["title"],
            *(
                variant(v["title"], v["sku"], price=v["price"], in_stock=v["inventory"])
                for v in row["variants"]
            ),
            handle=row["handle"],
            category=row["category"],
            description=row["description"],
            final_sale=row["final_sale"],
            tags=tuple(row["tags"]),
        )
        for row in json.loads(CATALOGUE.read_text(encoding="utf-8"))
    ]
