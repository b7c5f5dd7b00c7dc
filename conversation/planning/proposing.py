"""Puts an action before the customer for a yes, before a person for a decision, or neither."""

from collections.abc import Mapping
from dataclasses import replace

from conversation.rules.policy import Verdict
from conversation.turn import Case, Outcome, Wish
from shared.contracts import Action


def propose(
    case: Case, previewed: Outcome, action: Action, verdict: Verdict, titles: Mapping[str, str] | None = None
) -> Outcome:
    """`previewed` says what will happen. What the playbook or its rule does not allow, a person decides.

    `titles` are what the action's SKUs are called, for that person.
    """
    if action.kind not in case.playbook.actions:
        return replace(previewed, hand_over="not_allowed")
    if verdict.decision == "person":
        wish = Wish(action, verdict.why, titles or {}) if verdict.why else None
        return replace(previewed, hand_over=verdict.reason, approval=wish)
    return replace(previewed, slot="confirm", action=action)
