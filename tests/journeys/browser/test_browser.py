"""The journeys of the product's people: told by a real browser on the whole shop, as their pages say."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.journeys.browser.journey import HERE
from tests.journeys.browser.stage import SETTINGS, Stage, open_stage
from tests.journeys.browser.stories import STORIES, happen
from tests.shop import Shop, running_shop

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Everything as `launch all` starts it, once."""
    with running_shop(tmp_path_factory.mktemp("journeys") / "data", **SETTINGS) as shop:
        yield shop


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(shop: Shop) -> AsyncIterator[Stage]:
    """The shop with everybody who takes part."""
    async with open_stage(shop) as stage:
        yield stage


@pytest.mark.parametrize("name", STORIES)
async def test_a_journey(stage: Stage, name: str) -> None:
    """As its transcript tells it (how to make it anew: its first line), without a barrier or a complaint."""
    text, wrong = await happen(stage, name)
    assert wrong == []
    assert text == (HERE / f"{name}.md").read_text("utf-8")
