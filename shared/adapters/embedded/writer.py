"""Writes replies from templates, each fact with its source."""

import hashlib
import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from msgspec import structs

from shared.adapters.embedded.product_questions import Asked, asked_of, described
from shared.adapters.embedded.quoting import choose, contains
from shared.adapters.embedded.repeating import says, used
from shared.adapters.embedded.reply_slots import Slot, product_handle, slots_of, with_state
from shared.adapters.embedded.reply_templates import SLOT, Goal, Goals, Variant, load_templates
from shared.adapters.embedded.telling import told
from shared.adapters.knowledge.folding import fold
from shared.contracts import Intent, Language, ReplyWritten, Sentence, Topic, Usage, WriteReply
from shared.errors import DeskError

_QUOTES_ALONE, _QUOTES_BESIDE = 3, 2
# Sympathy is not repeated within so many replies, nor is the name within so many.
_STRETCH, _NAMED = 4, 2
# What else is offered beside a person, where the customer's matter is not an order.
_UNKNOWN = {Intent.PRODUCT_INQUIRY: "unknown.product"}
_SYMPATHY = ("opening.upset", "complaint.ack")
_QUESTION = re.compile(r"\?\s*$")
_QUOTED_GOAL, _TOLD_GOAL = "policy.answer", "product.told"
_QUOTING = {_QUOTED_GOAL, _TOLD_GOAL}


class BadTopic(DeskError):
    """A topic cannot be put into words: its goal is unknown, or a slot it needs is empty."""


def open_writer(
    folder: Path | None = None, *, today: Callable[[], date] = lambda: datetime.now(UTC).date()
) -> "EmbeddedWriter":
    """A writer over the template files in `folder`; `SettingsError` names file, goal and remedy."""
    return EmbeddedWriter(load_templates(folder or Path(__file__).parent / "replies"), today=today)


class EmbeddedWriter:
    """Implements `Writer` without a model: the same ask always gets the same words."""

    def __init__(self, templates: Mapping[Language, Goals], *, today: Callable[[], date]) -> None:
        self._templates = templates
        self._today = today

    @property
    def goals(self) -> frozenset[str]:
        """The goals a topic may have; `handed_over.<reason>` is known for every reason."""
        return frozenset({*self._templates["en"], _QUOTED_GOAL, _TOLD_GOAL})

    def needs(self, goal: str) -> frozenset[str]:
        """The slots without which `goal` cannot be said."""
        return self._templates["en"][goal].needs

    async def write(self, ask: WriteReply) -> ReplyWritten:
        """The reply to `ask.topics`; raises `BadTopic` for a goal or slot that cannot be said."""
        started = time.perf_counter()
        sentences = _Draft(ask, self._templates[ask.language], self._today()).sentences()
        spent = (time.perf_counter() - started) * 1000
        usage = Usage(engine="embedded", model="templates", latency_ms=round(spent, 3))
        return ReplyWritten(
            conversation_id=ask.conversation_id,
            turn_id=ask.turn_id,
            step_id=ask.step_id,
            sentences=sentences,
            usage=usage,
        )


