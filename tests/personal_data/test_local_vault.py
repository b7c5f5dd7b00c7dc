"""What the vault on disk promises besides: keys, crashes, several processes, the audit."""

import asyncio
import json
import sqlite3
import stat
import sys
from pathlib import Path

import pytest

from shared.adapters.local.keys import MasterKey
from shared.adapters.local.vault import LocalVault
from shared.errors import SettingsError, VaultDown
from shared.ports import PIIVault
from tests.vaults import open_vault

ROOT = Path(__file__).parents[2]
NAMES = [f"Ana Lund{chr(97 + n)}" for n in range(12)]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    return tmp_path / "data" / "vault.db", tmp_path / "keys" / "vault.key", tmp_path / "audit.jsonl"


async def keep(files: tuple[Path, Path, Path], value: str = "Ana Lund") -> str:
    path, key, audit = files
    async with open_vault(path, key, audit=audit) as vault:
        return await vault.token(value, conversation_id="c1", owner="ana")


async def opened(files: tuple[Path, Path, Path], token: str) -> str:
    path, key, audit = files
    async with open_vault(path, key, audit=audit) as vault:
        return await vault.reveal(token, conversation_id="c1", purpose="delivery")


async def test_survives_a_restart(files: tuple[Path, Path, Path]) -> None:
    """A token opens after a restart, and the value gets the same token again."""
    token = await keep(files)
    assert await opened(files, token) == "Ana Lund"
    assert await keep(files) == token


async def test_nothing_is_readable_on_disk(files: tuple[Path, Path, Path]) -> None:
    """Neither the value, nor its normal form, nor the owner stands in any file."""
    path, key, audit = files
    async with open_vault(path, key, audit=audit) as vault:
        token = await vault.token("Zebulon-Canary", conversation_id="c1", owner="owner-canary")
        await vault.reveal(token, conversation_id="c1", purpose="delivery")
        written = b"".join(file.read_bytes() for file in path.parent.parent.rglob("*") if file.is_file())
    assert token.encode() in written
    for canary in (b"zebulon", b"canary", b"zebulon-canary".hex().encode()):
        assert canary not in written.lower()


async def test_key_file_is_private(files: tuple[Path, Path, Path]) -> None:
    """The key file and the vault are made for their owner only."""
    await keep(files)
    for file in files[:2]:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path for path in files[1].parent.iterdir() if path.is_file()] == [files[1]]


async def test_open_key_file_is_refused(files: tuple[Path, Path, Path]) -> None:
    """A key others can read is refused, with the remedy."""
    await keep(files)
    files[1].chmod(0o640)
    with pytest.raises(SettingsError, match=r"mode 640\); run: chmod 600 .*vault\.key"):
        await keep(files)


@pytest.mark.parametrize("written", ["", "no key", "00" * 31, "é" * 64])
async def test_damaged_key_file(files: tuple[Path, Path, Path], written: str) -> None:
    """A file that holds no key is named as such, and never replaced."""
    await keep(files)
    files[1].write_text(written, "utf-8")
    with pytest.raises(SettingsError, match="is no key: it must hold 64 hex digits"):
        await keep(files)
    assert files[1].read_text("utf-8") == written


async def test_lost_key(files: tuple[Path, Path, Path]) -> None:
    """A vault whose key is gone says so instead of starting over with a new key."""
    await keep(files)
    files[1].unlink()
    with pytest.raises(VaultDown, match="is missing and the vault holds values"):
        await keep(files)
    assert not files[1].exists()


async def test_wrong_key(files: tuple[Path, Path, Path]) -> None:
    """Another vault's key is told apart."""
    await keep(files)
    files[1].write_text("ab" * 32 + "\n")
    with pytest.raises(VaultDown, match="is not the key"):
        await keep(files)


async def test_ping_sees_a_lost_key(files: tuple[Path, Path, Path]) -> None:
    """A running vault is not ready any more when its key file vanishes or changes."""
    path, key, audit = files
    async with open_vault(path, key, audit=audit) as vault:
        await vault.ping()
        written = key.read_text()
        key.write_text("cd" * 32)
        with pytest.raises(VaultDown, match="changed since start"):
            await vault.ping()
        key.unlink()
        with pytest.raises(VaultDown, match="is missing"):
            await vault.ping()
        key.touch(0o600)
        key.write_text(written)
        await vault.ping()


