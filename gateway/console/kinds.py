"""What is behind the closed values of a page, asked of the vault once for all of them."""

from collections.abc import Mapping
from contextlib import suppress

import msgspec

from gateway.context import Desk
from shared.errors import VaultDown
from shared.personal_data import tokens_in

_MOST = 500


async def kinds_in(at: Desk, *shown: object) -> Mapping[str, str]:
    """The kinds of the tokens in these, by token; without the vault they are not known."""
    tokens = tokens_in(msgspec.json.encode(shown, enc_hook=str).decode())[:_MOST]
    if not tokens:
        return {}
    with suppress(VaultDown):
        return await at.intake.vault.kinds(tokens)
    return {}
