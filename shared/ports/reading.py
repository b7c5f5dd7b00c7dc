"""What a reader of product pages finds before a reply is planned."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

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


@dataclass(frozen=True)
class ProductReading:
    """What a question asks of which products, and where that is told.

    `products` are those asked about, the likeliest first; several are all that are known of a kind. `name` is
    what the question calls them (empty: the one spoken of before), `own_name` whether that is a product's own
    name. `asks` is true when something else than price, stock or a variant (`offer`) is asked for; `compares`
    when products are to be weighed against each other. `told` are the few places worth quoting, `silent` the
    products of which no place at all tells it.
    """

    products: tuple[Product, ...] = ()
    name: str = ""
    own_name: bool = False
    asks: bool = False
    offer: bool = False
    compares: bool = False
    told: tuple[Telling, ...] = ()
    silent: tuple[Product, ...] = ()

    @property
    def property_asked(self) -> bool:
        """True when the question is whether, or how, something holds of products of the shop."""
        return self.asks and bool(self.products) and not self.compares


class ProductReader(Protocol):
    """Tells whether what is asked of products is written anywhere. Local: no model, no network."""

    def search_words(self, question: str, *, language: Language) -> str:
        """The telling words of `question` and what they are called in the shop's language (English)."""
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
