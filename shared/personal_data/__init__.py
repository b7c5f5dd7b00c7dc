"""Finds personal data in what customers write, without any effect."""

from shared.personal_data.find import Span, find
from shared.personal_data.mending import broken_tokens, mend_tokens
from shared.personal_data.same import normal_form
from shared.personal_data.tokens import (
    CONSOLE_PURPOSES,
    PURPOSES,
    check_purpose,
    kind_of,
    new_token,
    swap_in,
    swap_out,
    tokenized,
    tokens_in,
)
from shared.personal_data.view import token_pattern

__all__ = [
    "CONSOLE_PURPOSES",
    "PURPOSES",
    "Span",
    "broken_tokens",
    "check_purpose",
    "find",
    "kind_of",
    "mend_tokens",
    "new_token",
    "normal_form",
    "swap_in",
    "swap_out",
    "token_pattern",
    "tokenized",
    "tokens_in",
]
