"""When something around us fails: an honest word, a person, or a clear refusal; never a guess."""

import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mock_apis.faults import clear_fault, set_fault
from mock_apis.shopify import open_shop
from tests.scenarios.test_orders import spoken
from tests.shop import ROOT, Shop, free_port, running_shop

SCRIPTED = {"MODEL_URL": "scripted://", "EMBEDDER_URL": "hashing://"}


@contextmanager
def broken_shopify(shop: Shop, **fault: object) -> Iterator[None]:
    store = open_shop(shop.data_dir / "mock" / "shopify.db", datetime.now(UTC).date())
    set_fault(store, **fault)  # type: ignore[arg-type]
    try:
        yield
    finally:
        clear_fault(store)
        store.close()


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"status": 429, "retry_after": 60}, {"status": 200, "body": "garbage"}]
)
def test_without_the_shop_an_order_question_goes_to_a_person(shop: Shop, fault: dict[str, object]) -> None:
    """500, 429, garbage: no invented status, and policy questions are still answered."""
    with broken_shopify(shop, **fault):
        answer = shop.guest().say("Where is my order 1005? My e-mail is emma.johnson@example.com")
        assert answer["status"] == "handed_over", answer
        assert answer["escalation"]["reason"] == "shop_down"
        assert "deliver" not in answer["reply"].lower()
        policy = shop.guest().say("How many days do I have to return something?")
        assert policy["status"] == "answered"


def test_the_openai_engine_states_the_shops_facts_too(tmp_path: Path) -> None:
    """The real SDK against the mock of its protocol, through every agent; `engine` tells the truth."""
    with running_shop(tmp_path / "data", MODEL_URL="mock://openai", EMBEDDER_URL="hashing://") as shop:
        answer = shop.customer("Emma").say("where is my order 1005?")
        assert (answer["status"], answer["engine"]) == ("answered", "openai")
        assert spoken(shop.order("1005")["delivered"], "en") in answer["reply"]
        assert 'desk_tokens_total{direction="input"' in shop.http.get("/metrics").text


def test_too_many_messages_are_told_how_long_to_wait(tmp_path: Path) -> None:
    """429 with Retry-After for a conversation, a customer and an address."""
    with running_shop(
        tmp_path / "data", RATE_PER_MINUTE="3", RATE_ADDRESS_PER_MINUTE="12", **SCRIPTED
    ) as shop:
        chat = shop.guest()
        for _ in range(4):
            chat.say("lovely")
        body = {"message": "lovely", "conversation_id": chat.conversation_id}
        refused = shop.http.post("/v1/chat", json=body, headers=chat.headers)
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 60
        ana = shop.customer("Ana")
        codes = [
            shop.http.post("/v1/chat", json={"message": "hi"}, headers=ana.headers).status_code
            for _ in range(4)
        ]
        assert codes == [200, 200, 200, 429]
        codes = [shop.http.post("/v1/chat", json={"message": "hi"}).status_code for _ in range(12)]
        assert codes[-1] == 429


def test_a_full_disk_refuses_clearly_and_what_was_accepted_stays(tmp_path: Path) -> None:
    """No file may grow: the message is refused before it is accepted, and goes through once there is room."""
    with running_shop(tmp_path / "data", **SCRIPTED) as shop:
        chat = shop.guest()
        chat.say("before the disk was full")
        body = {"message": "my e-mail is zachariah@example.org", "conversation_id": chat.conversation_id}
        pid = shop.process.pid
        _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, hard))
        refused = shop.http.post("/v1/chat", json=body, headers=chat.headers)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
        assert refused.status_code == 503, refused.text
        assert refused.json()["type"] == "/problems/unavailable"
        assert int(refused.headers["retry-after"]) > 0
        assert shop.http.post("/v1/chat", json=body, headers=chat.headers).status_code == 200
        read = shop.http.get(f"/v1/conversations/{chat.conversation_id}", headers=chat.headers).json()
        said = [line["text"] for line in read["messages"] if line["who"] == "customer"]
        assert said == ["before the disk was full", "my e-mail is zachariah@example.org"]


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("PORT", "eighty", "PORT='eighty'"),
        ("BUS_URL", "kafka://x", "BUS_URL='kafka://x': unknown scheme"),
        ("STORE_URL", "oracle://x", "STORE_URL='oracle://x': unknown scheme"),
        ("VAULT_URL", "ftp://x", "VAULT_URL='ftp://x': unknown scheme"),
        ("VAULT_URL", "https://x.vault.azure.net/secrets", "VAULT_URL='https://x.vault.azure.net/...' is no"),
        ("VAULT_URL", "keyvault-secrets://", "VAULT_URL='keyvault-secrets://' is no Key Vault"),
        ("VAULT_URL", "https://127.0.0.1:1", "Key Vault https://127.0.0.1:1 cannot be reached"),
        ("TRACES_RATIO", "7", "TRACES_RATIO='7'"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_its_name(
    tmp_path: Path, setting: str, value: str, says: str
) -> None:
    """Name, value, remedy; exit code 2; no stack trace."""
    env = {
        "PATH": "/usr/bin:/usr/sbin:/bin",
        "DATA_DIR": str(tmp_path),
        "PORT": str(free_port()),
        setting: value,
    }
    done = subprocess.run(
        [sys.executable, "-m", "launch", "gateway"],
        check=False,
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr
