"""No secret shows in what the processes print, log or were started with, nor in the settings' own text."""

import secrets
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from pydantic import SecretStr

from shared.settings import Settings
from tests.processes import everything
from tests.shop import ROOT, free_port

MAY_HOLD_SECRETS = {"bus_url", "store_url", "index_url", "traces_url"}
"""URLs and connection strings with a password or key in them."""
PATHS = {"bus_tls_key"}
"""Names of files; the secret is inside."""


def secret_settings() -> dict[str, Any]:
    """Every setting that is a secret, each with a value nobody could say by chance."""
    names = [name for name, field in Settings.model_fields.items() if field.annotation is SecretStr]
    found = {name.upper(): f"{name}-{secrets.token_hex(16)}" for name in names}
    del found["KNOWLEDGE_SOURCE"]  # a folder here; its SAS is tested with the container
    return found


def test_the_settings_never_show_a_secret() -> None:
    """`repr` and `str`, of secrets and of URLs that may hold one."""
    planted = secret_settings() | {
        name.upper(): f"scheme://user:{secrets.token_hex(16)}@host/" for name in MAY_HOLD_SECRETS
    }
    settings = Settings(**{name.lower(): value for name, value in planted.items()})
    for shown in (repr(settings), str(settings), f"{settings!r}", str(settings.__repr_args__)):
        assert not [name for name, value in planted.items() if value in shown or value[-33:-1] in shown]


def test_every_setting_that_sounds_secret_is_one() -> None:
    """A new key, token, secret or password cannot be plain text by mistake."""
    sounding = ("_key", "_token", "_secret", "password", "connection_string")
    plain = [
        name
        for name, field in Settings.model_fields.items()
        if name.endswith(sounding) and field.annotation is not SecretStr and name not in PATHS
    ]
    assert not plain


def test_running_processes_keep_their_secrets(tmp_path: Path) -> None:
    """All roles with all secrets set, LOG_LEVEL=DEBUG, good, wrong and failing requests."""
    planted = secret_settings()
    port = free_port()
    shop = "harbor-and-pine.myshopify.com"  # whose webhooks are signed with the planted secret
    running = everything(tmp_path, port=port, LOG_LEVEL="DEBUG", SHOPIFY_SHOP_DOMAIN=shop, **planted)
    try:
        running.wait_ready()
        commands = _commands(running.pid)
        tokens = _use(f"http://127.0.0.1:{port}")
        written = sorted((tmp_path / "data" / "secrets").iterdir())
        for name in ("desk.db", "knowledge.db", "staff.db", "vault/vault.db"):
            assert (tmp_path / "data" / name).stat().st_mode & 0o077 == 0, name
        own = {path.name: path.read_text("ascii").strip() for path in written}
    finally:
        running.interrupt()
        running.ended(20)
    logs = [path.read_text("utf-8", "replace") for path in (tmp_path / "data").rglob("*.log")]
    said = "\n".join([running.said(), *commands, *logs])
    assert "ready" in said
    assert len(commands) >= 2, "nats-server is one of them"
    everything_secret = {**planted, **own, **tokens}
    assert not [name for name, value in everything_secret.items() if value and value in said]


def test_libraries_do_not_write_out_requests(capfd: pytest.CaptureFixture[str]) -> None:
    """LOG_LEVEL is of our lines: urllib3 would print the URL of a container with its SAS."""
    script = (
        "import logging; from launch import logs; logs.start('DEBUG');"
        "logging.getLogger('urllib3.connectionpool').debug('GET /c?sig=s3cret');"
        "logging.getLogger('shared.adapters.nats.link').debug('ours')"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT, timeout=60)
    written = capfd.readouterr().err
    assert "ours" in written
    assert "s3cret" not in written


def test_a_wrong_url_is_told_without_its_password(tmp_path: Path) -> None:
    """The error of a start that fails."""
    url = "oracle://desk:hunter2hunter2@host/x"
    done = subprocess.run(
        [sys.executable, "-m", "launch", "gateway"],
        check=False, cwd=ROOT, capture_output=True, text=True, timeout=60,
        env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(tmp_path), "PORT": str(free_port()), "STORE_URL": url,
             "BUS_URL": "memory://", "LOG_LEVEL": "DEBUG"},
    )  # fmt: skip
    assert done.returncode == 2
    assert "STORE_URL" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def _commands(pid: int) -> list[str]:
    """What `ps` shows of a process and its children."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return [Path(f"/proc/{each.pid}/cmdline").read_bytes().replace(b"\0", b" ").decode() for each in family]


def _use(url: str) -> dict[str, str]:
    """Every kind of request; the tokens that went over the wire."""
    with httpx.Client(base_url=url, timeout=30) as http:
        customer = http.get("/demo/customers").json()["customers"][0]["id"]
        token = http.post("/demo/token", json={"customer_id": customer}).json()["token"]
        bearer = {"Authorization": f"Bearer {token}"}
        answer = http.post("/v1/chat", json={"message": "where is my order?"}, headers=bearer)
        assert answer.status_code == 200, answer.text
        opened = answer.json()["conversation_token"]
        path = f"/v1/conversations/{answer.json()['conversation_id']}"
        assert http.get(path, headers={**bearer, "X-Conversation-Token": opened}).status_code == 200
        assert http.get(path, headers={"X-Conversation-Token": opened[:-2]}).status_code == 404
        wrong = {"Authorization": f"Bearer {token[:-3]}"}
        assert http.post("/v1/chat", json={"message": "hi"}, headers=wrong).status_code == 401
        assert (
            http.post("/v1/chat", content=b"{", headers={"Content-Type": "application/json"}).status_code
            == 400
        )
        assert http.get("/console/queue", auth=("staff", "a-wrong-password-1234")).status_code == 401
    return {"customer token": token, "conversation token": opened, "typed": "a-wrong-password-1234"}
