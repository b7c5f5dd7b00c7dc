"""Finds where a French or Spanish address ends: floor and door, postcode and town, however small."""

import re
from functools import cache

from shared.personal_data.view import View
from shared.personal_data.words import any_names, common_words, vocabulary

# The view writes "2º" as "2o" and "3ème" as "3eme".
_SIDE = (
    r"(?:izq(?:uierda|da)?|d(?:e?re)?cha|dcho|dch|drch?a|centro|ctro|gauche|droite|interior|exterior)\b\.?"
)
_FLOOR = (
    rf"(?:\d{{1,2}}(?:[oa]|er|e|eme|ere|nd)(?: etage| piso| planta)?(?:,? ?-? ?(?:{_SIDE}|[a-k]\b|\d\b))?"
    rf"|\d{{1,2}} ?- ?(?:\d{{1,2}}|[a-k])|\d{{1,2}}[a-k]|\d{{1,2}} [a-k](?=\s*(?:$|[,.;\n]|\d{{5}}))"
    rf"|\d{{1,2}} {_SIDE}|{_SIDE}"
    r"|(?:piso|planta|puerta|pta|esc(?:alera|alier)?|portal|bloque|blq|bat(?:iment)?|app(?:t|artement)?|apt|porte"
    r"|etage|hall|entree|cage)\.? ?(?:\d{1,4}[a-k]?|[a-k]\d{0,2})"
    rf"|(?:bajo|atico|entresuelo|semisotano|rdc|rez-de-chaussee)(?: (?:{_SIDE}|[a-k]))?)(?!\w)"
)
_CODE = r"(?:(?:cp|c\.p\.|code postal|codigo postal) ?)?(?:[fe]-)?\d{5}(?![\w-]|[.,]\d)"
_LEADS = r"(?:l[ae]s?|los|el|saint|sainte|ste?|san|santa|sant)[ -]"
_TOWN = rf"({_LEADS})?([a-z][a-z'-]+)"
_JOINED = r"[ -](?:de la|de los|del?|du|sur|sous|en|les) ([a-z][a-z'-]+)"
_SMALL_WORDS = frozenset({"de", "du", "des", "la", "le", "les", "l", "d", "et", "del", "los", "las", "y"})
# Between a street and five digits these make an order number of them.
_ORDERS = frozenset(
    {"commande", "commandes", "colis", "facture", "suivi", "reference", "ref", "numero", "num", "order"}
    | {"orders", "parcel", "pedido", "pedidos", "paquete", "factura", "compra", "encargo"}
)
_MOST_WORDS = 4


@cache
def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)


def address_end(view: View, end: int) -> tuple[int, bool]:
    """Where the address ends whose street ends at `end`, and whether it is with postcode and town."""
    words = list(_rest(view, end))
    for stop in (end, *words):
        floors = _pattern(rf"(?:-\d{{1,2}}\b)?(?:[, ]{{1,2}}{_FLOOR}){{0,6}}").match(view.text, stop)
        inner = floors.end() if floors else stop
        code = _pattern(rf"[,\s]{{1,3}}{_CODE}").match(view.text, inner)
        if code:
            town = _town_end(view, code.end())
            if stop == end or town > code.end():  # five digits far from the street need their town
                return town, town > code.end()
        elif stop == end and inner > end:
            return inner, False
    return _named(view, end, words), False


def _rest(view: View, end: int) -> list[int]:
    """The ends of the words that may go on with the street's name: "moulin bleu"."""
    ends: list[int] = []
    place = end
    while len(ends) < _MOST_WORDS and (
        found := _pattern(r"[ -]([a-z][a-z']*)(?![\w@])").match(view.text, place)
    ):
        word = found.group(1).lower()
        if word in _ORDERS or (word in common_words() and word not in _SMALL_WORDS):
            break
        place = found.end()
        ends.append(place)
    return ends


def _named(view: View, end: int, words: list[int]) -> int:
    """The end of a street's name without a postcode: only names and words no list knows go on with it."""
    start = end
    for stop in words:
        word = view.lower[start + 1 : stop]
        if word in vocabulary() and word not in any_names():
            return end
        start = stop
    return start if _pattern(r"\s*(?:$|[,.;:!?\n])").match(view.text, start) else end


def _town_end(view: View, end: int) -> int:
    """The end of the town that follows a postcode; `end` when none does."""
    town = _pattern(rf"[,\s]{{1,3}}{_TOWN}").match(view.text, end)
    if not town or town.group(2).lower() in common_words():
        return end
    joined = _pattern(_JOINED).match(view.text, town.end())
    known = joined is not None and joined.group(1).lower() in vocabulary()
    return joined.end() if joined and not known else town.end()
