"""Finds what a sentence promises the customer that nothing covers."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import Path

from shared.adapters.embedded.agreement import Source, Statement, statements_of, support
from shared.adapters.embedded.polarity import turns_of, words_of
from shared.adapters.embedded.values import Values, values_of
from shared.contracts import LANGUAGES, Finding, Language
from shared.errors import SettingsError

FILE = Path(__file__).parent / "rules" / "promises.toml"
# So much of what the sentence speaks of must stand in the source sentence that grants the same favour.
_SAME_MATTER = 0.6
# More than this share of a commitment must be in the words of its sources.
_SPOKEN_OF = 0.5
_CLAUSE = re.compile(r"[,;:.!?()]")
_MONEY_BACK = frozenset({"refunded", "refunded_on"})
_PAID_BACK = frozenset({"refunded", "partially_refunded", "voided"})


# A favour in the text a frame is held against: one sign for its first letter, another for the rest.
_SIGN, _REST = "\x01", "\x02"


@dataclass(frozen=True)
class Promises:
    """The forms of promises of one language; see rules/promises.toml."""

    favours: re.Pattern[str]
    frames: tuple[re.Pattern[str], ...]
    gives: tuple[re.Pattern[str], ...]
    done: tuple[re.Pattern[str], ...]
    unless: re.Pattern[str]
    commits: re.Pattern[str]
    own: re.Pattern[str]
    pledges: tuple[re.Pattern[str], ...]


@dataclass(frozen=True)
class Cover:
    """What may cover a promise: the sentence's own sources and facts, all receipts, and approved values."""

    sources: tuple[Source, ...]
    facts: Mapping[str, str]
    receipts: Mapping[str, str]
    allowed: str


def load_promises(file: Path = FILE) -> dict[Language, Promises]:
    """The forms by language; raises `SettingsError` naming what is wrong."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        return {language: _read(tables[language]) for language in LANGUAGES}
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, re.error) as error:
        raise SettingsError(f"{file.name}: {error!r}; see the comment on top of the file") from error


def _read(table: Mapping[str, object]) -> Promises:
    favours = table["favours"]
    assert isinstance(favours, dict)
    kinds = "|".join(f"(?P<{name}>{pattern})" for name, pattern in favours.items())

    def patterns(name: str) -> tuple[re.Pattern[str], ...]:
        listed = table[name]
        assert isinstance(listed, list)
        return tuple(re.compile(str(pattern).replace("{favour}", f"{_SIGN}{_REST}*")) for pattern in listed)

    return Promises(
        favours=re.compile(rf"(?<!\w)(?:{kinds})"),
        frames=patterns("frames"),
        gives=patterns("gives"),
        done=patterns("done"),
        unless=re.compile(str(table["unless"])),
        commits=re.compile(str(table["commits"])),
        own=re.compile(str(table["own"])),
        pledges=patterns("pledges"),
    )


def uncovered(text: str, language: Language, promises: Promises, cover: Cover) -> Iterator[Finding]:
    """The first promise of each sort that the sentence makes on its own account."""
    values = values_of(text, language)
    told = [statement for source in cover.sources for statement in statements_of(source)]
    yield from _favour(values, language, promises, cover, told)
    deed = _first(promises.done, values.plain, language)
    if (
        deed
        and not promises.unless.search(_clause(values.plain, deed))
        and not _happened(values, deed[0], cover)
    ):
        yield _finding(deed[0])
    if values.plain.endswith("?"):
        return
    for pattern in promises.pledges:
        match = pattern.search(values.plain)
        if match is None or any(_proves(receipt, match[0]) for receipt in cover.receipts.items()):
            continue
        if not _denied(values.plain, match, language) and not _pledged(match[0], pattern, told):
            yield _finding(match[0])
            return
    if told or not cover.facts:
        yield from _commitment(values, language, promises, cover, told)


def _commitment(
    values: Values, language: Language, promises: Promises, cover: Cover, told: Sequence[Statement]
) -> Iterator[Finding]:
    """Someone does something for the customer that the sources do not speak of."""
    match = promises.commits.search(values.plain)
    if match is None or turns_of(values.plain, language)[0] or approved(values, cover.allowed):
        return
    if any(_proves(receipt, values.plain) for receipt in cover.receipts.items()):
        return
    if not told:
        if not promises.own.search(values.plain):
            yield _finding(match[0].strip(" ,;:"))
        return
    if any(source.language != language for source in cover.sources):
        return
    if support(words_of(values.plain, language), told) <= _SPOKEN_OF:
        yield _finding(match[0].strip(" ,;:"))


def _favour(
    values: Values, language: Language, promises: Promises, cover: Cover, told: Sequence[Statement]
) -> Iterator[Finding]:
    if values.plain.endswith("?") or approved(values, cover.allowed):
        return
    named = list(promises.favours.finditer(values.plain))
    match = given = _first(promises.gives, values.plain, language)
    if match is None and named:
        masked = promises.favours.sub(lambda found: _SIGN + _REST * (len(found[0]) - 1), values.plain)
        match = _first(promises.frames, masked, language)
    if match is None:
        yield from _gift(values, language, promises, named, told)
        return
    kinds = {str(favour.lastgroup) for favour in named if match.start() <= favour.start() < match.end()}
    if given and not kinds:
        kinds.add("free")
    refunded = any(_proves(receipt, "refund approved") for receipt in cover.receipts.items())
    if refunded or _MONEY_BACK & {fact.rsplit("/", 1)[-1] for fact in cover.facts}:
        kinds.discard("refund")
    start, end = _part(values.plain, match)
    matter = {
        word.stem
        for word in words_of(values.plain, language)
        if start <= word.start < end and not any(f.start() <= word.start < f.end() for f in named)
    }
    for kind in sorted(kinds):
        spoken_of = matter or not given
        if not spoken_of or not any(_grants(kind, matter, promises, statement) for statement in told):
            yield _finding(values.plain[match.start() : match.end()])
            return


def _gift(
    values: Values,
    language: Language,
    promises: Promises,
    named: Sequence[re.Match[str]],
    told: Sequence[Statement],
) -> Iterator[Finding]:
    """What is free in general is free in the source too."""
    for favour in named:
        if favour.lastgroup != "free" or not told or _denied(values.plain, favour, language):
            continue
        start, end = _part(values.plain, favour)
        words = words_of(values.plain, language)
        matter = {word.stem for word in words if start <= word.start < end} - {"=free", "=gratuit", "=gratis"}
        if not any(_grants("free", matter, promises, statement) for statement in told):
            yield _finding(favour[0])
            return


def _grants(kind: str, mine: AbstractSet[str], promises: Promises, told: Statement) -> bool:
    """A part of the source grants this kind of favour, for what the sentence speaks of."""
    plain = told.values.plain
    for found in promises.favours.finditer(plain):
        if found.lastgroup != kind:
            continue
        start, end = plain.rfind(";", 0, found.start()), plain.find(";", found.end())
        theirs = {word.stem for word in told.words if start < word.start and (end < 0 or word.end <= end)}
        if len(mine & theirs) >= _SAME_MATTER * len(mine):
            return True
    return False


def _first(patterns: Sequence[re.Pattern[str]], plain: str, language: Language) -> re.Match[str] | None:
    return next(
        (
            match
            for pattern in patterns
            if (match := pattern.search(plain)) and not _denied(plain, match, language)
        ),
        None,
    )


def _denied(plain: str, match: re.Match[str], language: Language) -> bool:
    """Whether the clause of the match says that it does not happen."""
    return turns_of(f"{_clause(plain, match)} {match[0]}", language)[0] % 2 == 1


def _part(plain: str, match: re.Match[str]) -> tuple[int, int]:
    """Where the part of the sentence around a match begins and ends."""
    after = _CLAUSE.search(plain, match.end())
    return match.start() - len(_clause(plain, match)), after.start() if after else len(plain)


def _clause(plain: str, match: re.Match[str]) -> str:
    """What stands in the match's clause before it."""
    starts = [end.end() for end in _CLAUSE.finditer(plain, 0, match.start())]
    return plain[starts[-1] if starts else 0 : match.start()]


