"""History within its tokens, and as a summary beyond them."""

from pathlib import Path

import pytest

from mock_apis.openai_rules import data_blocks
from shared.adapters.openai.budget import Budget, BudgetSpent, tokens_at_most
from shared.adapters.openai.recall import Recall, Utterance, extract, split
from shared.contracts import ClassifyIntent, Said, Spent, WriteReply
from tests.conversation.test_memory import PROMISE, forty, of_order, talk
from tests.openai.conftest import IDS, PROMPTS, Mock, Models

LINES = (
    "I bought the Alder 2 tent. It came on Monday.",
    "Which order is it?",
    "Order 1005. My phone is TOKEN_00000000-0000-4000-8000-000000000001.",
    "Thank you. What is wrong with it?",
    "A pole is bent. The bag is fine. I paid 129.00 for it. My wife likes the colour very much indeed.",
    "May I see a picture?",
)
HISTORY = tuple(Said(who="bot" if n % 2 else "customer", text=text) for n, text in enumerate(LINES))
LONG = (*HISTORY, Said(who="customer", text="It rained all night and nobody slept a minute. " * 60))
BUDGET = Budget(history=300)


async def recall_over(models: Models, budget: Budget = BUDGET) -> Recall:
    return Recall(await models.open(tries=1), prompts=PROMPTS, budget=budget)


def test_a_short_history_stays_as_it_was_said() -> None:
    """Nothing is summed up that fits."""
    assert split(HISTORY, 1000) == ((), HISTORY)


def test_the_newest_lines_stay_as_they_were_said() -> None:
    """What is beyond the tokens is cut between utterances, never in one."""
    older, recent = split(HISTORY, 90)
    assert (*older, *recent) == HISTORY
    assert recent
    assert sum(tokens_at_most(said.text) for said in recent) <= 90 - 90 // 3


@pytest.mark.parametrize("tokens", [20, 40, 60, 80, 200])
def test_an_extract_holds_whole_sentences_and_says_what_is_missing(tokens: int) -> None:
    """Every sentence of it was said like that; where others were left out, a mark stands."""
    text = extract(HISTORY, tokens)
    assert tokens_at_most(text) <= tokens
    sentences = {s for said in HISTORY for s in said.text.replace("? ", "?|").replace(". ", ".|").split("|")}
    rest = text
    for sentence in sorted(sentences, key=len, reverse=True):
        rest = rest.replace(sentence, "")
    assert set(rest.split()) <= {"[…]", "customer:", "bot:"}
    assert ("[…]" in text) == any(sentence not in text for sentence in sentences)


def test_an_extract_prefers_what_is_come_back_to() -> None:
    """Numbers, tokens and questions before praise of a colour."""
    text = extract(HISTORY, 75)
    assert "Order 1005." in text
    assert "colour" not in text


async def test_the_model_sums_up_what_does_not_fit(mock: Mock, models: Models) -> None:
    """One call for the same older lines, however often they are asked for; its price is told."""
    mock.script(
        {"kind": "answer", "content": {"summary": "Order 1005, bent pole."}, "schema": "history_summary"}
    )
    recall = await recall_over(models)
    shown, paid = await recall.of(LONG, Spent())
    assert shown[0] == Utterance(who="summary", text="Order 1005, bent pole.")
    assert paid[0].tokens > 0
    again, nothing = await recall.of(LONG, Spent())
    assert (again, nothing) == (shown, ())
    assert len(mock.calls()) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "status": 503},
        {"kind": "content_filter", "where": "output"},
        {"kind": "answer", "content": {"summary": " "}},
    ],
)
async def test_without_the_model_the_words_themselves_are_the_summary(
    mock: Mock, models: Models, fault: dict[str, object]
) -> None:
    """A summary is never the reason why an answer fails."""
    mock.script(fault | {"schema": "history_summary", "times": 2})
    shown, _ = await (await recall_over(models)).of(LONG, Spent())
    assert shown[0].who == "summary"
    assert "Order 1005." in shown[0].text
    assert tokens_at_most(shown[0].text) <= BUDGET.history // 3


async def test_a_spent_budget_pays_for_no_summary(mock: Mock, models: Models) -> None:
    """Then the words are summed up locally, too."""
    recall = await recall_over(models, Budget(history=300, conversation=2000))
    shown, paid = await recall.of(LONG, Spent(conversation=1990))
    assert (shown[0].who, paid) == ("summary", ())
    assert mock.calls() == []


