"""Keeps personal data on this machine, sealed with a key per owner under one master key."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.adapters.local.audit import append_reveal
from shared.adapters.local.keys import MasterKey, create_key_file, new_data_key, read_key_file, seal, unseal
from shared.adapters.local.rows import Row, Rows
from shared.errors import VaultDown
from shared.personal_data import check_purpose, find, new_token, normal_form, swap_in, swap_out, tokens_in
from shared.ports import PIIVault

_REMEMBERED = 20
"""Values of a conversation that its later texts are searched for."""
_CACHED_KEYS = 1024
_T = TypeVar("_T")


def open_local_vault(
    path: Path, key_file: Path, *, audit: Path, patience: float = 5.0
) -> AbstractAsyncContextManager[PIIVault]:
    """A vault in the SQLite file `path` under the key in `key_file` (created when both are new).

    `audit` takes one line a reveal. `patience` is how many seconds a lock of another process is waited for.
    Raises `SettingsError` for an unsafe key file, `VaultDown` for a missing or wrong key or a sick disk.
    """
    return _opened(path, key_file, audit, patience)


@asynccontextmanager
async def _opened(path: Path, key_file: Path, audit: Path, patience: float) -> AsyncIterator[PIIVault]:
    # One thread writes, so that waiting for the disk never stops the event loop; reading is 20 µs.
    with ThreadPoolExecutor(1, thread_name_prefix="vault") as thread:
        run = asyncio.get_running_loop().run_in_executor
        writer = await run(thread, lambda: Rows(path, patience=patience))
        try:
            master = await run(thread, lambda: _unlock(writer, key_file))
            reader = Rows(path, patience=patience)
            try:
                yield LocalVault(writer, reader, thread, master, key_file, audit)
            finally:
                reader.close()
        finally:
            await run(thread, writer.close)


def _unlock(rows: Rows, key_file: Path) -> MasterKey:
    rows.create()
    if rows.fingerprint() is None and not key_file.exists():
        create_key_file(key_file)
    master = MasterKey.of(read_key_file(key_file))
    if rows.fingerprint(master.fingerprint) != master.fingerprint:
        raise VaultDown(
            f"vault key file {key_file} is not the key {rows.path} was sealed with; restore the right key "
            f"from your backup, or move the vault file away to start an empty vault"
        )
    return master


class LocalVault:
    """`PIIVault` with envelope encryption; the same file may be open in several processes."""

    def __init__(
        self,
        writer: Rows,
        reader: Rows,
        thread: ThreadPoolExecutor,
        master: MasterKey,
        key_file: Path,
        audit: Path,
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._thread = thread
        self._master = master
        self._key_file = key_file
        self._audit = audit
        # Wrapped key to open key. What is looked up is always the row on disk, so a key another process
        # destroyed is not found here; what this process destroys is dropped at once.
        self._keys: dict[bytes, AESGCM] = {}

    async def tokenize(
        self, text: str, *, conversation_id: str, owner: str, known: Sequence[str] = (), asked: str = ""
    ) -> str:
        """`text` with every detected personal value replaced."""
        spans = find(text, known=(*known, *self._said_before(conversation_id)), asked=asked)
        if not spans:
            return text
        values = [text[span.start : span.end] for span in spans]
        return swap_in(text, spans, await self._tokens(values, conversation_id, owner))

    def _said_before(self, conversation: str) -> list[str]:
        """What this conversation has sealed: a name is recognized again without "my name is"."""
        return [self._open(row, conversation) for row in self._reader.newest(conversation, _REMEMBERED)]

    async def token(self, value: str, *, conversation_id: str, owner: str) -> str:
        """The token of one value."""
        return (await self._tokens([value], conversation_id, owner))[0]

    async def reveal(self, text: str, *, conversation_id: str, purpose: str) -> str:
        """`text` with this conversation's tokens opened, after the audit line is on disk."""
        check_purpose(purpose)
        tokens = tokens_in(text)
        rows = self._reader.sealed(conversation_id, tokens) if tokens else []
        if not rows:
            return text
        values = {row.token: self._open(row, conversation_id) for row in rows}
        await self._in_thread(
            lambda: append_reveal(
                self._audit,
                at=time.time(),
                conversation_id=conversation_id,
                purpose=purpose,
                tokens=list(values),
            )
        )
        return swap_out(text, values)

    async def forget(self, owner: str) -> int:
        """Destroy the owner's key and rows."""
        hashed = self._owner(owner)

        def destroy() -> int:
            self._keys.clear()
            return self._writer.forget(hashed)

        try:
            return await self._in_thread(destroy)
        finally:
            self._keys.clear()  # a reveal may have opened it while the disk was busy

    async def ping(self) -> None:
        """Raises `VaultDown` when the file cannot be written or the key is not the one it was sealed with."""

        def check() -> None:
            if MasterKey.of(read_key_file(self._key_file)).fingerprint != self._master.fingerprint:
                raise VaultDown(f"vault key file {self._key_file} changed since start; restore it")
            with self._writer.writing():
                pass

        await self._in_thread(check)

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _owner(self, owner: str) -> bytes:
        return self._master.blind("owner", owner)

    async def _tokens(self, values: Sequence[str], conversation: str, owner: str) -> list[str]:
        blinds = [self._master.blind("value", conversation, normal_form(value)) for value in values]
        mine, guest = self._owner(owner), self._owner(conversation)
        found = [self._reader.token(conversation, blind) for blind in blinds]
        there = [known[0] for known in found if known is not None and (known[1] == mine or known[1] != guest)]
        if len(there) == len(values):
            return there
        return await self._in_thread(lambda: self._add(values, blinds, conversation, mine, guest))

    def _add(
        self, values: Sequence[str], blinds: Sequence[bytes], conversation: str, mine: bytes, guest: bytes
    ) -> list[str]:
        """The tokens of the values, in one transaction: two processes never give one value two tokens."""
        tokens: list[str] = []
        with self._writer.writing():
            key = self._key_for(mine)
            for value, blind in zip(values, blinds, strict=True):
                known = self._writer.token(conversation, blind)
                if known is None:
                    token = new_token()
                    self._writer.add(
                        token,
                        conversation,
                        blind,
                        mine,
                        seal(key, _packed(value), _bound(token, conversation)),
                    )
                else:
                    token, holder = known
                    if holder == guest != mine:
                        self._take_over(token, conversation, mine, key)
                tokens.append(token)
        return tokens

    def _take_over(self, token: str, conversation: str, mine: bytes, key: AESGCM) -> None:
        """A guest has signed in: what they said before is forgotten with them, too."""
        for row in self._writer.sealed(conversation, [token]):
            value = _packed(self._open(row, conversation))
            self._writer.give_to(mine, token, seal(key, value, _bound(token, conversation)))

    def _key_for(self, owner: bytes) -> AESGCM:
        wrapped = self._writer.wrapped_key(owner)
        if wrapped is None:
            wrapped = self._writer.wrapped_key(owner, seal(self._master.wrapping, new_data_key(), owner))
        if wrapped is None:
            raise VaultDown(f"vault file {self._writer.path} did not keep a new key; check the disk")
        return self._unwrapped(wrapped, owner)

    def _unwrapped(self, wrapped: bytes, owner: bytes) -> AESGCM:
        key = self._keys.get(wrapped)
        if key is None:
            key = AESGCM(unseal(self._master.wrapping, wrapped, owner))
            if len(self._keys) >= _CACHED_KEYS:
                self._keys.clear()
            self._keys[wrapped] = key
        return key

    def _open(self, row: Row, conversation: str) -> str:
        key = self._unwrapped(row.wrapped, row.owner)
        return unseal(key, row.sealed, _bound(row.token, conversation)).decode("utf-8", "surrogatepass")


def _packed(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")


def _bound(token: str, conversation: str) -> bytes:
    """What a sealed value is tied to: moved to another token or conversation, it does not open."""
    return f"{token}|{conversation}".encode()
