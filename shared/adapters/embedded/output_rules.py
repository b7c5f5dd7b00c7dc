"""Finds in a draft what must not be sent."""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from shared.adapters.embedded.agreement import Source
from shared.adapters.embedded.commitments import unbacked
from shared.adapters.embedded.grounding import Ground, objections
from shared.adapters.embedded.polarity import turns_of
from shared.adapters.embedded.promises import Cover, Promises, uncovered
from shared.adapters.embedded.quoting import sentences_of
from shared.adapters.embedded.unmasking import fold
from shared.adapters.embedded.values import values_of
from shared.contracts import LANGUAGES, Finding, JudgeReply, Language, Sentence
from shared.errors import SettingsError
from shared.personal_data import broken_tokens

FILE = Path(__file__).parent / "rules" / "output.toml"
Detect = Callable[[str, Language | None], Language]
_NOT_WORDS = re.compile(r"TOKEN_[0-9a-fA-F-]+|“[^”]*”|«[^»]*»|\S*\d\S*|\b[A-ZÀ-Ö][\w'’-]*")
_WORDS = re.compile(r"[^\W\d_]{2,}")
# Fewer words than this say too little about their language.
_ENOUGH_WORDS = 6
_CONTENT = re.compile(r"[^\W\d_]{5,}")
_CLAUSE = re.compile(r"[,;:.!?()]")
_TOKENS = re.compile(r"TOKEN_[0-9a-fA-F-]+")
# A number, a mailbox, or a large letter inside a sentence: without one there is nothing personal in it.
_MAY_BE_PERSONAL = re.compile(r"[\d@]|(?<![.!?:¿¡«“\"(]) [A-ZÀ-ÖØ-Þ]")
# Where a reply may send the customer: pages, mailboxes and phones.
_CONTACT = re.compile(
    r"https?://\S+|\bwww\.\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|"
    r"(?<![\w@./-])(?:[a-z0-9][a-z0-9-]+\.)+(?:com|net|org|info|io|co|shop|store|biz|eu|us|uk|fr|es|de|ca|be|ch|"
    r"it|ai|app|"
    r"dev|xyz|top|online|site|link|club|ru|cn|example|test|ly|gl)\b(?:/\S*)?|"
    r"(?<![\w$€£#.,-])(?:\+\d|\(\d|0\d)[\d ().-]{6,}\d(?![\w-])|"
    r"(?<![\w$€£#.,-])\d{3}[ .-]\d{3}[ .-]\d{4}(?![\w-])"
)


@dataclass(frozen=True)
class Ban:
    """One thing no reply may say; see rules/output.toml."""

    id: str
    remedy: str
    unless_source: bool
    unless_denied: bool
    unsourced: bool
    patterns: tuple[re.Pattern[str], ...]


def load_bans(file: Path = FILE) -> tuple[Ban, ...]:
    """The rules of a file; raises `SettingsError` naming the rule and what is wrong."""
    try:
        entries = tomllib.loads(file.read_text())["rule"]
        return tuple(
            Ban(
                str(entry["id"]),
                str(entry["remedy"]),
                bool(entry["unless_source"]),
                bool(entry.get("unless_denied", False)),
                bool(entry.get("unsourced", False)),
                tuple(re.compile(pattern) for pattern in entry["patterns"]),
            )
            for entry in entries
        )
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, re.error) as error:
        raise SettingsError(f"{file.name}: {error!r}; see the comment on top of the file") from error


