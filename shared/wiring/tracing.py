"""Records traces and opens what they are asked through, as `TRACES_URL` says."""

import asyncio
import logging
import secrets
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prometheus_client import CollectorRegistry

from shared.adapters.tasks import end
from shared.contracts import TracesKind
from shared.errors import SettingsError
from shared.ports import Bus
from shared.settings import Settings
from shared.telemetry.flags import OURS
from shared.telemetry.holding import Holding
from shared.telemetry.sending import MOST_WAITING, Sending, Sends
from shared.telemetry.spans import record_to
from shared.telemetry.taking import Losses, Taking

if TYPE_CHECKING:
    from shared.adapters.insights.counting import Counted
    from shared.adapters.insights.embedded import EmbeddedInsights, Place
    from shared.ports.traces import Traces

    Where = Callable[[], Place | None]

_LOG = logging.getLogger("answerdesk.telemetry")
_HALF = 0.5
_LAST_PUSH_S = 3.0


@dataclass
class Tracing:
    """What records in this process; `traces` is None where what was sent cannot be asked.

    `kind` names what takes traces, without its address; `run` tells two processes of a `service` apart.
    """

    service: str = ""
    run: str = field(default_factory=lambda: secrets.token_hex(3))
    kind: TracesKind = "off"
    ratio: float = 0.0
    holding: Holding | None = None
    sending: Sending | None = None
    embedded: "EmbeddedInsights | None" = None
    traces: "Traces | None" = None
    counted: "Callable[[CollectorRegistry], Counted] | None" = None

    @property
    def losses(self) -> Losses:
        """Spans that never arrived."""
        return self.holding.losses if self.holding else Losses()

    @property
    def taking(self) -> Taking:
        """How what is sent is taken."""
        return self.sending.taking if self.sending else Taking()

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
async def open_tracing(
    settings: Settings, service: str, *, alone: bool, ending: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Tracing]:
    """Record the turns of this process while the context is open.

    `off` records nothing. `embedded://` keeps traces on this machine, in a service of the process that runs
    `alone`, which the others join. `otlp+http://host:4318` sends OTLP over HTTP; `InstrumentationKey=...`
    is an Application Insights connection string. `ending` is told what the end waits for.

    Raises:
        SettingsError: it is none of these.
    """
    url = settings.traces_url
    if url in {"", "off"}:
        yield Tracing()
        return
    tracing = Tracing(
        service=service, ratio=settings.traces_ratio or (1.0 if url.startswith("embedded") else _HALF)
    )
    sends = _sends(settings, service, tracing, alone=alone)
    tracing.holding = Holding(ratio=tracing.ratio, slow=settings.traces_slow_seconds)
    tracing.sending = Sending(tracing.holding, sends)
    stop = record_to(tracing.holding)
    try:
        yield tracing
    finally:
        stop()
        ending("the last traces to be sent")
        await asyncio.to_thread(tracing.sending.stop)
        if tracing.embedded is not None:
            ending("the service that keeps traces")
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


def _sends(settings: Settings, service: str, tracing: Tracing, *, alone: bool) -> Callable[[], Sends]:
    url = settings.traces_url
    if _is_otlp(url):
        tracing.kind = "otlp"
        return lambda: _to_otlp(url, service)
    if "InstrumentationKey=" in url:
        tracing.kind = "application insights"
        if settings.traces_workspace:
            tracing.traces = _in_azure(settings.traces_workspace)
        tracing.counted = partial(_counted, url, service=service)
        return lambda: _to_insights(url, service)
    if not url.startswith("embedded:"):
        raise SettingsError(
            f"TRACES_URL={url[:60]!r}: expected embedded://, off, otlp+http://host:4318, or an Application "
            "Insights connection string (InstrumentationKey=...;IngestionEndpoint=...)"
        )
    tracing.kind = "embedded"
    return _to_embedded(settings, service, tracing, alone=alone)


def _is_otlp(url: str) -> bool:
    """Whether it names a collector; one without a host would take nothing, and nobody would know."""
    try:
        parts = urlsplit(url.removeprefix("otlp+"))
        named = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is no number
        return False
    return url.startswith(("otlp+http://", "otlp+https://")) and named


def _to_embedded(settings: Settings, service: str, tracing: Tracing, *, alone: bool) -> Callable[[], Sends]:
    """To the service on this machine, wherever it listens when something is sent."""
    from shared.adapters.insights.embedded import EmbeddedInsights, listens, running_at  # noqa: PLC0415

    folder = settings.data_dir / "insights"
    where = partial(running_at, folder)
    if alone:
        embedded = tracing.embedded = EmbeddedInsights(folder, days=settings.traces_days)
        where = partial(getattr, embedded, "place")
    elif not listens(where()):
        _LOG.warning(
            "nobody takes the traces of this process: TRACES_URL=embedded:// is a service that `python -m "
            "launch all` runs on this DATA_DIR, and it does not run. Start it, or set TRACES_URL to off, "
            "otlp+http://host:4318 or an Application Insights connection string. Until then the latest "
            "%s spans are held for it, older ones are lost",
            f"{MOST_WAITING:,}",
        )
    tracing.traces = _here(where)
    tracing.counted = partial(_counted_at, where, service=service)
    return lambda: _to_place(where, service)


def _to_otlp(url: str, service: str) -> Sends:
    from shared.adapters.insights.otlp import OtlpSender  # noqa: PLC0415

    base = url.removeprefix("otlp+").rstrip("/")
    return OtlpSender(f"{base}/v1/traces", service)


def _to_insights(connection_string: str, service: str) -> Sends:
    from shared.adapters.insights.exporting import InsightsSender  # noqa: PLC0415

    return InsightsSender(connection_string, service)


def _to_place(where: "Where", service: str) -> Sends:
    from shared.adapters.insights.exporting import InsightsSender  # noqa: PLC0415
    from shared.adapters.insights.following import FollowingSender  # noqa: PLC0415

    return FollowingSender(
        where, lambda at: InsightsSender(at.connection_string, service, authority=at.authority)
    )


def _counted(connection_string: str, registry: CollectorRegistry, *, service: str) -> "Counted":
    from shared.adapters.insights.counting import Counted, metrics_exporter  # noqa: PLC0415

    return Counted(registry, metrics_exporter(connection_string), service)


def _counted_at(where: "Where", registry: CollectorRegistry, *, service: str) -> "Counted":
    from shared.adapters.insights.counting import Counted, metrics_exporter  # noqa: PLC0415
    from shared.adapters.insights.following import FollowingMetrics  # noqa: PLC0415

    exports = FollowingMetrics(
        where, lambda at: metrics_exporter(at.connection_string, authority=at.authority)
    )
    return Counted(registry, exports, service)


def _in_azure(workspace: str) -> "Traces":
    from shared.adapters.insights.opening import in_azure  # noqa: PLC0415

    return in_azure(workspace)


def _here(where: "Where") -> "Traces":
    from shared.adapters.insights.opening import here  # noqa: PLC0415

    return here(where)