async def test_altered_rows(files: tuple[Path, Path, Path]) -> None:
    """A sealed value moved to another token or conversation, or changed, does not open."""
    token = await keep(files)
    other = await keep(files, "Bo Lund")
    with sqlite3.connect(files[0]) as db:
        db.execute(
            "UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE token = ?) WHERE token = ?",
            (other, token),
        )
    db.close()
    with pytest.raises(VaultDown, match="row was altered"):
        await opened(files, token)
    with sqlite3.connect(files[0]) as db:
        db.execute("UPDATE secrets SET conversation = 'c2' WHERE token = ?", (other,))
    db.close()
    async with open_vault(files[0], files[1], audit=files[2]) as vault:
        with pytest.raises(VaultDown, match="row was altered"):
            await vault.reveal(other, conversation_id="c2", purpose="delivery")


async def test_forget_leaves_nothing(files: tuple[Path, Path, Path]) -> None:
    """After forgetting, key and ciphertext are in no file, and a second open vault knows neither."""
    path, key, audit = files
    async with (
        open_vault(path, key, audit=audit) as one,
        open_vault(path, key, audit=audit) as two,
    ):
        token = await one.token("Ana Lund", conversation_id="c1", owner="ana")
        assert await two.reveal(token, conversation_id="c1", purpose="delivery") == "Ana Lund"
        with sqlite3.connect(path) as db:
            (sealed,) = db.execute("SELECT sealed FROM secrets").fetchone()
            (wrapped,) = db.execute("SELECT wrapped FROM owners").fetchone()
        db.close()
        assert await one.forget("ana") == 1
        written = b"".join(file.read_bytes() for file in path.parent.iterdir())
        assert sealed not in written
        assert wrapped not in written
        assert await two.reveal(token, conversation_id="c1", purpose="delivery") == token
        again = await two.token("Ana Lund", conversation_id="c1", owner="ana")
        assert await one.reveal(again, conversation_id="c1", purpose="delivery") == "Ana Lund"


async def test_audit(files: tuple[Path, Path, Path]) -> None:
    """Every reveal that opened something is one line: when, which tokens, what for; never the value."""
    path, key, audit = files
    async with open_vault(path, key, audit=audit) as vault:
        token = await vault.token("Ana Lund", conversation_id="c1", owner="ana")
        await vault.reveal(f"{token} and {token}", conversation_id="c1", purpose="helpdesk")
        await vault.reveal("nothing here", conversation_id="c1", purpose="helpdesk")
        await vault.reveal(token, conversation_id="c2", purpose="helpdesk")
        await vault.reveal(token, conversation_id="c1", purpose="commerce")
    begun, *lines = [json.loads(line) for line in audit.read_text().splitlines()]
    assert begun["action"] == "chain_begun"
    assert [(line["conversation_id"], line["purpose"], line["tokens"], line["actor"]) for line in lines] == [
        ("c1", "helpdesk", [token], "service:test"),
        ("c1", "commerce", [token], "service:test"),
    ]
    assert all(line["at"] > 1_700_000_000 for line in lines)
    assert "Lund" not in audit.read_text()
    assert stat.S_IMODE(audit.stat().st_mode) == 0o600


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
async def test_no_reveal_without_audit(files: tuple[Path, Path, Path]) -> None:
    """When the audit cannot be written nothing is revealed."""
    token = await keep(files)
    async with open_vault(files[0], files[1], audit=Path("/dev/full")) as vault:
        with pytest.raises(VaultDown, match=r"No space left.*nothing is revealed"):
            await vault.reveal(token, conversation_id="c1", purpose="delivery")


async def test_full_disk(files: tuple[Path, Path, Path]) -> None:
    """A full disk refuses the message, keeps what was there, and is forgotten when there is room."""
    path, key, audit = files
    async with open_vault(path, key, audit=audit) as vault:
        assert isinstance(vault, LocalVault)
        token = await vault.token("Ana Lund", conversation_id="c1", owner="ana")
        pages = vault._writer._db.execute("PRAGMA page_count").fetchone()[0]
        vault._writer._db.execute(f"PRAGMA max_page_count={pages}")
        with pytest.raises(VaultDown, match="full; nothing was stored"):
            await vault.token("y" * 9000, conversation_id="c1", owner="ana")
        assert await vault.reveal(token, conversation_id="c1", purpose="delivery") == "Ana Lund"
        vault._writer._db.execute("PRAGMA max_page_count=100000")
        assert await vault.tokenize("x@example.com", conversation_id="c1", owner="ana") != "x@example.com"


