"""`python -m launch all | gateway | knowledge-sync | audit | ...` puts a process together and runs it."""

import argparse
import asyncio
import gc
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Protocol

import uvloop
from prometheus_client import CollectorRegistry, ProcessCollector

from launch import (
    audit,
    bus_users,
    corrections,
    demo_morning,
    erase,
    export,
    knowledge_sync,
    logs,
    replay,
    retention,
    staff,
)
from launch.ending import Ending
from launch.measuring import kept_measured
from launch.roles import AGENTS, Running, run_all
from launch.scraped import bind_metrics, kept_scraped
from shared import metrics
from shared.errors import DeskError, SettingsError
from shared.settings import Settings, read_settings
from shared.wiring import Services, open_services
from shared.wiring.told import sending_told
from shared.wiring.tracing import Tracing, flags_shared, open_tracing

ROLES = ("all", "gateway", *AGENTS)


class Command(Protocol):
    """A module that is a command."""

    def add_arguments(self, parser: argparse.ArgumentParser, /) -> None:
        """Its options."""
        ...

    def run(self, options: argparse.Namespace, /) -> int:
        """Do it; the exit code."""
        ...


COMMANDS: dict[str, Command] = {
    "knowledge-sync": knowledge_sync,
    "audit": audit,
    "bus-users": bus_users,
    "corrections": corrections,
    "demo-morning": demo_morning,
    "erase": erase,
    "export": export,
    "replay": replay,
    "retention": retention,
    "staff": staff,
}


def main() -> int:
    """Run one role until SIGINT or SIGTERM, or one command. Exit code 2 for a wrong setting."""
    parser = argparse.ArgumentParser(prog="python -m launch", description=__doc__)
    commands = parser.add_subparsers(dest="role", required=True, metavar="ROLE or COMMAND")
    for name in ROLES:
        does = "everything in one process: begin here" if name == "all" else f"only the {name} service"
        commands.add_parser(name, help=does)
    for name, command in COMMANDS.items():
        # A module says in its first line what the command does.
        does = (command.__doc__ or "").partition("\n")[0].rpartition("` ")[2]
        command.add_arguments(commands.add_parser(name, help=does.replace("%", "%%")))
    options = parser.parse_args()
    try:
        level, form = logs.chosen(
            os.environ.get("LOG_LEVEL", ""),
            os.environ.get("LOG_FORMAT", ""),
            serves=options.role not in COMMANDS,
            terminal=sys.stderr.isatty(),
        )
        logs.start(level, form, service=f"answerdesk-{options.role}")
        if options.role in COMMANDS:
            return COMMANDS[options.role].run(options)
        uvloop.run(_run(options.role, read_settings()))
    except (SettingsError, DeskError) as error:
        print(f"answerdesk: {error}", file=sys.stderr)
        return 2
    return 0


async def _run(role: str, settings: Settings) -> None:
    ready, stop = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(logs.on_loop_trouble)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    ending = Ending()
    async with (
        ending.told(role),
        open_tracing(settings, f"answerdesk-{role}", alone=role == "all", ending=ending.at) as tracing,
    ):
        serving = asyncio.create_task(_serve(role, settings, tracing, ending, ready, stop))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        ending.begin()
        if not ready.is_set():
            serving.cancel()  # Ctrl-C during a slow first start need not wait for it
        stopping.cancel()
        with suppress(asyncio.CancelledError):
            await serving


async def _serve(
    role: str,
    settings: Settings,
    tracing: Tracing,
    ending: Ending,
    ready: asyncio.Event,
    stop: asyncio.Event,
) -> None:
    started = time.perf_counter()
    gc.disable()  # what a start makes stays: looking through it again and again took 0.5 of 3.5 s
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    door, registry = bind_metrics(settings), CollectorRegistry()
    ProcessCollector(registry=registry)
    async with AsyncExitStack() as stack:
        stack.enter_context(metrics.counting(metrics.Meters(registry)))
        services = await stack.enter_async_context(open_services(settings, actor=f"service:{role}"))
        running = Running(services=services, registry=registry, tracing=tracing, ending=ending)
        stack.callback(ending.at, "the bus and the databases")
        await stack.enter_async_context(_role(role, running))
        stack.callback(ending.at, f"what {role} has in hand")
        await stack.enter_async_context(_kept_alike(services, tracing, registry))
        stack.callback(ending.at, "the last counters to be sent")
        await stack.enter_async_context(kept_measured(services, role, tracing))
        await stack.enter_async_context(kept_scraped(door, services.pings, registry))
        print(f"{role}: ready in {time.perf_counter() - started:.1f} s", flush=True)
        _collect_rarely()
        ready.set()
        tracing.begin()
        await stop.wait()
        print(f"{role}: stopping", flush=True)


@asynccontextmanager
async def _kept_alike(
    services: Services, tracing: Tracing, registry: CollectorRegistry
) -> AsyncIterator[None]:
    """Which traces are kept is known to every process that holds a part of them."""
    if tracing.holding is None:
        yield
        return
    bus = await services.bus()
    async with flags_shared(bus), sending_told(bus, tracing), tracing.counting(registry):
        yield


def _collect_rarely() -> None:
    """What is here now stays: the collector need not look through it again and again.

    Looking through the whole heap each time took 0.5 of 3.8 ms of a turn in the conversation
    (bench/PROFILE.md); memory stays the same.
    """
    gc.collect()
    gc.enable()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@asynccontextmanager
async def _role(role: str, running: Running) -> AsyncIterator[None]:
    if role in AGENTS:
        async with AGENTS[role](running):
            yield
        return
    # Only who serves HTTP pays for its imports.
    from launch.banner import banner  # noqa: PLC0415
    from launch.http import bind, run_gateway  # noqa: PLC0415

    # The port first: a second instance says so before it starts anything.
    sock = bind(running.services.settings)
    if role == "gateway":
        async with run_gateway(running, sock):
            yield
        return
    async with run_all(running), run_gateway(running, sock) as desk:
        print(banner(desk, port=sock.getsockname()[1]), flush=True)
        yield


if __name__ == "__main__":
    sys.exit(main())
