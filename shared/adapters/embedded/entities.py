"""Finds order numbers, products, sizes, colors, amounts, dates, quantities, reasons and codes in a text."""

import re
import unicodedata
from datetime import date
from typing import Literal, get_args, get_type_hints

from shared.adapters.embedded import entity_words as words
from shared.contracts import Entity

Kind = Literal[
    "order_number", "product", "size", "color", "amount", "date", "quantity", "reason", "promo_code"
]  # fmt: skip
assert set(get_args(Kind)) == set(get_args(get_type_hints(Entity)["kind"]))

_TOKEN = re.compile(r"TOKEN_[0-9a-fA-F-]{36}")
_ORDER_WORD = r"(?:orders?|ordr|purchase|commandes?|cmd|achat|pedidos?|[oó]rden|compra)"
_LINK = r"(?:\s*(?:#|no\b\.?|nr\b\.?|num\b\.?|number|numero|n[°ºo]\.?|is|es|est|:|le|el|the|id|de)\s*){0,3}"
_ORDER = re.compile(
    rf"(?:\b{_ORDER_WORD}{_LINK}\s*#?|#\s?)(?P<value>\d{{3,12}})\b(?!\s?(?:[$€£%]|dollars|euros|days|jours|dias))"
)
# A bare number of four or five digits reads as an order unless something near it says what it counts.
_BARE = re.compile(
    r"(?<![\w$€£.,/:#+-])(?P<value>\d{4,5})(?![\w$€£%/:+-]|[.,]\d)(?!\s?(?:[$€£%]|usd|eur|dollars|euros|dolares|"
    r"points|puntos|pts|mah|lumens|ml|km|miles|kms|meters|metros|metres|pesos|people|steps|feet|ft|lbs?|kg))"
)
_NOT_AN_ORDER = re.compile(r"\b(?:zip|zip code|code postal|codigo postal|cp|since|depuis|desde)\s*$")
# "Made in 1998", "in 90210"; "the shoes in 1003" are those of an order.
_IN = re.compile(r"\b(?:in|en)\s*$")
_FIRST_YEAR = 1900
_AMOUNT = re.compile(
    r"(?:(?P<sign>us\$|[$€£])\s?(?P<before>\d[\d,. ]*\d|\d)"
    r"|(?P<after>\d(?:[\d,.]*\d)?)\s?(?P<unit>[$€£]|usd\b|eur\b|dollars?\b|bucks\b|euros?\b|dolares?\b|pesos\b|piastres\b))"
)
_CODE_WORD = (
    r"(?:(?:promo(?:tion(?:al)?)?|discount|coupon) code|voucher|coupon|code(?: promo| de reduction| rabais)?"
    r"|cupon|codigo(?: promocional| de descuento)?)"
)
_CODE = re.compile(
    rf"\b{_CODE_WORD}\s*(?:is|was|:|es|est|\"|«|“|')*\s*(?P<value>[a-z0-9][a-z0-9-]{{3,19}})\b"
)
_LOUD_CODE = re.compile(r"\b(?=[A-Z0-9]*[A-Z])(?=[A-Z0-9]*\d)(?P<value>[A-Z]{3,15}\d{1,4})\b")
_ISO = re.compile(r"\b(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)\b")
_SLASHED = re.compile(r"\b(?P<a>\d{1,2})[/.](?P<b>\d{1,2})(?:[/.](?P<y>(?:20)?\d\d))?\b")
_NAMED_DATE = re.compile(
    rf"\b(?:(?P<m1>{words.MONTH_PATTERN})\.?\s+(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\b"
    rf"|(?:the |le |el )?(?P<d2>\d{{1,2}})(?:st|nd|rd|th|er)?\s+(?:de |of )?(?P<m2>{words.MONTH_PATTERN})\b)"
    r"(?:,?\s+(?:de |del )?(?P<y>20\d\d))?"
)
_RELATIVE = re.compile(rf"\b(?P<value>{words.RELATIVE_PATTERN})\b")
_QUANTITY = re.compile(
    rf"\b(?P<value>\d{{1,2}}|{words.NUMBER_PATTERN})\s+"
    rf"(?=(?:more |other |autres |otr[oa]s |mas )?(?:{words.COUNTED_PATTERN})\b)"
)
_SIZE = re.compile(
    rf"\b(?:(?:size|sz|taille|pointure|talla|talle|numero)\s+(?:de\s+|is\s+|a\s+|an?\s+)?(?P<after>{words.SIZE_PATTERN}|\d{{1,2}}(?:[.,]5)?)"
    rf"|(?P<alone>{words.SIZE_PATTERN}))(?![\w'])"
)
_LETTER_SIZE = re.compile(r"(?<![\w'’$.-])(?P<value>XXS|XS|S|M|L|XL|XXL|XXXL|2XL|3XL)(?![\w'’.-]|\s?\d)")
_COLOR = re.compile(rf"\b(?P<value>{words.COLOR_PATTERN})\b")
_PRODUCT = re.compile(rf"\b(?P<value>{words.PRODUCT_PATTERN})\b")
_NAME_BEFORE = re.compile(r"\b[A-Z][a-z]+\s+(?:(?:[A-Z][a-z]+|\d{1,3}[KL]?|\d-Season)\s+){0,3}$")
# "¿Es impermeable?" asks what something is; "un impermeable" is a rain jacket.
_SAID_OF_IT = re.compile(
    r"\b(?:es|son|era|sea|est|sont|soit|muy|tan|realmente|totalmente|bien|vraiment|totalement)\s+$"
)
_OPENERS = frozenset(
    ["My", "The", "This", "Your", "I", "A", "An", "Which", "Is", "Are", "Does", "Can", "What", "Our", "Hi"]
)
_REASON = re.compile(rf"\b(?P<value>{words.REASON_PATTERN})\b")


