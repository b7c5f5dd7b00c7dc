"""One running shop for the scenarios: the real process, the embedded engine, the mock vendors."""

from collections.abc import Iterator

import pytest

from tests.shop import Shop, running_shop


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_shop(tmp_path_factory.mktemp("shop") / "data", RATE_PER_MINUTE="10000") as running:
        yield running
