"""Puts tokens into a text and takes them out again."""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence

from shared.personal_data.find import Span, find
from shared.personal_data.view import token_pattern

# Who may open tokens, and what for; an audit line names one of these.
CONSOLE_PURPOSES = ("answer", "identity", "delivery", "fraud", "legal")
"""What staff may look at a value for; in the audit log after `console:`."""
PURPOSES = frozenset(
    {"delivery", "commerce", "helpdesk", "intake", "export", "erasure"}
    | {f"console:{why}" for why in CONSOLE_PURPOSES}
)
# The second reading knows what the first one found and sees tokens in its place ("Lund ordered it. I'm Ana
# Lund"). One in thousands finds more at the third; without an end, a message could ask for one per word.
_READINGS = 4


def new_token() -> str:
    """A token that says nothing about what it stands for."""
    return f"TOKEN_{uuid.uuid4()}"


async def tokenized(
    text: str, *, known: Sequence[str], asked: str, give: Callable[[Sequence[str]], Awaitable[Sequence[str]]]
) -> str:
    """`text` with each personal value replaced by the token that `give` has for it, read until none is left.

    `known` and `asked` are those of `find`.
    """
    said = list(known)
    for _ in range(_READINGS):
        spans = find(text, known=said, asked=asked)
        if not spans:
            break
        values = [text[span.start : span.end] for span in spans]
        text = swap_in(text, spans, await give(values))
        said += values
    return text


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
