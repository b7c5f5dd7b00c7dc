"""What a draft commits us to is held against receipts, facts and policy before it is sent."""

import pytest

from shared.adapters.embedded.judge import EmbeddedJudge
from shared.contracts import Fact, Finding, Language
from tests.critic.drafts import ORDER, against

REFUND = Fact(id="receipt:refund:1001", value="done R-1001-1")
TWENTY = ("1001", "20.00 USD", "5-7", "R-1001-1")


def promised(found: list[Finding]) -> list[Finding]:
    """The findings about promises."""
    return [finding for finding in found if finding.rule == "output.promise"]


@pytest.mark.parametrize(
    ("said", "language", "rightly"),
    [
        ("I've refunded $20.00 for order #1001.", "en", True),
        ("I've refunded $624.95 for order #1001.", "en", False),
        ("J'ai remboursé 20,00 $ pour la commande #1001.", "fr", True),
        ("J'ai remboursé 624,95 $ pour la commande #1001.", "fr", False),
        ("He reembolsado $20.00 por el pedido #1001.", "es", True),
        ("He reembolsado $624.95 por el pedido #1001.", "es", False),
    ],
)
async def test_the_amount_is_the_one_that_was_approved(
    judge: EmbeddedJudge, said: str, language: Language, rightly: bool
) -> None:
    """Another amount of the same order is a number that the facts state, and no refund that was made."""
    facts = (*ORDER.facts(), REFUND)
    cited = ("order:1001/number", "order:1001/items/0")
    found = await against(judge, (said, cited), language=language, facts=facts, allowed=TWENTY)
    assert bool(promised(found)) is not rightly
    if not rightly:
        assert promised(found)[0].span in said
        assert "20.00 USD" in promised(found)[0].remedy


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("I've sent the return label to your e-mail address.", "en"),
        ("My manager will contact you about the points.", "en"),
        ("Nous baisserons le prix de la tente, avec une remise.", "fr"),
        ("Je vous ai envoyé l'étiquette de retour par e-mail.", "fr"),
        ("Como acordamos, le devolveremos los gastos de devolución.", "es"),
    ],
)
async def test_a_promise_without_cover_is_found_once(
    judge: EmbeddedJudge, said: str, language: Language
) -> None:
    """One objection for one promise, whichever rule saw it first."""
    found = await against(judge, (said, ()), language=language, text="ok", facts=(), passages=())
    assert len(promised(found)) == 1


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("Someone will answer by November 27 at 10:30 Eastern time at the latest.", "en"),
        ("Un conseiller vous répond avant le 27 novembre à 10 h 30, heure de l'Est.", "fr"),
        ("Le responderán antes del 27 de noviembre a las 10:30, hora del Este.", "es"),
    ],
)
async def test_a_time_that_policy_gave_may_be_promised(
    judge: EmbeddedJudge, said: str, language: Language
) -> None:
    """The queue's own."""
    allowed = ("2026-11-27T10:30-05:00", "3")
    assert await against(judge, (said, ()), language=language, allowed=allowed) == []
