"""Erases what is kept of one customer, store by store, and leaves a signed receipt."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import msgspec

from gateway.rights import files
from gateway.rights.context import Purpose, Rights, conversations_of, note_owner
from shared.errors import StoreDown
from shared.ports import Deed
from shared.ports.rights import Receipt, Removed

_STAYS = {
    "answers": "replies to policy questions, kept without any link to a person or their conversation",
    "audit": "the log is append-only; its lines have a pseudonym and tokens that open nothing",
    "running gateways": "may hold the shop's record of the customer in memory for five minutes",
    "spending": "what models cost by day, kept without any link to a person or their conversation",
    "shop": "the customer's own record there is the shop's to delete",
}
_BUS_IN_MEMORY = "the bus is in the service's memory; its messages end with that process"
_NO_TICKETS = "no ticket was opened for this customer"
_TICKETS = (
    "deleted for good; what the vendor itself keeps of a deleted ticket (its number, dates, back-ups) and "
    "e-mails that it sent are beyond our reach"
)
_PASSES = 5
_LOOK_SECONDS = 0.05


class Journal(msgspec.Struct, kw_only=True):
    """What a run has found and done, so that the next one goes on where it was cut off.

    `hand_overs` are tickets by the hand-over they were opened for, empty where none was noted; `gaps` the
    questions that were asked.
    """

    begun_at: str
    conversations: list[str] = []
    hand_overs: dict[str, str] = {}
    gaps: list[str] = []
    removed: dict[str, dict[str, int]] = {}

    def add(self, step: str, removed: Mapping[str, int]) -> int:
        """Count what a step removed; how much that was."""
        counts = self.removed.setdefault(step, {})
        for kind, count in removed.items():
            counts[kind] = counts.get(kind, 0) + count
        return sum(removed.values())


async def erase(
    rights: Rights, customer: str, *, actor: str = "", purpose: Purpose = "customer request"
) -> tuple[Receipt, Path]:
    """Remove the customer from every store; the receipt and its file. Again after a crash, or at any time.

    `customer` is a shop's customer id, or a conversation's id for a guest; `actor` who does it (empty is this
    process). Raises a `DeskError` when a store cannot be reached or says no; what was removed stays so, and
    there is no receipt before every store has done its part.
    """
    async with rights.one_at_a_time:
        name = rights.audit.pseudonym("customer", customer)
        short = name.partition(":")[2]
        path = rights.erasures / f".{short}.journal"
        journal = await _found(rights, customer, _read(path) or Journal(begun_at=rights.today()))
        counts = {"conversations": len(journal.conversations)}
        await rights.audit.write(
            Deed(action="erase", purpose=f"{purpose}, {name}", actor=actor, counts=counts)
        )
        _keep(path, journal)
        await _settled(rights, journal.conversations)
        journal = await _emptied(rights, customer, journal, path)
        for step, remove in _steps(rights, customer, name, journal).items():
            journal.add(step, await remove())
            _keep(path, journal)
        receipt = rights.receipts.sign(_receipt(rights, name, journal, actor=actor, purpose=purpose))
        done = rights.erasures / f"{short}-{receipt.done_at.replace(':', '')}-{secrets.token_hex(2)}.json"
        files.write(done, msgspec.json.format(msgspec.json.encode(receipt), indent=2) + b"\n")
        path.unlink(missing_ok=True)
        return receipt, done


async def _emptied(rights: Rights, customer: str, journal: Journal, path: Path) -> Journal:
    """The store first: it notes that older turns are void, then nothing of them comes in from the bus.

    Until a pass finds nothing more: what was under way may have arrived behind our back.
    """
    for _ in range(_PASSES):
        removed = journal.add("conversations", await rights.store.erase(journal.conversations))
        _keep(path, journal)
        removed += journal.add("bus", await rights.bus.erase(journal.conversations))
        _keep(path, journal)
        if not removed:
            break
        await asyncio.sleep(_LOOK_SECONDS)
        journal = await _found(rights, customer, journal)
    return journal


def _steps(
    rights: Rights, customer: str, name: str, journal: Journal
) -> dict[str, Callable[[], Awaitable[Mapping[str, int]]]]:
    """What follows, in this order. The vendor is last: while it is away all that is ours is gone already."""

    async def forget() -> Mapping[str, int]:
        # What they said as a guest, before they signed in, is sealed for the conversation; what staff noted
        # of a question that nobody else asked, for the question.
        kept = set(await rights.store.noted(journal.gaps))
        notes = [note_owner(each) for each in journal.gaps if each not in kept]
        owners = (customer, *journal.conversations, *notes)
        return {"values": sum([await rights.vault.forget(each) for each in owners])}

    async def discard() -> Mapping[str, int]:
        return {"files": await asyncio.to_thread(files.remove, rights.exports(name))}

    async def tickets() -> Mapping[str, int]:
        gone = [
            await rights.helpdesk.erase_ticket(hand_over, ticket=ticket)
            for hand_over, ticket in sorted(journal.hand_overs.items())
        ]
        return {"tickets": sum(gone)}

    async def nobodys() -> Mapping[str, int]:
        return {"turns": await rights.spending.erase(journal.conversations, at=rights.now())}

    return {"vault": forget, "exports": discard, "spending": nobodys, "helpdesk": tickets}


async def _settled(rights: Rights, conversations: list[str]) -> None:
    """Wait until the turns that are being answered are; what takes longer ends with an empty result."""
    waiting = set(await rights.bus.unanswered(conversations))
    end = asyncio.get_running_loop().time() + rights.settle_seconds
    while waiting and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(_LOOK_SECONDS)
        waiting = {turn for turn in waiting if await rights.bus.result(*turn) is None}


async def _found(rights: Rights, customer: str, journal: Journal) -> Journal:
    """The journal with what is there now; a run that was cut off may have removed some of it."""
    conversations = sorted({*journal.conversations, *await conversations_of(rights, customer)})
    held = await rights.store.held(conversations)
    there = {each.id: each.ticket for one in held for each in one.hand_overs}
    return Journal(
        begun_at=journal.begun_at,
        conversations=conversations,
        hand_overs=journal.hand_overs | there,
        gaps=sorted({*journal.gaps, *(gap for one in held for gap in one.gaps)}),
        removed=journal.removed,
    )


def _receipt(rights: Rights, name: str, journal: Journal, *, actor: str, purpose: str) -> Receipt:
    """What was removed, and what stays, there and elsewhere."""
    left = _STAYS | {"helpdesk": _TICKETS if journal.hand_overs else _NO_TICKETS}
    if rights.bus.kind == "memory":
        left["bus"] = _BUS_IN_MEMORY
    return Receipt(
        customer=name,
        begun_at=journal.begun_at,
        done_at=rights.today(),
        conversations=len(journal.conversations),
        stores=tuple(
            Removed(store=place, removed=journal.removed.get(place, {}), left=left.get(place, ""))
            for place in (*journal.removed, *sorted(left.keys() - journal.removed.keys()))
        ),
        by=actor,
        purpose=purpose,
    )


def _read(path: Path) -> Journal | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Journal)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise StoreDown(
            f"journal {path} cannot be read: {error}; remove it to begin the erasure anew"
        ) from None


def _keep(path: Path, journal: Journal) -> None:
    files.write(path, msgspec.json.encode(journal))
