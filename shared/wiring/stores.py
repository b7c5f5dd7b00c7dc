"""Opens what is kept in the conversations' store and beside it, at `STORE_URL` and in `DATA_DIR`.

Adapters are imported where they are chosen, as in `openers`.
"""

from contextlib import AbstractAsyncContextManager, nullcontext
from typing import TYPE_CHECKING

from shared import ports
from shared.settings import Settings
from shared.wiring.openers import scheme, unknown

if TYPE_CHECKING:
    from shared.ports.editing import Editions, PastQuestions
    from shared.ports.measures import Measures
    from shared.ports.recordings import Recordings
    from shared.ports.retention import RetentionStore
    from shared.ports.search import ConversationSearch
    from shared.ports.spending import Spending
    from shared.ports.views import ViewStore


def open_store(settings: Settings) -> AbstractAsyncContextManager[ports.ConversationStore]:
    """Conversations, at `STORE_URL`."""
    if scheme(settings.store_url) != "sqlite":
        raise unknown("STORE_URL", settings.store_url, "sqlite://")
    from shared.adapters.sqlite.store import open_store  # noqa: PLC0415

    return open_store(settings.data_dir / "desk.db")


def open_cases(settings: Settings) -> AbstractAsyncContextManager[ports.CaseStore]:
    """Cases, in the conversations' store at `STORE_URL`; `open_store` comes first."""
    from shared.adapters.sqlite.cases import open_cases  # noqa: PLC0415

    return open_cases(settings.data_dir / "desk.db")


def open_search(settings: Settings) -> "AbstractAsyncContextManager[ConversationSearch]":
    """Conversations as they are searched, at `STORE_URL`; `open_store` comes first."""
    from shared.adapters.sqlite.search import open_search  # noqa: PLC0415

    return open_search(settings.data_dir / "desk.db")


def open_views(settings: Settings) -> "AbstractAsyncContextManager[ViewStore]":
    """Views that staff saved, in `DATA_DIR/staff.db`; `open_staff` comes first."""
    from shared.adapters.sqlite.views import open_views  # noqa: PLC0415

    return open_views(settings.data_dir / "staff.db")


def open_corrections(settings: Settings) -> AbstractAsyncContextManager[ports.Corrections]:
    """What staff found wrong with the bot, in the conversations' store at `STORE_URL`."""
    from shared.adapters.sqlite.corrections import open_corrections  # noqa: PLC0415

    return open_corrections(settings.data_dir / "desk.db")


def open_measures(settings: Settings) -> "AbstractAsyncContextManager[Measures]":
    """Counts over the conversations' store at `STORE_URL`; `open_store` comes first."""
    from shared.adapters.sqlite.measures import open_measures  # noqa: PLC0415

    return open_measures(settings.data_dir / "desk.db")


def open_recordings(settings: Settings) -> "AbstractAsyncContextManager[Recordings]":
    """Turns to be run again, in the conversations' store at `STORE_URL`, which must be there; only read."""
    if scheme(settings.store_url) != "sqlite":
        raise unknown("STORE_URL", settings.store_url, "sqlite://")
    from shared.adapters.sqlite.recordings import open_recordings  # noqa: PLC0415

    return open_recordings(settings.data_dir / "desk.db")


def open_editions(settings: Settings) -> "AbstractAsyncContextManager[Editions]":
    """Texts of knowledge documents, in `DATA_DIR/editions.db`."""
    from shared.adapters.sqlite.editions import open_editions  # noqa: PLC0415

    return open_editions(settings.data_dir / "editions.db")


def open_questions(settings: Settings) -> "AbstractAsyncContextManager[PastQuestions]":
    """What customers asked, in the conversations' store at `STORE_URL`; `open_store` comes first."""
    from shared.adapters.sqlite.questions import open_questions  # noqa: PLC0415

    return open_questions(settings.data_dir / "desk.db")


