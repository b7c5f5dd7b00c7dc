"""How models are called, by setting: for all, for one agent, for a second deployment."""

import pytest

from conversation.asks import ASK_SECONDS
from mock_apis.openai import KEY
from shared.adapters.openai import tuning
from shared.adapters.openai.deployments import deployments
from shared.adapters.openai.tuning import read_tunings
from shared.adapters.openai.wiring import open_models
from shared.contracts import ClassifyIntent
from shared.errors import SettingsError
from shared.settings import read_settings
from tests.openai.conftest import IDS, PROMPTS, Mock

MODELS = {"model_intent": "gpt-6-luna", "model_response": "gpt-4o-mini", "model_critic": "gpt-4.1-mini"}


def test_one_agent_is_tuned_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable with the agent's name in it wins over the one for all."""
    monkeypatch.setenv("MODEL_TEMPERATURE", "0.2")
    monkeypatch.setenv("MODEL_MAX_TOKENS", "900")
    monkeypatch.setenv("MODEL_INTENT_MAX_TOKENS", "300")
    monkeypatch.setenv("MODEL_INTENT_REASONING_EFFORT", "low")
    monkeypatch.setenv("MODEL_CRITIC_TEMPERATURE", "0")
    monkeypatch.setenv("MODEL_RESPONSE_SECONDS", "5")
    tuned = read_tunings()
    intent, response, critic = (t.use("m") for t in (tuned.intent, tuned.response, tuned.critic))
    assert (intent.max_tokens, intent.reasoning_effort, intent.temperature) == (300, "low", 0.2)
    assert (response.max_tokens, response.reasoning_effort, response.patience.deadline_s) == (900, "", 5)
    assert (critic.temperature, critic.patience.deadline_s) == (0.0, 8.0)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("MODEL_SECONDS", "-3", "greater than 0"),
        ("MODEL_INTENT_TEMPERATURE", "7", "less than or equal to 2"),
        ("MODEL_CRITIC_REASONING_EFFORT", "much", "one of none, minimal, low"),
        ("MODEL_RESPONSE_MAX_TOKENS", "few", "valid integer"),
        ("MODEL_TOTAL_SECONDS", "15", "less than 15"),
        ("MODEL_TURN_TOKENS", "-1", "greater than or equal to 0"),
    ],
)
def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    """The variable, its value, and what it may be."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=rf"{name}='{value}'.*{says}"):
        read_tunings()


def test_models_answer_before_the_conversation_gives_up() -> None:
    """The longest that all engines may take together is bounded by how long a conversation waits."""
    assert tuning.ASK_SECONDS == ASK_SECONDS
    assert read_tunings().general.total_seconds < ASK_SECONDS


def test_two_deployments_share_the_time() -> None:
    """Each has half of it, so that the second still has its own when the first has used up its."""
    general = read_tunings().general
    assert general.patience(deployments=2).deadline_s == general.total_seconds / 2


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"model_response": "", "model_critic": ""}, "MODEL_RESPONSE, MODEL_CRITIC empty"),
        ({"model_fallback_api_key": "k"}, "MODEL_FALLBACK_URL is empty"),
    ],
)
def test_deployments_that_cannot_be(settings: dict[str, str], says: str) -> None:
    """What is missing is asked for by the names of its settings."""
    given = {"model_url": "http://127.0.0.1:9/v1", **MODELS} | settings
    with pytest.raises(SettingsError, match=says):
        deployments(read_settings(**given))


async def test_a_wrong_second_address_stops_the_start(mock: Mock) -> None:
    """The setting is named, although the first deployment is fine."""
    settings = read_settings(model_url=f"{mock.address}/v1", model_fallback_url="gopher://x", **MODELS)
    with pytest.raises(SettingsError, match=r"MODEL_FALLBACK_URL 'gopher://x'"):
        async with open_models(settings, prompts=PROMPTS):
            pass


def test_the_second_deployment_takes_what_it_is_not_told_from_the_first() -> None:
    """Names and key; the address and the version of its API are its own."""
    settings = read_settings(
        model_url="https://one.openai.azure.com",
        model_api_key="k1",
        model_api_version="2024-10-21",
        model_fallback_url="https://two.openai.azure.com",
        model_fallback_response="other",
        **MODELS,
    )
    first, second = deployments(settings)
    assert (first.name, second.name) == ("model", "model_fallback")
    assert (second.intent, second.response, second.critic) == ("gpt-6-luna", "other", "gpt-4.1-mini")
    assert (second.access.key, second.access.api_version) == ("k1", "")
    assert (first.takes_cache_key, second.takes_cache_key) == (False, True)


async def test_models_from_settings(mock: Mock) -> None:
    """The settings of a compatible server open engines that answer and can be pinged."""
    settings = read_settings(model_url=f"{mock.address}/v1", model_api_key=KEY, **MODELS)
    async with open_models(settings, prompts=PROMPTS) as models:
        (engine,) = models.engines
        await engine.ping()
        found = await engine.understanding.classify(ClassifyIntent(**IDS, text="Where is my order 1001?"))
        assert found.usage.model == "gpt-6-luna-2026-09-22"
        mock.script({"kind": "error", "status": 503, "only": "models"})
        with pytest.raises(Exception, match="503"):
            await engine.ping()


async def test_mock_in_process() -> None:
    """`mock://openai` needs no server, no key and no model names."""
    async with open_models(read_settings(model_url="mock://openai"), prompts=PROMPTS) as models:
        (engine,) = models.engines
        await engine.ping()
        found = await engine.understanding.classify(ClassifyIntent(**IDS, text="Where is my order 1001?"))
    assert found.entities[0].value == "1001"
