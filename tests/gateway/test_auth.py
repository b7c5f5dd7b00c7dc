"""Tokens: a conversation opens for who holds its token, a customer is who the shop signed."""

import time
from pathlib import Path

import jwt
import pytest

from gateway.auth import GUEST, ConversationTokens, CustomerTokens, Identity, demo_token, local_secret
from gateway.problems import Problem

TOKENS = ConversationTokens(secret="a" * 40)
ANA, JAMES = Identity(customer_id="1"), Identity(customer_id="4")
SECRET = "s" * 40


def test_a_token_opens_its_conversation_and_no_other() -> None:
    """Another conversation's token, a forged one and an expired one open nothing."""
    token = TOKENS.issue("c-1", GUEST)
    assert TOKENS.opens(token, GUEST) == "c-1"
    for wrong in ("", "c-1", token[:-1], token.replace("c-1", "c-2"), "a.b.c.d"):
        assert TOKENS.opens(wrong, GUEST) is None
    assert TOKENS.opens(TOKENS.issue("c-1", GUEST, now=time.time() - 31 * 86400), GUEST) is None
    assert ConversationTokens(secret="b" * 40).opens(token, GUEST) is None


def test_another_signed_in_customer_is_turned_away_with_the_token_in_hand() -> None:
    """A shared laptop does not show Ana's conversation to James."""
    token = TOKENS.issue("c-1", ANA)
    assert TOKENS.opens(token, ANA) == "c-1"
    assert TOKENS.opens(token, JAMES) is None


def test_strangers_never_share_a_conversation_by_a_short_message_id() -> None:
    """A first message is recognized again only by an id that nobody guesses, or within one customer."""
    first = TOKENS.new_conversation(GUEST, address="10.0.0.1", client_message_id="1")
    assert first != TOKENS.new_conversation(GUEST, address="10.0.0.1", client_message_id="1")
    uuid = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"
    again = [TOKENS.new_conversation(GUEST, address="10.0.0.1", client_message_id=uuid) for _ in range(2)]
    assert again[0] == again[1]
    assert TOKENS.new_conversation(ANA, address="x", client_message_id="1") != TOKENS.new_conversation(
        JAMES, address="x", client_message_id="1"
    )


async def test_the_shops_token_says_who_the_customer_is() -> None:
    """The customer id and the values the token states."""
    token = demo_token(
        SECRET, customer_id="7", name="Ana García", email="ana@example.com", audience="", seconds=60
    )
    identity = await CustomerTokens(secret=SECRET).identity(token)
    assert identity == Identity(customer_id="7", known=("Ana García", "ana@example.com"))


@pytest.mark.parametrize(
    ("claims", "key", "algorithm", "kind"),
    [
        ({"sub": "7", "exp": 1}, SECRET, "HS256", "token-expired"),
        ({"sub": "7", "exp": 4e9}, "x" * 40, "HS256", "token-invalid"),
        ({"sub": "7", "exp": 4e9}, SECRET, "HS512", "token-invalid"),
        ({"sub": "7", "exp": 4e9}, None, "none", "token-invalid"),
        ({"exp": 4e9}, SECRET, "HS256", "token-invalid"),
        ({"sub": "7"}, SECRET, "HS256", "token-invalid"),
        ({"sub": "x" * 65, "exp": 4e9}, SECRET, "HS256", "token-invalid"),
    ],
)
@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
async def test_a_token_the_shop_did_not_sign_is_refused(
    claims: dict[str, object], key: str | None, algorithm: str, kind: str
) -> None:
    """Expired, forged, another algorithm, none, or without who and until when."""
    token = jwt.encode(claims, key, algorithm=algorithm)  # type: ignore[arg-type]
    with pytest.raises(Problem) as refused:
        await CustomerTokens(secret=SECRET).identity(token)
    assert (refused.value.status, refused.value.body["type"]) == (401, f"/problems/{kind}")


def test_a_local_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    """Processes that start together share it."""
    made = local_secret(tmp_path, "conversation")
    assert local_secret(tmp_path, "conversation") == made
    assert (tmp_path / "secrets" / "conversation").stat().st_mode & 0o077 == 0
    assert len(list((tmp_path / "secrets").iterdir())) == 1
