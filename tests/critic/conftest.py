"""The critic that the tests of this folder ask."""

import pytest

from shared.adapters.embedded.judge import EmbeddedJudge, open_judge


@pytest.fixture(scope="module")
def judge() -> EmbeddedJudge:
    """The critic's local rules."""
    return open_judge()
