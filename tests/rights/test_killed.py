"""`kill -9` in the middle: no receipt is signed and nothing comes back; the next run does the rest."""

import asyncio
import json
import signal
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from shared.ports.rights import Receipt
from shared.settings import Settings
from shared.wiring import open_receipts, open_services
from tests.rights.killed import NOW, run
from tests.store.asked import unanswered
from tests.store.test_rights import hand_over

TALKS = ("c-t-1", "c-t-2")


async def _use(folder: Path, *, filed: bool) -> None:
    """Two conversations of ana, each with a value, an unanswered question and (`filed`) a ticket."""
    settings = Settings(data_dir=folder, bus_url="memory://")
    async with open_services(settings) as services:
        vault, store, helpdesk = await services.vault(), await services.store(), await services.helpdesk()
        for talk in TALKS:
            name = await vault.token("Ana Lund", conversation_id=talk, owner="ana")
            await store.record([unanswered(f"I am {name}", talk.removeprefix("c-"), at=NOW - 1e9)])
            if filed:
                opened = await store.open_hand_over(structs.replace(hand_over(talk), ticket=""))
                await store.attach_ticket(opened.id, await helpdesk.open_ticket(opened, transcript=()))


async def _left(folder: Path) -> list[int]:
    """How many conversations, values, open tickets there are."""
    async with open_services(Settings(data_dir=folder, bus_url="memory://")) as services:
        vault, store, helpdesk = await services.vault(), await services.store(), await services.helpdesk()
        there = [await helpdesk.erase_ticket(f"h-{talk}", ticket="") for talk in TALKS]
        return [len(await store.held(TALKS)), await vault.count(TALKS), sum(there)]


@pytest.mark.parametrize("where", ["bus", "vault", "helpdesk"])
def test_an_erasure_is_killed(tmp_path: Path, where: str) -> None:
    """Between any two stores: no receipt until the next run, and then one that counts all of it."""
    asyncio.run(_use(tmp_path, filed=True))
    assert run(tmp_path, "erase", where) == -signal.SIGKILL
    assert list((tmp_path / "erasures").glob("*.json")) == []
    assert run(tmp_path, "erase") == 0
    (path,) = (tmp_path / "erasures").glob("*.json")
    receipt = msgspec.json.decode(path.read_bytes(), type=Receipt)
    assert open_receipts(Settings(data_dir=tmp_path)).genuine(receipt)
    assert receipt.conversations == 2
    removed = {store.store: store.removed for store in receipt.stores}
    if where != "vault":  # who dies between two conversations has no time to count the first
        assert removed["vault"] == {"values": 2}
    assert sum(removed["conversations"].values()) == 8
    assert asyncio.run(_left(tmp_path)) == [0, 0, 0]


@pytest.mark.parametrize("where", ["values", "conversations", "gaps"])
def test_the_retention_job_is_killed(tmp_path: Path, where: str) -> None:
    """Between any two batches; its lease ends by itself, and the next run removes the rest."""
    asyncio.run(_use(tmp_path, filed=False))
    assert run(tmp_path, "retention", where) == -signal.SIGKILL
    assert run(tmp_path, "retention") == 0
    assert asyncio.run(_left(tmp_path)) == [0, 0, 0]
    log = (tmp_path / "vault" / "audit.log").read_text().splitlines()
    assert [json.loads(line)["action"] for line in log].count("retention") == 2
