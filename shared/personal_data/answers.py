"""Reads a message as the answer to what was asked before: after "Your name?", "rose" is a person."""

import re
from collections.abc import Iterator
from functools import cache

from shared.personal_data import cues
from shared.personal_data.view import View, fold
from shared.personal_data.words import any_names, common_words, vocabulary

Found = tuple[int, int, str]

# An answer is short; a longer message has turned to something else and is read without the question.
LONGEST_ANSWER = 12
_NAME = (
    r"\byour (?:\w+ ){0,2}names?\b|\b(?:the|whose|what|which) (?:\w+ ){0,3}name\b|\bwho (?:am i|will|is it)\b"
    r"|\bfirst name\b|\blast name\b|\bsurname\b|speaking (?:with|to)\b"
    r"|\bnom\b|\bprenom\b|vous appelez|t'appelles|qui ai-je|\bqui (?:viendra|est)"
    r"|\bnombre\b|\bapellidos?\b|se llama|te llamas|con quien|\bquien (?:recoge|recibe|es)"
)
_ASKED = (
    ("order", (r"\border (?:number|no\b|id)|numero de (?:la |votre |su |tu )?(?:commande|pedido)"
    r"|which order|quel(?:le)? commande|que pedido")),
    ("postcode", r"\bzip\b|post ?code|postal code|code postal|codigo postal"),
    ("birth_date", r"\bbirth|\bborn\b|naissance|nacimiento|nacio"),
    ("id", (r"(?:customer|account|member\w*|client) (?:number|id|no)|numero de (?:client|cliente|socio"
    r"|compte|cuenta)")),
    ("phone", (r"\bphone|\bmobile|\bcell|\bnumber can we (?:call|reach)|telephone|portable"
    r"|numero pouvons|telefono|\bmovil|celular|numero podemos")),
    ("email", r"e-?mail|adresse mail|courriel|\bcorreo\b"),
    ("name", _NAME),
    ("address", (r"\baddress|where (?:should|shall|do) (?:we|i)|adresse|ou devons|direccion|domicilio"
    r"|a ?donde")),
)  # fmt: skip
# What people say when they answer with no name.
_NO_ANSWERS = (
    "why no not none nobody order number mine same yes me my the your sorry please email phone what"
    " pourquoi non personne commande merci meme moi mon votre le la les de du par porque nadie pedido"
    " gracias mismo misma yo mi su el los brother sister husband wife mother father friend frere soeur"
    " mere pere ami amie mari femme hermano hermana madre padre amigo amiga marido mujer and et y"
)
_LEAD = re.compile(
    r"\W*(?:(?:yes|yeah|sure|ok(?:ay)?|of course|oui|bien sur|d'accord|si|claro|vale)\W+)?"
    r"(?:(?:my |the |it(?:'s| is)|its|this is|under|in the name of|c'est|moi c'est|je suis|au nom d[e']"
    r"|mon nom est"
    r"|es|soy|a nombre d[e']|de|name is|name|number is|zip is|zip code is|is|le|el|la|l')\s*)*",
    re.IGNORECASE,
)


@cache
def _asks() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(source)) for kind, source in _ASKED)


def asked_for(question: str) -> frozenset[str]:
    """The kinds of personal data that a question of ours asks for; "order" when it is an order's number."""
    last = fold(question)[-300:]
    return frozenset(kind for kind, pattern in _asks() if pattern.search(last))


def find_answer(view: View, question: str) -> Iterator[Found]:
    """Spans of the view (start, end, kind) that answer the question."""
    if not view.words or len(view.words) > LONGEST_ANSWER or "?" in view.text:
        return
    kinds = asked_for(question)
    if "name" in kinds:
        yield from _names(view, alone=len(kinds - {"order"}) == 1)
    if "address" in kinds and "name" not in kinds and "email" not in kinds:
        yield from _address(view)
    if "order" in kinds:
        return  # any number is the order's
    for kind, form in (
        ("birth_date", cues.DATE),
        ("postcode", r"\b(?=[a-z ]{0,4}\d)[a-z\d]{2,5}(?:[ -]?[a-z\d]{2,4})?\b"),
        ("id", r"\b(?=[\w.-]*\d)[\w.-]{3,}(?: \d[\d.-]*)*"),
        ("phone", r"[+(]?\d(?:[\s().\-/]{0,2}\d){5,}"),
        ("email", r"[\w.+-]+(?:\s?(?:@|\bat\b|arobase|arroba)\s?)[\w.-]+"),
    ):
        if kind in kinds:
            for found in re.finditer(form, view.lower):
                yield found.start(), found.end(), "address" if kind == "postcode" else kind


def _names(view: View, *, alone: bool) -> Iterator[Found]:
    """Every word of the answer that can be part of a name; common words only with a capital of their own."""
    lead = _LEAD.match(view.lower)
    begin = lead.end() if lead else 0
    words = [span for span in view.words if span[0] >= begin]
    short = len(words) <= (4 if alone else 6)
    for start, end in words:
        word = view.lower[start:end]
        if not word.isalpha() or len(word) < 2 or word in _no_answers():
            continue
        capital = view.text[start].isupper()
        listed = word in any_names()
        unknown = word not in vocabulary()
        if listed or (unknown and (capital or short)) or (capital and short and word not in common_words()):
            yield start, end, "name"


@cache
def _no_answers() -> frozenset[str]:
    return frozenset(_NO_ANSWERS.split())


def _address(view: View) -> Iterator[Found]:
    """The whole answer, when it names something or has a number."""
    lead = _LEAD.match(view.lower)
    begin = lead.end() if lead else 0
    rest = [span for span in view.words if span[0] >= begin]
    if not rest:
        return
    named = [
        view.text[start].isupper() and view.lower[start:end] not in common_words() for start, end in rest
    ]
    numbered = any(char.isdigit() for char in view.text[begin:])
    unknown = [view.lower[slice(*span)] not in vocabulary() for span in rest]
    if len(rest) > 1 and (sum(named) > 1 or (numbered and any(unknown))):
        yield rest[0][0], rest[-1][1], "address"
