"""A replay as a gate: what is missing or damaged is said, and the exit code follows the limits."""

import json
import sqlite3
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from conversation.rules.playbooks import load_policy
from launch import replay
from launch.replaying.changes import Changes
from launch.replaying.table import safe
from shared import contracts as c
from shared.contracts.recordings import PortAnswer, RecordedTurn
from shared.errors import SettingsError, StoreDown
from shared.settings import read_settings
from tests.replay.conftest import Again, Recorded, options
from tests.replay.test_replay import smaller_limit

_READ = msgspec.msgpack.Decoder(RecordedTurn)


def change(recorded: Recorded, turn_id: str, **fields: object) -> None:
    """Write another recording of this turn."""
    with sqlite3.connect(recorded.folder / "desk.db") as db:
        (body,) = db.execute("SELECT body FROM recordings WHERE turn_id = ?", (turn_id,)).fetchone()
        made = structs.replace(_READ.decode(body), **fields)
        db.execute(
            "UPDATE recordings SET body = ? WHERE turn_id = ?", (msgspec.msgpack.encode(made), turn_id)
        )


def answers(recorded: Recorded, turn_id: str) -> tuple[PortAnswer, ...]:
    with sqlite3.connect(recorded.folder / "desk.db") as db:
        (body,) = db.execute("SELECT body FROM recordings WHERE turn_id = ?", (turn_id,)).fetchone()
    return _READ.decode(body).answers


