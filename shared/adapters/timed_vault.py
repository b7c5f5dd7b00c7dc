"""A vault whose operations are timed, whichever keeps the values."""

from collections.abc import Mapping, Sequence

from shared import metrics
from shared.ports import PIIVault


class TimedVault:
    """Implements `PIIVault` before another one."""

    def __init__(self, vault: PIIVault) -> None:
        self._vault = vault

    async def tokenize(
        self, text: str, *, conversation_id: str, owner: str, known: Sequence[str] = (), asked: str = ""
    ) -> str:
        """See `PIIVault.tokenize`."""
        with metrics.timed(metrics.VAULT_SECONDS, "tokenize"):
            return await self._vault.tokenize(
                text, conversation_id=conversation_id, owner=owner, known=known, asked=asked
            )

    async def token(self, value: str, *, conversation_id: str, owner: str) -> str:
        """See `PIIVault.token`."""
        with metrics.timed(metrics.VAULT_SECONDS, "token"):
            return await self._vault.token(value, conversation_id=conversation_id, owner=owner)

    async def kinds(self, tokens: Sequence[str]) -> Mapping[str, str]:
        """See `PIIVault.kinds`."""
        with metrics.timed(metrics.VAULT_SECONDS, "kinds"):
            return await self._vault.kinds(tokens)

    async def reveal(self, text: str, *, conversation_id: str, purpose: str) -> str:
        """See `PIIVault.reveal`."""
        with metrics.timed(metrics.VAULT_SECONDS, "reveal"):
            return await self._vault.reveal(text, conversation_id=conversation_id, purpose=purpose)

    async def conversations(self, owner: str) -> Sequence[str]:
        """See `PIIVault.conversations`."""
        with metrics.timed(metrics.VAULT_SECONDS, "conversations"):
            return await self._vault.conversations(owner)

    async def holding(self, value: str, *, most: int = 100_000) -> Sequence[str]:
        """See `PIIVault.holding`."""
        with metrics.timed(metrics.VAULT_SECONDS, "holding"):
            return await self._vault.holding(value, most=most)

    async def forget(self, owner: str) -> int:
        """See `PIIVault.forget`."""
        with metrics.timed(metrics.VAULT_SECONDS, "forget"):
            return await self._vault.forget(owner)

    async def count(self, conversation_ids: Sequence[str]) -> int:
        """See `PIIVault.count`."""
        with metrics.timed(metrics.VAULT_SECONDS, "count"):
            return await self._vault.count(conversation_ids)

    async def expire(self, conversation_ids: Sequence[str]) -> int:
        """See `PIIVault.expire`."""
        with metrics.timed(metrics.VAULT_SECONDS, "expire"):
            return await self._vault.expire(conversation_ids)

    async def ping(self) -> None:
        """See `PIIVault.ping`; it is not timed, for it tells nothing of what customers wait for."""
        await self._vault.ping()
