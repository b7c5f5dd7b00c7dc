"""Puts tokens into a text and takes them out again."""

import uuid
from collections.abc import Mapping, Sequence

from shared.personal_data.find import Span
from shared.personal_data.view import token_pattern

# Who may open tokens, and what for; an audit line names one of these.
PURPOSES = frozenset({"delivery", "commerce", "helpdesk", "intake", "export"})
# How often a message is read for personal data. The second reading knows what the first one found and sees
# the tokens instead ("Lund ordered it. I'm Ana Lund"); a third that finds more is one in thousands, and
# without an end a message written for it would be read for every word it has.
READINGS = 4


def new_token() -> str:
    """A token that says nothing about what it stands for."""
    return f"TOKEN_{uuid.uuid4()}"


def swap_in(text: str, spans: Sequence[Span], tokens: Sequence[str]) -> str:
    """`text` with each span (in order, not overlapping) replaced by its token."""
    pieces: list[str] = []
    done = 0
    for span, token in zip(spans, tokens, strict=True):
        pieces += (text[done : span.start], token)
        done = span.end
    return "".join([*pieces, text[done:]])


def tokens_in(text: str) -> list[str]:
    """The tokens a text holds, each once, in order."""
    return list(dict.fromkeys(token_pattern().findall(text))) if "TOKEN_" in text else []


def swap_out(text: str, values: Mapping[str, str]) -> str:
    """`text` with the tokens that have a value opened; the others stay."""
    return token_pattern().sub(lambda found: values.get(found.group(), found.group()), text)


def check_purpose(purpose: str) -> None:
    """Raises ValueError unless the purpose is one an auditor knows."""
    if purpose not in PURPOSES:
        known = ", ".join(sorted(PURPOSES))
        raise ValueError(f"purpose {purpose!r} is unknown to the audit; name one of: {known}")
