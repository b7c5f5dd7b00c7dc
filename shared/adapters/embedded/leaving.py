"""Hears whether who waits for a person needs none any more; works without any model."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from shared.adapters.embedded.slips import mender
from shared.adapters.embedded.unmasking import fold
from shared.contracts import LANGUAGES
from shared.ports import Leaving

_MOST_WORDS = 25
"""A longer message says something that a person should read."""
_MENDABLE = 5
"""Letters from which a word has few enough neighbours to be mended."""
_TOKEN = re.compile(r"token_[0-9a-f-]{36}")
_CLAUSE = re.compile(r"[.,;:!?()\n\u2026]+|\s-\s|\b(?:but|mais|pero)\b")
_REFERENCE = re.compile(r"<([a-z]+)>")
_UNSPOKEN = re.compile(r"[^a-z0-9 ]+")


class LeavingWords:
    """Whether words give up the place in the queue; pure: the same words are heard the same."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        """`rules` are those of rules/leaving.toml; raises `KeyError` or `re.error` for what is wrong."""
        self._tongues = tuple(_Tongue(rules[language]) for language in LANGUAGES)
        mended = rules["mended"]
        self._mend = mender(mended["words"], mended["but"], shortest=_MENDABLE)

    def heard(self, text: str) -> Leaving:
        """Of what the customer wrote, or of that tokenized."""
        plain = fold(text)
        words = self._spoken(plain)
        if _TOKEN.search(plain) or not words or len(words.split()) > _MOST_WORDS:
            return "no"
        found = [tongue.whole(words) for tongue in self._tongues]
        if "plainly" in found:
            return "plainly"
        if "perhaps" in found:
            return "perhaps"
        if "?" in text:
            return "no"  # they ask something else beside it: that is answered
        clauses = [self._spoken(clause) for clause in _CLAUSE.split(plain)]
        beside = any(tongue.leaves(clause) for tongue in self._tongues for clause in clauses if clause)
        return "perhaps" if beside else "no"

    def _spoken(self, plain: str) -> str:
        """Letters and single spaces, without apostrophes, slips mended."""
        said = _UNSPOKEN.sub(" ", plain.replace("'", "").replace("\u2019", ""))
        return " ".join(self._mend(word) for word in said.split())


class _Tongue:
    """How one language says it."""

    def __init__(self, lists: Mapping[str, Sequence[str]]) -> None:
        def any_of(*kinds: str) -> str:
            texts = [_written_out(each, lists) for kind in kinds for each in lists[kind]]
            return "|".join(f"(?:{text})" for text in texts)

        self._leaves = re.compile(rf"(?:{any_of('leaves')})")
        self._polite = re.compile(rf"(?:(?:{any_of('polite')}) )*")
        self._all = re.compile(rf"(?:(?:{any_of('leaves', 'because', 'unsure', 'polite')}) )+")
        kinds = {kind: any_of(kind, "polite") for kind in ("because", "unsure")}
        self._only = {kind: re.compile(rf"(?:(?:{texts}) )+") for kind, texts in kinds.items()}

    def whole(self, words: str) -> Leaving:
        """What a message is that is made of nothing else."""
        said = f"{words} "
        if self._all.fullmatch(said) is None or self._polite.fullmatch(said):
            return "no"
        # Of an "unsure" or a "because" alone nobody can be certain.
        return "perhaps" if any(each.fullmatch(said) for each in self._only.values()) else "plainly"

    def leaves(self, clause: str) -> bool:
        """Whether this part of a message says it by itself."""
        bare = f"{clause} "
        start = self._polite.match(bare)
        return self._leaves.fullmatch(bare[start.end() if start else 0 :].strip()) is not None


def _written_out(text: str, lists: Mapping[str, Sequence[str]]) -> str:
    while _REFERENCE.search(text):
        text = _REFERENCE.sub(lambda match: "(?:" + "|".join(lists[match[1]]) + ")", text)
    return text
