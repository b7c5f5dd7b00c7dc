"""Measures how a customer feels from words, negation, emphasis, capitals and emoji."""

import math
import re
from collections.abc import Mapping
from typing import Final

from shared.adapters.embedded.gloss import fold
from shared.adapters.embedded.seeds import FEELINGS, Feeling
from shared.contracts import Sentiment

_PARTS = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[!?]+|[^\w\s.,;:()\"-]")
_NEGATIVE_FROM: Final = -0.3
_POSITIVE_FROM: Final = 0.25
# How much a word's weight moves what was learned, and how far beyond the border a sure feeling lies.
_WORDS: Final = 1.0
_BEYOND: Final = 0.2

# Roots in the three languages (a root takes every ending); weights -3 to 3.
_ROOTS: Final[dict[float, str]] = {
    -3: """furious livid outrag disgust unaccept scam fraud thie robber appalling despicabl pathetic worst
        furieu scandal inaccept inadmiss arnaqu voleu escroc honteu degueu ecoeur pire
        furios indign inacept inadmis estaf ladron vergüenza verguenza asco asqueros peor pesim porqueria""",
    -2: """angry terribl horribl awful ridicul rude ignor liar lied lying useless hate upset joke incompet
        shame fed nightmare disappoint frustrat sick
        colere horrible nulle nul minable menteu mensonge inutil deteste honte enerv impoli decu deception
        lamentabl pitoyabl catastroph marre bordel
        enojad enfad molest terribl horribl inutil odio mentir mentiros grosero decepcion harto harta
        fatal desastr malisim frustr burla""",
    -1: """bad poor slow wrong annoy broken problem complain unhappy damaged lost missing late delay worried
        unfortunately confus mad
        mauvais lent probleme casse abime retard perdu plainte insatisf inquiet malheureusement embet
        malo mala lento problema roto rota danad retras perdid queja insatisf preocup
        triste""",
    1: """good nice ok fine thank thanks happy glad helpful like appreciat cool pleas
        bon bonne bien merci content gentil utile sympa agreabl
        buen bien gracias content amabl util agradec agradabl""",
    2: """great excellent love wonderful amazing awesome fantastic superb delight brilliant best impress
        super excellent ador genial magnifiqu formidabl bravo ravi impeccabl top
        excelent encant genial maravill estupend fantastic felicit increibl mejor""",
    3: """perfect outstanding thrilled exceptional flawless
        parfait exceptionnel extraordinair
        perfect excepcional extraordinari""",
}
_WEIGHTS: Final = tuple((weight, tuple(roots.split())) for weight, roots in _ROOTS.items())


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Words that begin like a root and mean something else ("bien" and "bonjour" are habit, not joy).
_NEUTRAL: Final = _set("""
    latest later likely like bone bonus bones badge badges bien buenos buenas bonjour bonsoir please plait
    slowly federal fedex fatalidad mejora mejorar mejores madera made finest goods problems topper
    superieur superieure superior
""")
_NEGATIONS: Final = _set("""
    not no never isn't don't doesn't didn't can't won't wasn't aren't nothing cannot hardly without dont
    didnt doesnt isnt pas jamais aucun aucune rien sans nunca jamas nada sin ni tampoco
""")
_STRONGER: Final = _set("""
    very really so extremely absolutely totally completely utterly too such beyond tres vraiment tellement
    extremement absolument completement trop muy realmente tan demasiado totalmente sumamente super
""")
_WEAKER: Final = _set("bit slightly somewhat little peu assez poco algo")
_EMOJI: Final = {
    **dict.fromkeys("😡🤬😠👿💢🖕", -3.0), **dict.fromkeys("😤😞😢😭😒🙄👎😩😫💔", -2.0),
    **dict.fromkeys("😕🙁☹😟😐", -1.0), **dict.fromkeys("🙂😊👍😀😃😄😁🙏👌", 1.5),
    **dict.fromkeys("😍🥰🤩❤💚💙🎉🥳💯", 2.5),
}  # fmt: skip
_PHRASES: Final = {
    "fed up": -2.5, "ras le bol": -2.5, "waste of": -2.0, "rip off": -2.5, "ripped off": -2.5,
    "no excuse": -2.0,
    "let down": -2.0, "n'importe quoi": -2.0, "perte de temps": -2.0, "une honte": -2.5, "sick of": -2.5,
    "perdida de tiempo": -2.0, "una burla": -2.5, "never again": -2.5, "plus jamais": -2.0, "nunca mas": -2.5,
    "no problem": 0.5, "pas de probleme": 0.5, "no hay problema": 0.5, "thank you": 1.0, "pas mal": 1.0,
    "not bad": 1.0, "nada mal": 1.0, "out of stock": 0.0, "still waiting": -1.0,
    "tired of": -2.0, "j'en peux plus": -2.0, "se moque": -2.0, "me toman el pelo": -2.5, "wtf": -2.5,
    "how dare": -2.5, "bien recu": 0.0, "bien recibido": 0.0, "go wrong": -1.0, "how late": 0.0,
}  # fmt: skip


