"""What one step of a turn was for, and what came of it, in the words of an operator."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gateway.ops.explaining.spans import Spanned
from shared.telemetry.contract import Given

_STEPS = {
    "critic.screen": "Critic: may the message be worked on?",
    "intent.classify": "Intent: what is wanted?",
    "knowledge.retrieve": "Knowledge: which passages speak to it?",
    "knowledge.fetch": "Knowledge: what does the shop know?",
    "escalation.assess": "Escalation: does it need a person?",
    "escalation.request_person": "Escalation: a person is called",
    "response.write": "Response: the draft is written",
    "critic.judge": "Critic: may the draft be sent?",
    "actions.execute": "Actions: it is done at the shop",
}


_NAMED = {
    "turn": "Gateway: the whole turn",
    "plan": "Plan: playbook and policy decide",
    "invoke_agent conversation": "Conversation service: the turn is worked on",
    "lost": "Traces: a part of this one is missing",
}


def title(span: Spanned) -> str:
    """What the step is for; of steps nobody named, their own name."""
    if span.name in _NAMED:
        return _NAMED[span.name]
    known = next((text for begin, text in _STEPS.items() if span.action.startswith(begin)), "")
    if span.name.startswith("invoke_agent "):
        return known or f"{span.name.removeprefix('invoke_agent ').capitalize()}: {span.action}"
    first, _, rest = span.name.partition(" ")
    begun = {
        "call": "Vendor", "vault": "Vault", "chat": "Model", "embeddings": "Embeddings", "handle": "Listener",
        "webhook": "Webhook",
    }.get(first, first)  # fmt: skip
    whose = f" ({span.notes['agent']})" if first == "handle" and span.notes.get("agent") else ""
    more = f": {span.action}" if span.action and span.action != rest else ""
    return f"{begun} {rest}{whose}{more}".strip()


def verdict(span: Spanned) -> str:
    """What came of it in some words; empty where the step says nothing of its own."""
    if span.failed:
        kind = span.notes.get(Given.ERROR, "")
        return f"failed: {kind}" if kind else "failed"
    for begin, say in _SAY.items():
        if span.action.startswith(begin) or span.name.startswith(begin):
            return say(span)
    return ""


def _screened(span: Spanned) -> str:
    return "yes" if span.notes.get("allowed") == "true" else f"no: {', '.join(span.words('rules'))}"


def _judged(span: Spanned) -> str:
    return "yes" if span.notes.get("passed") == "true" else f"no: {', '.join(span.words('rules'))}"


def _read(span: Spanned) -> str:
    found = span.notes.get("intent", "")
    return f"{found} at {span.number('confidence'):.2f}" if found else ""


def _retrieved(span: Spanned) -> str:
    count = int(span.number("passages"))
    return f"{count} passage{'s' if count != 1 else ''}, the best scores {span.number('best'):.2f}"


def _planned(span: Spanned) -> str:
    return f"{span.notes.get('route', '')} by {span.notes.get('policy') or 'no clause'}"


def _outcome(span: Spanned) -> str:
    code = f" ({int(span.number('code'))})" if span.notes.get("code") else ""
    return f"{span.notes.get('outcome', '')}{code}".strip()


def _fetched(span: Spanned) -> str:
    looked = f"order: {span.notes['order_lookup']}" if span.notes.get("order_lookup") else ""
    found = [
        f"{int(span.number(what))} {what}"
        for what in ("orders", "products")
        if span.notes.get(what, "0") not in {"", "0"}
    ]
    return ", ".join([*found, looked] if looked else found)


def _ended(span: Spanned) -> str:
    return span.notes.get("status", "")


def _assessed(span: Spanned) -> str:
    return span.notes.get("signals") or "no"


_SAY: Mapping[str, Callable[[Spanned], str]] = {
    "critic.screen": _screened,
    "critic.judge": _judged,
    "intent.classify": _read,
    "knowledge.retrieve": _retrieved,
    "knowledge.fetch": _fetched,
    "escalation.assess": _assessed,
    "plan": _planned,
    "call ": _outcome,
    "chat ": _outcome,
    "actions.execute": _outcome,
    "invoke_agent conversation": _ended,
    "turn": _ended,
    "lost": lambda span: f"{int(span.number('lost'))} spans had been let go when the turn was flagged",
    "escalation.request_person": lambda span: (
        f"{span.notes.get('reason', '')}: {span.notes.get('priority', '')}, {span.notes.get('queue', '')}"
    ),
}


@dataclass(frozen=True)
class Rejected:
    """A draft that the critic did not let pass: its text, and what was objected to (rule, words, remedy)."""

    draft: int
    text: str
    findings: tuple[tuple[str, str, str], ...]


def rejected(spans: list[Spanned]) -> list[Rejected]:
    """The drafts that were not sent, in their order."""
    judged = [each for each in spans if each.name == "invoke_agent critic" and "judge" in each.action]
    found: list[Rejected] = []
    for n, each in enumerate(judged, 1):
        if each.notes.get("passed") == "true":
            continue
        asked, answered = each.message("inputs"), each.message("outputs")
        text = " ".join(str(one.get("text", "")) for one in asked.get("sentences", ()))
        findings = tuple(
            (str(one.get("rule", "")), str(one.get("span", "")), str(one.get("remedy", "")))
            for one in answered.get("findings", ())
        )
        rules = tuple((rule, "", "") for rule in each.words("rules"))
        found.append(Rejected(n, text, findings or rules))
    return found
