"""Where traces go and where they are asked: a wrong place is refused at the start, a dead one says why."""

import re
from pathlib import Path
from typing import cast

import pytest
from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError
from azure.monitor.query import LogsQueryClient

from mock_apis.app_insights_names import WORKSPACE
from shared.adapters.insights.querying import InsightsTraces
from shared.errors import SettingsError
from shared.ports.traces import TracesDown
from shared.settings import Settings, read_settings
from shared.wiring.tracing import open_tracing


@pytest.mark.parametrize(
    "place",
    ["jaeger://somewhere", "otlp+http://", "otlp+http:collector", "otlp+http://:4318", "otlp+http://a:x"],
)
async def test_a_place_that_is_none_is_refused(tmp_path: Path, place: str) -> None:
    """The setting is named, with what it may be."""
    with pytest.raises(SettingsError, match=rf"TRACES_URL='{re.escape(place)}': expected embedded://, off"):
        async with open_tracing(Settings(data_dir=tmp_path, traces_url=place), "test", alone=True):
            pass


@pytest.mark.parametrize("wrong", ["notaguid", "answer-desk", "c0ffee00-5b7e-4c52-9d5e-0d7a4f3b2a1"])
def test_a_workspace_is_named_by_its_id(wrong: str) -> None:
    """Its name would be taken and no query ever answered."""
    with pytest.raises(SettingsError, match=rf"TRACES_WORKSPACE='{wrong}'.*the workspace's id"):
        read_settings(traces_workspace=wrong)
    assert read_settings(traces_workspace="").traces_workspace == ""
    assert read_settings(traces_workspace=WORKSPACE.upper()).traces_workspace == WORKSPACE.upper()


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (ServiceRequestError("no such host"), "cannot be reached.*firewall"),
        (ClientAuthenticationError("no credential in the chain"), "az login"),
    ],
)
async def test_why_traces_in_azure_cannot_be_asked(error: Exception, told: str) -> None:
    """What is said is what to look at, not only the name of an error."""

    class Client:
        def query_workspace(self, *_: object, **__: object) -> None:
            raise error

    with pytest.raises(TracesDown, match=told):
        await InsightsTraces(cast("LogsQueryClient", Client()), WORKSPACE).ping()
