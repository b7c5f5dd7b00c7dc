"""Falsifies a sentence of a passage, one kind of mistake at a time, by a fixed seed."""

import re
from collections.abc import Callable, Iterator, Sequence
from random import Random

from shared.adapters.embedded.entity_words import NUMBERS
from shared.adapters.knowledge.folding import fold
from shared.contracts import Language

Change = tuple[str, str]
# Written for this measure: what a mistaken writer would turn round, not what the critic looks for.
_DENIALS: dict[Language, str] = {
    "en": r"\b(?:not|never|cannot|no|without) |n't\b",
    "fr": r"\b(?:pas|jamais|aucune?|sans) ",
    "es": r"\b(?:no|nunca|sin) ",
}
_AFFIRMED: dict[Language, str] = {
    "en": r"\b(is|are|can|may|will|must|does|was|has)\b(?! (?:not|no)\b)",
    "fr": r"(?<!n')(?<!ne )\b(sont|peut|peuvent|pouvez|coûte|prend|couvre|livrons)\b(?! (?:pas|jamais)\b)",
    "es": r"(?<!no )(?<!se )\b(es|son|está|están|puede|pueden|cuesta|tarda|cubre|enviamos|reembolsamos)\b",
}
_OPPOSITES: dict[Language, tuple[tuple[str, str], ...]] = {
    "en": (
        ("before", "after"), ("free", "paid"), ("included", "excluded"), ("at least", "at most"),
        ("above", "below"), ("can", "cannot"), ("opened", "unopened"), ("used", "unused"),
        ("earlier", "later"),
        ("accept", "refuse"), ("possible", "impossible"), ("always", "never"), ("indoors", "outdoors"),
        ("full", "partial"), ("open", "closed"), ("optional", "mandatory"), ("complete", "incomplete"),
    ),
    "fr": (
        ("avant", "après"), ("gratuite", "payante"), ("gratuit", "payant"), ("inclus", "exclu"),
        ("au moins", "au plus"), ("ouvert", "fermé"), ("possible", "impossible"), ("avec", "sans"),
        ("toujours", "jamais"), ("acceptons", "refusons"), ("complet", "incomplet"), ("minimum", "maximum"),
    ),
    "es": (
        ("antes", "después"), ("gratis", "de pago"), ("incluido", "excluido"), ("como mínimo", "como máximo"),
        ("abierto", "cerrado"), ("posible", "imposible"), ("con", "sin"), ("siempre", "nunca"),
        ("aceptamos", "rechazamos"), ("completo", "incompleto"), ("al menos", "como máximo"),
    ),
}  # fmt: skip
_NEGATIVE = re.compile(
    r"\b(?:not|never|cannot|no|nothing|nobody|without|pas|jamais|aucune?|sans|ni|rien|nada|nadie|nunca|sin)\b|n't\b",
    re.IGNORECASE,
)
_LIMITS: dict[Language, str] = {
    "en": r"\b(?:only|unless|except)\b",
    "fr": r"\b(?:uniquement|seulement|sauf)\b",
    "es": r"\b(?:solo|únicamente|salvo)\b",
}
_UNITS: tuple[tuple[str, ...], ...] = (
    ("business days", "days", "weeks", "months", "hours"),
    ("jours ouvrés", "jours", "semaines", "mois", "heures"),
    ("días hábiles", "días", "semanas", "meses", "horas"),
)
_NUMBER = r"(?<![\w.,])\d+(?:[.,\u00a0]\d+)*(?!\w)"
_FORMS = (
    r"\$\d+(?:[.,]\d+)*(?!\w)", rf"{_NUMBER} ?[$€]", rf"{_NUMBER} ?%",
    rf"{_NUMBER}(?= (?:business )?days?\b)", rf"{_NUMBER}(?= jours\b)", rf"{_NUMBER}(?= d[ií]as\b)",
    rf"{_NUMBER}(?= (?:hours?|heures?|horas?)\b)", rf"{_NUMBER}(?= (?:weeks?|semaines?|semanas?)\b)",
    rf"{_NUMBER} ?k?g\b", rf"{_NUMBER} ?(?:mm|cm)\b", rf"{_NUMBER}(?= points?\b| puntos?\b)",
)  # fmt: skip
_FOREIGN: dict[Language, tuple[str, ...]] = {
    "en": (
        "See www.parcel-refunds.example for details.", "Write to help@shop-desk.example about it.",
        "Call +1 415 555 0137 about it.",
    ),
    "fr": (
        "Voir www.colis-retours.example pour les détails.", "Écrivez à aide@boutique.example à ce sujet.",
        "Appelez le +33 1 99 00 27 45.",
    ),
    "es": (
        "Vea www.paquetes-envios.example para más detalles.", "Escriba a ayuda@tienda.example.",
        "Llame al +34 900 55 01 37.",
    ),
}  # fmt: skip


