"""An offer waits for its answer, as transcripts: reasons, questions and other talk do not lose it."""

from pathlib import Path

import pytest
from msgspec import structs

from conversation.words.agreeing import answer_to, wants_after_all, wishes_other
from shared import contracts as c
from tests.conversation.test_actions import ORDERS, talking
from tests.orders import item, order

REFUND = c.Refund(order_number="1004", amount="32.00", currency="USD")
CANCEL = c.Cancel(order_number="1003")
STOP = c.Newsletter(wish="unsubscribe")
BOTTLE = item("Brook Bottle", "750 ml", "BB", price="32.00")
KIT = item("Waxwing Kit", "Standard", "WK", price="10.00")


@pytest.fixture(autouse=True)
def small_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """An order whose refund needs nobody else."""
    small = order("1004", BOTTLE, KIT, status="delivered", delivered_on="2026-11-15", total="42.00")
    monkeypatch.setitem(ORDERS, "1004", small)


@pytest.mark.parametrize(
    ("action", "text", "answer"),
    [
        (REFUND, "ok do it", "yes"),
        (REFUND, "the bottle one, yes please", "yes"),
        (REFUND, "refund me then", "yes"),
        (REFUND, "oui c'est bon", "yes"),
        (REFUND, "sí por favor", "yes"),
        (REFUND, "no thanks", "no"),
        (REFUND, "non merci, annulez", "no"),
        (REFUND, "ok but only if it goes to my card", ""),
        (REFUND, "ok how long will that take", ""),
        (REFUND, "wait, how long does it take", ""),
        (REFUND, "yes?", ""),
        (REFUND, "too small", ""),
        (REFUND, "don't refund me", "no"),
        (CANCEL, "cancel it then", "yes"),
        (CANCEL, "annulez la commande", "yes"),
        (CANCEL, "please don't cancel it", ""),
        (STOP, "stop them please", "yes"),
        (STOP, "no, don't stop it", "no"),
    ],
)
def test_only_a_clear_yes_is_one(action: c.Action, text: str, answer: str) -> None:
    """Saying the wish once more agrees to it; a condition, a reason and a question do not."""
    assert answer_to(action, text) == answer


def test_the_same_words_sent_twice_are_no_answer() -> None:
    """They were written before the preview was read."""
    assert answer_to(REFUND, "refund order 1004", before="Refund order 1004!") == ""


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("actually an exchange would be better", True),
        ("can I exchange it instead?", True),
        ("je préfère l'échanger", True),
        ("when do I get the return label?", False),
        ("it does not fit", False),
    ],
)
def test_another_deed_wished_for_is_no_aside(text: str, other: bool) -> None:
    """A question that only names one is answered beside the offer."""
    assert wishes_other(REFUND, text) is other


@pytest.mark.parametrize(
    ("wish", "beside", "intent", "yes", "short", "language"),
    [
        ("refund the bottle of 1004", "it is too small for me", "EXCHANGE", "ok do it", "26.05", "en"),
        ("refund the bottle of 1004", "hmm how long would that take", "", "yes please", "26.05", "en"),
        ("remboursez la gourde de la 1004", "elle est trop petite", "PRODUCT_INQUIRY", "oui", "26,05", "fr"),
        ("reembolsen la botella del 1004", "porque me queda pequeña", "EXCHANGE", "sí", "26.05", "es"),
    ],
)
async def test_a_reason_or_a_question_keeps_the_offer(
    tmp_path: Path, wish: str, beside: str, intent: str, yes: str, short: str, language: c.Language
) -> None:
    """It is repeated in one sentence, and the yes carries out exactly that."""
    async with talking(tmp_path) as talk:
        talk.language = language
        await talk.says(wish, "REFUND_STATUS", order_number="1004")
        kept = await talk.says(beside, intent)
        assert (kept.status, "#1004" in kept.reply, short in kept.reply) == ("asked", True, True)
        assert (kept.reply.count("?"), talk.actions) == (1, [])
        await talk.says(yes)
    (done,) = talk.actions
    assert isinstance(done, c.Refund)
    assert (done.order_number, done.items, done.amount) == ("1004", ("BB",), "26.05")


