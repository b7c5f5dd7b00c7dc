"""What a person's decision makes of an action: it is carried out, carried out otherwise, or denied kindly."""

import re
from collections.abc import Sequence

from msgspec import structs

from conversation.memory import overheard
from conversation.turn import Plan
from conversation.words.phrases import MAY_WITHDRAW
from conversation.words.replies import folded
from conversation.words.taking_back import takes_back
from conversation.words.verbs import any_form, told
from shared import contracts as c
from shared.ports import Approvals

_SHORT = 20
"""Words of a message that takes a wish back; a longer one says something that a person should read."""
# Over folded words (no accents, no punctuation).
_TAKES_BACK = re.compile(
    r"\b(?:(?:cancel|withdraw|retract|take back) (?:my|this|that|the) (?:\w+ ){0,2}?request"
    r"(?: (?:for|to) (?:(?:a|the|my|get) )*\w+)?"
    r"|take (?:my|this|that|the) (?:\w+ ){0,2}?request back"
    rf"|(?:{told('cancel', tongue='fr')}|retire[rz]?) (?:ma|cette|la) demande(?: (?:de|d) \w+)?"
    rf"|(?:{told('cancel', tongue='es')}|(?:cancel|anul)o|retir(?:ar|a|e|en|o)) (?:mi|esta|esa|la) "
    r"(?:solicitud|peticion)(?: de \w+)?)\b"
)
_NOT = re.compile(
    r"\b(?:not|t|dont|never|no|ne|n|pas|nunca|why|how|who|did|they|pourquoi|comment|qui|ils|como|quien"
    r"|por que|(?<!can )(?<!could )(?<!would )you|(?<!pouvez )(?<!pourriez )vous) (?:\w+ ){0,4}?$"
)
_PROVIDED = re.compile(r"\b(?:if|unless|until|or|otherwise|si|sauf|sinon|ou|salvo|o)\b")
_MONEY = re.compile(
    rf"\b(?:{any_form('refund', 'return', 'a_return')}|{any_form('give_back', tongue='es')}"
    r"|money|argent|dinero)\b"
)


def plan_of(act: c.ActionDecided, before: c.ConversationState) -> Plan:
    """The way of the turn that brings a decision to the customer."""
    if act.decision == "deny":
        return Plan(route="write", state=before, topics=(_denied(act),))
    return Plan(route="act", state=before, execute=act.action, key=act.key, topics=(_agreed(act),))


OWN_WORDS = c.Topic(goal="decision.words", intent=c.Intent.GENERAL_INQUIRY)
"""What is said before a person's words."""


def with_words(result: c.TurnFinished, act: c.ActionDecided, before: Sequence[c.Sentence]) -> c.TurnFinished:
    """The person's words as they wrote them, after `before`; they are no draft that the critic judges.

    A denial may name a price, promise something, or be in the person's language.
    """
    state = result.state and overheard(result.state, c.Said(who="staff", text=act.words))
    sentences = (*result.sentences, *before, c.Sentence(text=act.words))
    return structs.replace(result, sentences=sentences, state=state)


async def ask_staff(approvals: Approvals | None, turn: c.TurnFinished) -> None:
    """Keep the request that this turn made, if it made one; once, however often the turn is heard."""
    if turn.approval is None or approvals is None:
        return
    await approvals.ask(
        c.Approval(
            id=turn.approval.id,
            conversation_id=turn.conversation_id,
            asked=turn.approval,
            asked_at=turn.accepted_at,
        )
    )


async def withdrawn(approvals: Approvals | None, turn: c.TurnAccepted, text: str) -> bool:
    """Whether the customer takes back, with these words, what waits for a decision; then it is void."""
    if approvals is None or not withdraws(text):
        return False
    return await approvals.withdraw(turn.conversation_id, at=turn.accepted_at) > 0


async def may_be_withdrawn(approvals: Approvals | None, turn: c.TurnAccepted, text: str) -> bool:
    """Whether these words may be meant to take back what waits for a decision: the customer is asked."""
    if approvals is None or not may_withdraw(text):
        return False
    return any(
        each.status == "open" and not each.is_owed for each in await approvals.of(turn.conversation_id)
    )


def withdraws(text: str) -> bool:
    """True when the customer takes back the request itself: "cancel my request".

    Nothing less will do: "I no longer want it" is why people ask for their money.
    """
    if "?" in text or len(text.split()) > _SHORT or _PROVIDED.search(folded(text)) or _of_money(text):
        return False
    found = [(each, _TAKES_BACK.search(each)) for each in map(folded, re.split(r"[.,;:!\n]+", text))]
    return any(match and not _NOT.search(clause[: match.start()]) for clause, match in found)


def may_withdraw(text: str) -> bool:
    """True when the customer may have meant that: "never mind, I'll keep it"."""
    said = folded(text)
    if len(said.split()) > _SHORT or _of_money(text):
        return False
    vague = takes_back(text) or any(f" {each} " in f" {said} " for each in MAY_WITHDRAW)
    return _TAKES_BACK.search(said) is not None or (vague and "?" not in text)


def _of_money(text: str) -> bool:
    """Whether they still speak of the refund or the return, but for naming the request by it."""
    return _MONEY.search(_TAKES_BACK.sub(" ", folded(text))) is not None


def _agreed(act: c.ActionDecided) -> c.Topic:
    if not act.asked:
        values = {"name": act.name} if act.name else {}
        return c.Topic(goal="decision.arranged", intent=c.Intent.GENERAL_INQUIRY, values=values)
    goal = "decision.edited" if act.decision == "edit" else "decision.approved"
    return c.Topic(goal=goal, intent=c.Intent.GENERAL_INQUIRY)


def _denied(act: c.ActionDecided) -> c.Topic:
    """The reason in the customer's language; the person's own words follow it (`with_words`)."""
    number = act.action.order_number
    named = act.reason not in {"", "other"} and number
    return c.Topic(
        goal=f"decision.denied.{act.reason}" if named else "decision.denied",
        intent=c.Intent.GENERAL_INQUIRY,
        values={"number": number} if number else {},
    )
