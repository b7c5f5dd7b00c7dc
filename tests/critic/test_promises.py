"""Deeds that a reply claims and promises that it makes, and those it only seems to."""

import pytest

from shared.adapters.embedded.judge import EmbeddedJudge
from shared.contracts import Fact, Language
from tests.critic.drafts import against


async def promised(judge: EmbeddedJudge, text: str, language: Language) -> bool:
    """True when the critic finds a promise in this sentence, which has no source."""
    found = await against(judge, (text, ()), language=language, text="ok", facts=(), passages=())
    return "output.promise" in [finding.rule for finding in found]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("All right, I have changed nothing.", "en"),
        ("D'accord, je n'ai rien modifié.", "fr"),
        ("De acuerdo, no he cambiado nada.", "es"),
    ],
)
async def test_to_have_done_nothing_is_no_deed(judge: EmbeddedJudge, text: str, language: Language) -> None:
    """What the bot says after a no needs no receipt."""
    assert not await promised(judge, text, language)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("All right, I have changed your address.", "en"),
        ("D'accord, j'ai modifié votre adresse.", "fr"),
        ("De acuerdo, he cambiado su dirección.", "es"),
    ],
)
async def test_a_deed_needs_a_receipt(judge: EmbeddedJudge, text: str, language: Language) -> None:
    """What the bot says it did has to have been done."""
    assert await promised(judge, text, language)


@pytest.mark.parametrize(
    "said",
    [
        "I've refunded order #1001.",
        "Your refund is on its way.",
        "We have just refunded you.",
    ],
)
async def test_a_deed_needs_its_receipt(judge: EmbeddedJudge, said: str) -> None:
    """Nothing was done without a receipt that says so; a receipt of another kind, or a refusal, is none."""
    refund = Fact(id="receipt:refund:1001", value="done R-1001-1")
    refused = Fact(id="receipt:refund:1001", value="refused R-1001-1")
    cancel = Fact(id="receipt:cancel:1001", value="done R-1001-2")
    for facts in ((), (refused,), (cancel,)):
        found = await against(judge, (said, ()), facts=facts, allowed=("1001",) if facts else ())
        assert "output.promise" in [finding.rule for finding in found]
    assert await against(judge, (said, ()), facts=(refund,), allowed=("1001",)) == []


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("Nous avons expédié votre commande #1001 le 3 novembre.", "fr"),
        ("We have dispatched order #1001 on November 3.", "en"),
    ],
)
async def test_the_shop_has_shipped_what_has_a_day_of_shipping(
    judge: EmbeddedJudge, said: str, language: Language
) -> None:
    """That the order was sent is its field; without that field it is a deed that nothing proves."""
    cited = ("order:1001/number", "order:1001/shipped_on", "order:1001/status")
    assert await against(judge, (said, cited), language=language) == []
    found = await against(judge, (said, cited[:1]), language=language)
    assert "output.promise" in [finding.rule for finding in found]


@pytest.mark.parametrize(
    ("said", "language"),
    [("Nous avons réexpédié votre commande.", "fr"), ("Nous avons expédié un nouvel article.", "fr"),
     ("We have dispatched a new item.", "en")],
)  # fmt: skip
async def test_a_day_of_shipping_proves_no_second_parcel(
    judge: EmbeddedJudge, said: str, language: Language
) -> None:
    """A replacement is another deed than the order's own shipping."""
    found = await against(judge, (said, ("order:1001/shipped_on",)), language=language)
    assert "output.promise" in [finding.rule for finding in found]


@pytest.mark.parametrize(
    ("said", "language", "promises"),
    [
        ("I'm here for orders, returns, refunds and our products.", "en", False),
        ("I'm here for you, and the refund is yours.", "en", True),
        ("I'm afraid the gift card can't be returned.", "en", False),
        ("I'm afraid so, but we give you a gift card.", "en", True),
        ("Je m'occupe des commandes et des remboursements.", "fr", False),
        ("Je m'occupe de votre remboursement.", "fr", True),
        ("Je vous souhaite une bonne journée.", "fr", False),
        ("Je vous apporte un cadeau.", "fr", True),
        ("Me ocupo de pedidos y reembolsos.", "es", False),
        ("Me ocupo de sus reembolsos.", "es", True),
        ("Le cito la ficha del producto.", "es", False),
    ],
)
async def test_what_the_desk_is_for_is_no_promise(
    judge: EmbeddedJudge, said: str, language: Language, promises: bool
) -> None:
    """The desk may say what it deals with and wish a good day; dealing with your refund is a promise."""
    rules = [finding.rule for finding in await against(judge, (said, ()), language=language)]
    assert ("output.promise" in rules) == promises
