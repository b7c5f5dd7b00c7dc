"""What the vault takes out of a text comes back as it was, whatever the text is."""

import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.adapters.memory.vault import open_memory_vault
from shared.personal_data import new_token, token_pattern
from shared.ports import PIIVault
from tests.vaults import open_vault

TOKEN = token_pattern()
# One vault serves all examples of a test, each in a conversation of its own.
ANYTHING = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
# Of every type, written well and badly; what it stands beside; and what trips up who cuts text into pieces.
_SAID = st.sampled_from(
    [
        "Ana Lund", "ana lund", "ANA LUND", "Lund, Ana", "my name is Rose", "rose", "Zoë", "Zoe", "Zoe\u0308",
        "ana.lund@example.com", "ANA.LUND@example.com", "ana dot lund at example dot com", "(555) 013-4477",
        "+1 555 013 4477", "5550134477", "4111 1111 1111 1111", "GB29 NWBK 6016 1331 9268 19", "12345678Z",
        "203.0.113.42", "born on March 4, 1988", "615 Laurel Lane", "27 rue des Lilas, 69002 Lyon",
        "c/ Mayor 5, 28012 Madrid", "BS1 4QT", "1Z999AA10123456784",
        "six one seven five five five oh one four",
        "#1001", "order 1044", "née le", "soy ", "c'est ", " at ", " dot ", "@", "\n", " ", ", ",
        "ki\u200bra@exam\u200bple.org", "１２３４５６７８９０", "Ａｎａ", "\U0001f3d5",
        "5\ufe0f\u20e3", "👩\u200d🦰",
        "\u202e", "\u2066", "\x00", "e\u0301\u0323", "ﬁ", "İ", "ß", "مرحبا", "\U0010ffff", "\ufffe",
        "TOKEN_", "TOKEN_0b5f3c1e-5a52-4b6f-9b50-", "TOKEN_0b5f3c1e-5a52-4b6f-9b50-5d2d3a1c9f1",
        "0b5f3c1e-5a52-4b6f-9b50-5d2d3a1c9f10", "token_0b5f3c1e-5a52-4b6f-9b50-5d2d3a1c9f10",
        "ＴＯＫＥＮ_0b5f3c1e-5a52-4b6f-9b50-5d2d3a1c9f10", "TOKEN_0b5f3c1e-5a52-4b6f-9b50-5d2d3a1c9f10", "f0",
    ]
)  # fmt: skip
TEXTS = st.lists(_SAID | st.text(st.characters(), max_size=12), max_size=10).map("".join)
SPACED = st.lists(_SAID | st.text(st.characters(), max_size=12), max_size=10).map(" ".join)
ANY = TEXTS | SPACED
KNOWN = st.lists(_SAID | st.text(st.characters(), max_size=12), max_size=3)
ASKED = st.sampled_from(
    ["", "May I have your name?", "¿Su dirección?", "Votre e-mail ?", "Your date of birth?"]
) | st.text(max_size=20)


@pytest.fixture(params=["memory", "local"])
async def vault(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[PIIVault]:
    opened: AbstractAsyncContextManager[PIIVault] = (
        open_memory_vault()
        if request.param == "memory"
        else open_vault(tmp_path / "vault.db", tmp_path / "vault.key", audit=tmp_path / "audit.jsonl")
    )
    async with opened as vault:
        yield vault


@ANYTHING
@given(text=ANY, known=KNOWN, asked=ASKED)
async def test_any_text_comes_back(vault: PIIVault, text: str, known: list[str], asked: str) -> None:
    """To the letter, whatever the record holds and whatever was asked; and doing it again changes nothing."""
    talk = str(uuid.uuid4())
    said = await vault.tokenize(text, conversation_id=talk, owner="ana", known=known, asked=asked)
    assert await vault.reveal(said, conversation_id=talk, purpose="delivery") == text
    assert await vault.tokenize(said, conversation_id=talk, owner="ana", known=known, asked=asked) == said


@ANYTHING
@given(before=ANY, text=ANY, known=KNOWN)
async def test_a_later_text_comes_back_too(vault: PIIVault, before: str, text: str, known: list[str]) -> None:
    """However the conversation has spelled the same values before."""
    talk = str(uuid.uuid4())
    await vault.tokenize(before, conversation_id=talk, owner="ana")
    said = await vault.tokenize(text, conversation_id=talk, owner="ana", known=known)
    assert await vault.reveal(said, conversation_id=talk, purpose="delivery") == text


@ANYTHING
@given(text=ANY, around=ANY)
async def test_tokens_in_a_text_stay_whole(vault: PIIVault, text: str, around: str) -> None:
    """Own tokens are read as what they stand for; those of others, and made-up ones, are text."""
    talk, other = str(uuid.uuid4()), str(uuid.uuid4())
    mine = await vault.token("Ana Lund", conversation_id=talk, owner="ana")
    theirs = await vault.token("Bo Lund", conversation_id=other, owner="bo")
    made_up = new_token()
    quoted = f"{text} {mine}{theirs} {around}{made_up}"
    said = await vault.tokenize(quoted, conversation_id=talk, owner="ana")
    assert {mine, theirs, made_up} <= set(TOKEN.findall(said))
    back = await vault.reveal(said, conversation_id=talk, purpose="delivery")
    assert back == quoted.replace(mine, "Ana Lund")
    assert theirs in await vault.reveal(said, conversation_id=talk, purpose="helpdesk")


@ANYTHING
@given(text=ANY, known=KNOWN)
async def test_a_token_says_nothing(vault: PIIVault, text: str, known: list[str]) -> None:
    """A value has one token in its conversation and another elsewhere, all of one shape."""
    talk, other = str(uuid.uuid4()), str(uuid.uuid4())
    said = await vault.tokenize(text, conversation_id=talk, owner="ana", known=known)
    elsewhere = await vault.tokenize(text, conversation_id=other, owner="ana", known=known)
    given_before = set(TOKEN.findall(text))
    mine, theirs = (set(TOKEN.findall(found)) - given_before for found in (said, elsewhere))
    assert mine.isdisjoint(theirs)
    assert TOKEN.sub("", said) == TOKEN.sub("", elsewhere)
    for token in mine:
        made = uuid.UUID(token.removeprefix("TOKEN_"))
        assert (f"TOKEN_{made}", made.version, made.variant) == (token, 4, uuid.RFC_4122)
        value = await vault.reveal(token, conversation_id=talk, purpose="intake")
        assert await vault.token(value, conversation_id=talk, owner="ana") == token
    assert await vault.reveal(said, conversation_id=other, purpose="delivery") == said


async def test_a_value_is_what_was_written(vault: PIIVault) -> None:
    """Who says that a name is spelled wrongly is quoted rightly, and an address can be put right."""
    for text in (
        "my name is Zoé Lund, not Zoe Lund",
        "Je m'appelle MARIE CURIE, Marie Curie",
        "ana at example dot com, I mean ana@example.com",
    ):
        said = await vault.tokenize(text, conversation_id="c1", owner="ana")
        assert len(set(TOKEN.findall(said))) == 2
        assert await vault.reveal(said, conversation_id="c1", purpose="delivery") == text


async def test_a_name_said_twice_is_hidden_twice(vault: PIIVault) -> None:
    """Where a message introduces a name, its other mentions in the same message are known."""
    text = "quackenbush ordered it. My name is Zebulon Quackenbush."
    said = await vault.tokenize(text, conversation_id="c1", owner="c1")
    assert "uackenbush" not in said
