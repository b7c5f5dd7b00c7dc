"""Addresses, credentials, prices and settings."""

import logging
import re
from pathlib import Path

import pytest
from msgspec import structs

from mock_apis.openai import KEY
from shared.adapters.openai.access import ModelAccess, open_client
from shared.adapters.openai.embedder import OpenAIEmbedder
from shared.adapters.openai.prices import load_prices
from shared.adapters.openai.retrying import Patience
from shared.adapters.openai.wiring import open_embedder
from shared.contracts import ClassifyIntent
from shared.errors import ModelDown, ModelRefused, SettingsError
from tests.openai.conftest import IDS, Mock, Models, access_to

ASK = ClassifyIntent(**IDS, text="Where is my order 1001?")


@pytest.mark.parametrize(
    ("access", "url"),
    [
        (ModelAccess(url="https://api.openai.com", key="k"), "https://api.openai.com/v1/"),
        (ModelAccess(url="https://api.openai.com/v1/", key="k"), "https://api.openai.com/v1/"),
        (ModelAccess(url="https://x.openai.azure.com", key="k"), "https://x.openai.azure.com/openai/v1/"),
        (
            ModelAccess(url="https://x.openai.azure.com/", key="k", api_version="2024-10-21"),
            "https://x.openai.azure.com/openai/",
        ),
        (ModelAccess(url="http://models.internal:8000"), "http://models.internal:8000/v1/"),
    ],
)
async def test_addresses(access: ModelAccess, url: str) -> None:
    """Each kind of host gets the path its API lives at."""
    async with open_client(access) as client:
        assert str(client.base_url) == url
        assert client.max_retries == 0


@pytest.mark.parametrize(
    ("access", "named"),
    [
        (ModelAccess(url="openai.com", key="k"), "MODEL_URL 'openai.com'"),
        (ModelAccess(url="ftp://x", key="k"), "MODEL_URL"),
        (ModelAccess(url="https://api.openai.com/v1"), "MODEL_API_KEY"),
        (ModelAccess(url="https://x.openai.azure.com"), "MODEL_API_KEY"),
    ],
)
def test_wrong_access(access: ModelAccess, named: str) -> None:
    """A wrong address or a missing key is a setting error that names it."""
    with pytest.raises(SettingsError, match=named):
        open_client(access)


def test_key_is_not_shown() -> None:
    """The key stands in no representation, so in no log either."""
    assert "sk-secret" not in repr(ModelAccess(url="https://api.openai.com", key="sk-secret"))


async def test_azure_deployment_address(mock: Mock, models: Models) -> None:
    """Azure's older address names deployment in the path, version in the query, key as api-key."""
    await (await models.understanding("azure-deployment", model="chat")).classify(ASK)
    (call,) = mock.calls()
    assert call["path"] == "/openai/deployments/chat/chat/completions"
    assert call["query"] == {"api-version": "2024-10-21"}
    assert "api-key" in call["headers"]
    assert "authorization" not in call["headers"]


@pytest.mark.parametrize("way", ["azure-v1", "azure-deployment"])
async def test_identity_in_place_of_a_key(mock: Mock, way: str) -> None:
    """A token provider is asked for the token of each request."""
    asked: list[int] = []

    async def token() -> str:
        asked.append(1)
        return KEY

    found = access_to(mock, way)
    async with open_client(ModelAccess(url=found.url, api_version=found.api_version, token=token)) as client:
        await client.embeddings.create(model="embed", input="tent")
    assert mock.calls()[0]["headers"]["authorization"] == "***"
    assert asked


@pytest.mark.parametrize("way", ["openai", "azure-deployment"])
async def test_wrong_key(mock: Mock, way: str) -> None:
    """A key that is not accepted ends the call without another try, naming the setting."""
    found = access_to(mock, way)
    wrong = ModelAccess(url=found.url, key="sk-wrong", api_version=found.api_version)
    async with open_client(wrong) as client:
        embedder = OpenAIEmbedder(
            client, model="embed", dimensions=8, patience=Patience(deadline_s=5), silence_s=5
        )
        with pytest.raises(ModelDown, match=r"401.*MODEL_API_KEY"):
            await embedder.embed(["tent"])
    assert len(mock.calls()) == 1


async def test_real_models_are_out_of_reach() -> None:
    """The ban on real model calls holds: a call to the vendor fails before it connects."""
    access = ModelAccess(url="https://api.openai.com/v1", key="sk-nothing")
    async with open_client(access) as client:
        with pytest.raises(AssertionError, match=r"a test called api\.openai\.com"):
            await client.models.list()


