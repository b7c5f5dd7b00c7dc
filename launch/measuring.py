"""Keeps the gauges up to date in the background: a scrape only reads them, however often it comes."""

import asyncio
import logging
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from cryptography import x509

from gateway.ops.looking import answered
from launch import logs
from shared import metrics
from shared.errors import DeskError, SettingsError, StoreDown
from shared.settings import Settings
from shared.spending import day_of
from shared.wiring import Services
from shared.wiring.tracing import Tracing

_LOG = logging.getLogger("answerdesk.metrics")
EVERY_SECONDS = 15.0
"""As often as Prometheus asks by most configurations."""
_WORK = re.compile(r"work(-\d+)+")
"""Consumers of turns: one for each partition, with another name after each takeover."""
Look = Callable[[], Awaitable[None]]


@asynccontextmanager
async def kept_measured(
    services: Services, role: str, tracing: Tracing, *, every: float = EVERY_SECONDS
) -> AsyncIterator[None]:
    """Look at once, then every so many seconds while the context is open.

    What is one for the whole installation (queues, the bus) is told by gateways alone.
    """
    measuring = asyncio.create_task(_measure(looks(services, role, tracing), every))
    try:
        yield
    finally:
        measuring.cancel()
        with suppress(asyncio.CancelledError):
            await measuring


def looks(services: Services, role: str, tracing: Tracing | None = None) -> Mapping[str, Look]:
    """What this role looks at, by the name of the figures."""
    found: dict[str, Look] = {"dependencies": partial(_dependencies, services)}
    if tracing is not None:
        found["telemetry"] = partial(_losses, tracing)
    if certificates(services.settings):
        found["certificates"] = partial(_expiries, services.settings)
    if role in {"all", "gateway"}:
        found["cases"] = partial(_cases, services)
        found["bus"] = partial(_bus, services)
        found["spending"] = partial(_spending, services)
    return found


async def measure(every_look: Mapping[str, Look]) -> None:
    """Look once at everything; what cannot be looked at keeps its values, and its old time."""
    for figures, look in every_look.items():
        try:
            await look()
        except DeskError as error:
            _LOG.warning("the figures of %s are old: %s", figures, error)
        except Exception:  # noqa: BLE001
            # A fault of ours: the loop must outlive it, or all gauges would stand still.
            _LOG.exception("the figures of %s are old: a fault of ours", figures)
        else:
            metrics.put(metrics.MEASURED, time.time(), figures)


async def _measure(every_look: Mapping[str, Look], every: float) -> None:
    while True:
        await measure(every_look)
        await asyncio.sleep(every)


async def _losses(tracing: Tracing) -> None:
    losses = tracing.losses
    metrics.bring_to(metrics.SPANS_LOST, losses.failed, "failed")
    metrics.bring_to(metrics.SPANS_LOST, losses.overflowed, "overflowed")
    metrics.bring_to(metrics.SPANS_LOST, losses.late, "late")
    metrics.bring_to(metrics.LOG_LINES_LOST, logs.lost())


async def _dependencies(services: Services) -> None:
    found = await asyncio.gather(*(answered(*each) for each in services.pings.items()))
    metrics.replace(metrics.DEPENDENCY_UP, {(each.name,): float(not each.said) for each in found})


async def _cases(services: Services) -> None:
    queues = await (await services.measures()).queues(now=time.time())
    counted: dict[metrics.Labels, float] = {(each.queue, "waiting"): float(each.waiting) for each in queues}
    counted |= {(each.queue, "with_person"): float(each.with_person) for each in queues}
    metrics.replace(metrics.CASES, counted)
    metrics.replace(metrics.CASES_DUE, {(each.queue,): float(each.at_risk) for each in queues})
    metrics.replace(metrics.CASES_MISSED, {(each.queue,): float(each.overdue) for each in queues})
    metrics.replace(metrics.LONGEST_WAIT, {(each.queue,): each.longest for each in queues})


async def _bus(services: Services) -> None:
    load = await (await services.bus()).load()
    metrics.replace(metrics.BUS_MESSAGES, {(each.name,): float(each.messages) for each in load.streams})
    metrics.replace(metrics.BUS_BYTES, {(each.name,): float(each.bytes) for each in load.streams})
    metrics.put(metrics.DEAD_LETTERS, load.dead_letters)
    pending, in_hand, again = Counter[metrics.Labels](), Counter[metrics.Labels](), Counter[metrics.Labels]()
    consumed: dict[metrics.Labels, float] = {}
    for each in load.consumers:
        labels = (each.service, "work" if _WORK.fullmatch(each.name) else each.name)
        pending[labels] += each.pending
        in_hand[labels] += each.ack_pending
        again[labels] += each.redelivered
        consumed[labels] = min(consumed.get(labels, 1.0), float(each.consumed))
    metrics.replace(metrics.BUS_PENDING, pending)
    metrics.replace(metrics.BUS_IN_HAND, in_hand)
    metrics.replace(metrics.BUS_REDELIVERED, again)
    metrics.replace(metrics.BUS_CONSUMED, consumed)


async def _spending(services: Services) -> None:
    ledger, today, settings = await services.spending(), day_of(time.time()), services.settings
    if trouble := (await services.budget()).status().trouble:  # what can be read is old, for nothing is added
        raise StoreDown(trouble)
    metrics.put(metrics.SPENT, float((await ledger.of_day(today)).of_customers.usd), "day")
    metrics.put(metrics.SPENT, float((await ledger.of_month(today)).of_customers.usd), "month")
    budgets = {("day",): settings.model_budget_usd_day, ("month",): settings.model_budget_usd_month}
    metrics.replace(metrics.BUDGET, {period: usd for period, usd in budgets.items() if usd})


def certificates(settings: Settings) -> dict[str, str]:
    """The PEM files of TLS that this process uses, by the setting that names each."""
    named = {"bus_ca": settings.bus_tls_ca, "bus_client": settings.bus_tls_cert}
    return {name: path for name, path in named.items() if path}


async def _expiries(settings: Settings) -> None:
    for name, path in certificates(settings).items():
        metrics.put(metrics.CERTIFICATE_EXPIRY, await asyncio.to_thread(expiry, Path(path)), name)


def expiry(path: Path) -> float:
    """When the first of this PEM file's certificates expires, in seconds since 1970.

    Raises:
        SettingsError: the file cannot be read, or holds no certificate.
    """
    try:
        chain = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: no certificate could be read: {error}") from error
    return min(each.not_valid_after_utc.timestamp() for each in chain)
