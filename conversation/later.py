"""What a customer wants done later: to hear when an order ships, to be called back. Each becomes a task."""

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from msgspec import structs

from conversation.meaning import Playbooks, read_as, sure
from conversation.memory import short
from conversation.moments import people_work, read_moment
from conversation.orders import find_order
from conversation.replies import folded, said_no
from conversation.saying import about, topic
from conversation.turn import Case, Outcome
from shared.contracts import BOT, TASK_CHANGED, Intent, Task, TaskChanged, TurnAccepted
from shared.errors import StoreBusy
from shared.ports import Bus, TaskFilter, TaskPlace, Tasks
from shared.routing.queues import house

Wish = Literal["tell_when_shipped", "call_back"]
LOOK_AGAIN_SECONDS = 86_400.0
"""The shop tells of shipments; once a day the bot looks by itself, should it ever not."""
_REMIND_SECONDS = 900
_LONGEST = 1500
"""Characters of the customer's words in a task."""
_CALL_SLOTS = {"call_time", "call_number"}
_INTENTS: dict[Wish, Intent] = {
    "tell_when_shipped": Intent.ORDER_STATUS, "call_back": Intent.ESCALATION_REQUEST,
}  # fmt: skip

# Over folded words (no accents, no punctuation). Between verb and "when" there is room for "please", "me".
_TELL = (
    r"(?:tell|let|inform|notify|message|ping|alert|update|text|e ?mail|write|remind) (?:me|us|to me|to us)"
    r"|(?:dites|dis|prevenez|previens|prevenir|avertissez|avertis|avertir|informez|informe|informer|notifiez"
    r"|notifier|ecrivez|ecris|signalez|alertez)(?: (?:moi|nous))?|me dire|(?:prevenue?|avertie?|informee?)s?"
    r"|avis(?:e|en|a|ar|eme|ame|enme|arme|ad|adme)|di(?:ga|ganme|game|me)|decirme|inform(?:e|en|eme|ame|arme)"
    r"|notifi(?:que|quen|queme|came|carme)|escrib(?:a|ame|eme|irme)|me (?:digan?|diga|dice[ns]?)"
    r"|(?:get|send me|have|recevoir|envoyez moi|recibir|envieme|enviarme)(?: an?| une?)?"
    r" (?:message|notification|alert|notice|note|alerte|notificacion|mensaje|aviso|alerta)"
)
_WHEN = (
    r"when|once|as soon as|the (?:moment|minute|second)|quand|lorsqu?e?|des qu?e?|une fois(?: que)?"
    r"|aussitot que"
    r"|cuando|en cuanto|una vez(?: que)?|apenas|tan pronto(?: como)?"
)
_SHIPS = (
    r"ship\w*|sent|sent out|dispatch\w*|leaves?|left|goes out|gone out|on (?:its|the) way|posted|out the door"
    r"|expedi\w*|part|parti\w*|envoye\w*|en route|quitte\w*|est en chemin"
    r"|envi\w+|salga|sale|sali\w*|despach\w+|mand\w+|en camino|expid\w+"
)
_TELL_WHEN_SHIPPED = re.compile(
    rf"\b(?:{_TELL})\b(?: \w+){{0,4}}? (?:{_WHEN})\b(?: \w+){{0,8}}? (?:{_SHIPS})\b"
    rf"|\b(?:{_WHEN})\b(?: \w+){{0,6}}? (?:{_SHIPS})\b(?: \w+){{0,3}}? (?:{_TELL})\b"
)
_OTHER_THINGS = re.compile(
    r"\b(?:refund\w*|rembours\w*|reembols\w*|label|etiquette|etiqueta|invoice|facture|factura|money|replacement"
    r"|back in stock|email you sent)\b"
)
_NOT = re.compile(
    r"\b(?:don t|do not|dont|never|no need to|stop|pas besoin de|ne me|ne m|no me|no hace falta"
    r"|didn t|did not|nobody|no one|won t|instead of|without|n a pas|n avez pas|nadie|sin) (?:\w+ ){0,3}?$"
)
_CALL_BACK = re.compile(
    r"\b(?:(?:call|ring|phone|telephone) (?:me|us)\b(?! token)"
    r"|give (?:me|us) an? (?:\w+ )?(?:call|ring|bell)\b"
    r"|(?:want|need|like|request|schedule|arrange|get|have) an? (?:call ?back|phone call|call)\b"
    r"|(?:call ?back) (?:please|request)|rappel(?:ez|le) (?:moi|nous)|appel(?:ez|le) (?:moi|nous)"
    r"|(?:me|m|nous) (?:r?appeler|telephoner)|telephonez (?:moi|nous)|(?:etre|sois|soit) rappelee?"
    r"|que (?:l on|vous|quelqu un) (?:me|m) (?:r?appel\w+)"
    r"|llam(?:e|a|en)me|llamarme|(?<!no )me llamen?\b|me (?:puede[ns]?|podria[ns]?) llamar"
    r"|devuelv(?:a|an|e)(?:me|nme)? la llamada|devolverme la llamada)\b"
)


