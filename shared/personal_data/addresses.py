"""Recognizes postal addresses as they are written in the US, Canada, Britain, France and Spain."""

import re
from collections.abc import Iterator
from functools import cache

from rapidfuzz.distance import OSA

from shared.personal_data.view import View
from shared.personal_data.words import common_words, vocabulary

Found = tuple[int, int, str]

_SURE = (
    "street|avenue|ave|road|rd|boulevard|blvd|lane|ln|terrace|crescent|parkway|pkwy|highway|hwy|cul-de-sac"
    "|mews|quay|gardens|expressway|turnpike"
)
# Also ordinary words; they name a street when written with a capital or where an address is spoken of.
_DOUBTFUL = (
    "st|drive|dr|court|ct|place|pl|way|square|sq|circle|cir|trail|trl|close|row|loop|alley|broadway|grove"
    "|hill|green|walk|park|route|wharf|yard|rise|view|heights|landing|ridge|run|parade|gate|fields|orchard"
    "|crossing|hollow|plaza|mount|chase|croft|drove|garth"
)
_SPOKEN_OF = (
    r"add?ress?|adress?e|direcc?ion|domicilio|\blive\b|living|\bliv(?:e|ing) (?:at|on)|\bmoved\b|deliver"
    r"|ship(?:ped|ping)? (?:it )?to|sen[dt] (?:it )?to|habite|demeure|livr|envoy|\bvivo\b|enviar|envie"
    r"|entreg|located|resid|\bhome\b|zip|postal"
)
_STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC"
    "|ND|OH|OK|OR"
    "|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|ON|QC|BC|AB|MB|SK|NS|NB|NL|PE"
)
_UNIT = (
    r"(?:,? ?(?:apt|apartment|unit|suite|ste|flat|floor|appt|appartement|piso|puerta|bat|batiment|#)\.? ?"
    r"#?[\w-]{1,5})"
)
_CITY = r"[A-Z][\w'.-]+(?:[ -](?:[A-Z][\w'.-]+|de|la|le|sur|del|en|les|los|las|upon|under|on)){0,5}"
_ENGLISH = (
    r"(?<![\w#$€£.,-])(?:(?:flat|unit|apt|apartment|suite)\.? ?#?\w{1,4},? )?"
    r"\d{1,5}[a-z]?(?:-\d{1,4})?,? (?:[nsew]{1,2}\.? )?"
    rf"((?:(?!\d{{4}})[\w'.-]+ ){{0,3}}?[\w'.-]+) ({_SURE}|{_DOUBTFUL})\b\.?"
    rf"(?: (?:n|s|e|w|ne|nw|se|sw)\b)?{_UNIT}?"
)
_CODE = r"(?:\d{5}(?:-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d)"
_FRENCH = (
    r"(?<![\w#$€£.,-])\d{1,4}(?: ?(?:bis|ter|quater|[a-d])\b)?,? (?:rue|ru|avenue?|av|boulevard|bd|blvd"
    r"|place|pl"
    r"|chemin|impasse|allees?|quai|cours|route|square|passage|faubourg|sentier|villa|residence|esplanade"
    r"|montee|promenade|lotissement|hameau|domaine)(?!\w)\.?"
    r"(?: (?:du|des|de la|de l'|de|d'|la|le|les|l'))? ?[\w'-]+"
    r"(?:[ -](?:(?:du|des|de la|de|et|la|le|les|sur) )?(?-i:[A-Z])[\w'-]*){0,4}"
)
# Switzerland, Belgium, Québec: the number stands behind.
_RUE = (
    r"\b(?:rue|avenue|av|boulevard|chemin|route|place|quai|allee|impasse)\.? (?:(?:du|des|de la|de l'"
    r"|de|la|le|les) ?)?"
    r"(?-i:[A-Z])[\w'-]+(?: (?:(?:du|des|de|la) )?(?-i:[A-Z])[\w'-]+){0,3},? \d{1,4}(?: ?[a-d]\b)?"
    r"(?:,? \d{4,5} (?-i:[A-Z])[\w'-]+)?"
)
_VIA = (
    r"calle|cale|avenida|avenda|avda?|paseo|pso|plaza|pza|plza|carrer|camino|ronda|travesia|carretera"
    r"|glorieta"
    r"|via|rambla|alameda|cuesta|bulevar|calz(?:ada)?|privada|priv|cerrada|andador|prol(?:ongacion)?"
    r"|circuito|eje"
    r"|rua|gran via"
)
_SPANISH = (
    rf"\b(?:(?:{_VIA})\b\.?|c/(?!o\b)|cl\.|av\b\.?) ?(?:(?:de la|de los|de las|del|de|la|el|los"
    rf"|las) )?[\w'-]+"
    r"(?: (?:(?:de la|de los|del|de|y|la) )?[\w'-]+){0,3}?,? (?:#|n[uo]?m?(?:ero)?[.o]{0,2} ?)?\d{1,5}"
    r"(?:,? \d{1,2} ?[oºa]?\b(?: ?[a-z]\b)?|,? (?:bajo|atico|piso|esc|int)[\w .]{0,8})?"
    r"(?:,? (?:col(?:onia)?|fracc(?:ionamiento)?|barrio|urb)\b\.? [\w .'-]{2,30}?(?=,|\n|$|\s\d{5}\b))?"
)
_BOX = r"\b(?:p\.?\s?o\.?\s?box|apartado(?: de correos)?|boite postale|b\.?p\.?) ?\d{1,6}\b"
_MISSPELLED = r"(?<![\w#$€£.,-])(\d{1,5})((?: [a-z][\w'.-]*){2,4})"
_LONG_KINDS = (
    "street avenue road drive lane boulevard court place square terrace circle parkway highway trail close"
    " crescent gardens broadway"
)
# No street is named, but a postcode and a town end what began with a house or an estate.
_ESTATE = (
    r"\b(?:urb(?:anizacion)?|res(?:idencia|idence)?|finca|lotissement|hameau|lieu-dit|domaine|col(?:onia)?"
    r"|bloque|torre|manzana|mz|chalet|poligono)\b\.? [\w .,'ºª-]{2,60}?\b\d{5} (?-i:[A-Z])[\w'-]+"
)
_WHOLE = (
    r"(?<![\w#$€£.,-])\d{1,5}[a-z]?(?: ?(?:bis|ter))?,? (?=[a-z])[\w .'-]{3,45}?,?\s+(?:[\w .'-]{2,30}?,\s*)?"
    rf"(?:(?-i:(?:{_STATES}))\.?,? \d{{5}}\b|[a-z]{{1,2}}\d[a-z\d]? \d[abd-hjlnp-uw-z]{{2}}\b"
    rf"|[a-z]\d[a-z] \d[a-z]\d\b"
    r"|\d{5} (?-i:[A-Z])[\w'-]+)"
)
_TOGETHER = (
    rf"\b\d{{1,5}} ?(?-i:[A-Z])[a-z]+\w*?(?:{_SURE}|drive|court|place|way)\b"
    rf"|\b\d{{1,4}}(?:rue|avenue|chemin|impasse|allee|boulevard|quai)(?:des?|du|la)?\w{{4,}}\b"
    rf"|\b(?:calle|avenida|paseo|plaza)(?-i:[A-Z])\w{{2,}}\d{{1,4}}\b"
)


