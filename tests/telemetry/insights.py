"""A mock Application Insights over TLS, with the exporter and the query client that operators use."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mock_apis import app_insights
from mock_apis.app_insights_names import KEY
from mock_apis.faults import clear_fault, set_fault
from mock_apis.identity import TENANT
from mock_apis.tls import certificates
from shared.adapters.insights.embedded import Place
from shared.adapters.insights.exporting import InsightsSender
from shared.adapters.insights.opening import Later, here
from tests.key_vault import Server

SERVICE = "answerdesk-test"


@dataclass(frozen=True)
class Insights:
    """The service: `sender` writes there, `traces` asks there, `requests` are paths that were asked for."""

    place: Place
    sender: InsightsSender
    traces: Later
    app: app_insights.AppInsights
    requests: list[str]

    def failing(self, status: int) -> None:
        """From now on it answers this."""
        set_fault(self.app._store, status=status)

    def mended(self) -> None:
        """It works again."""
        clear_fault(self.app._store)


@contextmanager
def serving(folder: Path, file: Path | None = None) -> Iterator[Insights]:
    """The service on a free port while the context is open."""
    tls = certificates(folder / "tls")
    app = app_insights.create_app(file)
    requests: list[str] = []

    async def counted(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            requests.append(scope["path"])
        await app(scope, receive, send)

    server = Server(counted, tls)
    place = Place(server.url, str(tls.authority), KEY, TENANT.key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        sender = InsightsSender(place.connection_string, SERVICE, authority=place.authority)
        yield Insights(place, sender, here(lambda: place), app, requests)
        sender.close()
    server.kill()
    app.close()
