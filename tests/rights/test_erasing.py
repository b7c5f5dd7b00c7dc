"""An erasure that is cut off at any place goes on where it was, and its receipt tells all of it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from launch import erasing
from launch.export import page
from launch.exporting import gather
from shared.adapters.local.receipts import LocalReceiptBook
from shared.adapters.sqlite.store import SqliteStore
from shared.contracts import FeedbackGiven
from shared.errors import StoreDown, VaultDown
from shared.ports.rights import Receipt
from shared.settings import Settings
from shared.wiring import Services, open_services
from tests.store.asked import unanswered


@pytest.fixture
async def services(tmp_path: Path) -> AsyncIterator[Services]:
    """Two conversations of ana, one of them begun as a guest, and one of bo."""
    settings = Settings(data_dir=tmp_path, bus_url="memory://")
    async with open_services(settings, actor="command:test") as services:
        vault, store = await services.vault(), await services.store()
        for turn, owner in (("t-1", "ana"), ("t-2", "ana"), ("t-3", "bo")):
            name = await vault.token(f"Mrs {owner}", conversation_id=f"c-{turn}", owner=owner)
            await store.record([unanswered(f"I am {name} <b>&", turn)])
        await vault.token("before sign-in", conversation_id="c-t-2", owner="c-t-2")
        thumb = FeedbackGiven(conversation_id="c-t-1", turn_id="t-1", rating="up", given_at=1.0)
        await store.add_feedback(thumb)
        yield services


def removed(receipt: Receipt) -> dict[str, int]:
    return {store.store: sum(store.removed.values()) for store in receipt.stores}


async def test_all_at_once(services: Services) -> None:
    """Every store is in the receipt, with its counts or with what stays there and why."""
    receipt, path = await erasing.erase(services, "ana")
    assert removed(receipt) == {
        "bus": 0, "conversations": 7, "vault": 3, "answers": 0, "audit": 0, "helpdesk": 0, "shop": 0,
    }  # fmt: skip
    assert all(store.left for store in receipt.stores if not store.removed)
    assert "in the service's memory" in receipt.stores[0].left
    assert "ana" not in path.read_text()
    store, vault = await services.store(), await services.vault()
    assert await store.read("c-t-1") is None
    assert (await store.read("c-t-3")) is not None
    assert list(await vault.conversations("bo")) == ["c-t-3"]
    assert list(await vault.conversations("c-t-2")) == []


async def _down(*_: object) -> None:
    raise StoreDown("the disk is full")


def _no_key(*_: object) -> None:
    raise VaultDown("the key is missing")


@pytest.mark.parametrize(
    ("where", "name", "broken"),
    [(SqliteStore, "erase", _down), (LocalReceiptBook, "sign", _no_key)],
)
async def test_cut_off(
    services: Services, monkeypatch: pytest.MonkeyPatch, where: type, name: str, broken: object
) -> None:
    """Before the store, and after the keys that tell which conversations were theirs."""
    with monkeypatch.context() as patched:
        patched.setattr(where, name, broken)
        with pytest.raises((StoreDown, VaultDown)):
            await erasing.erase(services, "ana")
    folder = services.settings.data_dir / "erasures"
    assert [path.suffix for path in folder.iterdir()] == [".journal"]
    receipt, path = await erasing.erase(services, "ana")
    assert (receipt.conversations, removed(receipt)["conversations"], removed(receipt)["vault"]) == (2, 7, 3)
    assert list(folder.iterdir()) == [path]
    actions = [line.split('"action":"')[1].split('"')[0] for line in _log(services).splitlines()]
    assert actions.count("erase") == 2


def _log(services: Services) -> str:
    return (services.settings.data_dir / "vault" / "audit.log").read_text()


async def test_nothing_is_erased_without_its_audit_line(services: Services) -> None:
    """When the audit cannot be written nothing is removed."""
    anchor = services.settings.data_dir / "secrets" / "audit-anchor"
    anchor.unlink(missing_ok=True)
    anchor.mkdir(parents=True)
    with pytest.raises(VaultDown, match="without its audit line"):
        await erasing.erase(services, "ana")
    assert (await (await services.store()).read("c-t-1")) is not None


async def test_a_guest(services: Services) -> None:
    """A guest is known by their conversation."""
    receipt, _ = await erasing.erase(services, "c-t-3")
    assert receipt.conversations == 1
    assert await (await services.store()).read("c-t-3") is None


async def test_export(services: Services) -> None:
    """One audited reveal per conversation; whoever is unknown gets an empty page; text is never markup."""
    found = await gather(services, "ana")
    assert [each["conversation_id"] for each in found["conversations"]] == ["c-t-1", "c-t-2"]
    assert found["conversations"][0]["messages"][0]["text"] == "I am Mrs ana <b>&"
    assert _log(services).count('"purpose":"export"') == 2
    shown = page(found)
    assert "I am Mrs ana &lt;b&gt;&amp;" in shown
    assert "<b>" not in shown
    nobody = page(await gather(services, '"><script>'))
    assert "Nothing is kept" in nobody
    assert "<script>" not in nobody
