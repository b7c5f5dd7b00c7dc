"""Speaks Application Insights: takes telemetry of its exporters, answers queries of Azure Monitor's client.

Ingestion: the client generated in azure-monitor-opentelemetry-exporter (`POST /v2.1/track`; 200, or 206 with
the refused items by index), live metrics as its `_quickpulse` asks for them. Queries:
learn.microsoft.com/azure/azure-monitor/logs/api/{request-format,response-format,batch-queries,prefer-options},
as azure-monitor-query asks; limits from learn.microsoft.com/azure/azure-monitor/service-limits. Where no
wording of the service was found the code is the service's and the text ours. As in Azure a workspace has the
tables `AppRequests`, a resource the tables `requests`. One process holds the file (DuckDB).
"""

import asyncio
import gzip
import io
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import jwt
import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mock_apis.app_insights_names import AUDIENCES, KEY, RESOURCE, WORKSPACE
from mock_apis.faults import Faults
from mock_apis.identity import TENANT, Tenant
from mock_apis.insights_answers import Asked, answer, failed
from mock_apis.insights_envelopes import NotTaken, Row, read
from mock_apis.insights_store import Telemetry
from mock_apis.store import Store, open_store

Doc = dict[str, Any]
_MOST_BYTES = 64 * 1024 * 1024  # of a body once unpacked
_MOST_IN_BATCH = 100
MOST_ROWS = 500_000
_GZIP = b"\x1f\x8b"
_RAW = msgspec.json.Decoder(list[msgspec.Raw])


def create_app(
    path: Path | None = None,
    *,
    key: str = KEY,
    tenant: Tenant = TENANT,
    days: float = 7,
    most_rows: int = MOST_ROWS,
    now: Callable[[], float] = time.time,
) -> "AppInsights":
    """The service over the DuckDB file `path` (None: in memory), keeping telemetry for `days`.

    Queries want tokens of `tenant`; `most_rows` is what a query may return.

    Raises:
        Unreadable: the file is damaged, or another process has it open.
    """
    telemetry = Telemetry(path, days=days, now=now)
    service = _Service(telemetry, key=key, tenant=tenant, most_rows=most_rows)
    routes = [
        # The exporter puts `/v2.1` behind an endpoint that ends with a slash, as those in Azure do.
        *(Route(f"{slash}/v2.1/track", service.track, methods=["POST"]) for slash in ("", "/")),
        Route("/QuickPulseService.svc/{what}", service.live, methods=["POST"]),
        Route("/v1/$batch", service.batch, methods=["POST"]),
        Route("/v1/workspaces/{workspace}/query", service.workspace, methods=["GET", "POST"]),
        Route("/v1/{resource:path}/query", service.resource, methods=["GET", "POST"]),
    ]
    faults = open_store(None, vendor="app_insights", seed=lambda _: None)
    return AppInsights(Starlette(routes=routes), faults, telemetry)


class AppInsights(Faults):
    """The service as an ASGI app."""

    def __init__(self, app: Starlette, faults: Store, telemetry: Telemetry) -> None:
        super().__init__(app, faults)
        self._telemetry = telemetry

    def close(self) -> None:
        """Close the file; another process may open it then."""
        super().close()
        self._telemetry.close()