def wished(case: Case) -> Wish | None:
    """What this message wants done later, or what was begun before and waits for an answer."""
    if wants_word_when_shipped(case.text):
        return "tell_when_shipped"
    if wants_call_back(case.text):
        return "call_back"
    waiting, slot = case.state.slots.get("wish"), case.state.open_slot
    if waiting == "call_back" and slot in _CALL_SLOTS and _about_the_call(case):
        return "call_back"
    named = case.entity("order_number") or case.tokens()
    return (
        "tell_when_shipped" if waiting == "tell_when_shipped" and slot == "order_number" and named else None
    )


def _about_the_call(case: Case) -> bool:
    """Whether this answers when or where to call; another matter, surely understood, does not."""
    if case.tokens() or said_no(case.text) or read_moment(case.text, now=case.now, zone=_zone()) is not None:
        return True
    return not sure(case) or case.playbook.flow in {"general", "person"}


def wants_word_when_shipped(text: str) -> bool:
    """Asks to be told once an order is on its way."""
    said = folded(text)
    found = _TELL_WHEN_SHIPPED.search(said)
    return found is not None and not _OTHER_THINGS.search(said) and not _NOT.search(said[: found.start()])


def wants_call_back(text: str) -> bool:
    """Asks to be called."""
    said = folded(text)
    found = _CALL_BACK.search(said)
    return found is not None and not _NOT.search(said[: found.start()])


async def arranged(case: Case, wish: Wish, playbooks: Playbooks) -> tuple[Case, Outcome]:
    """The message read as this wish, and what comes of it."""
    meant = read_as(case, _INTENTS[wish], playbooks)
    return meant, await _FLOWS[wish](meant)


async def keep_and_tell(task: Task | None, tasks: Tasks | None, bus: Bus) -> None:
    """Keep what was agreed, once however often its turn is replayed, and tell who watches."""
    if task is None or tasks is None:
        return
    for kept in await keep(task, tasks):
        changed = TaskChanged.of(kept, at=task.created_at)
        await bus.publish(TASK_CHANGED, changed, key=changed.key)


async def cancel_and_tell(turn: TurnAccepted, tasks: Tasks | None, bus: Bus) -> None:
    """Nobody calls or writes any more: what the bot planned of that is cancelled, and who watches is told."""
    if tasks is None:
        return
    for kind in ("call_back", "follow_up"):
        old = await _of_the_bot(tasks, TaskFilter(conversation_id=turn.conversation_id, kind=kind))
        if old is None:
            continue
        cancelled = structs.replace(old, status="cancelled", done_at=turn.accepted_at)
        for each in await tasks.change(cancelled, at=turn.accepted_at):
            changed = TaskChanged.of(each, at=turn.accepted_at)
            await bus.publish(TASK_CHANGED, changed, key=changed.key)


async def keep(task: Task, tasks: Tasks) -> Sequence[Task]:
    """Keep it, once in a conversation: asked again, the open one takes the new time and words. What changed.

    Only the bot's own count: what staff plan beside it is theirs.

    Raises:
        StoreBusy: staff changed it in the same moment; the turn is tried again over what they wrote.
    """
    same = TaskFilter(conversation_id=task.conversation_id, kind=task.kind, order_number=task.order_number)
    old = await _of_the_bot(tasks, same)
    if old is None or old.id == task.id:
        return [await tasks.add(task)]
    new = structs.replace(old, due_at=task.due_at, title=_both(old.title, short(task.title, _LONGEST)))
    if task.kind == "tell_when_shipped" or new == old:
        return []
    moved = await tasks.change(new, at=task.created_at)
    if not moved:
        raise StoreBusy(f"task {old.id} was changed by somebody else; read it again")
    return moved


