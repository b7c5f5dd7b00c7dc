"""Answers a message that was screened out: no in our own words, and a pause after several."""

import msgspec

from conversation.rules.playbooks import Policy
from conversation.turn import Plan
from shared.contracts import ConversationState, Finding, Intent, Topic

_KINDS = {
    "too_long": "too_long", "spam": "spam", "repetition": "spam", "abuse": "abuse", "data_extraction": "data",
}  # fmt: skip


def refused(findings: tuple[Finding, ...], before: ConversationState, *, policy: Policy, now: float) -> Plan:
    """What is said to it, and what the conversation remembers of it."""
    after = strike(before, policy=policy, now=now)
    paused = after.paused_until > now
    values = {"minutes": str(int(policy.pause_seconds // 60))} if paused else {}
    topic = Topic(goal="paused" if paused else _goal(findings), intent=Intent.OUT_OF_SCOPE, values=values)
    return Plan(route="refuse", state=after, topics=(topic,))


def strike(state: ConversationState, *, policy: Policy, now: float) -> ConversationState:
    """One refused message more; enough of them within the window pause the conversation."""
    recent = (*(at for at in state.strikes if now - at < policy.strike_window_seconds), now)
    if len(recent) >= policy.strikes:
        return msgspec.structs.replace(state, strikes=(), paused_until=now + policy.pause_seconds)
    return msgspec.structs.replace(state, strikes=recent)


def _goal(findings: tuple[Finding, ...]) -> str:
    rule = findings[0].rule.removeprefix("input.") if findings else ""
    return f"refused.{_KINDS.get(rule, 'injection')}"
