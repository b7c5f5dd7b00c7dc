"""Personal data behind tokens."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class PIIVault(Protocol):
    """Personal data behind tokens. The same value in one conversation is the same `TOKEN_<uuid>`.

    A value is what was written, to the letter: revealing a tokenized text gives the text back.

    A token of one conversation cannot be opened from another. Raises `VaultDown`, never passes raw text.
    """

    async def tokenize(
        self, text: str, *, conversation_id: str, owner: str, known: Sequence[str] = (), asked: str = ""
    ) -> str:
        """`text` with every detected personal value replaced.

        `known` are values of the customer's own
        record (name, e-mail, phone, address), matched exactly and approximately. `owner` is whose data
        it is (a customer id, or the conversation id for a guest): `forget(owner)` makes it unreadable.
        `asked` is what was last said to the customer: after "Your name?" the text "rose" is a name.
        """
        ...

    async def token(self, value: str, *, conversation_id: str, owner: str) -> str:
        """The token of one value known to be personal as a whole (a name field of a record)."""
        ...

    async def kinds(self, tokens: Sequence[str]) -> Mapping[str, str]:
        """What is behind these tokens, by token: email, phone, address... (the kinds of `Span`).

        Nothing is opened for it. Tokens that are unknown, or kept without a kind, are not there.
        """
        ...

    async def reveal(self, text: str, *, conversation_id: str, purpose: str) -> str:
        """`text` with this conversation's tokens opened; audited. Unknown tokens stay as they are."""
        ...

    async def conversations(self, owner: str) -> Sequence[str]:
        """The conversations in which values of this owner are kept."""
        ...

    async def holding(self, value: str, *, most: int = 100_000) -> Sequence[str]:
        """The conversations that hold exactly this value, of the `most` latest; nothing is opened for it."""
        ...

    async def forget(self, owner: str) -> int:
        """Destroy the owner's key; returns how many values became unreadable."""
        ...

    async def count(self, conversation_ids: Sequence[str]) -> int:
        """How many values are kept in these conversations."""
        ...

    async def expire(self, conversation_ids: Sequence[str]) -> int:
        """Destroy the values of these conversations, and the keys that seal nothing then; how many values."""
        ...

    async def ping(self) -> None:
        """Raises `VaultDown` when values cannot be sealed or opened now."""
        ...
