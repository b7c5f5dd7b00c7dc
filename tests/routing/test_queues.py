"""The file of queues: what it ships with is what the shop promises; what cannot be right is refused."""

import tomllib
from pathlib import Path

import pytest

from shared.errors import SettingsError
from shared.routing.calendar import Calendar
from shared.routing.queue_file import FILE, read_file
from shared.routing.queues import Routing, load, routing
from tests.routing.test_calendar import SUPPORT

SHIPPED = FILE.read_text("utf-8")


def read(tmp_path: Path, text: str) -> Routing:
    path = tmp_path / "queues.toml"
    path.write_text(text, encoding="utf-8")
    return load(read_file(path))


def test_the_hours_are_those_the_knowledge_base_states() -> None:
    """What customers read and what the clock counts are one."""
    facts = tomllib.loads((Path(__file__).parents[2] / "knowledge_base" / "FACTS.toml").read_text("utf-8"))
    assert facts["support"]["hours"]["value"] == "08:00-20:00"
    assert facts["support"]["days"]["value"] == "Monday-Saturday"
    assert facts["support"]["hours"]["unit"] == "Eastern time"
    assert routing().queue("support").calendar == SUPPORT


@pytest.mark.parametrize(
    ("reason", "priority", "queue"),
    [
        ("safety", "urgent", "safety"), ("legal_threat", "high", "legal"), ("hardship", "high", "care"),
        ("fraud", "high", "fraud"), ("missing_delivery", "high", "delivery"), ("defect", "high", "quality"),
        ("strong_negative", "high", "support"), ("third_contact", "high", "support"),
        ("refund_limit", "normal", "approvals"), ("approval", "normal", "approvals"),
        ("order_change", "normal", "orders"),
        ("wholesale", "normal", "sales"), ("asked_for_person", "normal", "support"),
        ("what nobody has named", "normal", "support"),
    ],
)  # fmt: skip
def test_a_reason_leads_where_it_always_did(reason: str, priority: str, queue: str) -> None:
    """Injury is urgent, and nothing falls through."""
    found, where = routing().route(reason)
    assert (found, where.name) == (priority, queue)


def test_the_first_answer_is_promised_by_priority() -> None:
    """In working time: 1, 4, 8 and 24 hours."""
    hours = {p: s / 3600 for p, s in routing().queue("support").first_answer.items()}
    assert hours == {"urgent": 1, "high": 4, "normal": 8, "low": 24}


def test_a_queue_has_hours_promises_and_members_of_its_own(tmp_path: Path) -> None:
    """What it leaves out is as in every queue."""
    text = SHIPPED.replace(
        "[queues.legal]",
        '[queues.legal]\nassignment = "round_robin"\nskills = ["law"]\nfirst_answer_minutes = { high = 30 }\n'
        'hours = { zone = "Europe/Paris", monday = ["09:00-17:00"], breaks = ["12:00-13:30"] }',
    )
    legal = read(tmp_path, text).queue("legal")
    assert (legal.assignment, legal.skills, legal.most) == ("round_robin", ("law",), 5)
    assert legal.first_answer["high"] == 1800
    assert legal.first_answer["normal"] == 8 * 3600
    assert legal.calendar == Calendar("Europe/Paris", (legal.calendar.week[0], *((),) * 6))
    assert [f"{start:%H:%M}-{end:%H:%M}" for start, end in legal.calendar.week[0]] == [
        "09:00-12:00",
        "13:30-17:00",
    ]


@pytest.mark.parametrize(
    ("was", "now", "named"),
    [
        ('zone = "America/New_York"', 'zone = "New York"', "hours.zone"),
        ('monday = ["08:00-20:00"]', 'monday = ["20:00-08:00"]', "hours.monday"),
        ('monday = ["08:00-20:00"]', 'monday = ["8-20"]', "hours.monday"),
        ('monday = ["08:00-20:00"]', 'monday = ["08:00-13:00", "12:00-20:00"]', "hours.monday"),
        ("breaks = []", 'breaks = ["00:00-24:00"]', "hours is never open"),
        ("holidays = []", 'holidays = ["Christmas"]', "$.hours.holidays"),
        ('assignment = "manual"', 'assignment = "random"', "$.every.assignment"),
        ("[queues.legal]", '[queues.legal]\nskils = ["law"]', "queues.legal: Object contains unknown"),
        ("[queues.legal]", '[queues.legal]\nlanguages = ["de"]', "queues.legal: Invalid enum value 'de'"),
        ("[queues.legal]", "[queues.legal]\nmost = 0", "queues.legal: Expected `int` >= 1"),
        ("[queues.legal]", "[queues.legal]\nhandling_minutes = [9, 3]", "queues.legal.handling_minutes"),
        ("[queues.legal]", "[queues.legal]\nescalate = [{ after_minutes = 5 }]", "queues.legal.escalate[0]"),
        ("[queues.legal]",
         '[queues.legal]\nescalate = [{ after_minutes = 5, queue = "boss" }]', "'boss' is no queue"),
        ("[queues.legal]",
         '[queues.legal]\nescalate = [{ after_minutes = 5, queue = "legal" }]', "legal -> legal"),
        ("other = {", "others = {", "reasons.other is missing"),
        ('queue = "sales"', 'queue = "sale"', "reasons.wholesale.queue = 'sale' is no queue"),
        ("high = 240", "", "first_answer_minutes.high is missing"),
        ("[hours]", "[hours", "not valid TOML"),
        ("[hours]", "path = 1\n[hours]", "first_answer_minutes"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_by_name(tmp_path: Path, was: str, now: str, named: str) -> None:
    """File, key and what to do instead."""
    assert was in SHIPPED
    with pytest.raises(SettingsError) as refused:
        read(tmp_path, SHIPPED.replace(was, now, 1))
    assert str(tmp_path / "queues.toml") in str(refused.value)
    assert named in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """Rather than a queue without hours."""
    with pytest.raises(SettingsError, match=r"gone\.toml: the file is missing"):
        read_file(tmp_path / "gone.toml")
