"""Compares what a sentence states with what its sources state."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from shared.adapters.embedded.agreement import Source, disagreements
from shared.adapters.embedded.order_fields import misplaced
from shared.adapters.embedded.unmasking import fold
from shared.adapters.embedded.values import Amount, Day, Values, values_of, weekday_of, words_as_numbers
from shared.contracts import Finding, Language

_NAME_WORD = r"[A-ZÀ-ÖØ-Þ][\w'’&-]*"
_NAME = re.compile(rf"(?<!\w){_NAME_WORD}(?:[ \u00a0](?:& )?(?:{_NAME_WORD}|\d+[A-Z]?\b))*")
_NAMED = re.compile(r"^\w*[a-zà-ÿ][A-Z]\w*$|^[A-Z]{2,}$")
_OPENS = re.compile(r"(?:^|[.!?:;…]|[\"“«(¿¡])[\s\u00a0]*$")
# The shop's own names, and capitals that name nothing.
_OWN_NAMES = (
    "harbor & pine pine points trail box i ok faq english french spanish usd sku id eastern utc est este"
)
_ORDER_BEFORE = re.compile(r"(?:order|orders|commandes?|pedidos?)(?: (?:number|n°|no|numero|num))?[ .:#]*$")
_NEGATION = re.compile(
    r"\b(?:not|no|never|cannot|without|neither|nor|none|pas|jamais|sans|aucune?|nunca|jamas|sin|ninguna?|"
    r"ningun|tampoco|ni)\b|n't\b"
)

_RELATIVE = re.compile(
    r"\b(?:tomorrow|yesterday|tonight|this (?:morning|afternoon|evening|week|weekend|month)|"
    r"next (?:week|weekend|month|year|spring|summer|autumn|fall|winter)|last (?:night|week|month)|"
    r"(?:apres-)?demain|hier|ce soir|cet apres-midi|cette semaine|ce week-end|"
    r"(?:la semaine|le mois) prochaine?|"
    r"(?<!la )(?<!una )(?<!cada )manana|ayer|esta (?:noche|tarde|semana)|este fin de semana|"
    r"la (?:proxima semana|semana que viene)|el (?:proximo mes|mes que viene))\b"
)
_CLAIMS: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (
        re.compile(
            r"\b(?:was|been|were) (?:already )?delivered\b|\bdelivered on\b|"
            r"\b(?:ete|est) (?:deja )?livree?\b|\b(?:fue|sido|se) entreg(?:ado|ada|o)\b|"
            r"\b(?:has|have) arrived\b"
        ),
        frozenset({"delivered", "returned", "return_in_progress"}),
    ),
    (
        re.compile(
            r"\b(?:has|been|was|is|already|have) cancell?ed\b|\b(?:ete|est) (?:deja )?annulee?\b|"
            r"\b(?:esta|fue|sido) (?:ya )?(?:cancelad|anulad)[oa]\b"
        ),
        frozenset({"cancelled"}),
    ),
    (
        re.compile(
            r"\b(?:has|have|already) shipped\b|\b(?:ete|est) expediee?\b|"
            r"\b(?:fue|sido|ha) (?:enviad[oa]|salido)\b"
        ),
        frozenset(
            {"shipped", "partially_shipped", "out_for_delivery", "delivered", "delayed", "returned",
             "return_in_progress"}
        ),
    ),
)  # fmt: skip
# From so many numbers on, a sentence lists them.
_LIST = 4
# A variant's fact ends with its stock; a title may end with a number too ("Heron 4").
_VARIANT = re.compile(r"product:[^/]+/(?!(?:title|description)$).+")
_IN_STOCK = re.compile(
    r"\bin stock\b|\bavailable\b|\ben stock\b|\bdisponibles?\b|\ben existencias?\b|\bhay existencias\b"
)
_SOLD_OUT = re.compile(
    r"\bsold out\b|\bout of stock\b|\bunavailable\b|\bepuise\w*|\brupture\b|\bagotad\w+|\bindisponibles?\b|"
    r"\bno disponibles?\b|\bnot (?:every|available|in stock)"
)


@dataclass(frozen=True)
class Ground:
    """What one sentence may rest on: the text of its own sources, and literals that policy approved.

    `asked` is the customer's text: an order number may be echoed from it. `facts` are the cited
    ones, `fields` all that were given.
    """

    sources: str
    allowed: str
    asked: str
    facts: Mapping[str, str]
    statuses: frozenset[str]
    passages: tuple[Source, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)

    def values(self) -> list[Values]:
        """What each source states, read by itself: the end of one and the start of the next are no number."""
        orders = {source.split("/")[0] for source in self.facts if source.startswith("order:")}
        return [
            *(
                values_of(part, source.language)
                for source in self.passages
                for part in (source.heading, source.text)
            ),
            *(values_of(value) for value in self.facts.values()),
            *(values_of(order.removeprefix("order:")) for order in sorted(orders)),
            *(values_of(part) for part in self.allowed.splitlines()),
        ]


def objections(text: str, language: Language, ground: Ground) -> Iterator[Finding]:
    """Everything in the sentence that its ground does not carry."""
    said = values_of(text, language)
    known = ground.values()
    yield from _moments(said, known)
    yield from _numbers(said, language, known, ground)
    yield from _ranges(said, known)
    yield from _listed_twice(said, known)
    yield from _names(text, ground)
    yield from _relative(said, ground)
    yield from misplaced(said, ground.facts, ground.fields)
    yield from disagreements(text, language, ground.passages, ground.asked)
    yield from _status(said, ground)


def _value(span: str, what: str) -> Finding:
    return Finding(
        rule="output.value",
        span=span,
        remedy=f"the sources of this sentence do not state this {what}: say what they say, or cite others",
    )


def _moments(said: Values, known: Sequence[Values]) -> Iterator[Finding]:
    days = [day for values in known for day in values.days]
    for day in said.days:
        if not any(_same_day(day, other) for other in days):
            yield _value(day.span, "date")
    times = {time for values in known for time in values.times}
    yield from (_value(span, "time") for time, span in said.times.items() if time not in times)
    months = {month for values in known for month in values.months} | {
        month for day in days for month, _ in day.readings
    }
    yield from (_value(span, "month") for month, span in said.months.items() if month not in months)
    weekdays = {n for values in known for n in values.weekdays} | {weekday_of(day) for day in days}
    yield from (_value(span, "day") for n, span in said.weekdays.items() if n not in weekdays)


def _relative(said: Values, ground: Ground) -> Iterator[Finding]:
    """Tomorrow, tonight or next week are dates too: a source says them, or the sentence asks."""
    if said.plain.endswith("?"):
        return
    known = fold(f"{ground.sources}\n{ground.allowed}")
    for match in _RELATIVE.finditer(said.plain):
        if match[0] not in known:
            yield _value(match[0], "day")


def _same_day(one: Day, other: Day) -> bool:
    years_agree = one.year is None or other.year is None or one.year == other.year
    return years_agree and bool(one.readings & other.readings)


def _numbers(said: Values, language: Language, known: Sequence[Values], ground: Ground) -> Iterator[Finding]:
    plain = " ".join(values.plain for values in known)
    for found in said.ids:
        if not re.search(rf"(?<![\w-]){re.escape(found)}(?![\w-])", plain):
            yield _value(found, "identifier")
    units = _units(known)
    for number in words_as_numbers(plain, language):
        units.setdefault(number, set()).add("item")
    # Numbers that are part of an id or a date of the source: "2" of "Tern 2 Tent", "20" of "2x20".
    echoed = {reading for amount in values_of(ground.asked, language).amounts for reading in amount.readings}
    about_order = any(source.startswith("order:") for source in ground.facts)
    for amount in said.amounts:
        if any(_carries(units[reading], amount) for reading in amount.readings if reading in units):
            continue
        is_order = amount.order or bool(_ORDER_BEFORE.search(said.plain.split(amount.span)[0]))
        if is_order and not about_order and amount.readings & echoed:
            continue
        yield _value(amount.span, "number")


def _ranges(said: Values, known: Sequence[Values]) -> Iterator[Finding]:
    """A range such as 5 to 5 days is made of a source's numbers and still wrong."""
    told = {pair for values in known for pair in values.ranges}
    ends = {end for pair in told for end in pair}
    for pair, span in said.ranges.items():
        if pair not in told and ends.intersection(pair):
            yield _value(span, "range")


