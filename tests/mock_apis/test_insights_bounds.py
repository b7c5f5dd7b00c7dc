"""What one query may take of the machine that the desk runs on, and what it says when that is too little."""

import json
import resource
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from azure.core.exceptions import HttpResponseError
from azure.monitor.query import LogsQueryClient

from mock_apis import insights_answers
from mock_apis.insights_answers import Asked, answer
from mock_apis.insights_store import Telemetry, stay_small
from shared.adapters.insights.querying import InsightsTraces, told_partial
from shared.ports.traces import BadQuery


@pytest.fixture(scope="module")
def telemetry() -> Iterator[Telemetry]:
    """No rows: what is asked for makes its own."""
    made = Telemetry(None)
    yield made
    made.close()


def told(telemetry: Telemetry, query: str, *, timespan: str = "PT1H") -> tuple[int, dict[str, Any]]:
    """Status and document of an answer."""
    found = answer(telemetry, Asked(query, timespan), workspace=True, most_rows=1_000)
    return found.status_code, json.loads(bytes(found.body))


@pytest.fixture
def little() -> Iterator[None]:
    """Two gigabytes more than this process has already, which is how the service begins."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    now = int(Path("/proc/self/statm").read_text("utf-8").split()[0]) * resource.getpagesize()
    stay_small(now + 2 * 1024**3)
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


@pytest.mark.usefixtures("little")
def test_a_query_has_so_much_memory_and_no_more(telemetry: Telemetry) -> None:
    """Else one line of Kusto takes the machine down, and the shop with it."""
    status, document = told(telemetry, "range x from 1 to 1000000000 step 1 | summarize dcount(x)")
    assert status == 400
    assert "needs more memory than there is" in json.dumps(document)
    assert told(telemetry, "print 1")[0] == 200


def test_an_answer_has_so_many_bytes_and_no_more(
    telemetry: Telemetry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows beyond are left out, and that is said; a row that is too much alone is left out too."""
    monkeypatch.setattr(insights_answers, "_MOST_BYTES", 1_000)
    status, document = told(telemetry, 'range x from 1 to 9 step 1 | extend y = strrep("a", 300)')
    assert (status, len(document["tables"][0]["rows"])) == (200, 3)
    assert "1,000 bytes" in json.dumps(document["error"])


def test_a_wrong_time_is_not_blamed_on_the_query(telemetry: Telemetry) -> None:
    """And the other way around."""
    assert "timespan" in json.dumps(told(telemetry, "print 1", timespan="soon"))


class _Slow:
    """The client, of a service on which the query took longer than was to be waited."""

    def query_workspace(self, *_: object, **__: object) -> None:
        """See `LogsQueryClient`."""
        error = HttpResponseError("slow")
        error.status_code = 504
        raise error


async def test_a_query_that_takes_too_long_does_not_mean_that_the_service_is_down() -> None:
    """Who asked can do something about it."""
    traces = InsightsTraces(cast("LogsQueryClient", _Slow()), "workspace")
    with pytest.raises(BadQuery, match="longer than 7 s; narrow it"):
        await traces.query("AppRequests", back=timedelta(days=1), seconds=7)


def test_why_rows_are_missing_is_told_exactly() -> None:
    """By the detail: what stands above it says that there were some errors."""
    error = SimpleNamespace(
        message="There were some errors.", details=[{"message": "the limit of 9 records."}]
    )
    found = SimpleNamespace(partial_data=[], partial_error=error)
    assert told_partial(found) == "the limit of 9 records"
    error.details = None
    assert told_partial(found) == "There were some errors"
