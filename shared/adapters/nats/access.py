"""Who may do what on the bus: one table of services, from which subject permissions follow.

Nobody may delete or purge a stream. Who answers asks may read none: nats-server checks no reply subject, so
a right to read is one to have what is stored sent anywhere (ADR 26).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from shared import contracts as c
from shared.adapters.nats.streams import (
    ANSWERS,
    ASKS,
    DEAD,
    EVENTS,
    LEASES,
    QUOTAS,
    RATES,
    TURNS_IN,
    TURNS_OUT,
    Retention,
    configs,
)
from shared.adapters.nats.wire import FLAGGED, POKE, SENT, ask_subject, durable_name
from shared.contracts import Call, Event

STREAMS = tuple(str(config.name) for config in configs(Retention()))
ERASED = (ASKS, ANSWERS, TURNS_IN, TURNS_OUT, EVENTS, DEAD)
"""Those with messages of conversations."""
CONSUMED = (ASKS, EVENTS, TURNS_IN)
"""Those with consumers."""
_API = "$JS.API"


class Consumer(NamedTuple):
    """A durable consumer: whose messages wait there, and which."""

    stream: str
    durable: str
    subject: str


@dataclass(frozen=True)
class Service:
    """What one service does on the bus."""

    answers: tuple[Call[Any, Any], ...] = ()
    asks: tuple[Call[Any, Any], ...] = ()
    tells: tuple[Event[Any], ...] = ()
    hears: tuple[Event[Any], ...] = ()
    submits: bool = False
    """Stores customers' turns and reads their results."""
    counts: bool = False
    """Counts what customers and addresses may still send."""
    works: bool = False
    """Takes turns, and stores their results."""
    makes: bool = False
    """Makes the streams, and the consumers of those who may not."""
    erases: bool = False
    """Looks through what conversations left, and removes single messages."""
    resends: bool = False
    """Puts dead letters back: turns, and every event that somebody hears."""
    watches: bool = False
    """Asks how full the streams are, how far the consumers, hears whose traces are taken: counts alone."""


_CASES = (c.TURN_FINISHED, c.TICKET_UPDATED, c.TICKET_CLOSED, c.TICKET_ASSIGNED, c.TICKET_PRIORITY_CHANGED)
SERVICES: Mapping[str, Service] = {
    "gateway": Service(
        submits=True,
        counts=True,
        erases=True,
        resends=True,
        watches=True,
        # Staff search the knowledge base; an index of its own would cost each gateway an encoder.
        asks=(c.RETRIEVE, c.LIST_DOCUMENTS, c.OPEN_DOCUMENT, c.PREVIEW_EDIT, c.PUBLISH_EDIT),
        tells=(c.FEEDBACK_GIVEN, c.TASK_DUE, c.TASK_REMINDED, c.TASK_CHANGED, *c.VENDOR_EVENTS),
        hears=(
            c.TASK_CHANGED,
            c.TASK_DUE,
            c.TASK_REMINDED,
            c.SHOP_ORDER_FULFILLED,
            c.SHOP_ORDER_CANCELLED,
            c.SHOP_PARCEL_BACK,
            c.SHOP_PARCEL_CHANGED,
            c.SHOP_STOCK_UPDATED,
            c.SHOP_CUSTOMER_UPDATED,
            c.SHOP_CUSTOMER_DELETED,
            c.SHOP_CUSTOMER_DATA_REQUEST,
            c.SHOP_CUSTOMER_REDACT,
            c.SHOP_REDACT,
        ),
    ),
    "conversation": Service(
        works=True,
        makes=True,
        asks=(
            c.SCREEN,
            c.CLASSIFY,
            c.RETRIEVE,
            c.FETCH,
            c.ASSESS,
            c.EXECUTE,
            c.WRITE,
            c.JUDGE,
            c.REQUEST_PERSON,
        ),
        tells=(c.TURN_FINISHED, c.TASK_CHANGED),
    ),
    "intent": Service(answers=(c.CLASSIFY,)),
    "knowledge": Service(
        answers=(c.RETRIEVE, c.FETCH, c.LIST_DOCUMENTS, c.OPEN_DOCUMENT, c.PREVIEW_EDIT, c.PUBLISH_EDIT)
    ),
    "response": Service(answers=(c.WRITE,)),
    "critic": Service(answers=(c.SCREEN, c.JUDGE)),
    "escalation": Service(answers=(c.ASSESS, c.REQUEST_PERSON), hears=_CASES),
    "analytics": Service(hears=(c.TURN_FINISHED, c.FEEDBACK_GIVEN)),
    "promises": Service(
        tells=(c.TASK_CHANGED,),
        hears=(
            c.TURN_FINISHED,
            c.SHOP_ORDER_PAID,
            c.SHOP_ORDER_FULFILLED,
            c.SHOP_ORDER_CANCELLED,
            c.TICKET_UPDATED,
            c.TICKET_CLOSED,
            c.TASK_CHANGED,
        ),
    ),
    "actions": Service(answers=(c.EXECUTE,)),
    "ops": Service(makes=True, erases=True, resends=True, watches=True),
}
"""By the name of their role in `launch`; a test holds it against what the roles really do."""
ALL = "all"
"""One process that is every service."""
OPS = "ops"
"""The commands of operators."""
USERS = (*SERVICES, ALL)


