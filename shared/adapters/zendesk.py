"""Opens and feeds tickets through Zendesk's Support API.

Wire format: developer.zendesk.com/api-reference/ticketing/tickets/tickets and its introduction's
"Idempotency" (a key holds two hours, so the ticket's own external id is asked first).
"""

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from shared import contracts as c
from shared.adapters.vendor_http import Patience, exchange, persist
from shared.adapters.zendesk_removal import VENDOR, Removal
from shared.errors import SettingsError, VendorDown, VendorRefused
from shared.hand_over import Note, render
from shared.ports import PIIVault

PURPOSE = "helpdesk"
MOCK = "mock://zendesk"
_KEYS = uuid.UUID("c1f6f7f0-9d0e-4b58-8f0c-1b1d6a0a5e42")
_LONGEST_BODY = 60_000  # the vendor cuts comments at 65,535 characters
_CONFLICT = 409
Answer = TypeVar("Answer")


class _Ticket(msgspec.Struct, frozen=True):
    id: int
    updated_at: str


class _OneTicket(msgspec.Struct, frozen=True):
    ticket: _Ticket


class _Tickets(msgspec.Struct, frozen=True):
    tickets: list[_Ticket]


class _Metadata(msgspec.Struct, frozen=True):
    custom: dict[str, object] = {}


class _Comment(msgspec.Struct, frozen=True):
    metadata: _Metadata = _Metadata()


class _Comments(msgspec.Struct, frozen=True):
    comments: list[_Comment]


class _User(msgspec.Struct, frozen=True):
    id: int | None


class _Me(msgspec.Struct, frozen=True):
    user: _User


class ZendeskHelpdesk:
    """The `HelpdeskApi` port over one account; `http` has its base URL and credentials."""

    def __init__(
        self, http: httpx.AsyncClient, *, vault: PIIVault, patience: Patience, language: c.Language = "en"
    ) -> None:
        self._http = http
        self._language = language
        self._vault = vault
        self._patience = patience

    async def open_ticket(self, hand_over: c.HandOver, *, transcript: Sequence[c.Said]) -> str:
        """The ticket's number; looks for the hand-over's ticket before it makes one."""
        note = render(hand_over.packet, self._language)
        raw = _story(hand_over, note, transcript)
        body = await self._vault.reveal(raw, conversation_id=hand_over.conversation_id, purpose=PURPOSE)
        ticket: dict[str, object] = {
            "external_id": hand_over.id,
            "subject": f"[{hand_over.queue}] {note.headline or hand_over.reason.replace('_', ' ')}",
            "comment": {"body": body[:_LONGEST_BODY], "public": False},
            "priority": hand_over.priority,
            "tags": ["answerdesk", f"queue_{_tag(hand_over.queue)}", f"reason_{_tag(hand_over.reason)}"],
        }
        return await persist(lambda: self._open(hand_over.id, ticket), vendor=VENDOR, patience=self._patience)

    async def add_comment(self, ticket: str, text: str, *, conversation_id: str, key: str) -> None:
        """An internal comment; its metadata carries the key, for which the ticket is searched first."""
        body = await self._vault.reveal(text, conversation_id=conversation_id, purpose=PURPOSE)
        mark = str(uuid.uuid5(_KEYS, key))
        await persist(
            lambda: self._comment(ticket, body[:_LONGEST_BODY], mark), vendor=VENDOR, patience=self._patience
        )

    async def erase_ticket(self, hand_over_id: str, *, ticket: str) -> bool:
        """The ticket goes to the vendor's bin and out of it; one that is in the bin already goes, too."""
        return await Removal(self._call, hand_over_id, ticket).done(self._patience)

    async def ping(self) -> None:
        """Asks who we are, once; an anonymous answer means the credentials are not ours."""
        me = _read(await self._call("GET", "/api/v2/users/me.json"), _Me)
        if me.user.id is None:
            raise VendorRefused(
                VENDOR, "does not know our credentials: check e-mail and token in the settings"
            )

    async def _open(self, external_id: str, ticket: dict[str, object]) -> str:
        if (known := await self._known(external_id)) is not None:
            return known
        headers = {"Idempotency-Key": external_id}
        answer = await self._call("POST", "/api/v2/tickets.json", headers=headers, json={"ticket": ticket})
        if answer.status_code == httpx.codes.CREATED:
            return str(_read(answer, _OneTicket).ticket.id)
        # The key was used with another wording of the same hand-over: its ticket is there by now.
        if (known := await self._known(external_id)) is not None:
            return known
        raise VendorRefused(VENDOR, f"answered {answer.status_code} to a new ticket{_fields(answer)}")

    async def _known(self, external_id: str) -> str | None:
        answer = await self._call("GET", "/api/v2/tickets.json", params={"external_id": external_id})
        if answer.status_code != httpx.codes.OK:
            raise VendorRefused(VENDOR, f"answered {answer.status_code} to a search: check the account's URL")
        found = _read(answer, _Tickets).tickets
        return str(min(ticket.id for ticket in found)) if found else None

    async def _comment(self, number: str, body: str, mark: str) -> None:
        if not number.isdigit():
            raise VendorRefused(VENDOR, f"{number!r} is no ticket number")
        where = f"/api/v2/tickets/{number}"
        shown = await self._call("GET", f"{where}.json")
        if shown.status_code == httpx.codes.NOT_FOUND:
            raise VendorRefused(VENDOR, f"has no ticket {number}")
        stamp = _read(shown, _OneTicket).ticket.updated_at
        order = {"sort_order": "desc"}
        said = _read(await self._call("GET", f"{where}/comments.json", params=order), _Comments)
        if any(comment.metadata.custom.get("desk_key") == mark for comment in said.comments):
            return
        # safe_update: of two processes with the same comment, the second is told of the conflict.
        wish = {
            "comment": {"body": body, "public": False},
            "metadata": {"desk_key": mark},
            "safe_update": True,
            "updated_stamp": stamp,
        }
        answer = await self._call("PUT", f"{where}.json", json={"ticket": wish})
        if answer.status_code == _CONFLICT:
            raise VendorDown(VENDOR, f"ticket {number} was changed meanwhile")
        if answer.status_code != httpx.codes.OK:
            raise VendorRefused(VENDOR, f"answered {answer.status_code} to a comment{_fields(answer)}")

    async def _call(self, method: str, url: str, **request: Any) -> httpx.Response:
        return await exchange(self._http, method, url, vendor=VENDOR, **request)


