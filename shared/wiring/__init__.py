"""The only place where adapters are chosen."""

from shared.wiring.services import Services, open_services

__all__ = ["Services", "open_services"]
