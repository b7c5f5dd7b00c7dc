"""Recognizes postal addresses as they are written in North America, Britain, France, Spain and their like."""

import re
from collections.abc import Iterator
from functools import cache

from rapidfuzz.distance import OSA

from shared.personal_data.address_ends import address_end
from shared.personal_data.compound_streets import compound_streets
from shared.personal_data.postcodes import CITY, STATES, find_postcodes
from shared.personal_data.view import View
from shared.personal_data.words import common_words, vocabulary

Found = tuple[int, int, str]
_SURE = (
    "street|avenue|ave|road|rd|boulevard|blvd|lane|ln|terrace|crescent|parkway|pkwy|highway|hwy|cul-de-sac"
    "|mews|quay|gardens|expressway|turnpike"
)
_SIGNS_AS_SPACES = str.maketrans("-_.", "   ")
_LONG = "street|avenue|road|boulevard|lane|terrace|crescent|parkway"
# Also ordinary words; they name a street when written with a capital or where an address is spoken of.
_DOUBTFUL = (
    "st|drive|dr|court|ct|place|pl|way|square|sq|circle|cir|trail|trl|close|row|loop|alley|broadway|grove"
    "|hill|green|walk|park|route|wharf|yard|rise|view|heights|landing|ridge|run|parade|gate|fields|orchard"
    "|crossing|hollow|plaza|mount|chase|croft|drove|garth|ter|terr"
)
_SPOKEN_OF = (
    r"add?ress?|adress?e|direcc?ion|domicilio|\blive\b|living|\bliv(?:e|ing) (?:at|on)|\bmoved\b|deliver"
    r"|ship(?:ped|ping)? (?:it )?to|sen[dt] (?:it )?to|habite|demeure|livr|envoy|\bvivo\b|enviar|envie"
    r"|entreg|located|resid|\bhome\b|zip|postal"
)
_UNIT = (
    r"(?:,? ?(?:apt|apartment|unit|suite|ste|flat|floor|appt|appartement|piso|puerta|bat|batiment|#)\.? ?"
    r"#?[\w-]{1,5})"
)
# "Change 1003 to 5 Elm Street": the number before it is an order's.
_NO_OTHER = r"(?!(?:to|for|from|is|at|[aà]|aux?|en|pour|por|al) (?:\d|calle|avenida|rue))"
_ENGLISH = (
    r"(?<![\w#$€£.,-])(?:(?:flat|unit|apt|apartment|suite)\.? ?#?\w{1,4},? )?"
    rf"\d{{1,5}}[a-z]?(?:-\d{{1,4}})?,? {_NO_OTHER}(?:[nsew]{{1,2}}\.? )?"
    rf"((?:(?!\d{{4}})[\w'.-]+ ){{0,3}}?[\w'.-]+) ({_SURE}|{_DOUBTFUL})\b\.?"
    rf"(?: (?:n|s|e|w|ne|nw|se|sw)\b)?{_UNIT}?"
)
_CODE = r"(?:\d{5}(?:-\d{4})?|[A-Z]\d[A-Z] ?\d[A-Z]\d)"
_VOIE = (
    r"rue|ru|avenue?|av|boulevard|bd|blvd|place|pl|chemin|impasse|allees?|quai|cours|route|square|passage"
    r"|faubourg|sentier|villa|residence|esplanade|montee|promenade|lotissement|hameau|domaine"
    r"|r\.|imp\.?|rte|fbg|chem\.?"
)
_FRENCH = (
    rf"(?<![\w#$€£.,-])\d{{1,4}}(?: ?(?:bis|ter|quater|[a-d])\b)?,? (?:{_VOIE})(?!\w)\.?"
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
    r"|glorieta|via|rambla|alameda|cuesta|bulevar|calz|calzada|privada|priv|cerrada|andador|prol"
    r"|prolongacion|circuito|eje|rua|gran via|jiron|jr|pasaje|psje|pje|autopista|malecon"
)
_SPANISH = (
    rf"\b(?:(?:{_VIA})\b\.?|c/(?!o\b)|cl\.|av\b\.?) ?(?:(?:de(?: l[ao]s?)?|del|la|el|los|las) )?[\w'-]+"
    r"(?: (?:(?:de la|de los|del|de|y|la) )?[\w'-]+){0,3}?,? (?:s/n\b"
    r"|(?:#|n[uo]?m?(?:ero)?[.o]{0,2} ?|km ?)?\d{1,5})"
    r"(?:,? \d{1,2} ?[oºa]?\b(?: ?[a-z]\b)?|,? (?:bajo|atico|piso|esc|int)\b\.?(?: (?:\d{1,3}|[a-k])\b)?)?"
    r"(?:,? (?:col(?:onia)?|fracc(?:ionamiento)?|barrio|urb)\b\.? [\w .'-]{2,30}?(?=,|\n|$|\s\d{5}\b))?"
)
# Colombia: "Cra 7 # 45-23", "Calle 100 No. 8A-49".
_CRA = "calle|cll?|carrera|cra|kra|cr|kr|avenida|av|diagonal|diag|dg|transversal|transv|tv"
_CARRERA = (
    rf"\b(?:{_CRA})\.? \d{{1,3}} ?[a-z]?"
    r"(?: (?:bis|sur|norte|este|oeste))? ?(?:#|no\.?|n[uo°]\.?|numero)\s?\d{1,3} ?[a-z]? ?- ?\d{1,3}"
    r"(?:,? (?:apto?|apartamento|torre|int|casa|piso|of(?:icina)?)\.? \w{1,5})*(?:, (?-i:[A-Z])\w+)?"
)
# A house or an estate with a part of it: "Edificio Miramar, portal 2", "residence Les Tilleuls bat C".
_HOUSE = (
    r"\b(?:urb(?:anizacion)?|pol(?:igono)?|edif(?:icio)?|residencial|residen(?:cia|ce)|conjunto|condominio"
    r"|torre|lotissement|domaine|immeuble|batiment)\.? (?:(?:de la|de los|del|de|des|du|la|los|las|les|le"
    r"|el) )?(?-i:[A-Z])[\w'-]+(?: (?:de |la |del )?(?-i:[A-Z])[\w'-]+){0,3},? "
    r"(?:casa|nave|portal|bloque|piso|torre|lote|manzana|mz|apto?|local|parcela|n[uo°]?m?\.?|bat\.?"
    r"|batiment|appt|esc)\.? ?\w{1,4}\b(?:,? \d{1,2} ?[oa]? ?[a-z]?\b)?"
    r"|\b(?:flat|unit|apt|apartment) \w{1,4},? (?-i:[A-Z])[\w'-]+"
    r" (?:house|cottage|farm|lodge|manor|hall|court)\b"
)
# Where somebody says that they live: "my house is at Los Almendros 22".
_LIVED_AT = (
    r"(?:\b(?:vivo|vivimos|resido|casa (?:esta|queda)|domicilio(?: es)?|direccion(?: es)?)(?: en)?"
    r"|\b(?:habite|habitons|demeure)(?: au| a)?|\b(?:live|living|house is) (?:at|in|on)):? "
    r"((?-i:[A-Z])[\w'-]+(?: (?:(?:de|del|la|du|des) )?(?-i:[A-Z])[\w'-]+){0,3},? \d{1,4}\b)"
)
# The number behind the street, as on the continent: "rowan street 44".
_BEHIND = rf"\b(?:[\w'.-]+ ){{0,2}}?([\w'.-]+) (?:{_SURE}),? \d{{1,5}}(?![\w.,]?\d|\w)"
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
    rf"(?<![\w#$€£.,-])\d{{1,5}}[a-z]?(?: ?(?:bis|ter))?,? {_NO_OTHER}"
    r"(?=[a-z])[\w .'-]{3,45}?,?\s+(?:[\w .'-]{2,30}?,\s*)?"
    rf"(?:(?-i:(?:{STATES}))\.?,? \d{{5}}\b|[a-z]{{1,2}}\d[a-z\d]? \d[abd-hjlnp-uw-z]{{2}}\b"
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
    if view.numbered or "s/n" in view.lower:
        for start, end in _streets(view, spoken_of=spoken_of):
            yield start, _with_town(view.text, end), "address"
        yield from find_postcodes(view, spoken_of=spoken_of)
    for found in _pattern(_HOUSE).finditer(view.text):
        yield *found.span(), "address"
    yield from _named_streets(view, spoken_of=spoken_of)


