"""What the shop asks of us for somebody's privacy: a task with a date for an admin, or the erasure itself.

"Complete the action within 30 days of receiving the request"; who must keep data by law does not erase it;
48 hours after a shop uninstalls an app all of its customers are to be erased ("Privacy law compliance",
shopify.dev/docs/apps/build/privacy-law-compliance).
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec import structs

from gateway.delivery import Delivery
from gateway.intake import Intake
from gateway.rights.context import Rights, task_owner
from gateway.rights.erasing import erase
from gateway.webhooks.told import place_of
from shared.contracts import (
    ADMINS,
    BOT,
    TASK_CHANGED,
    RecordChanged,
    ShopCustomerChanged,
    ShopGone,
    ShopPersonRequest,
    Task,
    TaskChanged,
    TaskDue,
    TaskKind,
)
from shared.errors import DeskError
from shared.ports import Bus, News, Tasks

_LOG = logging.getLogger("answerdesk.privacy")
_DAY = 86_400.0
IN_DAYS = 30
"""What the shop's platform gives us."""
_REMINDERS = (7 * 86_400, 86_400)
_AGAIN = 300.0
_BY_ITSELF = 7 * _DAY
"""So long an erasure is tried without anybody; then an admin should look why it does not go through."""
_MOST_PLACES = 20_000
_EXPORT = "A customer asked the shop for their data. Export it in Customers’ data, and hand it to the shop."
_ERASE = "The shop asked to erase a customer, and the law obliges you to keep data: decide, then erase."
_FAILED = "An erasure that the shop asked for does not go through. Erase again in Customers’ data."
_ITSELF = "The shop asked to erase a customer."
_GONE = (
    "The shop has uninstalled the desk: all of its customers are to be erased. Nothing was erased yet. "
    "Confirm it with the shop, then follow docs/webhooks.md."
)


