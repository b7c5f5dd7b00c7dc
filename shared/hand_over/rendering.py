"""Says what a packet holds as a colleague would, in the language of the staff member who reads it.

Quotes of the customer and sentences for them stay in the customer's language; tokens stay tokens.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from shared.contracts import Fact, Intent, Language, Packet, Quote, Sentence, Step
from shared.hand_over.orders import values_of

_FOLDER = Path(__file__).parent / "notes"
_STATES = {
    "shipped": "shipped_on", "partially_shipped": "shipped_on",
    "out_for_delivery": "expected_on", "delayed": "expected_on", "delivered": "delivered_on",
    "cancelled": "cancelled_on",
}  # fmt: skip
"""The date that belongs to a state of an order."""
_MOST_ANSWERS = 3
_ASKED = "asked_for_person"


@dataclass(frozen=True)
class Line:
    """One thing told, and where that can be looked up (empty: nowhere)."""

    text: str
    source: str = ""

    def __str__(self) -> str:
        return f"{self.text} [{self.source}]" if self.source else self.text


@dataclass(frozen=True)
class Note:
    """A packet in words; every part may be empty."""

    headline: str
    summary: tuple[str, ...]
    next: str
    why: str
    customer: tuple[str, ...]
    said: tuple[Line, ...]
    facts: tuple[Line, ...]
    pages: tuple[str, ...]
    tried: tuple[str, ...]
    promised: tuple[str, ...]
    suggested: tuple[Line, ...]
    titles: Mapping[str, str]
    """What each part is called, by its name."""

    @property
    def sections(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Title and lines of each part that says something, in the order in which a person needs them."""
        parts: tuple[tuple[str, Iterable[object]], ...] = (
            ("next", [f"{self.next} {self.why}".strip()] if self.next else []),
            ("customer", self.customer),
            ("said", self.said),
            ("facts", self.facts),
            ("pages", self.pages),
            ("tried", self.tried),
            ("promised", self.promised),
            ("suggested", self.suggested),
        )
        told = ((self.titles[name], tuple(map(str, lines))) for name, lines in parts)
        return tuple((title, lines) for title, lines in told if lines)


def render(packet: Packet, language: Language) -> Note:
    """What the packet holds, in words of `language`; of one without structure, what it says itself."""
    words = _Words(_texts(language))
    return Note(
        headline=words.headline(packet),
        summary=words.summary(packet) if packet.reason else (packet.summary,),
        next=words.next(packet),
        why=words.why(packet),
        customer=words.customer(packet),
        said=tuple(words.quote(quote) for quote in packet.words if quote.of != "happened"),
        facts=tuple(words.fact(fact) for fact in packet.facts),
        pages=tuple(words.page(s.title, s.section) for s in packet.sources),
        tried=tuple(words.step(s) for s in packet.steps if s.did != "wanted") or packet.tried,
        promised=packet.promised,
        suggested=tuple(words.sentence(s, packet) for s in packet.suggested) or _plain(packet),
        titles=words.texts["titles"],
    )


def _plain(packet: Packet) -> tuple[Line, ...]:
    return (Line(packet.suggested_reply),) if packet.suggested_reply else ()


