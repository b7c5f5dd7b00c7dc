"""Reads what an answer to an offer says: yes, no, or neither of them."""

import re
from typing import Literal

from conversation.words import phrases
from conversation.words.consent import said_yes, says_yes_after_all
from conversation.words.letting_go import lets_go
from conversation.words.replies import folded, said_no
from conversation.words.verbs import any_form, told
from shared.contracts import Action, Newsletter

# Over folded words. What each kind is called when it is wished for, as a verb.
_DEEDS = {
    "refund": (
        rf"\b{any_form('refund')}|\bmoney back|\b{any_form('give_back', tongue='es')} (?:el|mi) dinero"
        r"|\brendez (?:moi )?(?:l|mon) argent"
    ),
    "return": rf"\b{any_form('return')}|\bsen[dt]\w* (?:it|them|this|that|these|those) back",
    "exchange": (
        rf"\b{any_form('exchange')}"
        rf"|\b{any_form('change')} (?:the |my |la |de |les )?(?:size|colou?r|taille|pointure|couleur)"
    ),
    "item": (
        rf"\bswap\w*|\b{any_form('change')} (?:the |my |la |el |de |les |l )?"
        r"(?:size|colou?r|items?|taille|pointure|couleur|article|talla|color|articulo)"
    ),
    "cancel": rf"\b{any_form('cancel')}",
    "address": r"\b(?:address|adresse|direccion)\b",
    "newsletter": r"\b(?:un)?subscri\w+|\bnewsletter|\b(?:des)?abonn\w+|\bboletin",
}  # fmt: skip
_DEED = {kind: re.compile(pattern) for kind, pattern in _DEEDS.items()}
# The same wishes with what they may be for: "refund it", not "refund policy", "cancel it", not "cancel that".
_IT = (
    r"(?: (?:the|my) (?:whole )?order(?: \d+)?| the items?| (?:la|ma) commande(?: \d+)?"
    r"| (?:el|mi) pedido(?: \d+)?| order \d+| \d+| me| it| them| this| moi| le| la| les| tout)?"
)
_CHANGES = told("change")
_FORM = rf"{_CHANGES} (?:the |my |la |de )?(?:size|colou?r|taille|pointure|couleur|talla|color)"
_WISHES = {
    "refund": (
        rf"{told('refund')}{_IT}"
        r"|(?:confirm )?the refund|le remboursement|el reembolso"
        r"|(?:give|send) (?:me )?(?:my|the) money back|devuelva(?:n)?me (?:el|mi) dinero"
        r"|rendez moi (?:l|mon) argent"
    ),
    "return": (
        rf"{told('return')}{_IT}"
        r"|sen[dt] (?:it|them) back|(?:confirm )?the return|le retour|la devolucion"
    ),
    "exchange": (
        rf"{_FORM}|{told('exchange')}{_IT}"
        r"|(?:confirm )?the exchange|l echange|el cambio"
    ),
    "item": rf"{_FORM}|(?:swap|{_CHANGES}){_IT}",
    "cancel": rf"{told('cancel')}{_IT}",
    "address": (
        rf"{_CHANGES} (?:the |my |l |la )?(?:address|adresse|direccion)"
        rf"|{_CHANGES}{_IT}"
    ),
    "newsletter": (
        r"(?:subscribe|unsubscribe)(?: me)?|sign me up|(?:des)?abonne[rz](?: moi)?|inscrivez moi"
        r"|suscri(?:bir|ba|ban)me"
    ),
}  # fmt: skip
_DECLINES = re.compile(
    r"\b(?:i (?:ll|will|d rather|want to|prefer to) (?:just |rather )?keep (?:it|them|the order|my order)"
    rf"|je (?:le|la|les) garde|(?<!no )me l[oa]s? quedo|{any_form('let_go', tongue='en')}"
    r"|claro que no|bien sur que non"
    r"|(?:^|^ok |^okay |^vale |^please |^por favor |^d accord |^parfait |^perfect )"
    rf"(?:no|non|don t|do not|no lo haga|dej[ae]lo|{any_form('let_go')}))$"
)
_NEWSLETTER_THEN = re.compile(
    r"(?:(?:me|moi|it|them|that|those|please|then|now|from|of|to|the|your|this|my|all|la|le|les|el|l|de|du|des|"
    r"svp|s il vous plait|por favor|entonces|alors|yes|oui|si|ok|"
    r"e?mails?|list|newsletters?|subscription|abonnement|boletin|suscripcion|courriels?|correos?) ?)*"
)
_MAY_I = re.compile(
    r"\b(?:can|could|may) (?:i|we|you)\b|\binstead\b|\brather\b|\bbetter\b|\b(?:puis|peux|pourrais) je\b"
    r"|\bje (?:peux|pourrais|voudrais|prefere)\b|\bplutot\b|\bpuedo\b|\bpodria\b|\bprefiero\b|\bmejor\b"
    r"|\ben vez\b|\ben lugar\b"
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
# What stands before a wish; "can I" asks about the rule, "the return" names one that there is.
_WISHED = re.compile(
    r"^(?:(?:please|kindly|just|also|then|meanwhile|in the meantime|can you|could you|would you|will you"
    r"|i want you to|i want to|i want|i d like to|i would like to|i need to|i need you to"
    r"|svp|en attendant|pouvez vous|pourriez vous|veuillez|je voudrais|je veux|j aimerais|il faut"
    r"|por favor|mientras|mientras tanto|pueden?|podrian?|quiero|quisiera|necesito) )*"
    rf"(?!(?:the|le|la|l|el) )(?:{'|'.join(_WISHES.values())})\b"
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
    if _ends_newsletter(action, said):
        return "yes"
    # "Yes, and cancel that" may be meant for the offer itself.
    elsewhere = action.kind != "cancel" and names_deed("cancel", text)
    repeated = said == folded(before) and not said_yes(text)
    if not (elsewhere or repeated) and said_yes(text, deed=_WISHES.get(action.kind, "")):
        return "yes"
    # "Annulez" is how an offer is turned down, but for the offer to cancel an order.
    unclear = action.kind == "cancel" and _DEED["cancel"].match(said)
    declined = _DECLINES.search(said) or lets_go(text) == "plainly"
    return "no" if declined or (said_no(text) and not unclear) else ""


def wants_after_all(action: Action, text: str) -> bool:
    """Whether `text`, right after a no to the offer of `action`, has it put once more: "actually yes"."""
    return says_yes_after_all(text, deed=_WISHES.get(action.kind, ""))


def names_deed(kind: str, text: str) -> bool:
    """Whether the words name this kind of action."""
    pattern = _DEED.get(kind)
    return pattern is not None and pattern.search(folded(text)) is not None


def wishes_deed(text: str) -> bool:
    """Whether some clause plainly wants one done: "please cancel my order" does, "can I return it?" asks."""
    clauses = (_LEADS.sub("", folded(part)) for part in _PARTS.split(text))
    return any(_WISHED.match(clause) for clause in clauses)


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


def _ends_newsletter(action: Action, said: str) -> bool:
    """Whether an offer to end the newsletter is agreed to by its own word: "stop them please"."""
    if not isinstance(action, Newsletter) or action.wish != "unsubscribe":
        return False
    rest = f" {_LEADS.sub('', f'{said} ')} "
    for word in sorted(phrases.LEAVE, key=len, reverse=True):
        rest = rest.replace(f" {word} ", "  ")
    return rest.strip() != said and _NEWSLETTER_THEN.fullmatch(" ".join(rest.split())) is not None
