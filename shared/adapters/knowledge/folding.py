"""Turns text into the word stems that lexical search compares, in English, French and Spanish."""

import re
import unicodedata
from functools import lru_cache

from shared.contracts import Language

_TOKEN = re.compile(r"TOKEN_[0-9a-fA-F-]{36}")
_MARKS = re.compile("[\u0300-\u036f]")
_WORD = re.compile(r"[a-z0-9]+")
# An order or tracking number says whose it is, not what the question is about.
_NUMBER = re.compile(r"\d{4,}")

# Function words of each language, folded; words that carry a need (not, no, when, how) are no help
# to tell passages apart either, so they are here too.
_STOP: dict[Language, str] = {
    "en": """a about am an and any are as at be been but by can could d did do does for from had has have he
        hello her hey hi him his how i if in into is it its just know let like ll m may me might my need of
        on or our out please re s she should so some something such t tell than thank thanks that the their
        them then there these they this those to too us ve very want was we were what when where which who
        whom whose why will with would you your""",
    "fr": """a ai aimerais alors as au aux avec avez avoir avons bonjour c ca ce cela ces cet cette chez
        ci comme comment d dans de des dois donc du elle elles en es est et etais etait ete etes etre eu
        faire fait faut il ils j je l la le les leur leurs lui m ma mais me meme merci mes moi mon n ne nos
        notre nous on ont ou par pas peut peux plait plus pour pourquoi pourrais pourriez pouvez puis
        qu quand que quel quelle quelles quels qui quoi s sa salut sans se sera ses si son sont suis
        sur svp t ta te tes toi ton tous tout toute tres tu un une va vais veux vos votre voudrais vous
        y""",
    "es": """a al algo algun ante asi como con cual cuales cuando cuanta cuanto cuantos dar darme darse de del
        desde donde dos doy el ella ellas ellos en entre era eres es esa ese eso esta estan estas este esto
        estos estoy favor fue gracias ha habia hace hacen han has hasta hay haya he hola la las le les lo los
        mas me mi mis mucho muy nada necesito ni no nos nosotros nuestra nuestro o os otra otro para pero
        por porque puede pueden puedo que quien quiero quisiera se ser si sin sobre son soy su sus tambien te
        tengo tiene tienen tu tus u un una unas uno unos usted ustedes y ya yo""",
}

# Longest first; a stem keeps at least as many letters as `_KEEP` says.
_SUFFIXES: dict[Language, tuple[str, ...]] = {
    "en": ("ations", "ation", "ments", "ment", "ings", "ing", "ies", "ions", "ion", "edly", "ed", "ers",
           "er", "ly", "es", "s", "e", "y"),
    "fr": ("issements", "issement", "ations", "ements", "ation", "ement", "iraient", "eraient", "erions",
           "erait", "aient", "antes", "ateur", "euses", "ables", "able", "ance", "ante", "ants", "euse",
           "eurs", "ions", "ives", "ites", "eur", "ais", "ait", "ant", "ees", "ent", "era", "iez", "ifs",
           "ion", "ive", "ite", "irs", "ers", "ee", "er", "es", "ez", "if", "ir", "is", "it", "re", "us",
           "ue", "e", "i", "s", "t", "u", "x"),
    "es": ("amientos", "imientos", "amiento", "imiento", "aciones", "adoras", "adores", "uciones",
           "aremos", "ariamos", "acion", "ucion", "adora",
           "arlos", "arlas", "arles", "erlos", "erlas", "iendo", "ancia", "ciones", "ables", "ador",
           "ando", "ados", "adas", "idos", "idas", "able", "amos", "emos", "imos", "cion", "aran", "aron",
           "arlo", "arla", "arle", "arme", "arse", "erlo", "erla", "erme", "erse", "irlo", "irme", "irse",
           "ieron", "aria", "ado", "ada", "ido", "ida", "ara", "era", "ira", "aba", "ian", "an", "ar", "as",
           "en", "er", "es", "ia", "io", "ir", "os", "a", "e", "i", "o", "s"),
}  # fmt: skip
_KEEP: dict[Language, int] = {"en": 3, "fr": 3, "es": 3}
# French plurals are undone first: `horaires` and `cadeaux` must lose the same ending as `horaire`, `cadeau`.
_PLURAL = re.compile(r"(?<=[^s])[sx]$")


def question_text(text: str) -> str:
    """`text` without tokens and long numbers, which say nothing about what is asked."""
    return " ".join(_NUMBER.sub(" ", _TOKEN.sub(" ", text)).split())


def fold(text: str) -> str:
    """Small letters without accents."""
    small = text.casefold()
    if small.isascii():
        return small
    return _MARKS.sub("", unicodedata.normalize("NFKD", small.replace("œ", "oe"))).replace("’", "'")


def stems(text: str, language: Language) -> list[str]:
    """The stems of the words that carry meaning, in order; two characters or more."""
    stop = stop_words(language)
    words = _WORD.findall(fold(text))
    return [stem(word, language) for word in words if word not in stop and (len(word) > 1)]


@lru_cache(maxsize=3)
def stop_words(language: Language) -> frozenset[str]:
    """The function words of a language, folded."""
    return frozenset(_STOP[language].split())


@lru_cache(maxsize=50_000)
def stem(word: str, language: Language) -> str:
    """A light stem: the word without its most common endings."""
    keep = _KEEP[language]
    if not word.isalpha() or len(word) <= keep:
        return word
    if language == "fr" and len(word) > keep + 1:
        word = _PLURAL.sub("", word)
    for suffix in _SUFFIXES[language]:
        if word.endswith(suffix) and len(word) - len(suffix) >= keep:
            root = word[: -len(suffix)]
            # `precios` leaves preci, `precio` prec.
            root = root[:-1] if language == "es" and root.endswith("i") and len(root) > keep else root
            return _undouble(root, language)
    return word


def _undouble(root: str, language: Language) -> str:
    """`shipping` and `ship`, `colonne` and `colon` meet; ss and ll of English roots (press, sell) stay."""
    if len(root) > 3 and root[-1] == root[-2] and not (language == "en" and root[-1] in "sl"):
        return root[:-1]
    return root


def grams(text: str, language: Language, size: int = 4) -> list[str]:
    """Character n-grams inside the words that carry meaning; they survive typos and rich endings."""
    stop = stop_words(language)
    found: list[str] = []
    for word in _WORD.findall(fold(text)):
        if word in stop or len(word) < 2:
            continue
        padded = f" {word} "
        found.extend(padded[n : n + size] for n in range(max(1, len(padded) - size + 1)))
    return found
