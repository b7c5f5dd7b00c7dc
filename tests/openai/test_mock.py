"""The mock itself: what it refuses, how it streams, what it lets be scripted."""

import json
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from mock_apis.openai import KEY, create_app
from mock_apis.openai_schema import complaint, mismatch, smallest
from tests.openai.conftest import Mock

MESSAGES = [{"role": "user", "content": "Say something."}]
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "n": {"type": "integer"},
        "who": {"enum": ["a", "b"]},
        "list": {"type": "array", "items": {}},
    },
    "required": ["n", "who", "list"],
    "additionalProperties": False,
}


def post(mock: Mock, path: str = "/v1/chat/completions", *, key: str = KEY, **body: Any) -> httpx.Response:
    asked = {"model": "gpt-4o-mini", "messages": MESSAGES} | body
    return mock.http.post(f"{path}", headers={"authorization": f"Bearer {key}"}, json=asked)


def strict(schema: Any) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "thing", "strict": True, "schema": schema}}


def test_plain_answer(mock: Mock) -> None:
    """An answer has the dated model, a choice, a usage that adds up and the rate limit headers."""
    answer = post(mock)
    body = answer.json()
    assert body["object"] == "chat.completion"
    assert body["model"] == "gpt-4o-mini-2024-07-18"
    assert body["choices"][0]["finish_reason"] == "stop"
    assert (
        body["usage"]["total_tokens"] == body["usage"]["prompt_tokens"] + body["usage"]["completion_tokens"]
    )
    assert int(answer.headers["x-ratelimit-remaining-requests"]) < 10_000


def test_stream_ends_with_usage(mock: Mock) -> None:
    """A stream has a role first, text after, a finish, the usage without choices, and [DONE]."""
    answer = post(mock, stream=True, stream_options={"include_usage": True})
    events = [line.removeprefix("data: ") for line in answer.text.split("\n\n") if line]
    assert events[-1] == "[DONE]"
    chunks = [json.loads(event) for event in events[:-1]]
    assert chunks[0]["choices"][0]["delta"]["role"] == "assistant"
    assert chunks[-2]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["completion_tokens"] > 0
    text = "".join(c["choices"][0]["delta"].get("content") or "" for c in chunks[:-1])
    assert text == post(mock).json()["choices"][0]["message"]["content"]


@pytest.mark.parametrize(
    ("changes", "status", "told"),
    [
        ({"key": "sk-no"}, 401, "invalid_api_key"),
        ({"model": "gpt-99"}, 404, "model_not_found"),
        ({"messages": []}, 400, "messages"),
        ({"messages": [{"role": "king", "content": "x"}]}, 400, "role"),
        ({"stream_options": {"include_usage": True}}, 400, "stream_options"),
        ({"response_format": {"type": "xml"}}, 400, "response_format"),
        ({"response_format": {"type": "json_object"}}, 400, "json"),
        ({"response_format": strict(SCHEMA | {"additionalProperties": True})}, 400, "additionalProperties"),
        ({"response_format": strict(SCHEMA | {"required": ["n"]})}, 400, "required"),
        ({"response_format": strict({"type": "array", "items": {}})}, 400, "type"),
        ({"model": "gpt-6-luna", "max_tokens": 9}, 400, "max_completion_tokens"),
        ({"model": "text-embedding-3-small"}, 404, "is not a chat model"),
        ({"response_format": "json"}, 400, "expected an object"),
        ({"response_format": {"type": "json_schema", "json_schema": "x"}}, 400, "json_schema.name"),
        ({"messages": [{"role": ["user"], "content": "x"}]}, 400, "role"),
        ({"max_tokens": "9"}, 400, "expected an integer"),
        ({"max_tokens": -1}, 400, "below minimum"),
        ({"temperature": [1]}, 400, "expected a decimal"),
        ({"stream": "yes"}, 400, "expected a boolean"),
        ({"n": True}, 400, "expected an integer"),
    ],
)
def test_refusals(mock: Mock, changes: dict[str, Any], status: int, told: str) -> None:
    """What the real API refuses is refused in its error shape."""
    answer = post(mock, **changes)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    assert told in json.dumps(error)