async def test_cost_is_tokens_times_price(mock: Mock, models: Models) -> None:
    """Cost follows from the usage the vendor reports, cached input at its own price, by the dated name."""
    understanding = await models.understanding()
    first = (await understanding.classify(ASK)).usage
    second = (await understanding.classify(ASK)).usage
    assert first.cost_usd == pytest.approx((first.input_tokens * 0.40 + first.output_tokens * 1.60) / 1e6)
    # The second call finds the system prompt in the vendor's cache: the same tokens cost less.
    assert second.input_tokens == first.input_tokens
    saved = round((first.cost_usd - second.cost_usd) * 1e6 / (0.40 - 0.10), 3)
    assert saved >= 1024
    assert saved % 128 == 0
    assert (first.cached_tokens, second.cached_tokens) == (0, saved)


async def test_calls_of_one_prompt_share_a_cache_key(mock: Mock, models: Models) -> None:
    """The key names prompt and version, fits the API's 64 letters, and holds nothing of a conversation."""
    await (await models.understanding()).classify(ASK)
    await (await models.understanding()).classify(structs.replace(ASK, conversation_id="c-2", text="Hola"))
    first, second = (call["body"] for call in mock.calls())
    assert re.fullmatch(r"answerdesk\.intent\.v\d+", first["prompt_cache_key"])
    assert len(first["prompt_cache_key"]) <= 64
    for same in ("prompt_cache_key", "response_format"):
        assert first[same] == second[same]
    assert first["messages"][0] == second["messages"][0]


async def test_a_dated_api_is_sent_no_cache_key(mock: Mock, models: Models) -> None:
    """Azure's addresses by deployment refuse fields they do not know."""
    await (await models.understanding("azure-deployment", model="chat")).classify(ASK)
    assert "prompt_cache_key" not in mock.calls()[0]["body"]


async def test_an_error_says_what_its_tries_were_paid(mock: Mock, models: Models) -> None:
    """Two unusable answers end in an error that carries the tokens of both."""
    understanding = await models.understanding()
    once = (await understanding.classify(ASK)).usage
    mock.script({"kind": "malformed", "where": "content", "times": 2})
    with pytest.raises(ModelRefused) as failed:
        await understanding.classify(ASK)
    (usage,) = failed.value.usages
    assert (usage.input_tokens, usage.engine) == (2 * once.input_tokens, "openai")
    assert usage.cost_usd > 0


async def test_failed_tries_are_paid_too(mock: Mock, models: Models) -> None:
    """An unusable answer was paid for; its tokens count."""
    understanding = await models.understanding()
    once = (await understanding.classify(ASK)).usage
    mock.script({"kind": "malformed", "where": "content"})
    twice = (await understanding.classify(ASK)).usage
    assert twice.input_tokens == 2 * once.input_tokens


def test_unknown_model_costs_nothing_and_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """A model without a price counts as 0 and stands in the log once."""
    prices = load_prices()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert prices.cost(["house-model"], asked=1000, cached=0, answered=10) == 0.0
    (told,) = [r.getMessage() for r in caplog.records if "house-model" in r.getMessage()]
    assert told.startswith("no price for model house-model: its calls cost 0 USD, so that no budget sees")
    assert not prices.knows(["house-model"])


def test_variant_is_not_its_family() -> None:
    """A dated name has its family's price, another variant has not."""
    prices = load_prices()
    asked = {"asked": 1_000_000, "cached": 0, "answered": 0}
    assert prices.cost(["gpt-4o-2024-08-06"], **asked) == 2.5
    assert prices.cost(["gpt-4o-mini-2024-07-18"], **asked) == 0.15
    assert prices.cost(["gpt-4o-realtime"], **asked) == 0.0
    assert prices.cost(["my-deployment", "gpt-4o"], **asked) == 2.5


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[m]\ninput = 1.0\ncached = 1.0\n", r"\[m\].*output"),
        ("[m]\ninput = -1.0\ncached = 1.0\noutput = 1.0\n", r"\[m\].*negative"),
        ("[m\n", "price table"),
    ],
)
def test_wrong_price_table(tmp_path: Path, text: str, named: str) -> None:
    """A wrong price table is a setting error that names file and entry."""
    path = tmp_path / "prices.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=named):
        load_prices(path)


async def test_embedder_of_settings(mock: Mock) -> None:
    """The opened embedder names model and dimensions, as an index remembers them."""
    async with open_embedder(access_to(mock), model="text-embedding-3-small", dimensions=64) as embedder:
        assert embedder.name == "text-embedding-3-small-64"
        assert len((await embedder.embed(["tent"]))[0]) == 64


def test_mock_hides_credentials(mock: Mock) -> None:
    """The list of requests seen shows no key."""
    mock.http.post(
        "/v1/embeddings",
        headers={"authorization": f"Bearer {KEY}"},
        json={"model": "text-embedding-3-small", "input": "tent"},
    ).raise_for_status()
    assert KEY not in str(mock.calls())