class _Draft:
    """One reply in the making."""

    def __init__(self, ask: WriteReply, goals: Goals, today: date) -> None:
        self._ask = ask
        self._goals = goals
        self._today = today
        self._unwanted = tuple(span for f in ask.feedback if (span := fold(f.span).strip()))
        self._quoted: set[str] = set()
        self._replies = [said.text for said in ask.history if said.who == "bot"]
        self._name = self._name_now()
        self._topics = _asking_last(ask.topics)

    def sentences(self) -> tuple[Sentence, ...]:
        """Opening, then every topic, each sentence once, at most one question, at the end."""
        opening = self._opening()
        body: list[Sentence] = []
        before: Topic | None = None
        whole = self._ask
        for topic in self._topics:
            # Of several questions each topic speaks to its own.
            self._ask = structs.replace(whole, text=topic.question or whole.text)
            said = self._say(topic, first=before is None and not opening)
            if said and before is not None and self._is_other_question(topic, before):
                body += self._render("policy.bridge", {})
            body += said
            before = topic if said else before
        return _one_question([*opening, *dict.fromkeys(body)])

    def _is_other_question(self, topic: Topic, before: Topic) -> bool:
        return topic.goal == _QUOTED_GOAL and topic.intent != before.intent

    def _name_now(self) -> dict[str, Slot]:
        """The first name as a slot: in the first reply and beside an apology, not twice in a row."""
        name = self._ask.first_name
        fitting = not self._replies or self._ask.register == "upset"
        said = any(name in reply for reply in self._replies[-_NAMED:])
        return {"first_name": Slot(name)} if name and fitting and not said else {}

    def _opening(self) -> list[Sentence]:
        """Sympathy for who is upset, a greeting for who is new; nothing where a goal has its own."""
        if not all(self._goal(topic.goal).opening for topic in self._topics if topic.goal not in _QUOTING):
            return []
        if self._ask.register == "upset":
            return [] if self._sympathised() else self._render("opening.upset", self._name)
        greets = any("first_name" in self._goal(t.goal).slots for t in self._topics if t.goal not in _QUOTING)
        return self._render("opening.first", self._name) if self._name and not greets else []

    def _sympathised(self) -> bool:
        """True when a recent reply said so already: sympathy in every reply is none."""
        texts = [text for goal in _SYMPATHY for variant in self._goal(goal).all() for text in variant[0]]
        return any(says(reply, text) for reply in self._replies[-_STRETCH:] for text in texts)

    def _say(self, topic: Topic, *, first: bool) -> list[Sentence]:
        if topic.goal == _QUOTED_GOAL:
            most = _QUOTES_ALONE if len(self._topics) == 1 else _QUOTES_BESIDE
            return self._quotes(topic, most, leans_on=self._ask.leans_on) or self._unknown(topic)
        if topic.goal == "unknown":
            return self._unknown(topic)
        if topic.goal == _TOLD_GOAL:
            said = told(topic, self._ask, self._render, unwanted=self._unwanted)
            return said or self._unknown(topic)
        slots = slots_of(topic, self._ask, today=self._today)
        if topic.goal == "product.answer":
            return self._product(topic, slots)
        if first:
            slots |= self._name
        said = [with_state(s, topic, self._ask) for s in self._render(topic.goal, slots)]
        # Which one comes first rests on what was read of all of them.
        proofs = tuple(fact for name, fact in topic.facts.items() if name.startswith("proof_"))
        said = [Sentence(text=s.text, sources=(*s.sources, *proofs)) for s in said] if proofs else said
        if topic.sources:
            said += self._quotes(topic, _QUOTES_BESIDE)
        return said

    def _unknown(self, topic: Topic) -> list[Sentence]:
        return self._render(_UNKNOWN.get(topic.intent, "unknown"), {})

    def _goal(self, name: str) -> Goal:
        """The goal of this name, else of the name before its last dot (`handed_over.<reason>`)."""
        parent = name.rpartition(".")[0]
        goal = self._goals.get(name) or self._goals.get(parent)
        if goal is None:
            raise BadTopic(f"goal {name!r} has no template; use a goal of replies/en.toml, or add it there")
        return goal

    def _render(self, name: str, slots: Mapping[str, Slot]) -> list[Sentence]:
        """The variant for this turn and draft, without what the critic refused as far as possible."""
        goal = self._goal(name)
        if lacking := sorted(slot for slot in goal.needs if not slots.get(slot, Slot("")).text):
            raise BadTopic(
                f"goal {name!r} cannot be said without {{{lacking[0]}}}; give it as a fact that the ask "
                "carries, or as a value in its documented form"
            )
        variants = self._rotated(goal)
        drafts = [(self._written(variant, slots), self._allowed(variant, slots)) for variant in variants]
        clean = next((allowed for written, allowed in drafts if len(allowed) == len(written)), None)
        # No variant is clean: take the one that keeps the most; with nothing left there is no alternative.
        said = clean or max((allowed for _, allowed in drafts), key=len) or drafts[0][0]
        return said + (self._render(goal.then, slots) if goal.then else [])

    def _rotated(self, goal: Goal) -> list[Variant]:
        """Every variant, beginning with the one that the turn's hash and the draft choose."""
        pool = list(goal.pool(self._ask.register))
        own = len(goal.variants.get(self._ask.register, ())) or len(pool)
        digest = hashlib.sha256(f"{self._ask.turn_id}:{goal.name}".encode()).digest()
        start = int.from_bytes(digest[:4], "big") % own
        turned = pool[start:own] + pool[:start] + pool[own:]
        # What the last reply said comes last: the same words twice in a row sound like a machine.
        turned.sort(key=lambda variant: used(variant, self._replies[-1:]))
        shift = (self._ask.draft - 1) % len(turned)
        return turned[shift:] + turned[:shift]

    def _written(self, variant: Variant, slots: Mapping[str, Slot]) -> list[Sentence]:
        ways = ([s for text in sentence if (s := _filled(text, slots))] for sentence in variant)
        return [found[0] for found in ways if found]

    def _allowed(self, variant: Variant, slots: Mapping[str, Slot]) -> list[Sentence]:
        ways = ([s for text in sentence if (s := _filled(text, slots))] for sentence in variant)
        allowed = ([s for s in found if not contains(s.text, self._unwanted)] for found in ways)
        return [found[0] for found in allowed if found]

    def _stock(self, asked: Asked, slots: Mapping[str, Slot]) -> list[Sentence]:
        """Whether it can be bought now; every variant looked at is a source."""
        if "missing" in slots:
            return self._render("product.no_version", slots)
        known = slots.get("availability")
        if known is None:
            return []
        if asked.counts and "counts" in slots:
            gone = self._render("product.stock.none", slots) if known.text == "some" else []
            return [*self._render("product.stock.count", slots), *gone]
        said = self._render(f"product.stock.{known.text}", slots)
        if asked.back and known.text != "all":
            said += self._render("product.stock.again", slots)
        return [s if s.sources else Sentence(text=s.text, sources=known.sources) for s in said]

    def _product(self, topic: Topic, slots: Mapping[str, Slot]) -> list[Sentence]:
        """What is asked of a product: its price and stock, a detail, or that the shop does not tell it."""
        handle = product_handle(topic)
        facts = {fact.id: fact.value for fact in self._ask.facts}
        title = facts.get(f"product:{handle}/title", "")
        asked = asked_of(self._ask.text, title, self._ask.language)
        # Who asks for a price is told no sentence that only shares a word with the question.
        plain_offer = asked.offer and not (asked.open or asked.compares)
        source = f"product:{handle}/description"
        detail = [] if plain_offer else self._detail(topic, asked, source, facts)
        known = bool(title) and any(title in said for said in (self._ask.text, *self._replies))
        if asked.offer or asked.open or not known:
            stock = self._stock(asked, slots) if asked.offer or asked.open or not detail else []
            return [*self._render(topic.goal, slots), *stock, *detail]
        return detail or self._render("product.no_detail", slots)

    def _detail(self, topic: Topic, asked: Asked, source: str, facts: Mapping[str, str]) -> list[Sentence]:
        """The sentence of the description that answers; help pages too when it does not, or to compare."""
        foreign = self._ask.language != "en"  # descriptions are written in English
        text = described(asked, facts.get(source, "")) if not (asked.open and foreign) else ""
        said = [Sentence(text=text, sources=(source,))] if text and not contains(text, self._unwanted) else []
        title = source.replace("/description", "/title")
        if said and (foreign or asked.compares):
            named = {"title": Slot(facts[title], (title,))}
            said = [*self._render("product.page_says", named), *said]
        if not topic.sources or asked.open or (said and not asked.compares):
            return said
        # What was said of this product need not be said again: a comparison wants the other one.
        unwanted = (*self._unwanted, fold(facts[title])) if said else ()
        quotes = self._quotes(topic, _QUOTES_BESIDE, unwanted=unwanted)
        return [*said, *quotes] if any(asked.answered_by(q.text) for q in quotes if q.sources) else said

    def _quotes(
        self, topic: Topic, most: int, *, unwanted: tuple[str, ...] = (), leans_on: str = ""
    ) -> list[Sentence]:
        pages = [passage for passage in self._ask.passages if passage.id in topic.sources]
        pages = [p for p in pages if p.locale == self._ask.language] or pages
        found = choose(
            pages,
            self._ask.text,
            leans_on=leans_on,
            most=most,
            without=self._quoted,
            unwanted=unwanted or self._unwanted,
        )
        self._quoted.update(quote.text for quote in found)
        said = [Sentence(text=quote.text, sources=(quote.source,)) for quote in found]
        if found and found[0].locale != self._ask.language:
            return [*self._render("policy.other_language", {}), *said]
        return said


def _filled(text: str, slots: Mapping[str, Slot]) -> Sentence | None:
    """The sentence with its slots filled; None when one of them is empty."""
    used = [slots.get(name, Slot("")) for name in SLOT.findall(text)]
    if not all(slot.text for slot in used):
        return None
    # A replacement function: a value with a backslash or a brace stays what it is.
    said = SLOT.sub(lambda match: slots[match[1]].text, text)
    return Sentence(text=said, sources=tuple(dict.fromkeys(i for slot in used for i in slot.sources)))


def _asking_last(topics: tuple[Topic, ...]) -> tuple[Topic, ...]:
    """What is told first, then the last question of those that wait for an answer."""
    asking = [topic for topic in topics if topic.goal.startswith("ask.")]
    return (*(topic for topic in topics if not topic.goal.startswith("ask.")), *asking[-1:])


def _one_question(sentences: list[Sentence]) -> tuple[Sentence, ...]:
    """At most one question of our own, and it comes last."""
    questions = [s for s in sentences if _QUESTION.search(s.text) and not _is_quote(s)]
    told = [s for s in sentences if s not in questions]
    return (*told, *questions[-1:])


def _is_quote(sentence: Sentence) -> bool:
    return any(source.startswith("kb:") for source in sentence.sources)