class Rights(NamedTuple):
    """Subjects that may be published to and subscribed to, with wildcards."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def rights_of(user: str) -> Rights:
    """What a user's connection needs, and no more."""
    services = SERVICES if user == ALL else {user: SERVICES[user]}
    # `ping` stores a message that is gone a moment later.
    # Whoever holds parts of a trace says that it is to be kept, and hears it; and how its traces are taken.
    publish, subscribe = ["$KV.LEASES.ping.*", FLAGGED, SENT], [f"{inbox_of(user)}.>", FLAGGED]
    for name, service in services.items():
        publish += _publish(name, service)
        subscribe += _subscribe(service)
    return Rights(tuple(dict.fromkeys(publish)), tuple(dict.fromkeys(subscribe)))


def inbox_of(user: str) -> str:
    """The beginning of its reply subjects, which nobody else may hear."""
    return f"_INBOX.{user}"


def may_make(user: str) -> bool:
    """Whether it makes streams and consumers, or waits until they are there."""
    return user == ALL or SERVICES[user].makes


def consumers(name: str) -> tuple[Consumer, ...]:
    """Those of one service: a call it answers, an event it hears."""
    service = SERVICES[name]
    calls = (
        Consumer(ASKS, durable_name(call.subject), ask_subject(call.subject)) for call in service.answers
    )
    events = (
        Consumer(EVENTS, durable_name(name, event.subject), f"event.{event.subject}.*")
        for event in service.hears
    )
    return (*calls, *events)


def _publish(name: str, service: Service) -> list[str]:
    subjects = [f"event.{event.subject}.*" for event in service.tells]
    subjects += [f"answer.{durable_name(call.subject)}.>" for call in service.answers]
    for consumer in consumers(name):
        subjects += [f"dead.{consumer.subject}", *_pulls(consumer.stream, consumer.durable)]
    subjects += [ask_subject(call.subject) for call in service.asks]
    if service.asks:
        subjects.append(_reads(ANSWERS))
    if service.submits:
        subjects += ["turn.in.*", "heard.case.*.*", "heard.staff.*.*", "heard.task.*.*", "heard.record.*.*"]
        subjects.append(_reads(TURNS_OUT))
        subjects.append(f"{_API}.STREAM.INFO.{TURNS_OUT}")
    if service.counts:
        subjects += ["$KV.RATES.*", "$KV.QUOTAS.*", _reads(RATES), _reads(QUOTAS)]
    if service.works:
        subjects += _works()
    if service.makes:
        subjects += [f"{_API}.STREAM.{deed}.{stream}" for stream in STREAMS for deed in ("CREATE", "UPDATE")]
        every = (consumer for each in SERVICES for consumer in consumers(each))
        subjects += [f"{_API}.CONSUMER.DURABLE.CREATE.{each.stream}.{each.durable}" for each in every]
    if service.erases:
        subjects += [f"{_API}.STREAM.MSG.{deed}.{stream}" for stream in ERASED for deed in ("GET", "DELETE")]
        # Whether a turn has its result.
        subjects.append(_reads(TURNS_OUT))
    if service.resends:
        heard = sorted({event.subject for each in SERVICES.values() for event in each.hears})
        subjects += ["turn.in.*", *(f"event.{event}.*" for event in heard)]
    if service.watches:
        subjects += [f"{_API}.STREAM.LIST", *(f"{_API}.STREAM.INFO.{stream}" for stream in (ASKS, TURNS_IN))]
        subjects += [f"{_API}.CONSUMER.LIST.{stream}" for stream in CONSUMED]
    return subjects


def _works() -> Iterable[str]:
    """To take partitions of turns and their consumers over, and to store what came of them."""
    yield from _pulls(TURNS_IN, "*")
    yield f"{_API}.CONSUMER.DURABLE.CREATE.{TURNS_IN}.*"
    yield f"{_API}.CONSUMER.DELETE.{TURNS_IN}.*"
    yield f"{_API}.CONSUMER.LIST.{TURNS_IN}"
    yield from ("turn.out.*.*", "heard.sign.*.*", "heard.case.*.*", "dead.turn.in.*", _reads(TURNS_OUT))
    yield from ("$KV.LEASES.>", POKE, _reads(LEASES))
    yield from (f"{_API}.STREAM.INFO.{LEASES}", f"{_API}.STREAM.MSG.DELETE.{LEASES}")


def _subscribe(service: Service) -> list[str]:
    subjects = ["answered.>"] if service.asks else []
    if service.submits:
        subjects.append("heard.>")
    if service.works:
        subjects.append(POKE)
    if service.watches:
        subjects.append(SENT)
    return subjects


def _pulls(stream: str, durable: str) -> tuple[str, ...]:
    """To take from a consumer, and to acknowledge: servers after 2.9 may put two parts before the stream."""
    return (
        f"{_API}.STREAM.INFO.{stream}",
        f"{_API}.CONSUMER.INFO.{stream}.{durable}",
        f"{_API}.CONSUMER.MSG.NEXT.{stream}.{durable}",
        f"$JS.ACK.{stream}.{durable}.>",
        f"$JS.ACK.*.*.{stream}.{durable}.>",
    )


def _reads(stream: str) -> str:
    return f"{_API}.DIRECT.GET.{stream}"
