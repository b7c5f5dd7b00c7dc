"""Keeps an offered action before the customer until it is answered: through reasons, questions, other talk.

Only a clear yes right after it was named carries it out. A reason is thanked for and a question answered, and
the offer is repeated shortly; after several such turns it rests, and a later yes has it previewed anew.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from msgspec import structs

from conversation.planning.few_words import says_nothing
from conversation.planning.flows import FLOWS
from conversation.planning.meaning import Playbooks, read_as
from conversation.planning.orders_in_turn import NONE_NEXT, then_too
from conversation.planning.recap import recap
from conversation.planning.saying import quoted, topic
from conversation.planning.taking_back import too_late
from conversation.rules.playbooks import Playbook
from conversation.turn import Case, Outcome
from conversation.words import phrases
from conversation.words.agreeing import answer_to, asks, wants_after_all, wishes_other
from conversation.words.orders_apart import Wished, orders_apart
from conversation.words.own_order import asked_of_order
from conversation.words.replies import folded
from conversation.words.smalltalk import small_talk
from conversation.words.speaking import language_wish
from conversation.words.taking_back import takes_back
from shared.contracts import Action, Cancel, ConversationState, Intent, Newsletter
from shared.tongues import other_tongue

REPEATED = 2
"""Questions after which the offer is no longer repeated: asked a third time it would be pushing."""
KEPT = 6
"""Turns for which an offer that rests can be taken up again."""
_PLAIN_ANSWER = 1
"""Words up to which a yes can only be a yes, and a no a no."""
_ASKED = {"item", "variant", "address"}
_TELLS = {"policy", "general", "product"}
_ASKED_ANEW = {"item", "variant", "address"}
_TOO = re.compile(r"\b(?:also|too|as well|both|aussi|egalement|en plus|tambien|ademas)\b")
"""Over folded words."""


@dataclass(frozen=True)
class Heard:
    """What a message is to the offer: the case it is worked on as, and what comes of it."""

    case: Case
    outcomes: tuple[Outcome, ...]

    @property
    def hand_over(self) -> str:
        """The reason for a person, if there is one."""
        return next((one.hand_over for one in self.outcomes if one.hand_over), "")


async def heard(case: Case, playbooks: Playbooks) -> Heard | None:  # noqa: PLR0911 one for each reading
    """What the message says to the offer that stands or rests; None when it is about something else."""
    action = case.state.pending_action
    if action is None and (again := await _after_all(case, playbooks)) is not None:
        return again
    if action is None or case.state.open_slot in _ASKED:
        return await _asked_meanwhile(case, playbooks)
    waiting = _waiting(case, action, playbooks)
    if case.state.open_slot != "confirm":
        return await _taken_up(case, action, waiting)
    said = "" if _spanish_and(case) else answer_to(action, case.text, before=_last_words(case))
    elsewhere = wishes_other(action, case.text) and not set(case.playbook.actions) <= {action.kind}
    if not said and (elsewhere or small_talk(case.text) == "goodbye"):
        return None
    others = _other_orders(case, action)
    if said == "yes" and others and _goes_with(case, action):
        return Heard(then_too(case, waiting, others, playbooks), (_settled(case, action, said),))
    # An order named beside the offer is meant instead of the offer's only by who speaks of the same.
    same = case.need.intent == waiting.need.intent
    other = await _another(_of_another(case, waiting, others) if same else waiting, action)
    if other is not None:
        return other
    if said:
        return Heard(waiting if said == "yes" else case, (_settled(case, action, said),))
    return await _put_again(case, action, waiting)


async def _asked_meanwhile(case: Case, playbooks: Playbooks) -> Heard | None:
    """A question while we wait for an address or an item is answered, and ours is asked again."""
    tells = case.playbook.flow in _TELLS or bool(asked_of_order(case.text))
    other = case.need.intent.value != case.state.open_intent and tells
    if case.state.open_slot not in _ASKED or not asks(case.text) or not other:
        return None
    beside = await FLOWS[case.playbook.flow](case)
    if beside.slot or beside.hand_over:
        return None
    because = "we still wait for what was asked before"
    waiting = read_as(case, Intent(case.state.open_intent), playbooks, because=because)
    again = await FLOWS[waiting.playbook.flow](waiting)
    return Heard(waiting, (beside, again)) if again.slot == case.state.open_slot else None


async def _put_again(case: Case, action: Action, waiting: Case) -> Heard:
    """No answer yet: what was said beside it is, and the offer is repeated shortly."""
    again = await FLOWS[waiting.playbook.flow](waiting)
    if again.action is None or again.action.key != action.key:
        return Heard(waiting, (again,))  # the shop has moved on meanwhile, and that is told
    beside = _of_the_words(case) or await _beside(case, waiting)
    pushing = asks(case.text) and case.state.offer_turns >= REPEATED
    if pushing or beside.slot or beside.hand_over:
        return Heard(case, (beside,))
    return Heard(waiting, (beside, in_short(again)))


def in_short(offer: Outcome) -> Outcome:
    """The offer in one sentence, for who has read the whole of it."""
    goal = f"ask.still_{_name(offer.action)}" if offer.action else ""
    *told, asked = offer.topics
    return replace(offer, topics=(structs.replace(asked, goal=goal),)) if goal and not told else offer


def rests(before: ConversationState, now: Action | None, *, done: bool) -> tuple[Action | None, int]:
    """The offer that a conversation keeps, and for how many turns it has waited; `now` is put in this one."""
    old = before.pending_action
    if now is not None:
        same = old is not None and old.key == now.key
        return now, before.offer_turns + 1 if same else 0
    turns = before.offer_turns + 1
    return (None, 0) if done or old is None or turns > KEPT else (old, turns)


async def _taken_up(case: Case, action: Action, waiting: Case) -> Heard | None:
    """A yes to what rests has it previewed anew: nobody remembers for sure what they agree to."""
    asked_else = case.state.open_slot or case.state.person_offered
    clear = answer_to(action, case.text) == "yes" and small_talk(case.text) in {"yes_or_no", ""}
    if asked_else or not clear:
        return None
    return Heard(waiting, (await FLOWS[waiting.playbook.flow](waiting),))


async def _after_all(case: Case, playbooks: Playbooks) -> Heard | None:
    """What was declined a message ago is previewed anew for who says yes after all."""
    action = case.state.declined_action
    asked_else = case.state.open_slot or case.state.person_offered
    if action is None or asked_else or not wants_after_all(action, case.text):
        return None
    waiting = _waiting(case, action, playbooks)
    waiting = replace(waiting, state=structs.replace(waiting.state, pending_action=action))
    return Heard(waiting, (await FLOWS[waiting.playbook.flow](waiting),))


async def _another(waiting: Case, action: Action) -> Heard | None:
    """Words that go on to say something else than what was previewed: "no, the large one"."""
    if len(waiting.text.split()) <= _PLAIN_ANSWER or asks(waiting.text):
        return None
    again = await FLOWS[waiting.playbook.flow](waiting)
    same = again.action is not None and again.action.key == action.key
    if same or not (again.action or again.approval or again.slot in _ASKED_ANEW):
        return None
    return Heard(waiting, (again,))


def _of_the_words(case: Case) -> Outcome | None:
    """What is said to the message for its words alone: nothing to a sign; None where they say something."""
    if language_wish(case.text) not in {"", "other"}:
        return Outcome(topics=(topic(case, "language.spoken"),))
    return Outcome() if says_nothing(case) or _spanish_and(case) or other_tongue(case.text) else None


async def _beside(case: Case, waiting: Case) -> Outcome:
    """What is said before the offer is repeated."""
    if told := recap(case):
        return told
    talk = small_talk(case.text)
    if talk in {"greeting", "thanks"}:
        return Outcome(topics=(topic(case, talk),))
    if not asks(case.text) and any(f" {word} " in f" {folded(case.text)} " for word in phrases.THINKS):
        return Outcome(topics=(topic(case, "offer.no_hurry"),))
    other_order = case.entity("order_number") not in {"", case.state.slots.get("order_number", "")}
    if not asks(case.text) and not other_order:
        return Outcome(topics=(topic(case, "offer.reason"),), slots={"reason": case.text[:200]})
    # Another deed that is only asked about is not worked on: the pages tell how it goes.
    same = case.need.intent == waiting.need.intent
    only_told = same or (bool(case.playbook.actions) and not other_order)
    return quoted(case) if only_told else await FLOWS[case.playbook.flow](case)


def _spanish_and(case: Case) -> bool:
    """In Spanish "y" is no short yes: it goes on to something."""
    return case.language == "es" and folded(case.text) == "y"


def _other_orders(case: Case, action: Action) -> list[Wished]:
    """The orders that these words wish something of, but for the one that is offered."""
    numbers = [each.value for each in case.classified.entities if each.kind == "order_number"]
    return [each for each in orders_apart(case.text, numbers) if each.number != action.order_number]


def _goes_with(case: Case, action: Action) -> bool:
    """Whether the orders that are named with a yes come to the one that is offered: "yes, 1002 too"."""
    named = any(each.value == action.order_number for each in case.classified.entities)
    return bool(action.order_number) and (named or _TOO.search(folded(case.text)) is not None)


def _of_another(case: Case, waiting: Case, others: Sequence[Wished]) -> Case:
    """The offer's kind, of the order that is named instead: "no, keep 1001, cancel 1002"."""
    numbers = [each.number for each in others]
    entities = tuple(
        each
        for each in case.classified.entities
        if each.kind != "order_number" or not numbers or each.value == numbers[0]
    )
    return replace(waiting, classified=structs.replace(case.classified, entities=entities))


