"""What is kept of a turn to run it again: with its results, once, bounded, and gone with them."""

import time
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from conversation import recording
from conversation.recording import Tape, Tapes, recorded_turn
from gateway.rights.exporting import _plain
from shared import contracts as c
from shared.adapters.sqlite.recordings import open_recordings
from shared.adapters.sqlite.retention import open_retention
from shared.adapters.sqlite.store import open_store
from shared.contracts.recordings import RecordedTurn
from shared.errors import StoreDown
from shared.ports import Delivered
from shared.ports.recordings import Told
from tests.conversation.desk import running, understood
from tests.store.asked import unanswered


def turn(turn_id: str, at: float, text: str = "Do you rent kayaks?") -> c.TurnAccepted:
    return c.TurnAccepted(conversation_id="c-t-1", turn_id=turn_id, text=text, accepted_at=at)


def recorded(*turns: c.TurnAccepted) -> RecordedTurn:
    return recorded_turn(Tape(turns), None)


async def told(folder: Path, conversation_id: str = "c-1") -> Told:
    async with open_recordings(folder / "desk.db") as recordings:
        found = await recordings.of(conversation_id)
    assert found is not None
    return found


async def test_a_turn_is_recorded_with_its_result(tmp_path: Path) -> None:
    """Its message, the state before it, what was found, who was asked for; a packet is kept once."""
    async with running(tmp_path, {c.CLASSIFY: understood("FEEDBACK")}) as desk:
        await desk.say("lovely shop")
        await desk.say("I want to talk to a human")
        await desk.say("hello?")
    first, second, third = (await told(tmp_path)).recorded
    assert [each.turns[0].text for each in (first, second)] == ["lovely shop", "I want to talk to a human"]
    assert first.before is None
    assert second.before is not None
    assert second.before.history[0].text == "lovely shop"
    assert [each.of for each in first.answers] == ["store.case_of", "knowledge.retrieve.v1"]
    asked = next(each for each in second.answers if each.of == c.REQUEST_PERSON.subject)
    given = msgspec.msgpack.decode(asked.answer, type=c.PersonRequested).hand_over
    assert (given.reason, given.packet.summary) == ("asked_for_person", "")
    (case,) = [msgspec.msgpack.decode(e.answer, type=c.Case) for e in third.answers if "case_of" in e.of]
    assert (case.phase, case.hand_over.packet.summary) == ("waiting", "")


async def test_an_export_spells_it_out(tmp_path: Path) -> None:
    """What was kept in bytes is readable, and counts as kept."""
    async with running(tmp_path, {c.CLASSIFY: understood("FEEDBACK")}) as desk:
        await desk.say("lovely shop")
        (held,) = await desk.service.steps.store.held(["c-1"])
    (shown,) = _plain(held)["recorded_turns"]
    assert shown["turns"][0]["text"] == "lovely shop"
    case, passages = shown["answers"]
    assert (case["of"], case["answer"]) == ("store.case_of", None)
    assert passages["asked"]["text"] == "lovely shop"


async def test_a_failing_agent_is_recorded_as_one(tmp_path: Path) -> None:
    """The kind of its problem; no words of it."""

    async def broken(_: c.Message) -> c.Message:
        raise ValueError("a secret")

    async with running(tmp_path, {c.RETRIEVE: broken, c.ASSESS: broken}) as desk:
        await desk.say("lovely shop")
    (only,) = (await told(tmp_path)).recorded
    failed = sorted((each.of, each.answer, each.error) for each in only.answers if each.error)
    assert failed == [
        ("escalation.assess.v1", b"", "ValueError"), ("knowledge.retrieve.v1", b"", "ValueError"),
    ]  # fmt: skip


async def test_a_burst_is_one_recording_and_is_kept_once(tmp_path: Path) -> None:
    """Heard again after a crash nothing is added; another process's results have none here."""
    async with running(tmp_path, {}) as desk:
        results = await desk.service.answer([turn("b-1", 1.0), turn("b-2", 2.0)])
        delivered = [Delivered(seq=n, turn=each) for n, each in enumerate(results)]
        assert [each.turn_id for each in desk.service.tapes.of(delivered)] == ["b-2"]
        await desk.service.heard(delivered)
        await desk.service.heard(delivered)
        assert desk.service.tapes.of(delivered) == []
    found = await told(tmp_path, "c-t-1")
    assert [[t.turn_id for t in each.turns] for each in found.recorded] == [["b-1", "b-2"]]


