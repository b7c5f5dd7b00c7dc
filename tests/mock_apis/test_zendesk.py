"""The mock Zendesk keeps tickets like the vendor."""

from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from mock_apis import zendesk

from .conftest import NOW

TICKET = {
    "ticket": {"subject": "Help", "comment": {"body": "It leaks.", "public": False}, "priority": "high"}
}


async def test_creates_and_shows_a_ticket(desk: httpx.AsyncClient) -> None:
    """A new ticket answers 201 with its place, and can be read back with its comment."""
    made = await desk.post("/api/v2/tickets.json", json=TICKET)
    assert made.status_code == 201
    ticket = made.json()["ticket"]
    assert made.headers["Location"] == f"/api/v2/tickets/{ticket['id']}.json"
    shown = (await desk.get(f"/api/v2/tickets/{ticket['id']}")).json()["ticket"]
    assert (shown["subject"], shown["priority"], shown["status"]) == ("Help", "high", "new")
    (comment,) = (await desk.get(f"/api/v2/tickets/{ticket['id']}/comments.json")).json()["comments"]
    assert (comment["body"], comment["public"]) == ("It leaks.", False)


async def test_adds_a_comment(desk: httpx.AsyncClient) -> None:
    """An update adds a public comment with its metadata and changes the status."""
    number = (await desk.post("/api/v2/tickets", json=TICKET)).json()["ticket"]["id"]
    wish = {"ticket": {"status": "open", "comment": {"body": "More."}, "metadata": {"key": "k"}}}
    answer = await desk.put(f"/api/v2/tickets/{number}.json", json=wish)
    assert answer.json()["ticket"]["status"] == "open"
    comments = (await desk.get(f"/api/v2/tickets/{number}/comments")).json()["comments"]
    assert [(c["body"], c["public"]) for c in comments] == [("It leaks.", False), ("More.", True)]
    assert comments[1]["metadata"]["custom"] == {"key": "k"}


async def test_finds_by_external_id(desk: httpx.AsyncClient) -> None:
    """Tickets are found by the caller's own id."""
    wish = {"ticket": TICKET["ticket"] | {"external_id": "h-1"}}
    number = (await desk.post("/api/v2/tickets", json=wish)).json()["ticket"]["id"]
    found = (await desk.get("/api/v2/tickets.json", params={"external_id": "h-1"})).json()
    assert [ticket["id"] for ticket in found["tickets"]] == [number]
    assert (await desk.get("/api/v2/tickets.json", params={"external_id": "h-2"})).json()["count"] == 0


async def test_a_key_makes_one_ticket(desk: httpx.AsyncClient) -> None:
    """The same key and body is one ticket (miss, then hit); another body with the key is 400."""
    key = {"Idempotency-Key": "once"}
    first, second = [await desk.post("/api/v2/tickets", json=TICKET, headers=key) for _ in range(2)]
    assert [a.headers["x-idempotency-lookup"] for a in (first, second)] == ["miss", "hit"]
    assert first.json() == second.json()
    assert (await desk.get("/api/v2/tickets")).json()["count"] == 1
    other = {"ticket": TICKET["ticket"] | {"subject": "Other"}}
    refused = await desk.post("/api/v2/tickets", json=other, headers=key)
    assert (refused.status_code, refused.json()["error"]) == (400, "IdempotentRequestError")


async def test_a_key_is_forgotten_after_two_hours() -> None:
    """After two hours the same key makes a new ticket, as the vendor documents."""
    clock: list[datetime] = [NOW]
    app = zendesk.create_app(now=lambda: clock[0])
    auth = (f"{zendesk.EMAIL}/token", zendesk.TOKEN)
    key = {"Idempotency-Key": "once"}
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://d.test", auth=auth) as client:
        await client.post("/api/v2/tickets", json=TICKET, headers=key)
        clock[0] += timedelta(hours=2, seconds=1)
        answer = await client.post("/api/v2/tickets", json=TICKET, headers=key)
        assert answer.headers["x-idempotency-lookup"] == "miss"
        assert (await client.get("/api/v2/tickets")).json()["count"] == 2


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"subject": "x"}, "comment"),
        ({"comment": {"body": " "}}, "comment"),
        ({"comment": {"body": "x"}, "priority": "asap"}, "priority"),
        ({"comment": {"body": "x"}, "tags": "a"}, "tags"),
        ({"comment": {"body": "x"}, "requester": {"email": "nobody"}}, "requester"),
    ],
)
async def test_refuses_invalid_tickets(desk: httpx.AsyncClient, wish: dict[str, object], field: str) -> None:
    """An invalid record is 422 in the vendor's format, naming the field, and nothing is written."""
    answer = await desk.post("/api/v2/tickets", json={"ticket": wish})
    assert (answer.status_code, answer.json()["error"]) == (422, "RecordInvalid")
    assert answer.json()["details"][field][0]["description"]
    assert (await desk.get("/api/v2/tickets")).json()["count"] == 0


