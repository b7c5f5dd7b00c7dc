"""Speaks the data plane of Azure Key Vault for secrets, over TLS like the service.

Wire format: learn.microsoft.com/rest/api/keyvault/secrets (set, get, update, list, delete, recover, purge)
and learn.microsoft.com/azure/key-vault/general/soft-delete-overview. Errors are worded as the service's
answers are quoted in issue trackers (github.com/hashicorp/terraform-provider-azurerm/issues/12285 for 409,
github.com/Azure/azure-sdk-for-js/issues/24756 for 403); where no quote was found the code is the service's
and the text ours. Backup and restore are left out.
"""

import base64
import json
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mock_apis import key_vault_records as records
from mock_apis.faults import Faults
from mock_apis.identity import TENANT, Tenant
from mock_apis.key_vault_access import CREATES, PERMISSIONS, READS, Access, Permission, error
from mock_apis.store import Store, open_store

Doc = dict[str, Any]
_MOST_RESULTS = 25
_SETTLES_S = 0.5
"""How long deleting and recovering take; the service says "several seconds"."""
_DELETED = "in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can"
_BUSY = {
    "deleting": ("being deleted and cannot be re-created; retry later.", "ObjectIsBeingDeleted"),
    "recovering": ("being recovered and cannot be re-created; retry later.", "ObjectIsBeingRecovered"),
    "deleted": (f"{_DELETED} only be recovered or purged.", "ObjectIsDeletedButRecoverable"),
}


def create_app(
    path: Path | None = None,
    *,
    tenant: Tenant = TENANT,
    permissions: Collection[Permission] = PERMISSIONS,
    settles: float = _SETTLES_S,
    reads: int = READS,
    creates: int = CREATES,
    now: Callable[[], float] = time.time,
) -> Faults:
    """The vault over the file `path` (None: in memory), for callers with tokens of `tenant`.

    `settles` are the seconds that deleting and recovering take; `reads` and `creates` limit ten seconds.
    """
    store = open_store(path, vendor="key_vault", seed=lambda _: None)
    vault = _Vault(store, settles, now)
    access = Access(tenant, permissions=permissions, reads=reads, creates=creates, now=now)
    over = access.over
    routes = [
        Route("/secrets", over("list", vault.list_secrets)),
        Route("/secrets/{name}/versions", over("list", vault.list_versions)),
        Route("/deletedsecrets", over("list", vault.list_deleted)),
        Route("/deletedsecrets/{name}", over("get", vault.get_deleted)),
        Route("/deletedsecrets/{name}", over("purge", vault.purge), methods=["DELETE"]),
        Route("/deletedsecrets/{name}/recover", over("recover", vault.recover), methods=["POST"]),
        Route("/secrets/{name}", over("set", vault.set_secret), methods=["PUT"]),
        Route("/secrets/{name}", over("delete", vault.delete), methods=["DELETE"]),
    ]
    for ending in ("", "/", "/{version}"):  # the SDK asks for the current version as `/secrets/name/`
        routes.append(Route(f"/secrets/{{name}}{ending}", over("get", vault.get_secret)))
        routes.append(Route(f"/secrets/{{name}}{ending}", over("set", vault.update), methods=["PATCH"]))
    return Faults(Starlette(routes=routes), store)


