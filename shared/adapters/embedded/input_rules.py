"""Finds in a customer's message what must not be worked on."""

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from shared.adapters.embedded.unmasking import bare, fold, views
from shared.contracts import Finding
from shared.errors import SettingsError

FILE = Path(__file__).parent / "rules" / "input.toml"
MOST_CHARACTERS = 5_000
# The same words this many times before: asking again is human, a fourth time is not.
MOST_REPEATS = 3
# "yes" or "1001" may well be the answer to many questions.
_SHORT = 16
_SPAN = 120
_SENTENCE = re.compile(r"(?<=[.!?\n])\s+")
_WORD_LIST = re.compile(r"<([a-z]+)>")
_WORDS = re.compile(r"[^\W\d_]{2,}")
_LONG = 1_200
_WINDOW, _OVERLAP = 700, 200
_RUN = re.compile(r"([^\s.\-_=*])\1{19,}")
# Of one character again and again, more than feeling needs.
_FLOOD = 200
_SYMBOLS = re.compile(r"[^\w]+")
_SHOP_WORDS = re.compile(
    r"\b(?:order|deliver|ship|refund|return|parcel|package|track|purchase|bought|store|shop|item|product|"
    r"account|payment|card|exchange|size|warranty|discount|commande|livr|colis|rembours|retour|achat|achet|"
    r"article|compte|paiement|pedido|envio|entrega|paquete|reembols|devol|compr|tienda|cuenta|pago|talla)"
)
_SHOT = re.compile(
    r"(?:^|\n|[.?!]\s)\s*(?:q|p|question|user|human|utilisateur|usuario|pregunta)\s*:", re.MULTILINE
)


@dataclass(frozen=True)
class Rule:
    """One thing to look for; see rules/input.toml."""

    id: str
    remedy: str
    strong: tuple[re.Pattern[str], ...]
    cue: tuple[re.Pattern[str], ...]
    spared: tuple[re.Pattern[str], ...]


@lru_cache(maxsize=1)
def load_rules(file: Path = FILE) -> tuple[Rule, ...]:
    """The rules of a file, read once; raises `SettingsError` naming rule and pattern."""
    try:
        data = tomllib.loads(file.read_text())
        words: dict[str, str] = data["words"]
        return tuple(_rule(entry, words, file) for entry in data["rule"])
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise SettingsError(f"{file.name}: {error!r}; see the comment on top of the file") from error


def _rule(entry: dict[str, object], words: dict[str, str], file: Path) -> Rule:
    compiled: dict[str, tuple[re.Pattern[str], ...]] = {}
    for key in ("strong", "cue", "except"):
        patterns = entry[key]
        assert isinstance(patterns, list)
        compiled[key] = tuple(_pattern(str(text), words, f"{file.name}: {entry['id']}") for text in patterns)
    return Rule(
        str(entry["id"]), str(entry["remedy"]), compiled["strong"], compiled["cue"], compiled["except"]
    )


def _pattern(text: str, words: dict[str, str], where: str) -> re.Pattern[str]:
    try:
        whole = _WORD_LIST.sub(lambda match: words.get(match[1], match[0]), text)
        # Folded text is decomposed and has no combining marks: patterns in other scripts follow it.
        plain = "".join(c for c in unicodedata.normalize("NFKD", whole) if not unicodedata.combining(c))
        return re.compile(plain)
    except re.error as error:
        raise SettingsError(f"{where}: {text!r}: {error}; mend the pattern") from error


def findings(text: str, *, recent: Sequence[str], rules: Sequence[Rule]) -> list[Finding]:
    """Every objection, the most telling first."""
    # The door in let this many characters pass before it put tokens for what was personal in them.
    if len(bare(text)) > MOST_CHARACTERS:
        remedy = f"ask for the message in at most {MOST_CHARACTERS:,} characters"
        return [Finding(rule="input.too_long", span=f"{len(bare(text)):,} characters", remedy=remedy)]
    # Noise first: it is cheap to see, and repeated words are what makes patterns slow.
    noise = _noise(fold(text))
    if noise:
        return noise
    seen = [part for view in views(text) for part in _windows(view)]
    found = [finding for rule in rules for finding in _strong(rule, seen)]
    found.extend(_many_shots(fold(text)))
    if not found:
        found.extend(_cues(rules, seen))
    return [*found, *_repetition(fold(text), recent)]


