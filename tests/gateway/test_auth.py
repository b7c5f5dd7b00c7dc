"""Who is who: ids that nobody guesses, customers whom the shop signed (see tests/security for the rest)."""

from pathlib import Path

from gateway.auth import GUEST, ConversationTokens, CustomerTokens, Identity, demo_token, local_secret

TOKENS = ConversationTokens(secret="a" * 40)
ANA, JAMES = Identity(customer_id="1"), Identity(customer_id="4")
SECRET = "s" * 40


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


def test_a_local_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    """Processes that start together share it."""
    made = local_secret(tmp_path, "conversation")
    assert local_secret(tmp_path, "conversation") == made
    assert (tmp_path / "secrets" / "conversation").stat().st_mode & 0o077 == 0
    assert len(list((tmp_path / "secrets").iterdir())) == 1
