"""Recognizes postcodes: by their form where it is their own, else by what stands around five digits."""

import re
from collections.abc import Iterator
from functools import cache

from shared.personal_data.view import View
from shared.personal_data.words import common_words, vocabulary

Found = tuple[int, int, str]

STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC"
    "|ND|OH|OK|OR"
    "|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|ON|QC|BC|AB|MB|SK|NS|NB|NL|PE"
)
# Written small these are words ("ok 10442"); the others are states.
_SMALL_STATES = (
    "ak|az|ar|ca|ct|fl|ga|il|ky|ks|md|mn|ms|mt|ne|nv|nh|nj|nm|ny|nc|nd|ri|sc|sd|tn|tx|ut|vt|va|wv|wi|wy|dc|co"
)
_STATE_NAMES = (
    "alabama|alaska|arizona|arkansas|california|colorado|connecticut|delaware|florida|georgia|hawaii|idaho"
    "|illinois|indiana|iowa|kansas|kentucky|louisiana|maine|maryland|massachusetts|michigan|minnesota"
    "|mississippi|missouri|montana|nebraska|nevada|new hampshire|new jersey|new mexico|new york"
    "|(?:north|south) (?:carolina|dakota)|ohio|oklahoma|oregon|pennsylvania|rhode island|tennessee|texas|utah"
    "|vermont|(?:west )?virginia|washington|wisconsin|wyoming"
)
CITY = r"[A-Z][\w'.-]+(?:[ -](?:[A-Z][\w'.-]+|de|la|le|sur|del|en|les|los|las|upon|under|on)){0,5}"
# The areas of British postcodes that have two letters; small and run together, only these are believed.
_AREAS = (
    "ab|al|b[abdhlnrst]|c[abfhmortvw]|d[adeghlnty]|e[chnx]|f[ky]|g[luy]|h[adgprsux]|i[gmpv]|je|k[atwy]"
    "|l[adelnsu]|m[ekl]|n[egnprw]|o[lx]|p[aehlor]|r[ghm]|s[aegklmnoprstwy]|t[adfnqrsw]|ub|w[acdfnrsv]|yo|ze"
)
_BRITISH = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}"
_ANNOUNCED = (
    r"(?:\bzip(?: ?code)?|post(?:al)? ?code|eircode|code postal|codigo postal|\bc\.?p\.?)"
    r"(?: (?:is|es|est|was|used to be))?[^\w.!?]{0,4}"
    r"(\d[\d -]{2,9}\d|[a-z]{1,2}\d[a-z\d]? ?\d[a-z]{2})\b"
)
# Where somebody is or something goes; then five digits are a place and no order: "send it to 94103".
_THERE = (
    r"(?:\b(?:send|sent|ship|ships|shipped|shipping|deliver|delivers|delivered|delivery|mail"
    r"|mailed|moved|moving|live|living|based|located|store|stores|shop|i'?m|i am|we'?re|we are|somewhere)"
    r"(?: (?:it|them|this|that|here|anything|everything|my order))?"
    r" (?:in|to|near|around|within|from|closest to)"
    r"|\b(?:near|around)|\bhabit(?:e|ons|ez|ent)(?: (?:a|au|dans le|sur le))?"
    r"|\b(?:livr|envoy|expedi|demenag)\w*(?: \w+)? (?:a|au|dans le|vers le|sur le)"
    r"|\b(?:suis|sommes|reside|magasin) (?:a|au|dans le|sur le)"
    r"|\b(?:vivo|vivimos|resido|estoy|estamos|tienda|mudo|mude|mudamos) (?:en|al|en el|en la|cerca del?)"
    r"|\b(?:mand|envi|entreg|lleg|llev)\w*(?: \w+)? (?:al|en el|hasta el))"
)

# "Send it to 12000 people" counts; "send it to 94103 and ..." does not.
_COUNTED = (
    r" (?!(?:and|or|but|by|before|please|can|could|if|with|for|from|instead|as|on|usa?|in|et|ou|mais|avant"
    r"|svp|si|pour|y|o|pero|antes|por|con|para|ya)\b)[a-z]"
)


