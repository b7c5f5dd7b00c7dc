"""What is a yes to an offer and what is none: the deed is done at a yes, and often cannot be taken back."""

import pytest

from conversation.words.agreeing import answer_to
from shared import contracts as c

REFUND = c.Refund(order_number="1014", amount="22.67", currency="USD", goods_back=True)
RETURN = c.Return(order_number="1014", items=("A",), amount="22.67", currency="USD")
EXCHANGE = c.Exchange(order_number="1014", item="A", wanted="B")
CANCEL = c.Cancel(order_number="1014")
ADDRESS = c.ChangeAddress(order_number="1014", address="x")
STOP = c.Newsletter(wish="unsubscribe")

NEVER: dict[c.Action, tuple[str, ...]] = {
    REFUND: (
        "please don't do it", "Refund is too low", "refund amount is wrong", "refund policy", "refund status",
        "refunds should be free", "refund of 22 is a joke", "money back guarantee is a lie",
        "refund went down",
        "I never said go ahead", "I would rather you don't do it", "yesterday you said yes",
        "stop, don't go ahead", "nobody said to do it", "under no circumstances go ahead", "before I say yes",
        "it makes no sense to go ahead", "I refuse to say yes", "please do not", "please do not refund it",
        "please don't", "ok no", "right now I am angry", "do it? no", "okay forget it", "sure as hell not",
        "yes no", "perfect, don't", "confirm nothing", "exact price is wrong", "ok cancel that",
        "yes, cancel the whole thing", "ok you are thieves", "sure you are", "go ahead and make my day",
        "correct the amount", "please do explain", "confirm the amount with your boss", "do it later",
        "I'll let my husband do it", "ok I'll keep it", "let a human do it", "yes but to my card",
        "refund me the shipping too", "refund order 1015 policy", "ok what a rip-off", "ok wait",
        "remboursement trop bas", "s'il vous plait ne faites pas ça", "bien sur que non", "d accord non",
        "parfait non", "je n'ai jamais dit oui", "ok je le garde", "d'accord, mais sur ma carte",
        "oui enfin non", "confirmez le montant", "remboursement partiel", "oubliez, ok",
        "allez y doucement", "oui si les frais sont offerts", "bien sûr, vous gardez mon argent",
        "reembolso insuficiente", "por favor no lo haga", "si no es gratis no", "vale no", "claro que no",
        "si es gratis", "y cuando llega", "por favor explíqueme", "nunca dije adelante", "vale, me lo quedo",
        "claro, se quedan con mi dinero", "sí, pero a mi tarjeta", "nadie dijo hazlo", "vale, olvídelo",
        "👍?", "🤔", "…", "❤️", "😂👍", "👎", "no 👍", "I'll think about it 👍", "ja", "nooo", "mhm",
        "k?",
        "reembolso parcial", "jamás dije que sí", "correcto sería el precio entero",
    ),
    RETURN: (
        "return label costs too much", "return shipping should be free", "return is too expensive",
        "Returning costs me money", "retour trop cher", "devolver es caro", "return policy", "return address",
        "retour impossible", "devolución cara",
    ),
    CANCEL: (
        "cancel that, I'll keep it", "cancel the cancellation", "cancel that please", "cancel my request",
        "cancellation fee is unfair", "annulez ma demande", "cancelled by mistake", "cancel this request",
        "Cancel! I changed my mind and keep the order", "annulez l'annulation", "anule la anulación",
        "cancele mi solicitud", "cancel nothing",
    ),
    ADDRESS: ("address is wrong", "the address is wrong", "address was already right", "adresse fausse"),
    EXCHANGE: ("exchange rate is bad", "exchanges take ages", "échange trop long", "cambio de opinión"),
    STOP: ("don't stop it", "stop asking me about money", "no, keep them coming"),
}  # fmt: skip
ALWAYS: dict[c.Action, tuple[str, ...]] = {
    REFUND: (
        "yes", "Yes please!", "yep", "ok", "ok, thanks", "ok do it", "sure, go ahead", "sure, why not",
        "no problem, go ahead", "refund it", "refund me then", "please refund order 1014",
        "ok refund it please",
        "go ahead and refund it", "the bottle one, yes please", "perfect, thank you", "sounds good",
        "yes, for order no. 1014",
        "yes, it is too small for me", "confirm the refund", "that's right", "y", "hmm ok",
        "oui", "oui c'est bon", "oui, allez-y", "d'accord", "ok merci", "remboursez-moi s'il vous plaît",
        "bien sûr", "oui pas de problème", "parfait, faites-le", "je confirme", "ça me va",
        "k", "kk", "👍", "👌🏽", "ok 👍", "okey", "yesss", "ouais", "ouiii", "d'acc", "siii", "claro que sí",
        "of course",
        "sí", "si", "sí por favor", "vale, gracias", "claro", "de acuerdo, adelante",
        "reembólsenme por favor",
        "sí, me queda pequeña", "dale", "está bien, hágalo", "si quiero",
    ),
    RETURN: (
        "ok that's fine. yes, go ahead with the return of 1189", "return it",
        "ok return it then", "retournez-le", "renvoyez la", "devolverlo", "send it back",
    ),
    CANCEL: (
        "cancel it then", "annulez la commande", "cancel the order please", "ok cancel it",
        "cancel order 1014", "cancélelo por favor", "anulen el pedido",
    ),
    ADDRESS: ("change it", "ok change the address", "changez l'adresse", "cambie la dirección"),
    EXCHANGE: ("exchange it please", "échangez-le", "cámbielo", "change the size then"),
    STOP: ("stop them please", "unsubscribe me", "yes, cancel it", "désabonnez-moi", "take me off the list"),
}  # fmt: skip


@pytest.mark.parametrize(("action", "text"), [(each, text) for each, said in NEVER.items() for text in said])
def test_never_a_yes(action: c.Action, text: str) -> None:
    """Remarks, refusals and what takes the wish back; asking again costs one sentence."""
    assert answer_to(action, text) != "yes"


@pytest.mark.parametrize(("action", "text"), [(each, text) for each, said in ALWAYS.items() for text in said])
def test_a_plain_yes_stays_one(action: c.Action, text: str) -> None:
    """Short agreement, and the wish said once more with its verb."""
    assert answer_to(action, text) == "yes"


@pytest.mark.parametrize(
    "text",
    ["ok no", "please don't", "claro que no", "bien sûr que non", "okay forget it", "ok, I'll keep it"],
)
def test_a_no_that_begins_like_a_yes_is_a_no(text: str) -> None:
    """It is declined rather than asked again."""
    assert answer_to(REFUND, text) == "no"
