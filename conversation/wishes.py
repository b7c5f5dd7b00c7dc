"""Tells from a customer's words which of two near wishes is meant."""

from conversation import phrases
from conversation.replies import asks_for_rule, folded
from conversation.turn import Case
from shared.contracts import Intent


def asks_rule_only(case: Case) -> bool:
    """Asks for the rule, not for a return of an order; one named beside it belongs to another need."""
    named = case.entity("order_number") and len(case.classified.needs) == 1
    return asks_for_rule(case.text) and not named and not case.state.open_slot and bool(case.known())


def is_question(text: str) -> bool:
    """Ends like a question or begins like one."""
    return "?" in text or folded(text).split(" ")[0] in phrases.QUESTION_WORDS


def wants_money_only(case: Case) -> bool:
    """Asks for a refund and says nothing of sending anything back."""
    said = folded(case.text)
    named = any(word in said for word in phrases.REFUND) and not any(
        word in said for word in phrases.SEND_BACK
    )
    return named and wishes_refund(case)


def wishes_refund(case: Case) -> bool:
    """Wants money back, rather than to know where it is."""
    if case.state.open_intent == Intent.REFUND_STATUS and case.state.slots.get("wish") == "refund":
        return True
    said = folded(case.text)
    wished = said.startswith(phrases.REFUND_FIRST) or any(word in said for word in phrases.REFUND_WISH)
    return wished and not any(word in said for word in phrases.ASKS_WHERE)
