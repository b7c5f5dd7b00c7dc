"""Answers who waits for a person: that the message is there, another way to be answered, no person at all."""

from collections.abc import Awaitable, Callable

from msgspec import structs

from conversation.hand_over.deciding import may_be_withdrawn, withdrawn
from conversation.hand_over.place import place
from conversation.hand_over.raising import Told
from conversation.hand_over.with_person import after_wish, as_new
from conversation.later.booking import hear_call
from conversation.later.keeping import cancel_and_tell, keep_and_tell
from conversation.speakers import strangers, whose
from conversation.steps import Steps
from conversation.voice import Voice
from conversation.words.agreeing import asks, wishes_deed
from conversation.words.consent import said_yes
from conversation.words.contact import Heard, call_back, hear
from conversation.words.replies import said_no
from conversation.words.while_waiting import only_waits
from shared import contracts as c
from shared.cases import CUSTOMER
from shared.hand_over.reasons import DANGERS
from shared.ports import Leaving, RiskWatch
from shared.routing.helplines import slots_for
from shared.routing.queues import routing

Reading = Callable[[c.TurnAccepted, str, c.ConversationState], Awaitable[c.TurnFinished | None]]
"""Answers what can be answered by telling what is known."""
LEAVE = "leave"
"""What was asked last is whether the place in the queue may be given up (`contact_channel`)."""


def gives_up(text: str, asked: str, watch: RiskWatch) -> Leaving:
    """Whether these words give up the place in the queue; `asked` is what the customer was asked last."""
    if asked == LEAVE and said_yes(text):
        return "plainly"
    return watch.leaves_queue(text)


async def leave(voice: Voice, turn: c.TurnAccepted, before: c.ConversationState) -> c.TurnFinished | None:
    """The customer needs nobody any more: their case is closed, or they hear who decides on that.

    None when the message must be read otherwise: nothing waits, a person has the case and answers, or it may
    be about what staff are to decide. A request that waits for staff stands: it is taken back in other words.
    """
    steps = voice.steps
    conversation, text = turn.conversation_id, turn.text
    if strangers([turn], before) or before.paused_until > turn.accepted_at:
        return None
    before = whose([turn], before)
    # "Never mind" may be meant for the refund that staff are to decide about; "I need no person" is not.
    if steps.watch.beside_refusal(text) != "" and await may_be_withdrawn(steps.approvals, turn, text):
        return None
    case = await steps.store.leave_queue(conversation, turn.turn_id, at=turn.accepted_at)
    if case is None or case.phase == "person":
        return None
    if case.open:
        return await voice.say(turn, text, before, "with_person.staff_end", "with_person", {})
    await cancel_and_tell(turn, steps.tasks, steps.bus)
    await steps.bus.progress(
        c.CaseChanged(
            conversation_id=conversation,
            case_id=case.id,
            version=case.version,
            kind=c.CaseClosed.__name__,
            by=CUSTOMER,
        )
    )
    goal = "left_queue.still_asked" if await _has_request(voice, turn) else "left_queue"
    told = await voice.say(turn, text, as_new(before), goal, "answered", {})
    return structs.replace(told, state=after_wish(as_new(before), text, told.reply, ""))


async def answer_waiting(
    voice: Voice, turn: c.TurnAccepted, text: str, before: c.ConversationState, case: c.Case | None,
    told: Told, read: Reading,
) -> c.TurnFinished:  # fmt: skip
    """A word that the message has arrived, or about another way to answer it, or what we can tell by reading.

    Who tells of what cannot wait hears first what is done about that.
    """
    steps = voice.steps
    if _goal_of(told):
        return await _urgent(voice, turn, text, before, case, told)
    if await withdrawn(steps.approvals, turn, text):
        return await voice.say(turn, text, before, "with_person.withdrawn", "with_person", {})
    values, _ = await place(case, steps.store, steps.outlooks)
    was_asked, before = before.contact_channel == LEAVE, _unasked(before)
    if heard := _heard(voice, turn, text, before, case):
        return await _elsewhere(voice, turn, text, before, case, heard, values)
    goal = await _goal(steps, turn, text, case, was_asked=was_asked)
    if goal == "with_person" and asks(text) and (found := await read(turn, text, before)):
        return await _beside(voice, found, turn, text, before, values)
    if goal == "with_person":
        values.pop("due", None)  # they were told, and nothing has changed
    said = await voice.say(turn, text, before, goal, "with_person", values)
    if goal == "with_person.leave":
        return structs.replace(said, state=after_wish(before, text, said.reply, LEAVE))
    return said