@cache
def _pattern(source: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile(source, flags)


def find_postcodes(view: View, *, spoken_of: bool) -> Iterator[Found]:
    """Spans of the view (start, end, kind); `spoken_of` where the message is about an address."""
    for start, end in _by_form(view.text):
        yield start, end, "address"
    for found in _pattern(_ANNOUNCED).finditer(view.text):
        yield *found.span(1), "address"
    if _pattern(r"\d{5}").search(view.text):
        for start, end in _by_place(view, spoken_of=spoken_of):
            yield start, end, "address"


def _by_form(text: str) -> Iterator[tuple[int, int]]:
    forms = (
        # Canada, Ireland, the Netherlands (with their town: "1044 XL" is an order and a size).
        (r"\b[ABCEGHJ-NPRSTVXY]\d[ABCEGHJ-NPRSTV-Z][ -]?\d[ABCEGHJ-NPRSTV-Z]\d\b", re.IGNORECASE),
        (r"\b[AC-FHKNPRTV-Y]\d[\dW] (?=\w*\d)[AC-FHKNPRTV-Y][\dAC-FHKNPRTV-Y]{3}\b", 0),
        (r"\b[1-9]\d{3} ?(?!SA|SD|SS|XL|XS)[A-Z]{2},? [A-Z][a-z]{2,}\b", 0),
        # Written small a British postcode looks like a size ("m1 2xl"), so it needs capitals.
        (rf"\b{_BRITISH}\b", 0),
        (r"\b[a-z]{1,2}\d[a-z\d]? \d[abd-hjlnp-uw-z]{2}\b(?<!\dxl)(?<!\dml)", 0),
        (rf"\b(?:{_AREAS})\d[a-z\d]?\d[abd-hjlnp-uw-z]{{2}}\b(?<!\dxl)(?<!\dml)", 0),
    )
    for source, flags in forms:
        for found in _pattern(source, flags).finditer(text):
            yield found.span()
    # "9 4 1 0 3": nobody writes an order so, and no tool would read it.
    for found in _pattern(r"(?<![\w.,+-])(?<!\d )\d([ .-])\d(?:\1\d){3}(?![\w-]|[ .,]\d)", 0).finditer(text):
        if found.group()[::2] not in {"12345", "54321"}:
            yield found.span()


def _by_place(view: View, *, spoken_of: bool) -> Iterator[tuple[int, int]]:
    """Five digits that only their surroundings tell from an order number."""
    text = view.text
    for found in _pattern(rf"{_THERE} (\d{{5}}(?:-\d{{4}})?)(?![\w$€£%-]|[.,]\d|{_COUNTED})").finditer(
        view.lower
    ):
        yield found.span(1)
    for source in (
        rf"\b(?:{CITY},? )?(?:{STATES}),? \d{{5}}(?:-\d{{4}})?\b",
        rf"(?<=, )(?:{_SMALL_STATES}) \d{{5}}\b",
    ):
        for found in _pattern(source, 0).finditer(text):
            yield found.span()
    for found in _pattern(rf"\b(?:{_STATE_NAMES}),? (\d{{5}}(?:-\d{{4}})?)\b").finditer(text):
        yield found.span(1)
    for found in _pattern(rf"\b({CITY})(,?) \d{{5}}(?!\w)", 0).finditer(text):
        words = re.findall(r"[^\W\d_]+", found.group(1).lower())
        if not any(word in (common_words() if found.group(2) else vocabulary()) for word in words):
            yield found.span()
    for found in _pattern(rf"(?<![\w#])\d{{5}},? ({CITY})", 0).finditer(text):
        alone = not re.search(
            r"\w", text[: found.start()].rpartition("\n")[2] + text[found.end() :].partition("\n")[0]
        )
        word = found.group(1).split()[0].lower()
        if word not in (common_words() if spoken_of else vocabulary()) and (spoken_of or alone):
            yield found.span()