def _listed_twice(said: Values, known: Sequence[Values]) -> Iterator[Finding]:
    """In a list such as 25, 150, 100 or 150 one number stands in the place of another."""
    if len(said.amounts) < _LIST:
        return
    told = Counter(amount.readings for values in known for amount in values.amounts)
    said_often = Counter(amount.readings for amount in said.amounts)
    for amount in said.amounts:
        if 1 <= told[amount.readings] < said_often[amount.readings]:
            yield _value(amount.span, "number twice")


def _units(known: Sequence[Values]) -> dict[Decimal, set[str]]:
    """Every number that is known, with the units it has there."""
    units: dict[Decimal, set[str]] = {}
    for amount in (amount for values in known for amount in values.amounts):
        for reading in amount.readings:
            units.setdefault(reading, set()).add(amount.unit)
    return units


def _carries(units: set[str], amount: Amount) -> bool:
    """A number that never has a unit in the source ("5-7") backs any; otherwise only the same one."""
    return not amount.unit or amount.unit in units or (units <= {"", "item"} and "" in units)


def _names(text: str, ground: Ground) -> Iterator[Finding]:
    """Capitalized words inside a sentence name something: a product, a carrier, a place."""
    hay = fold(f"{ground.sources}\n{ground.allowed}\n{ground.asked}\n{_OWN_NAMES}")
    for match in _NAME.finditer(text):
        if match[0].startswith("TOKEN_"):
            continue
        words = match[0].replace("\u00a0", " ").split()
        if _OPENS.search(text[: match.start()]):
            # The first word of a sentence is written large whatever it is; "DHL" is a name anywhere.
            words = words if _holds(hay, words) or _NAMED.search(words[0]) else words[1:]
        while words and words[0].isdigit():
            words = words[1:]
        if words and not _holds(hay, words) and not _is_moment(words):
            yield Finding(
                rule="output.name",
                span=" ".join(words),
                remedy="the sentence's sources do not name this: use the name they give",
            )


