"""Answers who writes in a language that the shop does not: which ones it does, and that a person may help."""

from conversation.planning.saying import topic
from conversation.turn import Case, Outcome
from shared.contracts import Intent, Topic
from shared.tongues import other_tongue, says, wants_person

_PLAINLY = 0.7
_PERHAPS = 0.5
_WHERE = {Intent.ORDER_STATUS, Intent.TRACKING_UPDATE}
_SAY_LITTLE = {
    Intent.OUT_OF_SCOPE, Intent.GENERAL_INQUIRY, Intent.FEEDBACK, Intent.COMPLAINT, Intent.ESCALATION_REQUEST,
}  # fmt: skip
"""Intents that a message may fall to for not being understood."""


def in_other_tongue(case: Case) -> Outcome | None:
    """What is said to words of another tongue; None where they are understood, or are of ours."""
    if other_tongue(case.text) is None:
        return None
    said, offered = says(case.text), case.state.person_offered
    read_so = case.need.intent is Intent.ESCALATION_REQUEST and case.need.confidence >= _PERHAPS
    if read_so or wants_person(case.text) or (offered and said == "yes"):
        return Outcome(hand_over="asked_for_person")
    if case.state.open_slot or _understood(case):
        return None
    if (offered and said == "no") or (case.state.history and said == "thanks"):
        return Outcome(topics=(topic(case, "thanks" if said == "thanks" else "action.declined"),))
    if case.state.unclear + 1 >= case.policy.max_unclear:
        return Outcome(hand_over="unclear")
    return Outcome(topics=(topic(case, "language.ours"),), slot="clarify", offers_person=True, plain=True)


def _understood(case: Case) -> bool:
    """Where an order stands is told to who names it, however little else was understood."""
    if case.entity("order_number") and case.need.intent in _WHERE:
        return True
    return case.need.confidence >= _PLAINLY and case.need.intent not in _SAY_LITTLE


def told_once(case: Case) -> tuple[Topic, ...]:
    """Which languages we answer in, for who is answered though they wrote in another; said once."""
    told = any(line.who == "customer" and other_tongue(line.text) for line in case.state.history)
    return () if told or other_tongue(case.text) is None else (topic(case, "language.beside"),)
