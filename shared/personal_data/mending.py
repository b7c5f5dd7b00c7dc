"""Mends tokens that a model copied carelessly, and finds those that cannot be mended."""

import re
from collections.abc import Iterable

from shared.personal_data.view import token_pattern

_GAP = r"[\s_\u2010-\u2015-]?"
# The 32 digits of a token, whatever their case, what parts them and what stands before.
_LIKE = re.compile(
    rf"(?:\bTOKEN[\s_:#\u2010-\u2015-]*|\b)"
    rf"([0-9a-f]{{8}}(?:{_GAP}[0-9a-f]{{4}}){{3}}{_GAP}[0-9a-f]{{12}})(?![0-9a-f-])",
    re.IGNORECASE,
)
# The beginning of one: fewer digits, or more.
_BEGUN = re.compile(r"\bTOKEN[\s_:#-]*(?=[a-f-]*[0-9])[0-9a-f-]{4,}", re.IGNORECASE)
_WHOLE = re.compile(rf"{token_pattern().pattern}(?![0-9a-f-])")
_NO_DIGIT = re.compile(r"[^0-9a-f]")


def mend_tokens(text: str, known: Iterable[str]) -> str:
    """`text` with each token as it is written in `known`, where all 32 of its digits are those of one.

    Nothing is guessed: one digit less or another one, and it stays as it is.
    """
    by_digits = {_digits(token.removeprefix("TOKEN_")): token for token in known}
    return _LIKE.sub(lambda found: by_digits.get(_digits(found[1]), found[0]), text)


def broken_tokens(text: str) -> list[str]:
    """What looks like a token and is not written as one: the vault would leave it for the customer to see."""
    rest = _WHOLE.sub(" ", text)
    return [found[0].strip() for pattern in (_LIKE, _BEGUN) for found in pattern.finditer(rest)]


def _digits(token: str) -> str:
    return _NO_DIGIT.sub("", token.lower())
