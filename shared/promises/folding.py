"""Folds a text to small letters without accents, character by character: places in it stay the same."""

import unicodedata


class _Fold(dict[int, str]):
    """What each character becomes; learned when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if unicodedata.category(char) in {"Zs", "Cc"}:
            plain = " "
        else:
            base = unicodedata.normalize("NFD", char)[0].lower()
            plain = base if len(base) == 1 else char
        if len(self) < _MOST:  # a text of strangers may hold every character there is
            self[code] = plain
        return plain


_MOST = 5_000
_FOLD = _Fold(
    {ord(curly): straight for curly, straight in zip("’‘‛`“”«»–—‑‐", "''''\"\"\"\"----", strict=True)}
)


def fold(text: str) -> str:
    """The text in small letters without accents, with straight quotes; as long as it was."""
    return text.translate(_FOLD)
