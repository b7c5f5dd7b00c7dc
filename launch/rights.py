"""Opens what a person's rights need, for the command line and for the console."""

from gateway.rights.context import Rights
from shared.ports import Bus
from shared.wiring import Services, open_receipts


async def open_rights(services: Services, bus: Bus) -> Rights:
    """Every place that keeps something of a customer. Raises a `DeskError` when one cannot be opened."""
    known = "helpdesk" in services.pings
    rights = Rights(
        audit=await services.audit(),
        vault=await services.vault(),
        store=await services.store(),
        bus=bus,
        helpdesk=await services.helpdesk(),
        receipts=open_receipts(services.settings),
        spending=await services.spending(),
        folder=services.settings.data_dir,
        now=services.clock.now,
    )
    if not known:
        # A gateway answers customers while the helpdesk is away: not ready it would be only for an erasure.
        services.pings.pop("helpdesk", None)
    return rights
