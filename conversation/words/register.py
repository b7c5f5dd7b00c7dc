"""Tells the tone a customer writes in, from the words of the conversation."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from conversation.words.replies import folded
from shared.contracts import Language, Said

Register = Literal["neutral", "casual", "formal", "upset"]

UPSET_FROM = -0.46
"""A message that feels this bad or worse is answered as an upset one.

Without angry words the engine says so from 80 % on: sympathy for who is not annoyed annoys.
"""
# Louder than said: capitals or "!!" count once the words are not friendly.
_UNFRIENDLY = -0.15
_SURE = 2
"""Points that make a tone; one sign alone may be chance."""


def _either(*words: str) -> str:
    return rf"\b(?:{'|'.join(word for line in words for word in line.split(', '))})\b"


# Folded words (lower case, no accents or punctuation) that friends write, not letter writers.
_SLANG: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        _either(
            "hey, heya, hiya, yo, sup, gonna, wanna, gotta",
            "lemme, gimme, dunno, idk, thx, thanx, ty, pls, plz",
            "u, ur, lol, omg, btw, tbh, yeah, yep, yup",
            "nope, nah, dude, bro, mate, guys, cool, awesome, kinda",
        )
    ),
    "fr": re.compile(
        _either(
            "salut, coucou, slt, cc, bjr, stp, mdr, ptdr, ouais",
            "nan, jsp, chui, jai, cest, pk, pkoi, tkt, dispo",
            "trop bien, cool, ca roule, ca va, y a, t as, t es, vous avez pas, truc, les gars",
        )
    ),
    "es": re.compile(
        _either(
            "ey, oye, q, xq, pq, tb, tmb, porfa, xfa, jaja",
            "jajaja, guay, mola, dale, che, bro, tio, tia, wey, holi",
            "holis, que onda, que tal, nomas, chido, genial, bacan, q tal",
        )
    ),
}
# The familiar "you"; English has none.
_FAMILIAR: dict[Language, re.Pattern[str]] = {
    "fr": re.compile(_either("tu, toi, te, tes, ton, t as, t es, peux tu, as tu, dis moi, aide moi")),
    "es": re.compile(
        _either(
            "tu, tus, te, ti, vos, puedes, podes, tienes",
            "tenes, sabes, sabeis, quieres, podrias, eres, sos, dime",
            "decime, dame, ayudame, mandame, avisame, revisame, oye, mira",
        )
    ),
}
# What stands in letters.
_FORMULAS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        _either(
            "dear, to whom it may concern, kind regards, best regards",
            "warm regards, regards, sincerely, faithfully",
            "i am writing, i would be grateful, i would appreciate, would you kindly, could you kindly",
            "thank you in advance, i look forward, please find",
        )
    ),
    "fr": re.compile(
        _either(
            "madame, monsieur, cordialement, bien a vous, salutations, je vous prie, je vous saurais gre",
            "je vous serais, je vous remercie par avance, par avance, veuillez, dans l attente, auriez vous",
            "l amabilite, l obligeance",
        )
    ),
    "es": re.compile(
        _either(
            "estimado, estimada, estimados, estimadas",
            "muy senores, atentamente, cordialmente, saludos cordiales",
            "un cordial saludo, cordial saludo, le agradeceria, les agradeceria, le ruego, les ruego",
            "seria tan amable, serian tan amables, de antemano, quedo a la espera, por medio de la presente",
        )
    ),
}
# Polite, though people write it in chats too.
_POLITE: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        _either("good morning, good afternoon, good evening, may i, i would like to, could you please")
    ),
    "fr": re.compile(
        _either("pourriez vous, pouvez vous, je souhaiterais, je souhaite, je voudrais, s il vous plait")
    ),
    "es": re.compile(
        _either("usted, podria usted, quisiera, desearia, buenos dias, buenas tardes, me podria")
    ),
}
_SMILEY = re.compile(r"(?:^|\s)(?:[:;]-?[)D(P]|<3|xD+)(?=\s|$)")
_TOKEN = re.compile(r"TOKEN_[0-9a-f-]{36}")
_FIRST_EMOJI = 0x2600
_CALM_LETTERS, _LOUD_SHARE, _LONG_ENOUGH = 12, 0.7, 5


def register_of(text: str, history: Sequence[Said], *, language: Language, feeling: float) -> Register:
    """The tone to answer in: upset by this message alone, casual or formal by all the customer wrote.

    `feeling` is the message's sentiment, -1 to 1. Signs both ways, or too few of them, leave it neutral.
    """
    if feeling <= UPSET_FROM or (feeling <= 0 and _shouts(text) and _insists(text)):
        return "upset"
    if feeling <= _UNFRIENDLY and (_shouts(text) or _insists(text)):
        return "upset"
    said = [*(one.text for one in history if one.who == "customer"), text]
    casual = sum(_casual(one, language) for one in said)
    formal = sum(_formal(one, language) for one in said)
    if max(casual, formal) < _SURE or casual == formal:
        return "neutral"
    return "casual" if casual > formal else "formal"


def _shouts(text: str) -> bool:
    letters = [char for char in _TOKEN.sub("", text) if char.isalpha()]
    return len(letters) >= _CALM_LETTERS and sum(c.isupper() for c in letters) > _LOUD_SHARE * len(letters)


def _insists(text: str) -> bool:
    return re.search(r"[!?]{2,}", text) is not None


def _casual(text: str, language: Language) -> int:
    words = folded(text)
    familiar = _FAMILIAR.get(language)
    return (
        min(2, len(_SLANG[language].findall(words)))
        + (1 if familiar and familiar.search(words) else 0)
        + (2 if any(_is_emoji(char) for char in text) or _SMILEY.search(text) else 0)
        + (1 if _typed_in_passing(text) else 0)
    )


def _formal(text: str, language: Language) -> int:
    words = folded(text)
    return 2 * len(_FORMULAS[language].findall(words)) + (1 if _POLITE[language].search(words) else 0)


def _typed_in_passing(text: str) -> bool:
    """A sentence without capital, full stop or question mark."""
    plain = text.strip()
    return len(plain.split()) >= _LONG_ENOUGH and plain[:1].islower() and not re.search(r"[.,;:!?]", plain)


def _is_emoji(char: str) -> bool:
    return ord(char) >= _FIRST_EMOJI and unicodedata.category(char) == "So"
