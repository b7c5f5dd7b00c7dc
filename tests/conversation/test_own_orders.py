"""Customers about their own orders: several in one message, what was ordered, a wish that is taken back."""

from pathlib import Path

import pytest
from msgspec import structs

from conversation.hand_over.deciding import may_withdraw
from conversation.words.orders_apart import orders_apart
from conversation.words.own_order import asked_of_order
from conversation.words.taking_back import takes_back
from shared import contracts as c
from tests.conversation.test_actions import AWAY, HOME, JACKET, MUG, ORDERS, SOCKS, talking
from tests.orders import order

WORDINGS = Path(__file__).parent / "order_wordings"
OF_ORDER = {"ship_to": HOME, "shipping": "6.95", "codes": ("TRAIL10",)}


@pytest.fixture(autouse=True)
def unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two orders that can still be cancelled."""
    first = order("1012", JACKET, MUG, status="unfulfilled", total="129.95", **OF_ORDER)
    monkeypatch.setitem(ORDERS, "1012", first)
    monkeypatch.setitem(ORDERS, "1014", order("1014", SOCKS, status="unfulfilled", total="22.00"))


def _wordings(name: str) -> dict[str, str]:
    lines = (WORDINGS / f"{name}.txt").read_text("utf-8").splitlines()
    return {text: what for _, text, what in (line.split(" | ") for line in lines if line[0] != "#")}


def test_each_order_is_told_apart() -> None:
    """Which is wanted what of, in the order they are named; what is only ruled out is left away."""
    told = _wordings("several")
    numbers = {text: [word for word in ("1001", "1004", "1012", "1014") if word in text] for text in told}

    def read(text: str) -> str:
        found = orders_apart(text, numbers[text])
        return ", ".join(f"{each.kind or 'status'} {each.number}" for each in found)

    assert {text: read(text) for text in told} == told


def test_what_is_to_be_kept_is_not_offered_to_be_cancelled() -> None:
    """Nor is it asked about next."""
    for text in ("cancel 1014 but keep 1012", "annulez la 1014 et gardez la 1012"):
        assert [each.number for each in orders_apart(text, ["1014", "1012"])] == ["1014"]


def test_what_was_ordered_is_no_question_of_policy() -> None:
    """Nor is a question of policy one of what was ordered."""
    told = _wordings("own")
    assert {text: " ".join(asked_of_order(text)) or "-" for text in told} == told


@pytest.mark.parametrize(
    "text",
    [
        "I did not get what I ordered",
        "which size did I take? I want to exchange it",
        "change the shipping address of 1012",
        "what is your address?",
        "what address do I send the return to?",
        "how much did I pay for the jacket?",
        "when will it arrive?",
    ],
)
def test_other_wishes_stay_what_they_are(text: str) -> None:
    """A deed beside a question wins, and the shop has an address of its own."""
    assert asked_of_order(text) == ()


def test_a_wish_is_taken_back() -> None:
    """In whichever words; thanks and another question take nothing back."""
    told = _wordings("back")
    assert {text: "back" if takes_back(text) else "-" for text in told} == told


def test_what_staff_decide_on_may_be_taken_back_in_the_same_words() -> None:
    """They are asked whether that is meant; nothing is withdrawn by a guess."""
    told = [text for text, what in _wordings("back").items() if what == "back" and "?" not in text]
    assert [text for text in told if not may_withdraw(text)] == []


@pytest.mark.parametrize(
    ("text", "intent", "language"),
    [
        ("where are 1007 and 1012?", "ORDER_STATUS", "en"),
        ("où en sont la 1007 et la 1012 ?", "TRACKING_UPDATE", "fr"),
        ("¿dónde están el 1007 y el 1012?", "ORDER_STATUS", "es"),
    ],
)
async def test_two_orders_are_both_told(tmp_path: Path, text: str, intent: str, language: c.Language) -> None:
    """Each with its own state."""
    async with talking(tmp_path) as talk:
        talk.language = language
        told = await talk.says(text, intent, order_numbers="1007 1012")
    assert (told.status, "#1007" in told.reply, "#1012" in told.reply) == ("answered", True, True)


async def test_two_orders_are_cancelled_one_after_the_other(tmp_path: Path) -> None:
    """Each has its own preview and its own yes; no more is done than each yes was for."""
    async with talking(tmp_path) as talk:
        first = await talk.says("cancel 1012 and 1014", "CANCELLATION", order_numbers="1012 1014")
        assert ("129.95" in first.reply, "#1014" in first.reply, talk.actions) == (True, True, [])
        then = await talk.says("yes, cancel it")
        assert [each.order_number for each in talk.actions] == ["1012"]
        assert ("R-77" in then.reply, "22.00" in then.reply, then.status) == (True, True, "asked")
        done = await talk.says("yes please")
        assert done.status == "answered"
        late = await talk.says("no wait, don't cancel")
    assert [each.order_number for each in talk.actions] == ["1012", "1014"]
    assert ("#1014" in late.reply, "person" in late.reply) == (True, True)


@pytest.mark.parametrize(
    ("text", "language", "late"),
    [
        ("no", "en", False),
        ("no thanks, keep that one", "en", False),
        ("no wait, don't cancel!", "en", True),
        ("non attendez", "fr", True),
        ("non merci", "fr", False),
        ("no, fue un error", "es", True),
        ("no gracias", "es", False),
    ],
)
async def test_a_no_to_the_second_does_not_deny_the_first(
    tmp_path: Path, text: str, language: c.Language, late: bool
) -> None:
    """The first is cancelled by then: who takes it all back hears so, and may have a person look at it."""
    async with talking(tmp_path) as talk:
        talk.language = language
        await talk.says("cancel 1012 and 1014", "CANCELLATION", order_numbers="1012 1014")
        await talk.says("yes")
        left = await talk.says(text)
    assert [each.order_number for each in talk.actions] == ["1012"]
    assert left.state is not None
    assert ("#1014" in left.reply, "#1012" in left.reply, left.state.person_offered) == (True, late, late)


@pytest.mark.parametrize(
    ("text", "numbers", "actions"),
    [
        ("yes, and also cancel 1014", "1014", ["1012", "1014"]),
        ("oui, et aussi la 1014", "1014", ["1012", "1014"]),
        ("yes cancel 1012 and 1014", "1012 1014", ["1012", "1014"]),
        ("no, keep 1012, cancel 1014", "1012 1014", ["1014"]),
        ("no, cancel 1014 instead", "1014", ["1014"]),
        ("yes, 1014", "1014", ["1014"]),
    ],
)
async def test_an_order_named_beside_the_answer_is_offered(
    tmp_path: Path, text: str, numbers: str, actions: list[str]
) -> None:
    """After the one that is agreed to, or instead of it; no yes is lost, none is for what was not shown."""
    async with talking(tmp_path) as talk:
        await talk.says("cancel 1012", "CANCELLATION", order_number="1012")
        then = await talk.says(text, "CANCELLATION", order_numbers=numbers)
        assert [each.order_number for each in talk.actions] == actions[:-1]
        assert ("22.00" in then.reply, then.status) == (True, "asked")
        await talk.says("yes")
    assert [each.order_number for each in talk.actions] == actions


@pytest.mark.parametrize("text", ["where is 1007?", "And where's #1007", "¿y dónde está el pedido 1007?"])
async def test_where_an_order_is_stands_by_itself(tmp_path: Path, text: str) -> None:
    """An engine that leans on what was said before took it for a return of that order."""
    async with talking(tmp_path) as talk:
        await talk.says("how do I send something back?", "RETURN_REQUEST")
        told = await talk.says(text, "RETURN_REQUEST", order_number="1007")
    assert told.intent is c.Intent.ORDER_STATUS
    assert "#1007" in told.reply


async def test_a_no_to_the_first_leaves_the_second_to_be_asked(tmp_path: Path) -> None:
    """And what cannot be done of them is said at once."""
    async with talking(tmp_path) as talk:
        first = await talk.says(
            "please cancel 1007, 1012 and 1014", "CANCELLATION", order_numbers="1007 1012 1014"
        )
        for said in ("#1007", "129.95", "#1014"):
            assert said in first.reply
        then = await talk.says("no thanks")
        assert ("22.00" in then.reply, then.status) == (True, "asked")
        await talk.says("yes")
    assert [each.order_number for each in talk.actions] == ["1014"]


async def test_a_wish_and_a_question_are_not_mixed(tmp_path: Path) -> None:
    """Which order is cancelled is not which is asked about."""
    async with talking(tmp_path) as talk:
        told = await talk.says(
            "where is 1007, and please cancel 1012", "ORDER_STATUS", order_numbers="1007 1012"
        )
        assert ("#1007" in told.reply, "129.95" in told.reply, told.status) == (True, True, "asked")
        await talk.says("yes")
    assert [each.order_number for each in talk.actions] == ["1012"]


@pytest.mark.parametrize(
    ("text", "told", "language"),
    [
        ("what did I order in 1012?", "Tern Jacket Men's M and Wren Mug 450 ml", "en"),
        ("what is the shipping address of 1012?", HOME, "en"),
        ("combien ai-je payé pour la livraison de la 1012 ?", "6,95", "fr"),
        ("¿cuál es el total del pedido 1012?", "129.95", "es"),
        ("when did I order 1012?", "November 1", "en"),
        ("did I use a code on 1012?", "TRAIL10", "en"),
        ("which orders do I have?", "#1007", "en"),
    ],
)
async def test_what_the_shop_knows_is_told(
    tmp_path: Path, text: str, told: str, language: c.Language
) -> None:
    """Whatever the question was taken for."""
    async with talking(tmp_path) as talk:
        talk.language = language
        answer = await talk.says(text, "SHIPPING_ESTIMATE", order_number="1012")
    assert (answer.status, told in answer.reply.replace("\xa0", " ")) == ("answered", True), answer.reply


async def test_an_address_is_for_who_is_signed_in(tmp_path: Path) -> None:
    """A guest's proof, a number and an e-mail, does not open it, nor do the facts of their order hold it."""
    async with talking(tmp_path) as talk:
        talk.customer = ""
        told = await talk.says(f"what is the address of my order 1012? {AWAY}", order_number="1012")
        written = [ask for ask in talk.desk.asked if isinstance(ask, c.WriteReply)][-1]
    assert (HOME in told.reply, "sign" in told.reply) == (False, True)
    assert HOME not in [fact.value for fact in written.facts]


