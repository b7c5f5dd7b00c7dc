"""Reads how much of an order is to be cancelled: all of it, these items, or a part that is not named yet.

What is read here is put before the customer once more. Still it is never more than was named: who names a
thing that the order does not hold is asked, and does not hear an offer to cancel everything.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from conversation.words.agreeing import names_deed
from conversation.words.replies import folded, named_items
from conversation.words.verbs import any_form
from shared.contracts import Order, OrderItem

_CANCEL = any_form("cancel")
# Over the words as they stand, so that marks still part them.
_CLAUSES = re.compile(
    r"[.,;:!?\n]+|\b(?:but|because|since|as|mais|car|parce que|puisque|pero|porque|ya que)\b"
    r"|\b(?:and|et|y|e)\b"
    r"(?= (?:please |just )?(?:cancel|keep|leave|annul|gard|anul|conserv|manten|mantén|dej))",
    re.IGNORECASE,
)
# All below over folded words.
_EXCEPT = re.compile(
    r"\b(?:except(?: for)?|apart from|other than|excluding|sauf|hormis|excepte|a l exception d\w+|menos"
    r"|excepto|salvo|a excepcion de)\b|\b(?:everything|all|anything|whole)\b(?: \w+){0,4}? but\b"
)
_REST = re.compile(
    r"\b(?:the rest|everything else|the others?|le reste|les autres|lo demas|el resto|l[ao]s demas"
    r"|l[ao]s otr[ao]s)\b"
)
_KEEPS = re.compile(rf"\b(?:{any_form('keep', 'leave')}|still want|l[ao]s? (?:si )?quiero)\b")
_NOT = re.compile(r"(?:and |et |y )?(?:not|pas|no|non)\b")
_PART = re.compile(
    r"\b(?:(?:only|just) (?!(?:my |the |that |this )?order)(?:the|that|this|these|those|my|one|an?)\b"
    r"|parts? of|some of|one of|half|(?:an?|one|two|some|few) (?:\w+ )?items?\b|seulement|uniquement"
    r"|une partie|(?:un|une|deux|certains|quelques) (?:articles?|produits?)|l un d\w+|une? des|que l[ae]s?"
    r"|sol[oa]|solamente|unicamente|(?:una )?parte|(?:un|una|dos|algunos) (?:articulos?|productos?)"
    r"|un[oa] de|alguno|\d{1,2} (?:of|out of|items?|things?|articles?|articulos?)\b"
    r"|(?:two|three|deux|trois|dos|tres) (?:of|de|des|d)|(?:first|second|third|last|1st|2nd|3rd) (?:item"
    r"|thing|product)"
    r"|(?:premier|deuxieme|dernier) (?:article|produit)|(?:primer|segundo|ultimo) (?:articulo|producto))\b"
)
_ALL = re.compile(
    r"\b(?:all|everything|whole|entire|entirely|complete|completely|tout|toute|entier|entiere|integralite"
    r"|totalite|todo|toda|completo|completa|entero|entera|totalidad)\b"
)
_ONE_OF_MANY = re.compile(
    r"\b(?:(?:only )?one of (?:the|my|them)|just one|only one|one pair|une? (?:seule? )?des|une? seule?"
    r"|un[oa] de l[ao]s|sol[oa] un[oa])\b"
    rf"|\b{_CANCEL} (?:just |only |seulement |solo )?(?:one|une?|una?) "
    r"(?!(?:items?|things?|articles?|articulos?|part\w*|products?|productos?|produits?|cosas?)\b)"
)
_TAKES_OUT = re.compile(
    r"\b(?:(?:remove|delete|drop|take) (?:\w+ ){1,6}?(?:from|out of|off)|take (?:off|out)"
    r"|(?:retire[rz]?|enleve[rz]?|supprime[rz]?|otez) (?:\w+ ){1,6}?(?:de|dans) "
    r"|(?:quit(?:ar|e|en|a)|elimin(?:ar|e|en|a)|sa(?:car|que|quen)) (?:\w+ ){1,6}?(?:de|del) )"
)
_NO_ITEM = re.compile(
    r"\b(?:address|shipping|express|discount|code|coupon|card|name|adresse|livraison|remise|carte|nom"
    r"|direccion|envio|descuento|codigo|tarjeta|nombre|newsletter|list|liste|lista)\b"
)
_OF_ORDER = re.compile(
    r"\b(?:from|of|in|on|off|out of|de|du|dans|sur|del|en)(?: (?:the|my|la|ma|el|mi|this|cette|este))?"
    r"(?: (?:order|commande|pedido|orden|compra)(?: (?:number|numero|no?|n))?(?: \d+)?| \d+)\b"
)
_WISHED = re.compile(
    rf"\b(?:{_CANCEL}|(?:don t|dont|do not|no longer) (?:want|need)|get rid of|leave out|ne (?:veux"
    rf"|souhaite) (?:plus|pas)|n ai (?:plus|pas) besoin|no (?:quiero|necesito))\b(.*)"
)
_NAMED = re.compile(
    r"\b(?:the|my|an?|this|that|these|those|le|la|les|l|mon|ma|mes|une?|cet|cette|ces|el|l[ao]s|mis?|una?"
    r"|es[ea]|est[ea]) ([a-z]+)"
)
_WHOLE_NAMES = frozenset(
    """
    order orders purchase shipment delivery package parcel thing whole entire complete last latest first
    second third newest most new one other commande achat livraison colis chose totalite derniere premiere
    seconde autre pedido pedidos orden compra envio paquete cosa totalidad ultimo ultima primer primero
    primera segundo otro entrega todo svp please s por merci gracias now maintenant ya ahora then alors
    entonces immediately
    """.split()  # noqa: SIM905 a list of words
)
_ORDER = re.compile(r"\b(?:orders?|commandes?|pedidos?|orden|compra|purchase|\d{3,})\b")
_POINTS = re.compile(
    r"^(?:(?:no|non|yes|oui|si|but|mais|pero) )*(?:it s|it is|that s|that is|i mean|c est|ce sont|es|son) "
)
_STATES = re.compile(r"\b(?:is|are|was|were|has|est|sont|etait|es|son|era|esta|estan|i|je|me|ya)\b")
_FEW = 6
"""Words of a clause that only goes on with what is named: ", the mug and the socks"."""

Words = Callable[[str], str]


@dataclass(frozen=True)
class Part:
    """`it`: an order, or nothing that says how much. `which`: a part, but not which.

    `one`: of several units of a line.
    """

    kind: Literal["all", "items", "which", "one", "it"]
    items: tuple[OrderItem, ...] = ()


def takes_out(text: str) -> bool:
    """Whether something is to be taken out of an order, in other words than "cancel"."""
    said = folded(text)
    return _TAKES_OUT.search(f"{said} ") is not None and _NO_ITEM.search(said) is None


def part_of(text: str, order: Order, words: Words) -> Part:
    """How much of `order` these words want cancelled; `words` adds what the shop calls things."""
    left = tuple(item for item in order.items if not item.is_gone)

    def named(said: str) -> tuple[OrderItem, ...]:
        return tuple(item for item in named_items(words(said), order) if item in left)

    said = folded(text)
    if beyond := _EXCEPT.search(said):
        return _without(left, named(said[beyond.end() :]))
    clauses = [clause for clause in _CLAUSES.split(text) if folded(clause)]
    kept = [each for each in clauses if _KEEPS.search(folded(each)) and not names_deed("cancel", each)]
    wished = [clause for clause in clauses if clause not in kept and not _NOT.match(folded(clause))]
    if any(_REST.search(folded(clause)) for clause in wished):
        return _without(left, named(" ".join(kept)) or named(" ".join(wished)))
    of_deed = _of_deed(wished, named)
    items = named(" ".join(of_deed))
    wish = " ".join(map(folded, of_deed))
    # "I ordered the jacket by mistake, cancel it" is of the jacket; who names the order means the order.
    if not items and (_PART.search(said) or not _ORDER.search(wish)) and _wishes(wish):
        items = named(" ".join(wished))
    if items:
        counted = _ONE_OF_MANY.search(said) and any(item.left > 1 for item in items)
        return Part("one" if counted else "items", items)
    return Part(_unnamed(wish, said))


def _unnamed(wish: str, said: str) -> Literal["all", "which", "it"]:
    """Of words that name none of the items."""
    if _PART.search(said):
        return "which"
    if _ALL.search(wish):
        return "all"
    if takes_out(said) and not names_deed("cancel", said):
        return "which"
    rest = _WISHED.search(_OF_ORDER.sub(" ", wish))
    things = _NAMED.findall(rest[1]) if rest else []
    whole = rest is not None and any(word in _WHOLE_NAMES for word in rest[1].split())
    if things and not whole and not all(word in _WHOLE_NAMES for word in things):
        return "which"
    return "it"


def _of_deed(wished: list[str], named: Callable[[str], tuple[OrderItem, ...]]) -> list[str]:
    """The clauses that wish for the deed with those that only go on naming.

    Where none does, those that only name something: "the mug is too small" is a reason.
    """
    found: list[str] = []
    for clause in wished:
        said = folded(clause)
        deed = _wishes(said)
        goes_on = found and len(said.split()) <= _FEW and not _STATES.search(said) and named(clause)
        if deed or goes_on:
            found.append(clause)
    return found or [each for each in wished if not _STATES.search(_POINTS.sub("", folded(each)))]


def _wishes(said: str) -> bool:
    return names_deed("cancel", said) or _WISHED.search(said) is not None or takes_out(said)


def _without(left: tuple[OrderItem, ...], kept: tuple[OrderItem, ...]) -> Part:
    """All but what is kept; what is kept has to be known."""
    items = tuple(item for item in left if item not in kept)
    return Part("items", items) if kept and items else Part("which")
