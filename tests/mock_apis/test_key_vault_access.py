"""The mock Key Vault lets in whom the service would, and the mock identity endpoint says who that is."""

import stat
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ServiceRequestError
from azure.core.pipeline.transport import AsyncioRequestsTransport
from azure.identity import DefaultAzureCredential
from azure.identity.aio import DefaultAzureCredential as AsyncDefaultAzureCredential
from azure.keyvault.secrets import ApiVersion, SecretClient
from azure.keyvault.secrets._shared.client_base import DEFAULT_VERSION
from azure.keyvault.secrets.aio import SecretClient as AsyncSecretClient

from mock_apis import identity
from mock_apis.key_vault_access import API_VERSIONS
from mock_apis.tls import certificates
from tests import key_vault

from .key_vault_clients import CLIENTS, codes

BOTH = pytest.mark.parametrize("kind", ["sync", "async"])
V = {"api-version": "7.4"}


@pytest.fixture
async def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[key_vault.Vault]:
    with key_vault.running(tmp_path, monkeypatch) as running:
        yield running
        await key_vault.close(running)


def token(vault: key_vault.Vault, **more: str) -> httpx.Response:
    """An answer of the identity endpoint."""
    asked = {"api-version": "2019-08-01", "resource": "https://0.0.1"} | more
    headers = {"X-IDENTITY-HEADER": identity.HEADER}
    url = f"{vault.identity.url}{identity.PATH}"
    return httpx.get(url, params={k: v for k, v in asked.items() if v}, headers=headers, trust_env=False)


def test_default_credential(vault: key_vault.Vault) -> None:
    """The unmodified `DefaultAzureCredential` finds the identity, and its token opens the vault."""
    with DefaultAzureCredential() as credential, SecretClient(vault.url, credential) as client:
        client.set_secret("key", "x")
        assert client.get_secret("key").value == "x"


async def test_default_credential_async(vault: key_vault.Vault) -> None:
    """The asynchronous one as well."""
    transport = AsyncioRequestsTransport()
    async with (
        AsyncDefaultAzureCredential(transport=transport) as credential,
        AsyncSecretClient(vault.url, credential, transport=AsyncioRequestsTransport()) as client,
    ):
        await client.set_secret("key", "x")
        assert (await client.get_secret("key")).value == "x"


def test_challenge(vault: key_vault.Vault) -> None:
    """Without a token the answer is the challenge: where to sign in, and for which resource."""
    with httpx.Client(base_url=vault.url, verify=key_vault.trusting(vault.tls), trust_env=False) as http:
        answer = http.get("/secrets/key", params=V)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "Unauthorized")
    assert "AKV10000" in answer.json()["error"]["message"]
    where = f"https://login.microsoftonline.com/{identity.TENANT.id}"
    resource = f"https://0.0.1:{vault.server.port}"
    assert answer.headers["WWW-Authenticate"] == f'Bearer authorization="{where}", resource="{resource}"'


@pytest.mark.parametrize(
    ("tenant", "resource", "age", "code"),
    [
        (identity.Tenant("other", "another tenant's key, long enough for HS256"), "", 0, "AKV10032"),
        (
            identity.Tenant(identity.TENANT.id, "a forged key that is long enough for HS256"),
            "",
            0,
            "AKV10046",
        ),
        (identity.TENANT, "https://storage.azure.com", 0, "AKV10022"),
        (identity.TENANT, "", 90000, "TokenExpired"),
        (identity.TENANT, "", -600, "TokenExpired"),
        (None, "", 0, "AKV10001"),
    ],
)
def test_distrusts(
    vault: key_vault.Vault, tenant: identity.Tenant | None, resource: str, age: float, code: str
) -> None:
    """A token of another tenant or key, for another resource, too old or too young is told apart."""
    wanted = resource or f"https://0.0.1:{vault.server.port}"
    now = time.time() - age
    given = tenant.sign(wanted, client_id="x", seconds=86400, now=now) if tenant else "nonsense"
    with vault.http() as http:
        answer = http.get("/secrets", params=V, headers={"Authorization": f"Bearer {given}"})
    assert answer.status_code == 401
    assert code in answer.json()["error"]["message"]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer authorization=")


