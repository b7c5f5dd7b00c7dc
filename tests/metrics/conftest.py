"""One busy desk for all tests of metrics."""

import asyncio

import pytest

from tests.metrics.busy_desk import Scraped, scraped


@pytest.fixture(scope="session")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Scraped:
    """What a desk that did everything told Prometheus."""
    return asyncio.run(scraped(tmp_path_factory.mktemp("busy")))