class _Vault:
    """The operations, over one store."""

    def __init__(self, store: Store, settles: float, now: Callable[[], float]) -> None:
        self._store = store
        self._settles = settles
        self._now = now

    async def set_secret(self, request: Request) -> Response:
        name = request.path_params["name"]
        if (refused := _misnamed(name)) is not None:
            return refused
        wish, refused = await _wish(request, new=True)
        if refused is not None:
            return refused
        with self._store.writing():
            now = self._now()
            found = records.phase(records.find(self._store, name), now)
            if found in _BUSY:
                return _conflict(name, found)
            if found == "gone":
                records.purge(self._store, name)  # what a purge date has overtaken
            version = records.add_version(self._store, name, wish, now)
        return JSONResponse(records.bundle(version, _base(request)))

    async def get_secret(self, request: Request) -> Response:
        version, refused = self._version(request)
        if version is None:
            return refused
        if not version["attributes"]["enabled"]:
            told = "Operation get is not allowed on a disabled secret."
            return error(403, "Forbidden", told, inner="SecretDisabled")
        return JSONResponse(records.bundle(version, _base(request)))

    async def update(self, request: Request) -> Response:
        wish, refused = await _wish(request, new=False)
        if refused is not None:
            return refused
        with self._store.writing():
            version, missing = self._version(request)
            if version is None:
                return missing
            records.change_version(self._store, version, wish, self._now())
        return JSONResponse(records.listed_version(version, _base(request)))

    async def list_secrets(self, request: Request) -> Response:
        shown = [
            records.listed_secret(self._current(secret), _base(request))
            for secret in records.secrets(self._store, "live", self._now())
        ]
        return _page(request, shown)

    async def list_versions(self, request: Request) -> Response:
        name = request.path_params["name"]
        secret = records.find(self._store, name)
        live = secret is not None and records.phase(secret, self._now()) == "live"
        found = records.versions(self._store, secret) if secret is not None and live else []
        return _misnamed(name) or _page(
            request, [records.listed_version(one, _base(request)) for one in found]
        )

    async def delete(self, request: Request) -> Response:
        name, base = request.path_params["name"], _base(request)
        with self._store.writing():
            now, secret = self._now(), records.find(self._store, name)
            found = records.phase(secret, now)
            if found in {"deleting", "recovering"}:
                return _conflict(name, found)
            if secret is None or found != "live":
                return _misnamed(name) or _not_found(name)
            records.delete(self._store, secret, now, delay=self._settles)
        version = records.listed_version(self._current(secret), base)
        return JSONResponse(version | records.deleted_parts(secret, base))

    async def list_deleted(self, request: Request) -> Response:
        base = _base(request)
        shown = [
            records.listed_secret(self._current(secret), base) | records.deleted_parts(secret, base)
            for secret in records.secrets(self._store, "deleted", self._now())
        ]
        return _page(request, shown)

    async def get_deleted(self, request: Request) -> Response:
        name, base = request.path_params["name"], _base(request)
        secret = records.find(self._store, name)
        if secret is None or records.phase(secret, self._now()) != "deleted":
            return _misnamed(name) or _deleted_not_found(name)
        version = records.listed_version(self._current(secret), base)
        return JSONResponse(version | records.deleted_parts(secret, base))

    async def recover(self, request: Request) -> Response:
        name = request.path_params["name"]
        with self._store.writing():
            now, secret = self._now(), records.find(self._store, name)
            found = records.phase(secret, now)
            if found == "deleting":
                return _conflict(name, found)
            if secret is None or found != "deleted":
                return _misnamed(name) or _deleted_not_found(name)
            records.recover(self._store, secret, now, delay=self._settles)
        return JSONResponse(records.listed_version(self._current(secret), _base(request)))

    async def purge(self, request: Request) -> Response:
        name = request.path_params["name"]
        with self._store.writing():
            found = records.phase(records.find(self._store, name), self._now())
            if found == "deleting":
                return _conflict(name, found)
            if found != "deleted":
                return _misnamed(name) or _deleted_not_found(name)
            records.purge(self._store, name)
        return Response(status_code=204)

    def _current(self, secret: Doc) -> Doc:
        return self._store.need("version", secret["current"])

    def _version(self, request: Request) -> tuple[Doc | None, Response]:
        """The version that the path names, or the current one; else the refusal."""
        name, wanted = request.path_params["name"], request.path_params.get("version", "")
        secret = records.find(self._store, name)
        if secret is None or records.phase(secret, self._now()) != "live":
            return None, _misnamed(name) or _not_found(name)
        version = self._store.get("version", wanted or secret["current"])
        if version is None or version["name"] != secret["name"]:
            return None, _not_found(f"{name}/{wanted}")
        return version, Response()


async def _wish(request: Request, *, new: bool) -> tuple[Doc, Response | None]:
    """The request's JSON object, or the refusal."""
    try:
        wish = await request.json()
    except ValueError:
        return {}, error(400, "BadParameter", "The request body is not valid JSON.")
    if not isinstance(wish, dict):
        return {}, error(400, "BadParameter", "The request body is not an object.")
    problem = records.problem(wish, new=new)
    return wish, error(400, "BadParameter", problem) if problem else None


def _page(request: Request, shown: Sequence[Doc]) -> Response:
    """Up to `maxresults` items after the place in `$skiptoken`, with the link to the rest."""
    asked = request.query_params
    size = asked.get("maxresults", str(_MOST_RESULTS))
    if not size.isascii() or not size.isdigit() or not 1 <= int(size) <= _MOST_RESULTS:
        return error(400, "BadParameter", f"maxresults must be from 1 to {_MOST_RESULTS}")
    try:
        last = json.loads(base64.urlsafe_b64decode(asked["$skiptoken"])) if "$skiptoken" in asked else ""
    except ValueError:
        return error(400, "BadParameter", "The $skiptoken is invalid.")
    rest = [item for item in shown if item["id"].casefold() > str(last)]
    page, link = rest[: int(size)], None
    if len(rest) > len(page):
        place = base64.urlsafe_b64encode(json.dumps(page[-1]["id"].casefold()).encode()).decode()
        path = f"{_base(request)}{request.url.path}"
        link = f"{path}?api-version={asked['api-version']}&$skiptoken={place}&maxresults={size}"
    return JSONResponse({"value": page, "nextLink": link})


def _base(request: Request) -> str:
    return f"https://{request.headers['host']}"


def _misnamed(name: str) -> Response | None:
    if records.NAME.fullmatch(name):
        return None
    return error(400, "BadParameter", f"The request URI contains an invalid name: {name}")


def _not_found(name: str) -> Response:
    told = (
        f"A secret with (name/id) {name} was not found in this key vault. If you recently deleted this secret"
    )
    return error(
        404, "SecretNotFound", f"{told} you may be able to recover it using the correct recovery command."
    )


def _deleted_not_found(name: str) -> Response:
    return error(404, "SecretNotFound", f"Deleted Secret not found: {name}")


def _conflict(name: str, found: records.Phase) -> Response:
    told, inner = _BUSY[found]
    return error(409, "Conflict", f"Secret {name} is currently {told}", inner=inner)
