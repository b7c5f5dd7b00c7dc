"""Who holds one service's key of the bus can do that service's work, and nothing else."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from shared import contracts as c
from shared.adapters.nats.access import ERASED, SERVICES, STREAMS, Service, consumers, inbox_of, rights_of
from shared.adapters.nats.bus import open_bus
from shared.adapters.nats.login import Credential, Login
from shared.adapters.nats.nkeys import UserKey
from shared.adapters.nats.streams import ANSWERS, ASKS, LEASES, QUOTAS, RATES, TURNS_OUT
from shared.adapters.nats.wire import Wire, ask_subject, durable_name, turn_out_subject
from shared.agent import Agent
from shared.contracts import FEEDBACK_GIVEN, SCREEN, TURN_FINISHED, Call, Event, FeedbackGiven
from shared.errors import BusDown, SettingsError
from shared.ports import Bus, Delivered
from tests.bus.sample import Screener, accepted, answer_all, screen
from tests.security.bus_users import House, house

CALLS = [value for value in vars(c).values() if isinstance(value, Call)]
EVENTS = [value for value in vars(c).values() if isinstance(value, Event)]
TAIL = "3.c-secret.t1.screen"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as found:
        yield found


@pytest.fixture
async def made(place: House) -> House:
    """With its streams and consumers."""
    async with place.bus("conversation"):
        return place


async def test_every_service_can_do_its_work(place: House, caplog: pytest.LogCaptureFixture) -> None:
    """A turn goes from the gateway through the conversation to an agent and back; events are heard."""
    heard: asyncio.Queue[object] = asyncio.Queue()
    delivered: list[Delivered] = []

    async def hear(body: object) -> None:
        heard.put_nowait(body)

    async with AsyncExitStack() as stack:
        opening = [stack.enter_async_context(place.bus(user)) for user in SERVICES]
        bus = dict(zip(SERVICES, await asyncio.gather(*opening), strict=True))
        talk = bus["conversation"]

        async def work(turns: Sequence[c.TurnAccepted]) -> Sequence[c.TurnFinished]:
            for turn in turns:
                await talk.ask(SCREEN, screen(turn.turn_id, turn.conversation_id), timeout=10)
            return await answer_all(turns)

        for user in ("escalation", "analytics"):
            await stack.enter_async_context(bus[user].listen(TURN_FINISHED, hear, name=user))
        await stack.enter_async_context(bus["analytics"].listen(FEEDBACK_GIVEN, hear, name="analytics"))
        await stack.enter_async_context(bus["critic"].serve(Agent("critic").answers(SCREEN, Screener())))
        arriving = await stack.enter_async_context(bus["gateway"].watch())
        await stack.enter_async_context(talk.work(work, finished=_told(talk)))
        await bus["gateway"].submit(accepted())
        async with asyncio.timeout(20):
            delivered.append(await anext(each async for each in arriving if isinstance(each, Delivered)))
            given = FeedbackGiven(conversation_id="c1", turn_id="t1", rating="up", given_at=1.0)
            await bus["gateway"].publish(FEEDBACK_GIVEN, given, key="t1")
            kinds = sorted([type(await heard.get()).__name__ for _ in range(3)])
        assert kinds == ["FeedbackGiven", "TurnFinished", "TurnFinished"]
        assert await bus["gateway"].result("c1", "t1") == delivered[0]
        for each in bus.values():
            await each.ping()
        assert await bus["gateway"].unanswered(["c1"]) == []
        assert await bus["ops"].dead_letters() == ()
        assert (await bus["ops"].erase(["c1"]))[TURNS_OUT] == 1
        assert TURNS_OUT in await bus["gateway"].erase(["c1"])
    assert "no permission" not in caplog.text


async def test_staff_search_the_knowledge_base(made: House) -> None:
    """The gateway asks for passages, and the same search again is not made again."""
    asked: list[str] = []

    async def retrieve(ask: c.RetrievePassages) -> c.PassagesRetrieved:
        asked.append(ask.text)
        return c.PassagesRetrieved(
            conversation_id=ask.conversation_id,
            turn_id=ask.turn_id,
            step_id=ask.step_id,
            passages=(),
            usage=c.Usage(engine="test", model="test"),
        )

    agent = Agent("knowledge").answers(c.RETRIEVE, retrieve)
    async with made.bus("knowledge") as knows, made.bus("gateway") as gateway, knows.serve(agent):
        for _ in range(2):
            ask = c.RetrievePassages(conversation_id="c1", turn_id="s-1", step_id="s-1.x", text="returns")
            await gateway.ask(c.RETRIEVE, ask, timeout=10)
    assert asked == ["returns"]


async def test_an_answer_that_is_there_is_seen_without_reading_it(made: House) -> None:
    """An ask that comes again is not paid again, though its agent may read no stream."""
    handler = Screener()
    async with made.bus("conversation") as talk:
        async with made.bus("critic") as bus, bus.serve(Agent("critic").answers(SCREEN, handler)):
            await talk.ask(SCREEN, screen(), timeout=10)
        async with made.raw("conversation") as caller:
            # The same ask without its id, as one that the server forgot; then the agent starts again.
            await caller.client.publish(ask_subject(SCREEN.subject), Wire().encode(screen()))
            await caller.client.flush()
        async with made.bus("critic") as bus, bus.serve(Agent("critic").answers(SCREEN, handler)):
            await talk.ask(SCREEN, screen(turn="t2"), timeout=10)
    assert handler.asked == ["t1.screen", "t2.screen"]


async def test_a_key_opens_nothing_of_others(made: House) -> None:
    """No answer, ask, turn, result or event of others; no stream, consumer or reply of others."""
    through: dict[str, set[str]] = {}
    for user, mine in SERVICES.items():
        async with made.raw(user) as stranger:
            through[user] = await stranger.let_through(
                publish=[*_messages(mine), *_administration(mine), *_reading(user, mine)],
                subscribe=_overheard(user, mine),
            )
            assert stranger.client.is_connected, user
    assert through == {user: set() for user in SERVICES}


def _messages(mine: Service) -> list[str]:
    heard = [event for each in SERVICES.values() for event in each.hears] if mine.resends else []
    events = [f"event.{event.subject}.k" for event in EVENTS if event not in (*mine.tells, *heard)]
    answers = [f"answer.{durable_name(call.subject)}.{TAIL}" for call in CALLS if call not in mine.answers]
    asks = [ask_subject(call.subject) for call in CALLS if call not in mine.asks]
    dead = [f"dead.{ask_subject(call.subject)}" for call in CALLS if call not in mine.answers]
    turns = ["turn.in.3"] * (not mine.submits and not mine.resends) + ["turn.out.3.c1", "heard.sign.3.c1"] * (
        not mine.works
    )
    return [*events, *answers, *asks, *dead, *turns, "answered.x", "heard.turn.3.c1"]


def _administration(mine: Service) -> list[str]:
    deeds = ["DELETE", "PURGE", "SNAPSHOT", "RESTORE", *(["CREATE", "UPDATE"] * (not mine.makes))]
    streams = [f"$JS.API.STREAM.{deed}.{stream}" for deed in deeds for stream in STREAMS]
    may = {*(ERASED if mine.erases else ()), *((LEASES,) if mine.works else ())}
    removing = [stream for stream in STREAMS if stream not in may]
    consumers_of_mine = [
        f"$JS.API.CONSUMER.{deed}.{each.stream}.{each.durable}"
        for name, service in SERVICES.items()
        if service is mine
        for each in consumers(name)
        # Who makes a consumer says where it delivers, and it delivers anywhere.
        for deed in ("DURABLE.CREATE", "CREATE", "DELETE")
    ]
    return [
        *streams,
        *(f"$JS.API.STREAM.MSG.DELETE.{stream}" for stream in removing),
        *consumers_of_mine,
        f"$JS.API.CONSUMER.CREATE.{ASKS}",
        f"$JS.API.CONSUMER.DURABLE.CREATE.{ASKS}.mine",
        "$JS.API.STREAM.CREATE.MIRROR",
        "$JS.API.ACCOUNT.PURGE.x",
        *(["$JS.API.STREAM.LIST", "$JS.API.CONSUMER.LIST.ASKS"] * (not mine.watches)),
        "$SYS.REQ.SERVER.PING",
    ]


def _reading(user: str, mine: Service) -> list[str]:
    reads = {
        ANSWERS: bool(mine.asks),
        TURNS_OUT: mine.submits or mine.works or mine.erases,
        LEASES: mine.works,
        RATES: mine.counts,
        QUOTAS: mine.counts,
    }
    # By direct get what is stored comes as it is, at any subject: not even who erases has it.
    streams = [stream for stream in STREAMS if not reads.get(stream)]
    wrapped = [stream for stream in STREAMS if not (mine.erases and stream in ERASED)]
    others = [each for name in SERVICES if name != user for each in consumers(name)]
    return [
        *(f"$JS.API.DIRECT.GET.{stream}" for stream in streams),
        *(f"$JS.API.STREAM.MSG.GET.{stream}" for stream in wrapped),
        *(f"$JS.API.CONSUMER.MSG.NEXT.{each.stream}.{each.durable}" for each in others),
        *(f"$JS.ACK.{each.stream}.{each.durable}.1.1.1.1.0" for each in others),
        *(["$JS.API.CONSUMER.MSG.NEXT.TURNS_IN.work-3-1"] * (not mine.works)),
    ]


def _overheard(user: str, mine: Service) -> list[str]:
    heard = ["heard.>"] * (not mine.submits) + ["answered.>"] * (not mine.asks)
    inboxes = [f"{inbox_of(other)}.>" for other in (*SERVICES, "all") if other != user]
    rooms = ("ask.>", "answer.>", "turn.>", "event.>", "$KV.>", "$JS.>")
    return [">", "_INBOX.>", "_INBOX.*.*", *rooms, *heard, *inboxes]


async def test_replies_sent_elsewhere_disturb_no_conversation(made: House) -> None:
    """nats-server sends a reply wherever it is told: what lands among the results is shown to nobody."""
    subject = turn_out_subject("c1")
    async with AsyncExitStack() as stack:
        gateway, talk = [
            await stack.enter_async_context(made.bus(user)) for user in ("gateway", "conversation")
        ]
        arriving = await stack.enter_async_context(gateway.watch())
        await stack.enter_async_context(talk.work(answer_all, finished=_told(talk)))
        await gateway.submit(accepted())
        first = await anext(arriving)
        agent = await stack.enter_async_context(made.raw("escalation"))
        await agent.client.publish(f"answer.escalation-assess-v1.{TAIL}", b"{}", reply=subject)
        # An event is a result of somebody, word for word.
        pull = "$JS.API.CONSUMER.MSG.NEXT.EVENTS.escalation-turn-finished-v1"
        for place in (turn_out_subject("c2"), subject):
            await agent.client.publish(pull, b'{"batch":1}', reply=place)
        await agent.client.flush()
        await gateway.submit(accepted(turn="t2"))
        second = await anext(arriving)
        await gateway.submit(accepted())
        await gateway.submit(accepted(turn="t3"))
        third = await anext(arriving)
        assert await gateway.results("c1") == (first, second, third)
        assert await gateway.results("c2") == ()
        assert await gateway.result("c1", "t1") == first
        async with made.bus("ops") as ops:
            assert (await ops.erase(["c1"]))[TURNS_OUT] >= 3


def _told(bus: Bus) -> Callable[[Sequence[Delivered]], Awaitable[None]]:
    async def told(results: Sequence[Delivered]) -> None:
        for each in results:
            await bus.publish(TURN_FINISHED, each.turn, key=each.turn.turn_id)

    return told


async def test_nobody_comes_in_without_a_key(place: House) -> None:
    """Without one, with a stranger's, with a password: refused at once, with the remedy and no password."""
    logins = (Login(), Login("gateway", Credential(UserKey.new())))
    for url, login in (
        (place.url, logins[0]),
        (place.url, logins[1]),
        (place.url.replace("//", "//gateway:pa55word@"), logins[0]),
    ):
        began = time.monotonic()
        with pytest.raises(SettingsError, match="BUS_CREDENTIALS") as caught:
            async with open_bus(url, name="test", login=login):
                pass
        assert time.monotonic() - began < 20
        assert "pa55word" not in str(caught.value)


