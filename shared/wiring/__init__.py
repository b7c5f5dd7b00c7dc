"""The only place where adapters are chosen."""

from shared.wiring.bus import write_bus_users
from shared.wiring.openers import open_receipts
from shared.wiring.services import Services, open_services

__all__ = ["Services", "open_receipts", "open_services", "write_bus_users"]
