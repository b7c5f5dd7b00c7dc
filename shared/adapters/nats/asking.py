"""Asks and waits: an ask is stored, its answer heard, or found where it was stored before."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from nats import errors
from nats.aio.msg import Msg
from nats.js import errors as js_errors

from shared import metrics, telemetry
from shared.adapters.bus_rules import partition_of
from shared.adapters.chains import replaying
from shared.adapters.failed_asks import counted
from shared.adapters.nats.acks import Overtaken, Taken
from shared.adapters.nats.link import Link
from shared.adapters.nats.streams import ANSWERS
from shared.adapters.nats.wire import DEADLINE, MSG_ID, PROBLEM, STATUS, Wire, ask_subject, step_of
from shared.contracts import Answer, Ask, Call, Problem
from shared.errors import AskFailed, BusDown

PAUSES = (1.0, 2.0, 4.0)
"""Seconds of silence before an ask is looked up and sent again; the last one repeats."""
_ANSWERED = "answered."
"""Where the stream tells of answers; what `step_of` says follows."""


class _Wait:
    """One caller waiting for one step: what is known, and what to do next."""

    __slots__ = ("answer", "error", "homeless", "look", "send", "wake")

    def __init__(self, *, look: bool) -> None:
        self.answer: Msg | None = None
        self.error: BusDown | None = None
        self.homeless = False
        self.look = look
        self.send = True
        self.wake: asyncio.Future[None] | None = None

    def stir(self) -> None:
        """Go on: something is known, or it is time to do something."""
        if self.wake is not None and not self.wake.done():
            self.wake.set_result(None)

    def silence(self) -> None:
        """Nothing came for a while: look whether it is stored, else send again."""
        self.look = self.send = True
        self.stir()


class Asking:
    """The callers of this process that wait for answers."""

    def __init__(self, link: Link, wire: Wire) -> None:
        self._link = link
        self._wire = wire
        self._waits: dict[str, list[_Wait]] = {}
        self._heard: set[int] = set()
        link.back.append(self._look_all)

    async def ask(self, call: Call[Ask, Answer], ask: Ask, *, timeout: float) -> Answer:
        """See `Bus.ask`."""
        step = step_of(call.subject, ask)
        # A turn that may have run before looks first: the server forgets ids after two minutes.
        wait = _Wait(look=replaying.get())
        self._waits.setdefault(step, []).append(wait)
        try:
            await self._hear(partition_of(ask.conversation_id))
            found = await self._wait(call, ask, step, wait, timeout)
        finally:
            waits = self._waits[step]
            waits.remove(wait)
            if not waits:
                del self._waits[step]
        if found.headers and PROBLEM in found.headers:
            problem = self._wire.decode(found.data, Problem)
            raise AskFailed(call.subject, problem.kind, problem.detail, retry=problem.retry)
        return self._wire.decode(found.data, call.answer)

    async def _wait(self, call: Call[Ask, Answer], ask: Ask, step: str, wait: _Wait, timeout: float) -> Msg:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        headers = {
            MSG_ID: step,
            DEADLINE: f"{time.time() + timeout:.3f}",
            **telemetry.headers(),
        }
        data = self._wire.encode(ask)
        tries = 0
        forget: Callable[[], None] | None = None
        timer: asyncio.TimerHandle | None = None
        try:
            while True:
                left = deadline - loop.time()
                if wait.look:
                    wait.look = False
                    found = await self._look(step, max(left, 0.2))
                    if found is not None:
                        return found
                    left = deadline - loop.time()
                if wait.answer is not None:
                    return wait.answer
                if wait.error is not None:
                    raise wait.error
                if left <= 0:
                    why = f"no answer to {ask.step_id} in {timeout} s"
                    raise counted(AskFailed(call.subject, "timeout", why, retry=True))
                if wait.send:
                    wait.send = False
                    _stop(timer, forget)
                    forget = await self._send(call, data, headers, wait)
                    timer = loop.call_later(min(PAUSES[min(tries, len(PAUSES) - 1)], left), wait.silence)
                    tries += 1
                if wait.answer is None and wait.error is None and not wait.look:
                    wait.wake = loop.create_future()
                    await wait.wake
        finally:
            _stop(timer, forget)

    async def _send(
        self, call: Call[Ask, Answer], data: bytes, headers: dict[str, str], wait: _Wait
    ) -> Callable[[], None]:
        """Store the ask; its acknowledgement matters only when it says "again" or "no"."""

        def acknowledged(msg: Msg | BaseException | None) -> None:
            if msg is None:
                return
            if isinstance(msg, BaseException):
                wait.error = msg if isinstance(msg, BusDown) else BusDown(str(msg))
                wait.stir()
            elif msg.headers and STATUS in msg.headers:
                # No stream took it: somebody removed it. The next round makes it again.
                wait.homeless = True
            elif b'"duplicate"' in msg.data:
                wait.look = True
                wait.stir()
            elif b'"error"' in msg.data:
                try:
                    self._link.acks.read(ask_subject(call.subject), msg.data)
                except (BusDown, Taken, Overtaken) as error:
                    wait.error = error if isinstance(error, BusDown) else BusDown(str(error))
                    wait.stir()

        if wait.homeless:
            wait.homeless = False
            with suppress(js_errors.APIError, errors.Error):
                # JetStream may be starting; the rounds go on until the deadline.
                await self._link.ensure()
        subject = ask_subject(call.subject)
        reply, forget = self._link.notice(subject, acknowledged)
        try:
            await self._link.nc.publish(subject, data, reply=reply, headers=headers)
        except errors.Error as error:
            forget()
            raise BusDown(f"cannot ask {call.subject}: {error}; is the message too big?") from None
        return forget

    async def _look(self, step: str, seconds: float) -> Msg | None:
        try:
            found = await self._link.get(ANSWERS, seconds, last_by_subj=f"answer.{step}")
        except BusDown:
            # The deadline of the ask decides, not the look.
            return None
        metrics.count(metrics.CACHE_LOOKUPS, "steps", "miss" if found is None else "hit")
        return found

    async def _look_all(self) -> None:
        """After a break: an answer may have been told while we could not hear."""
        for waits in list(self._waits.values()):
            for wait in waits:
                wait.silence()

    async def _hear(self, partition: int) -> None:
        """Hear the answers of a partition, from the first ask in it on."""
        if partition not in self._heard:
            # Marked before the await: two asks at once shall not subscribe twice. The subscription leaves
            # before either ask does, the connection keeps the order.
            self._heard.add(partition)
            await self._link.nc.subscribe(f"{_ANSWERED}*.{partition}.>", cb=self._on_answer)

    async def _on_answer(self, msg: Msg) -> None:
        waits = self._waits.get(msg.subject[len(_ANSWERED) :])
        if waits:
            for wait in waits:
                wait.answer = msg
                wait.stir()


def _stop(timer: asyncio.TimerHandle | None, forget: Callable[[], None] | None) -> None:
    if timer is not None:
        timer.cancel()
    if forget is not None:
        forget()