def open_proof_tries(settings: Settings) -> AbstractAsyncContextManager[ports.ProofTries]:
    """Tries to prove an order, beside the conversations."""
    if scheme(settings.store_url) != "sqlite":
        raise unknown("STORE_URL", settings.store_url, "sqlite://")
    from shared.adapters.sqlite.proofs import Limits, open_proof_tries  # noqa: PLC0415

    limits = Limits(
        order=settings.order_proof_tries,
        place=settings.order_proof_address_tries,
        lock_seconds=settings.order_lock_minutes * 60,
    )
    return open_proof_tries(settings.data_dir / "desk.db", limits)


def open_tasks(settings: Settings) -> AbstractAsyncContextManager[ports.Tasks]:
    """Follow-ups, beside the conversations."""
    if scheme(settings.store_url) != "sqlite":
        raise unknown("STORE_URL", settings.store_url, "sqlite://")
    from shared.adapters.sqlite.tasks import open_tasks  # noqa: PLC0415

    return open_tasks(settings.data_dir / "desk.db")


def open_approvals(settings: Settings) -> AbstractAsyncContextManager[ports.Approvals]:
    """Requests for approval, beside the conversations; `open_store` comes first."""
    if scheme(settings.store_url) != "sqlite":
        raise unknown("STORE_URL", settings.store_url, "sqlite://")
    from shared.adapters.sqlite.approvals import open_approvals  # noqa: PLC0415

    return open_approvals(settings.data_dir / "desk.db")


def open_promises(settings: Settings) -> AbstractAsyncContextManager[ports.Promises]:
    """What customers were promised, beside the conversations."""
    if scheme(settings.store_url) != "sqlite":
        raise unknown("STORE_URL", settings.store_url, "sqlite://")
    from shared.adapters.sqlite.promises import open_promises  # noqa: PLC0415

    return open_promises(settings.data_dir / "desk.db")


def open_retention(settings: Settings) -> "AbstractAsyncContextManager[RetentionStore]":
    """The conversations' store by age, at `STORE_URL`; `open_store` comes first."""
    from shared.adapters.sqlite.retention import open_retention  # noqa: PLC0415

    return open_retention(settings.data_dir / "desk.db")


def open_ledger(settings: Settings) -> "AbstractAsyncContextManager[Spending]":
    """What model services took, opened now or when it can be: nobody waits for it."""
    from shared.adapters.steady_ledger import open_steady  # noqa: PLC0415

    return open_steady(lambda: open_spending(settings))


def open_spending(settings: Settings) -> "AbstractAsyncContextManager[Spending]":
    """What model services took, at `SPENDING_URL`: `DATA_DIR/spending.db`, or a MongoDB database."""
    kind = scheme(settings.spending_url)
    if kind in {"mongodb", "mongodb+srv"}:
        from shared.adapters.mongo.spending import open_spending as open_mongo  # noqa: PLC0415

        return open_mongo(settings.spending_url)
    if kind == "memory":  # of a replay, whose turns are nobody's
        from shared.adapters.memory.spending import MemorySpending  # noqa: PLC0415

        return nullcontext(MemorySpending())
    if kind != "sqlite":
        raise unknown("SPENDING_URL", settings.spending_url, "sqlite://, mongodb://..., mongodb+srv://...")
    from shared.adapters.sqlite.spending import open_spending  # noqa: PLC0415

    return open_spending(settings.data_dir / "spending.db")


def open_staff(settings: Settings) -> AbstractAsyncContextManager[ports.StaffStore]:
    """Members of staff and their sessions, in `DATA_DIR/staff.db`."""
    from shared.adapters.sqlite.staff import open_staff  # noqa: PLC0415

    return open_staff(settings.data_dir / "staff.db")


def open_duty(settings: Settings) -> AbstractAsyncContextManager[ports.DutyStore]:
    """Who of staff is on duty, in their file; `open_staff` comes first."""
    from shared.adapters.sqlite.duty import open_duty  # noqa: PLC0415

    return open_duty(settings.data_dir / "staff.db")
