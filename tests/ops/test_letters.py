"""Dead letters on the operators' page: seen without their text, put back or taken out, each by itself."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx
import pytest

from gateway.ops.letters import MOST
from shared.adapters.memory.audit import MemoryAudit
from shared.agent import Agent
from shared.contracts import SCREEN, TurnAccepted, TurnFinished
from shared.errors import AskFailed, BadMessage, BusDown
from shared.ports import Bus
from tests.bus.sample import Screener, Told, accepted, answer_all, buried, screen, until
from tests.console.desk import PAGE, ConsoleDesk

CONVERSATION = "c-abc123"
SECRET = "kumquatwobble"


class Worker:
    """Fails until it is mended."""

    mended = False

    async def __call__(self, turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        if not self.mended:
            raise BadMessage("<b>a bug</b>")
        return await answer_all(turns)


@asynccontextmanager
async def some(bus: Bus, turns: int = 2) -> AsyncIterator[tuple[Worker, Told]]:
    """So many turns that died, and an ask; the worker is there."""
    worker, told = Worker(), Told()
    async with bus.work(worker, finished=told):
        for n in range(turns):
            await bus.submit(accepted(f"t{n}", CONVERSATION, text=SECRET))
        async with bus.serve(Agent("critic").answers(SCREEN, Screener(BadMessage("no")))):
            with pytest.raises(AskFailed):
                await bus.ask(SCREEN, screen(conversation="Robert Smith".replace(" ", "-")), timeout=20)
        await buried(bus, turns + 1)
        yield worker, told


async def send(ops: ConsoleDesk, *letters: str, role: str = "operator", **fields: str) -> httpx.Response:
    data = {"letter": list(letters), **fields}
    return await ops.http(role).post("/ops/dead-letters", data=data, headers=PAGE)


def written(ops: ConsoleDesk, action: str) -> list[tuple[str, str, str]]:
    """Who did what to which conversation."""
    audit = ops.desk.entries.audit
    assert isinstance(audit, MemoryAudit)
    deeds = [line.deed for line in audit.lines if line.deed.action == action]
    return [(deed.actor, deed.purpose, deed.conversation_id) for deed in deeds]


async def test_what_it_says_stays_closed(ops: ConsoleDesk) -> None:
    """Kind, who, why, size and conversation, as page and as JSON; never the text, nor a stranger's id."""
    async with some(ops.desk.bus):
        page = (await ops.http("operator").get("/ops/dead-letters", headers=PAGE)).text
        answer = await ops.http("operator").get("/ops/dead-letters")
    for text in (page, answer.text):
        assert SECRET not in text
        assert "Robert" not in text
        assert CONVERSATION in text
    assert "BadMessage: &lt;b&gt;a bug" in page
    turn, _, ask = answer.json()["dead_letters"]
    assert (turn["kind"], turn["what"], turn["by"], turn["resendable"]) == (
        "turn",
        "turn",
        "conversation",
        True,
    )
    assert (ask["kind"], ask["what"], ask["by"], ask["resendable"]) == (
        "ask", "critic.screen.v1", "critic-screen-v1", False,
    )  # fmt: skip
    assert ask["conversation_id"] == ""
    assert turn["bytes"] > 50


async def test_put_back_by_hand(ops: ConsoleDesk) -> None:
    """Confirmed first; asks are left out; each is written down with who, what and why; once."""
    async with some(ops.desk.bus) as (worker, told):
        letters = [each.id for each in await ops.desk.bus.dead_letters()]
        query = [("act", "resend"), *(("letter", each) for each in letters)]
        asked = await ops.http("operator").get("/ops/dead-letters/confirm", params=query, headers=PAGE)
        assert "Put back 2 letters" in asked.text
        assert "1 ask is left out" in asked.text
        assert told.turns == []
        worker.mended = True
        done = await send(ops, *letters, act="resend", reason="mended")
        assert "Put back: 2 of 3" in done.text
        assert "it can only be discarded" in done.text
        await until(lambda: sorted(set(told.turns)) == ["t0", "t1"])
        again = await send(ops, letters[0], act="resend", reason="mended")
        assert "somebody else was faster" in again.text
        assert [each.id for each in await ops.desk.bus.dead_letters()] == letters[2:]
    line = ("staff:m-operator", "turn turn of conversation: mended", CONVERSATION)
    assert written(ops, "dead_letter_resent") == [line] * 2


async def test_discard(ops: ConsoleDesk) -> None:
    """With a reason of the list; nobody works on it."""
    async with some(ops.desk.bus, 1) as (worker, told):
        worker.mended = True
        [turn, ask] = [each.id for each in await ops.desk.bus.dead_letters()]
        done = await send(ops, turn, ask, act="discard", reason="needless")
        assert "Discarded: 2 of 2" in done.text
        assert await ops.desk.bus.dead_letters() == ()
        assert told.turns == []
    assert [purpose for _, purpose, _ in written(ops, "dead_letter_discarded")] == [
        "turn turn of conversation: needless",
        "ask critic.screen.v1 of critic-screen-v1: needless",
    ]


async def test_what_cannot_be_taken(ops: ConsoleDesk) -> None:
    """Said with the field, the value and what could be; nothing is written down."""
    mended = {"act": "resend", "reason": "mended"}
    for letters, fields, said in (
        (["1"], {"act": "burn", "reason": "mended"}, "act: &#39;burn&#39; is not one of resend, discard"),
        (["1"], {"act": "discard", "reason": "mended"}, "is not one of by_hand, needless, garbage"),
        (["1"], {"act": "resend"}, "reason:"),
        ([], mended, "letter: 0 are chosen"),
        ([str(n) for n in range(MOST + 1)], mended, "choose 1 to 100"),
        (["1"] * 300, mended, "send fewer"),
    ):
        answer = await send(ops, *letters, **fields)
        assert answer.status_code == 422
        assert said in answer.text
    assert written(ops, "dead_letter_resent") == []


async def test_nothing_is_done_that_cannot_be_written_down(ops: ConsoleDesk) -> None:
    """Nor while the bus is down; both are told for each letter."""
    async with some(ops.desk.bus, 1):
        letter = (await ops.desk.bus.dead_letters())[0].id
        audit = ops.desk.entries.audit
        assert isinstance(audit, MemoryAudit)
        # Who comes in is written down too, once an hour: so the audit fails after that.
        await ops.http("operator").get("/ops/dead-letters")
        audit.down = "the disk is full"
        done = await send(ops, letter, act="resend", reason="mended")
        assert "Put back: 0 of 1" in done.text
        assert "the disk is full" in done.text
        assert len(await ops.desk.bus.dead_letters()) == 2


async def test_a_bus_that_is_down_is_told(ops: ConsoleDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a page that can be read, never as a bug."""

    async def down(**_: object) -> None:
        raise BusDown("NATS does not answer; is nats-server up?")

    monkeypatch.setattr(ops.desk.bus, "dead_letters", down)
    answer = await ops.http("operator").get("/ops/dead-letters", headers=PAGE)
    assert answer.status_code == 503
    assert "<h1>" in answer.text


async def test_without_any(ops: ConsoleDesk) -> None:
    """All is well."""
    page = (await ops.http("operator").get("/ops/dead-letters", headers=PAGE)).text
    assert "everything that came was handled" in page