def felt(text: str, chances: Mapping[Feeling, float]) -> Sentiment:
    """Label and score of one message: what was learned says which way, the words how much.

    `chances` is how likely each feeling is. Politely put anger and irony have no angry words, or kind ones.
    """
    words = feeling(text).score
    leaning = {
        "negative": chances["negative"] * math.exp(-_WORDS * words),
        "neutral": chances["neutral"],
        "positive": chances["positive"] * math.exp(_WORDS * words),
    }
    label = max(FEELINGS, key=lambda name: leaning[name])
    sure = leaning[label] / sum(leaning.values())
    if label == "negative":
        score = min(words, _NEGATIVE_FROM - _BEYOND * sure)
    elif label == "positive":
        score = max(words, _POSITIVE_FROM + _BEYOND * sure)
    else:
        score = max(_NEGATIVE_FROM / 2, min(_POSITIVE_FROM / 2, words))
    return Sentiment(label=label, score=round(score, 3))


def feeling(text: str) -> Sentiment:
    """What the words alone say; 0 when they say nothing about feelings. Deterministic."""
    low = fold(text)
    total, strongest = 0.0, 0.0
    for phrase, weight in _PHRASES.items():
        if phrase in low:
            total, strongest = total + weight, max(strongest, abs(weight))
            low = low.replace(phrase, " ")
    parts = _PARTS.findall(low)
    for at, part in enumerate(parts):
        weight = _weight(part)
        if weight:
            weight *= 1.0 if part in _EMOJI else _factor(parts[max(0, at - 3) : at])
            total, strongest = total + weight, max(strongest, abs(weight))
    total *= _emphasis(text)
    # Two or three strong words are as clear as it gets; a long text needs no more of them.
    score = max(-1.0, min(1.0, total / (abs(total) + 2.5))) if strongest else 0.0
    label = "negative" if score <= _NEGATIVE_FROM else "positive" if score >= _POSITIVE_FROM else "neutral"
    return Sentiment(label=label, score=round(score, 3))  # type: ignore[arg-type]


def _weight(part: str) -> float:
    if part in _EMOJI:
        return _EMOJI[part]
    if part in _NEUTRAL or len(part) < 2:
        return 0.0
    return max((w for w, roots in _WEIGHTS if part.startswith(roots)), key=abs, default=0.0)


def _factor(before: list[str]) -> float:
    factor = 1.0
    for word in before:
        if word in _NEGATIONS:
            factor *= -0.6  # "not good" is milder than "bad"
        elif word in _STRONGER:
            factor *= 1.5
        elif word in _WEAKER:
            factor *= 0.6
    return factor


def _emphasis(text: str) -> float:
    letters = [c for c in text if c.isalpha()]
    loud = len(letters) >= 12 and sum(c.isupper() for c in letters) / len(letters) > 0.7
    return (1.5 if loud else 1.0) * (1.3 if re.search(r"[!?]{2,}", text) else 1.0)
