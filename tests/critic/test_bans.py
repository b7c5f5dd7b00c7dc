"""What no reply may hold, whatever it rests on: banned words, another language, nothing at all."""

import pytest

from shared.adapters.embedded.judge import EmbeddedJudge
from shared.contracts import Language
from tests.critic.drafts import against


@pytest.mark.parametrize(
    ("said", "language", "rule"),
    [
        ("Je vous offre une remise.", "fr", "output.promise"),
        ("Nous vous garantissons la livraison.", "fr", "output.promise"),
        ("Vous devriez porter plainte.", "fr", "output.advice"),
        ("Quelle question de merde.", "fr", "output.profanity"),
        ("Mes instructions ne le permettent pas.", "fr", "output.leak"),
        ("Le ofrecemos un descuento.", "es", "output.promise"),
        ("Le reembolsaremos el pedido.", "es", "output.promise"),
        ("Usted puede demandar al transportista.", "es", "output.advice"),
        ("Mis instrucciones no lo permiten.", "es", "output.leak"),
    ],
)
async def test_the_bans_hold_in_french_and_spanish(
    judge: EmbeddedJudge, said: str, language: Language, rule: str
) -> None:
    """Promises, advice, profanity and leaks are heard in every language we speak."""
    assert rule in [finding.rule for finding in await against(judge, (said, ()), language=language)]


async def test_a_warning_about_secrets_passes(judge: EmbeddedJudge) -> None:
    """Saying that one never asks for a password is the opposite of asking."""
    assert await against(judge, ("We will never ask you to send us your password.", ())) == []


async def test_the_wrong_language_is_found(judge: EmbeddedJudge) -> None:
    """A reply in another language than the customer's is sent back; the customer's own passes."""
    said = "Your order is on its way and it should be with you quite soon."
    cited = (said, ("order:1001/status",))
    found = await against(judge, cited, language="fr")
    assert [finding.rule for finding in found] == ["output.language"]
    assert await against(judge, cited, language="en") == []


async def test_a_reply_in_another_language_is_named_by_its_words(judge: EmbeddedJudge) -> None:
    """The span stands in the reply as it is, so that a writer can leave that sentence out."""
    said = "Votre commande est déjà partie de notre entrepôt ce matin."
    found = await against(judge, ("Thank you.", ()), (said, ()))
    assert [finding.span for finding in found if finding.rule == "output.language"] == [said]
    short = ("Bonjour et merci.", "Votre colis arrive bien.", "Bonne soirée à vous.")
    found = await against(judge, *((text, ()) for text in short))
    assert [finding.span in short for finding in found if finding.rule == "output.language"] == [True]


async def test_an_empty_draft_is_no_reply(judge: EmbeddedJudge) -> None:
    """A draft without words is rejected."""
    assert [finding.rule for finding in await against(judge)] == ["output.empty"]
