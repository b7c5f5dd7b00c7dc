"""Says of everything that can go wrong with a model call what it means to us.

Statuses and codes: developers.openai.com/api/docs/guides/error-codes and
learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter.
"""

import email.utils
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError

from shared.errors import DeskError, ModelDeclined, ModelDown, ModelRefused

_AGAIN = frozenset({408, 409, 429})
_REMEDIES = {
    401: "the key was not accepted: check MODEL_API_KEY (or MODEL_FALLBACK_API_KEY)",
    403: "the key may not use this model: check its rights and the network rules of the resource",
    404: "there is no such model or deployment: check MODEL_URL and the model's name in the settings",
}
_SHOWN = 200


class Filtered(ModelDeclined):
    """The vendor's content filter refused; `categories` are the ones that struck (`jailbreak`, `hate`)."""

    def __init__(self, detail: str, categories: frozenset[str] = frozenset()) -> None:
        super().__init__(detail)
        self.categories = categories


class Unusable(Exception):
    """The model's text is not what was asked for; worth one more try."""


class Cut(Exception):
    """The answer ended before its end."""


@dataclass(frozen=True)
class Failure:
    """What to raise; whether another try now may help, and how many seconds the vendor asked to wait."""

    error: DeskError
    again: bool
    after: float | None = None


KNOWN = (APIError, Unusable, Cut, json.JSONDecodeError, UnicodeDecodeError)


def failure_of(error: Exception, model: str) -> Failure:
    """The meaning of one of the `KNOWN` errors."""
    if isinstance(error, APIStatusError):
        return _status(error, model)
    if isinstance(error, APIError) and error.code == "content_filter":
        return Failure(_filtered(error.body, model), again=False)
    if isinstance(error, Unusable):
        return Failure(ModelRefused(f"{model} answered something unusable: {error}"), again=True)
    return Failure(ModelDown(f"{model}: {_trouble(error)}"), again=True)


def _trouble(error: Exception) -> str:
    if isinstance(error, Cut):
        return f"the answer was cut off: {error}"
    if isinstance(error, APITimeoutError):
        return "it stayed silent too long"
    if isinstance(error, APIConnectionError):
        return f"the connection failed ({type(error.__cause__).__name__})"
    return f"it sent garbage ({type(error).__name__})"


def _status(error: APIStatusError, model: str) -> Failure:
    status = error.status_code
    if error.code == "content_filter":
        return Failure(_filtered(error.body, model), again=False)
    if status == 429 and error.code == "insufficient_quota":
        return Failure(ModelDown(f"{model}: the quota is used up: raise it at the vendor"), again=False)
    if status in _AGAIN or status >= 500:
        again = error.response.headers.get("x-should-retry") != "false"
        after = retry_after(error.response.headers)
        return Failure(ModelDown(f"{model} answered {status}"), again=again, after=after)
    if told := _REMEDIES.get(status):
        # It would refuse any text: the deployment is out of order, not this ask.
        return Failure(ModelDown(f"{model} answered {status}: {told}"), again=False)
    return Failure(ModelRefused(f"{model} answered {status}: {error.message[:_SHOWN]}"), again=False)


def _filtered(body: object, model: str) -> Filtered:
    inner = body.get("innererror") if isinstance(body, dict) else None
    results = inner.get("content_filter_result") if isinstance(inner, dict) else None
    return Filtered(f"{model}: the content filter refused the prompt", struck(results))


def struck(results: Any) -> frozenset[str]:
    """The categories that a block of Azure's content filter results names as filtered."""
    if not isinstance(results, dict):
        return frozenset()
    return frozenset(n for n, told in results.items() if isinstance(told, dict) and told.get("filtered"))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the vendor asks to wait, from `retry-after-ms` or `retry-after` (seconds or a date)."""
    for name, per_second in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) / per_second)
        except (KeyError, ValueError):
            continue  # the next form
    dated = email.utils.parsedate_tz(headers.get("retry-after", ""))
    return max(0.0, email.utils.mktime_tz(dated) - time.time()) if dated else None
