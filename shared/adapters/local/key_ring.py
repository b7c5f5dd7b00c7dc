"""Holds the master keys that a vault seals and opens with, whatever place they are kept at."""

from collections.abc import Iterable
from typing import Protocol

from shared.adapters.local.keys import MasterKey
from shared.errors import VaultDown


class KeySource(Protocol):
    """A place that keeps master keys: a file of this machine, or a service.

    Raises `VaultDown`, or `SettingsError` for what no waiting mends, naming the place and the remedy.
    """

    @property
    def place(self) -> str:
        """What errors call it."""
        ...

    async def newest(self, *, create: bool) -> MasterKey:
        """The key that seals from now on; `create` makes the first one where there is none."""
        ...

    async def named(self, key_id: str) -> MasterKey:
        """The key of this id, which may be an older one."""
        ...

    async def check(self, key: MasterKey) -> None:
        """Raises `VaultDown` when the place is known not to give `key` any more.

        A place that cannot be reached now is no reason, and this does not wait for it.
        """
        ...


class MissingKey(Exception):
    """A value is sealed with a master key that is not in memory: bring it, then try again."""

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self.key_id = key_id


class KeyRing:
    """Keys in memory: `sealing` seals, all of them open; `index` makes the hashes of this vault."""

    def __init__(self, source: KeySource, index: bytes, *, root: MasterKey, newest: MasterKey) -> None:
        self.index = index
        self.sealing = newest
        self._source = source
        self._keys = {root.id: root, newest.id: newest}

    def __getitem__(self, key_id: str) -> MasterKey:
        """The key of this id; raises `MissingKey`."""
        found = self._keys.get(key_id)
        if found is None:
            raise MissingKey(key_id)
        return found

    @property
    def older(self) -> list[MasterKey]:
        """All keys but the one that seals."""
        return [key for key in self._keys.values() if key.id != self.sealing.id]

    async def bring(self, key_id: str) -> None:
        """Have a key in memory. Raises `VaultDown`."""
        if key_id not in self._keys:
            self._keys[key_id] = await self._source.named(key_id)

    async def renew(self, needed: Iterable[str] = ()) -> None:
        """Seal with the source's newest key from now on; have `needed` in memory. Raises `VaultDown`."""
        newest = await self._source.newest(create=False)
        self._keys[newest.id] = self.sealing = newest
        failed = None
        for key_id in needed:
            try:
                await self.bring(key_id)
            except VaultDown as error:  # the others are needed none the less
                failed = error
        if failed is not None:
            raise failed

    async def check(self) -> None:
        """Raises `VaultDown` when the source no longer gives the key that seals."""
        await self._source.check(self.sealing)
