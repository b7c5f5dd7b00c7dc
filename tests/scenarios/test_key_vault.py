"""A shop whose vault has its key in Key Vault, as it runs on Azure: real SDK, managed identity, TLS."""

from pathlib import Path

import httpx
import pytest

from shared.personal_data import token_pattern
from tests import key_vault
from tests.shop import running_shop

SCRIPTED = {"MODEL_URL": "scripted://", "EMBEDDER_URL": "hashing://"}
"""What is answered is not what is asked about here."""
MAIL = "zebulon.canary@example.org"


@pytest.mark.parametrize("scheme", ["https", "keyvault-secrets"])
def test_a_shop_answers_while_key_vault_is_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    """Once started it needs Key Vault for no turn, and what a customer says is a token on disk."""
    with key_vault.running(tmp_path / "service", monkeypatch) as keys:
        url = keys.url.replace("https", scheme)
        with running_shop(tmp_path / "data", VAULT_URL=url, **SCRIPTED) as shop:
            chat = shop.guest()
            chat.say("Do you ship to France?")
            keys.server.kill()
            chat.say(f"My e-mail is {MAIL}. How long does standard shipping take?")
            assert httpx.get(f"{shop.url}/health/ready").status_code == 200
            address = f"/v1/conversations/{chat.conversation_id}"
            lines = shop.http.get(address, headers=chat.headers).json()["messages"]
            assert any(MAIL in line["text"] for line in lines if line["who"] == "customer")
        stored = b"".join(file.read_bytes() for file in (tmp_path / "data").glob("*.db*") if file.is_file())
        assert MAIL.encode() not in stored
        assert token_pattern().search(stored.decode("latin-1"))
