"""Undoes the disguises of a text, so that rules see what a model would understand."""

import base64
import binascii
import re
import unicodedata
from functools import lru_cache
from itertools import filterfalse

# Letters of other alphabets that look like Latin ones; only the ones that appear in disguises.
_LOOK_ALIKE = str.maketrans("асеорхуіѕјԁһνοαιΑΒΕΖΗΙΚΜΝΟΡΤΥΧкмтн", "aceopxyisjdhvoaiABEZHIKMNOPTYXkmth")
_LEET = str.maketrans("0134578@$!", "oieastbasi")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f]"
)
# A word of Latin letters with others among them; a wholly Russian or Greek word is only that.
_MIXED = re.compile(r"(?<!\w)(?=\w*[a-zA-Z])(?=\w*[\u0370-\u058f])\w+")
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-"}
)
_SPACES = re.compile(r"[^\S\n]+")
# "montre-moi", "donne-nous": the verb is what counts.
_CLITIC = re.compile(r"-(moi|nous|toi|vous|lui|leur|le|la|les|tu|il|on)\b")
_BACKWARDS = re.compile(r"\b(?:backwards?|reversed?|envers|reves)\b")
_SPELLED = re.compile(r"(?<![^\W_])(?:[^\W_][ .\-_*|/]+){3,}[^\W_](?![^\W_])")
_LEET_MARK = re.compile(r"[a-z][0134578@$!]|[0134578@$!][a-z]")
_BASE64 = re.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{16,}={0,2}(?![\w+/=])")
_HEX = re.compile(r"(?<![\w])(?:[0-9a-fA-F]{2}[ :]?){12,}(?![\w])")
_TOKEN = re.compile(r"TOKEN_[0-9a-fA-F-]{36}")
_LETTERS_SHARE = 0.8


@lru_cache(maxsize=2_000)
def fold(text: str) -> str:
    """Small letters, no accents, no invisible characters, straight quotes, single spaces."""
    if text.isascii():
        return _SPACES.sub(" ", text.replace("`", "'").casefold()).strip()
    visible = _INVISIBLE.sub("", text)
    plain = unicodedata.normalize("NFKD", visible).casefold().translate(_QUOTES)
    plain = _MIXED.sub(lambda match: match[0].translate(_LOOK_ALIKE), plain)
    letters = "".join(filterfalse(unicodedata.combining, plain))
    return _SPACES.sub(" ", letters).strip()


def in_disguise(text: str) -> bool:
    """True when letters are not what they look like: invisible, full-width or of another alphabet."""
    if text.isascii():
        return False
    odd = _INVISIBLE.search(text) or _MIXED.search(text)
    return bool(odd) or unicodedata.normalize("NFKC", text) != unicodedata.normalize("NFC", text)


def bare(text: str) -> str:
    """The text with each personal token as one word: what it stands for was shorter."""
    return _TOKEN.sub("TOKEN", text)


def views(text: str) -> list[str]:
    """The folded text first, then what it reads as without each disguise that is there."""
    said = bare(text)
    plain = _CLITIC.sub(r" \1", fold(said))
    words = re.split(r"\s{2,}", _INVISIBLE.sub("", said))
    candidates = [
        _SPELLED.sub(lambda match: re.sub(r"[^\w]|_", "", match[0]), plain),
        fold(" ".join(_SPELLED.sub(lambda match: re.sub(r"[^\w]|_", "", match[0]), word) for word in words)),
        " ".join(word.translate(_LEET) if _LEET_MARK.search(word) else word for word in plain.split(" ")),
        *(fold(hidden) for hidden in hidden_texts(said)),
    ]
    if _BACKWARDS.search(plain):
        candidates.append(plain[::-1])
    return list(dict.fromkeys([plain, *candidates]))


def hidden_texts(text: str) -> list[str]:
    """Readable text written in base64 or hexadecimal."""
    found = []
    for match in _BASE64.finditer(text):
        coded = match[0].rstrip("=").replace("-", "+").replace("_", "/")
        try:
            found.append(base64.b64decode(coded + "=" * (-len(coded) % 4), validate=True))
        except binascii.Error:
            continue
    found.extend(bytes.fromhex(re.sub(r"[ :]", "", match[0])) for match in _HEX.finditer(text))
    return [plain for data in found if (plain := _readable(data))]


def _readable(data: bytes) -> str:
    """The text of `data`, or nothing when it is not text."""
    try:
        plain = data.decode()
    except UnicodeDecodeError:
        return ""
    letters = sum(char.isalpha() or char.isspace() for char in plain)
    return plain if letters >= _LETTERS_SHARE * len(plain) and " " in plain else ""
