"""How this engine calls its models, read from `MODEL_*` variables when it is opened.

`MODEL_INTENT_<NAME>`, `MODEL_RESPONSE_<NAME>` and `MODEL_CRITIC_<NAME>` decide for one agent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeVar, get_args

from openai.types.shared import ReasoningEffort
from pydantic import AfterValidator, Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.adapters.openai.budget import Budget
from shared.adapters.openai.client import ModelUse
from shared.adapters.openai.retrying import Patience
from shared.errors import SettingsError

_Read = TypeVar("_Read", bound=BaseSettings)
ASK_SECONDS = 15.0
"""How long a conversation waits for an agent (`conversation.steps`; a test compares)."""


def _known_effort(value: str) -> str:
    known = get_args(get_args(ReasoningEffort)[0])  # the SDK knows what the API takes
    if value and value not in known:
        raise ValueError(f"must be empty or one of {', '.join(known)}")
    return value


Effort = Annotated[str, AfterValidator(_known_effort)]
Temperature = Annotated[float, Field(ge=0, le=2)]
Tokens = Annotated[int, Field(ge=16)]
Seconds = Annotated[float, Field(gt=0)]
Tries = Annotated[int, Field(ge=1, le=10)]
Limit = Annotated[int, Field(ge=0)]


class AgentTuning(BaseSettings):
    """What one agent does otherwise than the rest; None is as the rest."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    temperature: Temperature | None = None
    reasoning_effort: Effort | None = None
    max_tokens: Tokens | None = None
    seconds: Seconds | None = None
    silence_seconds: Seconds | None = None
    tries: Tries | None = None


class Tuning(BaseSettings):
    """`MODEL_SECONDS` bounds a call with all its tries, `MODEL_SILENCE_SECONDS` one try that brings nothing.

    `MODEL_TOTAL_SECONDS` bounds an answer over all deployments. `MODEL_TEMPERATURE` unset sends none:
    reasoning models refuse it unless `MODEL_REASONING_EFFORT` is none. `MODEL_PRICES` is a price table in
    place of the one that comes along. Token limits of 0 are none.
    """

    model_config = SettingsConfigDict(env_prefix="MODEL_", extra="ignore", frozen=True)

    temperature: Temperature | None = None
    reasoning_effort: Effort = ""
    max_tokens: Tokens = 1500
    limit_field: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"
    seconds: Seconds = 8.0
    silence_seconds: Seconds = 6.0
    tries: Tries = 4
    total_seconds: Annotated[float, Field(gt=0, lt=ASK_SECONDS)] = 12.0
    breaker_failures: Annotated[int, Field(ge=1)] = 3
    breaker_seconds: Seconds = 30.0
    turn_tokens: Limit = 40_000
    conversation_tokens: Limit = 400_000
    history_tokens: Annotated[int, Field(ge=300)] = 1500
    prompt_cache_key: bool = True
    prices: Path | None = None

    def budget(self) -> Budget:
        """The most that may be spent."""
        return Budget(
            turn=self.turn_tokens, conversation=self.conversation_tokens, history=self.history_tokens
        )

    def patience(self, *, deployments: int = 1) -> Patience:
        """Deadline and tries of a call; several deployments share the time there is in all."""
        deadline = min(self.seconds, self.total_seconds / deployments)
        return Patience(deadline_s=deadline, tries=self.tries)

    def use(self, model: str, *, deployments: int = 1, cache_key: bool = True) -> ModelUse:
        """This model, called as these settings say."""
        return ModelUse(
            model=model,
            max_tokens=self.max_tokens,
            patience=self.patience(deployments=deployments),
            silence_s=self.silence_seconds,
            temperature=self.temperature,
            reasoning_effort=self.reasoning_effort,
            limit_field=self.limit_field,
            cache_key=self.prompt_cache_key and cache_key,
        )


@dataclass(frozen=True, kw_only=True)
class Tunings:
    """The tuning of each agent, and the one for what belongs to none."""

    general: Tuning
    intent: Tuning
    response: Tuning
    critic: Tuning


def read_tunings() -> Tunings:
    """The tuning of the environment; SettingsError names each wrong variable, its value and the remedy."""
    general = _read(Tuning, "MODEL_")

    def of(agent: str) -> Tuning:
        own = _read(AgentTuning, f"MODEL_{agent}_")
        return general.model_copy(update=own.model_dump(exclude_none=True))

    return Tunings(general=general, intent=of("INTENT"), response=of("RESPONSE"), critic=of("CRITIC"))


def _read(kind: Callable[..., _Read], prefix: str) -> _Read:
    try:
        return kind(_env_prefix=prefix)
    except ValidationError as error:
        told = [f"{prefix}{str(w['loc'][0]).upper()}={w['input']!r}: {w['msg']}" for w in error.errors()]
        raise SettingsError("; ".join(told)) from error
