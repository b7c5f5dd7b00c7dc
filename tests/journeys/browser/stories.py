"""Every journey by its name, in the order in which they happen in one shop."""

from collections.abc import Awaitable, Callable, Mapping

from tests.journeys.browser.around_the_house import around_the_house
from tests.journeys.browser.held_draft import held_draft
from tests.journeys.browser.journey import Journey
from tests.journeys.browser.refund import refund
from tests.journeys.browser.stage import Stage
from tests.journeys.browser.taking_over import taking_over

STORIES: Mapping[str, Callable[[Stage, Journey], Awaitable[None]]] = {
    each.__name__: each for each in (taking_over, refund, held_draft, around_the_house)
}


async def happen(stage: Stage, name: str) -> tuple[str, list[str]]:
    """The transcript of a journey, and what was wrong on its way; one that gets stuck leaves a picture."""
    journey = stage.journey(name)
    try:
        await STORIES[name](stage, journey)
    except BaseException:
        await journey.picture_all("stuck")
        raise
    return await journey.end(), [*journey.complaints, *journey.barriers]
