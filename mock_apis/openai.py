"""Speaks the HTTP protocol of OpenAI, at the addresses of Azure OpenAI too.

Wire format: developers.openai.com/api/reference (chat, embeddings, models) and
learn.microsoft.com/azure/ai-foundry/openai/reference. What a model would think up comes from `answer`.
"""

import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from mock_apis import openai_rules
from mock_apis.minutes import Minutes
from mock_apis.openai_checks import chat_refused, embeddings_refused
from mock_apis.openai_schema import mismatch
from mock_apis.openai_script import BREAKING, Broken, Script, Step, as_text
from mock_apis.openai_vectors import WIDTHS, embed, packed
from mock_apis.openai_wire import (
    Door,
    Said,
    azure_error,
    bad_key,
    chunks,
    completion,
    dress,
    error,
    filtered_prompt,
    limited,
    no_model,
    prompt_tokens,
    retry_headers,
    tokens,
    usage,
)

KEY = "sk-mock"
MODELS = {  # the name asked for -> the dated name the answer carries
    "gpt-6-luna": "gpt-6-luna-2026-09-22",
    "gpt-4.1-mini": "gpt-4.1-mini-2025-04-14",
    "gpt-4o-mini": "gpt-4o-mini-2024-07-18",
    **{name: name for name in WIDTHS},
}
DEPLOYMENTS = {"chat": "gpt-4.1-mini", "embed": "text-embedding-3-small"}
_KEPT_CALLS = 1000
Doc = dict[str, Any]
Answer = Callable[[Doc], str | Doc]


def create_app(
    *,
    answer: Answer | None = None,
    key: str = KEY,
    deployments: Mapping[str, str] = DEPLOYMENTS,
    requests_per_minute: int = 10_000,
) -> Starlette:
    """The mock. `answer` thinks in place of the rules: it gets a chat request and returns text or an object.

    `POST /__mock__/script` queues steps (see `openai_script.Step`; one, a list, or `DELETE` to clear it and
    the prompt cache),
    `GET /__mock__/calls` lists the requests seen, without credentials.
    """
    api = _Api(answer or openai_rules.answer, key, deployments, requests_per_minute)
    routes = [
        Route("/__mock__/script", api.script, methods=["POST", "DELETE"]),
        Route("/__mock__/calls", api.seen, methods=["GET", "DELETE"]),
    ]
    for root in ("/v1", "/openai/v1", "/openai/deployments/{deployment}"):
        routes += [
            Route(f"{root}/chat/completions", api.chat, methods=["POST"]),
            Route(f"{root}/embeddings", api.embeddings, methods=["POST"]),
        ]
    routes += [
        Route(f"{root}/models", api.models, methods=["GET"]) for root in ("/v1", "/openai/v1", "/openai")
    ]
    return Starlette(routes=routes, exception_handlers={404: _nowhere})


async def _nowhere(request: Request, _: Exception) -> Response:
    if request.url.path.startswith("/openai/"):
        return azure_error(404, "Resource not found", "404")
    return error(404, f"Invalid URL ({request.method} {request.url.path})")


