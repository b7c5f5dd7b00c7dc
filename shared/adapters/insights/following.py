"""Follows the service on this machine to where it listens now: it may have another port and keys."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from shared.adapters.insights.embedded import Place
from shared.telemetry.holding import Kept
from shared.telemetry.sending import Sends
from shared.telemetry.taking import UNREACHABLE, Sent

if TYPE_CHECKING:
    from opentelemetry.sdk.metrics.export import MetricExporter, MetricExportResult, MetricsData

_Open = TypeVar("_Open")


class Followed(Generic[_Open]):
    """What `made` opens at a place, opened anew when `where` names another; None while it names none."""

    def __init__(
        self,
        where: Callable[[], Place | None],
        made: Callable[[Place], _Open],
        closed: Callable[[_Open], object],
    ) -> None:
        self._where = where
        self._made = made
        self._closed = closed
        self._at: Place | None = None
        self._opened: _Open | None = None

    def now(self) -> _Open | None:
        """It, at the place of now."""
        place = self._where()
        if place is not None and place != self._at:
            self.close()
            self._opened, self._at = self._made(place), place
        return self._opened

    def close(self) -> None:
        """Close what is open."""
        if self._opened is not None:
            self._closed(self._opened)
            self._opened = self._at = None


class FollowingSender:
    """The `Sends` of `Sending` to wherever the service is."""

    def __init__(self, where: Callable[[], Place | None], made: Callable[[Place], Sends]) -> None:
        self._sends = Followed(where, made, lambda sends: sends.close())

    def send(self, kept: Sequence[Kept]) -> Sent:
        """See `Sends.send`."""
        sends = self._sends.now()
        return Sent(0, UNREACHABLE, again=True) if sends is None else sends.send(kept)

    def close(self) -> None:
        """See `Sends.close`."""
        self._sends.close()


class FollowingMetrics:
    """Counters to wherever the service is; what `Counted` asks of a `MetricExporter`."""

    def __init__(self, where: Callable[[], Place | None], made: "Callable[[Place], MetricExporter]") -> None:
        self._exports = Followed(where, made, lambda exporter: exporter.shutdown())

    def export(self, data: "MetricsData") -> "MetricExportResult":
        """See `MetricExporter.export`."""
        from opentelemetry.sdk.metrics.export import MetricExportResult  # noqa: PLC0415  half a second

        exports = self._exports.now()
        return MetricExportResult.FAILURE if exports is None else exports.export(data)
