"""Personal values in what staff write: closed ones are labels in the box and tokens everywhere else."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from shared.personal_data import tokens_in

_LABEL = re.compile("‹[^‹›\\n]{1,20} ·?([0-9a-f]{4})›")
_DIGITS = slice(6, 10)
"""Of a token, those that its label shows; the thread's labels are the same (`render`)."""
_NOTHING: Mapping[str, str] = {}
_WORDS = {
    "birth_date": "birthday",
    "email": "e-mail",
    "iban": "bank account",
    "id": "customer number",
    "ip": "IP address",
    "national_id": "identity number",
}
"""Kinds of values that are not called what the vault calls them."""


def label_of(token: str, kind: str = "") -> str:
    """How a closed value is shown: what it is, and four digits by which it is known again."""
    return f"{_WORDS.get(kind, kind)} ·{token[_DIGITS]}" if kind else f"hidden {token[_DIGITS]}"


class Labels:
    """The labels of one conversation's tokens, of these kinds; two that would look the same stay tokens."""

    def __init__(self, texts: Iterable[str], kinds: Mapping[str, str] = _NOTHING) -> None:
        self.kinds = kinds
        self.tokens = tuple(dict.fromkeys(token for text in texts for token in tokens_in(text)))
        counts = Counter(token[_DIGITS] for token in self.tokens)
        self._tokens = {token[_DIGITS]: token for token in self.tokens if counts[token[_DIGITS]] == 1}

    def shown(self, text: str) -> str:
        """`text` with a label for each token, as the box shows it."""
        for token in self._tokens.values():
            text = text.replace(token, f"‹{label_of(token, self.kinds.get(token, ''))}›")
        return text

    def read(self, text: str) -> str:
        """`text` from the box with its tokens back."""
        return _LABEL.sub(lambda found: self._tokens.get(found[1], found[0]), text)

    def unknown(self, text: str) -> tuple[str, ...]:
        """Labels in `text` that stand for nothing here: pasted from another conversation, or mistyped."""
        found = {match[0]: match[1] for match in _LABEL.finditer(text)}
        return tuple(label for label, digits in found.items() if digits not in self._tokens)
