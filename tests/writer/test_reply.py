"""A reply as a whole: variation, openings, several topics, what the critic refused, quotes."""

import pytest

from shared.adapters.embedded.writer import open_writer
from shared.contracts import Finding, Intent, Language, Said, Sentence
from tests.passages import passage
from tests.writer.scene import NAME, TODAY, VALUES, ask, order_facts, topic, writer

WRITER = writer()
TURNS = [f"t-{n}" for n in range(12)]
SHIPPED = topic("order_status.shipped", facts=order_facts(), values={"items": VALUES["items"]})
RETURNS = passage(
    "returns#window",
    "You can return most items within 30 days of delivery. The 30 days start on the day of delivery. "
    "Start the return before 1:00 p.m. Eastern in your account. Do you have a question?",
)
RETOURS = passage(
    "returns-fr#delai",
    "Vous disposez de 30 jours après la livraison. Lancez le retour dans le chat.",
    locale="fr",
)
QUOTED = topic("policy.answer", Intent.RETURN_REQUEST, sources=("kb:returns#window",))
BOT = (Said(who="bot", text="Hello, how can I help you?"),)


def text(sentences: tuple[Sentence, ...]) -> str:
    return " ".join(s.text for s in sentences)


async def test_the_same_ask_gets_the_same_words() -> None:
    """Writing is deterministic, so a replayed turn says the same."""
    again = open_writer(today=lambda: TODAY)
    for turn in TURNS:
        first = await WRITER.write(ask(SHIPPED, turn=turn))
        assert (await again.write(ask(SHIPPED, turn=turn))).sentences == first.sentences


async def test_turns_vary() -> None:
    """Different turns do not all get the same words."""
    said = {text((await WRITER.write(ask(SHIPPED, turn=turn))).sentences) for turn in TURNS}
    assert len(said) > 1


async def test_each_draft_is_another_variant() -> None:
    """A second draft says it otherwise than the first."""
    for turn in TURNS:
        first = await WRITER.write(ask(SHIPPED, turn=turn, draft=1))
        second = await WRITER.write(ask(SHIPPED, turn=turn, draft=2))
        assert first.sentences != second.sentences


async def test_a_refused_span_is_not_said_again() -> None:
    """Words the critic refused are avoided: by another alternative, variant or by leaving a sentence out."""
    finding = Finding(rule="output.unsupported", span="Northway Parcel", remedy="leave it out")
    for turn in TURNS:
        written = await WRITER.write(ask(SHIPPED, turn=turn, draft=2, feedback=(finding,)))
        assert "Northway" not in text(written.sentences)
        assert "1001" in text(written.sentences)


async def test_a_refused_quote_gives_way_to_another() -> None:
    """The next best sentence answers instead; with none left the reply says it does not know."""
    finding = Finding(rule="output.unsupported", span="within 30 days", remedy="")
    question = "within how many days can I return?"
    written = await WRITER.write(ask(QUOTED, text=question, passages=(RETURNS,), feedback=(finding,)))
    assert "within 30 days" not in text(written.sentences)
    assert written.sentences[0].sources == ("kb:returns#window",)
    everything = tuple(Finding(rule="r", span=span, remedy="") for span in ("return", "30 days", "question"))
    written = await WRITER.write(ask(QUOTED, text=question, passages=(RETURNS,), feedback=everything))
    assert all(s.sources == () for s in written.sentences)


async def test_quotes_are_word_for_word_and_cite_their_passage() -> None:
    """A policy answer consists of whole sentences of the passage; an abbreviation does not cut one."""
    written = await WRITER.write(ask(QUOTED, text="When must I start the return?", passages=(RETURNS,)))
    assert 1 <= len(written.sentences) <= 3
    for sentence in written.sentences:
        assert sentence.text in RETURNS.text
        assert sentence.sources == ("kb:returns#window",)
    assert "Start the return before 1:00 p.m. Eastern in your account." in [s.text for s in written.sentences]


async def test_the_quote_is_in_the_customers_language_when_there_is_one() -> None:
    """French is quoted to a French customer, without a lead-in."""
    sources = ("kb:returns#window", "kb:returns-fr#delai")
    given = topic("policy.answer", Intent.RETURN_REQUEST, sources=sources)
    written = await WRITER.write(
        ask(given, language="fr", text="Quel délai pour un retour ?", passages=(RETURNS, RETOURS))
    )
    assert {s.sources for s in written.sentences} == {("kb:returns-fr#delai",)}