class _Api:
    """The endpoints, with what was asked of them."""

    def __init__(self, answer: Answer, key: str, deployments: Mapping[str, str], limit: int) -> None:
        self._answer = answer
        self._key = key
        self._deployments = deployments
        self._rate = Minutes(limit)
        self._script = Script()
        self._prefixes: set[tuple[str, str]] = set()
        self._calls: deque[Doc] = deque(maxlen=_KEPT_CALLS)

    async def script(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._script.clear()
            self._prefixes.clear()
            return Response(status_code=204)
        try:
            wish = await request.json()
            waiting = self._script.add(wish if isinstance(wish, list) else [wish])
        except (ValueError, TypeError) as wrong:
            return JSONResponse({"error": str(wrong)}, status_code=400)
        return JSONResponse({"waiting": waiting}, status_code=201)

    async def seen(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._calls.clear()
            return Response(status_code=204)
        return JSONResponse({"calls": list(self._calls)})

    async def models(self, request: Request) -> Response:
        door = _door(request)
        if not self._allowed(request):
            return bad_key(door)
        step = self._script.take("models")
        if step is not None:
            return await _fault(step, door, json_body=b"{}")
        known = {**MODELS, **(self._deployments if door.azure else {})}
        listed = [{"id": name, "object": "model", "created": 0, "owned_by": "system"} for name in known]
        return JSONResponse({"object": "list", "data": listed})

    async def chat(self, request: Request) -> Response:
        door, wish, refused = await self._enter(request)
        if refused is None:
            refused = chat_refused(wish, dated=bool(door.deployment))
        if refused is not None:
            return self._dressed(refused, door)
        form = (wish.get("response_format") or {}).get("json_schema") or {}
        step = self._script.take("chat", str(form.get("name", "")))
        if step is not None and (told := _plain_fault(step, door)) is not None:
            return self._dressed(told, door)
        return self._dressed(await self._say(wish, door, form, step), door)

    async def embeddings(self, request: Request) -> Response:
        door, wish, refused = await self._enter(request)
        if refused is None:
            refused = embeddings_refused(wish, self._named(wish["model"], door))
        if refused is not None:
            return self._dressed(refused, door)
        step = self._script.take("embeddings")
        if step is not None and (told := _plain_fault(step, door)) is not None:
            return self._dressed(told, door)
        model = self._named(wish["model"], door)
        texts = [wish["input"]] if isinstance(wish["input"], str) else wish["input"]
        vectors = [embed(text, wish.get("dimensions") or WIDTHS[model]) for text in texts]
        coded = wish.get("encoding_format") == "base64"
        rows = [
            {"object": "embedding", "index": n, "embedding": packed(vector) if coded else vector}
            for n, vector in enumerate(vectors)
        ]
        used = sum(map(tokens, texts))
        spent = {"prompt_tokens": used, "total_tokens": used}
        body = {"object": "list", "data": rows, "model": model, "usage": spent}
        if step is not None:
            return self._dressed(await _fault(step, door, json_body=json.dumps(body).encode()), door)
        return self._dressed(JSONResponse(body), door)

    async def _say(self, wish: Doc, door: Door, form: Doc, step: Step | None) -> Response:
        said = self._said(wish, step)
        cap = wish.get("max_completion_tokens") or wish.get("max_tokens")
        if step is not None and step.kind == "truncated":
            said = Said(said.text[: len(said.text) // 2], finish="length")
        elif cap is not None and tokens(said.text) > cap:
            said = Said(said.text[: 3 * cap], finish="length")
        checked = form.get("strict") and said.finish == "stop" and step is None
        if checked and (told := mismatch(json.loads(said.text), form["schema"])):
            return error(500, f"the mock's answer breaks the schema it was sent: {told}")
        model = MODELS[self._named(wish["model"], door)]
        asked, answered = prompt_tokens(wish["messages"]), tokens(said.text or said.refusal or "")
        used = usage(asked, answered, self._cached(wish))
        if wish.get("stream"):
            counted = bool((wish.get("stream_options") or {}).get("include_usage"))
            parts = chunks(door, model, said, used, include_usage=counted)
            if step is not None and step.kind == "empty":
                parts = parts[-1:]
            if step is not None and step.kind == "malformed" and step.where != "content":
                parts[len(parts) // 2] = b'data: {"id": "chatcmpl-\n\n'
            if step is not None and step.kind in BREAKING:
                return Broken(parts, step, media_type="text/event-stream")
            return StreamingResponse(_each(parts), media_type="text/event-stream")
        whole = completion(door, model, said, used)
        if step is not None and step.kind == "empty":
            whole["choices"] = []
        body = json.dumps(whole).encode()
        if step is not None:
            return await _fault(step, door, json_body=body)
        return Response(body, media_type="application/json")

    def _cached(self, wish: Doc) -> int:
        """Tokens of a prompt's beginning that were sent before: from 1,024 on, in steps of 128.

        A `prompt_cache_key` leads to a place of its own: what was sent with another is not found there.
        """
        begins = str(wish["messages"][0]["content"])
        place = (str(wish.get("prompt_cache_key", "")), begins)
        seen = place in self._prefixes
        self._prefixes.add(place)
        count = tokens(begins) // 128 * 128
        return count if seen and count >= 1024 else 0

    def _said(self, wish: Doc, step: Step | None) -> Said:
        if step is not None and step.kind == "refusal":
            return Said("", refusal=as_text(step.content or "I'm sorry, I can't help with that."))
        if step is not None and step.kind == "content_filter":
            return Said("", finish="content_filter", category=step.category)
        if step is not None and step.kind == "malformed" and step.where == "content":
            return Said('{"needs": [{"intent": "ORDER_')
        if step is not None and step.kind == "answer":
            return Said(as_text(step.content))
        return Said(as_text(self._answer(wish)))

    async def _enter(self, request: Request) -> tuple[Door, Doc, Response | None]:
        """Who asks for what; a refusal when it is not theirs to ask or no request at all."""
        door = _door(request)
        try:
            wish = await request.json()
        except ValueError:
            wish = None
        if isinstance(wish, dict) and door.deployment:
            wish["model"] = door.deployment
        self._calls.append(
            {
                "path": request.url.path,
                "query": dict(request.query_params),
                "headers": {
                    k: "***" if k in {"authorization", "api-key"} else v for k, v in request.headers.items()
                },
                "body": wish,
            }
        )
        refused = self._refused(request, door, wish)
        return (door, wish, None) if refused is None else (door, {}, refused)

    def _refused(self, request: Request, door: Door, wish: Any) -> Response | None:
        if not self._allowed(request):
            return bad_key(door)
        if door.deployment and "api-version" not in request.query_params:
            return azure_error(404, "Resource not found", "404")
        if not isinstance(wish, dict) or not isinstance(wish.get("model"), str):
            return error(400, "We could not parse the JSON body of your request, or it names no model.")
        if self._named(wish["model"], door) not in MODELS:
            return no_model(door, wish["model"])
        return limited(door, wait, "rate_limit_exceeded") if (wait := self._rate.take()) else None

    def _allowed(self, request: Request) -> bool:
        given = (request.headers.get("api-key"), request.headers.get("authorization"))
        return given[0] == self._key or given[1] == f"Bearer {self._key}"

    def _named(self, model: str, door: Door) -> str:
        return self._deployments.get(model, model) if door.azure else model

    def _dressed(self, answer: Response, door: Door) -> Response:
        dress(answer, door, limit=self._rate.most, left=self._rate.left)
        return answer


def _door(request: Request) -> Door:
    azure = request.url.path.startswith("/openai/")
    return Door(azure=azure, deployment=request.path_params.get("deployment", ""))


def _plain_fault(step: Step, door: Door) -> Response | None:
    """The fault that stands in place of any answer, or None when the step changes the answer itself."""
    if step.kind == "error":
        if step.status == 429:
            return limited(door, step.retry_after, step.code, form=step.retry_form)
        told = as_text(step.content or "The server had an error while processing your request.")
        answer = error(step.status, told, code=step.code or None)
        if step.retry_after is not None:
            answer.headers.update(retry_headers(step.retry_after, step.retry_form))
        return answer
    if step.kind == "content_filter" and (step.where == "prompt" or (door.azure and not step.where)):
        return filtered_prompt(step.category)
    return None


async def _fault(step: Step, door: Door, *, json_body: bytes) -> Response:
    """A whole JSON answer that comes late, never, in part or broken."""
    if (told := _plain_fault(step, door)) is not None:
        return told
    if step.kind == "malformed" and step.where != "content":
        return Response(json_body[: len(json_body) // 2], media_type="application/json")
    if step.kind in BREAKING:
        half = len(json_body) // 2
        return Broken([json_body[:half], json_body[half:]], step, media_type="application/json")
    return Response(json_body, media_type="application/json")


async def _each(parts: list[bytes]) -> Any:
    for part in parts:
        yield part
