"""A person is reached when every model and every vendor is down, and the ticket follows when one is back."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from mock_apis.faults import clear_fault, set_fault
from mock_apis.shopify import open_shop
from mock_apis.zendesk import open_desk
from tests.shop import Shop, free_port, running_shop


@pytest.fixture(scope="module")
def dark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop whose model address answers nothing, with Shopify and Zendesk failing."""
    models = dict.fromkeys(("MODEL_INTENT", "MODEL_RESPONSE", "MODEL_CRITIC"), "gone")
    url = f"http://127.0.0.1:{free_port()}/v1"
    data_dir = tmp_path_factory.mktemp("dark") / "data"
    env = {"MODEL_URL": url, "MODEL_API_KEY": "none", "EMBEDDER_URL": "hashing://", **models}
    with running_shop(data_dir, **env) as running:
        stores = (
            open_shop(data_dir / "mock" / "shopify.db", datetime.now(UTC).date()),
            open_desk(data_dir / "mock" / "zendesk.db"),
        )
        for store in stores:
            set_fault(store, status=500, body="garbage")
        yield running
        for store in stores:
            store.close()


@pytest.mark.parametrize(
    ("words", "language"),
    [
        ("I want a human", "en"),
        ("Passez-moi un conseiller s'il vous plaît", "fr"),
        ("Quiero hablar con una persona", "es"),
    ],
)
def test_asking_for_a_person_works_when_all_is_down(dark: Shop, words: str, language: str) -> None:
    """Quickly, in the customer's language, with a place in the queue."""
    started = time.monotonic()
    answer = dark.guest().say(words)
    assert answer["status"] == "handed_over", answer
    assert answer["language"] == language
    assert answer["escalation"]["position"] >= 1
    assert answer["escalation"]["ticket"] is None
    assert time.monotonic() - started < 40


def test_any_other_question_reaches_a_person_too(dark: Shop) -> None:
    """The local engine tells what is wanted, the shop cannot be asked: a person can."""
    answer = dark.guest().say("Where is order 1001? My e-mail is emma.johnson@example.com")
    assert answer["status"] == "handed_over", answer
    assert answer["escalation"]["reason"] == "shop_down"


def test_what_needs_neither_shop_nor_model_is_answered(dark: Shop) -> None:
    """By the engine that needs no service, and it says so."""
    answer = dark.guest().say("How many days do I have to return something?")
    assert (answer["status"], answer["engine"]) == ("answered", "embedded"), answer
    assert "30 days" in answer["reply"]


def test_the_ticket_follows_once_when_the_helpdesk_is_back(dark: Shop) -> None:
    """The hand-over was kept; its ticket appears without anybody doing anything."""
    chat = dark.guest()
    opened = chat.say("get me a real person please")["escalation"]
    store = open_desk(dark.data_dir / "mock" / "zendesk.db")
    clear_fault(store)
    ticket, deadline = "", time.monotonic() + 60
    while not ticket and time.monotonic() < deadline:
        waiting = dark.http.get("/console/queue", auth=dark.staff["agent"]).json()["waiting"]
        ticket = next(h["ticket"] for h in waiting if h["id"] == opened["id"])
    assert ticket
    store.close()