@pytest.mark.parametrize("language", ["fr", "es"])
async def test_an_english_quote_is_announced(language: Language) -> None:
    """Without a passage in the customer's language one sentence says, in it, that English follows."""
    written = await WRITER.write(ask(QUOTED, language=language, text="retour ?", passages=(RETURNS,)))
    lead, *quotes = written.sentences
    assert lead.sources == ()
    assert "anglais" in lead.text or "inglés" in lead.text
    assert quotes
    assert all(s.text in RETURNS.text for s in quotes)


async def test_only_named_passages_are_quoted() -> None:
    """A passage that the topic does not rest on stays unsaid."""
    other = passage("other#x", "Return everything within 90 days.", score=0.9)
    written = await WRITER.write(ask(QUOTED, text="return days", passages=(other, RETURNS)))
    assert "90" not in text(written.sentences)


async def test_the_name_is_said_once_and_only_at_the_start() -> None:
    """The first reply greets by name, later ones do not, and no reply says it twice."""
    for turn in TURNS:
        first = await WRITER.write(ask(SHIPPED, turn=turn, first_name=NAME))
        assert text(first.sentences).count(NAME) == 1
        assert NAME in first.sentences[0].text
        later = await WRITER.write(ask(SHIPPED, turn=turn, first_name=NAME, history=BOT))
        assert NAME not in text(later.sentences)


@pytest.mark.parametrize("language", ["en", "fr", "es"])
async def test_who_is_upset_gets_one_word_of_sympathy(language: Language) -> None:
    """The reply opens with a short acknowledgement, by name even later on, then comes the matter."""
    for turn in TURNS:
        given = ask(SHIPPED, language=language, turn=turn, register="upset", first_name=NAME, history=BOT)
        calm = ask(SHIPPED, language=language, turn=turn, history=BOT)
        sympathy, *rest = (await WRITER.write(given)).sentences
        assert NAME in sympathy.text
        assert sympathy.sources == ()
        assert tuple(rest) == (await WRITER.write(calm)).sentences


async def test_sympathy_is_not_repeated_in_the_next_reply() -> None:
    """Who read it in the last reply is not told again: that would be groveling."""
    first = await WRITER.write(ask(SHIPPED, register="upset"))
    history = (Said(who="bot", text=text(first.sentences)),)
    second = await WRITER.write(ask(SHIPPED, turn="t-2", register="upset", history=history))
    calm = await WRITER.write(ask(SHIPPED, turn="t-2", history=history))
    assert second.sentences == calm.sentences


async def test_a_refusal_opens_with_neither_name_nor_sympathy() -> None:
    """A refused message gets the refusal and nothing before it."""
    for turn in TURNS:
        plain = await WRITER.write(ask(topic("refused.injection"), turn=turn))
        upset = await WRITER.write(
            ask(topic("refused.injection"), turn=turn, register="upset", first_name=NAME)
        )
        assert upset.sentences == plain.sentences


async def test_formal_and_casual_differ_where_they_should() -> None:
    """A formal greeting is not a casual one."""
    formal = await WRITER.write(ask(topic("greeting"), register="formal"))
    casual = await WRITER.write(ask(topic("greeting"), register="casual"))
    assert formal.sentences != casual.sentences


async def test_one_question_at_most_and_last() -> None:
    """Two topics that ask end in one question, after everything that is told."""
    for turn in TURNS:
        asking = topic("ask.order_proof", Intent.REFUND_STATUS)
        given = (asking, topic("unknown", Intent.GENERAL_INQUIRY), SHIPPED)
        written = await WRITER.write(ask(*given, turn=turn))
        questions = [n for n, s in enumerate(written.sentences) if "?" in s.text]
        assert questions == [len(written.sentences) - 1]


async def test_a_second_need_is_introduced() -> None:
    """A quote that answers another need than the sentence before is announced, once."""
    quoted = topic("policy.answer", Intent.RETURN_REQUEST, sources=("kb:returns#window",))
    written = await WRITER.write(
        ask(SHIPPED, quoted, text="where is it, can I return it", passages=(RETURNS,))
    )
    said = [s.text for s in written.sentences]
    bridge = next(n for n, words in enumerate(said) if words.endswith(":"))
    assert written.sentences[bridge].sources == ()
    assert written.sentences[bridge + 1].sources == ("kb:returns#window",)
    same_need = await WRITER.write(
        ask(topic("exchange.how", Intent.RETURN_REQUEST), quoted, passages=(RETURNS,))
    )
    assert not any(s.text.endswith(":") for s in same_need.sentences)


async def test_nothing_is_said_twice() -> None:
    """Two needs answered by one passage do not repeat its sentences."""
    other = topic("policy.answer", Intent.EXCHANGE, sources=QUOTED.sources)
    written = await WRITER.write(ask(QUOTED, other, text="return within days", passages=(RETURNS,)))
    said = [s.text for s in written.sentences]
    assert len(said) == len(set(said))


