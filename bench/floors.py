"""The floors of a turn, measured beside us: raw hops, the bare graph, the bare gateway.

`python -m bench.floors <port>` serves the bare gateway.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any, cast

import msgspec
import uvicorn
import uvloop
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from bench import hops
from bench.load import run_load
from bench.processes import cpu_seconds, free_port, nats_server, start
from conversation.asks import TurnState
from conversation.graph import build_graph
from conversation.steps import Steps
from conversation.turn import Plan
from shared import contracts as c


class Floor(msgspec.Struct, kw_only=True):
    """CPU milliseconds per turn by process, and turns per second, with nothing of ours in it."""

    per_second: float
    cpu_ms: dict[str, float]

    @property
    def total_ms(self) -> float:
        """All processes together."""
        return sum(self.cpu_ms.values())


class NoSteps:
    """The graph's nodes, each of which returns at once what the next edge needs."""

    def asks_for_person(self, _: TurnState) -> bool:
        """No."""
        return False

    async def nothing(self, _: TurnState) -> dict[str, Any]:
        """A node that found something to say, like ours."""
        return {"timings": [("step", 0.0)]}

    screen = classify = retrieve = assess = act = arrange = decided = write = refuse = hand_over = nothing

    async def plan(self, state: TurnState) -> dict[str, Any]:
        """Go on and write."""
        return {"plan": Plan(route="write", state=state["before"])}

    async def judge(self, _: TurnState) -> dict[str, Any]:
        """Nothing against it."""
        return {"findings": ()}


async def bare_graph(runs: int) -> Floor:
    """Our graph as it is compiled, its nodes empty, one run after the other in this process."""
    graph = build_graph(cast("Steps", NoSteps()))
    turn = c.TurnAccepted(conversation_id="c-1", turn_id="t-1", text="Thank you!", accepted_at=0.0)
    begun: TurnState = {"turn": turn, "text": turn.text, "before": c.ConversationState(), "now": 0.0}
    for _ in range(20):
        await graph.ainvoke(begun)
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(runs):
        await graph.ainvoke(begun)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Floor(per_second=runs / wall, cpu_ms={"graph": cpu / runs * 1000})


async def raw_hops(folder: Path, *, seconds: float, at_once: int = 100) -> Floor:
    """Submit, six asks and answers, result: nats-py alone, a process per room."""
    async with nats_server(folder) as (url, nats_pid):
        await hops.make_streams(url)
        started = [
            await start(role, ("-m", "bench.hops", role, url), folder=folder, env={})
            for role in ("conversation", *hops.AGENTS)
        ]
        try:
            for process in started:
                await process.ready(f"{process.name}: ready")
            pids = {process.name: process.child.pid for process in started} | {"nats-server": nats_pid}
            before = {name: cpu_seconds(pid) for name, pid in pids.items()}
            command = (
                "-m",
                "bench.hops",
                "gateway",
                url,
                "--at-once",
                str(at_once),
                "--seconds",
                str(seconds),
            )
            gateway = await start("gateway", command, folder=folder, env={})
            await gateway.child.wait()
            after = {name: cpu_seconds(pid) for name, pid in pids.items()}
        finally:
            await asyncio.gather(*(process.stop() for process in started))
    ran = msgspec.json.decode(gateway.said(), type=hops.Ran)
    used = {name: after[name] - before[name] for name in pids} | {"gateway": ran.cpu_seconds}
    return Floor(per_second=ran.per_second, cpu_ms={name: used[name] / ran.sent * 1000 for name in used})


async def bare_gateway(folder: Path, *, seconds: float, customers: int = 100) -> Floor:
    """FastAPI and uvicorn with our request and our answer, and nothing between."""
    port = free_port()
    server = await start("bare-gateway", ("-m", "bench.floors", str(port)), folder=folder, env={})
    try:
        await server.ready("bare gateway: ready")
        before = cpu_seconds(server.child.pid)
        load = await run_load(port, "--closed", str(customers), "--seconds", str(seconds))
        used = cpu_seconds(server.child.pid) - before
    finally:
        await server.stop()
    return Floor(per_second=load.per_second, cpu_ms={"gateway": used / load.sent * 1000})


class Request(BaseModel):
    """The fields of a chat request."""

    model_config = ConfigDict(extra="forbid", strict=True)

    message: str
    conversation_id: str | None = None
    conversation_token: str | None = None
    client_message_id: str | None = None
    locale: str | None = None


def bare_app() -> FastAPI:
    """One route that knows the answer."""
    app = FastAPI()
    answer = {
        "conversation_id": "c-" + "0" * 24,
        "conversation_token": "c-" + "0" * 24 + ".guest.1797000000." + "0" * 43,
        "turn_id": "t-" + "0" * 24,
        "answered_with": None,
        "reply": "Scripted reply to t-000000000000000000000000.",
        "status": "answered",
        "intent": "FEEDBACK",
        "intents": [{"intent": "FEEDBACK", "confidence": 0.99}],
        "confidence": 0.99,
        "language": "en",
        "citations": [],
        "actions": [],
        "escalation": None,
        "engine": "scripted",
        "trace_id": "0" * 32,
    }

    @app.post("/v1/chat")
    async def chat(_: Request) -> Response:
        return Response(msgspec.json.encode(answer), media_type="application/json")

    return app


async def serve(port: int) -> None:
    """The bare gateway, until Ctrl-C."""
    config = uvicorn.Config(
        bare_app(), host="127.0.0.1", port=port, log_level="warning", access_log=False, server_header=False
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started and not serving.done():  # noqa: ASYNC110  uvicorn has no event for it
        await asyncio.sleep(0.005)
    print("bare gateway: ready", flush=True)
    await serving


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
