"""A bug of ours in the middle of a turn is no reason for silence."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conversation.planning.plan import Planner
from conversation.rules.playbooks import load_playbooks, load_policy
from conversation.service import serve_conversations
from conversation.steps import Steps
from conversation.turn import Plan
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.scripted import ScriptedModel
from shared.adapters.sqlite.store import open_store
from shared.agent import Agent
from shared.contracts import CLASSIFY, JUDGE, SCREEN, WRITE, HandOver, TurnAccepted
from shared.errors import StoreDown
from shared.ports import Delivered
from shared.settings import Settings
from shared.wiring import open_services
from tests.bus.sample import until

TURN = TurnAccepted(
    conversation_id="c-bug", turn_id="t-bug", text="My zanzibar parcel", accepted_at=1_790_000_000.0
)


@dataclass(frozen=True)
class _Broken(Planner):
    """A planner that raises these errors, one a try, before it works."""

    errors: list[Exception]

    async def plan(self, *args: Any, **named: Any) -> Plan:
        if self.errors:
            raise self.errors.pop()
        return await super().plan(*args, **named)


async def _answered(
    tmp_path: Path, errors: list[Exception], monkeypatch: pytest.MonkeyPatch
) -> tuple[Delivered, list[HandOver]]:
    """Run one turn over the real graph; its result, and who waits for a person then."""
    # Nobody serves knowledge and escalation: their asks end at once instead of after 15 s.
    monkeypatch.setattr("conversation.steps.ASK_SECONDS", 0.3)
    model, bus = ScriptedModel(), MemoryBus(backoff=(0.01,))
    agent = (
        Agent("model")
        .answers(CLASSIFY, model.classify)
        .answers(SCREEN, model.screen)
        .answers(WRITE, model.write)
        .answers(JUDGE, model.judge)
    )
    async with open_store(tmp_path / "desk.db") as store, open_services(Settings()) as services:
        steps = Steps(
            bus=bus,
            store=store,
            planner=_Broken(load_playbooks(), load_policy(), services.product_reader(), errors),
            words=services.words(),
            rules=services.rules(),
            watch=services.watch(),
            language_of=services.language_of,
            clock=services.clock,
        )
        async with bus.serve(agent), serve_conversations(steps):
            await bus.submit(TURN)

            async def stored() -> bool:
                return await store.read("c-bug") is not None

            await until(stored)
        waiting = list(await store.waiting())
    assert await bus.dead_letters() == ()
    [delivered] = await bus.results("c-bug")
    return delivered, waiting


async def test_a_turn_that_meets_a_bug_is_handed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The customer is told that a person answers, a person has the case, and no log quotes the customer."""
    delivered, waiting = await _answered(tmp_path, [KeyError("My zanzibar parcel")], monkeypatch)
    result = delivered.turn
    assert (result.status, bool(result.reply)) == ("handed_over", True)
    assert result.escalation is not None
    assert (result.escalation.reason, [case.id for case in waiting]) == (
        "engine_down",
        [result.escalation.id],
    )
    # What its agents took until then was paid, whatever became of it.
    assert [usage.engine for usage in result.usages] == ["scripted"]
    assert "KeyError" in caplog.text
    assert "zanzibar" not in caplog.text


async def test_trouble_that_may_pass_is_tried_until_it_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is no bug: however often the turn meets it, it is answered when there is space again."""
    errors: list[Exception] = [StoreDown("the disk is full") for _ in range(8)]
    delivered, waiting = await _answered(tmp_path, errors, monkeypatch)
    assert (delivered.turn.status, delivered.turn.reply) == ("answered", "Scripted reply to t-bug.")
    assert not waiting
