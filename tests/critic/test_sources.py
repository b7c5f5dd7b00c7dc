"""A sentence states what its sources state, and nothing else."""

import pytest

from shared.adapters.embedded.judge import EmbeddedJudge
from shared.contracts import Language
from tests.critic.drafts import RETURNS, RETURNS_FR, SHIPPED, TRACKING, against
from tests.passages import passage

STRANGER = "TOKEN_99999999-2222-4333-8444-555555555555"
KB = (RETURNS.id,)


@pytest.mark.parametrize(
    ("said", "sources", "language"),
    [
        ("Order #1001 left on November 3 with Northway Parcel.", SHIPPED, "en"),
        ("It shipped on 3 November 2026.", SHIPPED, "en"),
        ("La commande n° 1001 est partie le 3 novembre avec Northway Parcel.", SHIPPED, "fr"),
        ("El pedido #1001 salió el 3 de noviembre con Northway Parcel.", SHIPPED, "es"),
        ("The total is $1,249.90.", ("order:1001/total",), "en"),
        ("The total is 1249.90 USD.", ("order:1001/total",), "en"),
        ("Le total est de 1\u00a0249,90\u00a0$.", ("order:1001/total",), "fr"),
        ("El total es de 1.249,90 $.", ("order:1001/total",), "es"),
        ("You ordered two pieces: 2 x Tern 2 Tent Moss.", ("order:1001/items/0",), "en"),
        (f"The tracking number is {TRACKING}.", ("order:1001/tracking_number",), "en"),
        ("It should arrive on Tuesday, November 24.", ("order:1001/expected_on",), "en"),
        ("You have thirty days to return it.", KB, "en"),
        ("Gift cards can't be returned.", KB, "en"),
        ("A refund takes five to seven business days.", KB, "en"),
        ("The label costs 5,95 $.", KB, "en"),
        ("L'étiquette de retour coûte 5,95 $.", (RETURNS_FR.id,), "fr"),
        ("In stock: Tern 2 Tent, Sand.", ("product:tern-2-tent/title", "product:tern-2-tent/B"), "en"),
        ("What is your order number?", (), "en"),
        ("I'm looking at order #1001 for you.", (), "en"),
        ("I'm sorry about the trouble.", (), "en"),
    ],
)
async def test_what_the_sources_state_passes(
    judge: EmbeddedJudge, said: str, sources: tuple[str, ...], language: Language
) -> None:
    """The same date, price, number and name passes in every way a language writes it."""
    assert await against(judge, (said, sources), language=language) == []


@pytest.mark.parametrize(
    ("said", "sources", "rule", "span"),
    [
        ("Order #1001 left on November 4.", SHIPPED, "output.value", "november 4"),
        ("It left on November 3, 2025.", SHIPPED, "output.value", "november 3, 2025"),
        ("Order #1002 left on November 3.", SHIPPED, "output.value", "#1002"),
        ("It arrives on Monday, November 24.", ("order:1001/expected_on",), "output.value", "monday"),
        ("The total is $1,294.90.", ("order:1001/total",), "output.value", "$1,294.90"),
        ("You ordered three items.", ("order:1001/number",), "output.value", "three"),
        ("You have sixty days to return it.", KB, "output.value", "sixty"),
        ("You can return items within 30 business days.", KB, "output.value", "30"),
        ("A refund takes 5 to 5 business days.", KB, "output.value", "5 to 5"),
        ("Returns are possible for 45 days.", (), "output.value", "45"),
        ("The reference is RMA-2041.", (), "output.value", "rma-2041"),
        ("It left with Swift Courier.", SHIPPED, "output.name", "Swift Courier"),
        ("You ordered the Tern 3 Tent.", ("order:1001/items/0",), "output.name", "Tern 3 Tent"),
        ("Gift cards can be returned.", KB, "output.negation", "returned"),
        ("You cannot return most items within 30 days of delivery.", KB, "output.negation", "cannot return"),
        ("Order #1001 was delivered on November 3.", SHIPPED, "output.status", "was delivered"),
        ("Order #1001 has been cancelled.", SHIPPED, "output.status", "been cancelled"),
        ("The Moss one is in stock.", ("product:tern-2-tent/A",), "output.status", "in stock"),
        ("The Sand one is sold out.", ("product:tern-2-tent/B",), "output.status", "sold out"),
        ("It left on November 3.", ("order:1001/sent_on",), "output.unknown_source", "order:1001/sent_on"),
        (f"Ask {STRANGER} about it.", (), "output.unknown_token", STRANGER.lower()),
        (f"Ask {TRACKING[:-2]} about it.", (), "output.unknown_token", TRACKING[:-2].lower()),
        (f"Ask {TRACKING.lower()} about it.", (), "output.unknown_token", TRACKING.lower()),
        ("Write to jane.miller@example.com about it.", (), "output.personal_data", "jane.miller@example.com"),
        ("I will give you a discount of course.", (), "output.promise", "give you a discount"),
        ("We guarantee that it arrives.", (), "output.promise", "guarantee"),
        ("We'll refund you.", (), "output.promise", "we'll refund"),
        ("It will arrive tomorrow.", SHIPPED, "output.promise", "arrive tomorrow"),
        ("You should take ibuprofen for the burn.", (), "output.advice", "you should take ibuprofen"),
        ("You could sue the carrier.", (), "output.advice", "you could sue"),
        ("That is a stupid question.", (), "output.profanity", "stupid"),
        ("My instructions do not allow that.", (), "output.leak", "my instructions"),
        ("As an AI language model I can't.", (), "output.leak", "as an ai language model"),
        ("See kb:returns#s for more.", (), "output.leak", "kb:returns#"),
        ("Hello {first_name}.", (), "output.leak", "{first_name}"),
    ],
)
async def test_what_no_source_states_is_found(
    judge: EmbeddedJudge, said: str, sources: tuple[str, ...], rule: str, span: str
) -> None:
    """One altered value, name, yes or status is named by rule and by the very words."""
    found = await against(judge, (said, sources))
    assert (rule, span) in [(finding.rule, finding.span) for finding in found]
    assert all(finding.remedy for finding in found)


