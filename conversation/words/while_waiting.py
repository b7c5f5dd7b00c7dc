"""Recognizes what is written only because a person is awaited: "hello?", "how long still?", "ok"."""

from typing import Literal

from conversation.turn import TOKEN
from conversation.words import phrases
from conversation.words.replies import folded
from conversation.words.smalltalk import small_talk

Waits = Literal["there", "thanks", "stays", ""]
"""What is said to it (`with_person.there` and so on); empty: there is something in it to be read."""
_LONGEST = 14
"""Words; whoever writes more tells something."""
_KNOWN = phrases.AROUND_THE_WAIT.union(*(phrase.split() for phrase in phrases.ABOUT_THE_WAIT))


def only_waits(text: str) -> Waits:
    """Whether these words are only about the wait, or politeness; "how long is shipping?" is neither."""
    said = folded(TOKEN.sub(" ", text))
    if not said:
        return "" if TOKEN.search(text) else "there" if "?" in text or "." in text else "stays"
    kind = small_talk(text)
    if kind in {"thanks", "goodbye"}:
        return "stays" if said in phrases.ACKNOWLEDGED else "thanks"
    if kind:
        return "there" if kind == "greeting" else "stays"
    words = said.split()
    if len(words) > _LONGEST or not any(f" {head} " in f" {said} " for head in phrases.ABOUT_THE_WAIT):
        return ""
    return "there" if _KNOWN.issuperset(words) else ""