async def test_a_question_about_another_order_does_not_move_the_offer(tmp_path: Path) -> None:
    """It is answered, and the yes is still for the first one."""
    async with talking(tmp_path) as talk:
        await talk.says("refund 1004", "REFUND_STATUS", order_number="1004")
        told = await talk.says("where is 1007?", "ORDER_STATUS", order_number="1007")
        assert ("#1007" in told.reply, "#1004" in told.reply, told.status) == (True, True, "asked")
        await talk.says("yes")
    assert [action.order_number for action in talk.actions] == ["1004"]


async def test_after_several_other_turns_a_yes_has_it_previewed_again(tmp_path: Path) -> None:
    """It is not asked for at every turn, nor carried out by a yes that came late."""
    async with talking(tmp_path) as talk:
        await talk.says("refund 1004", "REFUND_STATUS", order_number="1004")
        replies = [await talk.says("where is 1007?", "ORDER_STATUS", order_number="1007") for _ in range(3)]
        assert ["#1004" in reply.reply for reply in replies] == [True, True, False]
        again = await talk.says("yes")
        assert ("42.00" in again.reply, again.status, talk.actions) == (True, "asked", [])
        await talk.says("yes")
    assert [action.order_number for action in talk.actions] == ["1004"]


async def test_thanks_take_up_no_resting_offer(tmp_path: Path) -> None:
    """Nor does a yes after a plain no."""
    async with talking(tmp_path) as talk:
        await talk.says("refund 1004", "REFUND_STATUS", order_number="1004")
        for _ in range(3):
            await talk.says("where is 1007?", "ORDER_STATUS", order_number="1007")
        assert "?" not in (await talk.says("ok, thanks")).reply
    assert talk.actions == []


async def test_a_change_of_mind_leaves_the_offer_for_the_new_one(tmp_path: Path) -> None:
    """An exchange instead of the return: the yes is for the exchange."""
    async with talking(tmp_path) as talk:
        await talk.says("return the jacket of 1005", "RETURN_REQUEST", order_number="1005")
        other = await talk.says("actually exchange it, size L", "EXCHANGE", size="L")
        assert ("Tern Jacket Men's L" in other.reply, other.status) == (True, "asked")
        await talk.says("yes")
    assert [action.kind for action in talk.actions] == ["exchange"]


async def test_a_size_wished_for_before_packing_cancels_nothing(tmp_path: Path) -> None:
    """Beside a cancellation it is another wish, and the yes is for the size."""
    async with talking(tmp_path) as talk:
        await talk.says("cancel 1003", "CANCELLATION", order_number="1003")
        which = await talk.says("wait, can I change the size instead?", "EXCHANGE")
        assert "Medium" in which.reply
        await talk.says("medium", size="M")
        await talk.says("yes")
    assert talk.actions == [c.ChangeItem(order_number="1003", item="FS-S", wanted="FS-M")]


async def test_a_wrong_size_of_what_was_delivered_is_an_exchange(tmp_path: Path) -> None:
    """Read as a change of the order, it is not said to be too late."""
    async with talking(tmp_path) as talk:
        preview = await talk.says(
            "wrong size, jacket of 1005, I need L", "ORDER_CHANGE", order_number="1005", size="L"
        )
        assert ("Tern Jacket Men's L" in preview.reply, "label" in preview.reply) == (True, True)
        await talk.says("yes")
    assert [action.kind for action in talk.actions] == ["exchange"]


@pytest.mark.parametrize(
    ("asked", "language"),
    [("what did you just do?", "en"), ("c'est fait ?", "fr"), ("¿ya está hecho?", "es")],
)
async def test_who_asks_what_was_done_hears_it(tmp_path: Path, asked: str, language: c.Language) -> None:
    """Before the yes that nothing was, after it what, with its reference."""
    async with talking(tmp_path) as talk:
        talk.language = language
        await talk.says("cancel 1003", "CANCELLATION", order_number="1003")
        before = await talk.says(asked, "ORDER_STATUS")
        assert (before.status, "R-77" in before.reply, "#1003" in before.reply) == ("asked", False, True)
        await talk.says({"en": "yes", "fr": "oui", "es": "sí"}[language])
        after = await talk.says(asked, "ORDER_STATUS")
    assert ("R-77" in after.reply, "#1003" in after.reply) == (True, True)


