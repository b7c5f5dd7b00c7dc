"""How this engine calls its models, read from `MODEL_*` variables when it is opened."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.adapters.openai.client import ModelUse
from shared.adapters.openai.retrying import Patience
from shared.errors import SettingsError


class Tuning(BaseSettings):
    """`MODEL_SECONDS` bounds a call with all its tries, `MODEL_SILENCE_SECONDS` one try that brings nothing.

    `MODEL_TEMPERATURE` unset sends none: reasoning models refuse it unless `MODEL_REASONING_EFFORT` is none.
    `MODEL_PRICES` is a price table in place of the one that comes along.
    """

    model_config = SettingsConfigDict(env_prefix="MODEL_", extra="ignore", frozen=True)

    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    reasoning_effort: str = ""
    max_tokens: Annotated[int, Field(ge=16)] = 1500
    limit_field: Literal["max_completion_tokens", "max_tokens"] = "max_completion_tokens"
    seconds: Annotated[float, Field(gt=0)] = 8.0
    silence_seconds: Annotated[float, Field(gt=0)] = 6.0
    tries: Annotated[int, Field(ge=1)] = 4
    prices: Path | None = None

    def patience(self) -> Patience:
        """Deadline and tries of a call."""
        return Patience(deadline_s=self.seconds, tries=self.tries)

    def use(self, model: str) -> ModelUse:
        """This model, called as these settings say."""
        return ModelUse(
            model=model,
            max_tokens=self.max_tokens,
            patience=self.patience(),
            silence_s=self.silence_seconds,
            temperature=self.temperature,
            reasoning_effort=self.reasoning_effort,
            limit_field=self.limit_field,
        )


def read_tuning() -> Tuning:
    """The tuning of the environment; SettingsError names the variable, its value and what it may be."""
    try:
        return Tuning()
    except ValidationError as error:
        told = [f"MODEL_{str(w['loc'][0]).upper()}={w['input']!r}: {w['msg']}" for w in error.errors()]
        raise SettingsError("; ".join(told)) from error
