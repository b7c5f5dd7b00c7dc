"""What vendor trouble becomes, seen through one call."""

import time
from typing import Any

import pytest

from shared.adapters.openai.client import ChatModel
from shared.adapters.openai.failures import Filtered, retry_after
from shared.adapters.openai.forms import Form, Shape
from shared.adapters.openai.prompts import Part, Rendered
from shared.adapters.openai.retrying import Patience
from shared.errors import ModelDown, ModelRefused
from tests.openai.conftest import Mock, Models


class Word(Shape, frozen=True, kw_only=True):
    """One word."""

    word: str


PROMPT = Rendered("answerdesk.word.v1", (Part("system", "Say a word."), Part("user", "Now.")))
GOOD = {"kind": "answer", "content": {"word": "tent"}}


async def say(model: ChatModel, *, stream: bool = False) -> str:
    said, _ = await model.answer(PROMPT, Form("word", Word), lambda read: read.word, stream=stream)
    return said


@pytest.mark.parametrize("stream", [False, True])
async def test_429_is_waited_out(mock: Mock, models: Models, stream: bool) -> None:
    """After a 429 the call waits as long as the vendor asks, then answers."""
    mock.script({"kind": "error", "status": 429, "retry_after": 3.5}, GOOD)
    assert await say(await models.open(), stream=stream) == "tent"
    assert mock.waits == [3.5]


@pytest.mark.parametrize("form", ["seconds", "ms", "date"])
async def test_every_form_of_retry_after_is_kept(mock: Mock, models: Models, form: str) -> None:
    """Seconds, the header in milliseconds that Azure sends, and a date."""
    mock.script({"kind": "error", "status": 429, "retry_after": 4, "retry_form": form}, GOOD)
    assert await say(await models.open()) == "tent"
    (waited,) = mock.waits
    assert 2 < waited <= 4


async def test_429_beyond_the_deadline_fails_at_once(mock: Mock, models: Models) -> None:
    """A Retry-After longer than the time left is not waited for."""
    mock.script({"kind": "error", "status": 429, "retry_after": 30})
    began = time.perf_counter()
    with pytest.raises(ModelDown, match=r"429.*30\.0 s would be too late"):
        await say(await models.open(deadline_s=5))
    assert time.perf_counter() - began < 15
    assert mock.waits == []
    assert len(mock.calls()) == 1


async def test_used_up_quota_is_not_tried_again(mock: Mock, models: Models) -> None:
    """The 429 that waiting does not mend fails at once, saying what does."""
    mock.script({"kind": "error", "status": 429, "code": "insufficient_quota"})
    with pytest.raises(ModelDown, match="quota"):
        await say(await models.open())
    assert len(mock.calls()) == 1


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_server_errors_are_tried_with_growing_waits(mock: Mock, models: Models, status: int) -> None:
    """5xx is tried again with waits that grow, then the model is down."""
    mock.script({"kind": "error", "status": status, "times": 4})
    with pytest.raises(ModelDown, match=str(status)):
        await say(await models.open(tries=4))
    assert len(mock.calls()) == 4
    first, second, third = mock.waits
    assert 0.25 <= first <= 0.5 <= second <= 1.0 <= third <= 2.0


async def test_500_then_answer(mock: Mock, models: Models) -> None:
    """One bad answer does not cost the customer theirs."""
    mock.script({"kind": "error", "status": 500}, GOOD)
    assert await say(await models.open()) == "tent"


async def test_silence_is_a_failure(mock: Mock, models: Models) -> None:
    """A server that takes the request and says nothing is given up after the silence."""
    mock.script({"kind": "hang"}, {"kind": "hang"})
    with pytest.raises(ModelDown, match="silent"):
        await say(await models.open(silence_s=0.2, tries=2))


async def test_deadline_holds_over_all_tries(mock: Mock, models: Models) -> None:
    """All tries together end at the deadline, whatever each may take; the error tells the earlier trouble."""
    mock.script({"kind": "error", "status": 500}, {"kind": "hang"})
    with pytest.raises(ModelDown, match=r"within 1 s; before that: .*500"):
        await say(await models.open(deadline_s=1, silence_s=5))


@pytest.mark.parametrize("kind", ["cut", "malformed"])
async def test_broken_body_is_tried_again(mock: Mock, models: Models, kind: str) -> None:
    """An answer that breaks off, or is no JSON, is the vendor's trouble and asked for again."""
    mock.script({"kind": kind}, GOOD)
    assert await say(await models.open()) == "tent"
    assert len(mock.calls()) == 2


