"""Tells registered addresses what happened to tickets of the mock Zendesk.

Sources: "Webhooks API" (developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks), "Anatomy of a
webhook request" (developer.zendesk.com/documentation/webhooks) and "Ticket events"
(developer.zendesk.com/api-reference/webhooks/event-types/ticket-events).
"""

import json
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from mock_apis.store import Store
from mock_apis.webhooks import ZENDESK, Sender, signature

Doc = dict[str, Any]
_ACCOUNT = 123456
_TYPE = "zen:event-type:ticket."
_NUMBERS = ("assignee_id", "group_id", "requester_id", "submitter_id")


def webhook_problems(wish: Doc) -> list[Doc]:
    """What the vendor would say is wrong with a new webhook; empty when nothing is."""
    problems = [f"{name} is required" for name in ("name", "endpoint") if not wish.get(name)]
    allowed = {"http_method": "POST", "request_format": "json"}  # with events there is no other
    problems += [f"{name} must be {value}" for name, value in allowed.items() if wish.get(name) != value]
    if not str(wish.get("endpoint", "https://")).startswith(("https://", "http://")):
        problems.append("endpoint is not a URL")
    wanted = wish.get("subscriptions")
    if not isinstance(wanted, list) or not all(str(each).startswith("zen:event-type:") for each in wanted):
        problems.append("subscriptions must be a list of event types")
    return [{"code": "InvalidParameter", "title": "Invalid parameter", "detail": each} for each in problems]


def register(store: Store, wish: Doc, now: str) -> Doc:
    """Keep a webhook with a signing secret of its own; call it inside `writing()`."""
    number = store.next_number("webhook", first=1)
    shown = {
        name: wish[name] for name in ("name", "endpoint", "http_method", "request_format", "subscriptions")
    }
    hook = {"id": secrets.token_hex(13).upper(), "status": wish.get("status") or "active", **shown}
    hook |= {"created_at": now, "updated_at": now, "created_by": "9001"}
    store.put("webhook", hook["id"], hook, number=number)
    signing = {"algorithm": "SHA256", "secret": secrets.token_urlsafe(32)}
    store.put("signing_secret", hook["id"], signing, number=number)
    return hook


@dataclass(frozen=True)
class Announcer:
    """Sends what happened to whoever subscribed to it."""

    store: Store
    sender: Sender
    now: Callable[[], datetime]

    def created(self, ticket: Doc) -> None:
        """Tell of a new ticket."""
        self.tell(f"{_TYPE}created", ticket, {})

    def changed(self, before: Mapping[str, Any], ticket: Doc, comment: Doc | None) -> None:
        """Tell of every difference, one event for each."""
        kinds = {
            "status": "status_changed",
            "priority": "priority_changed",
            "assignee_id": "agent_assignment_changed",
            "group_id": "group_assignment_changed",
        }
        for field, kind in kinds.items():
            old, new = before.get(field), ticket.get(field)
            if old != new:
                self.tell(f"{_TYPE}{kind}", ticket, {"previous": _shown(old), "current": _shown(new)})
        if comment is not None:
            said = {
                "id": str(uuid.uuid4()),
                "body": comment.get("body"),
                "is_public": comment.get("public", True),
            }
            self.tell(f"{_TYPE}comment_added", ticket, {"comment": said})

    def tell(self, kind: str, ticket: Doc, event: Doc) -> int:
        """Send to each active webhook with this type, in the background; how many."""
        hooks = [
            hook
            for hook in self.store.all("webhook")
            if hook["status"] == "active" and kind in hook["subscriptions"]
        ]
        body = json.dumps(
            {
                "account_id": _ACCOUNT,
                "detail": _detail(ticket),
                "event": event,
                "id": str(uuid.uuid4()),
                "subject": f"zen:ticket:{ticket['id']}",
                "time": self.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "type": kind,
                "zendesk_event_version": "2022-11-06",
            },
            ensure_ascii=False,
        ).encode()
        for hook in hooks:
            self.sender.send(
                hook["endpoint"], body, rules=ZENDESK, sign=partial(self._signed, hook["id"], body)
            )
        return len(hooks)

    def trigger(self, wish: Mapping[str, Any]) -> int:
        """Send a `type` about a `ticket` with its `event`, for what nobody does in this mock: a rating.

        Raises `ValueError` naming what is wrong with the wish.
        """
        ticket = self.store.get("ticket", str(wish.get("ticket")))
        if ticket is None:
            raise ValueError(f"there is no ticket {wish.get('ticket')!r}")
        return self.tell(str(wish.get("type", "")), ticket, wish.get("event") or {})

    def _signed(self, hook: str, body: bytes) -> dict[str, str]:
        """The headers of one try: time and body are signed."""
        stamp = self.now().strftime("%Y-%m-%dT%H:%M:%SZ")
        secret = self.store.need("signing_secret", hook)["secret"]
        return {
            "Content-Type": "application/json",
            "X-Zendesk-Account-Id": str(_ACCOUNT),
            "X-Zendesk-Webhook-Id": hook,
            "X-Zendesk-Webhook-Invocation-Id": secrets.token_hex(8),
            "X-Zendesk-Webhook-Signature": signature(secret, stamp.encode() + body),
            "X-Zendesk-Webhook-Signature-Timestamp": stamp,
        }


def _detail(ticket: Doc) -> Doc:
    """A ticket as its events show it: numbers as text, states in capitals."""
    kept = ("subject", "description", "external_id", "tags", "created_at", "updated_at", "via")
    detail: Doc = {name: ticket.get(name) for name in kept}
    detail |= {name: None if ticket.get(name) is None else str(ticket[name]) for name in _NUMBERS}
    return detail | {
        "id": str(ticket["id"]),
        "status": _shown(ticket["status"]),
        "priority": _shown(ticket["priority"]),
        "type": _shown(ticket["type"]),
    }


def _shown(value: object) -> str | None:
    return None if value is None else str(value).upper()
