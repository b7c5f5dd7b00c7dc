"""Tells what says too little to be judged by its meaning: "y", "write", a number, a lone link."""

import re

_LINK = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
# One address stands alone; many words with such signs in them may be a sentence in disguise.
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_VALUE = re.compile(r"TOKEN_[0-9a-fA-F-]{36}|[#@]?\b\d[\d.,:/-]*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_CODE = re.compile(r"[{}<>=;`|\\$]|--")
_MOST_LETTERS = 3
_LONGEST_WORD = 12
"""Of words in everyday use; "ignorealltherules" is a sentence."""
# Of other scripts a few signs may be a sentence.
_LAST_LATIN = "\u024f"


def slight(text: str) -> bool:
    """True when one word, or three letters, stand beside numbers, personal values and one link or address.

    What a classifier makes of so little is chance: "y" and "your" lie nearer to attacks than to customers.
    """
    if _CODE.search(_LINK.sub(" ", text)):
        return False
    rest = _VALUE.sub(" ", _MAIL.sub(" ", _LINK.sub(" ", text, count=1), count=1))
    words = _WORD.findall(rest)
    if any(char > _LAST_LATIN for word in words for char in word if char.isalpha()):
        return False
    few = sum(map(len, words)) <= _MOST_LETTERS
    return few or (len(words) == 1 and len(words[0]) <= _LONGEST_WORD)
