"""Follow-ups are kept until they are done, and then for as long as is set."""

from msgspec import structs

from gateway.rights.context import task_owner
from launch.retaining import Retaining
from shared.wiring import Services
from tests.rights.test_retention import DAY, NOW, at, job, ran, services, talked
from tests.tasks import daily, task

__all__ = ["job", "services"]  # fixtures


async def test_what_is_to_be_done_stays_with_its_conversation(services: Services, job: Retaining) -> None:
    """For ever while it is open; by its own limit once it is done, and the conversation by its own."""
    talk = await talked(services, "t-1", at=NOW)
    tasks, store = await services.tasks(), await services.store()
    kept = await tasks.add(task(conversation_id=talk))
    at(services, NOW + 3000 * DAY)
    assert await ran(job) == {"feedback": 1, "gaps": 1}
    assert await store.read(talk) is not None
    await tasks.change(structs.replace(kept, status="done"), at=NOW + 3000 * DAY)
    assert await ran(job) == {"conversations": 1, "values": 1}
    at(services, NOW + 3045 * DAY)
    assert await ran(job) == {}
    at(services, NOW + 3045 * DAY + 1)
    assert await ran(job) == {"tasks": 1}


async def test_values_of_a_task_about_no_conversation(services: Services, job: Retaining) -> None:
    """They go when the last of its series has been over for long enough: the others have the same words."""
    tasks, vault = await services.tasks(), await services.vault()
    owner = task_owner("k-1")
    name = await vault.token("Mrs Lund", conversation_id=owner, owner=owner)
    first = await tasks.add(task(title=f"Call {name}", recurrence=daily(), created_at=NOW))
    _, second = await tasks.change(structs.replace(first, status="done"), at=NOW)
    at(services, NOW + 100 * DAY)
    await job.run()
    assert (await tasks.get(first.id), await vault.count([owner])) == (None, 1)
    await tasks.change(structs.replace(second, status="cancelled"), at=NOW + 100 * DAY)
    for moment, left in ((145 * DAY, 1), (145 * DAY + 1, 0)):
        at(services, NOW + moment)
        await job.run()
        assert await vault.count([owner]) == left
    assert await tasks.get(second.id) is None
