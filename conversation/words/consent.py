"""Tells a plain yes from words that only begin, or end, like one, in three languages.

What a yes sets going can often not be taken back, and asking again costs one sentence: so a negation or a
word that takes back, wherever it stands, leaves no yes, and "ok" is one only where nothing else is said.
"""

import re

from conversation.words import phrases
from conversation.words.replies import folded
from conversation.words.verbs import any_form

_LONGEST = 12
"""Words of a message that may still be a plain yes."""
# "No problem" refuses nothing, nor does "order no. 1003".
_AT_EASE = re.compile(
    r"\b(?:no problem|no worries|no prob|not a problem|why not|pas de (?:probleme|souci|soucis)|pourquoi pas"
    r"|no hay problema|por que no|sin problema|order no(?= \d))\b"
)
_REFUSES = re.compile(
    r"\b(?:not|\w*n t|dont|doesnt|wont|cant|cannot|no|nope|nah|never|nobody|nothing|none|neither|nor|without"
    rf"|refus\w+|{any_form('keep')}|forget|stop|undo|leave it|mistake|chang\w+ my mind"
    r"|non|ne|n|pas|jamais|personne|rien|aucun\w*|sans|oubli\w+|laiss\w+|erreur|tant pis"
    r"|nunca|jamas|nadie|nada|ningun\w*|tampoco|sin|rechaz\w+|olvid\w+|dej[ae]l[oa]"
    r"|equivoc\w+)\b"
)
# Said or thought of a yes, and conditions of one.
_NOT_YET = re.compile(
    r"\b(?:but|only if|unless|if|first|before|until|later|wait|said|says?|told|tell\w*|almost|thinking"
    r"|mais|sauf|avant|d abord|seulement si|plus tard|attend\w+|dit|dire|reflech\w+|a condition"
    r"|(?:oui|ok|accord) si"
    r"|pero|salvo|antes|primero|solo si|mas tarde|todavia|esper[aeo]|dij\w+|decir|decia|dices|dicen|pienso)\b"
)
_OUTRIGHT = re.compile(r"^(?:yes|yeah|yep|yup|oui|ouais)\b")
_SI = re.compile(r"\s*[sS]í\b")
"""With its accent; without it is also "if"."""
# What turns a no into a yes: "wait, yes", "en fait oui", "pensándolo bien, sí".
_TURNS_ROUND = re.compile(
    r"\b(?:(?:no|non) )?(?:actually|in fact|on (?:second|2nd) thoughts?|after all|(?:wait|hold on)(?: no)?"
    r"|sorry|oops|(?:i (?:ve |have )?)?changed my mind|i (?:meant?|do)|let s|en fait|finalement"
    r"|tout compte fait"
    r"|(?:apres (?:tout|reflexion)|reflexion faite)|pardon|attend(?:s|ez)|(?:j ai )?change d avis"
    r"|je voulais dire|en realidad|al final|pensandolo (?:bien|mejor)|mejor|perdon|esper[ae]"
    r"|(?:(?:he )?cambiado|cambie) de (?:opinion|idea)|quise decir|quiero decir)\b"
)
_STILL = re.compile(r"^(?:(?:ok|okay|alright|d accord|bon|vale) )?(?:yes|yeah|yep|yup|oui|ouais|si)\b")
_CLAUSES = re.compile(r"[.,;:!?\n]+")
_CLAUSE_AGREES = re.compile(
    r"^(?:(?:(?:ok|okay|so|and|just|then|please|alors|donc|entonces) )*"
    r"(?:go ahead|do it|please do|allez y|vas y|faites le|adelante|hagalo|hazlo|dale)"
    r"|(?:.* )?(?:yes|yes please|oui|oui s il vous plait|si por favor))$"
)
_ASIDE = phrases.YES | phrases.FILLERS | phrases.AGREEABLE


def refuses(text: str) -> bool:
    """Whether a word of it negates or takes something back: such a message agrees to nothing."""
    return _REFUSES.search(_AT_EASE.sub(" ", folded(text))) is not None


def said_yes(text: str, *, deed: str = "") -> bool:
    """True for a plain agreement: "yes", "oui, allez-y", "sí por favor", "the bottle one, yes please".

    `deed` is a pattern of words that wish for what is offered once more ("refund it"): alone they agree too.
    """
    said = folded(text)
    if not said or len(said.split()) > _LONGEST or refuses(text) or _NOT_YET.search(said):
        return False
    begun = _past_fillers(said)
    if _OUTRIGHT.match(begun) or _SI.match(text) or _only_agrees(begun, deed):
        return True
    return any(_CLAUSE_AGREES.match(clause) for clause in map(folded, _CLAUSES.split(text)))


def says_yes_after_all(text: str, *, deed: str = "") -> bool:
    """True for a yes of who has just said no: "actually yes", "si, finalement"; an "ok" only takes note."""
    turned, rounds = _TURNS_ROUND.subn(" ", folded(text))
    said = _past_fillers(" ".join(turned.split()))
    if "?" in text or not said_yes(said, deed=deed):
        return False
    thanked = any(f" {word} " in f" {said} " for word in phrases.THANKS | phrases.ALL_FOR_NOW)
    return rounds > 0 or (not thanked and _STILL.match(said) is not None)


def _past_fillers(said: str) -> str:
    words = said.split()
    while len(words) > 1 and words[0] in phrases.FILLERS:
        words = words[1:]
    return " ".join(words)


def _only_agrees(said: str, deed: str) -> bool:
    """Whether it is nothing but words of agreement, with the deed or a yes among them."""
    rest, counted = _AT_EASE.sub(" ", said), 0
    if deed:
        rest, counted = re.subn(rf"\b(?:{deed})(?!\w)", " ", rest)
    words = rest.split()
    while words:
        taken = next((n for n in range(5, 0, -1) if " ".join(words[:n]) in _ASIDE), 0)
        if not taken:
            return False
        counted += " ".join(words[:taken]) in phrases.YES
        words = words[taken:]
    return counted > 0
