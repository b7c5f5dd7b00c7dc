"""One URL per seam picks its adapter; without a nats-server the bus says that it runs in this process."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.adapters.nats import binary
from shared.errors import SettingsError
from shared.settings import Settings
from shared.wiring import open_services
from tests.shop import ROOT


async def test_without_any_nats_server_the_in_process_bus_runs_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """`/health/ready` and the banner show `kind`; the log says why."""
    monkeypatch.setattr(binary, "find_binary", lambda *_, **__: None)
    async with open_services(Settings(data_dir=tmp_path)) as services:
        assert (await services.bus()).kind == "memory"
    assert "no nats-server could be found or fetched" in caplog.text


def test_a_release_with_another_checksum_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was downloaded is compared with the pinned sum before it is unpacked."""

    class Response:
        content = b"not the release"

        def raise_for_status(self) -> "Response":
            return self

    monkeypatch.setattr(binary.shutil, "which", lambda _: None)
    monkeypatch.setattr(binary.httpx, "get", lambda *_, **__: Response())
    monkeypatch.setattr(binary.platform, "system", lambda: "Linux")
    monkeypatch.setattr(binary.platform, "machine", lambda: "x86_64")
    assert binary.find_binary(tmp_path, releases="http://releases.test") is None
    assert list(tmp_path.iterdir()) == []


def test_the_embedded_engine_loads_nothing_of_openai() -> None:
    """Who uses no model service pays for none: not with memory, not with a slower start."""
    program = """
import asyncio, sys
from shared.settings import Settings
from shared.wiring import open_services

async def main():
    async with open_services(Settings(model_url="embedded://")) as services:
        await services.writer(), await services.judge()

asyncio.run(main())
print([name for name in sys.modules if name.split(".")[0] in {"openai", "httpx2"}])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_the_local_vault_loads_nothing_of_azure(tmp_path: Path) -> None:
    """Key Vault's SDK costs a start only where `VAULT_URL` asks for it."""
    program = """
import asyncio, sys
from pathlib import Path
from shared.settings import Settings
from shared.wiring import open_services

async def main():
    async with open_services(Settings(data_dir=Path(sys.argv[1]))) as services:
        await (await services.vault()).ping()

asyncio.run(main())
print([name for name in sys.modules if name.split(".")[0] in {"azure", "msal", "requests"}])
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, timeout=60)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "url",
    [
        "https://",
        "https://desk.vault.azure.net/secrets/key",
        "https://desk.vault.azure.net?api-version=7.4",
        "https://user:password@desk.vault.azure.net",
    ],
)
async def test_a_key_vault_is_its_address_alone(tmp_path: Path, url: str) -> None:
    """More would be ignored, or be a secret in a log: the start stops before it calls anyone."""
    async with open_services(Settings(data_dir=tmp_path, vault_url=url)) as services:
        with pytest.raises(
            SettingsError, match=r"VAULT_URL='https://[^?@]*' is no Key Vault: give its"
        ) as caught:
            await services.vault()
    assert "password" not in str(caught.value)


@pytest.mark.parametrize("url", ["redis://x", "nothing"])
async def test_an_unknown_scheme_names_the_known_ones(tmp_path: Path, url: str) -> None:
    """The start stops with the setting's name."""
    async with open_services(Settings(data_dir=tmp_path, bus_url=url)) as services:
        with pytest.raises(SettingsError, match=r"BUS_URL=.*nats\+embedded://"):
            await services.bus()
