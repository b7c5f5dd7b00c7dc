"""Tells the language of a reply where a message alone would mislead: few words, a wish, a strange tongue."""

import re
from typing import Literal

from conversation.turn import TOKEN
from conversation.words.replies import folded
from conversation.words.smalltalk import small_talk
from shared.contracts import ConversationState, Language
from shared.tongues import other_tongue

_VALUE = re.compile(rf"{TOKEN.pattern}|https?://\S+|(?<!\S)\S+@\S+|(?<!\w)\w*\d\w*")
_SPEAK = re.compile(r"\b(?:speaks?|parle[rz]?|habl\w+|sprech\w+)\b", re.IGNORECASE)
_NAMES: dict[str, Language] = {
    **dict.fromkeys(("english", "anglais", "ingles", "inglese", "englisch", "engels"), "en"),
    **dict.fromkeys(("french", "francais", "frances", "francese", "franzosisch", "frans"), "fr"),
    **dict.fromkeys(("spanish", "espagnol", "espanol", "castellano", "spagnolo", "spanisch"), "es"),
}
_OTHERS = frozenset(
    """german deutsch allemand aleman italian italiano italien portuguese portugues portugais brasileiro dutch
    nederlands neerlandais holandes polish polski polonais polaco japanese japonais japones nihongo chinese
    chinois chino mandarin russian russe ruso arabic arabe swedish suedois sueco turkish turc turco catalan
    korean coreen coreano hindi greek grec griego danish norwegian finnish czech romanian hungarian ukrainian
    """.split()  # noqa: SIM905 sixty quoted words read worse
)
# What stands around the name of a language in a wish for it.
_AROUND = frozenset(
    """in do you speak can could we i please pls talk write chat answer reply to me now it be is this there
    anyone any someone there who that speaks switch change language only sorry hi hello hey instead ok
    en parlez vous parle parles tu on peut peux puis je svp s il te plait ecrivez repondez moi parler ecrire
    quelqu un qui langue merci bonjour pouvez le l je
    habla hablan hablas usted ustedes puede pueden puedo hablar escribir por favor me se alguien que idioma
    hola podemos responda responder conteste el sprechen sie bitte parla parlate fala falam voce
    """.split()  # noqa: SIM905 as above
)


Wish = Language | Literal["other", ""]


def language_wish(text: str) -> Wish:
    """The language that is wished for and nothing else: one of ours, "other", or empty.

    "Do you speak French?" wishes for one, "do you ship to the French Alps?" does not.
    """
    # Germán is a name too, so that who asks for German may have asked for a token.
    words = folded(TOKEN.sub("german", text) if _SPEAK.search(text) else text).split()
    named = [word for word in words if word in _NAMES or word in _OTHERS]
    if len(named) != 1 or any(word not in _AROUND and word not in named for word in words):
        return ""
    return _NAMES.get(named[0], "other")


def spoken(text: str, heard: Language, before: ConversationState, page: Language | None) -> Language:
    """The language of the reply to `text`, which by itself looks like `heard`; `page` is the page's.

    A language that was spoken stays through "oui", "k" and "1001"; the page's alone gives way to a "hola".
    """
    prior = before.language or page
    wish = language_wish(text)
    if wish and wish != "other":
        return wish
    if tongue := other_tongue(text):
        return prior or tongue.nearest
    words = _words(text)
    if all(len(word) == 1 for word in words) or (len(words) == 1 and was_spoken(before)):
        return prior or "en"
    return prior if prior and small_talk(text) and was_spoken(before) else heard


def was_spoken(before: ConversationState) -> bool:
    """Whether the customer has said more than small talk in a language of ours."""
    said = [line.text for line in before.history if line.who == "customer"]
    plainly = any(len(_words(text)) > 1 and not small_talk(text) and not other_tongue(text) for text in said)
    return plainly or bool(before.earlier.text)


def _words(text: str) -> list[str]:
    return folded(_VALUE.sub(" ", text)).split()