async def _goal(
    steps: Steps, turn: c.TurnAccepted, text: str, case: c.Case | None, *, was_asked: bool
) -> str:
    """What is said to who waits on; `was_asked`: whether the place may be given up."""
    if await may_be_withdrawn(steps.approvals, turn, text):
        return "with_person.still_asked"
    if was_asked and said_no(text):
        return "with_person.stays"
    if case is None:
        return "with_person"  # nothing is known of its place
    if gives_up(text, "", steps.watch) != "no":
        return "with_person.leave"
    waits = only_waits(text)
    if waits:
        return f"with_person.{waits}"
    return "with_person.wish" if wishes_deed(text) else "with_person"


async def _beside(
    voice: Voice, found: c.TurnFinished, turn: c.TurnAccepted, text: str, before: c.ConversationState,
    values: dict[str, str],
) -> c.TurnFinished:  # fmt: skip
    """The answer, and that the place is kept: what is remembered besides is what was said and spent."""
    stays = await voice.say(turn, text, before, "with_person.beside", "with_person", values)
    sentences = (*found.sentences, *stays.sentences)
    after = after_wish(before, text, " ".join(each.text for each in sentences), "")
    if found.state is not None:
        spent = found.state.tokens_used, found.state.nano_usd_used
        after = structs.replace(after, tokens_used=spent[0], nano_usd_used=spent[1])
    return structs.replace(found, status="with_person", sentences=sentences, state=after)


def _goal_of(told: Told) -> str:
    """What is said of what cannot wait: once, but where somebody may be in danger each time."""
    if told.fresh:
        return f"handed_over.{told.reason}"
    return f"with_person.{told.reason}" if told.reason in DANGERS else ""


async def _urgent(
    voice: Voice,
    turn: c.TurnAccepted,
    text: str,
    before: c.ConversationState,
    case: c.Case | None,
    told: Told,
) -> c.TurnFinished:
    """That the case was raised, and how it stands in the queue now; then what comes of another way."""
    steps, before = voice.steps, _unasked(before)
    values, _ = await place(case, steps.store, steps.outlooks)
    named = values | ({"first_name": before.first_name} if before.first_name else {})
    named |= slots_for(told.reason, voice.speaks(turn, text, before))
    said = await voice.say(turn, text, before, _goal_of(told), "with_person", named)
    heard = _heard(voice, turn, text, before, case)
    if heard is None:
        return said
    rest = await _elsewhere(voice, turn, text, before, case, heard, values)
    return structs.replace(rest, sentences=(*said.sentences, *rest.sentences))


async def _elsewhere(
    voice: Voice, turn: c.TurnAccepted, text: str, before: c.ConversationState, case: c.Case | None,
    heard: Heard, values: dict[str, str],
) -> c.TurnFinished:  # fmt: skip
    """What comes of a wish to be answered elsewhere, or at another time."""
    steps = voice.steps
    told = await voice.say(turn, text, before, heard.goal, "with_person", values | dict(heard.values))
    after = after_wish(before, text, told.reply, heard.asked)
    slots = {name: value for name, value in {**before.slots, **heard.slots}.items() if value}
    after = structs.replace(after, slots=slots)
    if heard.wish and heard.wish.channel == "chat":
        await cancel_and_tell(turn, steps.tasks, steps.bus)
    if heard.goal != "call.booked" and heard.goal.startswith("call."):
        return structs.replace(told, contact=heard.wish, state=after)  # what was booked before stands
    await keep_and_tell(call_back(case, turn, text, heard.wish, at=heard.at), steps.tasks, steps.bus)
    return structs.replace(told, contact=heard.wish, state=after)


def _heard(
    voice: Voice, turn: c.TurnAccepted, text: str, before: c.ConversationState, case: c.Case | None
) -> Heard | None:
    """Another way, or another time, to be answered."""
    if case is None:
        return None
    language = voice.speaks(turn, text, before)
    calendar = routing().queue(case.queue).calendar
    heard = hear_call(text, before, case.contact, calendar, now=turn.accepted_at, language=language)
    return heard or hear(text, before, case.contact)


def _unasked(before: c.ConversationState) -> c.ConversationState:
    """Our question about the place is for the next message only: a later yes may be to anything."""
    return structs.replace(before, contact_channel="") if before.contact_channel == LEAVE else before


async def _has_request(voice: Voice, turn: c.TurnAccepted) -> bool:
    """Whether staff have something to decide for this conversation."""
    approvals = voice.steps.approvals
    if approvals is None:
        return False
    return any(each.status == "open" for each in await approvals.of(turn.conversation_id))
