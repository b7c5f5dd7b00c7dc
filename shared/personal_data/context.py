"""Recognizes names, birth dates and account names by the words around them (en, fr, es)."""

import re
from collections.abc import Iterator
from functools import cache

from shared.personal_data.view import View
from shared.personal_data.words import common_words, doubtful_names, first_names, makes

Found = tuple[int, int, str]

# "my name is ...": what follows is a name, whatever its letters.
_STRONG = (
    r"\bm(?:y|a|i) (?:(?:full|real|first|last|given|family|whole) )?name(?:'s| is| was|:)"
    r"|(?<!company )(?<!city )(?<!product )(?<!store )(?<!file )(?<!street )(?<!item )(?<!brand )"
    r"(?<!user )(?<!bank )(?<!domain )(?:\bnames?\s?(?::|=|- )|\bname(?:'s| is))"
    r"|\bnamed|\bcall(?:ed)? me|\bunder (?:the )?name(?: of)?|\bin the name of|\bgo(?:es)? by"
    r"|\b(?:first|last|full|sur|family) ?name(?: on it)?(?: is)?:?|\bcardholder(?: is|:)"
    r"|\bje m'? ?appelle|\bm'appelle|\bmon (?:pre)?nom(?: complet| de famille)? (?:c'est|est)"
    r"|\b(?:pre)?nom ?:|\bau nom d[e']|\bdestinataire ?:"
    r"|\bme llamo|\bmi nombre(?: completo)? es|\bmi apellido es|\ba nombre de|\b(?:nombre|apellidos?) ?:"
    r"|\bdestinatario ?:|\brecipient(?: is|:)|\baddressed to|\bc/o\b|\battn:?"
)
# "I'm ...": a name only where the word can be one.
_KIN = (
    "wife|husband|son|daughter|mother|father|mom|dad|brother|sister|friend|partner|boss"
    "|femme|mari|fils|fille|mere|pere|frere|soeur|ami|amie|esposa|esposo|marido|mujer|hijo|hija|madre"
    "|padre|hermano|hermana|amigo|amiga"
)
_WEAK = (
    r"\bi'?m\b|\bi am\b|\bthis is|\bit'?s|\bsoy|\bje suis|\bc'est|\baqui|\bspoke (?:to|with)"
    r"|\btalk(?:ed|ing)? (?:to|with)|\bdear|\bhi|\bhello|\bhey|\bbonjour|\bhola|\bsigned by"
    rf"|\bdeliver(?:ed)? to|\bgift for|\b(?:my|mi|ma|mon) (?:{_KIN}),?"
)
_TITLE = (
    r"\b(?:mr|mrs|ms|miss|dr|mme|mlle|mm|sr|sra|srta|don|dona|madame|monsieur|senora?|prof|sir|madam)\b\.?"
)
_SIGN_OFF = (
    r"(?:thanks|thank you|many thanks|regards|best|best regards|kind regards|warm regards|sincerely"
    r"|cheers|yours|yours truly|cordialement|merci|bien a vous|salutations|saludos|un saludo|gracias"
    r"|atentamente|love|xx)(?: (?:again|so much|d'avance|de antemano))?"
)
_PARTICLES = "de la del van von der den le du da dos di el bin al y o st mc"
_MONTHS = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|fevr|avr|mai|juin|juil|aout|ene|abr|ago|dic)"
    r"[a-z]*\.?"
)
_DATE = (
    r"(?:\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2,4}|\d{8}|\d{1,2} \d{1,2} \d{4}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er)?(?: of| de)? {_MONTHS},?(?: de| of)? ?(?:\d{{4}}|'?\d{{2}})?"
    rf"|{_MONTHS} \d{{1,2}}(?:st|nd|rd|th)?,?(?: \d{{4}})?)"
)
_BIRTH = (
    r"\bborn(?: on)?|birth ?da(?:te|y)|date of birth|\bd\.?o\.?b\b\.?|\bnee? le|date de naissance"
    r"|\bnaci(?:do|da)? el|\bnaci\b|fecha de nacimiento|\bcumpleanos|\banniversaire|\bnaissance"
)
_ACCOUNT = (
    r"\b(?:user ?name|user ?id|login(?: id| name)?|identifiant|numero de client|numero de cliente|usuario"
    r"|(?:account|customer|client|member(?:ship)?) (?:id|number|no))\s?(?:is|es|est|:|=|#)?\s?:?\s?"
)
_SURNAMES = (
    "brown black green gray grey white young long small best may little love case good day short king price"
    " page hope will mark august april june blanc rey rojo"
)


@cache
def _particles() -> frozenset[str]:
    return frozenset(_PARTICLES.split())


@cache
def _also_surnames() -> frozenset[str]:
    return frozenset(_SURNAMES.split())


@cache
def _pattern(source: str) -> re.Pattern[str]:
    return re.compile(source, re.IGNORECASE)