def _story(hand_over: c.HandOver, note: Note, transcript: Sequence[c.Said]) -> str:
    """What a person needs, the newest part last and never cut: the oldest lines go first."""
    due = datetime.fromtimestamp(hand_over.sla_due_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    head = [*note.summary, f"{note.titles['due']}: {due}"]
    for title, told in note.sections:
        head += ["", f"{title}:", *(f"- {line}" for line in told)]
    lines = [f"{line.who}: {line.text}" for line in transcript]
    room = _LONGEST_BODY // 2
    while lines and sum(map(len, lines)) > room:
        lines.pop(0)
    said = ["", f"{note.titles['conversation']}:", *(f"- {line}" for line in lines)] if lines else []
    return "\n".join([*head, *said])


def _tag(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name.lower())


def _read(answer: httpx.Response, kind: type[Answer]) -> Answer:
    try:
        return msgspec.json.decode(answer.content, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        # The error's own text may quote the ticket; its kind says enough.
        raise VendorDown(VENDOR, f"answered garbage ({type(error).__name__})") from None


class _Details(msgspec.Struct, frozen=True):
    details: dict[str, msgspec.Raw] = {}


def _fields(answer: httpx.Response) -> str:
    """Names of the fields the vendor refused (their texts may quote a customer)."""
    try:
        names = sorted(msgspec.json.decode(answer.content, type=_Details).details)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return f": {', '.join(names)}" if names else ""


@asynccontextmanager
async def open_helpdesk(
    url: str,
    *,
    email: str,
    token: str,
    vault: PIIVault,
    language: c.Language = "en",
    mock_file: Path | None = None,
    patience: Patience | None = None,
) -> AsyncIterator[ZendeskHelpdesk]:
    """The helpdesk at `url`: `mock://zendesk` over `mock_file` in this process, or `https://<account>`.

    Its staff read `language`.

    Raises `SettingsError` for any other scheme.
    """
    open_too = ExitStack()
    if url == MOCK:
        from mock_apis import zendesk as mock  # noqa: PLC0415 only the mock needs starlette here

        # An error inside the mock is the vendor's 500, never ours.
        app = open_too.enter_context(closing(mock.create_app(mock_file)))
        transport: httpx.AsyncBaseTransport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        base, user, secret = "http://desk.mock", mock.EMAIL, mock.TOKEN
    elif urlsplit(url).scheme in {"https", "http"}:
        transport, base, user, secret = httpx.AsyncHTTPTransport(), url.rstrip("/"), email, token
    else:
        raise SettingsError(f"the helpdesk's URL {url!r} is neither {MOCK} nor https://<account>.zendesk.com")
    auth = (f"{user}/token", secret)
    with open_too:
        async with httpx.AsyncClient(transport=transport, base_url=base, auth=auth) as http:
            yield ZendeskHelpdesk(http, vault=vault, patience=patience or Patience(), language=language)
