"""Reads that it is asked which ways to pay there are, or whether one of them is: "do you take PayPal?"."""

import re

from conversation.words.agreeing import asks
from conversation.words.questions import questions_in
from conversation.words.replies import folded

_LONGEST = 12
"""Words of a message that asks this and nothing else."""
# All over folded words. Whether one of these is taken pages tell by its name or not at all.
_SERVICE = re.compile(
    r"\b(?:pay ?pal|klarna|venmo|after ?pay|clear ?pay|affirm|ali ?pay|wechat ?pay|bizum|cash ?app|zelle"
    r"|amazon ?pay|shop ?pay|skrill|lydia|twint|mercado ?pago)\b"
)
_TOLD_BY_KIND = re.compile(
    r"\b(?:(?:apple|google|samsung) ?pay|visa|master ?card|american express|amex"
    r"|(?:credit|debit)(?: and debit| or debit)? cards?|cartes? (?:bancaires?|bleues?|de credit)"
    r"|tarjetas?(?: de (?:credito|debito))?)\b"
)
"""A card of whichever brand and the wallet of a phone: pages tell of them by what they are."""
_MORE = re.compile(
    r"(?:and|or|what about|how about|et|ou|y|o) (?:(?:apple|google) pay (?:or|ou|o|et|y|and) )?"
)
"""Before a service, where the message goes on with what was asked before: "and Klarna?"."""
_TAKEN = re.compile(
    r"\b(?:take|accept(?:ed)?|support|use|pay|have|offer|options?|possible|available|prenez|acceptez|acceptee?|payer"
    r"|utiliser|avez|proposez|acept\w+|pagar|pago|usar|tienen|teneis|posible|opcion|hay)\b"
)
# Something went wrong with one, or it was used already.
_TROUBLE = re.compile(
    r"\b(?:fail\w*|declin\w*|refund\w*|charged?|paid|keeps?|block\w*|transfer\w*|work\w*|doesn t|didn t"
    r"|why|pourquoi|por que|error|problem\w*|order|rembours\w*|paye|marche|probleme|commande|prelev\w*"
    r"|reembols\w*|pague|cobr\w+|pedido|problema|\d+)\b"
)
_CALLED = {
    "ways to pay": re.compile(
        r"\b(?:(?:what|which) (?:\w+ )?(?:payments?|payment (?:methods?|options?|types?)|ways to pay"
        r"|methods of payment)|how can (?:i|we|one) pay)\b"
    ),
    "moyens de paiement": re.compile(
        r"\b(?:(?:quels?|quelles?) (?:\w+ )?(?:moyens?|modes?|methodes?) de paiement|payer comment"
        r"|comment (?:puis je |peut on |on peut |je peux )?payer)\b"
    ),
    "formas de pago": re.compile(
        r"\b(?:(?:que|cuales) (?:\w+ )?(?:formas?|metodos?|medios?) de pago"
        r"|como (?:puedo|se puede|podemos) pagar)\b"
    ),
}
_FRENCH = re.compile(r"\b(?:prenez|acceptez|acceptee?|payer|utiliser|avez|proposez|c est|est|et|ou)\b")
_SPANISH = re.compile(r"\b(?:acept\w+|pagar|usar|tienen|teneis|posible|opcion|hay|es|y|o)\b")


def ways_to_pay(text: str) -> str:
    """What pages call the ways to pay that are asked for; empty for who does not ask for them."""
    said = folded(text)
    if len(said.split()) > _LONGEST or _TROUBLE.search(said) or questions_in(text):
        return ""
    if service_asked(text) or _asked(text, _TOLD_BY_KIND):
        if _FRENCH.search(said):
            return "moyens de paiement"
        return "formas de pago" if _SPANISH.search(said) else "ways to pay"
    return next((called for called, asked in _CALLED.items() if asked.search(said)), "")


def service_asked(text: str) -> str:
    """The one payment service that is asked for by its name, in one word; empty for none."""
    return _asked(text, _SERVICE).replace(" ", "")


def asks_another(text: str) -> bool:
    """Whether it asks for one more way to pay and says nothing else: too few words for an engine to read."""
    return any(_asked(text, names) and _goes_on(folded(text), names) for names in (_SERVICE, _TOLD_BY_KIND))


def _asked(text: str, names: re.Pattern[str]) -> str:
    said = folded(text)
    found = names.search(said)
    asked = asks(text) or said.split()[:1] in (["do"], ["can"], ["is"], ["peut"])
    if not found or not asked or _TROUBLE.search(said):
        return ""
    return found[0] if _goes_on(said, names) or _TAKEN.search(said) else ""


def _goes_on(said: str, names: re.Pattern[str]) -> bool:
    more, found = _MORE.match(said), names.search(said)
    if more is None or found is None:
        return False
    return more.end() == found.start() and found.end() == len(said)
