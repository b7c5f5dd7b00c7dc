"""Writing with the real SDK over a streamed HTTP answer."""

import pytest
from msgspec import structs

from shared.contracts import Fact, Finding, Intent, Sentence, Topic, WriteReply
from shared.errors import ModelDown, ModelRefused
from tests.openai.conftest import IDS, Mock, Models
from tests.passages import passage

PASSAGE = passage(
    "returns#window",
    "You can return unused items within 30 days of delivery. Keep the tags on.",
    title="Returns",
    section="Window",
)
ASK = WriteReply(
    **IDS,
    text="Where is order 1001, and can I return it?",
    language="en",
    topics=(
        Topic(
            goal="order_status.shipped",
            intent=Intent.ORDER_STATUS,
            facts={"number": "order:1001/number", "shipped_on": "order:1001/shipped_on"},
        ),
        Topic(goal="policy.answer", intent=Intent.RETURN_REQUEST, sources=(PASSAGE.id,)),
    ),
    passages=(PASSAGE,),
    facts=(Fact(id="order:1001/number", value="1001"), Fact(id="order:1001/shipped_on", value="2026-11-03")),
)


@pytest.mark.parametrize("way", ["openai", "azure-v1", "azure-deployment"])
async def test_writes_sentences_with_their_sources(mock: Mock, models: Models, way: str) -> None:
    """A streamed draft says facts and passages, each sentence with what it rests on, and is paid for."""
    model = "chat" if way.startswith("azure") else "gpt-4.1-mini"
    draft = await (await models.writer(way, model=model)).write(ASK)
    assert draft.sentences == (
        Sentence(text="Order: 1001.", sources=("order:1001/number",)),
        Sentence(text="Shipped on: November 3.", sources=("order:1001/shipped_on",)),
        Sentence(text="You can return unused items within 30 days of delivery.", sources=(PASSAGE.id,)),
    )
    (call,) = mock.calls()
    assert call["body"]["stream"] is True
    assert draft.usage.output_tokens > 0
    assert draft.usage.cost_usd > 0


async def test_feedback_reaches_the_model(mock: Mock, models: Models) -> None:
    """Why the last draft was rejected stands in the prompt of the next."""
    again = WriteReply(
        **IDS,
        text=ASK.text,
        language="en",
        topics=ASK.topics,
        draft=2,
        feedback=(Finding(rule="output.promise", span="tomorrow", remedy="give no date"),),
    )
    await (await models.writer()).write(again)
    assert "give no date" in mock.calls()[0]["body"]["messages"][1]["content"]


@pytest.mark.parametrize("clean", [False, True])
async def test_cut_stream_is_tried_again(mock: Mock, models: Models, clean: bool) -> None:
    """A stream that breaks, or ends politely before its end, is asked for once more."""
    mock.script({"kind": "cut", "after_chunks": 3, "clean": clean})
    draft = await (await models.writer()).write(ASK)
    assert len(draft.sentences) == 3
    assert len(mock.calls()) == 2


async def test_cut_streams_end_as_model_down(mock: Mock, models: Models) -> None:
    """When every try is cut off, the model is down; no half draft comes back."""
    mock.script({"kind": "cut", "after_chunks": 3, "times": 3})
    with pytest.raises(ModelDown, match=r"gpt-4\.1-mini"):
        await (await models.writer(tries=3)).write(ASK)


@pytest.mark.parametrize("after_chunks", [0, 4])
async def test_silent_stream_is_given_up(mock: Mock, models: Models, after_chunks: int) -> None:
    """A stream that falls silent costs the silence, not the deadline, and the next try answers."""
    mock.script({"kind": "hang", "after_chunks": after_chunks})
    writer = await models.writer(silence_s=0.2, deadline_s=10)
    draft = await writer.write(ASK)
    assert len(draft.sentences) == 3
    assert draft.usage.latency_ms < 8000


async def test_dripping_stream_ends_at_the_deadline(mock: Mock, models: Models) -> None:
    """A stream that never falls silent but never ends either is stopped at the deadline."""
    mock.script({"kind": "slow", "delay_ms": 150})
    writer = await models.writer(silence_s=1.0, deadline_s=0.4)
    with pytest.raises(ModelDown, match=r"within 0\.4 s"):
        await writer.write(ASK)


async def test_malformed_event_is_tried_again(mock: Mock, models: Models) -> None:
    """A stream with broken JSON in an event is garbage from the vendor, worth another try."""
    mock.script({"kind": "malformed"})
    draft = await (await models.writer()).write(ASK)
    assert len(draft.sentences) == 3


async def test_empty_reply_is_refused(mock: Mock, models: Models) -> None:
    """A draft that says nothing is unusable, twice is a refusal."""
    empty = {"kind": "answer", "content": {"sentences": [{"text": "  ", "sources": []}]}, "times": 2}
    mock.script(empty)
    with pytest.raises(ModelRefused, match="says nothing"):
        await (await models.writer()).write(ASK)


async def test_truncated_reply_names_the_setting(mock: Mock, models: Models) -> None:
    """A reply that did not fit is refused at once, naming the limit: the same ask would not fit either."""
    mock.script({"kind": "truncated"})
    with pytest.raises(ModelRefused, match="800 tokens"):
        await (await models.writer()).write(ASK)
    assert len(mock.calls()) == 1


async def test_a_token_copied_carelessly_is_mended(mock: Mock, models: Models) -> None:
    """The customer would see it raw: the vault opens a token only as it is written in the facts."""
    token = "TOKEN_1b4e28ba-2fa1-41d2-883f-0016d3cca427"
    said = {"sentences": [{"text": f"Sent to {token.upper()}.", "sources": ["order:1001/email"]}]}
    mock.script({"kind": "answer", "content": said})
    ask = structs.replace(ASK, facts=(*ASK.facts, Fact(id="order:1001/email", value=token)))
    draft = await (await models.writer()).write(ask)
    assert [sentence.text for sentence in draft.sentences] == [f"Sent to {token}."]
