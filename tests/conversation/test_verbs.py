"""One table of verbs serves every reader: each deed in three languages, and what only looks like it."""

import re

import pytest

from conversation.words.agreeing import names_deed
from conversation.words.consent import refuses
from conversation.words.orders_apart import orders_apart
from conversation.words.replies import folded
from conversation.words.verbs import Deed, any_form, told

FORMS: dict[Deed, str] = {
    "cancel": "cancelled, annulation, annulé, anulen, cancelación",
    "refund": "refunded, reimbursement, remboursée, reembolso",
    "return": "returning, retourner, renvoie, devolver, devolución",
    "give_back": "money back, devuélvanme, devuelto",
    "exchange": "exchanging, swapped, échange, cambiarlo",
    "keep": "keeping, gardez, conserver, me la quedo, mantenga",
    "leave": "leave, laissez, déjelo",
    "let_go": "never mind, forget about it, laissez tomber, olvídelo",
}
LOOK_ALIKES: dict[Deed, str] = {
    "give_back": "developer, delve, development",
    "keep": "keeps, garden, gardien, mantenimiento, me quedo en un hotel",
    "leave": "laissez tomber, laissez-moi",
}


@pytest.mark.parametrize("deed", FORMS)
def test_each_deed_is_known_in_its_forms(deed: Deed) -> None:
    """And by nothing that only begins like one."""
    whole = re.compile(rf"\b{any_form(deed)}\b")
    looks = LOOK_ALIKES.get(deed, "").split(", ") if deed in LOOK_ALIKES else []
    assert [said for said in FORMS[deed].split(", ") if not whole.match(folded(said))] == []
    assert [said for said in looks if whole.match(folded(said))] == []


def test_what_is_told_to_be_done_is_of_one_language_where_that_is_asked_for() -> None:
    """A participle tells nobody anything."""
    assert re.fullmatch(told("cancel", tongue="fr"), "annulez")
    assert not re.fullmatch(told("cancel", tongue="fr"), "cancel")
    assert not re.fullmatch(told("refund"), folded("remboursé"))


def test_the_readers_agree_on_the_words() -> None:
    """A word that one of them knew the others know."""
    assert names_deed("refund", "I am still waiting to be reimbursed")
    assert refuses("Sí, mantener el pedido")
    assert not refuses("oui, chez le gardien")
    assert [each.number for each in orders_apart("laissez la 1014, annulez la 1012", ["1014", "1012"])] == [
        "1012"
    ]