@cache
def _pattern(source: str, flags: int = re.IGNORECASE) -> re.Pattern[str]:
    return re.compile(source, flags)


def find_addresses(view: View) -> Iterator[Found]:
    """Spans of the view (start, end, kind)."""
    spoken_of = bool(_pattern(_SPOKEN_OF).search(view.lower))
    if view.numbered:
        for start, end in _streets(view, spoken_of=spoken_of):
            yield start, _with_town(view.text, end), "address"
        yield from _codes(view, spoken_of=spoken_of)
    yield from _named_streets(view, spoken_of=spoken_of)


def _named_streets(view: View, *, spoken_of: bool) -> Iterator[Found]:
    """A street without its number: "Laurel Lane"."""
    if view.shouted:
        return
    suffix = f"{_title(_SURE)}|Drive" + (f"|(?:{_title(_DOUBTFUL)})(?! [A-Z])" if spoken_of else "")
    name = r"((?:[NSEW]|North|South|East|West)\.? )?([A-Z][a-z'-]+)( [A-Z][\w'-]+)?"
    for found in _pattern(rf"\b{name} (?:{suffix})\b", 0).finditer(view.text):
        if found.group(2).lower() not in common_words() or found.group(1):
            yield found.start(), _with_town(view.text, found.end()), "address"
    # "Court" and "Circle" end a street; before a noun they are goods: "Center Court Shoes".
    for found in _pattern(
        r"\b(?!The|This|Your|My)[A-Z][a-z'-]+ (?:Court|Place|Circle|Crescent|Square)\b", 0
    ).finditer(view.text):
        goods = re.match(r" [A-Z]", view.text[found.end() :]) or not _ends_there(view.text, found.end())
        if not goods and found.group().split()[0].lower() not in common_words():
            yield found.start(), found.end(), "address"


@cache
def _title(words: str) -> str:
    return "|".join(word.title() for word in words.split("|"))


def _streets(view: View, *, spoken_of: bool) -> Iterator[tuple[int, int]]:
    text = view.text
    for found in _pattern(_ENGLISH).finditer(text):
        name = found.group(1)
        if any(word.strip(".'") in _not_streets() for word in name.lower().split()):
            continue
        capital = all(word[0].isupper() or word[0].isdigit() for word in name.split())
        sure = _pattern(_SURE).fullmatch(found.group(2)) is not None
        clear = found.group(2)[0].isupper() or len(found.group().split()[0]) > 2
        if sure or spoken_of or ((capital or clear) and clear and _ends_there(text, found.end())):
            yield found.span()
    for found in _pattern(_FRENCH).finditer(text):
        if spoken_of or not _is_goods(found.group()):
            yield found.span()
    for found in _pattern(_SPANISH).finditer(text):
        if spoken_of or _is_via(found.group(), shouted=view.shouted):
            yield found.span()
    for source in (_RUE, _BOX, _ESTATE, _WHOLE, _TOGETHER):
        for found in _pattern(source).finditer(text):
            yield found.span()
    yield from _slips(view, spoken_of=spoken_of)


