"""Builds the bodies, chunks, headers and errors of OpenAI and of Azure OpenAI as they travel.

Wire format: developers.openai.com/api/reference (chat, embeddings, models), developers.openai.com/api/docs/
guides/error-codes, and learn.microsoft.com/azure/ai-foundry/openai (reference, concepts/content-filter).
"""

import email.utils
import json
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any

from starlette.responses import JSONResponse, Response

Doc = dict[str, Any]
CATEGORIES = ("hate", "self_harm", "sexual", "violence")
DETECTED = ("jailbreak", "profanity", "indirect_attack")
RETRY_FORMS = ("both", "seconds", "ms", "date")
_PIECE = re.compile(r"\w{1,4}|[^\w\s]")


@dataclass(frozen=True)
class Door:
    """Through which API a request came: OpenAI's, or Azure's with the deployment it names."""

    azure: bool
    deployment: str = ""


def tokens(text: str) -> int:
    """About as many tokens as the real tokenizer counts: four letters each."""
    return len(_PIECE.findall(text))


def prompt_tokens(messages: list[Doc]) -> int:
    """Tokens of a prompt, with the three that each message costs besides its text."""
    texts = [m["content"] if isinstance(m["content"], str) else json.dumps(m["content"]) for m in messages]
    return 3 + sum(3 + tokens(text) for text in texts)