def approved(values: Values, allowed: str) -> bool:
    """Policy has approved a value that the sentence names: an amount, an order, a reference."""
    if not allowed:
        return False
    approved = values_of(allowed)
    numbers = {reading for amount in approved.amounts for reading in amount.readings}
    return bool(values.ids & approved.ids) or any(amount.readings & numbers for amount in values.amounts)


def _happened(values: Values, said: str, cover: Cover) -> bool:
    """A receipt proves it; without any, an order's own fields or a value that policy approved."""
    fields = {fact.rsplit("/", 1)[-1]: value for fact, value in cover.facts.items()}
    if fields.keys() & _MONEY_BACK or fields.get("payment", "") in _PAID_BACK or "cancelled_on" in fields:
        return True
    if "shipped_on" in fields and _SHIPPED.search(said):
        return True
    if cover.receipts:
        return any(_proves(receipt, said) for receipt in cover.receipts.items())
    return approved(values, cover.allowed)


# Sent for the first time: a second parcel is no field of an order.
_SHIPPED = re.compile(r"\b(?:expedi|dispatched)")
_KINDS = {
    "refund": re.compile(r"refund|reimburs|rembours|reembols|devuelt|devol|money|argent|dinero|credit|abon"),
    # Approved, and paid when the goods are back: nothing has been sent.
    "refund_agreed": re.compile(r"approv|accord|aprob|get a refund"),
    "cancel": re.compile(r"cancel|annul|anul"),
    "return": re.compile(r"return|retour|devol"),
    "exchange": re.compile(r"exchang|swap|echang|cambi"),
    "address": re.compile(r"chang|modif|cambi|updat"),
    "item": re.compile(r"chang|swap|echang|modif|cambi|remov|retir"),
    "resend": re.compile(r"sent|send|resen|renvoy|expedi|envi|shipped|dispatched|new parcel"),
    "store_credit": re.compile(r"credit|refund|rembours|reembols|avoir|saldo|money|argent|dinero"),
    "newsletter": re.compile(r"subscri|abonn|inscri|suscri|baja|added|removed"),
    "loyalty": re.compile(r"point|punto|added|correct|corrig"),
}


def _proves(receipt: tuple[str, str], said: str) -> bool:
    """The receipt is of the kind of deed that is said, and the deed was done."""
    kind, value = receipt[0].split(":")[1], receipt[1]
    return value.startswith("done") and kind in _KINDS and bool(_KINDS[kind].search(said))


def _pledged(said: str, pattern: re.Pattern[str], told: Sequence[Statement]) -> bool:
    """One source sentence pledges with the same words."""
    mine = set(re.findall(r"[^\W\d_]{4,}", said))
    return any(
        mine <= set(re.findall(r"[^\W\d_]{4,}", match[0]))
        for statement in told
        for match in pattern.finditer(statement.values.plain)
    )


def _finding(span: str) -> Finding:
    return Finding(
        rule="output.promise",
        span=span,
        remedy="promise nothing that policy, a source or a receipt does not: leave it out, or hand over",
    )