@dataclass(frozen=True, kw_only=True)
class Privacy:
    """What is done when the shop asks. `held`: the law obliges the shop to keep what it has.

    Each thing that is asked is one task, however often it is told; `now` in seconds since 1970.
    """

    tasks: Tasks
    bus: Bus
    rights: Rights
    intake: Intake
    now: Callable[[], float]
    held: bool = False
    _places: dict[str, str] = field(default_factory=dict)

    async def wants_data(self, event: ShopPersonRequest) -> None:
        """A customer wants to see what is kept of them: an admin exports it. Raises a `DeskError`."""
        task = self._task("privacy_export", event, _EXPORT)
        # The token opens at this place; erasing the customer removes the task with it.
        place = {"customer": event.customer, "conversation_id": event.conversation_id}
        await self._keep(structs.replace(task, **place))

    async def wants_erasure(self, event: ShopPersonRequest) -> None:
        """A customer is to be erased: at once, or by an admin if the law has a say. Raises a `DeskError`."""
        task = self._task("privacy_erase", event, _ERASE if self.held else _ITSELF)
        if await self.tasks.get(task.id) is None:
            customer = await self._opened(event.customer, event.conversation_id)
            if not customer:
                return  # nothing opens the token any more: they are erased
            # Sealed for the task: an erasure that was cut off must know whose it was when all keys are gone.
            owner = task_owner(task.id)
            sealed = await self.rights.vault.token(customer, conversation_id=owner, owner=owner)
            mine = {} if self.held else {"assignee": BOT, "due_at": self.now(), "reminders": ()}
            await self._keep(structs.replace(task, customer=sealed, **mine))
        await self._erase(await self.tasks.get(task.id))

    async def shop_left(self, event: ShopGone) -> None:
        """Everything is to be erased: that is a person's to confirm, never ours. Raises a `DeskError`."""
        task = Task(
            id=f"privacy-shop-{event.shop_id}-{int(event.received_at // _DAY)}", kind="privacy_shop",
            title=_GONE, due_at=event.received_at + IN_DAYS * _DAY, created_by=BOT,
            created_at=event.received_at, assignee=ADMINS, reminders=_REMINDERS,
        )  # fmt: skip
        await self._keep(task)

    async def due(self, event: TaskDue) -> None:
        """An erasure is to be tried again."""
        if event.kind == "privacy_erase" and event.assignee == BOT:
            await self._erase(await self.tasks.get(event.task_id))

    async def record_changed(self, event: ShopCustomerChanged) -> None:
        """The shop has another name or e-mail of a customer: every gateway forgets the old one."""
        await self.bus.progress(RecordChanged(conversation_id=event.conversation_id))

    def hear(self, news: News | None) -> None:
        """Forget what the shop has changed; everything when a sign may have been missed (None)."""
        if news is None:
            self.intake.forget_all()
        elif isinstance(news, RecordChanged):
            for customer in self.intake.remembered():
                if self._place(customer) == news.conversation_id:
                    self.intake.forget(customer)

    def _place(self, customer: str) -> str:
        """A customer's place among events; kept, for each change of any record looks at all we remember."""
        if customer not in self._places:
            if len(self._places) >= _MOST_PLACES:
                self._places.clear()
            self._places[customer] = place_of(self.rights.audit.pseudonym, customer)
        return self._places[customer]

    async def _erase(self, task: Task | None) -> None:
        """Erase whom the task names, when that is the bot's to do; what fails is tried again in minutes."""
        began = self.now()
        if task is not None and task.status == "done" and task.assignee == BOT:
            # Whoever marked it may have died before the last key went.
            await self.rights.vault.forget(task_owner(task.series or task.id))
        if task is None or not task.is_open or task.assignee != BOT:
            return
        # Due again before it is tried: whoever dies in the middle leaves it to the next look.
        looking = await self._changed(task, due_at=began + _AGAIN)
        if looking is None:
            return
        owner = task_owner(task.series or task.id)
        customer = await self._opened(task.customer, owner)
        try:
            if customer:
                await self.bus.progress(RecordChanged(conversation_id=self._place(customer)))
                await erase(self.rights, customer, purpose="legal duty")
        except DeskError as error:
            _LOG.warning("erasure %s is tried again in %.0f s: %s", task.id, _AGAIN, error)
            if began - task.created_at > _BY_ITSELF:
                late = task.created_at + IN_DAYS * _DAY
                await self._changed(looking, assignee=ADMINS, title=_FAILED, due_at=late)
            return
        await self._changed(looking, status="done", customer="")
        await self.rights.vault.forget(owner)

    def _task(self, kind: TaskKind, event: ShopPersonRequest, title: str) -> Task:
        """The same event makes the same task."""
        said = f"{kind} {event.conversation_id} {event.request_id} {int(event.received_at)}"
        return Task(
            id=f"{kind.replace('_', '-')}-{hashlib.sha256(said.encode()).hexdigest()[:24]}",
            kind=kind,
            title=title,
            due_at=event.received_at + IN_DAYS * _DAY,
            created_by=BOT,
            created_at=event.received_at,
            assignee=ADMINS,
            reminders=_REMINDERS,
        )

    async def _opened(self, token: str, conversation_id: str) -> str:
        """Whose token it is; nothing when no key opens it any more."""
        door = Delivery(vault=self.rights.vault, purpose="erasure")
        found: str = (await door.opened({"customer": token}, conversation_id))["customer"]
        return "" if found == token else found

    async def _keep(self, task: Task) -> None:
        kept = await self.tasks.add(task)
        event = TaskChanged.of(kept, at=self.now())
        await self.bus.publish(TASK_CHANGED, event, key=event.key)

    async def _changed(self, task: Task, **values: object) -> Task | None:
        """The task with these values, told to consoles; None when somebody was faster."""
        at = self.now()
        changed = await self.tasks.change(structs.replace(task, **values), at=at)
        for each in changed:
            event = TaskChanged.of(each, at=at)
            await self.bus.publish(TASK_CHANGED, event, key=event.key)
        return changed[0] if changed else None
