"""Reads, checks and writes the mock Zendesk's tickets, comments and users."""

from collections.abc import Mapping
from typing import Any

from starlette.datastructures import URL

from mock_apis.store import Store
from mock_apis.zendesk_paging import paged

Doc = dict[str, Any]

BOT = 9001  # the user behind the API token
_FIRST = {"ticket": 35001, "comment": 700001, "user": 9101}
_MOST_BYTES = 65_535
_ALLOWED = {
    "priority": ("low", "normal", "high", "urgent"),
    "status": ("new", "open", "pending", "hold", "solved", "closed"),
    "type": ("problem", "incident", "question", "task"),
}
_COPIED = (
    "subject", "priority", "status", "type", "external_id", "tags", "custom_fields", "group_id",
    "assignee_id",
)  # fmt: skip


def fill(store: Store, email: str) -> None:
    """A new account has only the user the token belongs to."""
    _write_user(
        store,
        BOT,
        {"name": "Harbor & Pine desk", "email": email, "role": "agent"},
        "2026-01-01T00:00:00Z",
    )


def ticket_problems(wish: Doc, *, new: bool, assigned: bool = False) -> Doc:
    """What the vendor would say is wrong, by field; empty when nothing is. `assigned`: it is by now."""
    problems: Doc = {}
    if wish.get("status") in {"solved", "closed"} and not (assigned or wish.get("assignee_id")):
        problems["assignee_id"] = [_problem("Assignee: is required when solving a ticket", "BlankValue")]
    comment = wish.get("comment")
    if new and not _text_of(comment):
        problems["comment"] = [_problem("Description: cannot be blank", "BlankValue")]
    elif comment is not None and not _text_of(comment):
        problems["comment"] = [_problem("Comment: cannot be blank", "BlankValue")]
    if len(_text_of(comment).encode()) > _MOST_BYTES:
        problems["comment"] = [_problem("Comment: is too long (maximum 65535 bytes)", "InvalidValue")]
    for field, allowed in _ALLOWED.items():
        value = wish.get(field)
        if value is not None and value not in allowed:
            problems[field] = [
                _problem(f"{field.title()}: {value} is not included in the list", "InvalidValue")
            ]
    tags = wish.get("tags")
    if tags is not None and not (isinstance(tags, list) and all(isinstance(t, str) for t in tags)):
        problems["tags"] = [_problem("Tags: must be a list of strings", "InvalidValue")]
    requester = wish.get("requester")
    if requester is not None and user_problems(requester):
        problems["requester"] = [_problem("Requester: is invalid", "InvalidValue")]
    return problems


def user_problems(wish: Doc) -> Doc:
    """What is wrong with a user, by field."""
    problems: Doc = {}
    if not isinstance(wish, dict) or not wish.get("name"):
        problems["name"] = [_problem("Name: is too short (minimum one character)", "BlankValue")]
    email = wish.get("email") if isinstance(wish, dict) else None
    if email is not None and "@" not in str(email):
        problems["email"] = [_problem(f"Email: {email} is not properly formatted", "InvalidValue")]
    return problems


def new_ticket(store: Store, wish: Doc, now: str) -> Doc:
    """Write a ticket with its first comment."""
    # A deleted ticket's number is never given again.
    kinds = ("ticket", "deleted_ticket", "scrubbed")
    number = max(store.next_number(kind, first=_FIRST["ticket"]) for kind in kinds)
    requester = BOT
    if wish.get("requester"):
        requester = put_user(store, wish["requester"], now)[0]["id"]
    ticket: Doc = {
        "id": number,
        "url": f"/api/v2/tickets/{number}.json",
        "external_id": None,
        "subject": None,
        "raw_subject": wish.get("subject"),
        "description": _text_of(wish["comment"]),
        "type": None,
        "priority": None,
        "status": "new",
        "requester_id": wish.get("requester_id") or requester,
        "submitter_id": BOT,
        "assignee_id": None,
        "group_id": None,
        "tags": [],
        "custom_fields": [],
        "via": {"channel": "api"},
        "created_at": now,
        "updated_at": now,
    }
    ticket |= {name: wish[name] for name in _COPIED if wish.get(name) is not None}
    _write_ticket(store, ticket)
    _add_comment(store, ticket, wish, now)
    return ticket