async def test_locked_file(files: tuple[Path, Path, Path]) -> None:
    """A file held too long is an error that may be tried again; known tokens still work."""
    path, key, audit = files
    async with open_vault(path, key, audit=audit, patience=0.05) as vault:
        token = await vault.token("Ana Lund", conversation_id="c1", owner="ana")
        holder = sqlite3.connect(path, isolation_level=None)
        try:
            holder.execute("BEGIN IMMEDIATE")
            with pytest.raises(VaultDown, match="locked") as caught:
                await vault.token("Bo Lund", conversation_id="c1", owner="ana")
            assert caught.value.retry
            with pytest.raises(VaultDown):
                await vault.ping()
            assert await vault.token("Ana Lund", conversation_id="c1", owner="ana") == token
            assert await vault.reveal(token, conversation_id="c1", purpose="delivery") == "Ana Lund"
        finally:
            holder.close()
        assert await vault.token("Bo Lund", conversation_id="c1", owner="ana") != token


async def test_file_of_before_keys_had_names(
    files: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file made before there were several master keys opens, knows its values, and takes new ones."""
    files[1].parent.mkdir()
    files[1].touch(0o600)
    files[1].write_text("ab" * 32)
    # Hashes were made with a key derived from the master key, and no column told of either.
    derived = MasterKey.of(bytes.fromhex("ab" * 32)).index
    monkeypatch.setattr("shared.adapters.local.unlocking.secrets.token_bytes", lambda _: derived)
    token = await keep(files)
    with sqlite3.connect(files[0]) as db:
        for table, column in (("vault", "master"), ("vault", "hashing"), ("owners", "master")):
            db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        db.execute("DROP TABLE errands")
    db.close()
    monkeypatch.undo()
    assert await opened(files, token) == "Ana Lund"
    assert await keep(files) == token
    assert await opened(files, await keep(files, "Bo Lund")) == "Bo Lund"


async def test_file_is_no_vault(files: tuple[Path, Path, Path]) -> None:
    """A file that is no database is named."""
    files[0].parent.mkdir()
    files[0].write_bytes(b"not a database, not even a small one" * 40)
    with pytest.raises(VaultDown, match=r"vault\.db: file is not a database"):
        await keep(files)


CHILD = """
import asyncio, json, sys
from pathlib import Path
from tests.vaults import open_vault

async def main(path, key, audit, *names):
    async with open_vault(Path(path), Path(key), audit=Path(audit)) as vault:
        tokens = await asyncio.gather(*(vault.token(n, conversation_id="c1", owner="ana") for n in names))
        shown = [await vault.reveal(t, conversation_id="c1", purpose="delivery") for t in tokens]
    print(json.dumps([tokens, shown]))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_several_processes_on_one_new_file(files: tuple[Path, Path, Path]) -> None:
    """Processes that start at once on nothing share one key, and give the same values the same tokens."""
    children = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", CHILD, *map(str, files), *order, stdout=asyncio.subprocess.PIPE, cwd=ROOT
        )
        for order in (NAMES, NAMES[::-1], NAMES[6:] + NAMES[:6])
    ]
    outputs = [json.loads((await child.communicate())[0]) for child in children]
    assert [child.returncode for child in children] == [0, 0, 0]
    given = [dict(zip(shown, tokens, strict=True)) for tokens, shown in outputs]
    assert given[0] == given[1] == given[2]
    assert sorted(given[0]) == sorted(NAMES)
    lines = files[2].read_text().splitlines()
    purposes = [json.loads(line)["purpose"] for line in lines]
    assert purposes == ["repair", *["delivery"] * 3 * len(NAMES)]


async def test_at_the_same_time(files: tuple[Path, Path, Path]) -> None:
    """Many tasks asking for one value at once get one token."""
    path, key, audit = files
    async with open_vault(path, key, audit=audit) as vault:
        one: PIIVault = vault
        tokens = await asyncio.gather(
            *(one.token("Ana", conversation_id="c1", owner="ana") for _ in range(50))
        )
        assert len(set(tokens)) == 1