def commands(text: str, *, rules: Sequence[Rule]) -> list[Finding]:
    """What alone is enough to object to, in a text of any length that no customer wrote.

    Repetitions, pasted dialogues and half hints are left out: articles honestly have them.
    """
    seen = [part for view in views(text) for part in _windows(view)]
    return [finding for rule in rules for finding in _strong(rule, seen)]


def before_orders(text: str, rules: Sequence[Rule]) -> str:
    """A document's text up to the first sentence that gives the assistant orders: the rest is no source."""
    injection = [rule for rule in rules if rule.id == "input.injection"]
    kept: list[str] = []
    for sentence in _SENTENCE.split(text):
        seen = [part for view in views(sentence) for part in _windows(view)]
        if any(_strong(rule, seen) for rule in injection):
            break
        kept.append(sentence)
    return text if len(kept) == len(_SENTENCE.split(text)) else " ".join(kept)


def _windows(view: str) -> list[str]:
    """Overlapping pieces of a long text: no pattern spans more than the overlap, and cost stays linear."""
    return [
        view[start : start + _WINDOW] for start in range(0, max(1, len(view) - _OVERLAP), _WINDOW - _OVERLAP)
    ]


def _strong(rule: Rule, seen: Sequence[str]) -> list[Finding]:
    """At most one finding per rule: the first pattern that matches any view."""
    for view in seen:
        spared = _without(view, rule.spared)
        for pattern in rule.strong:
            match = pattern.search(spared)
            if match:
                return [Finding(rule=rule.id, span=match[0].strip()[:_SPAN], remedy=rule.remedy)]
    return []


def _cues(rules: Sequence[Rule], seen: Sequence[str]) -> list[Finding]:
    """Two halves make one finding, whichever rules they belong to."""
    hits: list[tuple[Rule, str]] = []
    for rule in rules:
        spared = _without(seen[0], rule.spared)
        hits.extend((rule, match[0]) for cue in rule.cue if (match := cue.search(spared)))
    if len(hits) < 2:
        return []
    rule = hits[0][0]
    return [Finding(rule=rule.id, span=" ... ".join(span for _, span in hits)[:_SPAN], remedy=rule.remedy)]


def _without(view: str, spared: Sequence[re.Pattern[str]]) -> str:
    """The text with look-alikes cut out, so that the rest of the message is still judged."""
    for pattern in spared:
        view = pattern.sub(" ; ", view)
    return view


def _many_shots(view: str) -> list[Finding]:
    """A pasted dialogue, or a long text that is about no shop, is an attempt to lead the model away."""
    if len(_SHOT.findall(view)) >= 2:
        remedy = "answer only what the customer asks in their own words"
        return [Finding(rule="input.injection", span="a pasted dialogue", remedy=remedy)]
    if len(view) > _LONG and len(set(_SHOP_WORDS.findall(view))) < 2:
        remedy = "say what the shop's assistant can help with"
        return [Finding(rule="input.abuse", span="a long text about something else", remedy=remedy)]
    return []


def _noise(view: str) -> list[Finding]:
    """One word over and over, or one character without end."""
    words = _WORDS.findall(view)
    remedy = "ask what the customer needs"
    if len(words) >= 12:
        word, count = Counter(words).most_common(1)[0]
        if count >= 0.5 * len(words):
            return [Finding(rule="input.spam", span=f"{word} x {count}", remedy=remedy)]
        if len(words) >= 20 and len(set(words)) <= 0.2 * len(words):
            return [Finding(rule="input.spam", span=" ".join(words[:6]), remedy=remedy)]
    run = _RUN.search(view)
    return [Finding(rule="input.spam", span=run[0][:20], remedy=remedy)] if run and _only_noise(view) else []


def _only_noise(view: str) -> bool:
    """True for "aaaa…" and for a flood; "heeeelp" and "where is it????" are words said with feeling."""
    rest = _RUN.sub(lambda run: run[1], view)
    return len(view) - len(rest) > _FLOOD or (
        sum(map(str.isalpha, rest)) < 2 and _SYMBOLS.fullmatch(view) is None
    )


def _repetition(view: str, recent: Sequence[str]) -> list[Finding]:
    same = sum(fold(earlier) == view for earlier in recent)
    if len(view) < _SHORT or same < MOST_REPEATS:
        return []
    remedy = "do not answer the same message again; offer a person"
    return [Finding(rule="input.repetition", span=view[:_SPAN], remedy=remedy)]
