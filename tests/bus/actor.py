"""An agent or a worker as a process of its own, to be killed: `python -m tests.bus.actor agent URL LOG`."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from shared.adapters.nats.bus import open_bus
from shared.adapters.nats.server import embedded_server
from shared.adapters.nats.streams import Retention
from shared.agent import Agent
from shared.contracts import SCREEN, MessageScreened, ScreenMessage, TurnAccepted, TurnFinished
from shared.ports import Delivered
from tests.bus.sample import answer_all, screen, screened

ACK_SECONDS = 0.5
KEEP = Retention(lease=1.0)
STEPS = 3


class Actor:
    """Writes down what it does; a line that is there was done before the kill."""

    def __init__(self, log: Path) -> None:
        self._log = log.open("a", buffering=1, encoding="utf-8")

    def note(self, line: str) -> None:
        self._log.write(f"{line}\n")

    async def hang(self, ask: ScreenMessage) -> MessageScreened:
        """Begins and never ends."""
        self.note(ask.step_id)
        await asyncio.Event().wait()
        return screened(ask)

    async def screen(self, ask: ScreenMessage) -> MessageScreened:
        self.note(ask.step_id)
        await asyncio.sleep(0.01)
        return screened(ask)


async def main(role: str, url: str, log: Path) -> None:
    actor = Actor(log)
    if role == "server":
        async with embedded_server(Path(url), sys.argv[4]) as address:
            actor.note(address)
            await asyncio.Event().wait()
    async with AsyncExitStack() as stack:
        bus = await stack.enter_async_context(
            open_bus(url, name=role, keep=KEEP, ack_seconds=ACK_SECONDS, concurrency=16)
        )
        if role == "worker":

            async def work(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
                for turn in turns:
                    for step in range(STEPS):
                        await bus.ask(
                            SCREEN, screen(turn.turn_id, turn.conversation_id, f"s{step}"), timeout=20
                        )
                return await answer_all(turns)

            async def finished(delivered: Sequence[Delivered]) -> None:
                for each in delivered:
                    actor.note(each.turn.turn_id)

            await stack.enter_async_context(bus.work(work, finished=finished))
        else:
            handler = actor.hang if role == "hanging" else actor.screen
            await stack.enter_async_context(bus.serve(Agent("critic").answers(SCREEN, handler)))
        actor.note("ready")
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
