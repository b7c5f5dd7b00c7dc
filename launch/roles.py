"""What each process runs: a role opens its ports and serves until its context closes."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from prometheus_client import CollectorRegistry

from agents import actions, analytics, critic, editing, escalation, intent, knowledge, promises, response
from agents import helpdesk as tickets
from launch.casework import kept_mirrored
from launch.ending import Ending
from launch.filing import kept_filed
from launch.knowledge import kept_in_sync
from shared import contracts as c
from shared.agent import Agent
from shared.promises import Following
from shared.routing.helplines import helplines
from shared.routing.outlooks import Outlooks
from shared.routing.queues import routing
from shared.wiring import Services
from shared.wiring.editing import open_editor
from shared.wiring.tracing import Tracing


@dataclass(frozen=True)
class Running:
    """What roles of one process share."""

    services: Services
    registry: CollectorRegistry
    tracing: Tracing = field(default_factory=Tracing)
    ending: Ending = field(default_factory=Ending)


Role = Callable[[Running], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def run_intent(running: Running) -> AsyncIterator[None]:
    """The intent agent."""
    services = running.services
    agent = Agent("intent").answers(
        c.CLASSIFY, partial(intent.classify, understanding=await services.understanding())
    )
    async with (await services.bus("intent")).serve(agent):
        yield


@asynccontextmanager
async def run_knowledge(running: Running) -> AsyncIterator[None]:
    """The knowledge agent; brings its index up to date before it answers, then keeps it so."""
    services = running.services
    index = await services.index()
    interval = services.settings.knowledge_interval
    fetch = partial(
        knowledge.fetch,
        shop=await services.shop(),
        tries=await services.proof_tries(),
        audit=await services.audit(),
        clock=services.clock,
    )
    sync = await services.knowledge_sync()
    editor = await open_editor(services, sync)
    agent = (
        Agent("knowledge")
        .answers(c.RETRIEVE, partial(knowledge.retrieve, index=index))
        .answers(c.FETCH, fetch)
        .answers(c.LIST_DOCUMENTS, partial(editing.documents, editor=editor))
        .answers(c.OPEN_DOCUMENT, partial(editing.opened, editor=editor))
        .answers(c.PREVIEW_EDIT, partial(editing.previewed, editor=editor))
        .answers(c.PUBLISH_EDIT, partial(editing.published, editor=editor))
    )
    bus = await services.bus("knowledge")
    async with kept_in_sync(sync, index, interval), bus.serve(agent):
        yield


@asynccontextmanager
async def run_response(running: Running) -> AsyncIterator[None]:
    """The response agent."""
    services = running.services
    agent = Agent("response").answers(c.WRITE, partial(response.write, writer=await services.writer()))
    async with (await services.bus("response")).serve(agent):
        yield


@asynccontextmanager
async def run_critic(running: Running) -> AsyncIterator[None]:
    """The critic agent."""
    services = running.services
    judge = await services.judge()
    agent = (
        Agent("critic")
        .answers(c.SCREEN, partial(critic.screen, judge=judge))
        .answers(c.JUDGE, partial(critic.judge_reply, judge=judge))
    )
    async with (await services.bus("critic")).serve(agent):
        yield


@asynccontextmanager
async def run_escalation(running: Running) -> AsyncIterator[None]:
    """The escalation agent; hears finished turns to file what the helpdesk has not taken yet."""
    services = running.services
    store, helpdesk = await services.store(), await services.helpdesk()
    routing()  # a wrong file of queues is refused now, not when somebody asks for a person
    agent = (
        Agent("escalation")
        .answers(c.ASSESS, partial(escalation.assess, watch=services.watch()))
        .answers(
            c.REQUEST_PERSON,
            partial(escalation.request_person, store=store, helpdesk=helpdesk, clock=services.clock),
        )
    )
    bus, cases = await services.bus("escalation"), await services.cases()
    follow_up = partial(escalation.follow_up, store=store, helpdesk=helpdesk)
    changed = partial(tickets.ticket_changed, cases=cases, helpdesk=helpdesk)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(bus.serve(agent))
        await stack.enter_async_context(bus.listen(c.TURN_FINISHED, follow_up, name="escalation"))
        for event in (c.TICKET_UPDATED, c.TICKET_CLOSED, c.TICKET_ASSIGNED, c.TICKET_PRIORITY_CHANGED):
            await stack.enter_async_context(bus.listen(event, changed, name="escalation"))
        await stack.enter_async_context(
            kept_mirrored(partial(tickets.mirror, cases=cases, helpdesk=helpdesk))
        )
        await stack.enter_async_context(kept_filed(store, helpdesk))
        yield


@asynccontextmanager
async def run_analytics(running: Running) -> AsyncIterator[None]:
    """The analytics agent."""
    bus = await running.services.bus("analytics")
    await running.services.budget()  # it says so when nothing can be counted
    hear = partial(analytics.hear_turn, ledger=await running.services.spending())
    async with (
        bus.listen(c.TURN_FINISHED, hear, name="analytics"),
        bus.listen(c.FEEDBACK_GIVEN, analytics.count_feedback, name="analytics"),
    ):
        yield


@asynccontextmanager
async def run_promises(running: Running) -> AsyncIterator[None]:
    """The promises agent; hears of replies and of what the shop and the helpdesk did."""
    services = running.services
    bus = await services.bus("promises")
    following = Following(await services.tasks(), bus, services.clock.now)
    ledger = promises.Ledger(
        await services.promises(), await services.store(), services.clock, on_due=following.follow
    )
    heard: tuple[tuple[Any, Any], ...] = (
        (c.TURN_FINISHED, promises.hear_turn),
        (c.SHOP_ORDER_PAID, promises.hear_order),
        (c.SHOP_ORDER_FULFILLED, promises.hear_order),
        (c.SHOP_ORDER_CANCELLED, promises.hear_order),
        (c.TICKET_UPDATED, promises.hear_ticket),
        (c.TICKET_CLOSED, promises.hear_ticket),
        (c.TASK_CHANGED, promises.hear_task),
    )
    async with AsyncExitStack() as stack:
        for event, hear in heard:
            await stack.enter_async_context(bus.listen(event, partial(hear, ledger=ledger), name="promises"))
        await stack.enter_async_context(promises.kept_watch(ledger))
        yield


@asynccontextmanager
async def run_actions(running: Running) -> AsyncIterator[None]:
    """The actions agent, the only one with write rights at the shop."""
    services = running.services
    agent = Agent("actions").answers(c.EXECUTE, partial(actions.execute, shop=await services.shop()))
    async with (await services.bus("actions")).serve(agent):
        yield


@asynccontextmanager
async def run_conversation(running: Running) -> AsyncIterator[None]:
    """The conversation service; only it pays for importing the graph."""
    from conversation.planning.plan import Planner  # noqa: PLC0415
    from conversation.rules.playbooks import load_playbooks, load_policy  # noqa: PLC0415
    from conversation.service import serve_conversations  # noqa: PLC0415
    from conversation.steps import Steps  # noqa: PLC0415

    services = running.services
    helplines()  # a wrong file of helplines is refused now, not when somebody is in need
    planner = Planner(playbooks=load_playbooks(), policy=load_policy(), reader=services.product_reader())
    steps = Steps(
        bus=await services.bus("conversation"),
        store=await services.store(),
        planner=planner,
        words=services.words(),
        rules=services.rules(),
        watch=services.watch(),
        language_of=services.language_of,
        clock=services.clock,
        outlooks=Outlooks(await services.cases(), await services.duty(), routing(), services.clock.now),
        tasks=await services.tasks(),
        approvals=await services.approvals(),
    )
    async with serve_conversations(steps):
        yield


AGENTS: dict[str, Role] = {
    "intent": run_intent,
    "knowledge": run_knowledge,
    "response": run_response,
    "critic": run_critic,
    "escalation": run_escalation,
    "analytics": run_analytics,
    "promises": run_promises,
    "actions": run_actions,
    "conversation": run_conversation,
}


@asynccontextmanager
async def run_all(running: Running) -> AsyncIterator[None]:
    """Every agent and the conversation in this process."""
    async with AsyncExitStack() as stack:
        for name, role in AGENTS.items():
            await stack.enter_async_context(role(running))
            stack.callback(running.ending.at, f"what {name} has in hand")
        yield
