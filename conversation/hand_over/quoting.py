"""Finds in what a customer wrote the words a person would otherwise ask for: what, which, since when."""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from operator import itemgetter
from typing import Literal

from conversation.memory import short
from conversation.turn import TOKEN
from conversation.words.replies import folded
from shared.contracts import Fact, Quote

_Kind = Literal["happened", "order_number", "item", "since", "amount"]

_LONGEST = 300
_FEW, _MANY = 3, 10
"""Words up to which a message says nothing ("agent please", "1005"), from which it says enough by itself."""
_BACK = 3
"""Messages among which one that says more is looked for."""
_SHORT_NAME = 4
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_NUMBER = re.compile(r"(?<![\w-])#?(\d{4,7})(?![\w-]|[.,]\d)")
_CALLED = re.compile(
    r"\b(?:order|parcel|package|commande|colis|pedido|paquete|n[°ºo.]|number|numero|num[ée]ro|n[úu]mero)\W{0,3}$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+")
_AMOUNT = re.compile(
    r"[$€£]\s?\d+(?:[.,]\d{1,2})?|\b\d+(?:[.,]\d{1,2})?\s?(?:\$|€|£|usd|eur|dollars?|euros?|d[óo]lares)(?!\w)",
    re.IGNORECASE,
)
_DAYS = (
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    "lunes|martes|mi[ée]rcoles|jueves|viernes|s[áa]bado|domingo"
)
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|janvier|f[ée]vrier|"
    "mars|avril|mai|juin|juillet|ao[ûu]t|septembre|octobre|novembre|d[ée]cembre|enero|febrero|marzo|abril|mayo|"
    "junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
)
_SPAN = (
    r"(?:\d+|an?|one|two|three|four|five|six|seven|several|une?|deux|trois|quatre|cinq|six|plusieurs|una?|dos|tres|"
    r"cuatro|cinco|seis|varias|varios)\s+(?:minutes?|hours?|days?|weeks?|months?|heures?|jours?|semaines?|mois|"
    r"horas?|d[ií]as?|semanas?|mes(?:es)?)"
)
_SINCE = re.compile(
    rf"\b(?:since\s+(?:last\s+)?\w+(?:\s+\d+)?|(?:for|it'?s been|it has been|after)\s+{_SPAN}|{_SPAN}\s+ago|"
    rf"depuis\s+(?:le\s+)?(?:{_SPAN}|\w+(?:\s+dernier)?)|(?:il y a|[çc]a fait|voil[àa])\s+{_SPAN}|"
    rf"desde\s+(?:hace\s+)?(?:{_SPAN}|(?:el\s+|la\s+)?\w+(?:\s+pasad[oa])?)|(?:hace|llevo|van)\s+{_SPAN}|"
    rf"(?:last|on|le|el|este|ce)\s+(?:{_DAYS}|week|month)(?:\s+(?:dernier|pasado))?|"
    rf"(?:{_MONTHS})\s+\d{{1,2}}(?:st|nd|rd|th)?|(?:the\s+|le\s+|el\s+)?\d{{1,2}}(?:er)?\s+(?:de\s+)?(?:{_MONTHS})|"
    r"yesterday|hier|ayer|anteayer|avant-hier|this morning|ce matin|esta ma[ñn]ana|last (?:night|week|month)|"
    r"la semaine derni[èe]re|la semana pasada)\b",
    re.IGNORECASE,
)


def quotes(
    messages: Sequence[str], *, orders: Iterable[str], items: Iterable[Fact], danger: str = ""
) -> tuple[Quote, ...]:
    """The customer's own words of each kind; `messages` are theirs, the last one last.

    `orders` are numbers we know of, `items` facts of products: a title's word is enough to point at one.
    `danger` are the words of the last message that tell of an injury: the sentence that has them comes first.
    """
    latest = list(enumerate(reversed(messages)))
    found = [
        *_with_danger(messages, danger, _happened(latest)),
        *_numbers(latest, set(orders)),
        *_first("item", latest, lambda text: _item(text, items)),
        *_first("since", latest, lambda text: _match(_SINCE, text)),
        *_first("amount", latest, lambda text: _match(_AMOUNT, text)),
    ]
    return tuple(found)


def numbers(text: str) -> list[str]:
    """The order numbers of a text: with a # or after a word for "order", or where one is all there is."""
    found = [
        match[1]
        for match in _NUMBER.finditer(text)
        if match[0].startswith("#") or _CALLED.search(text, 0, match.start()) or text.strip() == match[0]
    ]
    return list(dict.fromkeys(found))


def _first(of: _Kind, latest: Sequence[tuple[int, str]], find: Callable[[str], str]) -> tuple[Quote, ...]:
    """The newest message that has it."""
    found = ((ago, find(text)) for ago, text in latest)
    return tuple(Quote(of=of, text=words, ago=ago) for ago, words in islice(filter(itemgetter(1), found), 1))


def _happened(latest: Sequence[tuple[int, str]]) -> tuple[Quote, ...]:
    """The last message, if it says enough; of "get me a human", the one of the last few that says most."""
    told = [(len(folded(TOKEN.sub(" ", text)).split()), -ago, text) for ago, text in latest[:_BACK]]
    told = [each for each in told if each[0] > _FEW]
    if not told:
        return ()
    _, ago, text = told[0] if told[0][0] >= _MANY else max(told)
    return (Quote(of="happened", text=short(text, _LONGEST), ago=-ago),)


def _with_danger(messages: Sequence[str], danger: str, told: tuple[Quote, ...]) -> tuple[Quote, ...]:
    """What tells of the injury before all else, however short; once, where the other quote begins with it."""
    heard = folded(danger)
    sentences = _SENTENCE.split(messages[-1]) if heard and messages else []
    found = next((each for each in sentences if heard in folded(each)), "")
    first = Quote(of="happened", text=short(found, _LONGEST), ago=0)
    if not found or any(each.text.startswith(first.text) for each in told):
        return told
    return (first, *told)


def _numbers(latest: Sequence[tuple[int, str]], known: set[str]) -> tuple[Quote, ...]:
    found: dict[str, Quote] = {}
    for ago, text in latest:
        said = [*numbers(text), *(match[1] for match in _NUMBER.finditer(text) if match[1] in known)]
        for number in said:
            found.setdefault(number, Quote(of="order_number", text=number, ago=ago))
    return tuple(found.values())


def _item(text: str, items: Iterable[Fact]) -> str:
    """The words of the customer that name a product, as they wrote them."""
    for fact in items:
        names = {folded(word) for word in fact.value.split() if len(word) >= _SHORT_NAME and word.isalpha()}
        named = [match for match in _WORD.finditer(text) if folded(match[0]).removesuffix("s") in names]
        if named:
            return text[named[0].start() : named[-1].end()][:_LONGEST]
    return ""


def _match(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[0] if found else ""