async def test_a_recording_waits_for_a_store_that_is_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is written when the results are."""
    async with running(tmp_path, {}) as desk:
        results = await desk.service.answer([turn("b-1", 1.0)])
        delivered = [Delivered(seq=1, turn=results[0])]

        async def down(*_: object, **__: object) -> None:
            raise StoreDown("the disk is full")

        with monkeypatch.context() as patched:
            patched.setattr(desk.service.steps.store, "record", down, raising=False)
            with pytest.raises(StoreDown):
                await desk.service.heard(delivered)
        await desk.service.heard(delivered)
    assert len((await told(tmp_path, "c-t-1")).recorded) == 1


def test_what_waits_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of results that are never stored the oldest recordings go."""
    monkeypatch.setattr(recording, "_MOST_WAITING", 2)
    tapes = Tapes()
    results = [structs.replace(unanswered("?", "t-1").turn, turn_id=f"t-{n}") for n in range(3)]
    for each in results:
        tapes.keep(Tape((turn(each.turn_id, 1.0),)), [each])
    delivered = [Delivered(seq=1, turn=each) for each in results]
    assert [each.turn_id for each in tapes.of(delivered)] == ["t-1", "t-2"]


def test_what_cannot_be_encoded_is_no_reason_to_lose_a_result(caplog: pytest.LogCaptureFixture) -> None:
    """A fault of ours costs the recording, and is said without a word of the customer's."""
    tape = Tape((turn("t-1", 1.0),))
    tape.note("store.case_of", None, object())
    tapes, result = Tapes(), unanswered("?", "t-1")
    tapes.keep(tape, [result.turn])
    assert [each.lost for each in tapes.of([result])] == ["unreadable"]
    assert "t-1 cannot be recorded: TypeError" in caplog.text
    assert "kayaks" not in caplog.text


async def test_too_large_is_said_and_damaged_is_said(tmp_path: Path) -> None:
    """Neither keeps the conversation from being read, exported or erased."""
    async with open_store(tmp_path / "desk.db") as store:
        result = unanswered("Do you rent kayaks?", "t-1", at=time.time())
        large = recorded(turn("t-1", time.time(), "kayak " * 50_000))
        await store.record([result], recorded=[large])
        store._db.execute("INSERT INTO recordings VALUES ('c-t-1', 't-2', 1.0, x'c1')")  # type: ignore[attr-defined]
        (held,) = await store.held(["c-t-1"])
        assert sorted((each.turn_id, each.lost) for each in held.recorded) == [
            ("t-1", "too_large"), ("t-2", "unreadable"),
        ]  # fmt: skip
        assert (await store.erase(["c-t-1"]))["recordings"] == 2


async def test_nothing_of_an_erased_conversation_is_kept(tmp_path: Path) -> None:
    """Not of a burst either whose first message was accepted before it."""
    async with open_store(tmp_path / "desk.db") as store:
        now = time.time()
        await store.record([unanswered("?", "t-1", at=now)], recorded=[recorded(turn("t-1", now))])
        await store.erase(["c-t-1"])
        burst = recorded(turn("t-2", now), turn("t-3", time.time() + 1))
        await store.record([unanswered("?", "t-1", at=time.time() + 1)], recorded=[burst])
        (held,) = await store.held(["c-t-1"])
        assert held.recorded == []


async def test_it_goes_with_its_conversation(tmp_path: Path) -> None:
    """The transcript's retention is its own."""
    path = tmp_path / "desk.db"
    async with open_store(path) as store, open_retention(path) as retention:
        await store.record([unanswered("?", "t-1")], recorded=[recorded(turn("t-1", 100.0))])
        assert await retention.expire_conversations(["c-t-1"], before=1_000.0) == 1
        assert list(await store.held(["c-t-1"])) == [] or (await store.held(["c-t-1"]))[0].recorded == []
        assert store._db.execute("SELECT COUNT(*) FROM recordings").fetchone() == (0,)  # type: ignore[attr-defined]