@BOTH
async def test_wrong_tenant(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clients give up on a vault that does not believe their tenant."""
    other = identity.Tenant("other", "another tenant's key, long enough for HS256")
    with key_vault.running(tmp_path, monkeypatch, tenant=other) as vault:
        with pytest.raises(ClientAuthenticationError, match="AKV10032: Invalid issuer"):
            await CLIENTS[kind](vault).call("get_secret", "key")
        await key_vault.close(vault)


@BOTH
async def test_missing_right(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An identity without the role is 403, told apart from a disabled secret."""
    with key_vault.running(tmp_path, monkeypatch, permissions=("get", "list")) as vault:
        with pytest.raises(HttpResponseError) as caught:
            await CLIENTS[kind](vault).call("set_secret", "key", "x")
        assert codes(caught.value) == (403, "Forbidden", "ForbiddenByRbac")
        await key_vault.close(vault)


@BOTH
@pytest.mark.parametrize("version", API_VERSIONS)
async def test_api_versions(vault: key_vault.Vault, kind: str, version: str) -> None:
    """Every version from 7.4 to the SDK's default is spoken."""
    client = CLIENTS[kind](vault, api_version=version)
    await client.call("set_secret", "key", "x")
    assert (await client.call("get_secret", "key")).value == "x"


def test_knows_the_default_version() -> None:
    """The SDK's default is among them; what is older than 7.4 is not."""
    assert DEFAULT_VERSION.value == API_VERSIONS[-1]
    assert {one.value for one in ApiVersion} - set(API_VERSIONS) == {"7.3", "7.2", "7.1", "7.0", "2016-10-01"}


@BOTH
async def test_unknown_api_version(vault: key_vault.Vault, kind: str) -> None:
    """Another version is refused, naming the latest."""
    with pytest.raises(HttpResponseError, match=r"version \(7.3\) is not recognized.*2026-04-01") as caught:
        await CLIENTS[kind](vault, api_version="7.3").call("get_secret", "key")
    assert codes(caught.value) == (400, "BadParameter", None)
    with vault.http() as http:
        assert http.get("/secrets").status_code == 400


@BOTH
async def test_throttles(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over its limits the vault answers 429 and how long to wait; the next ten seconds are free again."""
    with key_vault.running(tmp_path, monkeypatch, creates=2, reads=3) as vault:
        client = CLIENTS[kind](vault, retry_total=0)
        vault.ahead = 10 - time.time() % 10  # the start of a window
        for _ in range(2):
            await client.call("set_secret", "key", "x")
        with pytest.raises(HttpResponseError) as caught:
            await client.call("set_secret", "key", "x")
        assert codes(caught.value) == (429, "Throttled", None)
        answer: Any = caught.value.response
        assert 1 <= int(answer.headers["Retry-After"]) <= 10
        assert (await client.call("get_secret", "key")).value == "x"  # reading has its own limit
        vault.ahead += 10
        await client.call("set_secret", "key", "x")
        await key_vault.close(vault)


@BOTH
async def test_clients_wait_as_told(vault: key_vault.Vault, kind: str) -> None:
    """The clients wait for as long as `Retry-After` says, and then get their answer."""
    client = CLIENTS[kind](vault)
    await client.call("set_secret", "key", "x")
    vault.break_next(status=429, times=1, retry_after=1)
    began = time.monotonic()
    assert (await client.call("get_secret", "key")).value == "x"
    assert time.monotonic() - began >= 1


@BOTH
async def test_fails_on_demand(vault: key_vault.Vault, kind: str) -> None:
    """A fault breaks the next requests as asked."""
    client = CLIENTS[kind](vault, retry_total=0)
    await client.call("set_secret", "key", "x")
    vault.break_next(status=500, times=1)
    with pytest.raises(HttpResponseError) as caught:
        await client.call("get_secret", "key")
    assert caught.value.status_code == 500
    assert (await client.call("get_secret", "key")).value == "x"


def test_identity_endpoint(vault: key_vault.Vault) -> None:
    """Who names no identity gets the default one; who shows no header, or an unknown identity, nothing."""
    told = token(vault).json()
    assert (told["token_type"], told["client_id"], told["resource"]) == (
        "Bearer",
        identity.CLIENT_ID,
        "https://0.0.1",
    )
    assert 86000 < int(told["expires_on"]) - time.time() <= 86400
    assert token(vault, client_id=identity.CLIENT_ID).status_code == 200
    unknown = token(vault, client_id="f07359bb-f4f6-4e3c-ba9f-ccdf48eb80ce")
    assert unknown.status_code == 400
    assert "No User Assigned or Delegated Managed Identity found" in unknown.json()["message"]
    assert token(vault, **{"api-version": "2018-02-01"}).status_code == 400
    assert token(vault, resource="").status_code == 400
    url = f"{vault.identity.url}{identity.PATH}"
    assert httpx.get(url, params={"resource": "https://x"}, trust_env=False).status_code == 401


@BOTH
async def test_untrusted_certificate(
    vault: key_vault.Vault, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who trusts another authority does not talk to the vault."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificates(tmp_path / "other").authority))
    with pytest.raises(ServiceRequestError, match="CERTIFICATE_VERIFY_FAILED"):
        await CLIENTS[kind](vault, retry_total=0).call("get_secret", "key")


def test_certificates(tmp_path: Path) -> None:
    """Keys are private, certificates are kept between starts and renewed before they end."""
    made = certificates(tmp_path / "tls")
    assert stat.S_IMODE(made.key.stat().st_mode) == 0o600
    assert {file.name for file in (tmp_path / "tls").iterdir()} == {"ca.pem", "server.pem", "server.key"}
    first = made.certificate.read_bytes()
    assert certificates(tmp_path / "tls").certificate.read_bytes() == first
    late = datetime.now(UTC) + timedelta(days=360)
    assert certificates(tmp_path / "tls", now=late).certificate.read_bytes() != first
    assert [file.name for file in tmp_path.iterdir()] == ["tls"]
