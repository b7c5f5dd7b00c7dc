"""Every documented operation, fuzzed from its own OpenAPI document: no 5xx, and nothing undeclared.

Schemathesis makes requests that fit the document and requests that do not, always the same ones.
"""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.security.gate import gate, served, token

EXAMPLES = 10
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
NO_LIMIT = 10**9


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A gateway served from a loop in a thread of its own, because Schemathesis calls from here."""
    found: list[int] = []
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve(folder: Path) -> None:
        limits = {"rate_per_minute": NO_LIMIT, "rate_address_per_minute": NO_LIMIT}
        async with (
            gate(folder, rate_new_conversations_per_minute=0, **limits) as app,
            served(app) as port,
        ):
            found.append(port)
            ready.set()
            await stop.wait()

    folder = tmp_path_factory.mktemp("gate")
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve(folder)))
    thread.start()
    assert ready.wait(20), "the gateway did not start"
    yield f"http://127.0.0.1:{found[0]}"
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)
    loop.close()


def check(operation: Any, url: str, mode: GenerationMode, **given_parts: Any) -> list[int]:
    """Send what this mode makes of the operation; every response must be as declared."""
    statuses: list[int] = []
    strategy = operation.as_strategy(generation_mode=mode)

    @seed(20)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy, signed_in=st.booleans())
    def sent(case: Any, signed_in: bool) -> None:
        with requests.Session() as session:
            if signed_in:
                session.auth = ("staff", "correct horse")
            response = case.call(base_url=url, session=session, **given_parts)
        case.validate_response(response, checks=CHECKS)
        statuses.append(response.status_code)
        if response.status_code >= 400:
            kind = response.headers["content-type"][0]
            assert kind == "application/problem+json", (response.status_code, kind)
            assert len(response.content) < 4000

    sent()
    return statuses


def test_every_operation_keeps_its_word(url: str) -> None:
    """Positive and negative requests, as staff and as nobody."""
    document = httpx.get(f"{url}/openapi.json").json()
    schema = schemathesis.openapi.from_dict(document)
    seen: dict[str, set[int]] = {}
    for found in schema.get_all_operations():
        operation = cast("Any", found).ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                statuses = check(operation, url, mode)
            except Unsatisfiable:
                continue  # nothing to negate: it takes no input
            seen.setdefault(operation.label, set()).update(statuses)
    paths = {label.partition(" ")[2] for label in seen}
    assert paths == set(document["paths"])
    assert 202 in seen["POST /v1/chat"], "some messages are good"
    assert any(status >= 400 for status in seen["POST /v1/chat"])


def test_the_events_of_a_conversation_are_declared_as_a_stream(url: str) -> None:
    """Fuzzing never holds a token; with one the stream opens as the document says."""
    document = httpx.get(f"{url}/openapi.json").json()
    with httpx.stream("GET", f"{url}/v1/conversations/c-1/events", headers=token("c-1")) as answer:
        kind = answer.headers["content-type"].partition(";")[0]
    declared = document["paths"]["/v1/conversations/{conversation_id}/events"]["get"]["responses"]["200"]
    assert kind in declared["content"]


def test_every_operation_declares_its_errors(url: str) -> None:
    """As problem documents, with what each of them holds."""
    document = httpx.get(f"{url}/openapi.json").json()
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status in ("4XX", "5XX"):
                declared = operation["responses"][status]["content"]
                schema = declared["application/problem+json"]["schema"]
                assert {"type", "title", "status", "detail"} <= set(schema["required"]), (method, path)