def _named_streets(view: View, *, spoken_of: bool) -> Iterator[Found]:
    """A street without its number: "Laurel Lane"."""
    for found in _pattern(rf"(?<![\w-])([a-z']+) (?:{_LONG})\b").finditer(view.text):
        # "park avenue" is a place, "the same street" and "the bus lane" are none.
        word, sure = found.group(1).lower(), found.group().lower().endswith(("street", "avenue"))
        if word not in (_no_street_names() if sure else vocabulary()):
            end = found.end() if view.shouted else _with_town(view.text, found.end())
            yield found.start(), end, "address"
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
def _no_street_names() -> frozenset[str]:
    plain = "main high same next wrong right whole side cross second third quelle cette grande chaque toute"
    return common_words() | frozenset(plain.split())


@cache
def _title(words: str) -> str:
    return "|".join(word.title() for word in words.split("|"))


def _streets(view: View, *, spoken_of: bool) -> Iterator[tuple[int, int]]:
    text = view.text
    if _speaks_of(view, f"{_SURE}|{_DOUBTFUL}"):
        yield from _english(text, spoken_of=spoken_of)
        if _pattern(r"\d[-_.][a-z]").search(text):  # "742_Rowan_Avenue"
            yield from _english(text.translate(_SIGNS_AS_SPACES), spoken_of=spoken_of)
    if _speaks_of(view, _VOIE):
        for found in _pattern(_FRENCH).finditer(text):
            end, coded = address_end(view, found.end())
            if spoken_of or coded or not _is_goods(found.group()):
                yield found.start(), end
    if _speaks_of(view, f"{_VIA}|c|cl|av"):
        for found in _pattern(_SPANISH).finditer(text):
            if spoken_of or _is_via(found.group(), shouted=view.shouted):
                yield found.start(), address_end(view, found.end())[0]
    yield from _sure_forms(view)
    yield from compound_streets(view)
    yield from _slips(view, spoken_of=spoken_of)


