"""Reads what stands around an amount: its bound, what it is counted from, where its clause ends."""

import re
from typing import Literal

from shared.adapters.knowledge.contradictions.quantities import Quantity

Bound = Literal["from", "most", "after", "before", "least", "is"]
"""Of an amount: from $75, at most $50, after 14 days, 3 days before, at least 3 days, is 30 days.

"Within 30 days", "up to 30 days" and "30 days" are one for durations: all say how long.
"""

_AFTER = re.compile(
    r"(?:\bafter|\bapres|\bdespues de|\btras|older than|more than|plus de|mas de|past|passe|al cabo de)\W*$"
)
_LEAST = re.compile(r"(?:at least|au moins|al menos|por lo menos|no less than)\W*$")
_BEFORE = re.compile(r"(?:\bbefore|\bavant|\bantes de(?: las?| los)?)\W*$")
_BEFORE_BEHIND = re.compile(r"^\W*(?:before|prior to|in advance|avant|a l'avance|antes)\b")
_FROM = re.compile(
    r"""(?:\bfrom|\bover|\babove|\bexceed(?:s|ing)?|at\ least|more\ than|starting\ at|worth
    |a\ partir\ de(?:\ los?)?|des|plus\ de|au-dessus\ de|superieure?s?\ a|depasse(?:nt)?
    |desde|mas\ de|superior(?:es)?\ a|mayor(?:es)?\ (?:a|de)|superen?)\W*$""",
    re.VERBOSE,
)
_MOST = re.compile(
    r"""(?:\bup\ to|\bunder|\bbelow|less\ than|at\ most|jusqu'a|moins\ de|inferieure?s?\ a
    |hasta|menos\ de|inferior(?:es)?\ a)\W*$""",
    re.VERBOSE,
)
_OR_MORE = re.compile(
    r"^\W*(?:or more|and (?:up|above|over|more)|et plus|ou plus|o mas|y mas|d'achats?|minimum)"
)
# What a duration is counted from; it stands right behind it and does not say what lasts so long.
_ANCHOR = re.compile(
    r"""^\W*(?:of|from|after|since|following|d'|de|des|apres|suivants?|a\ compter\ de|a\ partir\ d[eu]
    |desde|siguientes\ a|posteriores\ a|despues\ de|tras|a\ contar\ desde)\s+
    (?:(?:that|the|your|we|you|la|le|les|l'|el|los|las|su|votre|nous|vous|its|it|they)\ ?)*
    (?:deliver|receiv|receipt|purchas|order|arriv|buying|payment|dispatch|ship|parcel|package
    |livraison|reception|recu|achat|commande|expedition|colis|paiement
    |entrega|recepcion|compra|pedido|envio|llegada|pago|recibir|recibido)\w*
    (?:\ (?!(?:and|et|y|if|is|are|can|cannot|si|est|sont|es|son|se|when|as|unless|peut|peuvent)\b)
    [\w'-]+){0,6}""",
    re.VERBOSE,
)
_CUT = re.compile(
    r"[;,()–—]|:\s|(?<=\s)(?:and|but|or|while|whereas|et|mais|ou|tandis|y|e|pero|o|mientras)(?=\s)"
)
_ASIDE = re.compile(
    r"""\b(?:if|as\ long\ as|provided|because|so\ that|when|si|s'il|a\ condition\ que|pourvu\ que|car|lorsque
    |siempre\ que|porque|cuando)\b""",
    re.VERBOSE,
)
_EXAMPLES = re.compile(
    r""",?\ (?:such\ as|for\ example|for\ instance|including|par\ exemple|tels?\ que|telles?\ que|notamment
    |por\ ejemplo|tales?\ como)\b[^,;]*""",
    re.VERBOSE,
)
_DETERMINER = re.compile(
    r"""\s*(?:(?:the|a|an|our|your|this|these|for|each|le|la|les|un|une|nos|votre|ce|cette|pour|chaque
    |el|los|las|una|nuestr[oa]s?|para|cada)\b|l')""",
    re.VERBOSE,
)


def bound_of(plain: str, quantity: Quantity) -> Bound:
    """How the sentence bounds the amount."""
    before, behind = plain[: quantity.start], plain[quantity.end :]
    if quantity.kind in {"money", "count", "measure", "percent"}:
        if _MOST.search(before):
            return "most"
        return "from" if _FROM.search(before) or _OR_MORE.match(behind) else "is"
    if quantity.kind == "duration" and _BEFORE_BEHIND.match(behind):
        return "before"
    if _AFTER.search(before):
        return "after"
    if _LEAST.search(before):
        return "least"
    return "before" if _BEFORE.search(before) else "is"


def anchor_of(text: str, start: int) -> range:
    """Where "of delivery" stands behind "30 days"; empty when nothing is counted from."""
    anchor = _ANCHOR.match(text[start:])
    return range(start, start + anchor.end()) if anchor else range(0)


def cut_after(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The first place between `start` and `end` where a clause may end."""
    cut = _CUT.search(text, start, end)
    return cut.span() if cut else None


def aside_after(text: str, start: int, end: int) -> int | None:
    """Where a condition begins between `start` and `end`."""
    aside = _ASIDE.search(text, start, end)
    return aside.start() if aside else None


def without_examples(text: str) -> str:
    """The text with gaps for examples: they name a part of what is meant, the amount is said of the whole."""
    return _EXAMPLES.sub(lambda match: " " * len(match[0]), text)


def begins_with_determiner(text: str) -> bool:
    """Whether a clause starts with "the", "our", "for"."""
    return bool(_DETERMINER.match(text))