@cache
def _word() -> re.Pattern[str]:
    return re.compile(r"[\s\"(]{0,2}([^\W\d_](?:[^\W\d_]|['.-](?=[^\W\d_]))*\.?)(?![\d_@])")


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
    # Names of accounts are made of a person's: "ana_lund_3850", "ana.lund88".
    for found in _pattern(r"(?<![\w@.-])[a-z]{2,}(?:_[a-z]+_\d{3,}|[._][a-z]+\d{2,})(?![\w@])").finditer(
        lower
    ):
        yield found.start(), found.end(), "id"


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
    place = lead.end() if lead else at
    words: list[tuple[int, int]] = []
    while len(words) < 4:
        found = _word().match(view.text, place)
        if not found or (words and "\n" in view.text[place : found.start(1)]):
            break
        word = view.text[slice(*found.span(1))]
        plain = word.lower().strip(".").replace("'", "")
        if words:
            fits = _follows(view, words, found.span(1), plain, strong=strong)
        else:
            fits = _begins(view, found.span(1), plain, strong=strong, titled=titled)
        if not fits:
            break
        words.append(found.span(1))
        place = found.end(1)
        if word.endswith(".") and len(plain) > 2:
            break
    while words and view.lower[slice(*words[-1])].strip(".") in _particles():
        words.pop()
    if words:
        end = words[-1][1]
        yield words[0][0], end - (view.text[end - 1] == "."), "name"


def _begins(view: View, at: tuple[int, int], plain: str, *, strong: bool, titled: bool) -> bool:
    """Whether a word after an introduction is the first of a name."""
    capital = view.text[at[0]].isupper() and not view.shouted
    if plain in first_names():
        return len(plain) > 2 or capital or strong
    if strong:
        return plain not in common_words() and len(plain) > 1
    if titled:
        return capital and plain not in common_words() and len(plain) > 1
    return capital and plain not in doubtful_names() and _named_fully(view, at)


def _follows(
    view: View, words: list[tuple[int, int]], at: tuple[int, int], plain: str, *, strong: bool
) -> bool:
    """Whether a word goes on with a name that has begun."""
    capital = view.text[at[0]].isupper()
    if plain in _particles():
        return _joins(view, at[1])
    if plain in common_words():
        return capital and not view.shouted and plain in _also_surnames()
    if view.text[words[0][0]].isupper() and not view.shouted:
        return capital
    # Written small: one surname, which is no verb form.
    listed = strong or view.lower[slice(*words[0])] in first_names()
    return plain.isalpha() and listed and len(words) < 3 and not plain.endswith(("ing", "ed", "tion"))


def _joins(view: View, at: int) -> bool:
    """Whether a particle ("de", "van") leads on to another part of the name."""
    found = _word().match(view.text, at)
    return found is not None and (found.group(1)[0].isupper() or found.group(1).lower() in _particles())


def _named_fully(view: View, at: tuple[int, int]) -> bool:
    """A capitalized unknown word after "I'm" is a name when another follows or the phrase ends with it."""
    word, after = view.text[slice(*at)], view.text[at[1] :]
    surname = re.match(r" ([A-Z][a-z']+)", after)
    if surname:
        return surname.group(1).lower() not in common_words()
    ends = re.match(r"\s*(?:$|[,.;!\n(])|\s(?:from|and|here|de|et|y)\b", after)
    endings = ("ing", "ed", "ous", "ful", "able", "ish", "ian", "ese", "ly")
    return ends is not None and not word.lower().endswith(endings)


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
    """A first name from the list, with the surname that follows it or stands before its comma."""
    if view.shouted:
        return
    text, lower, names, spans = view.text, view.lower, first_names(), view.words
    for place, (start, end) in enumerate(spans):
        if not text[start].isupper():
            continue
        if lower[start:end] not in names:
            yield from _run_together(text, start, end)
            continue
        if (start and text[start - 1] in "@./-#") or text[end : end + 1] in {"@", "/"}:
            continue
        following = spans[place + 1 : place + 3]
        if following and (lower[start:end], lower[slice(*following[0])]) in makes():
            continue
        stop = end
        for span in following:
            if text[stop : span[0]] not in {" ", "-", ". ", "_"} or not _is_surname(text[slice(*span)]):
                break
            stop = span[1]
        if (
            place
            and text[spans[place - 1][1] : start] == ", "
            and _is_surname(text[slice(*spans[place - 1])])
        ):
            start = spans[place - 1][0]  # noqa: PLW2901 - "Garcia, Ana" begins a word earlier
        yield start, stop, "name"


def _is_surname(word: str) -> bool:
    plain = word.lower()
    fits = len(word) > 1 and word[0].isupper() and word.isalpha()
    return fits and (plain not in common_words() or plain in _also_surnames())


def _run_together(text: str, start: int, end: int) -> Iterator[Found]:
    """First and last name without a space: "AnaGarcia"."""
    joined = re.fullmatch(r"([A-Z][a-z]+)([A-Z][a-z]+)", text[start:end])
    if joined and joined.group(1).lower() in first_names() and _is_surname(joined.group(2)):
        yield start, end, "name"
