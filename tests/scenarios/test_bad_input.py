"""Bad input: a clear problem document that names the thing and the remedy, never a stack trace."""

import time

import httpx
import pytest

from tests.shop import Shop

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (b'{"message": ""}', 422, "empty"),
        (b'{"message": "   \\u0007 "}', 422, "empty"),
        (b'{"message": "' + b"x" * 5001 + b'"}', 422, "5001"),
        (b'{"message": "\\ud800"}', 422, "surrogate"),
        (b'{"message": "\xff\xfe"}', 400, ""),
        (b'{"message": ', 400, "JSON"),
        (b'{"message": "hi", "colour": 1}', 422, "colour"),
        (b'{"message": 5}', 422, "message"),
        (b'{"message": "hi", "locale": "de"}', 422, "en, fr, es"),
        (b'{"message": "hi", "conversation_id": "../x"}', 422, "conversation_id"),
        (b'{"message": "hi", "conversation_id": "c-unknown"}', 404, "no such conversation"),
        (b'{"message": "' + b"x" * 70_000 + b'"}', 413, "65536"),
        (b"[]", 422, ""),
    ],
)
def test_a_wrong_request_is_told_what_is_wrong(shop: Shop, body: bytes, status: int, says: str) -> None:
    """RFC 9457 with a detail a developer can act on."""
    response = shop.http.post("/v1/chat", content=body, headers=JSON)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert {"type", "title", "status", "detail"} <= set(problem)
    assert says in problem["detail"]
    assert "Traceback" not in response.text


def test_another_token_gets_404(shop: Shop) -> None:
    """Reading, continuing, listening and rating need the conversation's own token."""
    mine, other = shop.guest(), shop.guest()
    mine.say("hello")
    other.say("hello")
    url = f"/v1/conversations/{mine.conversation_id}"
    for headers in ({}, other.headers, {"Authorization": "Bearer c-1.guest.99.x"}):
        assert shop.http.get(url, headers=headers).status_code == 404
        assert shop.http.get(f"{url}/events", headers=headers).status_code == 404
        body = {"message": "hi", "conversation_id": mine.conversation_id}
        assert shop.http.post("/v1/chat", json=body, headers=headers).status_code == 404
        rating = {"turn_id": mine.answers[0]["turn_id"], "rating": "up"}
        assert shop.http.post(f"{url}/feedback", json=rating, headers=headers).status_code == 404
    assert shop.http.get(url, headers=mine.headers).status_code == 200


def test_a_forged_customer_token_is_401(shop: Shop) -> None:
    """A token somebody else signed."""
    response = shop.http.post(
        "/v1/chat", json={"message": "hi"}, headers={"Authorization": "Bearer e30.e30.x"}
    )
    assert response.status_code == 401
    assert response.json()["type"] == "/problems/token-invalid"


def test_feedback_is_taken_for_a_turn_that_exists(shop: Shop) -> None:
    """A thumb, and 404 for a turn nobody had."""
    chat = shop.guest()
    turn = chat.say("hello")["turn_id"]
    url = f"/v1/conversations/{chat.conversation_id}/feedback"
    rate = {"turn_id": turn, "rating": "up", "comment": "thanks"}
    assert shop.http.post(url, json=rate, headers=chat.headers).status_code == 204
    assert shop.http.post(url, json=rate | {"turn_id": "t-none"}, headers=chat.headers).status_code == 404
    assert shop.http.post(url, json=rate | {"rating": "meh"}, headers=chat.headers).status_code == 422


def test_health_names_every_dependency_and_the_bus(shop: Shop) -> None:
    """Which bus runs is said, and each ping by name."""
    ready = shop.http.get("/health/ready")
    assert ready.status_code == 200, ready.text
    assert ready.json()["bus"] == "nats"
    assert {"bus", "store", "vault", "shop", "helpdesk", "index"} <= set(ready.json()["checks"])
    assert shop.http.get("/health/live").status_code == 200
    assert "desk_turns_total" in shop.http.get("/metrics").text


def test_the_process_has_a_door_for_prometheus(shop: Shop, metrics_port: int) -> None:
    """Beside the gateway's, with the gauges that are kept in the background."""
    door = f"http://127.0.0.1:{metrics_port}"
    assert set(httpx.get(f"{door}/health/ready").json()["checks"]) >= {"bus", "store", "vault"}
    deadline = time.monotonic() + 20
    while (
        'desk_bus_consumed{consumer="work",service="conversation"} 1.0'
        not in httpx.get(f"{door}/metrics").text
    ):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_queue_is_for_staff(shop: Shop) -> None:
    """Without the password nobody sees who waits."""
    assert shop.http.get("/console/queue").status_code == 401
    assert shop.http.get("/console/queue", auth=("agent", "wrong")).status_code == 401
    shop.guest().say("I want to talk to a human")
    waiting = shop.http.get("/console/queue", auth=shop.staff["agent"]).json()["waiting"]
    assert waiting[0]["position"] == 1
    assert waiting[0]["packet"]["summary"]


def test_pages_and_api_docs_are_served_under_a_strict_policy(shop: Shop) -> None:
    """The shop page, the widget, and API docs that need no other server."""
    page = shop.http.get("/")
    assert "<answer-desk" in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert shop.http.get("/static/widget.js").status_code == 200
    assert "https://" not in shop.http.get("/docs").text
    assert "/v1/chat" in shop.http.get("/openapi.json").json()["paths"]
