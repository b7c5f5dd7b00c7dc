"""Recorded turns run again: the same with nothing changed, and exactly what a change is meant to change."""

import hashlib
import shutil
import time
from pathlib import Path

import pytest

from conversation.rules.playbooks import FOLDER
from launch.replaying.comparing import Compared
from launch.replaying.report import Report
from launch.replaying.table import lines
from shared.adapters.memory.spending import MemorySpending
from shared.spending import day_of
from shared.wiring import Services
from tests.replay.conftest import Again, Recorded, desk_services
from tests.replay.desk import Vendors, live


def differing(report: Report) -> dict[str, Compared]:
    """The turns that are not the same, by the customer's message they answer."""
    return {turn.turn.rpartition("-")[0]: turn for turn in report.turns if turn.verdict != "same"}


def smaller_limit(folder: Path) -> str:
    """A file of rules in which 50 dollars are 20."""
    rules = folder / "smaller.toml"
    text = (FOLDER / "actions.toml").read_text("utf-8")
    assert 'most = "50.00"' in text
    rules.write_text(text.replace('most = "50.00"', 'most = "20.00"'), "utf-8")
    return str(rules)


async def test_nothing_changed_means_no_difference(again: Again, recorded: Recorded) -> None:
    """An order with proof, actions, hand-overs, staff in between, a burst, an attack; no vendor is asked."""
    file, asked = recorded.folder / "desk.db", list(recorded.vendors.asked)
    before = hashlib.sha256(file.read_bytes()).digest()
    report = await again()
    assert differing(report) == {}
    assert (report.totals.turns, report.totals.same, report.totals.skipped) == (16, 16, {})
    seen = [turn.then.decision for turn in report.turns if turn.then]
    assert {each.status for each in seen} == {
        "answered", "asked", "handed_over", "refused", "told", "with_person",
    }  # fmt: skip
    assert {each.reason for each in seen} == {"", "asked_for_person", "refund_limit"}
    assert ("return #1005 done",) in {each.executed for each in seen}
    assert recorded.vendors.asked == asked
    assert hashlib.sha256(file.read_bytes()).digest() == before


async def test_a_smaller_limit_changes_the_refund_above_it(
    again: Again, recorded: Recorded, tmp_path: Path
) -> None:
    """The offer becomes a request; what followed is compared by itself, for it began with what was."""
    report = await again("--policy", smaller_limit(tmp_path))
    found = differing(report)
    assert list(found) == ["t-c-mug"]
    turn = found["t-c-mug"]
    assert (turn.verdict, report.totals.changed) == ("changed", 1)
    assert set(turn.changed) == {"route", "status", "reason", "queue", "priority", "proposed", "asked"}
    assert turn.then is not None
    assert turn.now is not None
    assert (turn.then.decision.status, turn.now.decision.status) == ("asked", "handed_over")
    assert turn.now.decision.reason == "refund_limit"
    assert turn.now.decision.asked == turn.then.decision.proposed
    assert "- Shall I?" in turn.diff
    assert any(line.startswith("+ A person has to decide") for line in turn.diff)
    assert not any("number 1 in the queue" in line for line in turn.diff)  # no place is invented


async def test_carried_on_the_yes_that_followed_executes_nothing(
    again: Again, recorded: Recorded, tmp_path: Path
) -> None:
    """With --carry the replay lives with what it decided; with nothing changed that is what was."""
    same = await again("--carry", "--conversation", "c-person")
    assert (same.totals.same, differing(same)) == (7, {})
    report = await again("--carry", "--conversation", "c-mug", "--policy", smaller_limit(tmp_path))
    _, yes = report.turns
    assert yes.then is not None
    assert yes.now is not None
    assert (yes.then.decision.executed, yes.now.decision.executed) == (("return #1005 done",), ())
    assert yes.now.decision.status == "with_person"


async def test_a_playbook_without_returns_hands_over(again: Again, tmp_path: Path) -> None:
    """Only who wants to return something is answered otherwise."""
    folder = tmp_path / "playbooks"
    shutil.copytree(FOLDER, folder)
    book = folder / "return_request.toml"
    book.write_text(book.read_text("utf-8").replace('actions = ["return"]', "actions = []"), "utf-8")
    report = await again("--playbooks", str(folder))
    found = differing(report)
    assert list(found) == ["t-c-return"]
    assert found["t-c-return"].now is not None
    assert found["t-c-return"].now.decision.reason == "not_allowed"


async def test_another_prompt_changes_what_it_is_asked_for(
    tmp_path: Path, again: Again, engines: Services
) -> None:
    """A model's replies under the same prompts are the same; one that says how to begin begins so."""
    folder, prompts = tmp_path / "desk", tmp_path / "prompts"
    folder.mkdir()
    async with (
        desk_services(folder, like=engines, model_url="mock://openai") as services,
        live(services, Vendors()) as desk,
    ):
        await desk.say("c-model", "How many days do I have to return something?")
    shutil.copytree(services.prompts, prompts)
    upset = '\n<data name="register">\n"upset"\n</data>\n'
    with (prompts / "response.md").open("a", encoding="utf-8") as response:
        response.write(upset)
    shutil.copyfile(folder / "desk.db", tmp_path / "desk.db")
    model = {"like": engines, "model_url": "mock://openai"}
    async with desk_services(folder, **model) as services:
        same = await again("--conversation", "c-model", services=services)
    async with desk_services(folder, **model) as services:
        other = await again("--conversation", "c-model", "--prompts", str(prompts), services=services)
    assert (same.totals.same, same.totals.cost_now) == (1, same.totals.cost_then)
    assert same.paid.usd == pytest.approx(same.totals.cost_now, abs=1e-6)
    assert (same.paid.tokens, same.paid.stopped) == (same.totals.tokens_now, "")
    ledger = MemorySpending()
    async with desk_services(folder, **model) as services:
        bounded = await again(
            *["--conversation", "c-model"] * 2, "--budget", "0.0000001",
            services=services, ledger=ledger,
        )  # fmt: skip
    spent = await ledger.of_day(day_of(time.time()))
    assert [turn.verdict for turn in bounded.turns] == ["same", "skipped"]
    assert bounded.over == ("budget: the replay's budget of $1e-07 is spent; 1 turns were not replayed",)
    assert (float(spent.of_replays.usd), spent.of_customers.calls) == (bounded.paid.usd, 0)
    assert f"${bounded.paid.usd:.6f} for {bounded.paid.calls} calls" in "\n".join(lines(bounded, every=True))
    assert same.totals.cost_then > 0
    (turn,) = other.turns
    assert (turn.verdict, turn.changed) == ("reworded", ())
    assert [line[0] for line in turn.diff if line[0] != " "] == ["+"]
    assert turn.diff[0] == "+ I understand that this is frustrating."
    assert other.totals.cost_now > other.totals.cost_then
    assert other.changes["prompts"] == str(prompts)