class _Service:
    """The operations, over one file."""

    def __init__(self, telemetry: Telemetry, *, key: str, tenant: Tenant, most_rows: int) -> None:
        self._telemetry = telemetry
        self._key = key
        self._tenant = tenant
        self._most_rows = most_rows

    async def track(self, request: Request) -> Response:
        """Keep what is right; 206 names the rest, 400 says that all of it is wrong."""
        try:
            raws = _items(await _body(request))
        except (ValueError, RecursionError) as error:
            return _tracked(0, 0, [{"index": 0, "statusCode": 400, "message": str(error)}])
        rows: list[tuple[str, Row]] = []
        errors: list[Doc] = []
        for index, raw in enumerate(raws):
            try:
                rows += read(bytes(raw), key=self._key)
            except NotTaken as error:
                errors.append({"index": index, "statusCode": 400, "message": str(error)})
        if rows:
            await run_in_threadpool(self._telemetry.add, rows)
        return _tracked(len(raws), len(raws) - len(errors), errors)

    async def live(self, request: Request) -> Response:
        """Live metrics ask whether anybody looks; nobody does."""
        del request
        return Response(headers={"x-ms-qps-subscribed": "false"})

    async def workspace(self, request: Request) -> Response:
        """A query over the one workspace."""
        return await self._query(request, workspace=request.path_params["workspace"])

    async def resource(self, request: Request) -> Response:
        """A query over the one resource."""
        if f"/{request.path_params['resource']}".casefold() != RESOURCE.casefold():
            return failed("ResourceNotFoundError", f"no such resource; there is {RESOURCE}", status=404)
        return await self._query(request, workspace=None)

    async def batch(self, request: Request) -> Response:
        """Several queries over workspaces, answered each with its own status."""
        if (refused := self._distrusted(request)) is not None:
            return refused
        try:
            wishes = json.loads(await _body(request))["requests"]
            asked = [_in_batch(each) for each in wishes]
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            return failed("BadArgumentError", f"the batch cannot be read: {error!r}")
        if len(asked) > _MOST_IN_BATCH:
            return failed("BadArgumentError", f"a batch holds at most {_MOST_IN_BATCH} queries")
        answers = await asyncio.gather(*(self._answer(each, workspace=where) for _, where, each in asked))
        responses = [
            {"id": name, "status": each.status_code, "headers": {}, "body": json.loads(bytes(each.body))}
            for (name, _, _), each in zip(asked, answers, strict=True)
        ]
        return JSONResponse({"responses": responses})

    async def _query(self, request: Request, *, workspace: str | None) -> Response:
        if (refused := self._distrusted(request)) is not None:
            return refused
        try:
            body = dict(request.query_params) if request.method == "GET" else json.loads(await _body(request))
            asked = _asked(body, request.headers)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            return failed("BadArgumentError", f"the request cannot be read: {error}")
        return await self._answer(asked, workspace=workspace)

    async def _answer(self, asked: Asked, *, workspace: str | None) -> Response:
        if workspace is not None and workspace.casefold() != WORKSPACE:
            return failed("WorkspaceNotFoundError", f"no such workspace; there is {WORKSPACE}", status=404)
        return await run_in_threadpool(
            answer, self._telemetry, asked, workspace=workspace is not None, most_rows=self._most_rows
        )

    def _distrusted(self, request: Request) -> Response | None:
        """A refusal, when the token is none of our tenant's for this API."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        here = f"{request.url.scheme}://{request.url.netloc}"
        try:
            jwt.decode(
                token,
                self._tenant.key,
                algorithms=["HS256"],
                audience=[*AUDIENCES, here],
                issuer=self._tenant.issuer,
            )
        except jwt.InvalidTokenError as error:
            told = f"Valid authentication was not provided: {error}"
            return failed("AuthorizationRequiredError", told, status=401)
        return None


async def _body(request: Request) -> bytes:
    """The body, unpacked.

    Raises:
        ValueError: too big, or no gzip where it claims to be.
    """
    body = await request.body()
    if request.headers.get("content-encoding") == "gzip" or body[:2] == _GZIP:
        try:
            body = gzip.GzipFile(fileobj=io.BytesIO(body)).read(_MOST_BYTES + 1)
        except (OSError, EOFError) as error:
            told = f"the body is no gzip: {error}"
            raise ValueError(told) from error
    if len(body) > _MOST_BYTES:
        told = f"the body is over {_MOST_BYTES // 1024 // 1024} MB"
        raise ValueError(told)
    return body


def _items(body: bytes) -> list[msgspec.Raw]:
    """The envelopes of an array, of lines, or the one that the body is."""
    text = body.strip()
    if text.startswith(b"["):
        return _RAW.decode(text)
    return [msgspec.Raw(line) for line in text.splitlines() if line.strip()]


def _tracked(received: int, accepted: int, errors: list[Doc]) -> Response:
    status = 200 if not errors else 206 if accepted else 400
    told = {"itemsReceived": received, "itemsAccepted": accepted, "errors": errors, "appId": None}
    return JSONResponse(told, status_code=status)


def _in_batch(wish: Doc) -> tuple[str, str, Asked]:
    """One of a batch: its name, its workspace, and what it asks."""
    return str(wish["id"]), str(wish["workspace"]), _asked(wish["body"], wish.get("headers"))


def _asked(body: Doc, headers: Mapping[str, str] | None) -> Asked:
    return Asked.read(body, (headers or {}).get("prefer") or (headers or {}).get("Prefer") or "")
