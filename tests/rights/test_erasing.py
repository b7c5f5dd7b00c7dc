"""An erasure that is cut off at any place goes on where it was, and its receipt tells all of it."""

import hmac
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from msgspec import structs

from gateway.rights import erasing, files
from gateway.rights.context import Rights, note_owner
from gateway.rights.exporting import gather
from gateway.rights.page import html_file
from launch.rights import open_rights
from shared.adapters.local.key_file import KeyFile
from shared.adapters.local.receipts import LocalReceiptBook
from shared.adapters.local.vault import LocalVault
from shared.adapters.memory.bus import MemoryBus
from shared.adapters.sqlite.store import SqliteStore
from shared.adapters.zendesk import ZendeskHelpdesk
from shared.contracts import FeedbackGiven
from shared.errors import DeskError, StoreDown, VaultDown, VendorRefused
from shared.ports.rights import Receipt
from shared.settings import Settings
from shared.wiring import Services, open_services
from tests.spending.conftest import usage
from tests.spending.test_ledger import DAY, NOON
from tests.store.asked import unanswered
from tests.store.test_rights import hand_over


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
        ledger, paid = await services.spending(), usage(0.002)
        await ledger.record("t-1", conversation_id="c-t-1", at=NOON, usages=[paid])
        await ledger.record("t-3", conversation_id="c-t-3", at=NOON, usages=[paid])
        yield services


@pytest.fixture
async def rights(services: Services) -> Rights:
    opened = await open_rights(services, await services.bus())
    return replace(opened, settle_seconds=0.2)


async def filed(rights: Rights, services: Services) -> str:
    """A hand-over of ana's with its ticket; the ticket's number."""
    opened = await rights.store.open_hand_over(structs.replace(hand_over("c-t-1"), ticket=""))
    ticket = await (await services.helpdesk()).open_ticket(opened, transcript=())
    await rights.store.attach_ticket(opened.id, ticket)
    return ticket


def removed(receipt: Receipt) -> dict[str, int]:
    return {store.store: sum(store.removed.values()) for store in receipt.stores}


async def test_all_at_once(rights: Rights, services: Services) -> None:
    """Every store is in the receipt, with its counts or with what stays there and why."""
    ticket = await filed(rights, services)
    receipt, path = await erasing.erase(rights, "ana", actor="staff:mo", purpose="legal duty")
    assert removed(receipt) == {
        "conversations": 8, "bus": 0, "vault": 3, "exports": 0, "spending": 1, "helpdesk": 1,
        "answers": 0, "audit": 0, "running gateways": 0, "shop": 0,
    }  # fmt: skip
    told = {store.store: store.left for store in receipt.stores}
    assert "in the service's memory" in told["bus"]
    assert "what the vendor itself keeps" in told["helpdesk"]
    assert (receipt.by, receipt.purpose) == ("staff:mo", "legal duty")
    assert "ana" not in path.read_text()
    assert await rights.store.read("c-t-1") is None
    ledger = await services.spending()
    assert [(await ledger.of_conversation(each)).calls for each in ("c-t-1", "c-t-3")] == [0, 1]
    assert (await ledger.of_day(DAY)).calls == 2
    assert (await rights.store.read("c-t-3")) is not None
    assert list(await rights.vault.conversations("bo")) == ["c-t-3"]
    assert list(await rights.vault.conversations("c-t-2")) == []
    assert not await rights.helpdesk.erase_ticket("h-c-t-1", ticket=ticket)


async def _down(*_: object, **__: object) -> None:
    raise StoreDown("the disk is full")


async def _refused(*_: object, **__: object) -> None:
    raise VendorRefused("zendesk", "ticket 35001 stays")


def _no_key(*_: object) -> None:
    raise VaultDown("the key is missing")


@pytest.mark.parametrize(
    ("where", "name", "broken"),
    [
        (SqliteStore, "erase", _down),
        (MemoryBus, "erase", _down),
        (LocalVault, "forget", _down),
        (ZendeskHelpdesk, "erase_ticket", _refused),
        (LocalReceiptBook, "sign", _no_key),
    ],
)
async def test_cut_off(
    rights: Rights, services: Services, monkeypatch: pytest.MonkeyPatch,
    where: type, name: str, broken: object,
) -> None:  # fmt: skip
    """At any store, and after the keys that tell which conversations were theirs: no receipt, then all."""
    await filed(rights, services)
    with monkeypatch.context() as patched:
        patched.setattr(where, name, broken)
        with pytest.raises(DeskError):
            await erasing.erase(rights, "ana")
    assert [path.suffix for path in rights.erasures.iterdir()] == [".journal"]
    receipt, path = await erasing.erase(rights, "ana")
    assert receipt.conversations == 2
    found = removed(receipt)
    assert (found["conversations"], found["vault"], found["helpdesk"]) == (8, 3, 1)
    assert list(rights.erasures.iterdir()) == [path]
    actions = [line.split('"action":"')[1].split('"')[0] for line in _log(rights).splitlines()]
    assert actions.count("erase") == 2


