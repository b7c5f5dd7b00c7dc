"""The nats-server of the bus's tests."""

from tests.bus.conftest import nats_server

__all__ = ["nats_server"]
