"""Refuses the chat and embedding requests that the real API refuses, in its words."""

import re
from typing import Any

from starlette.responses import Response

from mock_apis.openai_schema import complaint
from mock_apis.openai_wire import error

Doc = dict[str, Any]
_REASONING = re.compile(r"(gpt-[5-9]|o\d)")
_MOST_INPUTS = 2048
_LONGEST_KEY = 64
_ROLES = ("system", "developer", "user", "assistant")
_KINDS: dict[str, tuple[tuple[type, ...], str]] = {
    "response_format": ((dict,), "an object"),
    "stream_options": ((dict,), "an object"),
    "stream": ((bool,), "a boolean"),
    "max_tokens": ((int,), "an integer"),
    "max_completion_tokens": ((int,), "an integer"),
    "n": ((int,), "an integer"),
    "temperature": ((int, float), "a decimal"),
}
"""Fields of a chat request by the kind that they must be of; null is as if they were not there."""


def chat_refused(wish: Doc, *, dated: bool = False) -> Response | None:
    """Why this chat request is a 400, or None; a `dated` API knows fewer fields."""
    return (
        _of_another_kind(wish)
        or _bad_messages(wish.get("messages"))
        or _no_stream(wish)
        or _bad_cache_key(wish, dated=dated)
        or _unfit_for_reasoning(wish)
        or _bad_format(wish)
    )


def _bad_messages(messages: Any) -> Response | None:
    if not isinstance(messages, list) or not messages:
        return error(400, "Missing required parameter: 'messages'.", param="messages")
    for n, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in _ROLES:
            return error(400, f"Invalid value for 'messages[{n}].role'.", param=f"messages[{n}].role")
        if not isinstance(message.get("content"), str | list):
            return error(400, f"Invalid type for 'messages[{n}].content'.", param=f"messages[{n}].content")
    return None


def _no_stream(wish: Doc) -> Response | None:
    if wish.get("stream_options") is None or wish.get("stream"):
        return None
    told = "The 'stream_options' parameter is only allowed when 'stream' is enabled."
    return error(400, told, param="stream_options")


def _of_another_kind(wish: Doc) -> Response | None:
    if wish["model"].startswith("text-embedding-"):
        return error(404, f"{wish['model']} is not a chat model; ask /v1/embeddings with it.", param="model")
    for name, (kinds, expected) in _KINDS.items():
        value = wish.get(name)
        if value is None:
            continue
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            got = type(value).__name__
            told = f"Invalid type for '{name}': expected {expected}, but got {got} instead."
            return error(400, told, param=name, code="invalid_type")
        if kinds == (int,) and wish[name] < 1:
            told = f"Invalid '{name}': integer below minimum value. Expected a value >= 1, but got {value}."
            return error(400, told, param=name, code="integer_below_min_value")
    return None


def _bad_cache_key(wish: Doc, *, dated: bool) -> Response | None:
    if "prompt_cache_key" not in wish:
        return None
    if dated:
        return error(400, "Unrecognized request argument supplied: prompt_cache_key")
    if not isinstance(wish["prompt_cache_key"], str) or len(wish["prompt_cache_key"]) > _LONGEST_KEY:
        told = f"Invalid 'prompt_cache_key': string too long. Expected maximum length {_LONGEST_KEY}."
        return error(400, told, param="prompt_cache_key", code="string_above_max_length")
    return None


def _unfit_for_reasoning(wish: Doc) -> Response | None:
    """Reasoning models take `max_completion_tokens`, and a temperature only when they do not reason."""
    if not _REASONING.match(wish["model"]):
        return None
    if wish.get("max_tokens") is not None:
        told = "Unsupported parameter: 'max_tokens' is not supported: use 'max_completion_tokens'."
        return error(400, told, param="max_tokens", code="unsupported_parameter")
    if wish.get("temperature") not in {None, 1} and wish.get("reasoning_effort") != "none":
        told = "Unsupported value: 'temperature' does not support this value with this model."
        return error(400, told, param="temperature", code="unsupported_value")
    return None


def _bad_format(wish: Doc) -> Response | None:
    form = wish.get("response_format") or {"type": "text"}
    if form.get("type") not in {"text", "json_object", "json_schema"}:
        return error(400, "Invalid value for 'response_format.type'.", param="response_format.type")
    if form["type"] == "json_object" and "json" not in str(wish["messages"]).lower():
        told = "'messages' must contain the word 'json' to use 'response_format' of type 'json_object'."
        return error(400, told, param="messages")
    if form["type"] != "json_schema":
        return None
    sent = form.get("json_schema") or {}
    name = sent.get("name") if isinstance(sent, dict) else None
    if not isinstance(name, str) or not re.fullmatch(r"[\w-]{1,64}", name):
        return error(
            400, "Invalid 'response_format.json_schema.name'.", param="response_format.json_schema.name"
        )
    told = complaint(name, sent.get("schema")) if sent.get("strict") else ""
    return error(400, told, param="response_format") if told else None


def embeddings_refused(wish: Doc, model: str) -> Response | None:
    """Why this embeddings request is a 400, or None."""
    texts = [wish.get("input")] if isinstance(wish.get("input"), str) else wish.get("input")
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) and text for text in texts):
        return error(400, "'$.input' is invalid. Please check the API reference.", param="input")
    if len(texts) > _MOST_INPUTS:
        return error(400, f"'$.input' is invalid: at most {_MOST_INPUTS} inputs.", param="input")
    if not model.startswith("text-embedding-"):
        return error(403, f"You are not allowed to generate embeddings from {model}.")
    return _bad_dimensions(wish.get("dimensions"), model)


def _bad_dimensions(asked: Any, model: str) -> Response | None:
    if asked is None:
        return None
    if model.endswith("ada-002"):
        return error(400, "This model does not support specifying dimensions.", param="dimensions")
    most = 3072 if model.endswith("large") else 1536
    if isinstance(asked, int) and not isinstance(asked, bool) and 1 <= asked <= most:
        return None
    told = f"Invalid value for 'dimensions' = {asked}. Must be between 1 and {most}."
    return error(400, told, param="dimensions")
