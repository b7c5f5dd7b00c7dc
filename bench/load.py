"""Sends turns over HTTP and takes the time of each, in a process of its own: `python -m bench.load`.

Closed loop: so many customers, each sends the next message when the last is answered. Open loop: messages
arrive at a fixed rate whatever happens, and each is timed from the moment it was *planned* to be sent, so
that a stall counts for everyone who would have waited in it.
"""

import argparse
import asyncio
import itertools
import math
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence

import msgspec
import uvloop

from bench.line import Line

TURNS = 5
"""Messages of one conversation; then the customer begins a new one."""
MESSAGES = (
    "The boots I bought from you are just great, thank you!",
    "Your new catalogue looks lovely, the photos above all.",
    "I like how quickly the parcel came, well done everyone.",
    "The tent survived a storm last weekend and I wanted to tell you.",
    "Really happy with the stove, it boils water in no time.",
)
PERSONAL = " You can reach me at maria.keller{n}@example.com or on +49 170 5550{n:04d}."
_GIVE_UP = 30.0
_MOST_LINES = 1000


class Reply(msgspec.Struct):
    """What the load needs of an answer."""

    conversation_id: str
    conversation_token: str
    status: str
    turn_id: str = ""


class Measured(msgspec.Struct, kw_only=True):
    """One run. Latencies in milliseconds; `sent` counts warm-up too, `turns` only what was measured."""

    turns: int
    sent: int
    seconds: float
    per_second: float
    p50: float
    p95: float
    p99: float
    worst: float
    outcomes: dict[str, int]
    cpu_seconds: float
    late_p99: float = 0.0
    opened: list[tuple[str, str]] = []

    @property
    def failed(self) -> int:
        """Turns that did not end in an answer."""
        return sum(count for outcome, count in self.outcomes.items() if outcome != "answered")


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The value that `share` of the values do not exceed (nearest rank); NaN of nothing."""
    if not sorted_values:
        return math.nan
    return sorted_values[max(0, math.ceil(share * len(sorted_values)) - 1)]


class Customer:
    """A customer on a connection of their own, with one conversation after the other."""

    def __init__(self, line: Line, load: "Load") -> None:
        self._line = line
        self._load = load
        self._said = 0
        self._open: Reply | None = None

    async def say(self) -> None:
        """One message and its answer; the outcome is counted."""
        load, n = self._load, next(self._load.numbers)
        body: dict[str, str] = {"message": load.text(n), "client_message_id": f"{load.name}-{n:010d}"}
        if self._open is not None:
            body["conversation_id"] = self._open.conversation_id
            body["conversation_token"] = self._open.conversation_token
        data = msgspec.json.encode(body)
        if self._line.closed:
            self._line = await load.line()
        status, answer = await self._line.send(load.head + b"%d\r\n\r\n" % len(data) + data)
        if status != 200:
            load.outcomes[str(status)] += 1
            self._open = None
            return
        reply = load.decoder.decode(answer)
        load.outcomes[reply.status] += 1
        self._said += 1
        if self._open is None and load.keep:
            load.opened.append((reply.conversation_id, reply.conversation_token))
        self._open = reply if self._said % load.each else None


class Load:
    """One run against one gateway."""

    def __init__(self, port: int, *, each: int = TURNS, personal: bool = False, keep: bool = False) -> None:
        self.port = port
        self.each = each
        self.personal = personal
        self.keep = keep
        self.name = f"bench-{os.getpid()}-{time.time_ns():x}"
        self.head = (
            b"POST /v1/chat HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
        )
        self.numbers = itertools.count()
        self.decoder = msgspec.json.Decoder(Reply)
        self.outcomes: Counter[str] = Counter()
        self.opened: list[tuple[str, str]] = []
        self._lines: list[Line] = []

    def text(self, n: int) -> str:
        """The n-th message."""
        text = MESSAGES[n % len(MESSAGES)]
        return text + PERSONAL.format(n=n % 10_000) if self.personal else text

    async def line(self) -> Line:
        """A new connection, closed at the end of the run."""
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(Line, "127.0.0.1", self.port)
        self._lines.append(line)
        return line

    async def _customer(self) -> Customer:
        return Customer(await self.line(), self)

    async def closed(self, customers: int, *, seconds: float, warm: float, turns: int = 0) -> Measured:
        """`customers` at once for `seconds`, or until `turns` are sent; the first `warm` s do not count."""
        everyone = await asyncio.gather(*(self._customer() for _ in range(customers)))
        spent: list[float] = []
        sent = 0
        begin = time.perf_counter() + warm
        end = math.inf if turns else begin + seconds

        async def talk(customer: Customer) -> None:
            nonlocal sent
            while (at := time.perf_counter()) < end and (not turns or sent < turns):
                sent += 1
                await customer.say()
                now = time.perf_counter()
                if begin <= now <= end:
                    spent.append(now - at)

        await asyncio.gather(*(talk(customer) for customer in everyone))
        took = min(end, time.perf_counter()) - begin
        return self._measured(spent, took, sent)

    async def open(
        self, rate: float, *, seconds: float, warm: float, most_lines: int = _MOST_LINES
    ) -> Measured:
        """A message every 1/`rate` s, sent by whoever is free; waits in line when `most_lines` are busy."""
        free: asyncio.LifoQueue[Customer] = asyncio.LifoQueue()
        lines = 0
        spent: list[float] = []
        late: list[float] = []
        begin = time.perf_counter()

        async def one(planned: float, *, counts: bool) -> None:
            nonlocal lines
            if free.empty() and lines < most_lines:
                lines += 1
                customer = await self._customer()
            else:
                customer = await free.get()
            try:
                await customer.say()
            finally:
                free.put_nowait(customer)
            if counts:
                spent.append(time.perf_counter() - planned)

        running: set[asyncio.Task[None]] = set()
        total = int((warm + seconds) * rate)
        for n in range(total):
            planned = begin + n / rate
            if (pause := planned - time.perf_counter()) > 0:
                await asyncio.sleep(pause)
            late.append(max(0.0, time.perf_counter() - planned))
            running.add(asyncio.create_task(one(planned, counts=n >= warm * rate)))
        async with asyncio.timeout(_GIVE_UP):
            await asyncio.gather(*running)
        took = time.perf_counter() - begin - warm
        return self._measured(spent, took, total, late)

    def _measured(self, spent: list[float], took: float, sent: int, late: Sequence[float] = ()) -> Measured:
        for line in self._lines:
            line.close()
        spent.sort()
        p50, p95, p99, worst = (round(percentile(spent, share) * 1000, 2) for share in (0.5, 0.95, 0.99, 1.0))
        return Measured(
            turns=len(spent),
            sent=sent,
            seconds=round(took, 3),
            per_second=round(len(spent) / took, 1),
            p50=p50,
            p95=p95,
            p99=p99,
            worst=worst,
            outcomes=dict(self.outcomes),
            cpu_seconds=round(time.process_time(), 3),
            late_p99=round(percentile(sorted(late), 0.99) * 1000, 2) if late else 0.0,
            opened=self.opened,
        )


async def run_load(port: int, *options: str) -> Measured:
    """A run in a process of its own, so that its CPU is nobody else's.

    Raises:
        RuntimeError: the load ended with an error, which is quoted.
    """
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.load", "--port", str(port), *options,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, errors = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"bench.load {' '.join(options)}: {errors.decode()[-1500:]}")
    return msgspec.json.decode(out, type=Measured)


def main() -> None:
    """One run; the result as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--closed", type=int, default=0, metavar="CUSTOMERS")
    parser.add_argument("--open", type=float, default=0, metavar="PER_SECOND")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--warm", type=float, default=1)
    parser.add_argument("--turns", type=int, default=0)
    parser.add_argument("--each", type=int, default=TURNS, help="messages of one conversation")
    parser.add_argument(
        "--personal", action="store_true", help="an e-mail and a phone number in every message"
    )
    parser.add_argument("--keep", action="store_true", help="give back every conversation with its token")
    said = parser.parse_args()
    load = Load(said.port, each=said.each, personal=said.personal, keep=said.keep)
    if said.open:
        run = load.open(said.open, seconds=said.seconds, warm=said.warm)
    else:
        run = load.closed(said.closed, seconds=said.seconds, warm=said.warm, turns=said.turns)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(run)))


if __name__ == "__main__":
    main()