def alterations(
    said: str, source: str, language: Language, names: Sequence[str], draw: Random
) -> Iterator[Change]:
    """Every kind of mistake the sentence allows, once, as (kind, altered sentence)."""
    makers: tuple[tuple[str, Callable[[], str]], ...] = (
        ("digit changed", lambda: _digit(said, draw)),
        ("number swapped within source", lambda: _swapped(said, source, draw)),
        ("numbers swapped within sentence", lambda: _swapped(said, said, draw)),
        ("unit changed", lambda: _unit(said, draw)),
        ("name of product changed", lambda: _name(said, names, draw)),
        ("negation removed", lambda: _undenied(said, language)),
        ("negation added", lambda: _denied(said, language, draw)),
        ("opposite", lambda: _opposite(said, language, draw)),
        ("limit removed", lambda: _unlimited(said, language)),
        ("foreign contact", lambda: f"{said[:-1]}. {draw.choice(_FOREIGN[language])}"),
    )  # fmt: skip
    for kind, make in makers:
        altered = make()
        if altered and altered != said and altered not in source:
            yield kind, altered


def _unlimited(said: str, language: Language) -> str:
    return _changed(re.sub(rf"{_LIMITS[language]} ?", "", said, count=1, flags=re.IGNORECASE), said)


def _changed(altered: str, said: str) -> str:
    return "" if altered == said else altered


def _digit(said: str, draw: Random) -> str:
    places = [match.start() for match in re.finditer(r"\d", said)]
    if not places:
        return ""
    at = draw.choice(places)
    # A number that the sentence states in words is another kind of mistake: one swapped within its source.
    stated = {NUMBERS.get(word) for word in re.findall(r"\w+", fold(said))}
    other = draw.choice([digit for digit in "123456789" if digit not in {said[at], *stated}])
    return said[:at] + other + said[at + 1 :]


def _swapped(said: str, source: str, draw: Random) -> str:
    """A number for another of the same form; in one sentence, both change places."""
    choices = []
    for form in _FORMS:
        mine = list(re.finditer(form, said))
        others = sorted({match[0] for match in re.finditer(form, source)})
        choices += [(match, other) for match in mine for other in others if other != match[0]]
    if not choices:
        return ""
    match, other = draw.choice(choices)
    if said != source:
        return said[: match.start()] + other + said[match.end() :]
    return said.replace(match[0], "\0").replace(other, match[0]).replace("\0", other)


def _unit(said: str, draw: Random) -> str:
    for units in _UNITS:
        for unit in units:
            if re.search(rf"\d {unit}\b", said):
                other = draw.choice([name for name in units if name != unit])
                return re.sub(rf"(?<=\d) {unit}\b", f" {other}", said, count=1)
    return ""


def _name(said: str, names: Sequence[str], draw: Random) -> str:
    mine = [name for name in names if name in said]
    if not mine:
        return ""
    longest = max(mine, key=len)
    return said.replace(longest, draw.choice([name for name in names if name not in said]), 1)


def _undenied(said: str, language: Language) -> str:
    if said.count("cannot "):
        return said.replace("cannot ", "can ", 1)
    turned = re.sub(_DENIALS[language], " " if "n't" in said else "", said, count=1)
    if language == "fr" and turned != said:
        turned = re.sub(r"\b(?:ne |n['’])", "", turned, count=1)
    return _changed(turned, said)


def _denied(said: str, language: Language, draw: Random) -> str:
    places = list(re.finditer(_AFFIRMED[language], said))
    if not places or _NEGATIVE.search(said):
        return ""  # two denials in one sentence may say anything
    match = draw.choice(places)
    ways = {"en": f"{match[1]} not", "fr": f"ne {match[1]} pas", "es": f"no {match[1]}"}
    return said[: match.start()] + ways[language] + said[match.end() :]


def _opposite(said: str, language: Language, draw: Random) -> str:
    pairs = [pair for both in _OPPOSITES[language] for pair in (both, both[::-1])]
    fitting = [(one, two) for one, two in pairs if re.search(rf"\b{one}\b", said)]
    if _NEGATIVE.search(said):
        fitting = [
            (one, two) for one, two in fitting if not {"can", "always", "toujours", "siempre"} & {one, two}
        ]
    if not fitting:
        return ""
    one, two = draw.choice(fitting)
    return re.sub(rf"\b{one}\b", two, said, count=1)
