"""What every vault promises, proved on the one in memory, the one on disk, and the one with Key Vault."""

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from shared.adapters.key_vault import open_key_vault
from shared.adapters.key_vault_values import open_secrets_vault
from shared.adapters.memory.audit import MemoryAudit
from shared.adapters.memory.vault import open_memory_vault
from shared.personal_data import new_token, token_pattern, tokens_in
from shared.ports import PIIVault
from tests import key_vault
from tests.vaults import open_vault

TOKEN = token_pattern()
MESSAGE = "I'm Ana Lund, ana.lund@example.com, (555) 013-4477. Where is #1001?"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[key_vault.Vault]:
    """A Key Vault for all vaults of this module: they share its key, as desks of one shop do."""
    folder = tmp_path_factory.mktemp("keys")
    with pytest.MonkeyPatch.context() as patch, key_vault.running(folder, patch) as running:
        yield running


@pytest.fixture(params=["memory", "local", "key_vault", "key_vault_values"])
async def vault(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[PIIVault]:
    path, audit = tmp_path / "vault.db", MemoryAudit()
    opened: AbstractAsyncContextManager[PIIVault]
    if request.param == "memory":
        opened = open_memory_vault()
    elif request.param == "local":
        opened = open_vault(path, tmp_path / "vault.key", audit=tmp_path / "audit.jsonl")
    elif request.param == "key_vault":
        opened = open_key_vault(request.getfixturevalue("keys").url, path, audit=audit)
    else:
        url = request.getfixturevalue("keys").url.replace("https", "keyvault-secrets")
        opened = open_secrets_vault(url, path, audit=audit, idle_seconds=0)
    async with opened as vault:
        yield vault


async def test_tokenize(vault: PIIVault) -> None:
    """Personal values become tokens that say nothing; order numbers stay."""
    said = await vault.tokenize(MESSAGE, conversation_id="c1", owner="ana")
    assert len(TOKEN.findall(said)) == 3
    assert TOKEN.sub("*", said) == "I'm *, *, *. Where is #1001?"
    assert await vault.reveal(said, conversation_id="c1", purpose="delivery") == MESSAGE


async def test_the_record_is_known(vault: PIIVault) -> None:
    """A value of the customer's record is found where no form gives it away."""
    said = await vault.tokenize(
        "it's lantern quay", conversation_id="c1", owner="ana", known=("9 Lantern Quay",)
    )
    assert TOKEN.sub("*", said) == "it's *"


async def test_a_name_once_said_is_known_in_its_conversation(vault: PIIVault) -> None:
    """Introduced once; the bare name later is the same person."""
    first = await vault.tokenize("my name is Zebulon Quackenbush", conversation_id="c1", owner="c1")
    later = await vault.tokenize("Bye, Zebulon Quackenbush", conversation_id="c1", owner="c1")
    assert TOKEN.findall(later) == TOKEN.findall(first)
    assert "Quackenbush" not in later
    elsewhere = await vault.tokenize("Bye, Zebulon Quackenbush", conversation_id="c2", owner="c2")
    assert not set(TOKEN.findall(elsewhere)) & set(TOKEN.findall(first))


async def test_what_is_behind_a_token(vault: PIIVault) -> None:
    """Its kind, as it was found, for any number at once; nothing is opened for it."""
    said = await vault.tokenize("I'm Ana Lund, ana.lund@example.com", conversation_id="c1", owner="ana")
    phone = await vault.token("+33 1 42 68 53 00", conversation_id="c2", owner="bo")
    unclear = await vault.token("blue-17", conversation_id="c2", owner="bo")
    name, email = tokens_in(said)
    assert await vault.kinds((name, email, phone, unclear, new_token())) == {
        name: "name", email: "email", phone: "phone",
    }  # fmt: skip
    assert await vault.kinds(()) == {}
    await vault.forget("ana")
    assert await vault.kinds((name, email)) == {}


async def test_same_value_same_token(vault: PIIVault) -> None:
    """The same value is the same token within a conversation; another way to write it is another value."""
    first = await vault.token("Ana.Lund@Example.com", conversation_id="c1", owner="ana")
    assert await vault.token("Ana.Lund@Example.com", conversation_id="c1", owner="ana") == first
    assert await vault.tokenize("Ana.Lund@Example.com", conversation_id="c1", owner="ana") == first
    for other in ("ana.lund@example.com", "ana.lund at example dot com", "(555) 013-4477"):
        token = await vault.token(other, conversation_id="c1", owner="ana")
        assert token != first
        assert await vault.reveal(token, conversation_id="c1", purpose="delivery") == other


async def test_conversations_are_apart(vault: PIIVault) -> None:
    """Another conversation gives another token, and cannot open this one's."""
    mine = await vault.token("Ana Lund", conversation_id="c1", owner="ana")
    theirs = await vault.token("Ana Lund", conversation_id="c2", owner="ana")
    assert mine != theirs
    assert (
        await vault.reveal(f"{mine} {theirs}", conversation_id="c2", purpose="delivery") == f"{mine} Ana Lund"
    )


async def test_unknown_tokens_stay(vault: PIIVault) -> None:
    """A token nobody made stays text, both ways."""
    made_up = f"Hello TOKEN_{uuid.uuid4()}!"
    assert await vault.tokenize(made_up, conversation_id="c1", owner="ana") == made_up
    assert await vault.reveal(made_up, conversation_id="c1", purpose="delivery") == made_up


async def test_tokenize_twice(vault: PIIVault) -> None:
    """Tokenizing what is tokenized changes nothing."""
    once = await vault.tokenize(MESSAGE, conversation_id="c1", owner="ana")
    assert await vault.tokenize(once, conversation_id="c1", owner="ana", known=("Ana Lund",)) == once


async def test_forget(vault: PIIVault) -> None:
    """After forgetting an owner their values are gone for good; others' stay; starting again works."""
    ana = await vault.token("Ana Lund", conversation_id="c1", owner="ana")
    mail = await vault.token("ana@example.com", conversation_id="c2", owner="ana")
    bo = await vault.token("Bo Lund", conversation_id="c3", owner="bo")
    assert await vault.reveal(ana, conversation_id="c1", purpose="delivery") == "Ana Lund"
    assert await vault.forget("ana") == 2
    assert await vault.reveal(ana, conversation_id="c1", purpose="delivery") == ana
    assert await vault.reveal(mail, conversation_id="c2", purpose="delivery") == mail
    assert await vault.reveal(bo, conversation_id="c3", purpose="delivery") == "Bo Lund"
    assert await vault.forget("ana") == 0
    again = await vault.token("Ana Lund", conversation_id="c1", owner="ana")
    assert again != ana
    assert await vault.reveal(again, conversation_id="c1", purpose="delivery") == "Ana Lund"


async def test_a_guest_signs_in(vault: PIIVault) -> None:
    """What a guest said keeps its token after sign-in, and is forgotten with the customer."""
    token = await vault.token("Ana Lund", conversation_id="c1", owner="c1")
    assert await vault.token("Ana Lund", conversation_id="c1", owner="ana") == token
    assert await vault.forget("c1") == 0
    assert await vault.reveal(token, conversation_id="c1", purpose="helpdesk") == "Ana Lund"
    assert await vault.forget("ana") == 1
    assert await vault.reveal(token, conversation_id="c1", purpose="helpdesk") == token


async def test_conversations_of_an_owner(vault: PIIVault) -> None:
    """Which conversations hold values of whom, until they are forgotten."""
    for conversation, owner in (("c2", "ana"), ("c1", "ana"), ("c1", "c1"), ("c3", "bo")):
        await vault.token(f"{owner} Lund", conversation_id=conversation, owner=owner)
    assert list(await vault.conversations("ana")) == ["c1", "c2"]
    assert list(await vault.conversations("c1")) == ["c1"]
    await vault.forget("ana")
    assert list(await vault.conversations("ana")) == []
    assert list(await vault.conversations("bo")) == ["c3"]


async def test_expire(vault: PIIVault) -> None:
    """The values of conversations go whoever owns them; an owner's other conversations stay readable."""
    tokens = {
        conversation: await vault.token("Ana Lund", conversation_id=conversation, owner=owner)
        for conversation, owner in (("c1", "ana"), ("c2", "ana"), ("c3", "bo"))
    }
    assert await vault.count(["c1", "c3", "c-nobody"]) == 2
    assert await vault.expire(["c1", "c3", "c-nobody"]) == 2
    assert await vault.count(["c1", "c2", "c3"]) == 1
    opened = [await vault.reveal(t, conversation_id=c, purpose="delivery") for c, t in tokens.items()]
    assert opened == [tokens["c1"], "Ana Lund", tokens["c3"]]
    assert await vault.expire(["c1"]) == 0
    again = await vault.token("Bo Lund", conversation_id="c3", owner="bo")
    assert await vault.reveal(again, conversation_id="c3", purpose="delivery") == "Bo Lund"


@pytest.mark.parametrize("purpose", ["", "curiosity", "Delivery"])
async def test_purpose(vault: PIIVault, purpose: str) -> None:
    """Nothing is revealed without a purpose the audit knows."""
    token = await vault.token("Ana Lund", conversation_id="c1", owner="ana")
    with pytest.raises(ValueError, match=r"commerce, console:answer, .*delivery, erasure, export, helpdesk"):
        await vault.reveal(token, conversation_id="c1", purpose=purpose)


async def test_ping(vault: PIIVault) -> None:
    """A healthy vault answers."""
    await vault.ping()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=st.text(st.characters(), min_size=1))
