"""Records traces and opens what they are asked through, as `TRACES_URL` says."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry

from shared.adapters.tasks import end
from shared.errors import SettingsError
from shared.ports import Bus
from shared.settings import Settings
from shared.telemetry.flags import OURS
from shared.telemetry.holding import Holding, Losses
from shared.telemetry.sending import Sending, Sends
from shared.telemetry.spans import record_to

if TYPE_CHECKING:
    from shared.adapters.insights.counting import Counted
    from shared.adapters.insights.embedded import EmbeddedInsights, Place
    from shared.ports.traces import Traces

_LOG = logging.getLogger("answerdesk.telemetry")
_HALF = 0.5
_LAST_PUSH_S = 3.0


@dataclass
class Tracing:
    """What records in this process; `traces` is None where what was sent cannot be asked."""

    ratio: float = 0.0
    holding: Holding | None = None
    embedded: "EmbeddedInsights | None" = None
    traces: "Traces | None" = None
    counted: "Callable[[CollectorRegistry], Counted] | None" = None

    @property
    def losses(self) -> Losses:
        """Spans that never arrived."""
        return self.holding.losses if self.holding else Losses()

    @asynccontextmanager
    async def counting(self, registry: CollectorRegistry, *, every: float = 30.0) -> AsyncIterator[None]:
        """Send what this registry counts, unsampled, while the context is open and at its end."""
        if self.counted is None:
            yield
            return
        over = threading.Event()
        # A thread that dies with the process: one of the loop's would be waited for, however long it takes.
        pushing = threading.Thread(
            target=_pushed, args=(partial(self.counted, registry), every, over), daemon=True,
            name="answerdesk-counters",
        )  # fmt: skip
        pushing.start()
        try:
            yield
        finally:
            over.set()
            await asyncio.to_thread(pushing.join, _LAST_PUSH_S)

    def begin(self) -> None:
        """Start what is better started once customers are answered."""
        if self.embedded is not None:
            self.embedded.begin()


@asynccontextmanager
async def open_tracing(settings: Settings, service: str, *, alone: bool) -> AsyncIterator[Tracing]:
    """Record the turns of this process while the context is open.

    `off` records nothing. `embedded://` keeps traces on this machine, in a service of the process that runs
    `alone`, which the others join. `otlp+http://host:4318` sends OTLP over HTTP; `InstrumentationKey=...`
    is an Application Insights connection string.

    Raises:
        SettingsError: it is none of these.
    """
    url = settings.traces_url
    if url in {"", "off"}:
        yield Tracing()
        return
    tracing = Tracing(ratio=settings.traces_ratio or (1.0 if url.startswith("embedded") else _HALF))
    sends = _sends(settings, service, tracing, alone=alone)
    if sends is None:
        yield Tracing()
        return
    tracing.holding = Holding(ratio=tracing.ratio, slow=settings.traces_slow_seconds)
    sending = Sending(tracing.holding, sends)
    stop = record_to(tracing.holding)
    try:
        yield tracing
    finally:
        stop()
        sending.stop()
        if tracing.embedded is not None:
            await tracing.embedded.close()


@asynccontextmanager
async def flags_shared(bus: Bus) -> AsyncIterator[None]:
    """Tell other processes which traces to keep, and hear it from them, while the context is open."""
    loop = asyncio.get_running_loop()
    telling: set[asyncio.Task[None]] = set()

    def tell(trace: str, reason: str) -> None:
        task = asyncio.create_task(bus.flag_trace(trace, reason))
        telling.add(task)
        task.add_done_callback(telling.discard)

    def heard(trace: str, reason: str) -> None:
        OURS.keep(trace, reason, tell=False)

    stop = OURS.on_flag(lambda trace, reason: _soon(loop, tell, trace, reason))
    try:
        async with bus.flagged_traces(heard):
            yield
    finally:
        stop()
        await end(telling)


def _pushed(opened: Callable[[], "Counted"], every: float, over: threading.Event) -> None:
    """Every so often and at the end; what does not arrive is part of the next.

    The exporter is loaded with the first: a process that ends before tells nothing, and does not wait for it.
    """
    counted: Counted | None = None
    last = False
    while not last:
        last = over.wait(every)
        if last and counted is None:
            return
        try:
            counted = counted or opened()
            why = "" if counted.push() else "the service did not take them"
        except Exception as error:  # noqa: BLE001  whatever it is, it must not end the thread
            why = type(error).__name__
        if why:
            _LOG.warning("counters were not sent, the next try has them too: %s", why)


def _soon(loop: asyncio.AbstractEventLoop, tell: Callable[[str, str], None], trace: str, reason: str) -> None:
    """From whatever thread; a loop that has ended has nobody to tell."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(tell, trace, reason)


def _sends(settings: Settings, service: str, tracing: Tracing, *, alone: bool) -> Callable[[], Sends] | None:
    url = settings.traces_url
    if url.startswith("otlp+http"):
        return lambda: _to_otlp(url, service)
    if "InstrumentationKey=" in url:
        if settings.traces_workspace:
            tracing.traces = _in_azure(settings.traces_workspace)
        tracing.counted = partial(_counted, url, service=service)
        return lambda: _to_insights(url, service)
    if not url.startswith("embedded:"):
        raise SettingsError(
            f"TRACES_URL={url[:60]!r}: expected embedded://, off, otlp+http://host:4318, or an Application "
            "Insights connection string (InstrumentationKey=...;IngestionEndpoint=...)"
        )
    from shared.adapters.insights.embedded import EmbeddedInsights, running_at  # noqa: PLC0415

    folder = settings.data_dir / "insights"
    if alone:
        tracing.embedded = EmbeddedInsights(folder, days=settings.traces_days)
        place: Place | None = tracing.embedded.place
    else:
        place = running_at(folder)
    if place is None:
        _LOG.warning(
            "no traces: TRACES_URL=embedded:// needs `python -m launch all` on this DATA_DIR, or set another"
        )
        return None
    tracing.traces = _here(place)
    there = place
    tracing.counted = partial(_counted, there.connection_string, service=service, authority=there.authority)
    return lambda: _to_insights(there.connection_string, service, authority=there.authority)


def _to_otlp(url: str, service: str) -> Sends:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415

    from shared.adapters.insights.form import Sender  # noqa: PLC0415

    base = url.removeprefix("otlp+").rstrip("/")
    return Sender(OTLPSpanExporter(endpoint=f"{base}/v1/traces"), service)


def _to_insights(connection_string: str, service: str, *, authority: str = "") -> Sends:
    from shared.adapters.insights.exporting import InsightsSender  # noqa: PLC0415

    return InsightsSender(connection_string, service, authority=authority)


def _counted(
    connection_string: str, registry: CollectorRegistry, *, service: str, authority: str = ""
) -> "Counted":
    from shared.adapters.insights.counting import Counted, metrics_exporter  # noqa: PLC0415

    return Counted(registry, metrics_exporter(connection_string, authority=authority), service)


def _in_azure(workspace: str) -> "Traces":
    from shared.adapters.insights.opening import in_azure  # noqa: PLC0415

    return in_azure(workspace)


def _here(place: Any) -> "Traces":
    from shared.adapters.insights.opening import here  # noqa: PLC0415

    return here(place)
