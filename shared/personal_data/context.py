"""Recognizes names, birth dates and account names by the words around them, in English, French and Spanish."""

import re
from collections.abc import Iterator
from functools import cache

from shared.personal_data.view import View
from shared.personal_data.words import common_words, doubtful_names, first_names, makes

Found = tuple[int, int, str]

# "my name is ...": what follows is a name, whatever its letters.
_STRONG = (
    r"\bm(?:y|a|i) (?:\w+ )?name(?:'s| is| was|:)|\bnames?\s?(?::|=|- )|\bname(?:'s| is)|\bnamed|\bcalled me|\bcall me"
    r"|\bunder (?:the )?name(?: of)?|\bin the name of|\bgo(?:es)? by|\b(?:first|last|full|sur|family) ?name(?: is| on it is)?:?"
    r"|\bje m'? ?appelle|\bm'appelle|\bmon (?:pre)?nom(?: complet| de famille)? (?:c'est|est)|\b(?:pre)?nom ?:|\bau nom d[e']"
    r"|\bme llamo|\bmi nombre(?: completo)? es|\bmi apellido es|\ba nombre de|\b(?:nombre|apellidos?) ?:"
    r"|\brecipient(?: is|:)?|\bdestinataire ?:|\bdestinatario ?:|\baddressed to|\bcardholder(?: is|:)?|\bc/o\b|\battn:?"
)
# "I'm ...": a name only where the word can be one.
_WEAK = (
    r"\bi'?m\b|\bi am\b|\bthis is|\bit'?s|\bsoy|\bje suis|\bc'est|\bmoi c'est|\baqui|\bspoke (?:to|with)|\btalk(?:ed|ing)? (?:to|with)"
    r"|\b(?:my|mi|ma|mon) (?:wife|husband|son|daughter|mother|father|mom|dad|brother|sister|friend|partner|boss"
    r"|femme|mari|fils|fille|mere|pere|frere|soeur|ami|amie|esposa|esposo|marido|mujer|hijo|hija|madre|padre"
    r"|hermano|hermana|amigo|amiga),?|\bdear|\bhi|\bhello|\bhey|\bbonjour|\bhola|\bsigned by|\bdeliver(?:ed)? to|\bgift for"
)
_TITLE = (
    r"\b(?:mr|mrs|ms|miss|dr|mme|mlle|mm|sr|sra|srta|don|dona|madame|monsieur|senora?|prof|sir|madam)\b\.?"
)
_SIGN_OFF = (
    r"(?:thanks|thank you|many thanks|regards|best|best regards|kind regards|warm regards|sincerely|cheers|yours"
    r"|yours truly|cordialement|merci|bien a vous|salutations|saludos|un saludo|gracias|atentamente|love|xx)"
    r"(?: (?:again|so much|d'avance|de antemano))?"
)
_PARTICLES = frozenset(
    {
        "de",
        "la",
        "del",
        "van",
        "von",
        "der",
        "den",
        "le",
        "du",
        "da",
        "dos",
        "di",
        "el",
        "bin",
        "al",
        "y",
        "o",
        "st",
        "mc",
    }
)
_MONTHS = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|fevr|avr|mai|juin|juil|aout|ene|abr|ago|dic)[a-z]*\.?"
_DATE = (
    rf"(?:\d{{1,4}}\s?[./-]\s?\d{{1,2}}\s?[./-]\s?\d{{2,4}}|\d{{1,2}}(?:st|nd|rd|th|er)?(?: of| de)? {_MONTHS},?(?: de| of)? ?(?:\d{{4}}|'?\d{{2}})?"
    rf"|{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?,?(?: \d{{4}})?|\d{{8}}|\d{{1,2}} \d{{1,2}} \d{{4}})"
)
_BIRTH = (
    r"\bborn(?: on)?|birth ?da(?:te|y)|date of birth|\bd\.?o\.?b\b\.?|\bnee? le|date de naissance|\bnaci(?:do|da)? el|\bnaci\b"
    r"|fecha de nacimiento|\bcumpleanos|\banniversaire|\bnaissance"
)
_ACCOUNT = (
    r"\b(?:user ?name|user ?id|login(?: id| name)?|account (?:id|number|no)|customer (?:id|number|no)|client (?:id|number)"
    r"|member(?:ship)? (?:id|number)|identifiant|numero de client|numero de cliente|usuario)\s?(?:is|es|est|:|=|#)?\s?:?\s?"
)