async def test_a_long_summary_is_cut_between_its_sentences(mock: Mock, models: Models) -> None:
    """A model that is told five sentences and writes fifty does not get to fill the prompt."""
    told = " ".join(f"This is thing number {n}." for n in range(50))
    mock.script({"kind": "answer", "content": {"summary": told}, "schema": "history_summary"})
    shown, _ = await (await recall_over(models)).of(LONG, Spent())
    assert tokens_at_most(shown[0].text) <= 100
    assert shown[0].text.endswith("number 49.")


async def test_the_summary_reaches_the_prompt_and_the_bill(mock: Mock, models: Models) -> None:
    """The model that classifies reads it in place of the long lines; what it took stands in `tried`."""
    mock.script(
        {"kind": "answer", "content": {"summary": "Order 1005, bent pole."}, "schema": "history_summary"}
    )
    understanding = await models.understanding(budget=BUDGET)
    found = await understanding.classify(ClassifyIntent(**IDS, text="And my refund?", history=LONG))
    prompt = mock.calls()[-1]["body"]["messages"][1]["content"]
    assert '"summary"' in prompt
    assert "nobody slept" not in prompt
    assert [usage.tokens > 0 for usage in found.tried] == [True]


DIGEST = (
    'Asked: "how long do I have?" - "30 days."; "in blue?" - "not known". Done: return #1005 (R-1). '
    'Orders: 1005. Promised: "Once the parcel has reached us, the refund takes 5-7 business days.".'
)


async def test_what_fell_out_of_the_history_keeps_its_words(mock: Mock, models: Models) -> None:
    """No model sums it up again; it stands before a model's summary, in one line by `summary`."""
    mock.script({"kind": "answer", "content": {"summary": "It rained."}, "schema": "history_summary"})
    history = (Said(who="summary", text=DIGEST), *LONG)
    shown, _ = await (await recall_over(models, Budget(history=600))).of(history, Spent())
    assert shown[0] == Utterance(who="summary", text=f"{DIGEST} It rained.")
    assert "summary" not in [line.who for line in shown[1:]]
    assert "1005 (R-1)" not in str(mock.calls()[0]["body"])
    short, nothing = await (await recall_over(models)).of(history[:3], Spent())
    assert [line.who for line in short] == ["summary", "customer", "bot"]
    assert (nothing, len(mock.calls())) == ((), 1)


@pytest.mark.parametrize("tokens", [300, 350, 500])
async def test_of_a_small_budget_what_fell_out_takes_a_third(models: Models, tokens: int) -> None:
    """Order and promise stay when not all of it fits, and the whole keeps within the budget."""
    history = (Said(who="summary", text=DIGEST), *LONG[:-1] * 3)
    recall = await recall_over(models, Budget(history=tokens, conversation=1))
    shown, _ = await recall.of(history, Spent())
    assert "Orders: 1005. Promised: " in shown[0].text
    assert "5-7 business days" in shown[0].text
    assert sum(tokens_at_most(line.text) for line in shown) <= tokens


async def test_after_forty_turns_the_prompts_hold_the_first_order_and_promise(
    mock: Mock, models: Models, tmp_path: Path
) -> None:
    """What the conversation asks of its agents, as a model reads it."""
    async with forty(tmp_path, of_order("3000")) as desk:
        await talk(desk, 40)
        await desk.say("and where is 3000?", customer="TOKEN_x")
        asks = [ask for ask in desk.asked[-8:] if isinstance(ask, ClassifyIntent | WriteReply)]
    understanding, writer = await models.understanding(), await models.writer()
    for ask in asks:
        if isinstance(ask, ClassifyIntent):
            await understanding.classify(ask)
        else:
            await writer.write(ask)
        [line, *_] = data_blocks(mock.calls()[-1]["body"])["history"]
        assert line["who"] == "summary"
        assert "#1005" in line["text"]
        assert PROMISE in line["text"]
    assert len(asks) == len(mock.calls()) == 2


async def test_a_spent_budget_asks_no_model(mock: Mock, models: Models) -> None:
    """The turn's, or the conversation's: the ask is declined before anything is paid."""
    for budget, spent in (
        (Budget(turn=5000), Spent(turn=4000)),
        (Budget(conversation=9000), Spent(turn=3000, conversation=5000)),
    ):
        understanding = await models.understanding(budget=budget)
        ask = ClassifyIntent(**IDS, text="Where is my order?", spent=spent)
        with pytest.raises(BudgetSpent, match=r"took \d+ of \d+ tokens"):
            await understanding.classify(ask)
    assert mock.calls() == []
