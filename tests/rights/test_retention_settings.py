"""The limits are settings: wrong ones stop the start with the remedy, and the bus follows them."""

import argparse
import os
from pathlib import Path

import pytest

from launch import retention
from shared.adapters.nats.streams import DAY, DEAD, EVENTS, TURNS_IN, TURNS_OUT, configs
from shared.errors import SettingsError
from shared.settings import read_settings
from shared.wiring import bus


def ages(**days: int) -> dict[str, float]:
    """How many days each stream keeps a message; 0 is for ever."""
    settings = read_settings(**{f"retention_{name}_days": value for name, value in days.items()})
    return {config.name or "": (config.max_age or 0) / DAY for config in configs(bus._kept(settings))}


def test_streams_follow() -> None:
    """Results outlive their conversation by a week, in which the job takes them; 0 keeps both for ever."""
    assert ages()[TURNS_OUT] == 372
    assert ages(conversations=30)[TURNS_OUT] == 37
    assert ages(conversations=0)[TURNS_OUT] == 0
    assert ages(events=3, dead_letters=2)[EVENTS] == 3
    assert ages(events=3, dead_letters=2)[DEAD] == 2


def test_a_result_outlives_every_way_to_ask_for_it_again() -> None:
    """The shortest limit is longer than an accepted turn is kept, and than a conversation's token is good."""
    shortest = ages(conversations=30)
    assert shortest[TURNS_OUT] > max(shortest[TURNS_IN], 30)


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("conversations_days", 29, "at least 30 days, or 0"),
        ("conversations_days", -1, "0 .for ever. or days from 30"),
        ("values_days", 40_000, "days from 1 to 36500"),
        ("hand_overs_days", 1, "at least 30 days"),
        ("receipts_days", 364, "at least 365 days"),
        ("events_days", 0, "events are never kept for ever"),
        ("dead_letters_days", 0, "dead letters are never kept for ever"),
        ("exports_days", 0, "exports are never kept for ever"),
        ("gaps_days", "soon", "days from 1 to 36500"),
        ("tasks_days", -1, "days from 1 to 36500"),
        ("feedback_days", 1.5, "days from 1 to 36500"),
        ("interval", 5, "seconds from 60 to 86400"),
    ],
)
def test_wrong_limits_are_named(name: str, value: object, remedy: str) -> None:
    """The variable, its value, and what it may be."""
    with pytest.raises(SettingsError, match=f"RETENTION_{name.upper()}={value!r}: .*{remedy}"):
        read_settings(**{f"retention_{name}": value})


def test_the_command_shows_and_removes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dry run removes nothing; the other says what it did; both say each limit."""
    monkeypatch.setenv("DATA_DIR", str(tmp_path))
    monkeypatch.setenv("BUS_URL", "memory://")
    monkeypatch.setenv("RETENTION_EXPORTS_DAYS", "3")
    old = tmp_path / "exports" / "ab" / "export.json"
    old.parent.mkdir(parents=True)
    old.write_text("{}")
    os.utime(old, (1.0, 1.0))
    parser = argparse.ArgumentParser()
    retention.add_arguments(parser)
    for arguments, what, there in ((["--dry-run"], "would go", True), ([], "removed", False)):
        assert retention.run(parser.parse_args(arguments)) == 0
        shown = capsys.readouterr().out
        assert f"retention: {what}" in shown
        assert "exports           3 days        1" in shown
        assert "conversations   365 days        0" in shown
        assert old.exists() == there