class Review:
    """One draft under review."""

    def __init__(
        self, ask: JudgeReply, bans: Sequence[Ban], promises: Mapping[Language, Promises], detect: Detect
    ) -> None:
        self._ask = ask
        self._bans = bans
        self._promises = promises[ask.language]
        self._detect = detect
        self._passages = {passage.id: passage for passage in ask.passages}
        self._facts = {fact.id: fact.value for fact in ask.facts}
        self._receipts = {fact.id: fact.value for fact in ask.facts if fact.id.startswith("receipt:")}
        self._allowed = "\n".join(ask.allowed_values)
        self._quoted = {sentence: self._is_quoted(sentence) for sentence in ask.sentences}
        self._own = [sentence for sentence in ask.sentences if not self._quoted[sentence]]
        self._tokens = values_of("\n".join((ask.text, self._allowed, *self._facts.values()))).tokens

    def findings(self) -> Iterator[Finding]:
        """Every objection, in the order of the sentences."""
        if not any(sentence.text.strip() for sentence in self._ask.sentences):
            yield Finding(rule="output.empty", span="", remedy="write at least one sentence")
        for sentence in self._ask.sentences:
            yield from self._sentence(sentence)
        yield from self._personal()
        yield from self._language()

    def _sentence(self, sentence: Sentence) -> Iterator[Finding]:
        plain = fold(sentence.text)
        for source in sentence.sources:
            if source not in self._passages and source not in self._facts:
                remedy = "cite only the passages and facts that were given"
                yield Finding(rule="output.unknown_source", span=source, remedy=remedy)
        unknown = values_of(sentence.text, self._ask.language).tokens - self._tokens
        for token in sorted(unknown | set(broken_tokens(sentence.text))):
            remedy = "use only tokens that stand in the facts or in the customer's message"
            yield Finding(rule="output.unknown_token", span=token, remedy=remedy)
        quoted = self._quoted[sentence]
        ground = self._ground(sentence)
        if not quoted:
            cover = Cover(ground.passages, ground.facts, self._receipts, self._allowed)
            found = [
                *objections(sentence.text, self._ask.language, ground),
                *uncovered(sentence.text, self._ask.language, self._promises, cover),
            ]
            yield from found
            if not found:
                yield from unbacked(sentence.text, self._ask.language, self._promises, cover)
        yield from _contacts(plain, fold(f"{ground.sources}\n{ground.allowed}"))
        yield from self._banned(plain, fold(f"{ground.sources}\n{ground.allowed}"), quoted=quoted)

    def _is_quoted(self, sentence: Sentence) -> bool:
        """Whether one cited passage holds these sentences word for word, each as a whole."""
        said = {_words_of(part) for part in sentences_of(sentence.text)}
        for source in sentence.sources:
            passage = self._passages.get(source)
            if passage is not None and said and said <= _whole_sentences(passage.text):
                return True
        return False

    def _ground(self, sentence: Sentence) -> Ground:
        facts = {source: self._facts[source] for source in sentence.sources if source in self._facts}
        texts = [
            f"{passage.title}\n{passage.section}\n{passage.text}"
            for source in sentence.sources
            if (passage := self._passages.get(source))
        ]
        orders = {source.split("/")[0] for source in facts if source.startswith("order:")}
        # A sentence may name the order it speaks of whichever of its fields it cites.
        numbers = [order.removeprefix("order:") for order in sorted(orders)]
        statuses = {self._facts.get(f"{order}/status", "") for order in orders} - {""}
        return Ground(
            sources="\n".join([*texts, *facts.values(), *numbers]),
            allowed=self._allowed,
            asked=self._ask.text,
            facts=facts,
            statuses=frozenset(statuses),
            fields=self._facts,
            passages=tuple(
                Source(passage.text, f"{passage.title} {passage.section}", passage.locale)
                for source in sentence.sources
                if (passage := self._passages.get(source))
            ),
        )

    def _banned(self, plain: str, known: str, *, quoted: bool) -> Iterator[Finding]:
        for ban in self._bans:
            if (quoted and ban.unless_source) or (ban.unsourced and (known.strip() or plain.endswith("?"))):
                continue
            for pattern in ban.patterns:
                match = pattern.search(plain)
                if match and ban.unless_denied and self._denied(plain, match.start()):
                    continue
                if match and not (ban.unless_source and _backed(match[0], known, pattern)):
                    yield Finding(rule=ban.id, span=match[0], remedy=ban.remedy)
                    break

    def _denied(self, plain: str, at: int) -> bool:
        """Whether the clause that leads up to the place says no: "we never ask you to send your password"."""
        starts = [end.end() for end in _CLAUSE.finditer(plain, 0, at)]
        clause = plain[starts[-1] if starts else 0 : at]
        return any(turns_of(clause, language)[0] % 2 for language in LANGUAGES)

    def _personal(self) -> Iterator[Finding]:
        """Personal data that is no token: it came past the vault, or the writer made it up."""
        said = (_TOKENS.sub("it", sentence.text) for sentence in self._own)
        text = "\n".join(text for text in said if _MAY_BE_PERSONAL.search(text))
        if not text:
            return
        from shared.personal_data import find  # noqa: PLC0415 loads the phone tables, which is slow

        known = fold("\n".join([self._allowed, *self._facts.values(), *(p.text for p in self._ask.passages)]))
        for span in find(text):
            value = text[span.start : span.end]
            if fold(value) not in known:
                remedy = f"a {span.kind.replace('_', ' ')} may stand here only as a token: leave it out"
                yield Finding(rule="output.personal_data", span=value, remedy=remedy)

    def _language(self) -> Iterator[Finding]:
        """The writer's own words must be in the customer's language; quotes are in their passage's."""
        wanted = self._ask.language
        short: list[str] = []
        for sentence in self._own:
            words = _WORDS.findall(_NOT_WORDS.sub(" ", sentence.text))
            if len(words) < _ENOUGH_WORDS:
                short += words
            elif (spoken := self._detect(" ".join(words), wanted)) != wanted:
                yield _foreign(spoken, sentence.text, wanted)
                return
        if len(short) >= _ENOUGH_WORDS and (spoken := self._detect(" ".join(short), wanted)) != wanted:
            yield _foreign(spoken, max((sentence.text for sentence in self._own), key=len), wanted)


@lru_cache(maxsize=1_000)
def _whole_sentences(text: str) -> frozenset[str]:
    return frozenset(_words_of(sentence) for sentence in sentences_of(text))


def _words_of(sentence: str) -> str:
    return " ".join(fold(sentence).split())


def _foreign(spoken: Language, text: str, wanted: Language) -> Finding:
    return Finding(rule="output.language", span=text, remedy=f"this is {spoken}: write in {wanted}")


def _contacts(plain: str, known: str) -> Iterator[Finding]:
    """A page, mailbox or phone that no source names."""
    for match in _CONTACT.finditer(plain):
        said = match[0].rstrip(".,;:!?)")
        if said not in known:
            yield Finding(
                rule="output.contact",
                span=said,
                remedy="name only pages, mailboxes and phones that the sources give",
            )


def _backed(said: str, known: str, pattern: re.Pattern[str]) -> bool:
    """A source promises the same: every telling word stands in one match there, or anywhere in it."""
    words = set(_CONTENT.findall(said))
    return bool(words) and (
        any(words <= set(_CONTENT.findall(match[0])) for match in pattern.finditer(known))
        or all(word in known for word in words)
    )