async def _of_the_bot(tasks: Tasks, which: TaskFilter) -> Task | None:
    """The first of these that the bot has made."""
    after = None
    while page := await tasks.page(which, after=after):
        ours = next((each for each in page if each.created_by == BOT), None)
        if ours is not None:
            return ours
        after = TaskPlace(page[-1].due_at, page[-1].id)
    return None


def _both(before: str, said: str) -> str:
    """The words of both; the last ones are whole, for they have the number that counts."""
    return before if said in before else f"{short(before, _LONGEST - len(said))} / {said}"


async def _tell_when_shipped(case: Case) -> Outcome:
    order = await find_order(case)
    if isinstance(order, Outcome):
        return replace(order, slots=order.slots | {"wish": "tell_when_shipped"})
    items = ", ".join(item.title for item in order.items)
    if order.status not in {"unfulfilled", "on_hold"}:
        told = about(order, topic(case, f"order_status.{order.status}", order, items=items))
        return replace(told, slots=told.slots | {"wish": ""})
    told = about(order, topic(case, "follow_up.will_tell", order, items=items))
    task = _task(
        case,
        kind="tell_when_shipped",
        title=short(case.text, _LONGEST),
        due_at=case.now + LOOK_AGAIN_SECONDS,
        assignee=BOT,
        order_number=order.number,
    )
    return replace(told, slots=told.slots | {"wish": ""}, task=task, plain=True)


async def _call_back(case: Case) -> Outcome:
    at = read_moment(case.text, now=case.now, zone=_zone())
    if at is None and said_no(case.text) and case.state.open_slot in _CALL_SLOTS:
        return Outcome(topics=(topic(case, "action.declined"),), slots=_forgotten(), plain=True)
    before = case.state.slots if case.state.open_slot in _CALL_SLOTS else {}
    words = short(f"{before.get('call_words', '')} {case.text}", _LONGEST)
    kept = {"wish": "call_back", "call_words": words}
    if at is None and before.get("call_at"):
        at = float(before["call_at"])
    if at is None or not people_work(at):
        if case.state.open_slot == "call_time" and at is None:
            return Outcome(hand_over="asked_for_person", slots=_forgotten())  # asked once is enough
        opens, closes = house().hours
        asked = topic(case, "ask.call_time", opens=opens, closes=closes)
        return Outcome(topics=(asked,), slot="call_time", slots=kept, plain=True)
    if not (case.turn.customer or case.state.customer or "TOKEN_" in words):
        asked = topic(case, "ask.call_number")
        return Outcome(topics=(asked,), slot="call_number", slots=kept | {"call_at": str(at)}, plain=True)
    task = _task(
        case, kind="call_back", title=words, due_at=at, assignee="queue:support", reminders=(_REMIND_SECONDS,)
    )
    told = topic(case, "follow_up.call_back", due=_shown(at))
    return Outcome(topics=(told,), slots=_forgotten(), task=task, plain=True)


_FLOWS: dict[Wish, Callable[[Case], Awaitable[Outcome]]] = {
    "tell_when_shipped": _tell_when_shipped,
    "call_back": _call_back,
}


def _task(case: Case, **values: object) -> Task:
    """The same turn makes the same task, however often it is replayed."""
    return Task(
        id=f"t-{case.turn.turn_id}"[:80],
        created_by=BOT,
        created_at=case.turn.accepted_at,
        zone=house().calendar.zone,
        conversation_id=case.turn.conversation_id,
        customer=case.turn.customer or case.state.customer,
        **values,  # type: ignore[arg-type]
    )


def _forgotten() -> dict[str, str]:
    return {"wish": "", "call_words": "", "call_at": ""}


def _zone() -> ZoneInfo:
    return house().zone


def _shown(at: float) -> str:
    return datetime.fromtimestamp(at, _zone()).isoformat(timespec="minutes")
