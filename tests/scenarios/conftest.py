"""One running shop for the scenarios: the real process, the embedded engine, the mock vendors."""

from collections.abc import Iterator

import pytest

from tests.shop import Shop, free_port, running_shop


@pytest.fixture(scope="session")
def metrics_port() -> int:
    """Where the running shop has its door for Prometheus."""
    return free_port()


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory, metrics_port: int) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop") / "data"
    with running_shop(folder, RATE_PER_MINUTE="10000", METRICS_PORT=str(metrics_port)) as running:
        yield running
