"""Erases what is kept of one customer, store by store, and leaves a signed receipt."""

import os
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from shared.errors import StoreDown
from shared.ports import Deed
from shared.ports.rights import Receipt, Removed
from shared.wiring import Services, open_receipts

_STAYS = {
    "answers": "replies to policy questions, kept without any link to a person or their conversation",
    "audit": "the log is append-only; its lines have a pseudonym and tokens that open nothing",
    "shop": "the customer's own record there is the shop's to delete",
}
_BUS_IN_MEMORY = "the bus is in the service's memory; its messages end with that process"
_NO_TICKETS = "no ticket was opened for this customer"


class Journal(msgspec.Struct, kw_only=True):
    """What a run has found and done, so that the next one goes on where it was cut off."""

    begun_at: str
    conversations: list[str] = []
    tickets: list[str] = []
    removed: dict[str, dict[str, int]] = {}


async def erase(services: Services, customer: str) -> tuple[Receipt, Path]:
    """Remove the customer from every store; the receipt and its file. Again after a crash, or at any time.

    `customer` is a shop's customer id, or a conversation's id for a guest. The keys go last: they tell which
    conversations were theirs. Raises a `DeskError` when a store cannot be reached; what was removed stays so.
    """
    audit, vault, store = await services.audit(), await services.vault(), await services.store()
    name = audit.pseudonym("customer", customer)
    short = name.partition(":")[2]
    folder = services.settings.data_dir / "erasures"
    path = folder / f".{short}.journal"
    journal = await _found(services, customer, _read(path) or Journal(begun_at=_now()))
    await audit.write(
        Deed(action="erase", purpose=name, counts={"conversations": len(journal.conversations)})
    )
    _write(path, msgspec.json.encode(journal))
    bus = await services.bus("erase", join=True)

    async def forget() -> Mapping[str, int]:
        # What they said as a guest, before they signed in, is sealed for the conversation.
        return {"values": sum([await vault.forget(each) for each in (customer, *journal.conversations)])}

    steps: dict[str, Callable[[], Awaitable[Mapping[str, int]]]] = {
        "bus": lambda: bus.erase(journal.conversations),
        "conversations": lambda: store.erase(journal.conversations),
        "vault": forget,
    }
    for step, remove in steps.items():
        counts = journal.removed.setdefault(step, {})
        for kind, count in (await remove()).items():
            counts[kind] = counts.get(kind, 0) + count
        _write(path, msgspec.json.encode(journal))
    receipt = _receipt(name, journal, tuple(steps), in_memory=bus.kind == "memory")
    signed = open_receipts(services.settings).sign(receipt)
    done = folder / f"{short}-{receipt.done_at.replace(':', '')}-{secrets.token_hex(2)}.json"
    _write(done, msgspec.json.format(msgspec.json.encode(signed), indent=2) + b"\n")
    path.unlink()
    return signed, done


def _receipt(name: str, journal: Journal, steps: tuple[str, ...], *, in_memory: bool) -> Receipt:
    """What was removed in `steps`, and what stays, there and elsewhere."""
    left = _STAYS | {"helpdesk": _tickets(journal.tickets)}
    if in_memory:
        left["bus"] = _BUS_IN_MEMORY
    return Receipt(
        customer=name,
        begun_at=journal.begun_at,
        done_at=_now(),
        conversations=len(journal.conversations),
        stores=tuple(
            Removed(store=place, removed=journal.removed.get(place, {}), left=left.get(place, ""))
            for place in (*steps, *sorted(left.keys() - set(steps)))
        ),
    )


async def _found(services: Services, customer: str, journal: Journal) -> Journal:
    """The journal with what is there now; a run that was cut off may have removed some of it."""
    vault, store = await services.vault(), await services.store()
    conversations = {*journal.conversations, *await vault.conversations(customer)}
    if await store.load(customer) is not None:
        conversations.add(customer)  # a guest of whom the vault knows nothing
    held = await store.held(sorted(conversations))
    tickets = {each.ticket for one in held for each in one.hand_overs if each.ticket}
    return Journal(
        begun_at=journal.begun_at,
        conversations=sorted(conversations),
        tickets=sorted(tickets.union(journal.tickets)),
        removed=journal.removed,
    )


def _tickets(tickets: list[str]) -> str:
    if not tickets:
        return _NO_TICKETS
    return f"tickets {', '.join(tickets)} hold copies of what was said; delete them there, we cannot"


def _read(path: Path) -> Journal | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Journal)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise StoreDown(
            f"journal {path} cannot be read: {error}; remove it to begin the erasure anew"
        ) from None


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all, readable by us only, and on disk when this returns."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
        fresh.replace(path)
    except OSError as error:
        raise StoreDown(
            f"{path} cannot be written: {error.strerror}; free disk space, then erase again"
        ) from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