async def test_pages(desk: httpx.AsyncClient) -> None:
    """By number and by cursor every ticket comes once, in order; nonsense is refused."""
    made = [(await desk.post("/api/v2/tickets", json=TICKET)).json()["ticket"]["id"] for _ in range(5)]
    for first, way in (("per_page=2", "next_page"), ("page[size]=2", "links")):
        seen, url = [], f"/api/v2/tickets.json?{first}"
        while url:
            page = (await desk.get(url)).json()
            assert len(page["tickets"]) <= 2
            seen += [each["id"] for each in page["tickets"]]
            url = page[way]["next"] if way == "links" else page[way]
        assert seen == made
    second = (await desk.get("/api/v2/tickets?page=2&per_page=4")).json()
    assert second["previous_page"].endswith("page=1")
    for wrong in ("per_page=x", "page=0", "page[size]=-1", "page[size]=2&page[after]=zz", "page[after]=é"):
        answer = await desk.get(f"/api/v2/tickets?{wrong}")
        assert (answer.status_code, answer.json()["error"]) == (400, "InvalidPaginationParameter")


async def test_refuses_what_is_not_there(desk: httpx.AsyncClient) -> None:
    """Unknown tickets, comments and users are 404 RecordNotFound; unknown paths InvalidEndpoint."""
    for path in ("tickets/9", "tickets/9/comments", "users/9"):
        answer = await desk.get(f"/api/v2/{path}.json")
        assert (answer.status_code, answer.json()["error"]) == (404, "RecordNotFound")
    assert (await desk.put("/api/v2/tickets/9", json=TICKET)).status_code == 404
    assert (await desk.get("/api/v2/nothing")).json()["error"] == "InvalidEndpoint"
    assert (await desk.post("/api/v2/tickets", content=b"{")).status_code == 400


async def test_asks_who_calls(desk: httpx.AsyncClient) -> None:
    """Basic `email/token:token` and a bearer token are accepted, anything else is 401."""
    bearer = {"Authorization": f"Bearer {zendesk.TOKEN}"}
    assert (await desk.get("/api/v2/users/me.json")).json()["user"]["role"] == "agent"
    assert (await desk.get("/api/v2/users/me.json", auth=None, headers=bearer)).status_code == 200
    odd = await desk.get("/api/v2/users/me.json", auth=None, headers={"Authorization": "Basic é".encode()})  # type: ignore[dict-item]
    assert odd.status_code == 401
    wrong = await desk.get("/api/v2/users/me.json", auth=(zendesk.EMAIL, zendesk.TOKEN))
    assert (wrong.status_code, wrong.json()) == (401, {"error": "Couldn't authenticate you"})


async def test_users_are_created_once(desk: httpx.AsyncClient) -> None:
    """The same e-mail or external id updates the user that is there."""
    url = "/api/v2/users/create_or_update.json"
    first = await desk.post(url, json={"user": {"name": "A", "email": "a@example.com", "external_id": "7"}})
    second = await desk.post(url, json={"user": {"name": "B", "email": "A@example.com"}})
    third = await desk.post(url, json={"user": {"name": "C", "external_id": "7"}})
    assert [a.status_code for a in (first, second, third)] == [201, 200, 200]
    assert len({a.json()["user"]["id"] for a in (first, second, third)}) == 1
    found = (await desk.get("/api/v2/users/search.json", params={"external_id": "7"})).json()["users"]
    assert [user["name"] for user in found] == ["C"]


async def test_limits_the_rate() -> None:
    """Over the account's limit the answer is 429 and says when to come back."""
    app = zendesk.create_app(per_minute=1)
    auth = (f"{zendesk.EMAIL}/token", zendesk.TOKEN)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://d.test", auth=auth) as client:
        answers = [await client.get("/api/v2/tickets") for _ in range(3)]  # two of three are in one minute
        limited = next(a for a in answers if a.status_code == 429)
        assert 0 < int(limited.headers["Retry-After"]) <= 60


async def test_tickets_survive_a_restart(tmp_path: Path) -> None:
    """A ticket written by one process is read by the next."""
    auth = (f"{zendesk.EMAIL}/token", zendesk.TOKEN)

    async def call(method: str, path: str, **more: object) -> httpx.Response:
        transport = httpx.ASGITransport(app=zendesk.create_app(tmp_path / "z.db"))
        async with httpx.AsyncClient(transport=transport, base_url="http://d.test", auth=auth) as client:
            return await client.request(method, path, **more)  # type: ignore[arg-type]

    number = (await call("POST", "/api/v2/tickets", json=TICKET)).json()["ticket"]["id"]
    assert (await call("GET", f"/api/v2/tickets/{number}")).json()["ticket"]["subject"] == "Help"


async def test_fails_on_demand(desk: httpx.AsyncClient) -> None:
    """A fault breaks the next requests as asked."""
    await desk.post("/__mock__/fault", json={"status": 429, "times": 1, "retry_after": 3})
    answers = [await desk.get("/api/v2/tickets") for _ in range(2)]
    assert [(a.status_code, a.headers.get("Retry-After")) for a in answers] == [(429, "3"), (200, None)]
