"""One URL setting per seam picks its adapter; parts open when first asked for and close together."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from shared import ports
from shared.adapters.timed_vault import TimedVault
from shared.settings import Settings
from shared.wiring import openers, stores
from shared.wiring.bus import open_bus, quotas_of
from shared.wiring.engines import Engines

if TYPE_CHECKING:
    from shared.adapters.knowledge.index import Index
    from shared.adapters.knowledge.sync import KnowledgeSync
    from shared.adapters.sqlite.answers import AnswerRows
    from shared.ports.editing import Editions, PastQuestions
    from shared.ports.measures import Measures
    from shared.ports.retention import RetentionStore
    from shared.ports.search import ConversationSearch
    from shared.ports.views import ViewStore


@asynccontextmanager
async def _timed(opened: AbstractAsyncContextManager[ports.PIIVault]) -> AsyncIterator[ports.PIIVault]:
    async with opened as vault:
        yield TimedVault(vault)


@asynccontextmanager
async def open_services(settings: Settings, *, actor: str = "service:desk") -> AsyncIterator["Services"]:
    """The services of these settings; everything that was opened is closed at the end, last first.

    `actor` is this process in the audit log.
    """
    async with AsyncExitStack() as stack:
        yield Services(settings, stack, actor)


class Services(Engines):
    """Every port by name. `await services.shop()` opens the shop once and gives it every time."""

    async def bus(self, name: str = "desk", *, join: bool = False) -> ports.Bus:
        """The bus; `nats+embedded://` starts a nats-server of our own first, or may `join` a running one."""
        unique = f"{name}-{secrets.token_hex(3)}"
        return await self._once("bus", lambda: open_bus(self.settings, unique, actor=self.actor, join=join))

    async def quotas(self) -> ports.Quotas:
        """What counts over all gateway processes."""
        return quotas_of(await self.bus())

    async def store(self) -> ports.ConversationStore:
        """Conversations."""
        return await self._once("store", lambda: stores.open_store(self.settings))

    async def cases(self) -> ports.CaseStore:
        """Cases, beside the conversations."""
        await self.store()
        return await self._once("cases", lambda: stores.open_cases(self.settings))

    async def search(self) -> "ConversationSearch":
        """Conversations as they are searched."""
        await self.store()
        return await self._once("search", lambda: stores.open_search(self.settings))

    async def views(self) -> "ViewStore":
        """Views of the queue that staff saved."""
        await self.staff()
        return await self._once("views", lambda: stores.open_views(self.settings))

    async def corrections(self) -> ports.Corrections:
        """What staff found wrong with the bot, in the conversations' store."""
        await self.store()
        return await self._once("corrections", lambda: stores.open_corrections(self.settings))

    async def measures(self) -> "Measures":
        """How the day goes, counted from the conversations' store."""
        await self.store()
        return await self._once("measures", lambda: stores.open_measures(self.settings))

    async def proof_tries(self) -> ports.ProofTries:
        """How often an order may be proved."""
        return await self._once("proof_tries", lambda: stores.open_proof_tries(self.settings))

    async def tasks(self) -> ports.Tasks:
        """Follow-ups."""
        return await self._once("tasks", lambda: stores.open_tasks(self.settings))

    async def approvals(self) -> ports.Approvals:
        """What a person has to approve."""
        await self.store()
        return await self._once("approvals", lambda: stores.open_approvals(self.settings))

    async def promises(self) -> ports.Promises:
        """What customers were promised."""
        return await self._once("promises", lambda: stores.open_promises(self.settings))

    async def retention(self) -> "RetentionStore":
        """Conversations by age, for who removes the old ones."""
        await self.store()
        return await self._once("retention", lambda: stores.open_retention(self.settings))

    def answers(self) -> "AbstractAsyncContextManager[AnswerRows] | None":
        """The replies that models wrote, opened for a moment; None where there never was one."""
        there = (self.settings.data_dir / "answers.db").exists()
        return openers.open_answers(self.settings) if there else None

    async def staff(self) -> ports.StaffStore:
        """Members of staff and their sessions."""
        return await self._once("staff", lambda: stores.open_staff(self.settings))

    async def duty(self) -> ports.DutyStore:
        """Who of staff is on duty."""
        await self.staff()
        return await self._once("duty", lambda: stores.open_duty(self.settings))

    async def vault(self) -> ports.PIIVault:
        """Personal data."""
        audit = await self.audit()
        return await self._once("vault", lambda: _timed(openers.open_vault(self.settings, audit)))

    async def audit(self) -> ports.AuditLog:
        """Who did what; needs the key file that the vault makes."""
        return await self._once("audit", lambda: openers.open_audit(self.settings, self.actor))

    async def index(self) -> "Index":
        """The knowledge base."""
        embedder = await self.embedder()
        return await self._once("index", lambda: openers.open_index(self.settings, embedder))

    async def knowledge_sync(self) -> "KnowledgeSync":
        """What brings the knowledge base up to date with its source."""
        from shared.adapters.knowledge.agreement import agreement  # noqa: PLC0415
        from shared.adapters.knowledge.sync import KnowledgeSync  # noqa: PLC0415

        source = await self._once("source", lambda: openers.open_knowledge_source(self.settings))
        where = self.settings.knowledge_source.get_secret_value()
        check = agreement(self.settings.knowledge_contradictions, None if "://" in where else Path(where))
        return KnowledgeSync(source, await self.index(), check=check)

    async def editions(self) -> "Editions":
        """Texts of knowledge documents."""
        return await self._once("editions", lambda: stores.open_editions(self.settings))

    async def questions(self) -> "PastQuestions":
        """What customers asked."""
        await self.store()
        return await self._once("questions", lambda: stores.open_questions(self.settings))

    async def shop(self) -> ports.CommerceApi:
        """The shop."""
        vault = await self.vault()
        return await self._once("shop", lambda: openers.open_shop(self.settings, vault, self.clock))

    async def helpdesk(self) -> ports.HelpdeskApi:
        """Tickets."""
        vault = await self.vault()
        return await self._once("helpdesk", lambda: openers.open_helpdesk(self.settings, vault))
