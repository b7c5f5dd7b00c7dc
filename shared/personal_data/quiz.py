"""Tells a question about the world, whose names are nobody's secret, from a message about a person."""

import re
from functools import cache

from shared.personal_data.view import View

# Longer messages tell a story, and somebody may be in it.
_LONGEST = 15
_BEFORE = (
    r"\W*(?:(?:hey|hi|hello|ok|okay|so|please|well|and|google|siri|alexa|do you know|(?:can you )?tell me"
    r"|i wonder|hola|oye|dime|sabes|bonjour|dis|dis-moi|tu sais|sais-tu)\W+)*"
)
# "Who is Ana Lund, and who was the driver?" may be about a parcel; who painted something is not.
_ENGLISH = (
    r"who (?:wrote|painted|composed|directed|sang|sings|invented|discovered|founded|killed|starred|won"
    r"|has won|play(?:s|ed))\b|(?:which|what) (?:actor|actress|singer|band|king|queen|president|team)\b"
    r"|how (?:old|tall|rich) (?:is|was|are|were)\b"
    r"|(?:when|where|how|what year|why) (?:was|were|did|does) .*\b(?:born|die|died|killed|shot"
    r"|assassinated|invent|discover|rule|reign|retire|marry|married|famous)\b"
    r"|what did .*\b(?:discover|invent|write|paint)\b"
    r"|(?:recommend|suggest)\b.* (?:book|novel|song|movie|film)\b|(?:lyrics|recipe|plot|symptoms)\b"
    r"|(?:what(?:'s| is)|explain) .*\b(?:disease|law|theorem|theory|symphony|painting|plot)\b"
)
_FRENCH = (
    r"qui a (?:ecrit|peint|compose|realise|chante|invente|decouvert|fonde|gagne|tue|joue)\b|qui chante\b"
    r"|quel age a\b|quand (?:est|etait) (?:ne|nee|mort|morte)\b"
    r"|(?:c'est|qu'est-ce que|explique)\b.* (?:theoreme|theorie|maladie)\b"
)
_SPANISH = (
    r"quien (?:escribio|pinto|compuso|dirigio|canto|canta|invento|descubrio|fundo|gano|mato)\b"
    r"|cuantos anos (?:tiene|tenia)\b|(?:cuando|donde) (?:nacio|murio)\b"
    r"|(?:que es|explica\w*) .*\b(?:teorema|teoria|enfermedad)\b|recomienda\w* .*\blibro\b"
)


@cache
def _quiz() -> re.Pattern[str]:
    return re.compile(f"{_BEFORE}(?:{_ENGLISH}|{_FRENCH}|{_SPANISH})")


def is_quiz(view: View) -> bool:
    """Whether a short message asks what any encyclopedia knows."""
    return len(view.words) <= _LONGEST and _quiz().match(view.lower) is not None