def find_entities(text: str, *, open_slot: str = "") -> tuple[Entity, ...]:
    """Entities in order of place; offsets count characters of `text`. Personal tokens are left alone.

    `open_slot` is what the bot asked for: a number after "which order?" is an order number.
    """
    low = _same_length(_TOKEN.sub(lambda found: " " * len(found[0]), text))
    found: list[Entity] = []
    _dates(text, low, found)
    _amounts(text, low, found)
    _orders(text, low, found, asked=open_slot == "order_number")
    _codes(text, low, found)
    _products(text, low, found)
    _quantities(text, low, found)
    _sizes(text, low, found, asked=open_slot == "size")
    for match in _COLOR.finditer(low):
        _add(found, "color", text, match.span("value"), words.COLORS[match["value"]])
    for match in _REASON.finditer(low):
        _add(found, "reason", text, match.span("value"), words.REASONS[match["value"]])
    return tuple(sorted(found, key=lambda entity: entity.start))


def _same_length(text: str) -> str:
    """Lower case without accents, one character for one: offsets stay true."""
    return "".join((unicodedata.normalize("NFD", c.lower())[:1] or " ") if c != "’" else "'" for c in text)


def _add(found: list[Entity], kind: Kind, text: str, span: tuple[int, int], value: str) -> None:
    start, end = span
    if start < end and not any(e.start < end and start < e.end for e in found):
        found.append(Entity(kind=kind, text=text[start:end], value=value, start=start, end=end))


def _orders(text: str, low: str, found: list[Entity], *, asked: bool) -> None:
    for match in _ORDER.finditer(low):
        start = match.start("value") - (low[match.start("value") - 1 : match.start("value")] == "#")
        _add(found, "order_number", text, (start, match.end("value")), match["value"])
    for match in _BARE.finditer(low):
        year = 2019 < int(match["value"]) < 2036
        before = low[: match.start()]
        inside = _IN.search(before) and int(match["value"]) >= _FIRST_YEAR
        if asked or not (year or inside or _NOT_AN_ORDER.search(before)):
            _add(found, "order_number", text, match.span("value"), match["value"])
    if asked and not any(entity.kind == "order_number" for entity in found):
        for match in re.finditer(r"(?<!\w)#?(?P<value>\d{3,12})\b", low):
            _add(found, "order_number", text, match.span(), match["value"])


