"""Keeps personal data on this machine, sealed with a key per owner under a master key kept elsewhere."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.adapters.local.elsewhere import Elsewhere, MissingValues
from shared.adapters.local.holding import holding
from shared.adapters.local.key_file import KeyFile
from shared.adapters.local.key_ring import KeyRing, KeySource, MissingKey
from shared.adapters.local.keys import blind, bound, new_data_key, packed, seal, unseal
from shared.adapters.local.rows import Row, Rows
from shared.adapters.local.unlocking import reseal_some, unlock
from shared.errors import VaultDown
from shared.personal_data import check_purpose, kind_of, new_token, swap_out, tokenized, tokens_in
from shared.ports import AuditLog, Deed, PIIVault

_REMEMBERED = 20
"""Values of a conversation that its later texts are searched for."""
_CACHED_KEYS = 1024
_T = TypeVar("_T")


def open_local_vault(
    path: Path, key_file: Path, *, audit: AuditLog, patience: float = 5.0
) -> AbstractAsyncContextManager[PIIVault]:
    """A vault in the SQLite file `path` under the key in `key_file` (created when both are new).

    `audit` takes a line before each reveal; another process's lock is waited for `patience` seconds.
    Raises `SettingsError` for an unsafe key file, `VaultDown` for a missing or wrong key or a sick disk.
    """
    return open_sealed_vault(path, KeyFile(key_file), audit=audit, patience=patience)


@asynccontextmanager
async def open_sealed_vault(
    path: Path, keys: KeySource, *, audit: AuditLog, patience: float = 5.0, elsewhere: Elsewhere | None = None
) -> AsyncIterator["LocalVault"]:
    """A vault in the SQLite file `path` under the master keys of a source; all else as `open_local_vault`.

    With an `elsewhere`, sealed values are noted to be moved there.
    """
    # One thread writes, so that waiting for the disk never stops the event loop; reading is 20 µs.
    with ThreadPoolExecutor(1, thread_name_prefix="vault") as thread:
        run = asyncio.get_running_loop().run_in_executor
        writer = await run(thread, lambda: Rows(path, patience=patience))
        try:
            await run(thread, writer.create)
            ring = await unlock(writer, thread, keys)
            reader = Rows(path, patience=patience)
            try:
                yield LocalVault(writer, reader, thread, ring, audit, elsewhere)
            finally:
                reader.close()
        finally:
            await run(thread, writer.close)


class LocalVault:
    """`PIIVault` with envelope encryption; the same file may be open in several processes."""

    def __init__(
        self,
        writer: Rows,
        reader: Rows,
        thread: ThreadPoolExecutor,
        ring: KeyRing,
        audit: AuditLog,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._writer = writer
        self._reader = reader
        self._thread = thread
        self._ring = ring
        self._audit = audit
        self._elsewhere = elsewhere
        # Wrapped key to open key. What is looked up is always the row on disk, so a key another process
        # destroyed is not found here; what this process destroys is dropped at once.
        self._keys: dict[bytes, AESGCM] = {}

    async def tokenize(
        self, text: str, *, conversation_id: str, owner: str, known: Sequence[str] = (), asked: str = ""
    ) -> str:
        """`text` with every detected personal value replaced."""
        return await self._with_keys(lambda: self._tokenized(text, conversation_id, owner, known, asked))

    async def _tokenized(
        self, text: str, conversation_id: str, owner: str, known: Sequence[str], asked: str
    ) -> str:
        return await tokenized(
            text,
            known=(*known, *self._said_before(conversation_id)),
            asked=asked,
            give=lambda values, kinds: self._tokens(values, kinds, conversation_id, owner),
        )

    def _said_before(self, conversation: str) -> list[str]:
        """What this conversation has sealed: a name is recognized again without "my name is"."""
        rows = self._reader.newest(conversation, _REMEMBERED)
        self._need(rows)
        return [self._open(row, conversation) for row in rows]

    async def token(self, value: str, *, conversation_id: str, owner: str) -> str:
        """The token of one value."""
        kind = [kind_of(value)]
        return (await self._with_keys(lambda: self._tokens([value], kind, conversation_id, owner)))[0]

    async def kinds(self, tokens: Sequence[str]) -> Mapping[str, str]:
        """What is behind these tokens; nothing is opened."""
        return self._reader.kinds(tokens)

    async def reveal(self, text: str, *, conversation_id: str, purpose: str) -> str:
        """`text` with this conversation's tokens opened, after the audit line is on disk."""
        check_purpose(purpose)
        return await self._with_keys(lambda: self._revealed(text, conversation_id, purpose))

    async def _revealed(self, text: str, conversation_id: str, purpose: str) -> str:
        tokens = tokens_in(text)
        rows = self._reader.sealed(conversation_id, tokens) if tokens else []
        if not rows:
            return text
        self._need(rows)
        values = {row.token: self._open(row, conversation_id) for row in rows}
        await self._audit.write(
            Deed(action="reveal", purpose=purpose, conversation_id=conversation_id, tokens=tuple(values))
        )
        return swap_out(text, values)

    async def conversations(self, owner: str) -> Sequence[str]:
        """The conversations that hold values of this owner."""
        return self._reader.conversations(self._owner(owner))

    async def holding(self, value: str, *, most: int = 100_000) -> Sequence[str]:
        """The conversations that hold this value."""
        return await holding(self._in_thread, self._writer, self._ring.index, value, most)

    async def forget(self, owner: str) -> int:
        """Destroy the owner's key and rows."""
        hashed = self._owner(owner)

        def destroy() -> int:
            self._keys.clear()
            return self._writer.forget(hashed, elsewhere=self._elsewhere is not None)

        try:
            return await self._in_thread(destroy)
        finally:
            self._keys.clear()  # a reveal may have opened it while the disk was busy

    async def count(self, conversation_ids: Sequence[str]) -> int:
        """How many values are kept in these conversations."""
        return self._reader.count(conversation_ids)

    async def expire(self, conversation_ids: Sequence[str]) -> int:
        """Destroy the values of these conversations; nothing is written when there are none."""
        if not self._reader.count(conversation_ids):
            return 0
        self._keys.clear()
        elsewhere = self._elsewhere is not None
        return await self._in_thread(lambda: self._writer.expire(conversation_ids, elsewhere=elsewhere))

    async def ping(self) -> None:
        """Raises `VaultDown` when the file cannot be written or the key's place no longer gives it."""

        def write() -> None:
            with self._writer.writing():
                pass

        await self._ring.check()
        await self._in_thread(write)

    async def renew(self) -> None:
        """Seal the keys of new owners with the source's newest master key. Raises `VaultDown`.

        Brings all older ones into memory that owners depend on, so that no later turn waits for the source.
        """
        await self._ring.renew(await self._in_thread(self._writer.masters))

    async def reseal(self, *, after: float) -> None:
        """Put everything under the newest master key once that is `after` seconds old.

        Not earlier: processes that do not know it yet would have to fetch it, all at once.
        """
        if time.time() - self._ring.sealing.made_at >= after:
            done = 1
            while done:  # in batches, so that others write in between
                done = await self._in_thread(lambda: reseal_some(self._writer, self._ring))

    async def _with_keys(self, work: Callable[[], Awaitable[_T]]) -> _T:
        """Do the work; a master key that another process has begun to seal with is brought on the way."""
        while True:
            try:
                return await work()
            except MissingKey as missing:
                await self._ring.bring(missing.key_id)
            except MissingValues as missing:
                await self._fetch(missing.rows)

    async def _fetch(self, rows: Sequence[Row]) -> None:
        if self._elsewhere is None:
            raise VaultDown(
                f"the value of {rows[0].token} is a secret of its own in Key Vault; set VAULT_URL back to "
                f"keyvault-secrets://<name>.vault.azure.net"
            )
        await self._elsewhere.bring(rows)

    async def with_rows(self, work: Callable[[Rows], _T]) -> _T:
        """Work on the rows, in the thread that writes them."""
        return await self._in_thread(lambda: work(self._writer))

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _owner(self, owner: str) -> bytes:
        return blind(self._ring.index, "owner", owner)

    async def _tokens(
        self, values: Sequence[str], kinds: Sequence[str], conversation: str, owner: str
    ) -> list[str]:
        blinds = [blind(self._ring.index, "value", conversation, value) for value in values]
        mine, guest = self._owner(owner), self._owner(conversation)
        found = [self._reader.token(conversation, blind) for blind in blinds]
        there = [known[0] for known in found if known is not None and (known[1] == mine or known[1] != guest)]
        if len(there) == len(values):
            return there
        new = list(zip(values, blinds, kinds, strict=True))
        return await self._in_thread(lambda: self._add(new, conversation, mine, guest))

    def _add(
        self, new: list[tuple[str, bytes, str]], conversation: str, mine: bytes, guest: bytes
    ) -> list[str]:
        """The tokens of the values, in one transaction: two processes never give one value two tokens."""
        tokens: list[str] = []
        with self._writer.writing():
            key = self._key_for(mine)
            for value, blind, kind in new:
                known = self._writer.token(conversation, blind)
                if known is None:
                    token = new_token()
                    sealed = seal(key, packed(value), bound(token, conversation))
                    self._writer.add(token, conversation, blind, mine, sealed, kind)
                    self._send(token)
                else:
                    token, holder = known
                    if holder == guest != mine:
                        self._take_over(token, conversation, mine, key)
                tokens.append(token)
        return tokens

    def _take_over(self, token: str, conversation: str, mine: bytes, key: AESGCM) -> None:
        """A guest has signed in: what they said before is forgotten with them, too."""
        for row in self._writer.sealed(conversation, [token]):
            value = packed(self._open(row, conversation))
            self._writer.give_to(mine, token, seal(key, value, bound(token, conversation)))
            self._send(token)

    def _send(self, token: str) -> None:
        if self._elsewhere is not None:
            self._writer.send(token)

    def _key_for(self, owner: bytes) -> AESGCM:
        found = self._writer.wrapped_key(owner)
        if found is None:
            master = self._ring.sealing
            fresh = seal(master.wrapping, new_data_key(), owner), master.id
            found = self._writer.wrapped_key(owner, fresh)
        if found is None:
            raise VaultDown(f"vault file {self._writer.path} did not keep a new key; check the disk")
        return self._unwrapped(*found, owner)

    def _unwrapped(self, wrapped: bytes, master: str, owner: bytes) -> AESGCM:
        key = self._keys.get(wrapped)
        if key is None:
            key = AESGCM(unseal(self._ring[master].wrapping, wrapped, owner))
            if len(self._keys) >= _CACHED_KEYS:
                self._keys.clear()
            self._keys[wrapped] = key
        return key

    def _need(self, rows: Sequence[Row]) -> None:
        """Raises `MissingValues` for all values at once that are to be fetched first."""
        missing = [row for row in rows if not row.sealed and self._held(row) is None]
        if missing:
            raise MissingValues(missing)

    def _held(self, row: Row) -> bytes | None:
        return None if self._elsewhere is None else self._elsewhere.held(row)

    def _open(self, row: Row, conversation: str) -> str:
        self._need([row])
        sealed = row.sealed or self._held(row) or b""
        key = self._unwrapped(row.wrapped, row.master, row.owner)
        return unseal(key, sealed, bound(row.token, conversation)).decode("utf-8", "surrogatepass")
