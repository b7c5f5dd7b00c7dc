"""Answers messages of few words or none: small talk, signs, a link, a wish for a language."""

import re

from conversation.turn import TOKEN, Case
from conversation.words import phrases
from conversation.words.replies import asks_for_help, folded, wants_no_more
from conversation.words.smalltalk import SmallTalk
from conversation.words.speaking import language_wish

_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)

OWN_WORDS = {"language.ours", "language.spoken", "ask.link"}
"""What we can do and what not: no model knows that from the goal's name."""


def goal_of(case: Case, talk: SmallTalk) -> str:
    """The goal that answers what says no more than this; empty for more. `talk` is its small talk."""
    if wish := language_wish(case.text):
        return "language.ours" if wish == "other" else "language.spoken"
    if asks_for_help(case.text):
        return "ask.need"
    if talk == "yes_or_no" and case.state.history and wants_no_more(case.text):
        return "thanks"
    # Nobody said anything yet that a "k" or a "no" could answer.
    alone = not case.state.history and folded(case.text) not in phrases.THANKS
    if talk == "yes_or_no" or (talk == "thanks" and alone):
        return goal_of_nothing(case)
    if talk or not says_nothing(case):
        return talk
    return "ask.link" if _LINK.search(case.text) else goal_of_nothing(case)


def goal_of_nothing(case: Case) -> str:
    """What is asked of who has not said what it is about."""
    return "ask.clarify" if case.state.history else "ask.need"


def says_nothing(case: Case) -> bool:
    """Signs, a figure, a letter, a link or personal values, with no word that says what about them."""
    said = TOKEN.sub("", _LINK.sub("", case.text))
    return not case.entity("order_number") and sum(map(str.isalpha, said)) <= 1