def _sure_forms(view: View) -> Iterator[tuple[int, int]]:
    """Forms that are an address wherever they stand."""
    anywhere = ((None, source) for source in (_LIVED_AT, _BOX, _ESTATE, _WHOLE, _TOGETHER))
    for kinds, source in ((_VOIE, _RUE), (_CRA, _CARRERA), *anywhere):
        if kinds is None or _speaks_of(view, kinds):
            for found in _pattern(source).finditer(view.text):
                yield found.span(found.re.groups)


def _speaks_of(view: View, kinds: str) -> bool:
    """Whether a kind of street is named at all; its pattern costs ten times as much."""
    return not _words_of(kinds).isdisjoint(view.plain)


@cache
def _words_of(kinds: str) -> frozenset[str]:
    """The words of a pattern of alternatives, its optional letters left out and in."""
    plain = kinds.replace("\\.", "")
    return frozenset(re.findall("[a-z]+", re.sub(r".\?", "", plain) + "|" + plain.replace("?", "")))


def _english(text: str, *, spoken_of: bool) -> Iterator[tuple[int, int]]:
    for found in _pattern(_ENGLISH).finditer(text):
        if any(word.strip(".'") in _not_streets() for word in found.group(1).lower().split()):
            continue
        sure = _pattern(_SURE).fullmatch(found.group(2)) is not None
        clear = found.group(2)[0].isupper() or len(found.group().split()[0]) > 2
        alone = not re.search(r"\w", text[: found.start()] + text[found.end() :])
        if sure or spoken_of or alone or (clear and _ends_there(text, found.end())):
            yield found.span()
    for found in _pattern(_BEHIND).finditer(text):
        if found.group(1).lower() not in common_words():
            yield found.start(1), found.end()


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
        rf"[.,\s]{{1,6}}(?:{CITY}[,\s]{{1,3}})?(?:{STATES})\b\.?(?:[,\s]{{1,3}}{_CODE})?",
        rf"[,\s]{{1,3}}\d{{5}}[,\s]{{1,2}}{CITY}",
        rf"[,\s]{{1,3}}(?:{CITY}[,\s]{{1,3}})?\d{{5}}(?:-\d{{4}})?\b",
        rf"[,\s]{{1,3}}{CITY}[,\s]{{1,3}}[A-Z]{{1,2}}\d[A-Z\d]? ?\d[A-Z]{{2}}\b",
        rf", {CITY}(?=[\s,.!?]|$)",
    ):
        found = _pattern(source, 0).match(text, end)
        if found:
            return found.end() - (found.group()[-1] == ".")
    small = _pattern(rf"[,\s]{{1,3}}(?:[\w'-]+[,\s]{{1,3}}){{1,3}}?(?:{STATES})[,\s]{{1,3}}\d{{5}}\b").match(
        text, end
    )
    return small.end() if small else end
