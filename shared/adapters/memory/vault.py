"""Keeps personal data in this process only, for tests."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from shared.adapters.memory.audit import MemoryAudit
from shared.errors import VaultDown
from shared.personal_data import check_purpose, kind_of, new_token, swap_out, tokenized, tokens_in
from shared.ports import Deed


@dataclass
class _Kept:
    conversation: str
    owner: str
    value: str
    kind: str = ""


@dataclass
class MemoryVault:
    """`PIIVault` without a disk. Set `down` to a reason to see what others do when the vault is."""

    down: str = ""
    audit: MemoryAudit = field(default_factory=MemoryAudit)
    _tokens: dict[tuple[str, str], str] = field(default_factory=dict)
    _values: dict[str, _Kept] = field(default_factory=dict)

    async def tokenize(
        self, text: str, *, conversation_id: str, owner: str, known: Sequence[str] = (), asked: str = ""
    ) -> str:
        """`text` with every detected personal value replaced."""
        await self.ping()
        said = [kept.value for kept in self._values.values() if kept.conversation == conversation_id]

        async def give(values: Sequence[str], kinds: Sequence[str]) -> list[str]:
            await self.ping()
            return [
                self._token(value, kind, conversation_id, owner)
                for value, kind in zip(values, kinds, strict=True)
            ]

        return await tokenized(text, known=(*known, *said), asked=asked, give=give)

    async def token(self, value: str, *, conversation_id: str, owner: str) -> str:
        """The token of one value."""
        await self.ping()
        return self._token(value, kind_of(value), conversation_id, owner)

    def _token(self, value: str, kind: str, conversation_id: str, owner: str) -> str:
        same = (conversation_id, value)
        token = self._tokens.get(same)
        if token is None:
            token = self._tokens[same] = new_token()
            self._values[token] = _Kept(conversation_id, owner, value, kind)
        elif self._values[token].owner == conversation_id:
            self._values[token].owner = owner  # a guest has signed in
        return token

    async def kinds(self, tokens: Sequence[str]) -> Mapping[str, str]:
        """What is behind these tokens."""
        await self.ping()
        found = {token: kept.kind for token in tokens if (kept := self._values.get(token))}
        return {token: kind for token, kind in found.items() if kind}

    async def reveal(self, text: str, *, conversation_id: str, purpose: str) -> str:
        """`text` with this conversation's tokens opened, and an audit line."""
        check_purpose(purpose)
        await self.ping()
        values = {
            token: kept.value
            for token in tokens_in(text)
            if (kept := self._values.get(token)) is not None and kept.conversation == conversation_id
        }
        if values:
            await self.audit.write(
                Deed(action="reveal", purpose=purpose, conversation_id=conversation_id, tokens=tuple(values))
            )
        return swap_out(text, values)

    async def conversations(self, owner: str) -> Sequence[str]:
        """The conversations that hold values of this owner."""
        await self.ping()
        return sorted({kept.conversation for kept in self._values.values() if kept.owner == owner})

    async def holding(self, value: str, *, most: int = 100_000) -> Sequence[str]:
        """The conversations that hold this value."""
        await self.ping()
        return sorted(conversation for conversation, kept in self._tokens if kept == value)[:most]

    async def forget(self, owner: str) -> int:
        """Drop the owner's values."""
        await self.ping()
        return self._drop({token for token, kept in self._values.items() if kept.owner == owner})

    async def count(self, conversation_ids: Sequence[str]) -> int:
        """How many values are kept in these conversations."""
        return sum(kept.conversation in conversation_ids for kept in self._values.values())

    async def expire(self, conversation_ids: Sequence[str]) -> int:
        """Drop the values of these conversations."""
        await self.ping()
        return self._drop({t for t, kept in self._values.items() if kept.conversation in conversation_ids})

    def _drop(self, gone: set[str]) -> int:
        self._values = {token: kept for token, kept in self._values.items() if token not in gone}
        self._tokens = {same: token for same, token in self._tokens.items() if token not in gone}
        return len(gone)

    async def ping(self) -> None:
        """Raises `VaultDown` while `down` is set."""
        if self.down:
            raise VaultDown(self.down)


@asynccontextmanager
async def open_memory_vault() -> AsyncIterator[MemoryVault]:
    """An empty vault."""
    yield MemoryVault()
