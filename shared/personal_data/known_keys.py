"""Prepares the values of a customer's record for comparing: each becomes keys of bare letters and digits."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from shared.personal_data.view import fold
from shared.personal_data.words import common_words, doubtful_names

# Words of addresses that are written short or long.
_STREET_WORDS = (
    ("street", "st", "str"),
    ("avenue", "ave", "av", "avenida", "avda", "avd"),
    ("road", "rd"),
    ("drive", "dr", "drv"),
    ("lane", "ln"),
    ("boulevard", "blvd", "bd", "bld", "bvd"),
    ("court", "ct"),
    ("place", "pl", "plaza", "pza"),
    ("square", "sq"),
    ("terrace", "ter", "terr"),
    ("circle", "cir"),
    ("parkway", "pkwy"),
    ("highway", "hwy"),
    ("trail", "trl"),
    ("close", "cl"),
    ("crescent", "cres"),
    ("way", "wy"),
    ("north", "n"),
    ("south", "s"),
    ("east", "e"),
    ("west", "w"),
    ("saint", "st"),
    ("sainte", "ste"),
    ("apartment", "apt", "appt"),
    ("suite", "ste"),
    ("mount", "mt"),
    ("rue", "r"),
    ("chemin", "ch", "che"),
    ("impasse", "imp"),
    ("allee", "all"),
    ("faubourg", "fbg", "fg"),
    ("calle", "c", "cl"),
    ("paseo", "pso"),
    ("carretera", "ctra"),
    ("quay", "qy"),
)
# Mailboxes that belong to nobody, and lands and states that identify nobody.
_NOBODY = (
    "info support hello contact sales admin mail email customer orders shop office team help account user "
    "usa us uk canada france spain espana england scotland wales germany mexico unitedstates unitedkingdom "
    "unitedstatesofamerica estadosunidos royaumeuni espagne etatsunis"
)
# Words in a spelled-out e-mail address that stand for signs; left out of the comparison.
SIGN_WORDS = frozenset({"at", "dot", "point", "punto", "arobase", "arroba", "chez", "period"})


class Key(NamedTuple):
    """Letters and digits to look for.

    `near` allows one edit; `single` is one word of a name, which must not be pieced together from several
    words; `doubtful` is also an ordinary word; `number` looks left for a house number.
    """

    letters: str
    kind: str
    near: bool = False
    single: bool = False
    doubtful: bool = False
    number: bool = False


@cache
def _nobody() -> frozenset[str]:
    return frozenset(_NOBODY.split())


@cache
def _short_forms() -> dict[str, frozenset[str]]:
    forms: dict[str, frozenset[str]] = {}
    for group in _STREET_WORDS:
        for word in group:
            forms[word] = forms.get(word, frozenset()) | frozenset(group)
    return forms


def _parts(value: str) -> list[str]:
    return re.findall(r"[^\W_]+", value)


def _bare(value: str) -> str:
    return "".join(_parts(value))


def squeeze_address(value: str) -> str:
    """The letters and digits of an e-mail address, without the words that stand for its signs."""
    return "".join(part for part in _parts(value) if part not in SIGN_WORDS)


@lru_cache(maxsize=4096)
def keys_of(value: str) -> tuple[Key, ...]:
    """What to look for when this value of a record is known."""
    folded = fold(value).strip()
    if "@" in folded:
        keys = list(_email_keys(folded))
    elif re.fullmatch(r"#\s*\d{4,6}", folded):
        keys = []  # the shop's own order number: tools need it
    elif not any(char.isdigit() for char in folded):
        keys = _street_name_keys(folded) if _is_street(folded) else _name_keys(folded)
    elif sum(char.isalpha() for char in folded) <= 2:
        keys = list(_number_keys(folded))
    else:
        keys = [key for line in re.split(r"[,;\n]", folded) for key in _address_keys(line.strip())]
    return tuple(dict.fromkeys(key for key in keys if key.letters and key.letters not in _nobody()))


def _email_keys(value: str) -> list[Key]:
    local, _, _domain = value.partition("@")
    keys = [Key(squeeze_address(value), "email", near=True)]
    name = squeeze_address(local)
    if len(name) >= 4 and name not in common_words():
        plain = name.isalpha() and len(_parts(local)) == 1
        keys.append(Key(name, "email", near=len(name) >= 8, single=plain, doubtful=name in doubtful_names()))
    return keys


def _number_keys(value: str) -> list[Key]:
    digits = "".join(char for char in value if char.isdigit())
    bare = _bare(value)
    if len(digits) < 4:
        return []
    if re.fullmatch(r"[+\d\s().\-/]*", value) and len(digits) >= 8:
        keys = [Key(digits, "phone", near=True)]
        keys += [Key(national, "phone", near=True) for national in _national(value, digits)]
        if len(digits) == 10 or (len(digits) == 11 and digits[0] == "1"):
            keys.append(Key(digits[-7:], "phone"))  # said without the area code
        return keys
    kind = "address" if len(digits) <= 6 and len(bare) <= 7 else "number"
    keys = [Key(bare, kind, near=len(bare) >= 5)]
    if bare != digits and len(digits) >= 6:
        keys.append(Key(digits, kind, near=True))
    return keys


def _national(value: str, digits: str) -> list[str]:
    """The number without its country code; the trunk zero is caught by widening to the whole group."""
    if value.lstrip().startswith(("+", "00")):
        digits = digits.removeprefix("00")
        for code in ("1", "33", "34", "44", "49", "39", "32", "41", "52"):
            if digits.startswith(code):
                return [digits[len(code) :].lstrip("0")]
        return [digits[2:], digits[3:]] if len(digits) > 10 else []
    if digits[0] == "0" or (len(digits) == 11 and digits[0] == "1"):
        return [digits[1:]]
    return []


def _name_keys(value: str) -> list[Key]:
    if "," in value:  # "Garcia, Ana"
        value = " ".join(reversed([part.strip() for part in value.split(",")]))
    spaced = [word for word in value.split() if _bare(word)]
    words = [_bare(word) for word in spaced]
    keys = []
    if len(words) > 1:
        whole = {"".join(words), "".join(reversed(words)), words[-1] + "".join(words[:-1])}
        if len(words) > 2:
            whole |= {words[0] + words[-1], words[-1] + words[0], "".join(words[:2])}
        keys = [Key(letters, "name", near=len(letters) >= 5) for letters in sorted(whole)]
    for word, bare in zip(spaced, words, strict=True):
        pieces = [bare, *(_parts(word) if "-" in word else ())]
        keys += [
            Key(piece, "name", near=len(piece) >= 5, single=True, doubtful=piece in doubtful_names())
            for piece in pieces
            if len(piece) > 1
        ]
    return keys


def _is_street(value: str) -> bool:
    words = _parts(value)
    return len(words) > 1 and any(word in _short_forms() and len(word) > 1 for word in (words[0], words[-1]))


def _spellings(words: list[str]) -> set[str]:
    """Every way to write the words long and short; two words at most vary (more are rare)."""
    spelled = {"".join(words)}
    varied = [place for place, word in enumerate(words) if word in _short_forms()][:2]
    for place in varied:
        for form in _short_forms()[words[place]]:
            other = [*words[:place], form, *words[place + 1 :]]
            spelled.add("".join(other))
            for second in varied:
                if second > place:
                    spelled |= {
                        "".join([*other[:second], last, *other[second + 1 :]])
                        for last in _short_forms()[words[second]]
                    }
    return spelled


def _street_name_keys(value: str) -> list[Key]:
    words = _parts(value)
    plain = "".join(words)
    if len(words) == 1:
        doubtful = plain in doubtful_names()
        return [Key(plain, "address", near=len(plain) >= 6, single=True, doubtful=doubtful, number=True)] * (
            len(plain) > 2
        )
    return [
        Key(letters, "address", near=letters == plain and len(letters) >= 7, number=True)
        for letters in sorted(_spellings(words))
        if len(letters) >= 5
    ]


def _address_keys(line: str) -> list[Key]:
    words = _parts(line)
    if not any(char.isdigit() for char in line):
        return _name_keys(line) if len(_bare(line)) > 3 else []  # a city, not "ME"
    plain = "".join(words)
    named = [word for word in words if word.isalpha() and len(word) > 2]
    if not named or len(plain) < 4:
        return [Key(plain, "address", near=len(plain) >= 6)] if len(plain) >= 3 else []
    keys = [
        Key(letters, "address", near=letters == plain or len(letters) >= 8)
        for letters in sorted(_spellings(words))
    ]
    inner = list(words)
    while inner and inner[0][0].isdigit():
        inner.pop(0)
    while inner and any(char.isdigit() for char in inner[-1]):
        inner.pop()
    unit = {"apt", "apartment", "unit", "suite", "flat", "piso", "appt", "n", "no", "num", "bis", "ter"}
    while inner and inner[-1] in unit:
        inner.pop()
    return keys + (_street_name_keys(" ".join(inner)) if inner else [])