def usage(asked: int, answered: int, cached: int = 0) -> Doc:
    """The usage block of a chat answer."""
    return {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
        "prompt_tokens_details": {"cached_tokens": cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }  # fmt: skip


def verdicts(filtered: str = "", *, prompt: bool = False) -> Doc:
    """Azure's content filter results with one category filtered, or none."""
    found: Doc = {
        name: {"filtered": name == filtered, "severity": "high" if name == filtered else "safe"}
        for name in CATEGORIES
    }
    if prompt or filtered in DETECTED:
        hit = filtered if filtered in DETECTED else "jailbreak"
        found[hit] = {"filtered": hit == filtered, "detected": hit == filtered}
    return found


@dataclass(frozen=True)
class Said:
    """What the model says: text, or a refusal, and why it stopped."""

    text: str
    refusal: str | None = None
    finish: str = "stop"
    category: str = ""


def completion(door: Door, model: str, said: Said, used: Doc) -> Doc:
    """The whole answer of a chat request."""
    choice: Doc = {
        "index": 0,
        "message": {
            "role": "assistant",
            "content": None if said.refusal is not None else said.text,
            "refusal": said.refusal,
            "annotations": [],
        },
        "logprobs": None,
        "finish_reason": said.finish,
    }
    if door.azure:
        choice["content_filter_results"] = verdicts(said.category)
    return _head("chat.completion", door, model) | {"choices": [choice], "usage": used}


def chunks(door: Door, model: str, said: Said, used: Doc, *, include_usage: bool) -> list[bytes]:
    """The same answer as server-sent events, `[DONE]` last."""
    head = _head("chat.completion.chunk", door, model)
    head.pop("prompt_filter_results", None)
    extra: Doc = {"usage": None} if include_usage else {}

    def event(delta: Doc, finish: str | None = None) -> Doc:
        choice: Doc = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        if door.azure:
            choice["content_filter_results"] = verdicts(said.category) if finish else {}
        return head | {"choices": [choice]} | extra

    told: list[Doc] = []
    if door.azure:
        first = {
            "choices": [],
            "prompt_filter_results": _prompt_verdicts(),
            "id": "",
            "model": "",
            "created": 0,
        }
        told.append(head | first | extra)
    told.append(event({"role": "assistant", "content": "", "refusal": None}))
    name, text = ("content", said.text) if said.refusal is None else ("refusal", said.refusal)
    told.extend(event({name: part}) for part in re.findall(r".{1,24}", text, re.DOTALL))
    told.append(event({}, said.finish))
    if include_usage:
        told.append(head | {"choices": [], "usage": used})
    return [*(b"data: %s\n\n" % json.dumps(doc).encode() for doc in told), b"data: [DONE]\n\n"]


def _head(kind: str, door: Door, model: str) -> Doc:
    head: Doc = {
        "id": f"chatcmpl-{secrets.token_hex(12)}",
        "object": kind,
        "created": int(time.time()),
        "model": model,
        "service_tier": "default",
        "system_fingerprint": "fp_mock",
    }
    return head | ({"prompt_filter_results": _prompt_verdicts()} if door.azure else {})


def _prompt_verdicts() -> list[Doc]:
    return [{"prompt_index": 0, "content_filter_results": verdicts(prompt=True)}]


def error(status: int, message: str, *, code: str | None = None, param: str | None = None) -> Response:
    """An error in OpenAI's shape; its type follows from the status."""
    kinds = {401: "invalid_request_error", 429: "requests", 500: "server_error", 503: "server_error"}
    kind = (
        "insufficient_quota" if code == "insufficient_quota" else kinds.get(status, "invalid_request_error")
    )
    body = {"message": message, "type": kind, "param": param, "code": code}
    return JSONResponse({"error": body}, status_code=status)


def azure_error(status: int, message: str, code: str) -> Response:
    """An error in the shape of Azure's gateway."""
    return JSONResponse({"error": {"code": code, "message": message}}, status_code=status)


def bad_key(door: Door) -> Response:
    """401, as each host words it."""
    if door.azure:
        told = "Access denied due to invalid subscription key or wrong API endpoint."
        return azure_error(401, told, "401")
    return error(401, "Incorrect API key provided: sk-****.", code="invalid_api_key")


def no_model(door: Door, name: str) -> Response:
    """404, as each host words it."""
    if door.azure:
        return azure_error(404, "The API deployment for this resource does not exist.", "DeploymentNotFound")
    told = f"The model `{name}` does not exist or you do not have access to it."
    return error(404, told, code="model_not_found")


def retry_headers(seconds: float, form: str) -> dict[str, str]:
    """How long to wait, as `form` says it."""
    found = {
        "seconds": {"Retry-After": f"{seconds:g}"},
        "ms": {"retry-after-ms": f"{seconds * 1000:.0f}"},
        "date": {"Retry-After": email.utils.formatdate(time.time() + seconds, usegmt=True)},
    }
    return found["seconds"] | found["ms"] if form == "both" else found[form]


def limited(door: Door, retry_after: float | None, code: str, *, form: str = "both") -> Response:
    """429; `insufficient_quota` is the one that waiting does not mend."""
    if code == "insufficient_quota":
        told = "You exceeded your current quota, please check your plan and billing details."
        answer = error(429, told, code=code)
    elif door.azure:
        answer = azure_error(429, "Requests have exceeded the call rate limit of your current tier.", "429")
    else:
        answer = error(429, "Rate limit reached for requests per min (RPM).", code="rate_limit_exceeded")
    if retry_after is not None:
        answer.headers.update(retry_headers(retry_after, form))
    answer.headers["x-ratelimit-remaining-requests"] = "0"
    return answer


def filtered_prompt(category: str) -> Response:
    """Azure's 400 for a prompt its content filter refuses."""
    told = (
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy."
        " Please modify your prompt and retry."
    )
    inner = {"code": "ResponsibleAIPolicyViolation", "content_filter_result": verdicts(category, prompt=True)}
    body = {
        "message": told, "type": None, "param": "prompt", "code": "content_filter", "status": 400,
        "innererror": inner,
    }  # fmt: skip
    return JSONResponse({"error": body}, status_code=400)


def dress(answer: Response, door: Door, *, limit: int, left: int) -> None:
    """The headers that stand on every answer."""
    answer.headers.setdefault("x-ratelimit-limit-requests", str(limit))
    answer.headers.setdefault("x-ratelimit-remaining-requests", str(left))
    answer.headers.setdefault("x-ratelimit-reset-requests", "1s")
    answer.headers["x-request-id"] = f"req_{secrets.token_hex(12)}"
    answer.headers["apim-request-id" if door.azure else "openai-processing-ms"] = (
        secrets.token_hex(8) if door.azure else "1"
    )
