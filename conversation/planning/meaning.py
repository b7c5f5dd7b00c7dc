"""Reads what was understood in the context of the conversation: the same words mean other things there."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from msgspec import structs

from conversation.planning.few_words import says_nothing
from conversation.planning.letting_go import dropped
from conversation.planning.products import read
from conversation.rules.playbooks import Playbook
from conversation.turn import Case
from conversation.words.agreeing import asks, names_any_deed, names_deed
from conversation.words.own_order import asked_of_order, asks_where
from conversation.words.parts import takes_out
from conversation.words.paying import asks_another, ways_to_pay
from conversation.words.replies import asks_for_help, folded, leans_back, means_the_other, said_no
from conversation.words.smalltalk import small_talk
from conversation.words.speaking import language_wish
from conversation.words.wishes import newsletter_wish, return_window, wants_money_only
from shared.contracts import Intent, IntentClassified, Need
from shared.errors import AskFailed

Playbooks = Mapping[Intent, Playbook]

_CLEAR_PASSAGE = 0.55
_CLEARLY = 0.7
_FEW_WORDS = 4
_MAY_WEIGH = {"policy", "product", "general", "feedback", "out_of_scope"}
_MONEY_MAY_BE_MEANT = {"return", "out_of_scope", "general", "exchange"}


def without_person(classified: IntentClassified) -> IntentClassified:
    """What is wanted by who plainly wants no person, whatever an engine makes of that word."""
    needs, others = (
        tuple(need for need in found if need.intent is not Intent.ESCALATION_REQUEST)
        for found in (classified.needs, classified.alternatives)
    )
    needs = needs or others[:1] or (Need(intent=Intent.GENERAL_INQUIRY, confidence=0.0),)
    return structs.replace(classified, needs=needs, alternatives=others)


async def of_ours(case: Case, playbooks: Playbooks) -> Case:
    """Who names a product of ours asks the shop, however strange the name sounds to the intent agent.

    Nor is a doubtful question strange that our pages speak to. Which product is the cheapest the shop knows.
    """
    if case.playbook.flow in _MAY_WEIGH and not case.state.open_slot and case.reader.weighs(case.text):
        return await _weighing(case, playbooks)
    if case.need.intent is not Intent.OUT_OF_SCOPE:
        return case
    others = (need.intent for need in case.classified.alternatives)
    if case.need.confidence < _CLEARLY and speaks_to_it(case):
        because = "a page of ours speaks to it"
        return read_as(case, next(others, Intent.GENERAL_INQUIRY), playbooks, because=because)
    try:
        reading = await read(case)
    except AskFailed:
        return case  # an answer without the shop is better than none
    said, own = folded(case.text), reading.own_name and len(reading.name.split()) > 1
    if not own and not any(folded(product.title) in said for product in reading.products):
        return case
    because = "it names a product of the shop"
    return read_as(case, next(others, Intent.PRODUCT_INQUIRY), playbooks, because=because)


async def _weighing(case: Case, playbooks: Playbooks) -> Case:
    # "Do you match a cheaper price?" is answered by a page of its own.
    told = any(passage.category in case.playbook.knowledge for passage in case.passages)
    if told and case.playbook.flow != "product":
        return case
    try:
        reading = await read(case)
    except AskFailed:
        return case
    weighed = reading.rivals or reading.ranking
    because = "it weighs products of the shop"
    return read_as(case, Intent.PRODUCT_INQUIRY, playbooks, because=because) if weighed else case


def in_context(case: Case, playbooks: Playbooks) -> Case:
    """What the words mean here: a wish for money is no return, a bare "and 1009?" asks the same again."""
    meant = next(_plainly(case), None) or _carried(case)
    return read_as(case, meant[0], playbooks, because=meant[1]) if meant else case


def _carried(case: Case) -> tuple[Intent, str] | None:
    """What the turns before make of it, and why."""
    last, number = case.state.last_intent, case.entity("order_number")
    if last and number and means_the_other(case.text):
        return Intent(last), "it asks the same of another order"
    if case.state.open_slot and (_fills_what_was_asked(case) or _beside_the_point(case)):
        return Intent(case.state.open_intent), "it answers what was asked before"
    if case.playbook.actions and names_any_deed(case.text):
        return None  # who names a deed begins something, however short it is
    if case.state.open_slot or (sure(case) and not (last and _only_weakly_sure(case))):
        return None
    goes_on = last and (number or leans_back(case.text))
    return (Intent(last), "it goes on with what was spoken of before") if goes_on else None


def _plainly(case: Case) -> Iterator[tuple[Intent, str]]:
    """What words alone tell, whatever an engine makes of them, and why; the first counts."""
    money = wants_money_only(case) and not names_deed("exchange", case.text)
    if case.playbook.flow in _MONEY_MAY_BE_MEANT and money:
        yield Intent.REFUND_STATUS, "it asks for money back"
    cancels = names_deed("cancel", case.text) and not names_deed("address", case.text)
    if case.playbook.flow == "order_change" and (cancels or takes_out(case.text)):
        yield Intent.CANCELLATION, "it asks to cancel, or to leave something out"
    where = case.playbook.flow != "order_status" and asks_where(case.text)
    if where or asked_of_order(case.text):
        yield Intent.ORDER_STATUS, "it asks about an order that is placed"
    if asks_for_help(case.text) or language_wish(case.text):
        yield Intent.GENERAL_INQUIRY, "it asks what we can do, or for a language"
    if dropped(case):
        yield Intent.GENERAL_INQUIRY, "it lets go of what was spoken of"
    if not case.state.open_slot and (small_talk(case.text) or says_nothing(case)):
        yield Intent.GENERAL_INQUIRY, "its words ask for nothing"
    if _may_be_of_pages(case) and return_window(case.text):
        yield Intent.RETURN_REQUEST, "it asks how long things may be sent back"
    if asks_another(case.text) or (_may_be_of_pages(case) and ways_to_pay(case.text)):
        yield Intent.BILLING_ISSUE, "it asks how one can pay"
    if newsletter_wish(case.text):
        yield Intent.SUBSCRIPTION_MANAGEMENT, "it is about the newsletter"


def _may_be_of_pages(case: Case) -> bool:
    """Whether it may ask for a rule on a page, whichever was understood: not who surely wants something else.

    A word of the message before sways an engine: "Do you take PayPal?" after a return looks like one. Whose
    words ask for a person has one by now, so what is left of such wishes is an engine's guess.
    """
    doubtful = case.need.confidence < _CLEARLY and not case.state.open_slot
    strange = case.playbook.flow == "out_of_scope" and case.need.confidence < _CLEARLY
    return doubtful or strange or case.playbook.flow in {"policy", "general", "person"}


def _fills_what_was_asked(case: Case) -> bool:
    """An address or a size, given when it was asked for, is that: whatever else the words look like."""
    if asks(case.text):
        return False
    if case.state.open_slot == "address":
        return bool(case.tokens()) or (bool(case.state.slots.get("address")) and _picks(case))
    if case.state.open_slot in {"order_number", "item"}:
        return _picks(case)
    sized = case.entity("size") or case.entity("color")
    return case.state.open_slot == "variant" and bool(sized or len(case.text.split()) <= _FEW_WORDS)


def _picks(case: Case) -> bool:
    """Few words after "which one?" pick it ("the bottle one"), unless they say no or something else."""
    given = case.tokens() or case.entity("order_number")
    if case.state.open_slot == "order_number" and given:
        return not sure(case) or not names_any_deed(case.text)
    small = small_talk(case.text) not in {"", "yes_or_no"}
    return len(case.text.split()) <= _FEW_WORDS + 1 and not (
        small or said_no(case.text) or names_any_deed(case.text)
    )


def read_as(case: Case, intent: Intent, playbooks: Playbooks, *, because: str) -> Case:
    """The case as if this had been understood, surely enough to go by; `because` tells a trace why."""
    playbook = playbooks[intent]
    need = Need(intent=intent, confidence=max(case.need.confidence, playbook.min_confidence))
    return replace(case, need=need, playbook=playbook, because=because)


def sure(case: Case) -> bool:
    """True when what was understood is likely enough for its playbook."""
    # Two needs in one message share what there is of confidence.
    family = {case.need.intent, *case.playbook.family, *(need.intent for need in case.classified.needs)}
    candidates = {n.intent: n.confidence for n in (*case.classified.alternatives, *case.classified.needs)}
    candidates[case.need.intent] = max(case.need.confidence, candidates.get(case.need.intent, 0.0))
    together = sum(confidence for intent, confidence in candidates.items() if intent in family)
    return together >= case.playbook.min_confidence


def speaks_to_it(case: Case) -> bool:
    """True when a page of ours says much of what was asked."""
    return max((passage.score for passage in case.passages), default=0.0) >= _CLEAR_PASSAGE


def _beside_the_point(case: Case) -> bool:
    """A doubtful policy question of whose subject no page was found: no reason to leave the open matter."""
    fits = any(passage.category in case.playbook.knowledge for passage in case.passages)
    return case.playbook.flow == "policy" and case.need.confidence < _CLEARLY and not fits


def still_unclear(case: Case) -> bool:
    """Just asked what is meant, and the answer only looks as if it were none of ours."""
    off_topic = case.need.intent == Intent.OUT_OF_SCOPE and case.need.confidence < _CLEARLY
    return case.state.unclear > 0 and off_topic


def _only_weakly_sure(case: Case) -> bool:
    """A follow-up is no small talk just because little is enough for small talk."""
    lenient = case.playbook.min_confidence < _CLEARLY
    return lenient and case.need.confidence < _CLEARLY and leans_back(case.text)
