"""Says in plain English why a turn was answered as it was, and how each part of that is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from gateway.ops.explaining.spans import Spanned, last
from shared import contracts as c

Proof = Literal["record", "trace", "absent", "missing"]
"""From the stored record; from the trace, where it was kept; from what a trace lacks; or not known."""
_CUT = "a part of its trace was not kept"
_UNUSED = "not looked into, as the message was refused; its words read as"
_NO_SOURCE = "no passage and no fact of the shop"


@dataclass(frozen=True)
class Told:
    """One part of the explanation; `text` may hold tokens."""

    about: str
    text: str
    proof: Proof


def told(result: c.TurnFinished | None, spans: Sequence[Spanned], unknown: str) -> list[Told]:
    """What was wanted, what decided, what it rests on, who objected, who answered, what came of it.

    `unknown` is why there are no spans, where there are none.
    """
    later = [each for each in spans if each.name == "flag"]
    steps = [each for each in spans if each.name != "flag"]
    parts = (_wanted, _runner_up, _decided, _rests_on, _worked_out, _objected, _answered)
    found = [*(part(result, steps) for part in parts), _came_of_it(result), _afterwards(later)]
    return [_known(each, spans, unknown) for each in found if each is not None]


def _absent(about: str, text: str) -> Told:
    """What it means that there is no such step."""
    return Told(about, text, "absent")


def _known(each: Told, spans: Sequence[Spanned], unknown: str) -> Told:
    """That a step is absent means nothing without a trace, or in one that has lost some."""
    if each.proof != "absent":
        return each
    if not spans:
        return Told(each.about, unknown, "missing")
    return Told(each.about, _CUT, "missing") if last(spans, "lost") else Told(each.about, each.text, "trace")


def _wanted(result: c.TurnFinished | None, spans: Sequence[Spanned]) -> Told | None:
    read = last(spans, "invoke_agent intent")
    if result is not None and result.intent is not None:
        more = [f"{need.intent.value} ({need.confidence:.2f})" for need in result.intents[1:]]
        also = f", and also {', '.join(more)}" if more else ""
        text = f"{result.intent.value}, {result.confidence:.2f} sure{also}"
        if result.status == "refused":
            # Nothing was made of them: which of several comes first says nothing.
            seemed = ", ".join(f"{need.intent.value} ({need.confidence:.2f})" for need in result.intents)
            return Told("The customer wanted", f"{_UNUSED} {seemed}", "record")
        if (other := result.understood) is not None:
            because = f", because {other.because}" if other.because else ""
            text = (
                f"understood as {other.intent.value}, {other.confidence:.2f} sure; handled as"
                f" {result.intent.value}{because}{also}"
            )
        return Told("The customer wanted", text, "record")
    if read is not None and read.notes.get("intent"):
        text = f"{read.notes['intent']}, {read.number('confidence'):.2f} sure"
        return Told("The customer wanted", text, "trace")
    if (result is None and not spans) or (result is not None and result.speaker != "bot"):
        return None
    text = "no intent was read in this turn"
    return Told("The customer wanted", text, "record") if result else _absent("The customer wanted", text)


def _runner_up(result: c.TurnFinished | None, spans: Sequence[Spanned]) -> Told | None:
    read = last(spans, "invoke_agent intent")
    wanted = {need.intent.value for need in result.intents} if result else set[str]()
    if result is not None and result.status == "refused":
        return None  # nothing was chosen
    best = next((each for each in (read.alternatives if read else ()) if each.what not in wanted), None)
    if best is None:
        return None
    return Told("Rather than", f"{best.what} at {best.score:.2f}", "trace")


def _decided(result: c.TurnFinished | None, spans: Sequence[Spanned]) -> Told | None:
    if result is not None and result.speaker == "staff":
        return Told("Decided by", "a person of staff, in their own words", "record")
    plan = last(spans, "plan")
    if plan is not None:
        clause = plan.notes.get("policy") or "no clause of policy"
        return Told("Decided by", f"{clause}: {plan.notes.get('reasoning', '')}", "trace")
    heard = last(spans, "invoke_agent conversation")
    if heard is not None and heard.notes.get("status"):
        text = f"no plan was needed; the turn ended as {heard.notes['status']}"
        return Told("Decided by", text, "trace")
    return _absent("Decided by", "nobody: it ended before anything was decided")


def _rests_on(result: c.TurnFinished | None, spans: Sequence[Spanned]) -> Told | None:
    if result is None:
        plan = last(spans, "invoke_agent conversation")
        found = plan.words("sources") if plan else []
        text = ", ".join(found) or _NO_SOURCE
        return Told("It rests on", text, "trace") if plan else None
    if result.speaker == "staff" or not result.sentences:
        return None
    passages = {source for each in result.sentences for source in each.sources if source.startswith("kb:")}
    facts = {source for each in result.sentences for source in each.sources} - passages
    parts = [_many(len(passages), "passage"), _many(len(facts), "fact of the shop", "facts of the shop")]
    bare = sum(not each.sources for each in result.sentences)
    rest = f"; {_many(bare, 'sentence')} cite{'s' if bare == 1 else ''} none" if bare else ""
    text = " and ".join(part for part in parts if part)
    return Told("It rests on", f"{text or _NO_SOURCE}{rest}", "record")


def _worked_out(result: c.TurnFinished | None, spans: Sequence[Spanned]) -> Told | None:
    """What sentences that cite nothing were made of: a receipt, a request, or a preview by a rule."""
    if result is None or result.speaker == "staff" or all(each.sources for each in result.sentences):
        return None
    known = [f"the receipt of the {_done(each)}" for each in result.actions]
    if result.approval is not None:
        kind = result.approval.action.kind.replace("_", " ")
        known.append(f"the preview of the {kind} that a person is to decide about")
    if known:
        return Told("And on", "; ".join(known), "record")
    plan = last(spans, "plan")
    clause = plan.notes.get("policy", "") if plan else ""
    if not clause.startswith("actions.toml"):
        return None
    return Told("And on", f"the preview of what is offered, worked out by {clause}", "trace")


def _objected(result: c.TurnFinished | None, spans: Sequence[Spanned]) -> Told | None:
    if result is not None and result.speaker != "bot":
        return None
    screened = last(spans, "invoke_agent critic", "critic.screen")
    if screened is not None and screened.notes.get("allowed") == "false":
        text = f"did not let the message pass: {screened.notes.get('reasoning', '')}"
        return Told("The critic", text, "trace")
    judged = [each for each in spans if each.name == "invoke_agent critic" and "judge" in each.action]
    if judged:
        return Told("The critic", "; ".join(_judgements(judged)), "trace")
    return _absent("The critic", "had no draft to judge")


def _judgements(judged: Sequence[Spanned]) -> Iterator[str]:
    for n, each in enumerate(judged, 1):
        if each.notes.get("passed") == "true":
            yield f"let draft {n} pass"
        else:
            rules = ", ".join(each.words("rules")) or "it could not be judged"
            yield f"objected to draft {n} ({rules})"


def _answered(result: c.TurnFinished | None, spans: Sequence[Spanned]) -> Told | None:
    if result is not None:
        by, proof = result.engine or "no engine", "record"
        cost = sum(usage.cost_usd for usage in result.usages)
        tokens = sum(usage.tokens for usage in result.usages)
        models = ", ".join(dict.fromkeys(usage.model for usage in result.usages if usage.model))
        took = (result.finished_at - result.accepted_at) * 1000
    else:
        turn = last(spans, "turn") or last(spans, "invoke_agent conversation")
        if turn is None:
            return None
        by, proof = turn.notes.get("engine") or "no engine", "trace"
        cost, took = turn.number("cost_usd"), turn.ms
        calls = [each for each in spans if each.name.startswith("invoke_agent ")]
        tokens = int(
            sum(each.number(f"gen_ai.usage.{way}_tokens") for each in calls for way in ("input", "output"))
        )
        models = ", ".join(dict.fromkeys(m for each in calls if (m := each.notes.get("model"))))
    who = f"{by} ({models})" if models else by
    text = f"{who} in {took:,.0f} ms, {_many(tokens, 'token') or 'no tokens'}, {money(cost)}"
    return Told("Answered by", text, "record" if proof == "record" else "trace")


def _came_of_it(result: c.TurnFinished | None) -> Told | None:
    if result is None:
        return None
    parts = [_done(each) for each in result.actions]
    if result.escalation is not None:
        case = result.escalation
        parts.append(f"a person was called for {case.reason}: {case.priority}, queue {case.queue}")
    if result.approval is not None:
        parts.append(f"a person is to decide about a {result.approval.action.kind}")
    if result.gap:
        parts.append("nothing in the knowledge base answers it; it stands in the list of gaps")
    return Told("What came of it", "; ".join(parts), "record") if parts else None


def _done(receipt: c.Receipt) -> str:
    of = f" of order {receipt.order_number}" if receipt.order_number else ""
    number = f" ({receipt.reference})" if receipt.reference else ""
    return f"{receipt.kind.replace('_', ' ')}{of}: {receipt.status}{number}"


def _afterwards(later: Sequence[Spanned]) -> Told | None:
    known = dict.fromkeys(f"{each.action}: {each.notes.get('reasoning', '')}" for each in later)
    return Told("Afterwards", "; ".join(known), "trace") if known else None


def money(dollars: float) -> str:
    """A price that is honest about small ones: `$0.00042`."""
    if not dollars:
        return "$0"
    return f"${dollars:,.2f}" if dollars >= 1 else f"${dollars:.6f}".rstrip("0")


def _many(count: int, what: str, several: str = "") -> str:
    return f"{count:,} {what if count == 1 else several or what + 's'}" if count else ""
