"""Ends what was spoken of for who lets it go: nothing is asked again, looked up or handed over."""

from conversation.planning.saying import topic
from conversation.turn import Case, Outcome
from conversation.words.letting_go import lets_go, parting

_STAYS = {"order_number", "product", "newsletter", "call_booked"}
"""Slots that tell what was spoken of or done; the others belong to what was being asked."""
_ANY_WILL_DO = {"confirm", "item", "variant", "call_time"}
"""What is asked for when "it doesn't matter" may be an answer."""


def dropped(case: Case) -> bool:
    """Whether it lets go of what was said before, and says nothing else."""
    how = lets_go(case.text) if case.state.history else ""
    return how == "plainly" or (how == "indifferent" and case.state.open_slot not in _ANY_WILL_DO)


def let_go(case: Case) -> Outcome | None:
    """A no to what was asked or offered, else a word of parting; None for who does not let go."""
    if not dropped(case):
        return None
    before = case.state
    asked = before.open_slot or before.pending_action or before.person_offered
    goal = "action.declined" if asked else parting(case.text) or "let_go"
    gone = dict.fromkeys(before.slots.keys() - _STAYS, "")
    return Outcome(topics=(topic(case, goal),), slots=gone, declined=True)
