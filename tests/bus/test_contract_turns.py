"""What every bus promises of turns: one result each, in order; in memory and on a real nats-server."""

import asyncio
from collections.abc import Sequence
from itertools import count

from shared.adapters.bus_rules import partition_of
from shared.contracts import CaseChanged, StaffSeen, TaskTold, TurnAccepted, TurnFinished, TurnProgress
from shared.errors import StoreDown
from shared.ports import Bus, Delivered
from tests.bus.conftest import Desk
from tests.bus.sample import Told, accepted, answer_all, answered, buried, nothing, until


async def test_a_turn_gets_its_one_result(bus: Bus) -> None:
    """A submitted turn is worked on, its result stored, told to `finished` and found again."""
    told = Told()
    assert await bus.result("c1", "t1") is None
    async with bus.work(answer_all, finished=told):
        await bus.submit(accepted())
        await until(lambda: bool(told.results))
    result = told.results[0]
    assert await bus.result("c1", "t1") == result
    assert list(await bus.results("c1")) == [result]
    assert list(await bus.results("c1", after=result.seq)) == []
    assert await bus.result("c1", "t2") is None
    assert result.turn.reply == "done"


async def test_the_same_turn_is_worked_on_once(bus: Bus) -> None:
    """Submitting a turn again, before and after it was answered, changes nothing."""
    worked: list[str] = []

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        worked.extend(turn.turn_id for turn in turns)
        return await answer_all(turns)

    async with bus.work(worker, finished=nothing):
        await bus.submit(accepted())
        await bus.submit(accepted())
        await until(lambda: bool(worked))
        await bus.submit(accepted())
        await bus.submit(accepted(turn="t2"))
        await until(lambda: "t2" in worked)
    assert worked == ["t1", "t2"]


async def test_a_turn_waits_for_its_worker(bus: Bus) -> None:
    """What was submitted while nobody works is answered when somebody does."""
    for n in range(20):
        await bus.submit(accepted(turn=f"t{n}", conversation=f"c{n}"))
    told = Told()
    async with bus.work(answer_all, finished=told):
        await until(lambda: len(set(told.turns)) == 20)


async def test_a_burst_is_answered_together_and_in_order(bus: Bus) -> None:
    """Turns that come while one of their conversation runs are passed together, in order, afterwards."""
    bursts: list[list[str]] = []
    started, go = asyncio.Event(), asyncio.Event()
    told = Told()
    same_partition = next(c for c in (f"other{n}" for n in count()) if partition_of(c) == partition_of("c1"))

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        bursts.append([turn.turn_id for turn in turns])
        started.set()
        await go.wait()
        last = turns[-1].turn_id
        return [answered(turn, with_turn="" if turn.turn_id == last else last) for turn in turns]

    async with bus.work(worker, finished=told):
        await bus.submit(accepted(turn="t0"))
        await started.wait()
        for n in range(1, 5):
            await bus.submit(accepted(turn=f"t{n}"))
        await bus.submit(accepted(turn="x0", conversation=same_partition))
        await until(lambda: ["x0"] in bursts)
        # The other conversation of this partition was submitted last and has arrived: so have the four.
        go.set()
        await until(lambda: len(set(told.turns)) == 6)
    in_c1 = [burst for burst in bursts if burst != ["x0"]]
    assert in_c1 == [["t0"], ["t1", "t2", "t3", "t4"]]
    seqs = [each.seq for each in await bus.results("c1")]
    assert seqs == sorted(seqs)
    assert [each.turn.turn_id for each in await bus.results("c1")] == [f"t{n}" for n in range(5)]


async def test_turns_of_one_conversation_never_overlap(bus: Bus) -> None:
    """Many turns in few conversations: in order, and never two of one conversation at once."""
    running: set[str] = set()
    order: dict[str, list[int]] = {f"c{n}": [] for n in range(7)}

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        conversation = turns[0].conversation_id
        assert conversation not in running
        running.add(conversation)
        await asyncio.sleep(0.001)
        order[conversation].extend(int(turn.text) for turn in turns)
        running.discard(conversation)
        return await answer_all(turns)

    async with bus.work(worker, finished=nothing):
        for n in range(140):
            await bus.submit(accepted(turn=f"t{n}", conversation=f"c{n % 7}", text=str(n)))
        await until(lambda: sum(map(len, order.values())) == 140)
    assert all(numbers == sorted(numbers) for numbers in order.values())