@dataclass(frozen=True)
class _Words:
    """One language's."""

    texts: Mapping[str, Any]

    def of(self, kind: str, key: str) -> str:
        """The words for a code; one nobody wrote words for is said as it stands."""
        return str(self.texts[kind].get(key) or key.replace("_", " "))

    def headline(self, packet: Packet) -> str:
        """What it is about, on one line."""
        number = packet.next_action.order_number if packet.next_action else ""
        parts = [
            self.of("topics", packet.intent.value) if packet.intent else "",
            self.texts["order"].format(number=number) if number else "",
            self.of("reasons", packet.reason) if packet.reason else "",
        ]
        return " · ".join(part for part in parts if part)

    def summary(self, packet: Packet) -> tuple[str, ...]:
        """Who wants what, how it stands, why a person, in whose words, what came before."""
        say = self.texts["summary"]
        number = packet.next_action.order_number if packet.next_action else ""
        known = values_of(packet.facts, number)
        who = packet.first_name or say["someone"]
        wish = self.of("intents", packet.intent.value) if packet.intent else say["no_intent"]
        told = [say["wish_of_order" if number else "wish"].format(who=who, wish=wish, number=number)]
        if "status" in known:
            told.append(self._stands(number, known))
        if packet.reason != _ASKED or packet.intent is not Intent.ESCALATION_REQUEST:
            told.append(say["why"].format(reason=self.of("reasons", packet.reason)))
        happened = [quote for quote in packet.words if quote.of == "happened"]
        told += [say["happened"].format(words=q.text, where=self.where(q)) for q in happened]
        this = f"{packet.intent.value if packet.intent else ''}{f' #{number}' if number else ''}"
        earlier = [self._wish(s.about) for s in packet.steps if s.did == "wanted" and s.about != this]
        if earlier:
            told.append(say["earlier"].format(wishes="; ".join(earlier)))
        answered = [step.about for step in packet.steps if step.did == "answered"][-_MOST_ANSWERS:]
        if answered:
            told.append(say["before"].format(answers="; ".join(answered).rstrip(".")))
        return tuple(told)

    def _stands(self, number: str, known: Mapping[str, str]) -> str:
        say, items = self.texts["summary"], [v for field, v in known.items() if field.startswith("items/")]
        status = known["status"]
        on = known.get(_STATES.get(status, ""), "")
        state = self.of("states", status)
        line = (say["stands_on"] if on else say["stands"]).format(
            number=number, items=", ".join(items), state=state, on=self.day(on)
        )
        paid = say["paid"].format(
            payment=self.of("payments", known.get("payment", "")), total=known.get("total", "")
        )
        return f"{line} {paid}" if known.get("payment") else line

    def _wish(self, wish: str) -> str:
        intent, _, number = wish.partition(" #")
        topic = self.of("topics", intent)
        return f"{topic}, {self.texts['order'].format(number=number)}" if number else topic

    def next(self, packet: Packet) -> str:
        """What to do first."""
        if packet.next_action is None:
            return ""
        needed = packet.next_action
        plain = self.texts["next"][needed.kind]
        said = plain["with_order"] if needed.order_number and "with_order" in plain else plain["say"]
        return str(
            said.format(number=needed.order_number, amount=needed.amount or self.texts["amount_unknown"])
        )

    def why(self, packet: Packet) -> str:
        """Why that."""
        if packet.next_action is None:
            return ""
        return self.of("why", packet.next_action.why).format(on=self.day(packet.next_action.on))

    def customer(self, packet: Packet) -> tuple[str, ...]:
        """Who writes, how they feel, which language they speak."""
        known = packet.identity and self.of("identities", packet.identity)
        parts = (
            packet.first_name,
            known,
            self.texts["speaks"].format(language=self.of("languages", packet.language)),
            self.of("moods", packet.sentiment) if packet.sentiment else "",
        )
        return tuple(part for part in parts if part)

    def quote(self, quote: Quote) -> Line:
        """The customer's words, and in which of their messages."""
        words = self.texts["quoted"].format(words=quote.text)
        return Line(self.labelled(self.of("quotes", quote.of), words), self.where(quote))

    def where(self, quote: Quote) -> str:
        """Which of the customer's messages it is."""
        near = ("last_message", "message_before")
        return str(
            self.texts[near[quote.ago]]
            if quote.ago < len(near)
            else self.texts["messages_ago"].format(n=quote.ago)
        )

    def fact(self, fact: Fact) -> Line:
        """A field of the shop's with its value."""
        kind, _, rest = fact.id.partition(":")
        name, _, field = rest.partition("/")
        label = self.of("fields", field.partition("/")[0]) if kind == "order" else field or name
        return Line(self.labelled(label, self.value(field, fact.value)), fact.id)

    def labelled(self, label: str, value: str) -> str:
        """A value with what it is."""
        return str(self.texts["labelled"].format(label=label, value=value))

    def value(self, field: str, value: str) -> str:
        """A value as people say it: states in words, dates with the month's name."""
        if field == "status":
            return self.of("states", value)
        if field == "payment":
            return self.of("payments", value)
        return self.day(value) if field.endswith("_on") else value

    def page(self, title: str, section: str) -> str:
        """A passage by its document and section."""
        said = self.texts["in_section" if section else "quoted"]
        return str(said.format(title=title, section=section, words=title))

    def step(self, step: Step) -> str:
        """What was tried and what came of it."""
        say = self.texts["steps"][step.did]
        about, found = step.about, step.found
        if step.did in {"acted", "refused"}:
            kind, _, number = about.partition(" ")
            about = f"{self.of('actions', kind)} {number}".strip()
        if step.did == "looked_up_order":
            found = self.of("states", step.found)
            found = f"{found} ({self.day(step.on)})" if step.on else found
        if step.did == "drafted":
            found = self.of("rules", found.rpartition(".")[2])
        if step.did == "could_not_reach":
            about = self.of("unreached", about)
        return str(
            (say["found"] if found and "found" in say else say["say"]).format(about=about, found=found)
        )

    def sentence(self, sentence: Sentence, packet: Packet) -> Line:
        """A sentence for the customer with what it rests on."""
        pages = {source.id: self.page(source.title, source.section) for source in packet.sources}
        return Line(sentence.text, "; ".join(pages.get(each, each) for each in sentence.sources))

    def day(self, value: str) -> str:
        """An ISO date as a day of a month, in full; what is none as it stands."""
        try:
            when = date.fromisoformat(value[:10])
        except ValueError:
            return value
        month = self.texts["months"][when.month - 1]
        return str(self.texts["day"].format(day=when.day, month=month, year=when.year))


@cache
def _texts(language: Language) -> Mapping[str, Any]:
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
