"""A morning of the demo shop: what staff find, once however often it is made, and never in a real shop."""

import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from launch.demo_morning import refuse_real, talks
from shared.errors import SettingsError
from shared.settings import Settings
from tests.shop import ROOT, Shop, running_shop

SECONDS = 60


def morning(shop: Shop) -> str:
    """What the command prints."""
    there = os.environ | {"PORT": shop.url.rpartition(":")[2], "DATA_DIR": str(shop.data_dir)}
    command = [sys.executable, "-m", "launch", "demo-morning"]
    done = subprocess.run(
        command, cwd=ROOT, env=there, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def found(shop: Shop) -> dict[str, Any]:
    """What a lead sees of it, in figures."""

    def read(path: str) -> Any:
        return shop.http.get(path, auth=shop.staff["lead"]).json()

    tasks = read("/console/tasks")
    asked = [each["asked"]["action"] for each in read("/console/approvals")["approvals"]]
    return {
        "waiting": sorted((case["queue"], case["priority"]) for case in read("/console/queue")["waiting"]),
        "approvals": [action["order_number"] for action in asked],
        # The ledger makes tasks of promises when it has read them.
        "tasks": Counter(task["kind"] for task in tasks["tasks"] if task["kind"] != "promise"),
        "overdue": tasks["counts"]["overdue"],
        "gaps": len(read("/console/gaps")["gaps"]),
    }


def rated(shop: Shop) -> bool:
    """Whether the wall counts one thumb, up: it comes over the bus."""
    until = time.monotonic() + SECONDS
    while shop.http.get("/console/wall", auth=shop.staff["lead"]).json()["rated"] != 1:
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


def test_a_morning_is_there_once(tmp_path: Path) -> None:
    """Several wait in several queues, one is urgent, one wants a decision, one is due; twice is once."""
    with running_shop(tmp_path / "data") as shop:
        printed = morning(shop)
        first = found(shop)
        assert all(talk.key in printed for talk in talks())
        assert ("safety", "urgent") in first["waiting"]
        assert len({queue for queue, _ in first["waiting"]}) >= 4
        assert first["approvals"] == ["1005"]
        assert first["tasks"] == {"follow_up": 1, "call_back": 1, "tell_when_shipped": 1}
        assert first["overdue"] == 1
        assert first["gaps"] == 1
        assert rated(shop)
        morning(shop)
        assert found(shop) == first


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("commerce_url", "https://harbor.myshopify.com"),
        ("helpdesk_url", "https://harbor.zendesk.com"),
        ("demo", False),
    ],
)
def test_a_real_shop_is_refused(setting: str, value: object, tmp_path: Path) -> None:
    """The error names the setting."""
    settings = Settings(data_dir=tmp_path).model_copy(update={setting: value})
    with pytest.raises(SettingsError, match=setting.upper()):
        refuse_real(settings)


def test_every_first_message_is_told_apart() -> None:
    """Two conversations of one key would be one; a guest's id counts from 16 characters on."""
    keys = [talk.key for talk in talks()]
    assert len(set(keys)) == len(keys)
    assert all(talk.say for talk in talks())