def _log(rights: Rights) -> str:
    return (rights.folder / "vault" / "audit.log").read_text()


async def test_nothing_is_erased_without_its_audit_line(rights: Rights) -> None:
    """When the audit cannot be written nothing is removed."""
    anchor = rights.folder / "secrets" / "audit-anchor"
    anchor.unlink(missing_ok=True)
    anchor.mkdir(parents=True)
    with pytest.raises(VaultDown, match="without its audit line"):
        await erasing.erase(rights, "ana")
    assert (await rights.store.read("c-t-1")) is not None


async def test_a_guest(rights: Rights) -> None:
    """A guest is known by their conversation."""
    receipt, _ = await erasing.erase(rights, "c-t-3")
    assert receipt.conversations == 1
    assert await rights.store.read("c-t-3") is None


async def test_a_receipt_of_before_stays_genuine(rights: Rights) -> None:
    """Receipts that do not say who and what for were signed without these fields."""
    old = Receipt(customer="customer:1", begun_at="a", done_at="b", conversations=0, stores=())
    fields = msgspec.to_builtins(old)
    del fields["by"], fields["purpose"]
    key = KeyFile(rights.folder / "vault" / "key").read().receipt
    said = msgspec.json.encode(fields, order="sorted")
    signed = structs.replace(old, signature=hmac.digest(key, said, "sha256").hex())
    assert rights.receipts.genuine(signed)
    assert not rights.receipts.genuine(structs.replace(signed, by="staff:mo"))


async def test_export(rights: Rights) -> None:
    """One audited reveal per conversation; whoever is unknown gets an empty page; text is never markup."""
    found = await gather(rights, "ana", actor="staff:mo")
    assert [each["conversation_id"] for each in found["conversations"]] == ["c-t-1", "c-t-2"]
    assert found["conversations"][0]["messages"][0]["text"] == "I am Mrs ana <b>&"
    assert _log(rights).count('"purpose":"export"') == 2
    (deed,) = [line for line in _log(rights).splitlines() if '"action":"export"' in line]
    assert '"actor":"staff:mo"' in deed
    assert "customer request, customer:" in deed
    shown = html_file(found).decode()
    assert "I am Mrs ana &lt;b&gt;&amp;" in shown
    assert "<b>" not in shown
    nobody = html_file(await gather(rights, '"><script>')).decode()
    assert "Nothing is kept" in nobody
    assert "<script>" not in nobody


async def test_exported_files_go_with_the_customer(rights: Rights) -> None:
    """What an export without a folder of its own left in DATA_DIR, and nobody else's."""
    names = [rights.audit.pseudonym("customer", each) for each in ("ana", "bo")]
    for name in names:
        files.write(rights.exports(name) / "export.json", b"{}")
    receipt, _ = await erasing.erase(rights, "ana")
    assert removed(receipt)["exports"] == 1
    assert [rights.exports(name).exists() for name in names] == [False, True]


async def test_notes_of_staff(rights: Rights) -> None:
    """What staff noted of a question that only this customer asked goes; of one that others ask, it stays."""
    await rights.store.record([unanswered("Do you rent kayaks?", "t-4")])
    await rights.vault.token("kayaks?", conversation_id="c-t-4", owner="ana")
    owners = []
    for gap in await rights.store.gaps():
        await rights.store.settle_gap(gap.id, status="not_ours", note="see there", at=1e10)
        owners.append(note_owner(gap.id))
        await rights.vault.token("Mrs Lund", conversation_id=owners[-1], owner=owners[-1])
    await erasing.erase(rights, "ana")
    left = {note_owner(gap.id) for gap in await rights.store.gaps()}
    assert (len(owners), len(left)) == (2, 1)
    assert {each for each in owners if await rights.vault.count([each])} == left