def _settled(case: Case, action: Action, said: str) -> Outcome:
    if said == "yes":
        wish = {"newsletter": action.wish} if isinstance(action, Newsletter) else {}
        return Outcome(execute=action, slots={"order_number": action.order_number} | wish)
    if not any(note.done for note in case.state.notes[-1:]):
        return Outcome(topics=(topic(case, "action.declined"),), declined=True)
    # Of several the one before was done: that nothing was changed would be false.
    number = {"number": action.order_number} if action.order_number else {}
    stays = topic(case, "action.declined_rest", None, **number)
    late = too_late(case, case.entity("order_number")) if takes_back(case.text) else None
    if late is None:
        return Outcome(topics=(stays,), declined=True)
    return replace(late, topics=(stays, *late.topics), slots=late.slots | NONE_NEXT, declined=True)


def _waiting(case: Case, action: Action, playbooks: Playbooks) -> Case:
    """The case as one of what was offered, whatever was spoken of since, and of its order."""
    intent = _intent(action, case.state, playbooks)
    slots = case.state.slots | ({"order_number": action.order_number} if action.order_number else {})
    state = structs.replace(case.state, open_intent=intent.value, open_slot="confirm", slots=slots)
    others = tuple(entity for entity in case.classified.entities if entity.kind != "order_number")
    classified = structs.replace(case.classified, entities=others)
    meant = read_as(case, intent, playbooks, because="it answers what was offered")
    return replace(meant, state=state, classified=classified)


def _intent(action: Action, state: ConversationState, playbooks: Mapping[Intent, Playbook]) -> Intent:
    if state.open_slot == "confirm" and state.open_intent:
        return Intent(state.open_intent)
    found = (intent for intent, playbook in playbooks.items() if action.kind in playbook.actions)
    return next(found, Intent.GENERAL_INQUIRY)


def _last_words(case: Case) -> str:
    said = [line.text for line in case.state.history if line.who == "customer"]
    return said[-1] if said else ""


def _name(action: Action) -> str:
    match action:
        case Newsletter():
            return action.wish
        case Cancel() if action.items:
            return "cancel_part"
    return action.kind