@pytest.mark.parametrize(
    ("text", "intent", "words"),
    [
        ("I'd like to exchange the socks of mine for a medium", "EXCHANGE", "Fern Socks Medium"),
        ("return the socks", "RETURN_REQUEST", "Fern Socks"),
        ("refund me for the socks, they are too small", "EXCHANGE", "22.00"),
    ],
)
async def test_an_order_is_found_by_what_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, intent: str, words: str
) -> None:
    """Nobody remembers order numbers; one order alone holds such an item."""
    socks = item("Fern Socks", "Small", "FS-S", price="22.00")
    mine = order("1002", socks, status="delivered", delivered_on="2026-11-15", total="22.00")
    for number in [*ORDERS]:
        monkeypatch.delitem(ORDERS, number)
    monkeypatch.setitem(ORDERS, "1002", mine)
    monkeypatch.setitem(
        ORDERS, "1004", order("1004", KIT, BOTTLE, status="delivered", delivered_on="2026-11-15")
    )
    async with talking(tmp_path) as talk:
        offered = await talk.says(text, intent, **({"size": "M"} if "medium" in text else {}))
    assert (offered.status, "#1002" in offered.reply, words in offered.reply) == ("asked", True, True)


async def test_the_first_of_the_list_is_meant_by_its_place(tmp_path: Path) -> None:
    """As by what is in it; "the newest" is by its date."""
    async with talking(tmp_path) as talk:
        await talk.says("I want to return something", "RETURN_REQUEST")
        chosen = await talk.says("the one with the bottle", "PRODUCT_INQUIRY")
        assert ("#1004" in chosen.reply, chosen.status) == (True, "asked")


async def test_an_item_that_is_gone_is_not_called_final_sale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other item may still go back, but it is not the one that was named."""
    gone = item("Brook Bottle", "750 ml", "BB", price="32.00", returnable=False)
    part = order("1004", structs.replace(gone, gone=1), KIT, status="delivered", delivered_on="2026-11-15")
    monkeypatch.setitem(ORDERS, "1004", part)
    async with talking(tmp_path) as talk:
        told = await talk.says("return the bottle of 1004", "RETURN_REQUEST", order_number="1004")
        assert ("already" in told.reply, "final sale" in told.reply, "Waxwing" in told.reply) == (
            True,
            False,
            False,
        )
        other = await talk.says("return the Waxwing kit of 1004", "RETURN_REQUEST", order_number="1004")
        assert ("Waxwing" in other.reply, other.status) == (True, "asked")


AFTER_ALL = """
actually yes; wait, yes; yes; hmm ok yes; on second thoughts, yes; sorry I meant yes; no wait, yes
actually do it; actually, cancel it; I've changed my mind, go ahead; actually ok; yes, cancel it
en fait oui; finalement oui; euh si, finalement; ah non attendez, oui; en fait d'accord
j'ai changé d'avis, oui; bueno, en realidad sí; mejor sí
pensándolo bien, sí; perdón, sí; he cambiado de opinión, hazlo; sí, por favor
"""
STAYS_NO = """
ok; thanks; ok thanks; perfect; yes thank you; no; actually no; yes?; no problem; wait; yes that's all
actually yes but only the jacket; actually how long does it take?; actually where is my order
oui merci; en fait non; d'accord; parfait; finalement; sí, gracias; vale; mejor no; claro
"""


@pytest.mark.parametrize(("texts", "again"), [(AFTER_ALL, True), (STAYS_NO, False)])
def test_a_yes_after_a_no_is_no_word_of_politeness(texts: str, again: bool) -> None:
    """In three languages: who takes note of what was left as it is wants nothing put again."""
    said = [text for line in texts.strip().splitlines() for text in line.split("; ")]
    assert {text: wants_after_all(CANCEL, text) for text in said} == dict.fromkeys(said, again)


async def test_what_was_declined_is_put_again_once_for_who_says_yes_after_all(tmp_path: Path) -> None:
    """It asks and does nothing by itself, and only right after the no."""
    async with talking(tmp_path) as talk:
        await talk.says("refund the bottle of 1004", "REFUND_STATUS", order_number="1004")
        await talk.says("no")
        again = await talk.says("en fait oui")
        assert (again.status, "26.05" in again.reply, talk.actions) == ("asked", True, [])
        await talk.says("no thanks")
        await talk.says("thanks")
        late = await talk.says("actually yes")
        assert (late.status, late.state and late.state.pending_action, talk.actions) == ("answered", None, [])