def test_azure_wants_a_version(mock: Mock) -> None:
    """Azure's deployment address without api-version is not there; with it the key may come either way."""
    path = "/openai/deployments/chat/chat/completions"
    assert post(mock, path).json()["error"]["code"] == "404"
    assert post(mock, f"{path}?api-version=2024-10-21").status_code == 200
    missing = post(mock, "/openai/deployments/none/chat/completions?api-version=2024-10-21")
    assert missing.json()["error"]["code"] == "DeploymentNotFound"


def test_default_answers_fit_the_schema(mock: Mock) -> None:
    """With a schema the answer is JSON that fits it, whatever the schema asks for."""
    answer = post(mock, response_format=strict(SCHEMA))
    told = json.loads(answer.json()["choices"][0]["message"]["content"])
    assert mismatch(told, SCHEMA) == ""


def test_token_limit_cuts(mock: Mock) -> None:
    """An answer longer than the limit ends with `length`."""
    assert post(mock, max_completion_tokens=2).json()["choices"][0]["finish_reason"] == "length"


def test_answers_of_one_s_own() -> None:
    """A callable thinks in place of the rules; the limit per minute answers 429 with Retry-After."""
    app = create_app(
        answer=lambda request: {"heard": request["messages"][0]["content"]}, requests_per_minute=1
    )
    headers = {"authorization": f"Bearer {KEY}"}
    body = {"model": "gpt-4o-mini", "messages": MESSAGES}
    with TestClient(app) as client:
        first = client.post("/v1/chat/completions", headers=headers, json=body)
        second = client.post("/v1/chat/completions", headers=headers, json=body)
    assert json.loads(first.json()["choices"][0]["message"]["content"]) == {"heard": "Say something."}
    assert second.status_code == 429
    assert 55 <= int(second.headers["retry-after"]) <= 60


def test_script_refuses_nonsense(mock: Mock) -> None:
    """A step that cannot be is named, and nothing of the list is queued."""
    for step in (
        {"kind": "explode"},
        {"kind": "error", "wrong": 1},
        "error",
        {"kind": "error", "category": "x"},
        {"kind": "error", "status": "503"},
        {"kind": "error", "status": 99},
        {"kind": "error", "retry_after": "soon"},
        {"kind": "slow", "delay_ms": "x"},
        {"kind": "slow", "delay_ms": 1e12},
        {"kind": "cut", "after_chunks": -1},
        {"kind": "answer", "times": 0},
        {"kind": "answer", "only": "speech"},
        {"kind": "malformed", "where": "moon"},
    ):
        answer = mock.http.post("/__mock__/script", json=[{"kind": "refusal"}, step])
        assert answer.status_code == 400
    assert post(mock).json()["choices"][0]["message"]["refusal"] is None


def test_schema_checks() -> None:
    """References, unions and unknown fields are checked; the smallest value fits its schema."""
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {
            "part": {"$ref": "#/$defs/P"},
            "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["part", "note"],
        "additionalProperties": False,
        "$defs": {"P": SCHEMA},
    }
    part = {"n": 1, "who": "a", "list": [1]}
    assert complaint("x", schema) == ""
    assert mismatch({"part": part, "note": None}, schema) == ""
    assert mismatch(smallest(schema), schema) == ""
    assert "'who'" in mismatch({"part": {"n": 1, "list": []}, "note": None}, schema)
    assert "anyOf" in mismatch({"part": part, "note": 3}, schema)
    assert "unknown" in mismatch({"part": part | {"x": 1}, "note": None}, schema)
    assert "integer" in mismatch({"part": part | {"n": True}, "note": None}, schema)
    assert "minLength" in complaint("x", {**SCHEMA, "properties": {"n": {"type": "string", "minLength": 1}}})
