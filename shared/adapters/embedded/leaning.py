"""Tells which sentences cannot be understood without the one before them."""

import re

from shared.adapters.knowledge.folding import fold
from shared.contracts import Language

# A sentence that begins like this leans on the one before it.
_LEANS: dict[Language, re.Pattern[str]] = {
    "en": re.compile(
        r"((?:do|tell us) (?:it|this|that|so)"
        r"|it|they|this|that|these|those|in (that|this|both) cases?|otherwise|however|then|after that|also"
        r"|both|if not|instead|but|and|so|such|the rest|for (this|that)|once it|until then)\b"
    ),
    "fr": re.compile(
        r"(faites-le"
        r"|il|elle|ils|elles|ce|c'|cela|ces|cet|cette|dans (ce|ces|les deux) cas|sinon|cependant|ensuite|puis"
        r"|toutefois|en revanche|mais|et|celui-ci|celle-ci|ceux-ci|les deux|pour cela|jusque-la)\b"
    ),
    "es": re.compile(
        r"(hagalo"
        r"|est[aeo]s?|es[aeo]s?|en (ese|este|esos|estos|ambos) casos?|si no|de lo contrario|sin embargo"
        r"|despues|luego|pero|tambien|asi|entonces|ambos|ambas|para ello|hasta entonces|y)\b"
    ),
}


def leans(sentence: str, language: Language) -> bool:
    """True for a sentence that goes on from the one before: "Do it at least 3 days before"."""
    return bool(_LEANS[language].match(fold(sentence)))
