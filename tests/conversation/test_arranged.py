"""Staff do something of their own accord: the customer hears who did what, once."""

from pathlib import Path

import pytest

from shared import contracts as c
from tests.conversation.test_actions import talking


@pytest.mark.parametrize("language", ["en", "fr", "es"])
@pytest.mark.parametrize(
    "action",
    [
        c.Resend(order_number="1005"),
        c.StoreCredit(order_number="1005", amount="20.00", currency="USD"),
        c.Refund(order_number="1005", amount="20.00", currency="USD"),
        c.Cancel(order_number="1003"),
    ],
)
async def test_the_customer_hears_what_staff_did(
    tmp_path: Path, language: c.Language, action: c.Action
) -> None:
    """In their language, with the reference and no word of a request."""
    act = c.ActionDecided(
        approval_id="", decision="approve", action=action, key="k", name="Emma", asked=False
    )
    async with talking(tmp_path) as talk:
        talk.language = language
        await talk.says({"en": "hello", "fr": "bonjour", "es": "hola"}[language])
        told = await talk.desk.say("", act=act)
    assert (told.status, told.speaker, "Emma" in told.reply) == ("told", "system", True)
    assert action.order_number in told.reply
    assert [each.key for each in talk.done] == ["k"]
