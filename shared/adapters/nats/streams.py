"""The streams of the house: what is kept, for how long, and what is rejected as already there."""

from collections.abc import Sequence
from dataclasses import dataclass

from nats.js import JetStreamManager
from nats.js.api import DiscardPolicy, RePublish, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import BadRequestError

from shared.errors import BusDown

ASKS = "ASKS"
ANSWERS = "ANSWERS"
TURNS_IN = "TURNS_IN"
TURNS_OUT = "TURNS_OUT"
EVENTS = "EVENTS"
DEAD = "DEAD"
LEASES = "KV_LEASES"
RATES = "KV_RATES"
QUOTAS = "KV_QUOTAS"
"""Named like key-value buckets, so that `nats kv` shows them."""

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True)
class Retention:
    """How long things are kept, in seconds; 0 is for ever.

    An ask or answer older than `steps` is forgotten: a turn that is replayed later pays for it again.
    `results` for ever is what makes "one result per turn" hold for ever.
    """

    steps: float = DAY
    turns: float = 7 * DAY
    results: float = 0.0
    events: float = 7 * DAY
    dead: float = 30 * DAY
    lease: float = 3.0


def configs(keep: Retention) -> Sequence[StreamConfig]:
    """Every stream, on disk, with limits retention (a work queue costs twice as much, measured).

    Server 2.9 replicates nothing in our single-node set-up; a cluster changes `num_replicas` there.
    """

    def stream(name: str, subject: str, age: float, window: float = 2 * MINUTE) -> StreamConfig:
        return StreamConfig(
            name=name,
            subjects=[subject],
            retention=RetentionPolicy.LIMITS,
            storage=StorageType.FILE,
            max_age=age,
            duplicate_window=min(window, age) if age else window,
            allow_direct=True,
        )

    def once(config: StreamConfig) -> StreamConfig:
        """One message per subject for as long as it is kept; a second one is rejected."""
        config.discard = DiscardPolicy.NEW
        config.discard_new_per_subject = True
        config.max_msgs_per_subject = 1
        return config

    def heard(config: StreamConfig, source: str, target: str) -> StreamConfig:
        """Told to who listens, after storing."""
        config.republish = RePublish(src=source, dest=target)
        return config

    leases = stream(LEASES, "$KV.LEASES.>", keep.lease)
    # Twice the window that they count: a count stays for as long as its window lasts, then it is forgotten.
    rates = stream(RATES, "$KV.RATES.*", 2 * MINUTE)
    quotas = stream(QUOTAS, "$KV.QUOTAS.*", 2 * DAY)
    for bucket in (leases, rates, quotas):
        bucket.max_msgs_per_subject = 1
    return (
        stream(ASKS, "ask.>", keep.steps),
        heard(once(stream(ANSWERS, "answer.>", keep.steps)), "answer.>", "answered.>"),
        # Ten minutes of ids: whoever submits a turn again later finds its result instead.
        stream(TURNS_IN, "turn.in.*", keep.turns, window=10 * MINUTE),
        heard(stream(TURNS_OUT, "turn.out.*.*", keep.results), "turn.out.>", "heard.turn.>"),
        once(stream(EVENTS, "event.>", keep.events)),
        stream(DEAD, "dead.>", keep.dead),
        leases,
        rates,
        quotas,
    )


async def ensure_streams(manager: JetStreamManager, keep: Retention) -> None:
    """Create what is missing and change what has other limits.

    Raises:
        BusDown: a stream cannot be made or changed; the message names it and says what the server said.
    """
    for config in configs(keep):
        try:
            await manager.add_stream(config)
        except BadRequestError:
            # It is there with other settings: ages may be changed, storage and retention may not.
            try:
                await manager.update_stream(config)
            except BadRequestError as error:
                raise BusDown(
                    f"stream {config.name} exists and cannot be changed to ours: {error.description}; "
                    "give this installation a NATS account of its own, or remove that stream"
                ) from None