def comment_page(store: Store, found: list[Doc], asked: Mapping[str, str], url: URL) -> Doc:
    """A page of comments; `include=users` brings their authors."""
    page = paged("comments", found, asked, url)
    if "users" in asked.get("include", "").split(","):
        authors = dict.fromkeys(str(each["author_id"]) for each in page["comments"])
        page["users"] = [user for each in authors if (user := store.get("user", each)) is not None]
    return page


def change_ticket(store: Store, ticket: Doc, wish: Doc, now: str) -> None:
    """Apply an update, with its comment when it has one."""
    ticket |= {name: wish[name] for name in _COPIED if wish.get(name) is not None}
    if ticket["status"] == "new" and ticket["assignee_id"]:
        ticket["status"] = "open"  # a new ticket that somebody has is open
    ticket["updated_at"] = now
    _write_ticket(store, ticket)
    if wish.get("comment") is not None:
        _add_comment(store, ticket, wish, now)


def audit(ticket: Doc, wish: Doc) -> Doc:
    """The event record the vendor returns beside a changed ticket."""
    custom = wish.get("metadata") or {}
    return {
        "ticket_id": ticket["id"],
        "created_at": ticket["updated_at"],
        "metadata": {"custom": custom, "system": {}},
    }


def put_user(store: Store, wish: Doc, now: str) -> tuple[Doc, bool]:
    """Create a user, or update the one with the same external id or e-mail."""
    found = find_users(store, external_id=wish.get("external_id"), query=f"email:{wish.get('email')}")
    if found:
        known = found[0]
        known |= {k: v for k, v in wish.items() if k in {"name", "email", "phone", "locale", "external_id"}}
        return _write_user(store, known["id"], known, now), False
    return _write_user(store, store.next_number("user", first=_FIRST["user"]), wish, now), True


def find_users(store: Store, *, external_id: str | None, query: str) -> list[Doc]:
    """Users by external id, else by e-mail (`email:x` or the bare address)."""
    if external_id is not None:
        found = store.owned("user", external_id)
        if found:
            return found
    email = query.strip().removeprefix("email:").strip("\"' ").casefold()
    known = store.named("user", email) if "@" in email else None
    return [known] if known else []


def _write_user(store: Store, number: int, wish: Doc, now: str) -> Doc:
    user: Doc = {
        "role": "end-user",
        "phone": None,
        "locale": "en-US",
        "external_id": None,
        "created_at": now,
    }
    user |= wish
    user |= {"id": number, "updated_at": now, "url": f"/api/v2/users/{number}.json"}
    store.put(
        "user",
        str(number),
        user,
        number=number,
        name=str(user.get("email") or "").casefold(),
        owner=str(user["external_id"] or ""),
    )
    return user


def _write_ticket(store: Store, ticket: Doc) -> None:
    store.put(
        "ticket",
        str(ticket["id"]),
        ticket,
        number=ticket["id"],
        owner=str(ticket["external_id"] or ""),
    )


def _add_comment(store: Store, ticket: Doc, wish: Doc, now: str) -> None:
    number = store.next_number("comment", first=_FIRST["comment"])
    comment = wish["comment"]
    text = _text_of(comment)
    body: Doc = {
        "id": number,
        "type": "Comment",
        "author_id": comment.get("author_id") or BOT,
        "body": text,
        "plain_body": text,
        "html_body": comment.get("html_body") or "",
        "public": bool(comment.get("public", True)),
        "attachments": [],
        "created_at": now,
        "metadata": {"system": {}, "custom": wish.get("metadata") or {}},
    }
    store.put("comment", str(number), body, number=number, owner=str(ticket["id"]))


def _text_of(comment: object) -> str:
    if not isinstance(comment, dict):
        return ""
    return str(comment.get("body") or comment.get("html_body") or "").strip()


def _problem(description: str, error: str) -> Doc:
    return {"description": description, "error": error}
