"""Says in a trace why a plan is what it is and what was not chosen, and how the turn ended."""

from collections.abc import Awaitable, Iterator, Mapping
from typing import Any

from conversation.rules.playbooks import Playbook
from conversation.turn import Plan
from shared import contracts as c
from shared import telemetry
from shared.telemetry import Notes

_REFUSED = "the critic refused the message; no agent worked on it"


async def in_trace(
    planning: Awaitable[dict[str, Any]],
    playbooks: Mapping[c.Intent, Playbook],
    classified: c.IntentClassified | None,
) -> dict[str, Any]:
    """What `planning` gives, with a span that says why its plan is what it is."""
    with telemetry.span("plan", agent="conversation", action="plan"):
        update = await planning
        if telemetry.current() is not None:
            telemetry.note(**explained(update["plan"], playbooks, classified))
        return update


def explained(
    plan: Plan, playbooks: Mapping[c.Intent, Playbook], classified: c.IntentClassified | None = None
) -> Notes:
    """What decided, in the names of the files a support lead edits."""
    main = plan.needs[0] if plan.needs else None
    flow = playbooks[main.intent].flow if main and main.intent in playbooks else ""
    notes: Notes = {
        "route": plan.route,
        "policy": _clause(plan, main),
        "reasoning": _REFUSED if plan.route == "refuse" else _because(plan, classified, flow),
        "goals": " ".join(topic.goal for topic in plan.topics),
        "sources": " ".join([*(p.id for p in plan.passages), *(f.id for f in plan.facts)]),
        "gap": plan.gap,
        "reason": plan.reason,
    }
    if classified is not None:
        notes["alternatives"] = telemetry.alternatives(_not_chosen(plan, classified))
    return notes


def _not_chosen(plan: Plan, classified: c.IntentClassified) -> Iterator[tuple[str, float, str]]:
    """What else was read, how surely, and why it was not gone by: it was less likely, or read otherwise."""
    chosen, read = {need.intent for need in plan.needs}, classified.needs[0].intent
    for need in (*classified.needs, *classified.alternatives):
        if need.intent in chosen:
            continue
        why = plan.because if need.intent is read else f"less likely than {read.value}" if plan.needs else ""
        yield need.intent.value, need.confidence, why


def _clause(plan: Plan, main: c.Need | None) -> str:
    action = plan.execute or (plan.approval.action if plan.approval else plan.state.pending_action)
    if action is not None:
        beyond = f" beyond: {', '.join(plan.approval.why)}" if plan.approval else ""
        return f"actions.toml [{action.kind}]{beyond}"
    if plan.route == "refuse":
        return "policy.toml strikes"
    return f"{main.intent.value.lower()}.toml" if main else "policy.toml escalate_always"


def _meant(plan: Plan, classified: c.IntentClassified | None, flow: str) -> str:
    """What was understood, how surely, and what the plan made of it, if anything else."""
    if not plan.needs:
        return "no need was read"
    main, other = plan.needs[0], plan.otherwise(classified)
    if other is not None:
        because = f" because {other.because}" if other.because else ""
        return (
            f"understood as {other.intent.value} at {other.confidence:.2f}; handled as {main.intent.value}"
            f"{because}, by the flow {flow}"
        )
    sure = classified.needs[0].confidence if classified else main.confidence
    return f"{main.intent.value} at {sure:.2f} goes by the flow {flow}"


def _because(plan: Plan, classified: c.IntentClassified | None, flow: str) -> str:
    what = _meant(plan, classified, flow)
    if plan.reason:
        return f"{what}; a person takes it: {plan.reason}"
    if plan.execute is not None:
        return f"{what}; agreed to, so {plan.execute.kind} is done"
    if plan.state.pending_action is not None and plan.asked:
        return f"{what}; {plan.state.pending_action.kind} is offered and waits for a yes"
    if plan.asked:
        return f"{what}; asks for {plan.state.open_slot or 'what is meant'}"
    if plan.gap:
        return f"{what}; nothing in the knowledge base speaks to it"
    return f"{what}; says {', '.join(topic.goal for topic in plan.topics)}"


def explain(result: c.TurnFinished) -> None:
    """Say in the trace how the turn ended; one that a person takes or that was refused is kept whole."""
    telemetry.note(
        status=result.status,
        confidence=result.confidence,
        reason=result.escalation.reason if result.escalation else "",
        intent=result.intent.value if result.intent else "",
        understood=result.understood.intent.value if result.understood else "",
        needs=" ".join(need.intent.value for need in result.intents),
        language=result.language,
        engine=result.engine,
        cost_usd=sum(usage.cost_usd for usage in result.usages),
        drafts=sum(name.startswith("write-") for name in result.timings_ms),
        sources=" ".join(dict.fromkeys(s for sentence in result.sentences for s in sentence.sources)),
        gap=result.gap,
    )
    if result.waited is not None:
        telemetry.note(waited_ms=round(result.waited * 1000, 2))
    telemetry.answered(result)
    if result.escalation is not None:
        telemetry.flag("handed_over")
    elif result.status == "refused":
        telemetry.flag("refused")
