"""Opens the client that asks traces, when it is asked for the first time: its modules take half a second."""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from mock_apis.app_insights_names import AUDIENCES, WORKSPACE
from shared.ports.traces import Table, TracesDown

if TYPE_CHECKING:
    from shared.adapters.insights.embedded import Place
    from shared.adapters.insights.querying import InsightsTraces

_TOKEN_S = 3600
_PATIENCE_S = 1.5


class Later:
    """The `Traces` port, opened when it is first used, and anew when `place` gives another."""

    def __init__(
        self, made: "Callable[[], InsightsTraces]", place: Callable[[], object] = lambda: None
    ) -> None:
        self._made = made
        self._place = place
        self._opened_at: tuple[object, InsightsTraces] | None = None

    async def query(self, kusto: str, *, back: timedelta, seconds: float = 30.0) -> Table:
        """See `Traces.query`."""
        return await (await self._opened()).query(kusto, back=back, seconds=seconds)

    async def ping(self) -> None:
        """See `Traces.ping`."""
        await (await self._opened()).ping()

    async def _opened(self) -> "InsightsTraces":
        """Off the loop: whoever is answered meanwhile does not wait for modules."""
        place = self._place()
        if self._opened_at is None or self._opened_at[0] != place:
            self._opened_at = place, await asyncio.to_thread(self._made)
        return self._opened_at[1]


def in_azure(workspace: str) -> Later:
    """The workspace of Azure with this id, as the identity of this process."""

    def made() -> "InsightsTraces":
        from azure.identity import DefaultAzureCredential  # noqa: PLC0415
        from azure.monitor.query import LogsQueryClient  # noqa: PLC0415

        from shared.adapters.insights.querying import InsightsTraces  # noqa: PLC0415

        return InsightsTraces(LogsQueryClient(DefaultAzureCredential(), retry_total=1), workspace)

    return Later(made)


def here(where: "Callable[[], Place | None]") -> Later:
    """The service on this machine, `where` it listens now."""

    def made() -> "InsightsTraces":
        place = where()
        if place is None:
            raise TracesDown(
                "no traces are kept here yet: `python -m launch all` on this DATA_DIR keeps them"
            )
        from azure.monitor.query import LogsQueryClient  # noqa: PLC0415

        from shared.adapters.insights.embedded import answers  # noqa: PLC0415
        from shared.adapters.insights.querying import InsightsTraces  # noqa: PLC0415

        client = LogsQueryClient(
            _OwnKey(place.signing_key),
            endpoint=place.url,
            audience=AUDIENCES[0],
            connection_verify=place.authority,
            proxies={},
            retry_total=0,
        )
        return InsightsTraces(client, WORKSPACE, alive=partial(answers, place, _PATIENCE_S))

    return Later(made, where)


class _OwnKey:
    """A credential: tokens signed with the key that the service on this machine was given."""

    def __init__(self, key: str) -> None:
        self._key = key

    def get_token(self, *scopes: str, **_: Any) -> Any:
        """As azure-core's clients ask one."""
        from dataclasses import replace  # noqa: PLC0415

        from azure.core.credentials import AccessToken  # noqa: PLC0415

        from mock_apis.identity import TENANT  # noqa: PLC0415

        now = time.time()
        audience = scopes[0].removesuffix("/.default")
        token = replace(TENANT, key=self._key).sign(audience, client_id="desk", seconds=_TOKEN_S, now=now)
        return AccessToken(token, int(now) + _TOKEN_S)
