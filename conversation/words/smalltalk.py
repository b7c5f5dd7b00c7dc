"""Recognizes messages that are pleasantries from the first word to the last."""

from typing import Literal

from conversation.turn import TOKEN
from conversation.words import phrases
from conversation.words.replies import folded

SmallTalk = Literal["greeting", "thanks", "goodbye", "yes_or_no", ""]
_LONGEST = 5
"""Words of the longest phrase that is looked for."""


def small_talk(text: str) -> SmallTalk:
    """What kind of small talk `text` is when it is nothing else; a name in it changes nothing.

    "Hello, how are you?" is a greeting, "hello, how are you packing it?" is none. Of several kinds the
    one that wants most of an answer counts: "ok thanks, bye" is a goodbye.
    """
    words = folded(TOKEN.sub(" ", text)).split()
    kinds: set[SmallTalk] = set()
    while words:
        size, kind = _begins(words)
        if not size:
            return ""
        kinds.add(kind)
        words = words[size:]
    order: tuple[SmallTalk, ...] = ("goodbye", "greeting", "yes_or_no", "thanks")
    return next((kind for kind in order if kind in kinds), "")


def _begins(words: list[str]) -> tuple[int, SmallTalk]:
    """How many words the phrase takes that stands first here, and of which kind it is."""
    known: tuple[tuple[SmallTalk, frozenset[str]], ...] = (
        ("greeting", phrases.GREETINGS | phrases.HOW_ARE_YOU),
        ("goodbye", phrases.BYES),
        ("thanks", phrases.THANKS | phrases.ACKNOWLEDGED),
        ("yes_or_no", phrases.YES | phrases.NO),
        ("", phrases.ADDRESSED),
    )
    for size in range(min(_LONGEST, len(words)), 0, -1):
        phrase = " ".join(words[:size])
        for kind, listed in known:
            if phrase in listed:
                return size, kind
    return 0, ""


def asks_about_bot(text: str) -> bool:
    """Whether it asks what answers here: "what are you" does, "what are your opening hours" does not."""
    said = f" {folded(text)} "
    return any(f" {phrase} " in said for phrase in phrases.ABOUT_BOT) or any(
        said.endswith(f" {phrase} ") for phrase in phrases.ABOUT_BOT_AT_THE_END
    )
