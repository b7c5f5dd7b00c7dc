"""Answers each question of a message that asks several, or says which one has no answer."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from msgspec import structs

from conversation.planning.meaning import read_as
from conversation.planning.products import answer_of, read
from conversation.planning.saying import quoted, topic
from conversation.rules.playbooks import Playbook
from conversation.turn import Case, Outcome, Part
from conversation.words.agreeing import names_any_deed, names_deed
from conversation.words.replies import folded, leans_back
from shared.contracts import Intent, Passage
from shared.errors import AskFailed
from shared.ports import ProductReading

_FLOWS_THAT_TELL = {"policy", "product", "general", "out_of_scope"}
# An upset customer and one who wants a person are heard before anything is looked up.
_FLOWS_THAT_LISTEN = {"person", "complaint", "feedback"}
_OWN_ORDER = ("my order", "ma commande", "mi pedido", "my parcel", "mon colis", "mi paquete")
_LONGEST_QUOTE = 120
_FEW_WORDS = 4
# From this score on a page is of what is asked, not only near it.
_CLEAR_PASSAGE = 0.55
_STANDS_ALONE = 0.3


def deeds_beside(cases: Sequence[Case], parts: Sequence[Part]) -> list[Case]:
    """The needs beside the questions that want more than to be told something.

    Who asks what the rule is ("can I return it if it is too big?") is told it like anything else.
    """
    beside = len(cases[0].text.split()) - sum(len(part.text.split()) for part in parts)
    deeds = [case for case in cases if case.playbook.flow not in _FLOWS_THAT_TELL]
    if beside <= _FEW_WORDS:
        return []
    return [
        case
        for case in deeds
        if not any(names_deed(kind, part.text) for kind in case.playbook.actions for part in parts)
    ]


def asks_several(cases: Sequence[Case], parts: Sequence[Part]) -> bool:
    """Whether this is a message of several questions, no answer to one of ours, and about no order."""
    case, flows = cases[0], {case.playbook.flow for case in cases}
    order = case.entity("order_number") or case.state.slots.get("order_number")
    said = folded(case.text)
    owned = any(words in said for words in _OWN_ORDER)
    if flows - _FLOWS_THAT_TELL and (order or owned):
        return False
    return len(parts) > 1 and not case.state.open_slot and not flows & _FLOWS_THAT_LISTEN


async def told_each(case: Case, parts: Sequence[Part], playbooks: Mapping[Intent, Playbook]) -> list[Outcome]:
    """One outcome for each question; what has no answer is named, and kept as a gap."""
    found: list[Outcome] = []
    before: Part | None = None
    spoken_of = case.state.slots.get("product", "")
    for part in parts:
        outcome = await _told(case, part, before, spoken_of, playbooks)
        spoken_of = outcome.slots.get("product", spoken_of)
        found.append(outcome)
        before = part
    return _once(found)


def _once(outcomes: Sequence[Outcome]) -> list[Outcome]:
    """The outcomes with each page once: what several of them quote of it is told where it is first quoted."""
    quoted_of: dict[str, list[str]] = {}
    for outcome in outcomes:
        sources = {each for told in outcome.topics if told.goal == "product.told" for each in told.sources}
        for page in outcome.passages:
            if page.id in sources and page.text not in quoted_of.setdefault(page.id, []):
                quoted_of[page.id].append(page.text)
    told: set[str] = set()
    found: list[Outcome] = []
    for outcome in outcomes:
        pages = tuple(
            structs.replace(page, text=" ".join(quoted_of[page.id])) if page.id in quoted_of else page
            for page in outcome.passages
        )
        topics = [t for t in outcome.topics if t.goal != "product.told" or not told.issuperset(t.sources)]
        told |= {each for t in topics if t.goal == "product.told" for each in t.sources}
        found.append(replace(outcome, topics=tuple(topics), passages=pages))
    return found


async def _told(
    case: Case, part: Part, before: Part | None, spoken_of: str, playbooks: Mapping[Intent, Playbook]
) -> Outcome:
    slots = case.state.slots | {"product": spoken_of}
    # "And which is cheaper?" of those that were weighed before it.
    weighs = before is not None and all(case.reader.weighs(each.text) for each in (before, part))
    own = replace(
        case,
        text=f"{before.text} {part.text}" if before and weighs else part.text,
        passages=part.passages,
        state=structs.replace(case.state, slots=slots),
        products=None,
    )
    outcome = await _of_product(own, playbooks)
    if outcome is None:
        outcome = _quoted(replace(own, text=part.full, passages=_standing(case, part)), playbooks)
        topics = tuple(structs.replace(each, question=part.full) for each in outcome.topics)
        outcome = replace(outcome, topics=topics)
    if outcome.gap:
        return _open(own, part)
    topics = tuple(structs.replace(each, question=each.question or part.text) for each in outcome.topics)
    return replace(outcome, topics=topics)


def _standing(case: Case, part: Part) -> tuple[Passage, ...]:
    """The passages found for a part, if found for the message too, or near enough to stand by themselves."""
    whole = {passage.id for passage in case.passages}
    return tuple(page for page in part.passages if page.id in whole or page.score >= _STANDS_ALONE)


async def _of_product(case: Case, playbooks: Mapping[Intent, Playbook]) -> Outcome | None:
    """What the shop and its pages tell of the product this question is about; None when it is about none."""
    try:
        reading = await read(case)
    except AskFailed:
        if any(need.intent is Intent.PRODUCT_INQUIRY for need in case.classified.needs):
            raise  # a person is told that the shop is down
        return None
    if not _is_about(reading, case):
        return None
    return answer_of(read_as(case, Intent.PRODUCT_INQUIRY, playbooks, because="it is of a product"), reading)


def _is_about(reading: ProductReading, case: Case) -> bool:
    """Whether it is a question for products of ours, rather than one that only names or follows one."""
    if not reading.products or (names_any_deed(case.text) and not reading.offer):
        return False
    if reading.rivals or reading.ranking:
        return True
    best = max((passage.score for passage in case.passages), default=0.0)
    by_page = any(place.source.startswith("product:") for place in reading.told)
    # What is told of a kind by help pages alone, the help pages tell better themselves.
    if reading.told and not by_page and not reading.own_name:
        return False
    if reading.name:
        return bool(reading.offer or reading.compares or reading.told) or best < _CLEAR_PASSAGE
    # "It", or next to no words: what was spoken of before, unless a page is of what is asked.
    points = leans_back(case.text)
    if by_page:
        return points or best < _CLEAR_PASSAGE
    return points and (reading.offer or best < _CLEAR_PASSAGE)


def _open(case: Case, part: Part) -> Outcome:
    """Which question has no answer, in the customer's own words, and how to get one."""
    said = part.text.rstrip("?! ")
    shown = said if len(said) <= _LONGEST_QUOTE else f"{said[:_LONGEST_QUOTE].rsplit(' ', 1)[0]}…"
    return Outcome(topics=(topic(case, "unknown.question", question=shown),), gap=True, missed=part.text)


def _quoted(case: Case, playbooks: Mapping[Intent, Playbook]) -> Outcome:
    """Quoted for that of the message's needs whose deed it names, or whose pages these are."""
    needs = (*case.classified.needs, *case.classified.alternatives)
    deed = (
        n.intent for n in needs if any(names_deed(kind, case.text) for kind in playbooks[n.intent].actions)
    )
    if (intent := next(deed, None)) is not None:
        return quoted(read_as(case, intent, playbooks, because="it names the deed"))
    best = max(case.passages, key=lambda passage: passage.score, default=None)
    named = (need.intent for need in needs if best and _speaks_of(playbooks[need.intent], best))
    meant = next(named, Intent.GENERAL_INQUIRY)
    return quoted(read_as(case, meant, playbooks, because="a page of ours speaks to it"), strict=False)


def _speaks_of(playbook: Playbook, passage: Passage) -> bool:
    return playbook.flow in _FLOWS_THAT_TELL and passage.category in playbook.knowledge