async def test_the_exit_code_follows_the_limits(
    again: Again, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of two turns is changed; the report for machines says the same as the table."""
    given = ("--policy", smaller_limit(tmp_path), "--conversation", "c-mug")
    report = await again(*given)
    file = tmp_path / "report.json"
    over = replay.concluded(report, options("--since", "1d", "--json", str(file)))
    table = capsys.readouterr().out
    assert over == 1
    assert "changed: 1 of 2 turns (50.0%), allowed 0.0%" in table
    assert "reason    - -> refund_limit" in table
    assert "outcome" in table
    assert "ACT" not in table
    told = json.loads(file.read_text("utf-8"))
    assert (told["totals"]["changed"], told["changes"]["policy"]) == (1, given[1])
    allowed = await again(*given, "--max-changed", "0.5")
    assert (replay.concluded(allowed, options("--since", "1d")), allowed.over) == (0, ())


async def test_what_was_never_asked_is_not_invented(again: Again, recorded: Recorded) -> None:
    """Without the shop's answer nobody knows what comes of the turn; it counts as changed."""
    kept = answers(recorded, "t-c-proof-2")
    change(recorded, "t-c-proof-2", answers=tuple(each for each in kept if each.of != c.FETCH.subject))
    report = await again("--conversation", "c-proof")
    first, second = report.turns
    assert (first.verdict, second.verdict) == ("same", "unknown")
    assert (second.changed, second.diff, second.not_recorded) == ((), (), ("order #1005",))
    assert report.over == ("changed: 1 of 2 turns (50.0%), allowed 0.0%",)


async def test_a_failure_is_played_back_as_a_failure(again: Again, recorded: Recorded) -> None:
    """A shop that was down then is down again: with the same words that is no difference."""
    kept = answers(recorded, "t-c-proof-2")
    down = [
        structs.replace(e, answer=b"", error="VendorDown") if e.of == c.FETCH.subject else e for e in kept
    ]
    change(recorded, "t-c-proof-2", answers=tuple(down))
    _, second = (await again("--conversation", "c-proof")).turns
    assert second.now is not None
    assert (second.verdict, second.now.decision.reason) == ("changed", "shop_down")
    assert second.not_recorded == ()


async def test_turns_without_a_recording_are_skipped_and_counted(again: Again, recorded: Recorded) -> None:
    """Some of before, one damaged, one too large, one of other types; the others are replayed."""
    with sqlite3.connect(recorded.folder / "desk.db") as db:
        db.execute("DELETE FROM recordings WHERE conversation_id = 'c-person'")
        db.execute("UPDATE recordings SET body = x'c1' WHERE turn_id = 't-c-proof-1'")
    change(recorded, "t-c-mug-5", lost="too_large", turns=())
    change(recorded, "t-c-attack-10", answers=(PortAnswer(of="critic.screen.v1", error="timeout"),))
    change(recorded, "t-c-mug-6", answers=(PortAnswer(of=c.FETCH.subject, asked=b"\x01", answer=b"\x01"),))
    report = await again()
    assert report.totals.skipped == {
        replay.NO_RECORDING: 7,
        "the recording cannot be read": 2,
        "the recording was larger than is kept": 1,
        "then critic.screen.v1 did not answer": 1,
    }
    assert (report.totals.replayed, report.over) == (5, ())


async def test_a_gate_that_has_seen_nothing_does_not_open(
    again: Again, recorded: Recorded, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file of before there were recordings."""
    with sqlite3.connect(recorded.folder / "desk.db") as db:
        db.execute("DROP TABLE recordings")
    report = await again()
    assert replay.concluded(report, options("--since", "1d")) == 2
    told = capsys.readouterr()
    assert f"skipped       16   {replay.NO_RECORDING}" in told.out
    assert "nothing is proved" in told.err


async def test_an_unknown_conversation_is_said_at_once(again: Again) -> None:
    """With what to look for."""
    with pytest.raises(SettingsError, match="'c-nobody': no such conversation is stored"):
        await again("--conversation", "c-mug", "--conversation", "c-nobody")


async def test_several_at_a_time_stand_in_order(again: Again) -> None:
    """As they were named, each turn with its own answers."""
    names = ("c-mug", "c-attack", "c-proof")
    given = [word for name in names for word in ("--conversation", name)]
    report = await again(*given, "--parallel", "3")
    assert list(dict.fromkeys(turn.conversation for turn in report.turns)) == list(names)
    assert {turn.verdict for turn in report.turns} == {"same"}


async def test_a_folder_without_a_shop_is_left_as_it_is(tmp_path: Path) -> None:
    """Nothing is made where nothing is."""
    with pytest.raises(StoreDown, match="set DATA_DIR"):
        await replay._run(read_settings(data_dir=tmp_path), options("--since", "1d"))
    assert not (tmp_path / "desk.db").exists()


@pytest.mark.parametrize(
    ("models", "wrong"),
    [
        (["gpt"], "MODEL_URL"),
        (["helpdesk=gpt"], "asks no model"),
        (["embedded", "critic=gpt"], "for all agents or none"),
    ],
)
def test_a_wrong_model_is_refused(models: list[str], wrong: str) -> None:
    """Before anything runs."""
    with pytest.raises(SettingsError, match=wrong):
        Changes(models=tuple(models)).settings(read_settings())


def test_prompts_that_nothing_reads_are_refused(tmp_path: Path) -> None:
    """The local engine has none: a gate that tried out nothing would open. A service's are taken."""
    service = read_settings(model_url="https://models.example/v1")
    tried = Changes(prompts=tmp_path)
    assert tried.settings(service).model_url == service.model_url
    for settings, models in ((read_settings(), ()), (service, ("embedded",))):
        with pytest.raises(SettingsError, match=r"--prompts .* reads no prompts"):
            Changes(prompts=tmp_path, models=models).settings(settings)


async def test_a_time_that_ends_before_it_begins_is_refused(again: Again) -> None:
    """`--since 1d --until 2d` is the wrong way round, not a gate that has seen nothing."""
    with pytest.raises(SettingsError, match="--until is not after --since"):
        await again("--until", "2026-10-01")


def test_models_by_agent() -> None:
    """One for all, then one of them otherwise; no cache and no budget has a say, no ledger is written."""
    there = read_settings(model_url="https://models.example/v1", answer_cache=True, model_budget_usd_day=1.0)
    found = Changes(models=("small", "critic=large")).settings(there)
    assert (found.model_intent, found.model_response, found.model_critic) == ("small", "small", "large")
    assert (found.answer_cache, found.model_budget_usd_day) == (False, 0.0)
    assert found.spending_url == "memory://"


def test_the_report_names_the_local_engine() -> None:
    """Where a service is set, going without it is the change that is tried out."""
    there = read_settings(model_url="https://models.example/v1")
    tried = Changes(models=("embedded",))
    assert tried.told(tried.settings(there)) == {"model": "embedded"}


def test_a_policy_that_cannot_be_read_is_a_wrong_setting(tmp_path: Path) -> None:
    """Exit code 1 would say that more has changed than is allowed."""
    with pytest.raises(SettingsError, match="IsADirectoryError"):
        load_policy(file=tmp_path)
    (tmp_path / "policy.toml").mkdir()
    with pytest.raises(SettingsError, match="IsADirectoryError"):
        load_policy(tmp_path)


@pytest.mark.parametrize("given", [["--since", "soon"], ["--since", "1d", "--max-changed", "-1"], []])
def test_wrong_options_end_with_two(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Each says what it should be."""
    with pytest.raises(SystemExit) as ended:
        options(*given)
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


@pytest.mark.parametrize(
    "limit", ["--max-changed", "--max-reworded", "--max-cost-increase", "--max-latency-increase"]
)
@pytest.mark.parametrize("per_cent", ["5", "-0.5", "nan", "inf", "five"])
def test_a_share_is_no_percentage(limit: str, per_cent: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A gate that is told 5 for 5 % would always be open."""
    with pytest.raises(SystemExit) as ended:
        options("--since", "1d", f"{limit}={per_cent}")
    assert ended.value.code == 2
    assert "0.05 for 5 %" in capsys.readouterr().err


def test_a_whole_share_is_one() -> None:
    """With a model all may be worded otherwise, and a dearer one may cost twice as much."""
    given = options("--since", "1d", "--max-reworded", "1", "--max-cost-increase", "1.5")
    assert (given.max_reworded, given.max_cost_increase) == (1.0, 1.5)


def test_no_text_moves_the_cursor() -> None:
    """What a customer or a model wrote is shown, not obeyed."""
    assert safe("a\x1b[2J\u202eb\nc") == "a\ufffd[2J\ufffdb\ufffdc"
