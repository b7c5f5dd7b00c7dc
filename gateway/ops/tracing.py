"""What takes traces, and how it takes those of each process, as the health page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.contracts import TracesSent
from shared.telemetry.taking import FAULT, FULL, LATE, NO_ANSWER, UNREACHABLE, Health

_SILENT_S = 20.0
"""Processes tell every five seconds; who has not for so long is stopped, or cut off."""
KINDS: Mapping[str, str] = {
    "off": "recorded nowhere (TRACES_URL=off)",
    "embedded": "the embedded service on this machine",
    "application insights": "Application Insights",
    "otlp": "an OTLP collector",
}
REASONS: Mapping[str, str] = {
    UNREACHABLE: "nobody answered",
    NO_ANSWER: "cut off while they were sent",
    FULL: "more than may be held",
    FAULT: "an exporter’s error, which the log names",
    LATE: "let go before they were flagged, of turns that are not in the sample",
    "400": "refused as wrong (400)",
    "401": "sender not known (401)",
    "402": "the daily cap is used up (402)",
    "403": "sender has no right to (403)",
    "404": "wrong address in TRACES_URL (404)",
    "429": "more than is taken at once (429)",
    "439": "the daily cap is used up (439)",
}
_REMEDIES: Mapping[str, str] = {
    UNREACHABLE: "check TRACES_URL and that the service runs",
    "401": "check the connection string",
    "402": "raise the daily cap of the resource, or lower TRACES_RATIO",
    "403": "give the identity the role Monitoring Metrics Publisher",
    "404": "copy the connection string anew",
    "429": "lower TRACES_RATIO",
    "439": "raise the daily cap of the resource, or lower TRACES_RATIO",
}


def told(why: str) -> str:
    """A reason as people read it."""
    return REASONS.get(why) or (f"its answer was {why}" if why.isdigit() else why)


@dataclass(frozen=True)
class Row:
    """One process; `state` is `taking`, `refused`, `unsent` or `silent`."""

    sent: TracesSent
    state: str

    @property
    def name(self) -> str:
        """The role, without what all roles are called."""
        return self.sent.service.removeprefix("answerdesk-")

    @property
    def lost(self) -> int:
        """Its spans that never arrived, but for those that were let go on purpose and wanted later."""
        return sum(count for why, count in self.sent.lost.items() if why != LATE)

    @property
    def reasons(self) -> Sequence[tuple[str, int]]:
        """Why, with counts, the most first."""
        return [(told(why), count) for why, count in sorted(self.sent.lost.items(), key=lambda e: -e[1])]


@dataclass(frozen=True)
class Shown:
    """The health of traces as it was `at` a moment."""

    health: Health
    at: float

    @property
    def name(self) -> str:
        """What takes them, without its address."""
        return KINDS[self.health.kind]

    @property
    def rows(self) -> Sequence[Row]:
        """Every process that told of itself."""
        return [Row(each, self._state(each)) for each in self.health.processes]

    @property
    def lost(self) -> int:
        """Spans lost in all of them."""
        return sum(row.lost for row in self.rows)

    @property
    def late(self) -> int:
        """Spans in all of them that had been let go when their trace was flagged."""
        return self.health.lost[LATE]

    @property
    def away(self) -> bool:
        """Whether they are not taken now."""
        standing = self.health.standing
        down = standing is not None and standing.up is False
        return down or any(row.state == "refused" for row in self.rows)

    @property
    def waiting(self) -> int:
        """Spans that are sent again, in all processes that are there."""
        return sum(row.sent.waiting for row in self.rows if row.state != "silent")

    @property
    def remedies(self) -> Sequence[str]:
        """What may help now, one for each reason for which a process is refused."""
        why = {row.sent.why for row in self.rows if row.state == "refused"}
        if self.health.standing is not None:  # it is started again by itself
            why.discard(UNREACHABLE)
        if self.health.kind == "otlp":  # caps, roles and connection strings are of Azure
            why &= {UNREACHABLE, "429"}
        return [f"{told(each)}: {_REMEDIES[each]}" for each in sorted(why & set(_REMEDIES))]

    def _state(self, sent: TracesSent) -> str:
        if self.at - sent.at > _SILENT_S:
            return "silent"
        if sent.up is None:
            return "unsent"
        return "taking" if sent.up else "refused"
