"""Keeps the queue of answers and faults that a test or a developer scripts."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, fields
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from mock_apis.openai_wire import CATEGORIES, DETECTED, RETRY_FORMS

KINDS = (
    "answer", "error", "refusal", "content_filter", "slow", "late", "hang", "cut", "malformed", "truncated",
    "empty",
)  # fmt: skip


_ONLY = ("", "chat", "embeddings", "models")
_WHERE = ("", "prompt", "output", "http", "content")
_NUMBERS = {"times": 1, "status": 200, "delay_ms": 0, "after_chunks": 0, "retry_after": 0}
"""The least of each."""
_MOST = {"status": 599, "delay_ms": 600_000}

BREAKING = frozenset({"slow", "late", "hang", "cut"})
"""Kinds that change how an answer travels, not what it says."""


@dataclass(frozen=True)
class Step:
    """One scripted event.

    `only` limits it to `chat` or `embeddings`, `schema` to requests with this response format name; `times`
    repeats it. `answer` says `content` (text, or an object as JSON); `error` has `status`, `code`,
    `retry_after` seconds told in the `retry_form` seconds, ms, date or both (seconds and ms);
    `content_filter` filters the `where` prompt or output for `category`; `slow` waits `delay_ms` before each
    chunk, `late` before the first; `empty` has no choices; `hang` stops after `after_chunks` and keeps the
    connection; `cut` closes it there (`clean` ends the stream politely); `malformed` breaks the `where` http
    body or the model's content.
    """

    kind: str
    content: Any = None
    only: str = ""
    schema: str = ""
    times: int = 1
    status: int = 500
    code: str = ""
    retry_after: float | None = None
    retry_form: str = "both"
    where: str = ""
    category: str = "violence"
    delay_ms: float = 0
    after_chunks: int = 0
    clean: bool = False


def read_step(doc: Any) -> Step:
    """A step from JSON; ValueError names what is wrong."""
    known = {field.name for field in fields(Step)}
    if not isinstance(doc, dict) or "kind" not in doc:
        raise ValueError(f"a step is an object with a kind (one of {list(KINDS)}), not {doc!r}")
    if unknown := sorted(set(doc) - known):
        raise ValueError(f"unknown {unknown}; a step has {sorted(known)}")
    step = Step(**doc)
    for name, least in _NUMBERS.items():
        _check_number(name, getattr(step, name), least)
    for name, places in (("only", _ONLY), ("where", _WHERE)):
        if getattr(step, name) not in places:
            raise ValueError(f"{name} {getattr(step, name)!r} is none of {list(places[1:])}")
    if step.kind not in KINDS:
        raise ValueError(f"kind {step.kind!r} is none of {list(KINDS)}")
    if step.retry_form not in RETRY_FORMS:
        raise ValueError(f"retry_form {step.retry_form!r} is none of {list(RETRY_FORMS)}")
    if step.category not in CATEGORIES + DETECTED:
        raise ValueError(f"category {step.category!r} is none of {list(CATEGORIES + DETECTED)}")
    return step


def _check_number(name: str, value: Any, least: int) -> None:
    if value is None and name == "retry_after":
        return
    kinds = int if name in {"times", "status", "after_chunks"} else int | float
    most = _MOST.get(name, 1_000_000)
    if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value <= most:
        raise ValueError(f"{name} must be a number from {least} to {most}, not {value!r}")


class Script:
    """The queue; the first step that fits a request is used up by it."""

    def __init__(self) -> None:
        self._steps: deque[tuple[Step, int]] = deque()

    def add(self, docs: list[Any]) -> int:
        """Queue steps; none is queued when one is wrong."""
        steps = [read_step(doc) for doc in docs]
        self._steps.extend((step, step.times) for step in steps)
        return len(self._steps)

    def clear(self) -> None:
        """Forget what is queued."""
        self._steps.clear()

    def take(self, kind: str, schema: str = "") -> Step | None:
        """The step for this request, if one waits."""
        for n, (step, left) in enumerate(self._steps):
            if step.only not in {"", kind} or step.schema not in {"", schema}:
                continue
            if left > 1:
                self._steps[n] = (step, left - 1)
            else:
                del self._steps[n]
            return step
        return None


class Broken(Response):
    """Sends some parts of a body, then ends as the step says: late, never, or in the middle."""

    def __init__(self, parts: list[bytes], step: Step, *, media_type: str) -> None:
        super().__init__(media_type=media_type)
        del self.headers["content-length"]
        self._parts = parts
        self._step = step

    async def __call__(
        self,
        scope: Scope,  # noqa: ARG002 the shape of an ASGI app
        receive: Receive,
        send: Send,
    ) -> None:
        """Send, and break where the step says."""
        started = False
        async for part in self._paced(receive):
            if not started:
                started = True
                await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": part, "more_body": True})
        # Returning without the last body is what makes the server drop the connection.
        if started and (self._step.kind in {"slow", "late"} or self._step.clean):
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _paced(self, receive: Receive) -> AsyncIterator[bytes]:
        step = self._step
        whole = step.kind in {"slow", "late"}
        shown = self._parts if whole else self._parts[: step.after_chunks or (step.kind == "cut")]
        for n, part in enumerate(shown):
            if step.delay_ms and (step.kind != "late" or n == 0):
                await asyncio.sleep(step.delay_ms / 1000)
            yield part
        if step.kind == "hang":
            while (await receive())["type"] != "http.disconnect":
                continue


def as_text(content: Any) -> str:
    """What the model says for a scripted content."""
    return content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