async def test_round_trip_of_one_value(vault: PIIVault, value: str) -> None:
    """Any value comes back as it was, lone surrogates too."""
    assume("TOKEN_" not in value)
    conversation = str(uuid.uuid4())
    token = await vault.token(value, conversation_id=conversation, owner="ana")
    assert TOKEN.fullmatch(token)
    assert await vault.reveal(token, conversation_id=conversation, purpose="intake") == value


async def test_what_was_asked_is_context(vault: PIIVault) -> None:
    """A word that answers "your name?" is hidden; the same word unasked is not."""
    asked = await vault.tokenize("rose", conversation_id="c1", owner="c1", asked="What is your name?")
    assert TOKEN.fullmatch(asked)
    assert await vault.tokenize("rose", conversation_id="c2", owner="c2") == "rose"


async def test_which_conversations_hold_a_value(vault: PIIVault) -> None:
    """Found by its hash in each, to the letter, of whomever it is; nothing is opened for it."""
    for conversation, value in (
        ("c1", "ana@example.com"),
        ("c2", "ana@example.com"),
        ("c3", "bo@example.com"),
    ):
        await vault.token(value, conversation_id=conversation, owner=conversation)
    assert sorted(await vault.holding("ana@example.com")) == ["c1", "c2"]
    assert list(await vault.holding("ana@example.co")) == []
    await vault.forget("c1")
    assert list(await vault.holding("ana@example.com")) == ["c2"]
