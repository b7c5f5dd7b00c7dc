"""What operators' pages and commands do on the bus, with the rights that their users have."""

from pathlib import Path

import pytest

from shared.adapters.nats.access import SERVICES, consumers
from shared.contracts import TURN_FINISHED, TurnFinished
from shared.errors import BadMessage
from tests.bus.sample import accepted, answered, buried, until
from tests.security.bus_users import house


async def test_the_gateway_looks_at_the_bus_and_puts_letters_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Every service's consumers are seen; an event that one gave up comes back to it; nothing is denied."""
    heard: list[str] = []

    async def listener(body: TurnFinished) -> None:
        heard.append(body.turn_id)
        if len(heard) == 1:
            raise BadMessage("a bug")

    async with (
        house(tmp_path) as place,
        place.bus("conversation") as talk,
        place.bus("gateway") as gateway,
        place.bus("ops") as ops,
        place.bus("analytics") as analytics,
        analytics.listen(TURN_FINISHED, listener, name="analytics"),
    ):
        for bus in (gateway, ops):
            there = {each.service for each in (await bus.load()).consumers if each.there}
            assert there == {name for name in SERVICES if consumers(name)}
        # An event that the gateway itself never tells.
        await talk.publish(TURN_FINISHED, answered(accepted()), key="t1")
        await buried(gateway, 1)
        [letter] = await ops.dead_letters()
        assert letter.by == "analytics-turn-finished-v1"
        assert await gateway.resend(letter.id)
        await until(lambda: heard == ["t1", "t1"])
        assert not await ops.discard(letter.id)
    assert "no permission" not in caplog.text
