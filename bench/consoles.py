"""How soon staff see what others do: many open consoles on one gateway while customers write.

By hand: `python -m bench.consoles`. Every console has its own stream; a member claims cases and speaks in
them, and each console's event is timed from the moment the form was planned to be sent, so that a stall
counts for the acts that waited in it. The event brings the queue's row; what a page with that very case open
fetches after it is not in the figure. What never came, or fewer turns than asked for, break the promise.
"""

import argparse
import asyncio
import re
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import msgspec
import uvloop

from bench.load import percentile, run_load
from bench.processes import Rooms, running_rooms
from gateway.staff.roles import Member
from gateway.staff.sessions import Sessions
from shared import contracts as c
from shared.ports import StaffMember
from shared.settings import Settings
from shared.wiring import open_services

LIMIT_MS = 800.0
"""What the product promises at p95."""
_WHOLE_LOAD = 0.95
"""Of the turns asked for; the rest is the edge of the window."""
_OF_ONE = 10
_SETTLE_SECONDS = 3.0
"""What has not come by then has not come."""


class _Change(msgspec.Struct):
    id: str
    version: int


@dataclass(frozen=True)
class Signed:
    """A member with a session of their own."""

    cookie: str

    @property
    def header(self) -> str:
        """As a browser sends it."""
        return f"desk-staff={self.cookie}"


async def prepared(folder: Path, members: int, cases: int) -> list[Signed]:
    """Members with sessions and cases that wait, in the stores that the rooms will open."""
    settings = Settings(data_dir=folder / "data")
    async with open_services(settings, actor="service:bench") as services:
        staff, store = await services.staff(), await services.cases()
        sessions = Sessions(store=staff, secret="")  # only pages of the gateway need one
        signed = []
        for n in range(members):
            row = StaffMember(id=f"m-bench-{n}", name=f"bench{n}", role="agent", password="")
            await staff.add(row)
            member = Member(id=row.id, name=row.name, role="agent")
            signed.append(Signed(await sessions.begin(member)))
        for n in range(cases):
            await store.open(c.CaseOpened(at=time.time(), by="bot", hand_over=_hand_over(n)))
    return signed


def _hand_over(n: int) -> c.HandOver:
    packet = c.Packet(
        summary="Wants to change the address of an order before it ships.", facts=(), tried=(), promised=(),
        suggested_reply="", sentiment="neutral", language="en",
    )  # fmt: skip
    return c.HandOver(
        id=f"h-bench-{n}", conversation_id=f"c-bench-{n}", reason="asked_for_person", priority="normal",
        queue="support", opened_at=time.time(), sla_due_at=time.time() + 3600, position=0, packet=packet,
    )  # fmt: skip