def _holds(hay: str, words: Sequence[str]) -> bool:
    name = fold(" ".join(words))
    for ending in ("'s", "'", ""):
        if ending and not name.endswith(ending):
            continue
        bare = name.removesuffix(ending) if ending else name
        if bare in hay and re.search(rf"(?<!\w){re.escape(bare)}(?!\w)", hay):
            return True
    return False


def _is_moment(words: Sequence[str]) -> bool:
    """Months and weekdays are compared as dates."""
    values = values_of(" ".join(words))
    return bool(values.days or values.months or values.weekdays) or fold(words[0]) in {
        "may",
        "march",
        "i'm",
        "i'll",
        "i've",
        "i'd",
    }


def _status(said: Values, ground: Ground) -> Iterator[Finding]:
    """An order "was delivered" only when the shop says so; the same for stock."""
    if ground.statuses and not _NEGATION.search(said.plain) and "?" not in said.plain:
        for claim, statuses in _CLAIMS:
            match = claim.search(said.plain)
            if match and not ground.statuses & statuses:
                yield Finding(
                    rule="output.status",
                    span=match[0],
                    remedy=f"the order is {', '.join(sorted(ground.statuses))}: say that",
                )
    stock = [
        int(count) for id_, value in ground.facts.items()
        if _VARIANT.fullmatch(id_) and (count := value.rsplit(" ", 1)[-1]).isdecimal()
    ]  # fmt: skip
    says_in, says_out = _IN_STOCK.search(said.plain), _SOLD_OUT.search(said.plain)
    if not stock or bool(says_in) == bool(says_out):
        return
    claimed = says_in or says_out
    if claimed and ((says_in and not any(stock)) or (says_out and all(stock))):
        yield Finding(
            rule="output.status", span=claimed[0], remedy="the stock says otherwise: say what it says"
        )