async def test_what_is_denied_is_said_at_once(made: House, caplog: pytest.LogCaptureFixture) -> None:
    """Who waits hears why at once, the log once, without a conversation's id; the connection stays."""
    no = "critic has no permission for"
    async with made.bus("critic") as bus, asyncio.timeout(30):
        for turn in ("t1", "t2"):
            with pytest.raises(BusDown, match=rf"{no} publish to ask\.critic\.screen\.v1"):
                await bus.ask(SCREEN, screen(turn=turn, conversation="c-secret"), timeout=60)
        with pytest.raises(BusDown, match=rf"{no} publish to turn\.in\.>"):
            await bus.submit(accepted(conversation="c-secret"))
        await bus.ping()
    said = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert [line.split(" on NATS;")[0] for line in said] == [
        f"{no} subscription to answered.>",
        f"{no} publish to ask.critic.screen.v1",
        f"{no} publish to turn.in.>",
    ]
    assert "c-secret" not in caplog.text


async def test_the_streams_come_later(place: House) -> None:
    """An agent that is up before the conversation waits for its consumer instead of failing."""
    async with place.bus("critic") as bus:

        async def serve() -> None:
            async with bus.serve(Agent("critic").answers(SCREEN, Screener())):
                await stop.wait()

        stop = asyncio.Event()
        serving = asyncio.create_task(serve())
        async with place.bus("conversation") as talk:
            assert (await talk.ask(SCREEN, screen(), timeout=10)).allowed
        stop.set()
        await serving


def test_every_call_and_event_has_its_services() -> None:
    """A new call that nobody may answer or ask, or that two may answer, is found here."""
    assert sorted(call.subject for each in SERVICES.values() for call in each.answers) == sorted(
        call.subject for call in CALLS
    )
    asked = {call.subject for call in SERVICES["conversation"].asks}
    editing = {call.subject for call in (c.LIST_DOCUMENTS, c.OPEN_DOCUMENT, c.PREVIEW_EDIT, c.PUBLISH_EDIT)}
    assert editing < {call.subject for call in SERVICES["gateway"].asks}
    assert asked == {call.subject for call in CALLS} - editing
    assert not [user for user in (*SERVICES, "all") if ">" in rights_of(user).publish]
