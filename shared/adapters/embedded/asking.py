"""Hears whether a customer asks for a person, however they put it; works without any model."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice
from typing import Any

from rapidfuzz.distance import DamerauLevenshtein

from shared.adapters.embedded.unmasking import fold
from shared.contracts import LANGUAGES

_MOST_CLAUSES = 200
"""A message has at most 5,000 characters; what has more clauses than this is no message."""
_MENDABLE = 5
"""Letters from which a word has few enough neighbours to be mended."""
_REFERENCE = re.compile(r"<([a-z]+)>")
_QUOTED = re.compile(r"\"[^\"]{1,200}\"|(?<!\w)'[^']{2,200}'(?!\w)")
# Who quotes themselves still asks: I said "agent".
_OWN_WORDS = re.compile(
    r"\b(?:i|you) (?:said|want|asked for|need)[: ]*$|\b(?:j'ai dit|dije|je veux|quiero)[: ]*$"
)
_TOKEN = re.compile(r"token_[0-9a-f-]{36}")
_CLAUSE = re.compile(r"[.,;:!?()\[\]\n\"¡¿…]+|\s[-/]\s|\b(?:but|mais|pero|sino|sinon|porque)\b")
_UNSPOKEN = re.compile(r"[^a-z0-9 ]+")


@dataclass(frozen=True)
class _Tongue:
    """How one language asks."""

    polite: frozenset[str]
    person: re.Pattern[str]
    somebody: re.Pattern[str]
    machine: re.Pattern[str]
    asks: tuple[re.Pattern[str], ...]
    alone: tuple[re.Pattern[str], ...]
    """What need not name anybody: "call me back", "transfer me"."""
    refuses: tuple[re.Pattern[str], ...]
    across: tuple[re.Pattern[str], ...]
    before: tuple[re.Pattern[str], ...]

    def heard(self, clause: str) -> str:
        """The words of this clause that ask, or nothing."""
        somebody = self.somebody.search(clause) is not None
        if somebody and self.person.fullmatch(bare := self._bare(clause)):
            return bare
        # Most clauses name nobody: then most patterns need not be tried.
        for pattern in (*self.asks, *self.alone) if somebody else self.alone:
            for match in pattern.finditer(clause):
                if not any(blocked.search(clause, 0, match.start()) for blocked in self.before):
                    return match[0].strip()
        if self.machine.search(clause) is None:
            return ""
        refused = (pattern.search(clause) for pattern in self.refuses)
        return next((match[0] for match in refused if match), "")

    def _bare(self, clause: str) -> str:
        """The clause without words that only ask kindly, each word once: "agent agent please" is an agent."""
        words = [word for word, _ in groupby(clause.split())]
        while words and words[-1] in self.polite:
            words.pop()
        while words and words[0] in self.polite and not self.person.fullmatch(" ".join(words)):
            words.pop(0)
        return " ".join(words)


class Asking:
    """Whether words ask for a person; pure: the same words are heard the same."""

    def __init__(self, rules: Mapping[str, Any]) -> None:
        """`rules` are those of rules/asking.toml; raises `KeyError` or `re.error` for what is wrong there."""
        self._slips: Mapping[str, str] = rules["slips"]
        # The longest first: "quelque un" before "un".
        wrong = "|".join(map(re.escape, sorted(self._slips, key=len, reverse=True)))
        self._slip = re.compile(rf"\b(?:{wrong})\b")
        self._mended: tuple[str, ...] = tuple(rules["mended"]["words"])
        self._right = frozenset(self._mended) | frozenset(rules["mended"]["but"])
        self._tongues = [_tongue({**rules["all"], **rules[language]}) for language in LANGUAGES]
        self._mend = lru_cache(maxsize=20_000)(self._nearest)

    def first(self, text: str) -> str:
        """The words that ask for a person, or nothing. `text` is what the customer wrote, or that folded."""
        plain = _unquoted(_TOKEN.sub(" ", fold(text)))
        clauses = [self._spoken(part) for part in islice(_CLAUSE.split(plain), _MOST_CLAUSES)]
        for clause in filter(None, clauses):
            for tongue in self._tongues:
                if found := tongue.heard(clause):
                    return found
        whole = " ".join(clauses)
        matches = (pattern.search(whole) for tongue in self._tongues for pattern in tongue.across)
        return next((match[0] for match in matches if match), "")

    def _spoken(self, clause: str) -> str:
        """Letters and single spaces, without apostrophes, slips mended."""
        said = " ".join(_UNSPOKEN.sub(" ", clause.replace("'", "").replace("-", " ")).split())
        said = self._slip.sub(lambda match: self._slips[match[0]], said)
        return " ".join(self._mend(word) for word in said.split())

    def _nearest(self, word: str) -> str:
        if len(word) < _MENDABLE or word in self._right:
            return word
        near = (
            right
            for right in self._mended
            if word[0] == right[0] and DamerauLevenshtein.distance(word, right, score_cutoff=1) <= 1
        )
        return next(near, word)


def _unquoted(text: str) -> str:
    """Without what is quoted: a page's words are not the customer's. A wholly quoted text is theirs."""
    if not _QUOTED.sub("", text).strip(" .!?"):
        return text

    def without(match: re.Match[str]) -> str:
        own = _OWN_WORDS.search(text, 0, match.start())
        return match[0].replace('"', " ") if own else " quote "

    return _QUOTED.sub(without, text)


def _tongue(table: Mapping[str, Any]) -> _Tongue:
    lists: dict[str, Sequence[str]] = {name: lines for name, lines in table.items() if name != "polite"}

    def written_out(text: str) -> str:
        while _REFERENCE.search(text):
            text = _REFERENCE.sub(lambda match: "|".join(lists[match[1]]), text)
        return text

    def compiled(texts: Sequence[str]) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(written_out(text)) for text in texts)

    return _Tongue(
        polite=frozenset(table["polite"]),
        person=re.compile(written_out("(?:<one>)")),
        somebody=re.compile(written_out(r"\b(?:<person>|<anybody>)\b")),
        machine=re.compile(written_out(r"\b(?:<machine>)\b")),
        asks=compiled(lists["asks"]),
        alone=compiled(lists["alone"]),
        refuses=compiled(lists["refuses"]),
        across=compiled(lists["across"]),
        before=compiled(lists["before"]),
    )