async def follow(port: int, who: Signed, came: dict[tuple[str, int], list[float]]) -> None:
    """One console, until it is cancelled: when it heard of which version of which case."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET /console/live HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n"
        f"Cookie: {who.header}\r\n\r\n".encode()
    )
    try:
        while line := await reader.readline():
            if line.startswith(b'data: {"id"'):
                change = msgspec.json.decode(line[6:], type=_Change)
                came.setdefault((change.id, change.version), []).append(time.perf_counter())
    finally:
        writer.close()


async def act(port: int, who: Signed, cases: int, *, rate: float) -> dict[tuple[str, int], float]:
    """Claim every case and speak in it, `rate` acts a second; when each form was to be sent."""
    sent: dict[tuple[str, int], float] = {}
    headers = {"Cookie": who.header, "Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as http:
        page = (await http.get("/console", headers={"Accept": "text/html"})).text
        found = re.search('data-csrf="([^"]+)"', page)
        csrf = found[1] if found else ""
        acts = [(n, *what) for n in range(cases) for what in ((2, "claim"), (3, "say"), (4, "note"))]
        begin = time.perf_counter()
        for at, (n, version, what) in enumerate(acts):
            planned = begin + at / rate
            await asyncio.sleep(max(0.0, planned - time.perf_counter()))
            sent[f"h-bench-{n}", version] = planned
            fields = {"csrf": csrf, "text": "I look into it now."}
            answer = await http.post(f"/console/cases/h-bench-{n}/{what}", data=fields)
            if answer.status_code != 303:
                raise RuntimeError(f"{what} of case {n}: {answer.status_code} {answer.text[:300]}")
    return sent


@dataclass(frozen=True)
class Measured:
    """What came of a run: the 95th percentile of form to event, and the load that really ran beside it."""

    p95: float
    missed: int
    per_second: float

    def broken(self, turns: float) -> list[str]:
        """Why the promise is not kept; a run that carried less than it should proves nothing."""
        return [
            *([f"p95 {self.p95:.0f} ms is over {LIMIT_MS:.0f} ms"] if self.p95 > LIMIT_MS else []),
            *([f"{self.missed} events did not come"] if self.missed else []),
            *(
                [f"only {self.per_second:.0f} of {turns:.0f} turns/s ran beside it"]
                if self.per_second < _WHOLE_LOAD * turns
                else []
            ),
        ]


async def measure(
    rooms: Rooms, signed: Sequence[Signed], consoles: int, cases: int, turns: float
) -> Measured:
    """Runs it, and prints what the figures are made of. An event that never came counts as the longest."""
    came: dict[tuple[str, int], list[float]] = {}
    following = [
        asyncio.create_task(follow(rooms.port, signed[1 + n // _OF_ONE], came)) for n in range(consoles)
    ]
    await asyncio.sleep(3)
    rate = 3.0
    seconds = 3 * cases / rate
    load = asyncio.create_task(
        run_load(rooms.port, "--open", str(turns), "--seconds", f"{seconds + 2:.0f}", "--warm", "2")
    )
    await asyncio.sleep(3)
    cpu = rooms.cpu()["gateway"]
    began = time.perf_counter()
    sent = await act(rooms.port, signed[0], cases, rate=rate)
    used = (rooms.cpu()["gateway"] - cpu) / (time.perf_counter() - began)
    await asyncio.sleep(_SETTLE_SECONDS)
    missed = sum(consoles - len(came.get(key, ())) for key in sent)
    ran = await load
    for each in following:
        each.cancel()
    await asyncio.gather(*following, return_exceptions=True)
    spent = sorted((at - sent[key]) * 1000 for key in sent for at in came.get(key, ()))
    spent += [_SETTLE_SECONDS * 1000] * missed
    p50, p95, p99, worst = (percentile(spent, share) for share in (0.5, 0.95, 0.99, 1.0))
    print(f"{consoles} consoles, {rate:.0f} acts/s, {ran.per_second:.0f} turns/s (p95 {ran.p95:.0f} ms)")
    print(f"form to event: p50 {p50:.0f}, p95 {p95:.0f}, p99 {p99:.0f}, worst {worst:.0f} ms")
    print(f"{len(spent) - missed} events came, {missed} did not")
    print(f"gateway: {used:.2f} of a core, {rooms.memory('gateway') / 1e6:.0f} MB")
    return Measured(p95, missed, ran.per_second)


async def run(consoles: int, cases: int, turns: float) -> int:
    """0 when the promise is kept."""
    with tempfile.TemporaryDirectory(prefix="bench-consoles-") as name:
        folder = Path(name)
        signed = await prepared(folder, 1 + -(-consoles // _OF_ONE), cases)
        async with running_rooms(folder) as rooms:
            measured = await measure(rooms, signed, consoles, cases, turns)
            for role, said in rooms.complaints().items():
                print(f"{role} complained:\n{said}")
    broken = measured.broken(turns)
    print(f"BREAKS the promise: {', '.join(broken)}" if broken else "keeps the promise")
    return 1 if broken else 0


def main() -> int:
    """One run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--consoles", type=int, default=200)
    parser.add_argument("--cases", type=int, default=20)
    parser.add_argument("--turns", type=float, default=50, metavar="PER_SECOND")
    said = parser.parse_args()
    return uvloop.run(run(said.consoles, said.cases, said.turns))


if __name__ == "__main__":
    sys.exit(main())
