"""Deletes a ticket at Zendesk for good.

Wire format: developer.zendesk.com/api-reference/ticketing/tickets/tickets ("Delete Ticket", "Delete Ticket
Permanently") and .../ticket-management/job_statuses: what is deleted lies in a bin for 30 days, and leaves
it by a job whose end must be asked for.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
import msgspec

from shared.adapters.vendor_http import Patience, persist
from shared.errors import VendorDown, VendorRefused

VENDOR = "zendesk"
Answer = TypeVar("Answer")
_REMEDY = "let our account delete tickets, or delete it there for good by hand; then erase again"


class _Ticket(msgspec.Struct, frozen=True):
    id: int
    external_id: str | None = None


class _OneTicket(msgspec.Struct, frozen=True):
    ticket: _Ticket


class _Tickets(msgspec.Struct, frozen=True):
    tickets: list[_Ticket]


class _Job(msgspec.Struct, frozen=True):
    id: str
    status: str


class _OneJob(msgspec.Struct, frozen=True):
    job_status: _Job


class Removal:
    """One ticket on its way out; each attempt goes on where the one before it ended."""

    def __init__(
        self, call: Callable[..., Awaitable[httpx.Response]], hand_over_id: str, ticket: str
    ) -> None:
        if ticket and not ticket.isdigit():
            raise VendorRefused(VENDOR, f"{ticket!r} is no ticket number")
        self._call = call
        self._hand_over = hand_over_id
        self._ticket = ticket
        self._removed = False

    async def done(self, patience: Patience) -> bool:
        """Whether there was anything to remove. Raises `VendorDown` and `VendorRefused`."""
        try:
            await persist(self._attempt, vendor=VENDOR, patience=patience)
        except VendorRefused as refused:
            raise VendorRefused(VENDOR, f"ticket {self._ticket} stays: {refused}; {_REMEDY}") from None
        return self._removed

    async def _attempt(self) -> None:
        ticket = self._ticket = self._ticket or await self._search()
        if not ticket:
            return
        shown = await self._call("GET", f"/api/v2/tickets/{ticket}.json")
        if _there(shown):
            if _read(shown, _OneTicket).ticket.external_id != self._hand_over:
                raise VendorRefused(VENDOR, "it is not the one we opened")
            # No content when it went; somebody else may have been faster.
            self._removed |= _there(await self._call("DELETE", f"/api/v2/tickets/{ticket}.json"))
        binned = await self._call("DELETE", f"/api/v2/deleted_tickets/{ticket}.json")
        if _there(binned):
            self._removed = True
            await self._finished(_read(binned, _OneJob).job_status)

    async def _search(self) -> str:
        """The ticket of a hand-over whose number was never noted; empty when there is none."""
        found = await self._call("GET", "/api/v2/tickets.json", params={"external_id": self._hand_over})
        tickets = _read(found, _Tickets).tickets if _there(found) else []
        return str(min(ticket.id for ticket in tickets)) if tickets else ""

    async def _finished(self, job: _Job) -> None:
        if job.status in {"queued", "working"}:
            shown = await self._call("GET", f"/api/v2/job_statuses/{job.id}.json")
            job = _read(shown, _OneJob).job_status
        if job.status in {"queued", "working"}:
            raise VendorDown(VENDOR, f"ticket {self._ticket} is still being deleted")
        if job.status != "completed":
            raise VendorDown(VENDOR, f"the deletion of ticket {self._ticket} ended as {job.status[:20]}")


def _there(answer: httpx.Response) -> bool:
    if answer.status_code == httpx.codes.NOT_FOUND:
        return False
    if answer.is_success:
        return True
    raise VendorRefused(VENDOR, f"answered {answer.status_code}")


def _read(answer: httpx.Response, kind: type[Answer]) -> Answer:
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise VendorDown(VENDOR, f"answered garbage ({type(error).__name__})") from None
