"""What the house needs from outside, as small protocols; adapters implement them, fakes share their tests.

Networked ports have `ping()`, which raises when the thing is not usable now and says why.
"""

from shared.ports.approvals import ApprovalPlace, Approvals, Deciding
from shared.ports.audit import (
    AuditAction,
    AuditLine,
    AuditLog,
    Damage,
    Deed,
    Verified,
)
from shared.ports.bus import (
    Agent,
    Bus,
    DeadLetter,
    Delivered,
    Handler,
    News,
    Sign,
    TurnWorker,
)
from shared.ports.cases import CaseFilter, CasePlace, CaseStore, Numbered
from shared.ports.corrections import Corrections
from shared.ports.duty import Duty, DutyState, DutyStore
from shared.ports.load import ConsumerLoad, Load, StreamLoad
from shared.ports.promises import PromiseFilter, PromisePlace, Promises
from shared.ports.proofs import ProofTries, Try
from shared.ports.quotas import Lease, Quotas
from shared.ports.reading import Measure, ProductReader, ProductReading, Ranking, Telling
from shared.ports.skills import (
    Clock,
    Embedder,
    Judge,
    Leaving,
    RiskWatch,
    TextKind,
    Understanding,
    Writer,
)
from shared.ports.staff import StaffMember, StaffRole, StaffSession, StaffStore
from shared.ports.stores import (
    ConversationStore,
    Filters,
    Found,
    GapPlace,
    Held,
    KnowledgeIndex,
    StoredConversation,
    StoredMessage,
)
from shared.ports.tasks import Alarm, TaskFilter, TaskPlace, Tasks
from shared.ports.vault import PIIVault
from shared.ports.vendors import (
    CameBack,
    CommerceApi,
    HelpdeskApi,
    TicketComment,
    TicketWish,
)

__all__ = [
    "Agent",
    "Alarm",
    "ApprovalPlace",
    "Approvals",
    "AuditAction",
    "AuditLine",
    "AuditLog",
    "Bus",
    "CameBack",
    "CaseFilter",
    "CasePlace",
    "CaseStore",
    "Clock",
    "CommerceApi",
    "ConsumerLoad",
    "ConversationStore",
    "Corrections",
    "Damage",
    "DeadLetter",
    "Deciding",
    "Deed",
    "Delivered",
    "Duty",
    "DutyState",
    "DutyStore",
    "Embedder",
    "Filters",
    "Found",
    "GapPlace",
    "Handler",
    "Held",
    "HelpdeskApi",
    "Judge",
    "KnowledgeIndex",
    "Lease",
    "Leaving",
    "Load",
    "Measure",
    "News",
    "Numbered",
    "PIIVault",
    "ProductReader",
    "ProductReading",
    "PromiseFilter",
    "PromisePlace",
    "Promises",
    "ProofTries",
    "Quotas",
    "Ranking",
    "RiskWatch",
    "Sign",
    "StaffMember",
    "StaffRole",
    "StaffSession",
    "StaffStore",
    "StoredConversation",
    "StoredMessage",
    "StreamLoad",
    "TaskFilter",
    "TaskPlace",
    "Tasks",
    "Telling",
    "TextKind",
    "TicketComment",
    "TicketWish",
    "Try",
    "TurnWorker",
    "Understanding",
    "Verified",
    "Writer",
]
