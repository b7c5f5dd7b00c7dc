"""The keys of the bus: who can read them, what a wrong one says, and who is let in by the embedded server."""

import argparse
import asyncio
import base64
import json
import os
import signal
import stat
import subprocess
from pathlib import Path

import psutil
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from launch import bus_users
from shared.adapters.nats.bus import open_bus
from shared.adapters.nats.login import read_credential
from shared.adapters.nats.nkeys import UserKey
from shared.errors import BusDown, SettingsError
from shared.settings import Settings
from shared.wiring import open_services
from tests.processes import nats_binary
from tests.security.bus_users import house

SEED = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
PUBLIC = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"
"""The pair that docs.nats.io shows under "NKeys": ours must read it as everybody does."""


def test_a_seed_is_read_as_nats_reads_it() -> None:
    """The documented pair; what we make reads back, and signs what the public half verifies."""
    assert UserKey.from_seed(SEED).public == PUBLIC
    key = UserKey.new()
    again = UserKey.from_seed(key.seed())
    assert (again.public, again.seed()) == (key.public, key.seed())
    raw = base64.b32decode(key.public)[1:33]
    Ed25519PublicKey.from_public_bytes(raw).verify(base64.b64decode(key.sign("nonce")), b"nonce")
    assert key.seed() not in repr(key)


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        ("", 0o600, "neither a user's NKey seed nor a .creds file"),
        ("password", 0o600, "neither a user's NKey seed"),
        (SEED[:-1] + "A", 0o600, "length or the checksum"),
        ("SUAAAAAA", 0o600, "length or the checksum"),
        ("SU!!", 0o600, "is no base32"),
        (SEED, 0o644, "open to others .*chmod 600"),
        (None, 0o600, "No such file.*bus-users"),
    ],
)
def test_a_wrong_key_file_says_what_is_wrong(tmp_path: Path, text: str | None, mode: int, says: str) -> None:
    """The variable and the remedy, never what stands in the file."""
    path = tmp_path / "gateway.nk"
    if text is not None:
        path.write_text(text)
        path.chmod(mode)
    with pytest.raises(SettingsError, match=f"BUS_CREDENTIALS=.*{says}") as caught:
        read_credential(path)
    assert not text or text not in str(caught.value)


def test_a_creds_file_is_read(tmp_path: Path) -> None:
    """JWT and seed, as `nsc generate creds` writes them."""
    path = tmp_path / "user.creds"
    path.write_text(
        "-----BEGIN NATS USER JWT-----\neyJ0.payload.sig\n------END NATS USER JWT------\n\n"
        f"-----BEGIN USER NKEY SEED-----\n{SEED}\n------END USER NKEY SEED------\n"
    )
    path.chmod(0o600)
    found = read_credential(path)
    assert (found.jwt, found.key.public) == ("eyJ0.payload.sig", PUBLIC)


async def test_the_embedded_server_lets_only_the_house_in(tmp_path: Path) -> None:
    """Who has no key is refused; keys are ours to read only, in no command line, configuration or log."""
    settings = Settings(data_dir=tmp_path)
    async with open_services(settings, actor="service:all") as services:
        await (await services.bus("gateway")).ping()
        folder = tmp_path / "nats"
        url = json.loads(next(folder.glob("nats-server_*.ports")).read_text())["nats"][0]
        with pytest.raises(SettingsError, match="refuses our credential"):
            async with open_bus(url, name="anybody"):
                pass
        async with open_services(settings, actor="command:erase") as command:
            assert await (await command.bus("erase", join=True)).erase(["c1"])
        keys = {path: path.read_text().strip() for path in (folder / "users").glob("*.nk")}
        pid = (folder / "nats-server.pid").read_text()
        told = psutil.Process(int(pid)).cmdline()
        told += [(folder / name).read_text() for name in ("nats-server.conf", "nats-server.log")]
        assert len(keys) == 12
        assert not [path for path, seed in keys.items() if any(seed in text for text in told)]
        modes = {stat.S_IMODE(path.stat().st_mode) for path in keys}
        assert modes == {0o600}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    async with open_services(settings, actor="service:all") as services:
        await (await services.bus("gateway")).ping()
    assert keys == {path: path.read_text().strip() for path in (folder / "users").glob("*.nk")}


async def test_a_user_that_was_taken_away_comes_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Refused while its key is out of the configuration, and said once; at work again when it is back."""
    async with house(tmp_path) as place, place.bus("conversation"), place.bus("critic") as bus:
        config = (tmp_path / "nats" / "nats-server.conf").read_text()
        config = config.replace("127.0.0.1:-1", place.url.removeprefix("nats://"))
        key = place.key("critic").key.public
        _reload(tmp_path / "nats", config.replace(key, UserKey.new().public))
        await _logged(caplog, "refuses our credential")
        with pytest.raises(BusDown):
            await bus.ping()
        _reload(tmp_path / "nats", config)
        await _logged(caplog, "connection to NATS is back")
        await bus.ping()
    assert caplog.text.count("refuses our credential") == 1


async def _logged(caplog: pytest.LogCaptureFixture, words: str) -> None:
    async with asyncio.timeout(30):
        while words not in caplog.text:  # noqa: ASYNC110  the log is what is waited for
            await asyncio.sleep(0.01)


def _reload(folder: Path, config: str) -> None:
    """As an operator does."""
    (folder / "nats-server.conf").write_text(config)
    os.kill(int((folder / "nats-server.pid").read_text()), signal.SIGHUP)


def test_an_operator_gets_users_for_a_server_of_their_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`bus-users` writes keys for every service, which it keeps, and what nats-server must be told."""
    folder = tmp_path / "users"
    options = argparse.Namespace(out=folder)
    assert bus_users.run(options) == 0
    config = folder / "nats-users.conf"
    written = config.read_text()
    subprocess.run([nats_binary(), "-t", "-c", str(config)], check=True, capture_output=True)
    seeds = [path.read_text().strip() for path in folder.glob("*.nk")]
    said = capsys.readouterr().out
    assert len(seeds) == 12
    assert str(config) in said
    assert not [seed for seed in seeds if seed in written + said]
    assert bus_users.run(options) == 0
    assert config.read_text() == written