@cache
def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)


@cache
def _word() -> re.Pattern[str]:
    return re.compile(r"[\s\"(]{0,2}([^\W\d_](?:[\w]|['.-](?=[^\W\d_]))*\.?)")


def find_context(view: View) -> Iterator[Found]:
    """Spans of the view (start, end, kind) that their surroundings give away."""
    yield from _introduced(view)
    yield from _signed(view)
    yield from _listed_names(view)
    if any(char.isdigit() for char in view.text):
        yield from _births(view.lower)
        yield from _accounts(view.lower)


def _births(lower: str) -> Iterator[Found]:
    for cue in _pattern(_BIRTH).finditer(lower):
        found = _pattern(_DATE).search(lower, cue.end(), cue.end() + 50)
        if found:
            yield found.start(), found.start() + len(found.group().rstrip()), "birth_date"


def _accounts(lower: str) -> Iterator[Found]:
    for cue in _pattern(_ACCOUNT).finditer(lower):
        found = re.compile(r"[\w.-]*\d[\w.-]*").match(lower, cue.end())
        if found and len(found.group()) > 3:
            yield found.start(), found.start() + len(found.group().rstrip(".-")), "id"


def _introduced(view: View) -> Iterator[Found]:
    lower = view.lower
    for cue in _pattern(_STRONG).finditer(lower):
        yield from _name_at(view, cue.end(), strong=True)
    for cue in _pattern(_TITLE).finditer(lower):
        yield from _name_at(view, cue.end(), strong=False, titled=True)
    for cue in _pattern(_WEAK).finditer(lower):
        yield from _name_at(view, cue.end(), strong=False)


def _name_at(view: View, at: int, *, strong: bool, titled: bool = False) -> Iterator[Found]:
    """The name that begins here: up to four words, as many as look like the first."""
    lead = re.compile(r"[\s:=,\"'-]{0,3}").match(view.text, at)
    start = lead.end() if lead else at
    words: list[tuple[int, int]] = []
    place = start
    while len(words) < 4:
        found = _word().match(view.text, place)
        if not found or (words and "\n" in view.text[place : found.start(1)]):
            break
        word = view.text[found.start(1) : found.end(1)]
        plain = word.lower().strip(".").replace("'", "")
        capital = word[0].isupper() and not (view.shouted and not strong)
        joins = plain in _PARTICLES and bool(words) and _next_may_join(view, found.end(1), bool(words))
        if not joins and not _may_be_name(
            view, word, plain, capital, strong=strong, titled=titled, words=words
        ):
            break
        words.append(found.span(1))
        place = found.end(1)
        if word.endswith(".") and len(plain) > 2:
            break
    while words and view.lower[slice(*words[-1])].strip(".") in _PARTICLES:
        words.pop()
    if words:
        end = words[-1][1]
        yield words[0][0], end - (view.text[end - 1] == "."), "name"


def _next_may_join(view: View, at: int, begun: bool) -> bool:
    """Whether a particle ("de", "van") leads on to another part of the name."""
    found = _word().match(view.text, at)
    return (
        begun and found is not None and (found.group(1)[0].isupper() or found.group(1).lower() in _PARTICLES)
    )


def _may_be_name(
    view: View,
    word: str,
    plain: str,
    capital: bool,
    *,
    strong: bool,
    titled: bool,
    words: list[tuple[int, int]],
) -> bool:
    if words:
        first_capital = view.text[words[0][0]].isupper() and not view.shouted
        if plain in common_words() and not (capital and plain in _also_surnames()):
            return False
        return capital if first_capital else (strong or plain in first_names()) and plain.isalpha()
    if plain in first_names():
        return len(plain) > 2 or capital or strong
    if strong:
        return plain not in common_words() and len(plain) > 1
    if titled:
        return capital and plain not in common_words() and len(plain) > 1
    return capital and plain not in doubtful_names() and _named_fully(view, word)


