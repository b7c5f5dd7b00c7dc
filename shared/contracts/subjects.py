"""Subjects on the bus: each tied to the types that travel on it."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from shared.contracts.asks import (
    ActionExecuted,
    AssessMessage,
    ClassifyIntent,
    ExecuteAction,
    FactsFetched,
    FetchFacts,
    IntentClassified,
    JudgeReply,
    Message,
    MessageAssessed,
    MessageScreened,
    PassagesRetrieved,
    PersonRequested,
    ReplyJudged,
    ReplyWritten,
    RequestPerson,
    RetrievePassages,
    ScreenMessage,
    WriteReply,
)
from shared.contracts.editing import (
    DocumentOpened,
    DocumentsListed,
    EditPreviewed,
    EditPublished,
    ListDocuments,
    OpenDocument,
    PreviewEdit,
    PublishEdit,
)
from shared.contracts.tasks import TaskChanged, TaskDue, TaskReminded
from shared.contracts.turns import (
    FeedbackGiven,
    TurnFinished,
)
from shared.contracts.vendor_events import (
    ShopCustomerChanged,
    ShopGone,
    ShopOrderChanged,
    ShopParcelChanged,
    ShopPersonRequest,
    ShopStockChanged,
    TicketChanged,
    TicketRated,
    WebhookUnreadable,
)
from shared.contracts.words import Value

Ask = TypeVar("Ask", bound=Message)
Answer = TypeVar("Answer", bound=Message)
Body = TypeVar("Body", bound=Value)


@dataclass(frozen=True)
class Call(Generic[Ask, Answer]):
    """A question with one answer: subject on the bus, type of the ask, type of the answer."""

    subject: str
    ask: type[Ask]
    answer: type[Answer]


@dataclass(frozen=True)
class Event(Generic[Body]):
    """Something that happened, for whoever listens."""

    subject: str
    body: type[Body]


SCREEN = Call("critic.screen.v1", ScreenMessage, MessageScreened)
CLASSIFY = Call("intent.classify.v1", ClassifyIntent, IntentClassified)
RETRIEVE = Call("knowledge.retrieve.v1", RetrievePassages, PassagesRetrieved)
FETCH = Call("knowledge.fetch.v1", FetchFacts, FactsFetched)
LIST_DOCUMENTS = Call("knowledge.list.v1", ListDocuments, DocumentsListed)
OPEN_DOCUMENT = Call("knowledge.open.v1", OpenDocument, DocumentOpened)
PREVIEW_EDIT = Call("knowledge.preview.v1", PreviewEdit, EditPreviewed)
PUBLISH_EDIT = Call("knowledge.publish.v1", PublishEdit, EditPublished)
ASSESS = Call("escalation.assess.v1", AssessMessage, MessageAssessed)
EXECUTE = Call("actions.execute.v1", ExecuteAction, ActionExecuted)
WRITE = Call("response.write.v1", WriteReply, ReplyWritten)
JUDGE = Call("critic.judge.v1", JudgeReply, ReplyJudged)
REQUEST_PERSON = Call("escalation.request_person.v1", RequestPerson, PersonRequested)

TURN_FINISHED = Event("turn.finished.v1", TurnFinished)
FEEDBACK_GIVEN = Event("feedback.given.v1", FeedbackGiven)

TASK_DUE = Event("tasks.due.v1", TaskDue)
TASK_REMINDED = Event("tasks.reminded.v1", TaskReminded)
TASK_CHANGED = Event("tasks.changed.v1", TaskChanged)

SHOP_CUSTOMER_CREATED = Event("shopify.customers.created.v1", ShopCustomerChanged)
SHOP_CUSTOMER_UPDATED = Event("shopify.customers.updated.v1", ShopCustomerChanged)
SHOP_CUSTOMER_DELETED = Event("shopify.customers.deleted.v1", ShopCustomerChanged)
SHOP_ORDER_CREATED = Event("shopify.orders.created.v1", ShopOrderChanged)
SHOP_ORDER_PAID = Event("shopify.orders.paid.v1", ShopOrderChanged)
SHOP_ORDER_FULFILLED = Event("shopify.orders.fulfilled.v1", ShopOrderChanged)
SHOP_ORDER_CANCELLED = Event("shopify.orders.cancelled.v1", ShopOrderChanged)
SHOP_PARCEL_CHANGED = Event("shopify.fulfillments.updated.v1", ShopParcelChanged)
SHOP_STOCK_UPDATED = Event("shopify.inventory.updated.v1", ShopStockChanged)
SHOP_CUSTOMER_REDACT = Event("shopify.customers.redact.v1", ShopPersonRequest)
SHOP_CUSTOMER_DATA_REQUEST = Event("shopify.customers.data_request.v1", ShopPersonRequest)
SHOP_REDACT = Event("shopify.shop.redact.v1", ShopGone)

TICKET_CREATED = Event("zendesk.tickets.created.v1", TicketChanged)
TICKET_UPDATED = Event("zendesk.tickets.updated.v1", TicketChanged)
TICKET_CLOSED = Event("zendesk.tickets.closed.v1", TicketChanged)
TICKET_PRIORITY_CHANGED = Event("zendesk.tickets.priority_changed.v1", TicketChanged)
TICKET_ASSIGNED = Event("zendesk.tickets.assigned.v1", TicketChanged)
TICKET_RATED = Event("zendesk.satisfaction_ratings.created.v1", TicketRated)

WEBHOOK_UNREADABLE = Event("webhooks.unreadable.v1", WebhookUnreadable)

VENDOR_EVENTS: tuple[Event[Any], ...] = (
    SHOP_CUSTOMER_CREATED,
    SHOP_CUSTOMER_UPDATED,
    SHOP_CUSTOMER_DELETED,
    SHOP_ORDER_CREATED,
    SHOP_ORDER_PAID,
    SHOP_ORDER_FULFILLED,
    SHOP_ORDER_CANCELLED,
    SHOP_PARCEL_CHANGED,
    SHOP_STOCK_UPDATED,
    SHOP_CUSTOMER_REDACT,
    SHOP_CUSTOMER_DATA_REQUEST,
    SHOP_REDACT,
    TICKET_CREATED,
    TICKET_UPDATED,
    TICKET_CLOSED,
    TICKET_PRIORITY_CHANGED,
    TICKET_ASSIGNED,
    TICKET_RATED,
    WEBHOOK_UNREADABLE,
)
"""What the gateway tells of webhooks."""
