"""Promises are kept for as long as is set, and those still to come until they are."""

from launch.retaining import Retaining
from shared.wiring import Services
from tests.promises.made import promised
from tests.rights.test_retention import DAY, NOW, at, job, ran, services

__all__ = ["job", "services"]  # fixtures


async def test_promises_go_by_their_own_limit(services: Services, job: Retaining) -> None:
    """70 days after they were made; one for the spring 70 days after it was due."""
    promises = await services.promises()
    kept = promised(due=NOW + DAY, at=NOW, turn_id="t-1")
    spring = promised(due=NOW + 100 * DAY, at=NOW, turn_id="t-2")
    undated = promised("I'm sending you a new label.", at=NOW, turn_id="t-3")
    await promises.record([kept, spring, undated])
    await promises.keep(kept.id, "staff:7", at=NOW + DAY)
    at(services, NOW + 70 * DAY)
    assert await ran(job) == {}
    at(services, NOW + 70 * DAY + 1)
    assert await ran(job) == {"promises": 2}
    assert [each.id for each in await promises.of("c-1")] == [spring.id]
    at(services, NOW + 170 * DAY + 1)
    assert await ran(job) == {"promises": 1}
