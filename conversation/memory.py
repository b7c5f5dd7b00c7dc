"""Keeps what was said last word for word, and what was said before that in short."""

from functools import reduce

from msgspec import structs

from shared.contracts import ConversationState, Digest, Said

_EXCHANGES = 6
"""Exchanges, a customer's words and the reply, that a conversation remembers as they were said."""
_QUESTION, _ANSWER = 50, 80
"""Characters that are kept of each."""


def remember(before: ConversationState, text: str, reply: str, note: Digest) -> ConversationState:
    """The state with one exchange more; what no longer fits lives on in `earlier`.

    Without `text` nobody asked.
    """
    asked = (Said(who="customer", text=text),) if text else ()
    history = (*before.history, *asked, Said(who="bot", text=reply))
    notes = (*before.notes, note)
    return structs.replace(
        before,
        history=history[-2 * _EXCHANGES :],
        notes=notes[-_EXCHANGES:],
        earlier=reduce(Digest.joined, notes[:-_EXCHANGES], before.earlier),
    )


def whole(state: ConversationState) -> Digest:
    """All of the conversation so far in short."""
    return reduce(Digest.joined, state.notes, state.earlier)


def overheard(before: ConversationState, said: Said) -> ConversationState:
    """The state with a line in which the bot had no part: a customer and a person speak."""
    return structs.replace(before, history=(*before.history, said)[-2 * _EXCHANGES :])


def pair(question: str, answer: str) -> str:
    """What was asked with what was told."""
    return f'"{short(question, _QUESTION)}" - "{short(answer, _ANSWER)}"'


def short(text: str, most: int) -> str:
    """At most so many characters, cut between words: a token is never cut in two.

    Quotes become single ones, so that no quoted text seems to end where it does not.
    """
    words = text.replace('"', "'").split()
    kept = " ".join(words)
    while len(kept) > most and words:
        words.pop()
        kept = " ".join([*words, "…"])
    return kept