async def test_questions_of_what_was_ordered_call_no_person(tmp_path: Path) -> None:
    """The third one is no third contact about something that is stuck, and the offer beside them stays."""
    async with talking(tmp_path) as talk:
        await talk.says("cancel 1012", "CANCELLATION", order_number="1012")
        for text in ("what did I order?", "what's the total?"):
            beside = await talk.says(text, "ORDER_STATUS")
            assert (beside.status, "#1012" in beside.reply) == ("asked", True)
        await talk.says("no thanks")
        for text in ("what did I order?", "did I use a code?", "what's the total?", "when did I order it?"):
            assert (await talk.says(text, "ORDER_STATUS")).status == "answered"


async def test_what_was_asked_is_answered_once_the_order_is_known(tmp_path: Path) -> None:
    """The question which order it is does not change what was asked."""
    async with talking(tmp_path) as talk:
        which = await talk.says("how much did I pay for shipping?", "SHIPPING_ESTIMATE")
        assert which.status == "asked"
        told = await talk.says("1012", order_number="1012")
    assert "6.95" in told.reply


async def test_what_was_just_cancelled_is_wanted_back_in_any_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person is offered; who only asks whether it is cancelled hears that it is."""
    async with talking(tmp_path) as talk:
        await talk.says("cancel 1014", "CANCELLATION", order_number="1014")
        await talk.says("yes")
        gone = structs.replace(ORDERS["1014"], status="cancelled", cancelled_on="2026-11-21")
        monkeypatch.setitem(ORDERS, "1014", gone)
        asked = await talk.says("did you really cancel it?", "CANCELLATION")
        wanted = await talk.says("nooo don't", "CANCELLATION")
    assert ("person" in asked.reply, "person" in wanted.reply) == (False, True)


async def test_who_takes_back_what_is_not_done_yet_is_heard(tmp_path: Path) -> None:
    """Before the yes it is a no; a word about another order takes nothing back."""
    async with talking(tmp_path) as talk:
        await talk.says("cancel 1012", "CANCELLATION", order_number="1012")
        await talk.says("no wait, don't cancel", "CANCELLATION")
        await talk.says("cancel 1014", "CANCELLATION", order_number="1014")
        await talk.says("yes")
        other = await talk.says("don't cancel 1012", "CANCELLATION", order_number="1012")
    assert [structs.replace(each, reason="") for each in talk.actions] == [c.Cancel(order_number="1014")]
    assert "#1014" not in other.reply