async def test_one_topic_is_short() -> None:
    """A reply about one order has at most four sentences."""
    for turn in TURNS:
        for status in ("unfulfilled", "shipped", "delivered", "delayed", "out_for_delivery", "returned"):
            given = topic(f"order_status.{status}", facts=order_facts(), values={"items": VALUES["items"]})
            written = await WRITER.write(ask(given, turn=turn))
            assert len(written.sentences) <= 4


async def test_a_hand_over_tells_place_time_and_what_is_known() -> None:
    """The announcement has the place, when someone answers, and that nothing must be repeated."""
    values = {"position": "3", "due": "2026-11-21T14:30:00-05:00"}
    for turn in TURNS:
        said = text(
            (await WRITER.write(ask(topic("handed_over.defect", values=values), turn=turn))).sentences
        )
        assert "3" in said
        assert "November 21 at 14:30 Eastern time" in said
        assert "repeat" in said or "again" in said


@pytest.mark.parametrize("language", ["en", "fr", "es"])
@pytest.mark.parametrize("goal", ["greeting", "thanks", "ask.order_proof", "unknown", "order_status.shipped"])
@pytest.mark.parametrize("register", ["neutral", "casual", "formal"])
async def test_the_next_reply_to_the_same_uses_other_words(
    goal: str, language: Language, register: str
) -> None:
    """Whatever the turn's hash draws, the variant of the last reply is not said twice in a row."""
    facts = order_facts() if goal.startswith("order") else {}
    given = topic(goal, facts=facts, values={"items": VALUES["items"]} if facts else {})
    for turn in TURNS:
        first = text(
            (await WRITER.write(ask(given, language=language, turn=turn, register=register))).sentences
        )
        history = (Said(who="customer", text="again"), Said(who="bot", text=first))
        for following in ("u-1", "u-2", "u-3"):
            again = ask(given, language=language, turn=following, register=register, history=history)
            assert text((await WRITER.write(again)).sentences) != first


async def test_a_name_is_not_said_in_two_replies_running() -> None:
    """Even an apology does without the name when one of the last two replies had it."""
    named = (Said(who="bot", text=f"Hello {NAME}."),)
    for turn in TURNS:
        close = ask(SHIPPED, turn=turn, register="upset", first_name=NAME, history=named)
        assert NAME not in text((await WRITER.write(close)).sentences)
        later = ask(SHIPPED, turn=turn, register="upset", first_name=NAME, history=named + BOT + BOT)
        assert NAME in text((await WRITER.write(later)).sentences)


@pytest.mark.parametrize("language", ["en", "fr", "es"])
async def test_sympathy_comes_once_in_a_stretch(language: Language) -> None:
    """With or without the name, an apology of the last four replies is not followed by another."""
    first = await WRITER.write(ask(SHIPPED, language=language, register="upset", first_name=NAME))
    said = (Said(who="bot", text=text(first.sentences)),)
    calm = tuple(Said(who="bot", text=f"Reply {n}.") for n in range(4))
    near = await WRITER.write(ask(SHIPPED, language=language, register="upset", history=said + calm[:3]))
    far = await WRITER.write(ask(SHIPPED, language=language, register="upset", history=said + calm))
    assert len(near.sentences) == len(far.sentences) - 1


@pytest.mark.parametrize(
    ("intent", "offers"),
    [
        (Intent.GENERAL_INQUIRY, {"en": "order", "fr": "commande", "es": "pedido"}),
        (Intent.PRODUCT_INQUIRY, {"en": "price", "fr": "prix", "es": "precio"}),
    ],
)
async def test_not_knowing_is_said_plainly_with_two_offers(
    intent: Intent, offers: dict[Language, str]
) -> None:
    """The reply says that it does not know, and offers a person and what helps in this matter."""
    plain = {"en": ("don't know", "person"), "fr": ("sais pas", "conseiller"), "es": ("No lo sé", "persona")}
    for language, other in offers.items():
        for turn in TURNS:
            said = text(
                (await WRITER.write(ask(topic("unknown", intent), language=language, turn=turn))).sentences
            )
            assert all(words in said for words in (*plain[language], other)), said


async def test_the_answer_comes_before_what_stands_above_it() -> None:
    """The sentence that answers leads, even when an earlier one of the passage is quoted too."""
    page = passage(
        "points", "Points are kept in your account. Points expire after 12 months without any order."
    )
    given = topic("policy.answer", Intent.LOYALTY_PROGRAM, sources=("kb:points",))
    written = await WRITER.write(ask(given, text="after how many months do points expire", passages=(page,)))
    assert "12 months" in written.sentences[0].text