def _is_goods(phrase: str) -> bool:
    """Whether a kind of street counts something here: "2 place assises"."""
    return bool(re.match(r"\d,? (?:places?|cours|passage|routes?|villa|chemin|pl) [^A-Z]+$", phrase))


def _is_via(phrase: str, *, shouted: bool) -> bool:
    """Whether a Spanish street has a name: "calle Olmo 16", not "camino de 12 km"."""
    kind, *words = re.findall(r"[^\W\d_]+", phrase.partition(",")[0])
    names = [word for word in words if len(word) > 2 and word.lower() not in {"del", "las", "los", "num"}]
    if not names:
        return False
    capital = any(word[0].isupper() for word in names) and not shouted
    sure = kind.lower() in {"calle", "avenida", "avda", "avd", "c", "paseo", "privada"}
    common = all(word.lower() in common_words() for word in names)
    return capital or (sure and not common) or any(word.lower() not in vocabulary() for word in names)


def _slips(view: View, *, spoken_of: bool) -> Iterator[tuple[int, int]]:
    """A street whose kind is misspelled: "445 Maple Drvie"."""
    for found in _pattern(_MISSPELLED).finditer(view.text):
        number, words = found.group(1), found.group(2)
        for word in list(_pattern(r"[a-z'-]{3,12}\b").finditer(words))[1:]:
            kind = word.group().lower()
            capital = word.group()[0].isupper() and not view.shouted
            clear = capital or spoken_of or (len(number) > 2 and len(kind) > 3)
            if clear and kind not in vocabulary() and _is_nearly_a_kind(kind):
                yield found.start(), found.start(2) + word.end()
                break


def _is_nearly_a_kind(word: str) -> bool:
    return any(OSA.distance(word, kind, score_cutoff=1) < 2 for kind in _LONG_KINDS.split())


@cache
def _not_streets() -> frozenset[str]:
    """Words between a number and "way" or "drive" that speak of something else."""
    keep = (
        "new old high long big king the black blue green white red main first last april may june august de"
    )
    extra = "minute minutes hour hours miles mile km pack season days months month"
    return (common_words() | frozenset(extra.split())) - frozenset(keep.split()) - {"la", "del"}


def _ends_there(text: str, end: int) -> bool:
    """Whether the street ends the phrase: "2 Summit Trail jackets" is goods."""
    following = re.match(r" ([a-z]+)", text[end:])
    return following is None or following.group(1) in common_words()


def _with_town(text: str, end: int) -> int:
    """The end of the address with unit, town, state and postcode."""
    unit = _pattern(_UNIT).match(text, end)
    if unit:
        end = unit.end()
    for source in (
        rf"[.,\s]{{1,6}}(?:{_CITY}[,\s]{{1,3}})?(?:{_STATES})\b\.?(?:[,\s]{{1,3}}{_CODE})?",
        rf"[,\s]{{1,3}}\d{{5}}[,\s]{{1,2}}{_CITY}",
        rf"[,\s]{{1,3}}(?:{_CITY}[,\s]{{1,3}})?\d{{5}}(?:-\d{{4}})?\b",
        rf"[,\s]{{1,3}}{_CITY}[,\s]{{1,3}}[A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}}\b",
        rf", {_CITY}(?=[\s,.!?]|$)",
    ):
        found = _pattern(source, 0).match(text, end)
        if found:
            return found.end() - (found.group()[-1] == ".")
    small = _pattern(rf"[,\s]{{1,3}}(?:[\w'-]+[,\s]{{1,3}}){{1,3}}?(?:{_STATES})[,\s]{{1,3}}\d{{5}}\b").match(
        text, end
    )
    return small.end() if small else end


def _codes(view: View, *, spoken_of: bool) -> Iterator[Found]:
    """Postcodes that only their surroundings tell from an order number."""
    cue = (
        r"(?:\bzip(?: ?code)?|post(?:al)? ?code|code postal|codigo postal|\bc\.?p\.?)"
        r"(?: (?:is|es|est|was|used to be))?\s?[:=#]?\s?"
    )
    for found in _pattern(rf"{cue}(\d[\d -]{{2,9}}\d|[a-z]{{1,2}}\d[a-z\d]? ?\d[a-z]{{2}})\b").finditer(
        view.text
    ):
        yield found.start(1), found.end(1), "address"
    for found in _pattern(rf"\b(?:{_CITY},? )?(?:{_STATES}),? \d{{5}}(?:-\d{{4}})?\b", 0).finditer(view.text):
        yield found.start(), found.end(), "address"
    for found in _pattern(rf"\b({_CITY}), \d{{5}}(?!\w)", 0).finditer(view.text):
        if not any(word in common_words() for word in found.group(1).lower().split()):
            yield found.start(), found.end(), "address"
    if spoken_of:
        for found in _pattern(rf"(?<![\w#])\d{{5}},? ({_CITY})", 0).finditer(view.text):
            if found.group(1).split()[0].lower() not in common_words():
                yield found.start(), found.end(), "address"
