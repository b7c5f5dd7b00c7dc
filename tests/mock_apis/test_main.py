"""The mock vendors start alone, as a developer starts them."""

import asyncio
import shlex
import socket
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from azure.identity import ManagedIdentityCredential
from azure.keyvault.secrets import SecretClient

from mock_apis import __main__, identity, zendesk
from shared.settings import Settings
from tests.processes import Process
from tests.shop import free_port
from tests.staff import room_for_tests


@contextmanager
def vendor(name: str, port: int, folder: Path) -> Iterator[None]:
    """`python -m mock_apis <name>` for as long as the context is open."""
    command = [sys.executable, "-m", "mock_apis", name, "--port", str(port), "--tls", str(folder / "tls")]
    command += ["--file", str(folder / f"{name}.db")]
    process = Process(name, command, ready=f"mock {name} on http", folder=folder, env={})
    try:
        process.wait_ready()
        yield
    finally:
        process.kill()


def test_key_vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`key_vault` and `identity` give the SDK all it needs; a killed vault keeps what was set."""
    ports = free_port(), free_port()
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{ports[1]}{identity.PATH}")
    monkeypatch.setenv("IDENTITY_HEADER", identity.HEADER)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "tls" / "ca.pem"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with (
        vendor("identity", ports[1], tmp_path),
        ManagedIdentityCredential() as credential,
        SecretClient(f"https://127.0.0.1:{ports[0]}", credential) as client,
    ):
        with vendor("key_vault", ports[0], tmp_path):
            client.set_secret("key", "x")
        with vendor("key_vault", ports[0], tmp_path):
            assert client.get_secret("key").value == "x"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["shopify", "--port", "99999"], "'99999' is no port"),
        (["shopify", "--port", "TAKEN"], "Address already in use; name another"),
        (["zendesk", "--file", "JUNK"], "is not a mock vendor's file"),
        (["zendesk", "--file", "JUNK/z.db"], "JUNK"),
        (["app_insights", "--keys", "JUNK"], "no JSON object with the texts instrumentation_key and"),
        (["app_insights", "--keys", "NONE"], "NONE: No such file"),
        (["app_insights", "--days", "-1"], "must be days, more than 0"),
        (["openai", "--limit", "0"], "must be a number from 1"),
        (["identity", "--limit", "5"], "--limit is for shopify, zendesk, openai"),
    ],
)
def test_wrong_arguments_are_told_in_a_line(
    arguments: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """Nothing is served, no address is printed, no traceback; who comes second is told about the port."""
    (tmp_path / "JUNK").write_text("no database, no JSON")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        given = [port if each == "TAKEN" else each for each in arguments]
        if "--port" not in given:
            given += ["--port", "0"]
        monkeypatch.setattr(sys, "argv", ["mock_apis", *given])
        monkeypatch.chdir(tmp_path)
        with pytest.raises(SystemExit) as ended:
            __main__.main()
    said = capsys.readouterr()
    assert told in f"{ended.value.code}{said.err}"
    assert "mock " not in said.out


def test_nobody_is_let_in_before_it_can_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sends to one that ends over its file is refused, and so knows that nothing came."""

    def opening(_: object, port: int, __: object) -> None:
        socket.create_connection(("127.0.0.1", port), 1).close()
        raise ValueError("its file is damaged")

    monkeypatch.setitem(__main__._VENDORS, "shopify", opening)
    monkeypatch.setattr(sys, "argv", ["mock_apis", "shopify", "--port", "0"])
    with pytest.raises(SystemExit, match="Connection refused"):
        __main__.main()


@pytest.mark.parametrize("name", ["identity", "oidc", "openai"])
async def test_what_keeps_nothing_fails_on_demand_too(name: str) -> None:
    """A fault is set, tells in its turn, and goes."""
    app, _ = __main__._VENDORS[name](None, 9001, Namespace(limit=None))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://m.test") as http:
        assert (await http.post("/__mock__/fault", json={"status": 503, "times": 1})).status_code == 201
        assert [(await http.get("/nothing")).status_code for _ in range(2)] == [503, 404]


async def test_a_limit_throttles() -> None:
    """As the vendor does."""
    app, _ = __main__._VENDORS["zendesk"](None, 9001, Namespace(limit=1))
    auth = (f"{zendesk.EMAIL}/token", zendesk.TOKEN)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://m.test", auth=auth
    ) as http:
        assert [(await http.get("/api/v2/tickets")).status_code for _ in range(2)] == [200, 429]


def test_oidc(tmp_path: Path) -> None:
    """`oidc` says with which settings a desk signs its staff in there, and they are good ones."""
    port = free_port()
    with vendor("oidc", port, tmp_path):
        said = (tmp_path / "oidc.out").read_text()
        told = dict(pair.split("=", 1) for pair in shlex.split(said[said.index("(") + 1 : said.rindex(")")]))
        assert told["OIDC_ISSUER"] == f"http://127.0.0.1:{port}"
        room = room_for_tests(Settings(**{name.lower(): value for name, value in told.items()}))  # type: ignore[arg-type]
        assert room.oidc is not None
        about = httpx.get(f"{told['OIDC_ISSUER']}/.well-known/openid-configuration").json()
        assert about["issuer"] == told["OIDC_ISSUER"]
        asyncio.run(room.close())