def _amounts(text: str, low: str, found: list[Entity]) -> None:
    for match in _AMOUNT.finditer(low):
        value = _decimal(match["before"] or match["after"])
        unit = words.CURRENCIES[match["sign"] or match["unit"]]
        _add(found, "amount", text, match.span(), f"{value} {unit}")


def _decimal(shown: str) -> str:
    """`1,299.50`, `1.299,50`, `12,99` and `12` as `1299.50`, `1299.50`, `12.99` and `12`."""
    digits = shown.replace(" ", "").rstrip(".,")
    mark = max(digits.rfind("."), digits.rfind(","))
    if mark > 0 and len(digits) - mark - 1 in {1, 2}:
        return f"{re.sub('[.,]', '', digits[:mark])}.{digits[mark + 1 :]}"
    return re.sub("[.,]", "", digits)


def _codes(text: str, low: str, found: list[Entity]) -> None:
    for match in _CODE.finditer(low):
        shown = text[slice(*match.span("value"))]
        if (shown.isupper() or any(c.isdigit() for c in shown)) and not shown.isdigit():
            _add(found, "promo_code", text, match.span("value"), shown.upper())
    for match in _LOUD_CODE.finditer(text):
        if not match["value"].startswith(words.NOT_CODES):
            _add(found, "promo_code", text, match.span("value"), match["value"])


def _dates(text: str, low: str, found: list[Entity]) -> None:
    for match in _ISO.finditer(low):
        _add(found, "date", text, match.span(), match[0])
    for match in _NAMED_DATE.finditer(low):
        month, day = words.MONTHS[match["m1"] or match["m2"]], int(match["d1"] or match["d2"])
        _add(found, "date", text, match.span(), _day(match["y"], month, day) or match[0])
    for match in _SLASHED.finditer(low):
        first, second = int(match["a"]), int(match["b"])
        # Month first as in the shop's country, unless that is no month.
        month, day = (first, second) if first <= 12 else (second, first)
        value = _day(match["y"], month, day)
        if value and ("/" in match[0] or match["y"]):
            _add(found, "date", text, match.span(), value)
    for match in _RELATIVE.finditer(low):
        _add(found, "date", text, match.span(), words.RELATIVE[match["value"]])


def _day(year: str | None, month: int, day: int) -> str:
    """ISO date, `--MM-DD` without a year (ISO 8601-1:2019), empty when there is no such day."""
    try:
        whole = date(int(year[-2:]) + 2000 if year else 2024, month, day)
    except ValueError:
        return ""
    return whole.isoformat() if year else f"--{whole:%m-%d}"


def _quantities(text: str, low: str, found: list[Entity]) -> None:
    for match in _QUANTITY.finditer(low):
        value = words.NUMBERS.get(match["value"], match["value"])
        _add(found, "quantity", text, match.span("value"), value)


def _sizes(text: str, low: str, found: list[Entity], *, asked: bool) -> None:
    for match in _SIZE.finditer(low):
        shown = match["after"] or match["alone"]
        _add(
            found,
            "size",
            text,
            match.span("after" if match["after"] else "alone"),
            words.SIZES.get(shown, shown),
        )
    for match in _LETTER_SIZE.finditer(text):
        _add(found, "size", text, match.span("value"), match["value"])
    if asked and (
        alone := re.fullmatch(r"\W*(?:a |an |the |un |une |la |el )?(\d{1,2}(?:[.,]5)?|[smlx]{1,3})\W*", low)
    ):
        _add(found, "size", text, alone.span(1), alone[1].upper())


def _products(text: str, low: str, found: list[Entity]) -> None:
    for match in _PRODUCT.finditer(low):
        start, end = match.span("value")
        if match["value"] in words.PROPERTIES_TOO and _SAID_OF_IT.search(low[:start]):
            continue
        value = words.PRODUCTS[match["value"]]
        name = _NAME_BEFORE.search(text[:start])
        if (
            name
        ):  # "My Tern 2 Tent": the capitals before the noun are its name, but for a sentence's first word
            first = name[0].split()[0]
            lead = name.start() + (len(first) + 1 if first in _OPENERS else 0)
            if lead < start:
                start, value = lead, text[lead:end]
        _add(found, "product", text, (start, end), value)
