"""What a reader of product pages finds before a reply is planned."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from shared.contracts import Language, Passage, Product


@dataclass(frozen=True)
class Telling:
    """A place that tells what is asked, with the words that stand there.

    `source` is the id of the passage, of the product's description (`product:<handle>/description`) or of its
    tags (`product:<handle>/tags`). `handles` are the products it speaks of; empty for the kind as a whole.
    """

    source: str
    text: str
    handles: tuple[str, ...] = ()


Measure = Literal["price", "weight", "warmth", "size", "light", "rain"]


@dataclass(frozen=True)
class Ranking:
    """Products in the order that a question asks for, by what is measured of them.

    `most` is true where the most of it comes first. The first `tied` of `order` have as much of it; of the
    `unknown` nothing states it.
    """

    by: Measure
    most: bool
    order: tuple[Product, ...]
    tied: int
    unknown: tuple[Product, ...] = ()


@dataclass(frozen=True)
class ProductReading:
    """What a question asks of which products, and where that is told.

    `products` are those asked about, the likeliest first; several are all that are known of a kind. `name` is
    what the question calls them (empty: the one spoken of before), `own_name` whether that is a product's own
    name. `asks` is true when something else than price, stock or a variant (`offer`) is asked for; `compares`
    when products are to be weighed against each other. `told` are the few places worth quoting, `silent` the
    products of which no place at all tells it. `rivals` are the products named to be weighed against each
    other; `ranking` puts them, or all of a kind, in the order asked for; `weighed` are those worth showing.
    """

    products: tuple[Product, ...] = ()
    name: str = ""
    own_name: bool = False
    asks: bool = False
    offer: bool = False
    compares: bool = False
    told: tuple[Telling, ...] = ()
    silent: tuple[Product, ...] = ()
    rivals: tuple[Product, ...] = ()
    ranking: Ranking | None = None
    weighed: tuple[Product, ...] = ()

    @property
    def property_asked(self) -> bool:
        """True when the question is whether, or how, something holds of products of the shop."""
        weighed = self.compares or self.rivals or self.ranking
        return self.asks and bool(self.products) and not weighed


class ProductReader(Protocol):
    """Tells whether what is asked of products is written anywhere. Local: no model, no network."""

    def search_words(self, question: str, *, language: Language) -> str:
        """The telling words of `question` and what they are called in the shop's language (English)."""
        ...

    def weighs(self, question: str) -> bool:
        """Whether `question` asks which of several comes first, or how they differ."""
        ...

    def read(
        self,
        question: str,
        *,
        language: Language,
        products: Sequence[Product],
        passages: Sequence[Passage],
        spoken_of: str = "",
    ) -> ProductReading:
        """Which of `products` are asked about, for what, and the places that tell it.

        `spoken_of` is what a question means that names nothing: a title, or the name of a kind.
        """
        ...
