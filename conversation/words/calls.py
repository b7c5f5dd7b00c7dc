"""Tells what a message says about a call: to be called, no longer to be called, or nothing of the kind."""

import re
from typing import Literal

from conversation.words.contact import wished
from conversation.words.followed_words import NOT, wants_reminder
from conversation.words.replies import folded
from conversation.words.verbs import told

About = Literal["call", "move", "cancel", "email", "none"]
_MOST_WORDS = 25
# Over folded words. A call, however it is named.
_CALL = (
    r"(?:(?:the|my|that|this|our|le|la|mon|l|mi|esa|esta|un|una) )?(?:phone )?(?:call ?back"
    r"|phone call|call|r?appel(?: telephonique)?|rendez vous(?: telephonique)?|rdv|coup de fil|llamada)"
)
_CANCEL = re.compile(
    rf"\b(?:{told('cancel')}|drop|scrap|skip|delete|forget(?: about)?|supprime[rz]?|oubliez|laissez tomber"
    rf"|olvid(?:a|e|en)(?: lo de)?) {_CALL}\b(?! (?:to|a|au|por) )"
    r"|\b(?:don t|do not|dont|no need to|needn t) (?:have to )?(?:call|phone|ring)(?: me)?\b"
    rf"|\bdon t need (?:that|the|a|this|my) (?:phone )?call\b"
    r"|\bne (?:m|me) r?appel\w+ (?:pas|plus)\b|\bplus (?:besoin|la peine) (?:de |d |que (?:l )?on "
    r"|qu on )?(?:m |me )r?appel\w+"
    r"|\bplus (?:besoin|la peine)\b.{0,20}\br?appel\w*"
    rf"|\bya no (?:necesito|quiero) {_CALL}\b|\bno (?:me llam\w+|es necesario que me llam\w+"
    rf"|hace falta que me llam\w+)\b"
)
_CALLED = re.compile(
    r"\b(?:i|we) (?:called|phoned|rang)\b|\bcall(?:ed)? the\b|\bje (?:vous )?(?:ai )?appele|\b(?:los"
    r"|les|os) llame\b"
    r"|\bappeler (?:le|la|les|l|votre)\b|\bllamar (?:a|al|con)\b|\bjai appele\b|\bvous ai appele"
)
_ASKS_FOR_CALL = re.compile(
    r"\b(?:(?:call|ring|phone|telephone) (?:me|us)\b|phoned? me|(?:have|get|want|make|arrange"
    r"|schedule|book|plan) (?:an? |the )?(?:\w+ )?call"
    r"|call ?back|(?:can|could) you call (?:on|at|tomorrow|today)|reach (?:me|us) by phone"
    r"|have \w+(?: \w+)? (?:call|phone|ring) me|give me a (?:ring|call|bell)"
    r"|r?a?pp?ell?e[rz]? moi|telephonez moi|(?:me|m|nous) (?:r?appeler|telephoner|joindre"
    r"|contacter par telephone)|(?:on peut|pouvez vous) me (?:joindre|r?appeler)"
    r"|(?:un|mon) r?appel\b|etre r?appelee?|(?:me|m) r?appelle\b|coup de fil|rdv telephonique"
    r"|rendez vous telephonique|appelle moi"
    r"|(?:ll|y)am(?:e|a|en)(?:me|nme)|llamarme|me llam(?:en|an|e|aran?)\b|me (?:puede[ns]?"
    r"|podrian?) (?:llamar|localizar)|telefone\w+me|telefonearme|telefonazo"
    r"|(?:una|la) llamada\b|llamada manana|me marcan|me contacten por telefono|devolverme la llamada"
    r"|me puede[ns]? llamar)"
)
_MOVES = re.compile(
    r"\b(?:instead|better|rather|move|change|reschedule|postpone|push|make it|shift|earlier|later"
    r"|same time|let s say|can (?:we|it|you)|prefer"
    r"|plutot|decaler|deplacer|reporter?|reportez|changer|mettez|mieux|arrangerait|finalement"
    r"|meme heure|preferer?|prefere"
    r"|mejor|cambiar\w*|mover|muev\w+|pasen|ponganl?a|prefiero|misma hora|al final|viene mejor|not on"
    r"|pas|no)\b"
)


_CALL_BACK = re.compile(
    r"\b(?:(?:call|ring|phone|telephone) (?:me|us)\b(?! token)"
    r"|give (?:me|us) an? (?:\w+ )?(?:call|ring|bell)\b"
    r"|(?:want|need|like|request|schedule|arrange|get|have) an? (?:call ?back|phone call|call)\b"
    r"|(?:call ?back) (?:please|request)|rappel(?:ez|le) (?:moi|nous)|appel(?:ez|le) (?:moi|nous)"
    r"|(?:me|m|nous) (?:r?appeler|telephoner)|telephonez (?:moi|nous)|(?:etre|sois|soit) rappelee?"
    r"|que (?:l on|vous|quelqu un) (?:me|m) (?:r?appel\w+)"
    r"|llam(?:e|a|en)me|llamarme|(?<!no )me llamen?\b|me (?:puede[ns]?|podria[ns]?) llamar"
    r"|devuelv(?:a|an|e)(?:me|nme)? la llamada|devolverme la llamada)\b"
)


def asks_about_call(text: str, *, booked: bool) -> About:
    """What it says; `booked`: there is a call to speak of, or one is being arranged."""
    said = folded(text)
    if len(said.split()) > _MOST_WORDS:
        return "none"
    if _CANCEL.search(said) and booked:
        return "cancel"
    channel = wished(text)
    if channel == "email":
        return "email"
    if _CALLED.search(said):
        return "none"
    if channel == "phone" or wants_call_back(text) or _ASKS_FOR_CALL.search(said):
        return "call"
    return "move" if booked and (_MOVES.search(said) or "t work" in said or "peux" in said) else "none"


def wants_call_back(text: str) -> bool:
    """Asks to be called."""
    said = folded(text)
    found = None if wants_reminder(text) else _CALL_BACK.search(said)
    return found is not None and not NOT.search(said[: found.start()])
