"""Opens and feeds tickets through Zendesk's Support API.

Wire format: developer.zendesk.com/api-reference/ticketing/tickets/tickets and its introduction's
"Idempotency" (a key holds two hours, so the ticket's own external id is asked first).
"""

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
from shared.adapters.zendesk_thread import Thread, fields, read
from shared.errors import SettingsError, VendorRefused
from shared.hand_over import Note, render
from shared.ports import PIIVault, TicketComment, TicketWish

PURPOSE = "helpdesk"
MOCK = "mock://zendesk"
_LONGEST_BODY = 64_000
"""Bytes: the vendor keeps 64 KB of a comment, "~65,000 characters, depending on your encoding" ("Commets
size", support.zendesk.com/hc/en-us/community), which is a third of that where letters take three bytes."""
_CUT = " [...]"
Answer = TypeVar("Answer")


class _Ticket(msgspec.Struct, frozen=True):
    id: int


class _OneTicket(msgspec.Struct, frozen=True):
    ticket: _Ticket


class _Tickets(msgspec.Struct, frozen=True):
    tickets: list[_Ticket]


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
            "comment": {"body": _fitted(body), "public": False},
            "priority": hand_over.priority,
            "tags": ["answerdesk", f"queue_{_tag(hand_over.queue)}", f"reason_{_tag(hand_over.reason)}"],
        }
        return await persist(lambda: self._open(hand_over.id, ticket), vendor=VENDOR, patience=self._patience)

    async def add_comment(
        self,
        ticket: str,
        text: str,
        *,
        conversation_id: str,
        key: str,
        public: bool = False,
        change: TicketWish | None = None,
    ) -> None:
        """Its metadata carries the key, for which the ticket is searched first."""
        body = await self._vault.reveal(text, conversation_id=conversation_id, purpose=PURPOSE)
        thread = Thread(self._call, ticket)
        await persist(
            lambda: thread.add(_fitted(body), key=key, public=public, change=change or TicketWish()),
            vendor=VENDOR,
            patience=self._patience,
        )

    async def comments(self, ticket: str, *, conversation_id: str, owner: str) -> Sequence[TicketComment]:
        """Colleagues' words there, without our own and the ticket's first, which we wrote, too."""
        thread = Thread(self._call, ticket)
        found, names = await persist(thread.all, vendor=VENDOR, patience=self._patience)
        me = read(await self._call("GET", "/api/v2/users/me.json"), _Me).user.id
        return [
            TicketComment(
                id=str(each.id),
                author=names.get(each.author_id, "").split(" ")[0],
                text=await self._vault.tokenize(
                    _fitted(each.plain_body or each.body),
                    conversation_id=conversation_id,
                    owner=owner,
                ),
                public=each.public,
                at=each.created_at.timestamp(),
            )
            for each in found
            if not each.ours and each.author_id != me
        ]

    async def erase_ticket(self, hand_over_id: str, *, ticket: str) -> bool:
        """The ticket goes to the vendor's bin and out of it; one that is in the bin already goes, too."""
        return await Removal(self._call, hand_over_id, ticket).done(self._patience)

    async def ping(self) -> None:
        """Asks who we are, once; an anonymous answer means the credentials are not ours."""
        me = read(await self._call("GET", "/api/v2/users/me.json"), _Me)
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
            return str(read(answer, _OneTicket).ticket.id)
        # The key was used with another wording of the same hand-over: its ticket is there by now.
        if (known := await self._known(external_id)) is not None:
            return known
        raise VendorRefused(VENDOR, f"answered {answer.status_code} to a new ticket{fields(answer)}")

    async def _known(self, external_id: str) -> str | None:
        answer = await self._call("GET", "/api/v2/tickets.json", params={"external_id": external_id})
        if answer.status_code != httpx.codes.OK:
            raise VendorRefused(VENDOR, f"answered {answer.status_code} to a search: check the account's URL")
        found = read(answer, _Tickets).tickets
        return str(min(ticket.id for ticket in found)) if found else None

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
    while lines and sum(len(line.encode()) for line in lines) > room:
        lines.pop(0)
    said = ["", f"{note.titles['conversation']}:", *(f"- {line}" for line in lines)] if lines else []
    return "\n".join([*head, *said])


def _fitted(body: str) -> str:
    """What fits into a comment, cut between letters; a mark says that there is more."""
    raw = body.encode("utf-8", "replace")
    if len(raw) <= _LONGEST_BODY:
        return body
    return raw[: _LONGEST_BODY - len(_CUT)].decode("utf-8", "ignore") + _CUT


def _tag(name: str) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in name.lower())


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