async def test_a_worker_that_fails_is_tried_again_before_later_turns(bus: Bus) -> None:
    """A passing failure of the worker delays its conversation and reorders nothing."""
    errors: list[Exception] = [StoreDown("locked"), StoreDown("locked")]
    worked: list[str] = []

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        if errors:
            raise errors.pop()
        worked.extend(turn.turn_id for turn in turns)
        return await answer_all(turns)

    async with bus.work(worker, finished=nothing):
        await bus.submit(accepted(turn="t1"))
        await bus.submit(accepted(turn="t2"))
        await until(lambda: len(worked) == 2)
    assert worked == ["t1", "t2"]


async def test_a_turn_no_worker_can_answer_is_dead_lettered(bus: Bus) -> None:
    """A worker that cannot answer loses nothing silently: the turn is a dead letter, the next goes on."""

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        return [] if turns[0].turn_id == "t1" else await answer_all(turns)

    told = Told()
    async with bus.work(worker, finished=told):
        await bus.submit(accepted(turn="t1"))
        await buried(bus, 1)
        await bus.submit(accepted(turn="t2"))
        await until(lambda: told.turns == ["t2"])
    [dead] = await bus.dead_letters()
    assert dead.subject.startswith("turn.in.")
    assert b"t1" in dead.data


async def test_finished_is_called_until_it_works(bus: Bus) -> None:
    """A store that is down for a while still learns every result."""
    calls: list[int] = []

    async def finished(delivered: Sequence[Delivered]) -> None:
        calls.append(len(delivered))
        if len(calls) < 9:
            raise StoreDown("the disk is full")

    async with bus.work(answer_all, finished=finished):
        await bus.submit(accepted())
        await until(lambda: len(calls) == 9)


async def test_who_watches_sees_signs_and_results_in_order(bus: Bus) -> None:
    """A watcher sees the signs of a turn, then its result, for every conversation."""

    async def worker(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
        for turn in turns:
            await bus.progress(
                TurnProgress(conversation_id=turn.conversation_id, turn_id=turn.turn_id, stage="writing")
            )
        return await answer_all(turns)

    seen: dict[str, list[str]] = {}
    async with bus.watch() as news, bus.work(worker, finished=nothing):
        for n in range(10):
            await bus.submit(accepted(turn=f"t{n}", conversation=f"c{n}"))
        async with asyncio.timeout(30):
            async for each in news:
                turn = each.turn if isinstance(each, Delivered) else each
                kind = "result" if isinstance(each, Delivered) else "sign"
                seen.setdefault(turn.conversation_id, []).append(kind)
                if sum(map(len, seen.values())) == 20:
                    break
    assert all(kinds == ["sign", "result"] for kinds in seen.values())


async def test_who_watches_sees_what_staff_do(bus: Bus) -> None:
    """Each kind of passing sign comes as what it was."""
    about = {"conversation_id": "c-1", "case_id": "h-1", "by": "staff:m-1"}
    signs = [
        CaseChanged(**about, version=2, kind="CaseClaimed"),
        StaffSeen(**about, name="Emma", doing="typing"),
        TaskTold(conversation_id="task-k-1", task_id="k-1", assignee="m-1", before=900),
    ]
    async with bus.watch() as news:
        for sign in signs:
            await bus.progress(sign)
        async with asyncio.timeout(20):
            assert [await anext(news) for _ in signs] == signs


async def test_two_workers_share_and_hand_over(desk: Desk) -> None:
    """Turns go to both of two workers; when one leaves the other takes all, and nothing is lost."""
    first, second = await desk.open(), await desk.open()
    by: dict[str, list[str]] = {"first": [], "second": []}

    def worker(name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
        async def work(turns: Sequence[TurnAccepted]) -> Sequence[TurnFinished]:
            by[name].extend(turn.turn_id for turn in turns)
            return await answer_all(turns)

        return work

    async with first.work(worker("first"), finished=nothing):
        async with second.work(worker("second"), finished=nothing):
            sent = 0

            async def both() -> bool:
                nonlocal sent
                await first.submit(accepted(turn=f"t{sent}", conversation=f"c{sent}"))
                sent += 1
                return bool(by["first"] and by["second"])

            await until(both)
        for n in range(50):
            await first.submit(accepted(turn=f"u{n}", conversation=f"d{n}"))
        await until(lambda: len(by["first"]) + len(by["second"]) >= sent + 50)
    everything = by["first"] + by["second"]
    assert len(everything) == len(set(everything)) == sent + 50
