"""Hears whether a customer asks for a person, however they put it; works without any model."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, islice
from typing import Any

from shared.adapters.embedded.slips import mender
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
_DANGLING = re.compile(r"^[\s.,;:!)]+|[\s,;:(]+$")
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
    declines: tuple[re.Pattern[str], ...]
    """Who wants nobody: "don't connect me to an agent"."""
    nobody: tuple[re.Pattern[str], ...]
    """Where a person is anybody: "what is a person supposed to do?"."""
    no: tuple[re.Pattern[str], ...]

    def asks_back(self, clause: str) -> bool:
        """True when the clause is only a person: "human?"."""
        return self.person.fullmatch(self._bare(clause)) is not None

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
        mended = rules["mended"]
        self._mend = mender(mended["words"], mended["but"], shortest=_MENDABLE)
        self._tongues = [_tongue({**rules["all"], **rules[language]}) for language in LANGUAGES]
        # Two steps of a turn ask the same; a third of a millisecond each.
        self._first_of = lru_cache(maxsize=64)(self._heard)

    def first(self, text: str) -> str:
        """The words that ask for a person, or nothing. `text` is what the customer wrote, or that folded."""
        return self._first_of(fold(text))

    def _heard(self, folded: str) -> str:
        plain = _unquoted(_TOKEN.sub(" ", folded))
        parts = self._clauses(plain)
        clauses = [clause for at, (_, clause) in enumerate(parts) if not self._taken_back(parts, at)]
        for clause in filter(None, clauses):
            for tongue in self._tongues:
                if found := tongue.heard(clause):
                    return found
        whole = " ".join(clauses)
        matches = (pattern.search(whole) for tongue in self._tongues for pattern in tongue.across)
        return next((match[0] for match in matches if match), "")

    def declined(self, text: str) -> str | None:
        """The other words of a customer who wants no person, as written; None for who does not say so.

        Of who says nothing else that is an empty text; where "a person" is anybody, it is the whole text.
        """
        if self.first(text):
            return None
        parts = self._clauses(text)
        rest, said = "", False
        for at, (written, clause) in enumerate(parts):
            after = at > 0 and self._taken_back(parts, at - 1)
            if after or self._taken_back(parts, at) or self._any("declines", clause):
                said = True
                continue
            said = said or self._any("nobody", clause)
            rest += written
        rest = _DANGLING.sub("", rest)
        return rest if said else None

    def _any(self, kind: str, clause: str) -> bool:
        return any(each.search(clause) for tongue in self._tongues for each in getattr(tongue, kind))

    def _taken_back(self, parts: Sequence[tuple[str, str]], at: int) -> bool:
        """True for "human?" of "human? lol no."."""
        written, clause = parts[at]
        following = parts[at + 1][1] if at + 1 < len(parts) else ""
        return written.rstrip().endswith("?") and any(
            tongue.asks_back(clause) and any(each.fullmatch(following) for each in tongue.no)
            for tongue in self._tongues
        )

    def _clauses(self, text: str) -> list[tuple[str, str]]:
        """Each clause as it is written, with what ends it, and as it is spoken."""
        ends = [*islice(_CLAUSE.finditer(text), _MOST_CLAUSES - 1)]
        starts = [0, *(end.end() for end in ends)]
        cuts = [(end.start(), end.end()) for end in ends]
        if len(cuts) < _MOST_CLAUSES - 1:
            cuts.append((len(text), len(text)))
        return [
            (text[start:end], self._spoken(fold(text[start:stop])))
            for start, (stop, end) in zip(starts, cuts, strict=False)
        ]

    def _spoken(self, clause: str) -> str:
        """Letters and single spaces, without apostrophes, slips mended."""
        said = " ".join(_UNSPOKEN.sub(" ", clause.replace("'", "").replace("-", " ")).split())
        said = self._slip.sub(lambda match: self._slips[match[0]], said)
        return " ".join(self._mend(word) for word in said.split())


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
        declines=compiled(lists["declines"]),
        nobody=compiled(lists["nobody"]),
        no=compiled(lists["no"]),
    )
