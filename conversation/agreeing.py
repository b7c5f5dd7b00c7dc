"""Reads what an answer to an offer says: yes, no, or neither of them."""

import re
from typing import Literal

from conversation import phrases
from conversation.replies import folded, said_no, said_yes
from shared.contracts import Action, Newsletter

_SHORT = 8
"""Words of an answer that says once more what is wanted, rather than telling something."""
_ENDS = 12
"""Words of an answer whose last words may be the yes."""
# Over folded words. What each kind is called when it is wished for, as a verb.
_DEEDS = {
    "refund": (
        r"\brefund\w*|\bmoney back|\brembours\w+|\breembols\w+|\bdevu?e?l\w+ (?:el|mi) dinero"
        r"|\brendez (?:moi )?(?:l|mon) argent"
    ),
    "return": (
        r"\breturn\w*|\bsen[dt]\w* (?:it|them|this|that|these|those) back"
        r"|\bretourn\w+|\brenvo[iy]\w+|\bdevol(?:ver|uci|v)\w*"
    ),
    "exchange": (
        r"\bexchang\w+|\bswap\w*|\bechang\w+|\bcambi\w+"
        r"|\bchang\w+ (?:the |my |la |de |les )?(?:size|colou?r|taille|pointure|couleur)"
    ),
    "item": (
        r"\bswap\w*|\bcambi\w+ (?:la |el |de )?(?:talla|color|articulo)"
        r"|\bchang\w+ (?:the |my |la |de |les |l )?(?:size|colou?r|items?|taille|pointure|couleur|article)"
    ),
    "cancel": r"\bcancel\w*|\bannul\w+|\banul\w+",
    "address": r"\b(?:address|adresse|direccion)\b",
    "newsletter": r"\b(?:un)?subscri\w+|\bnewsletter|\b(?:des)?abonn\w+|\bboletin",
}  # fmt: skip
_DEED = {kind: re.compile(pattern) for kind, pattern in _DEEDS.items()}
_MAY_I = re.compile(
    r"\b(?:can|could|may) (?:i|we|you)\b|\binstead\b|\brather\b|\bbetter\b|\b(?:puis|peux|pourrais) je\b"
    r"|\bje (?:peux|pourrais|voudrais|prefere)\b|\bplutot\b|\bpuedo\b|\bpodria\b|\bprefiero\b|\bmejor\b"
    r"|\ben vez\b|\ben lugar\b"
)
_HEDGE = re.compile(
    r"\b(?:but|only if|unless|if|first|before|not sure|not yet|mais|sauf|avant|d abord|seulement si|pas sur"
    r"|pas encore|pero|salvo|antes|primero|solo si|no estoy seguro|no estoy segura|todavia no|wait|attendez"
    r"|espere|espera)\b"
)
_PLAINLY_NOT = re.compile(r"^(?:\w+ ){0,2}?(?:no|nope|nah|non|don t|do not|never|ne|not|pas|nunca|tampoco)\b")
_YES_AT_END = re.compile(
    r"\b(?:yes|yes please|go ahead|do it|oui|allez y|vas y|oui s il vous plait|adelante|hagalo|hazlo)$"
)
_LEADS = re.compile(
    r"^(?:(?:hmm|um|uh|well|oh|ah|ok|okay|and|but|so|wait|hold on|actually|euh|bon|alors|et|mais|attendez"
    r"|pues|bueno|y|pero|espere|espera|entonces|vale|please|svp|s il vous plait|por favor|just) )+"
)
_ASKS = re.compile(
    r"^(?:how|what|when|where|why|which|who|will|does|is (?:it|that|this|there)|are (?:you|they)|can i|do i"
    r"|do you|combien|comment|quand|pourquoi|quel|quelle|quels|quelles|est ce|c est quoi|puis je|je peux"
    r"|cuanto|cuanta|cuantos|cuando|como|donde|por que|cual|puedo|que (?:pasa|es|hay))\b"
)

_PARTS = re.compile(r"[.,;!?\n]+|\b(?:and|then|but|et|puis|mais|y|luego|pero)\b", re.IGNORECASE)

Answered = Literal["yes", "no", ""]


def asks(text: str) -> bool:
    """Whether it is a question, with or without its mark: "hmm how long would that take"."""
    return "?" in text or _ASKS.match(_LEADS.sub("", folded(text))) is not None


def answer_to(action: Action, text: str, *, before: str = "") -> Answered:
    """What `text` says to the offer of `action`; empty when it is neither a clear yes nor a no.

    `before` is what the customer wrote last: the same words once more are no answer to what was asked since.
    """
    said = folded(text)
    if asks(text):
        return ""
    if _wished_again(action, said) and said != folded(before):
        return "yes"
    if said_no(text):
        return "no"
    agreed = said_yes(text) or (len(said.split()) <= _ENDS and _YES_AT_END.search(said) is not None)
    return "yes" if agreed and not _HEDGE.search(said) else ""


def names_deed(kind: str, text: str) -> bool:
    """Whether the words name this kind of action."""
    pattern = _DEED.get(kind)
    return pattern is not None and pattern.search(folded(text)) is not None


def part_about(kind: str, text: str) -> str:
    """The parts of `text` that name this kind of action; the whole where it names no other kind."""
    parts = _PARTS.split(text)
    named = [part for part in parts if names_deed(kind, part)]
    others = [part for part in parts if part not in named and names_any_deed(part)]
    return " ".join(named) if named and others else text


def names_any_deed(text: str) -> bool:
    """Whether the words name any kind of action: who does is not only picking one of what was listed."""
    return any(names_deed(kind, text) for kind in _DEED)


def wishes_other(action: Action, text: str) -> bool:
    """Whether another kind of action is wished for than is offered: "actually I'd rather exchange it"."""
    others = (kind for kind in _DEED if kind != action.kind and not _alike(kind, action.kind))
    named = any(names_deed(kind, text) for kind in others)
    return named and (not asks(text) or _MAY_I.search(folded(text)) is not None)


def _alike(one: str, other: str) -> bool:
    """An exchange and the swap of an item go by the same words."""
    return {one, other} == {"exchange", "item"}


def _wished_again(action: Action, said: str) -> bool:
    """Says the wish once more ("cancel it then"); "stop" agrees to the end of the newsletter."""
    if len(said.split()) > _SHORT or _HEDGE.search(said) or _PLAINLY_NOT.match(said):
        return False
    if isinstance(action, Newsletter) and action.wish == "unsubscribe":
        return any(f" {word} " in f" {said} " for word in phrases.LEAVE)
    verb = _DEED.get(action.kind)
    return verb is not None and verb.match(_LEADS.sub("", f"{said} ").strip()) is not None