@cache
def _also_surnames() -> frozenset[str]:
    return frozenset(
        {
            "brown",
            "black",
            "green",
            "gray",
            "grey",
            "white",
            "young",
            "long",
            "small",
            "best",
            "may",
            "little",
            "love",
            "case",
            "good",
            "day",
            "short",
            "king",
            "price",
            "page",
            "hope",
            "will",
            "mark",
            "august",
            "april",
            "june",
            "blanc",
            "rey",
            "rojo",
        }
    )


def _named_fully(view: View, word: str) -> bool:
    """A capitalized unknown word after "I'm" is a name when another follows or the phrase ends with it."""
    place = view.text.find(word)
    after = view.text[place + len(word) :]
    if re.match(r" [A-Z][a-z']+", after):
        return re.match(r" ([A-Z][a-z']+)", after).group(1).lower() not in common_words()  # type: ignore[union-attr]
    ends = (
        not after.strip()
        or after.lstrip()[0] in ",.;!\n("
        or after.startswith((" from ", " and ", " here", " de ", " et ", " y "))
    )
    return ends and not word.lower().endswith(("ing", "ed", "ous", "ful", "able", "ish", "ian", "ese", "ly"))


def _signed(view: View) -> Iterator[Found]:
    """The last line of a letter, "Ana here", and "- Ana"."""
    text, lower = view.text, view.lower
    for cue in _pattern(rf"(?:^|[\n.!?,] ?){_SIGN_OFF}\s?(?:[,.!-]|\n)\s*").finditer(lower):
        tail = text[cue.end() :].strip()
        found = re.fullmatch(r"([A-Z][\w'-]+(?:\s+[A-Z][\w'.-]*){0,3})[.!]?", tail.partition("\n")[0].strip())
        if found and not view.shouted and tail.split()[0].lower().strip(".,!") not in common_words():
            start = text.index(found.group(1), cue.end())
            yield start, start + len(found.group(1)), "name"
    dash = re.search(r"(?:\n|[.!?] )[-~] ?([A-Z][a-z]+(?: [A-Z][a-z]+)?)\s*$", text)
    if dash and dash.group(1).split()[0].lower() not in common_words():
        yield dash.start(1), dash.end(1), "name"
    here = re.match(
        r"\W*(?:(?:hi|hello|hey|hola|bonjour)\W+)?([A-Z][a-z]+(?: [A-Z][a-z]+)?) (?:here|speaking)\b", text
    )
    if here and here.group(1).split()[0].lower() not in common_words():
        yield here.start(1), here.end(1), "name"


def _listed_names(view: View) -> Iterator[Found]:
    """A first name from the list, with the surname that follows it."""
    if view.shouted:
        return
    text, lower, names = view.text, view.lower, first_names()
    spans = view.words
    for place, (start, end) in enumerate(spans):
        if not text[start].isupper() or lower[start:end] not in names:
            continue
        if (start and text[start - 1] in "@_./-#") or text[end : end + 1] in {"@", "_", "/"}:
            continue
        following = spans[place + 1] if place + 1 < len(spans) else None
        if following and (lower[start:end], lower[slice(*following)]) in makes():
            continue
        stop = end
        while (
            following
            and text[stop : following[0]] in {" ", "-", ". ", " de ", " van "}
            and len(text[slice(*following)]) > 1
        ):
            word = text[slice(*following)]
            plain = word.lower()
            if not word[0].isupper() or (plain in common_words() and plain not in _also_surnames()):
                break
            stop = following[1]
            place += 1  # noqa: PLW2901 - the surname is looked at with its first name
            following = spans[place + 1] if place + 1 < len(spans) else None
        yield start, stop, "name"