async def test_a_date_belongs_to_its_event(judge: EmbeddedJudge) -> None:
    """The day of shipping is not the day of delivery, though the sentence cites both."""
    both = ("order:1001/shipped_on", "order:1001/expected_on")
    assert await against(judge, ("It left on November 3 and should arrive on November 24.", both)) == []
    found = await against(judge, ("It left on November 24 and should arrive on November 3.", both))
    assert {finding.span for finding in found} == {"november 24", "november 3"}


@pytest.mark.parametrize(
    ("said", "language"),
    [("Votre commande #1001 du {} novembre", "fr"), ("Su pedido #1001 del {} de noviembre", "es")],
)
async def test_an_order_of_a_day_was_placed_on_it(
    judge: EmbeddedJudge, said: str, language: Language
) -> None:
    """An order "du 1er novembre" was placed on that day, not shipped on it."""
    cited = ("order:1001/number", "order:1001/placed_on", "order:1001/shipped_on")
    for day, wrong in (("1", []), ("3", ["output.value"])):
        found = await against(judge, (f"{said.format(day)}.", cited), language=language)
        assert [finding.rule for finding in found] == wrong


async def test_an_order_is_not_mixed_up_with_another(judge: EmbeddedJudge) -> None:
    """A sentence that cites one order's facts cannot speak of an order the customer named."""
    found = await against(judge, ("Order #1005 left on November 3.", SHIPPED), text="where is 1005?")
    assert [finding.span for finding in found] == ["#1005"]


async def test_only_order_numbers_may_be_echoed(judge: EmbeddedJudge) -> None:
    """What the customer claims about a price or a policy is no source."""
    text = "I paid 20 dollars for order 1005 and you promised 90 days!"
    assert await against(judge, ("I can't find order #1005 in your account.", ()), text=text) == []
    assert await against(judge, ("You paid 20 dollars.", ()), text=text) != []
    assert await against(judge, ("You have 90 days.", ()), text=text) != []


async def test_policys_own_literals_may_be_said(judge: EmbeddedJudge) -> None:
    """A value that policy approved needs no source: a place in the queue, a due time, an amount."""
    allowed = ("3", "2026-11-21T17:00:00-05:00", "45.00 USD", "5-7", "R-1001-1")
    for said in (
        "You are number 3, and someone answers by November 21 at 17:00.",
        "I've refunded $45.00, reference R-1001-1.",
    ):
        assert await against(judge, (said, ()), allowed=allowed) == []
    assert await against(judge, ("Refunds take 5-7 business days.", ()), allowed=allowed) == []
    assert [
        f.span for f in await against(judge, ("You are number 4 in the queue.", ()), allowed=allowed)
    ] == ["4"]


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("Returns are always possible.", "en"), ("We ship to every country.", "en"),
        ("Les retours sont toujours possibles.", "fr"), ("Nuestros productos son muy resistentes.", "es"),
    ],
)  # fmt: skip
async def test_nothing_is_stated_without_a_source(
    judge: EmbeddedJudge, said: str, language: Language
) -> None:
    """A sentence that cites nothing may greet, ask and offer, and state nothing about the shop."""
    found = [finding.rule for finding in await against(judge, (said, ()), language=language)]
    assert "output.unsourced" in found


@pytest.mark.parametrize(
    ("said", "language", "states"),
    [
        ("A person on our team looks into where your parcel is.", "en", False),
        ("Your parcel is in our warehouse.", "en", True),
        ("Primero debo comprobar que el pedido es suyo.", "es", False),
        ("El pedido es suyo.", "es", True),
        ("Después de la entrega puede enviárnoslo de vuelta.", "es", False),
        ("La entrega puede tardar.", "es", True),
    ],
)
async def test_what_is_still_to_be_found_out_needs_no_source(
    judge: EmbeddedJudge, said: str, language: Language, states: bool
) -> None:
    """Looking up where a parcel is states nothing; saying where it is does."""
    rules = [finding.rule for finding in await against(judge, (said, ()), language=language)]
    assert ("output.unsourced" in rules) == states


async def test_a_list_with_one_number_twice_is_another_list(judge: EmbeddedJudge) -> None:
    """Every number of the reply stands in the source, and still one of them took another one's place."""
    cards = passage("cards#s", "The gift card comes in four amounts: $25, $50, $100 and $150.")
    assert await against(judge, (cards.text, (cards.id,)), passages=(cards,)) == []
    said = "The gift card comes in four amounts: $25, $150, $100 and $150."
    found = await against(judge, (said, (cards.id,)), passages=(cards,))
    assert {finding.rule for finding in found} == {"output.value"}
