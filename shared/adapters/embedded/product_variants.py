"""Finds which forms of a product a question means: "in M", "en homme L", "talla 9 de mujer"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.adapters.embedded.entity_words import COLORS
from shared.adapters.knowledge.folding import fold

_WORD = re.compile(r"[a-z0-9]+")
_SAID = {
    "men": "mens man homme hommes hombre hombres caballero caballeros masculin",
    "women": "womens woman femme femmes mujer mujeres dama damas feminin",
    "s": "small petit petite pequeno pequena chico chica",
    "m": "medium moyen moyenne mediano mediana",
    "l": "large grand grande",
    "regular": "regulier reguliere normal",
    "long": "longue largo larga",
    "wide": "ancho ancha",
    "pink": "rose roses",
    "sand": "sable arena",
    "moss": "mousse musgo",
    "clay": "argile arcilla",
    "slate": "ardoise pizarra",
    "oat": "avoine avena",
    "walnut": "noyer nogal",
    "olive": "olivier olivo oliva",
}
_CANON = {form: word for word, forms in _SAID.items() for form in forms.split()}
_CANON |= {said: color for said, color in COLORS.items() if " " not in said and " " not in color}
_GENDERS = frozenset({"men", "women"})
_LETTERS = frozenset({"s", "m", "l"})
_SIZES = _LETTERS | {"xs", "xl", "xxl", "regular", "long", "wide"}
_COLORS = frozenset(word for color in COLORS.values() for word in color.split()) | {
    "sand", "moss", "clay", "slate", "oat", "walnut", "olive",
}  # fmt: skip
# Between these and a size stands nothing: "in M", "taille 9", "talla de mujer".
_BEFORE = _GENDERS | {"size", "sizes", "taille", "pointure", "talla", "numero", "in", "en", "a"}
_BETWEEN = {"de", "du", "pour", "para", "size", "taille", "talla"}


@dataclass(frozen=True)
class _Token:
    word: str
    start: int
    end: int


@dataclass(frozen=True)
class Picked:
    """The places of the variants that are meant; `missing` is what is asked for and is none of them."""

    places: tuple[int, ...] = ()
    missing: str = ""


def picked(question: str, title: str, variants: Sequence[str]) -> Picked:
    """Which of these variants `question` means; none in particular when it names none."""
    forms = [_form(variant) for variant in variants]
    relevant = _relevant(question, title, forms)
    if not relevant:
        return Picked()
    wanted = {token.word for token in relevant}
    if places := tuple(place for place, form in enumerate(forms) if wanted <= form):
        return Picked(places)
    return Picked(missing=question[relevant[0].start : relevant[-1].end])


def spans_of(question: str, title: str, variants: Sequence[str]) -> list[tuple[int, int]]:
    """Where a question names forms that this product has, or might have."""
    forms = [_form(variant) for variant in variants]
    return [(token.start, token.end) for token in _relevant(question, title, forms)]


def _form(variant: str) -> frozenset[str]:
    return frozenset(token.word for token in _tokens(variant))


def _relevant(question: str, title: str, forms: Sequence[frozenset[str]]) -> list[_Token]:
    """What is asked of such forms as the product has: a color says nothing of one that comes in sizes."""
    return [
        token
        for token in _asked(question, title)
        if any(form & _alike(token.word) or _same(token, form) for form in forms)
    ]


def _asked(question: str, title: str) -> Iterator[_Token]:
    """The words of a question that may name a form of the product, in order."""
    own = {token.word for token in _tokens(title)}
    tokens = _tokens(question)
    for at, token in enumerate(tokens):
        before = tokens[at - 1].word if at else ""
        after = next((each.word for each in tokens[at + 1 : at + 3] if each.word not in _BETWEEN), "")
        if token.word in own and token.word not in _SIZES:
            continue
        written = question[token.start : token.end]
        sized = before in _BEFORE or (before in _BETWEEN and at > 1)
        elided = question[token.end : token.end + 1] in {"'", "\u2019"}
        if token.word in _LETTERS and len(written) == 1 and (elided or not (written.isupper() or sized)):
            continue
        if token.word == "long" and before in {"how", "so"}:
            continue
        number = token.word.isdigit() and (sized or after in _GENDERS)
        if number or token.word in _GENDERS | _SIZES | _COLORS:
            yield token


def _alike(word: str) -> frozenset[str]:
    """The words of which a product has one when it comes in such forms."""
    kinds = (_GENDERS, _SIZES, _COLORS)
    return next((kind for kind in kinds if word in kind), frozenset())


def _same(token: _Token, form: frozenset[str]) -> bool:
    return token.word.isdigit() and any(word.isdigit() for word in form)


def _tokens(text: str) -> list[_Token]:
    """The words in one spelling; "men's" is one word, and nothing where folding moves the letters."""
    plain = fold(text)
    if len(plain) != len(text):
        return []
    plain = re.sub(r"['\u2019]s\b", "  ", plain)
    return [_Token(_CANON.get(m[0], m[0]), m.start(), m.end()) for m in _WORD.finditer(plain)]
