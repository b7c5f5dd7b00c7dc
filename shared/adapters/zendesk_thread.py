"""What is said in a ticket: adds ours once, reads what people wrote there.

Wire format: "Ticket Comments" and "Tickets" (developer.zendesk.com/api-reference/ticketing/tickets): comments
are added by updating the ticket, and listed in pages with their authors beside them. A ticket is solved only
when it is assigned ("Solve ticket", docs.workato.com/connectors/zendesk): one of nobody's becomes ours.
"""

import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import httpx
import msgspec

from shared.adapters.zendesk_removal import VENDOR
from shared.errors import VendorDown, VendorRefused
from shared.ports import TicketWish

Call = Callable[..., Awaitable[httpx.Response]]
Answer = TypeVar("Answer")
_KEYS = uuid.UUID("c1f6f7f0-9d0e-4b58-8f0c-1b1d6a0a5e42")
_CONFLICT = 409
_MOST_PAGES = 50
"""A ticket holds 5,000 comments at most, a page 100."""


class _Ticket(msgspec.Struct, frozen=True):
    id: int
    updated_at: str
    assignee_id: int | None = None


class _OneTicket(msgspec.Struct, frozen=True):
    ticket: _Ticket


class _Metadata(msgspec.Struct, frozen=True):
    custom: dict[str, object] = {}


class Comment(msgspec.Struct, frozen=True):
    """As the vendor sends it."""

    id: int
    created_at: datetime
    author_id: int
    body: str = ""
    plain_body: str | None = None
    public: bool = True
    metadata: _Metadata = _Metadata()

    @property
    def ours(self) -> str:
        """The mark of what we wrote ourselves; empty for a person's."""
        return str(self.metadata.custom.get("desk_key") or "")


class _User(msgspec.Struct, frozen=True):
    id: int
    name: str = ""


class _Meta(msgspec.Struct, frozen=True):
    has_more: bool = False
    after_cursor: str | None = None


class _Comments(msgspec.Struct, frozen=True):
    comments: list[Comment]
    users: list[_User] = []
    meta: _Meta = _Meta()


class _Me(msgspec.Struct, frozen=True):
    user: _User


class Thread:
    """One ticket's comments; `call` makes a request that raises `VendorDown` when nothing usable came."""

    def __init__(self, call: Call, number: str) -> None:
        if not number.isdigit():
            raise VendorRefused(VENDOR, f"{number!r} is no ticket number")
        self._call = call
        self._number = number
        self._where = f"/api/v2/tickets/{number}"

    async def add(self, body: str, *, key: str, public: bool, change: TicketWish) -> None:
        """Once per key, with the change. Raises `VendorRefused` for a ticket that is closed for good."""
        shown = await self._call("GET", f"{self._where}.json")
        if shown.status_code == httpx.codes.NOT_FOUND:
            raise VendorRefused(VENDOR, f"has no ticket {self._number}")
        ticket = read(shown, _OneTicket).ticket
        mark = str(uuid.uuid5(_KEYS, key))
        comments, _ = await self.all()
        if any(comment.ours == mark for comment in comments):
            return
        # safe_update: of two processes with the same comment, the second is told of the conflict.
        wish: dict[str, object] = {
            "comment": {"body": body, "public": public},
            "metadata": {"desk_key": mark},
            "safe_update": True,
            "updated_stamp": ticket.updated_at,
        }
        wish |= {"status": change.status} if change.status else {}
        wish |= {"priority": change.priority} if change.priority else {}
        if change.status == "solved" and ticket.assignee_id is None:
            wish["assignee_id"] = read(await self._call("GET", "/api/v2/users/me.json"), _Me).user.id
        answer = await self._call("PUT", f"{self._where}.json", json={"ticket": wish})
        if answer.status_code == _CONFLICT:
            raise VendorDown(VENDOR, f"ticket {self._number} was changed meanwhile")
        if answer.status_code != httpx.codes.OK:
            raise VendorRefused(VENDOR, f"answered {answer.status_code} to a comment{fields(answer)}")

    async def all(self) -> tuple[list[Comment], dict[int, str]]:
        """Every comment, oldest first, and the names of their authors by id."""
        found: list[Comment] = []
        names: dict[int, str] = {}
        ask = {"include": "users", "page[size]": "100"}
        for _ in range(_MOST_PAGES):
            answer = await self._call("GET", f"{self._where}/comments.json", params=ask)
            if answer.status_code == httpx.codes.NOT_FOUND:
                raise VendorRefused(VENDOR, f"has no ticket {self._number}")
            page = read(answer, _Comments)
            found += page.comments
            names |= {user.id: user.name for user in page.users}
            if not page.meta.has_more or not page.meta.after_cursor:
                break
            ask["page[after]"] = page.meta.after_cursor
        return sorted(found, key=lambda comment: (comment.created_at, comment.id)), names


def read(answer: httpx.Response, kind: type[Answer]) -> Answer:
    """The answer as this type. Raises `VendorDown` for garbage."""
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        # The error's own text may quote the ticket; its kind says enough.
        raise VendorDown(VENDOR, f"answered garbage ({type(error).__name__})") from None


class _Details(msgspec.Struct, frozen=True):
    details: dict[str, msgspec.Raw] = {}


def fields(answer: httpx.Response) -> str:
    """Names of the fields the vendor refused (their texts may quote a customer)."""
    try:
        names = sorted(msgspec.json.decode(answer.content, type=_Details).details)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return f": {', '.join(names)}" if names else ""
