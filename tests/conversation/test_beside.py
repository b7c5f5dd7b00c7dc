"""A deed and, beside it, a question where another order is: the order asked after is not that of the deed."""

from pathlib import Path

from conversation.words.orders_apart import beside_where
from tests.conversation.test_actions import talking

BESIDE = {
    "Cancel only the jacket and where is 1001?": "cancel",
    "please cancel the mug, and tell me where 1001 is": "cancel",
    "Where is 1001? And please cancel the socks": "cancel",
    "I want to return the boots and when will 1001 arrive?": "return",
    "could you exchange the boots for a 43, and has 1001 left yet?": "exchange",
    "please return the boots. any news on 1001?": "return",
    "Subscribe me to the newsletter and where is 1001?": "newsletter",
    "Annulez seulement la veste et où est la 1001 ?": "cancel",
    "Abonnez-moi à la newsletter et où est la commande 1001 ?": "newsletter",
    "¿Dónde está el 1001? Y quiero devolver las botas": "return",
    "Suscríbame al boletín y ¿dónde está 1001?": "newsletter",
}
OF_THE_SAME = [
    "cancel 1001 and where is it?", "cancel the jacket of 1001 and where is the rest?",
    "where is 1001? I want to cancel it", "cancel my order, when is 1001 due to ship?",
    "Cancel it, 1001 hasn't shipped yet", "I cancelled the jacket, where is 1001?",
    "I returned the boots, when will 1001 be refunded?", "Cancel my Trail Box and where is 1001?",
    "cancel the jacket when 1001 arrives", "annulez la 1001, elle est où ?", "devolver las botas del 1001",
]  # fmt: skip


def test_an_order_that_is_only_asked_after_is_not_that_of_the_deed() -> None:
    """Whoever names a thing to be cancelled and then where an order is means two; "cancel it" means one."""
    read = {text: [(each.kind, each.number) for each in beside_where(text, "1001")] for text in BESIDE}
    assert read == {text: [(kind, ""), ("status", "1001")] for text, kind in BESIDE.items()}
    assert [text for text in OF_THE_SAME if beside_where(text, "1001")] == []


async def test_a_thing_is_cancelled_of_its_own_order_beside_a_question(tmp_path: Path) -> None:
    """The order that is asked after is told, and the offer is not of it."""
    async with talking(tmp_path) as talk:
        said = await talk.says("Where is 1007? And cancel the socks", "CANCELLATION", order_number="1007")
        assert (said.status, "#1007" in said.reply, talk.actions) == ("asked", True, [])
        assert said.state is not None
        assert getattr(said.state.pending_action, "order_number", "") != "1007"
        news = await talk.says(
            "Subscribe me to the newsletter and where is 1007?", "SUBSCRIPTION_MANAGEMENT",
            order_number="1007", conversation="c-2",
        )  # fmt: skip
    assert (news.status, "#1007" in news.reply, "newsletter" in news.reply) == ("asked", True, True)