async def test_malformed_content_once_then_refused(mock: Mock, models: Models) -> None:
    """Content that is no JSON gets one more try, then counts as refused, and is not quoted in the error."""
    mock.script({"kind": "malformed", "where": "content"}, GOOD)
    assert await say(await models.open()) == "tent"
    mock.script({"kind": "malformed", "where": "content", "times": 2})
    with pytest.raises(ModelRefused, match="unusable") as refused:
        await say(await models.open())
    assert "ORDER_" not in str(refused.value)


async def test_nobody_listening(models: Models, mock: Mock) -> None:
    """A refused connection is a model that is down."""
    mock.address = "http://127.0.0.1:1"
    with pytest.raises(ModelDown, match="connection failed"):
        await say(await models.open(tries=2))


@pytest.mark.parametrize("stream", [False, True])
async def test_no_choices_is_no_answer(mock: Mock, models: Models, stream: bool) -> None:
    """An answer without choices is tried again, then the model is down."""
    mock.script({"kind": "empty"}, GOOD)
    assert await say(await models.open(), stream=stream) == "tent"
    mock.script({"kind": "empty", "times": 2})
    with pytest.raises(ModelDown, match="cut off"):
        await say(await models.open(tries=2), stream=stream)


@pytest.mark.parametrize("stream", [False, True])
async def test_slow_first_token(mock: Mock, models: Models, stream: bool) -> None:
    """A model that thinks before its first token is waited for as long as silence may last, not longer."""
    mock.script({"kind": "late", "delay_ms": 100})
    await say(await models.open(silence_s=5), stream=stream)
    assert len(mock.calls()) == 1
    mock.script({"kind": "late", "delay_ms": 2000})
    with pytest.raises(ModelDown, match="silent"):
        await say(await models.open(silence_s=0.2, tries=1), stream=stream)


@pytest.mark.parametrize("stream", [False, True])
async def test_refusal(mock: Mock, models: Models, stream: bool) -> None:
    """A model that declines is refused without another try."""
    mock.script({"kind": "refusal"})
    with pytest.raises(ModelRefused, match="declined to answer"):
        await say(await models.open(), stream=stream)
    assert len(mock.calls()) == 1


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("way", ["openai", "azure-deployment"])
async def test_filtered_answer(mock: Mock, models: Models, way: str, stream: bool) -> None:
    """`finish_reason: content_filter` is a refusal; Azure says which category struck."""
    mock.script({"kind": "content_filter", "where": "output", "category": "hate"})
    with pytest.raises(Filtered) as refused:
        await say(await models.open(way), stream=stream)
    assert refused.value.categories == (frozenset({"hate"}) if way.startswith("azure") else frozenset())


@pytest.mark.parametrize("stream", [False, True])
async def test_filtered_prompt_at_azure(mock: Mock, models: Models, stream: bool) -> None:
    """Azure's 400 with an innererror is a refusal that names the category."""
    mock.script({"kind": "content_filter", "category": "jailbreak"})
    with pytest.raises(Filtered) as refused:
        await say(await models.open("azure-deployment"), stream=stream)
    assert refused.value.categories == {"jailbreak"}
    assert len(mock.calls()) == 1


@pytest.mark.parametrize("way", ["openai", "azure-v1", "azure-deployment"])
async def test_unknown_model(mock: Mock, models: Models, way: str) -> None:
    """A model or deployment that is not there is refused, naming the setting to check."""
    with pytest.raises(ModelDown, match=r"404.*check MODEL_URL"):
        await say(await models.open(way, model="nothing-like-it"))
    assert len(mock.calls()) == 1


async def test_options_a_model_does_not_take(models: Models) -> None:
    """The vendor's words about a wrong option reach the operator."""
    with pytest.raises(ModelRefused, match="temperature"):
        await say(await models.open(model="gpt-6-luna", temperature=0.0))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "2"}, 2.0),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_forms(headers: dict[str, str], seconds: float | None) -> None:
    """Milliseconds win over seconds; what cannot be read asks for nothing."""
    assert retry_after(headers) == seconds


def test_retry_after_date() -> None:
    """A date in the past asks for no wait; one ahead for the time until then."""
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0.0
    ahead = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(time.time() + 60))
    found = retry_after({"retry-after": ahead})
    assert found is not None
    assert 55 < found <= 60


def test_waits_grow_to_their_limit() -> None:
    """Waits double, are drawn from their upper half, and stop growing."""
    patience = Patience(deadline_s=60, first_wait_s=1, longest_wait_s=8)
    ranges: list[tuple[int, float]] = [(1, 1), (2, 2), (3, 4), (4, 8), (9, 8)]
    for failed, longest in ranges:
        drawn: Any = [patience.wait(failed) for _ in range(50)]
        assert longest / 2 <= min(drawn) < max(drawn) <= longest
