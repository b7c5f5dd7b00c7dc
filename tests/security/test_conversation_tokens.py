"""Conversation tokens: who holds one that is neither over nor replaced comes in, and nobody else."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.auth import GUEST, ConversationTokens, Identity
from shared.contracts import OVERLAP_SECONDS, Turnover
from shared.errors import SettingsError
from tests.security.desk import Door, later, open_door

NEW, OLD = "n" * 40, "o" * 40
TOKENS = ConversationTokens(secret=NEW)
ANA, JAMES = Identity(customer_id="1"), Identity(customer_id="4")
DAY = 86400.0


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as door:
        yield door


def test_a_token_proves_its_conversation_and_no_other() -> None:
    """Another conversation's, one of another key and one with any letter changed prove nothing."""
    token = TOKENS.issue("c-1", GUEST)
    proof = TOKENS.read(token)
    assert proof is not None
    assert (proof.conversation_id, proof.guest) == ("c-1", True)
    changed = [token[:n] + ("0" if token[n] != "0" else "1") + token[n + 1 :] for n in range(len(token))]
    for wrong in [*changed, token[:-1], token + "0", token.replace("c-1", "c-2"), token.replace("guest", "")]:
        assert TOKENS.read(wrong) is None
    assert ConversationTokens(secret=OLD).read(token) is None


def test_the_key_is_rotated() -> None:
    """All keys are believed, the first signs; what an old one said of the owner still holds."""
    old = ConversationTokens(secret=OLD)
    both = ConversationTokens(secret=f"{NEW}, {OLD}")
    proof = both.read(old.issue("c-1", ANA))
    assert proof is not None
    assert (both.belongs(proof, ANA), both.belongs(proof, JAMES), both.belongs(proof, GUEST)) == (
        True,
        False,
        False,
    )
    fresh = both.issue("c-1", ANA, after=proof)
    assert (TOKENS.read(fresh) is not None, old.read(fresh)) == (True, None)
    for weak in ("", " , ", "short", f"{NEW},short"):
        with pytest.raises(SettingsError, match="CONVERSATION_SECRET"):
            ConversationTokens(secret=weak)
    assert NEW not in repr(both) + repr(proof)


def test_how_long_a_token_opens() -> None:
    """A guest's until nobody came back for 12 hours, a customer's own for the conversation's life."""
    for who, age, over in [(GUEST, 11, False), (GUEST, 13, True), (ANA, 13, False), (ANA, 29 * 24, False)]:
        proof = TOKENS.read(TOKENS.issue("c-1", who, now=1e9))
        assert proof is not None
        assert TOKENS.over(proof, now=1e9 + age * 3600) == over
    first = TOKENS.read(TOKENS.issue("c-1", GUEST, now=1e9))
    renewed = TOKENS.read(TOKENS.issue("c-1", GUEST, after=first, now=1e9 + 30 * DAY))
    assert renewed is not None
    assert not TOKENS.over(renewed, now=1e9 + 30 * DAY)
    assert TOKENS.over(renewed, now=1e9 + 30 * DAY + 1)  # renewing does not make it live for ever
    assert TOKENS.over(renewed, now=1e9)  # nor does a date in the future


@settings(max_examples=50)
@given(st.text())
def test_any_text_is_no_token(text: str) -> None:
    """Whatever comes is read without an error and proves nothing."""
    assert TOKENS.read(text) is None


FORGED = [
    "", "c-1", ".....", "." * 200, "a.b.c.d", "c-1.guest.1.1." + "0" * 43, "c-1.guest.-1.-1." + "0" * 43,
    "c-1.guest.9999999999999999999999.1." + "0" * 43, "c-1.guest.1.1." + "٣" * 43,
    "c-1.guest.١.1." + "0" * 43,
    "c-1\0.guest.1.1." + "0" * 43, "c-" + "1" * 10_000, "c-1.guest.1e9.1." + "0" * 43, "\ud800", "💥" * 50,
    "c-1.guest.1.1." + "0" * 43 + "\n", "../../etc/passwd", "c-1.guest.9.x",
]  # fmt: skip


async def test_a_malformed_token_meets_the_same_404(door: Door) -> None:
    """In the header, as bearer and in the body, and never a 500 or a word more than to any stranger."""
    http = door.guest().http
    stranger = await http.get("/v1/conversations/c-1")
    for token in FORGED:
        # Escaped by hand: no JSON writer lets half a character pass.
        text = "".join(f"\\u{unit:04x}" for unit in _units(token))
        body = f'{{"message": "hello", "conversation_id": "c-1", "conversation_token": "{text}"}}'
        answers = [await http.post("/v1/chat", content=body, headers={"Content-Type": "application/json"})]
        raw = token.encode("utf-8", "surrogatepass")
        if not re.search(rb"[\0\r\n]", raw):  # no server lets these into a header
            shown = ([(b"x-conversation-token", raw)], [(b"authorization", b"Bearer c-" + raw)])
            answers += [await http.get("/v1/conversations/c-1", headers=each) for each in shown]
        for answer in answers:
            # What the schema refuses (too long, no text at all) says so, as for any field.
            no_field = answer.status_code == 422 and (len(token) > 300 or not token.isprintable())
            assert no_field or (answer.status_code, answer.text) == (404, stranger.text), token[:50]


def _units(text: str) -> list[int]:
    raw = text.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(raw[n : n + 2], "big") for n in range(0, len(raw), 2)]


async def test_the_id_alone_opens_nothing(door: Door) -> None:
    """Nor does the token in a URL; what is turned away is written down without it."""
    guest = door.guest()
    await guest.say("hello")
    bare, url = door.guest(), f"/v1/conversations/{guest.conversation_id}"
    for path in (url, f"{url}/events", f"{url}?conversation_token={guest.token}&token={guest.token}"):
        assert (await bare.http.get(path)).status_code == 404
    bare.conversation_id = guest.conversation_id
    assert (await bare.post("hello")).status_code == 404
    assert door.denied() == ["conversation"] * 4
    assert guest.token not in str(door.audit.lines)


async def test_a_place_in_the_stream_that_is_none(door: Door) -> None:
    """Numbers too long to be read, and digits of other scripts, are refused by name."""
    guest = door.guest()
    await guest.say("hello")
    for wrong in (b"9" * 5000, b"-1", "١".encode(), b"1e9"):
        headers = [(b"x-conversation-token", guest.token.encode()), (b"last-event-id", wrong)]
        answer = await guest.http.get(f"/v1/conversations/{guest.conversation_id}/events", headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-field")


async def test_a_token_is_renewed_with_each_answer_and_the_old_ones_end(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replaced token opens for the overlap, then meets a 401 that says so; the newest goes on."""
    tab = door.guest()
    await tab.say("hello")
    first = tab.holding(tab)
    later(monkeypatch, 60)
    await tab.say("hello again")
    assert tab.token != first.token
    later(monkeypatch, 60 + OVERLAP_SECONDS + 60)
    assert (await first.read()).status_code == 200  # its successor was lost, as far as anyone knows
    await tab.say("and again")
    assert (await first.read()).status_code == 200  # another tab, or a response on its way
    later(monkeypatch, 60 + 2 * OVERLAP_SECONDS + 120)
    refused = await first.read()
    assert (refused.status_code, refused.json()["type"]) == (401, "/problems/conversation-replaced")
    assert (await first.post("hello")).json()["type"] == "/problems/conversation-replaced"
    assert (
        await first.http.get(f"/v1/conversations/{first.conversation_id}/events", headers=first.headers)
    ).status_code == 401
    assert "replaced conversation token" in door.denied()
    fresh = (await tab.read()).json()["conversation_token"]
    assert fresh != tab.token
    tab.token = fresh
    await tab.say("still here")


async def test_who_only_reads_with_a_stolen_token_is_shut_out(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often they come and take the token they get: only a message brings a newer one."""
    tab = door.guest()
    await tab.say("hello")
    thief = tab.holding(tab)
    for minutes in range(2, 40, 2):
        later(monkeypatch, minutes * 60)
        await tab.say("and then?")
        read = await thief.read()
        if read.status_code != 200:
            break
        thief.token = read.json()["conversation_token"]
    assert (read.status_code, read.json()["type"]) == (401, "/problems/conversation-replaced")
    assert minutes * 60 <= 3 * OVERLAP_SECONDS


async def test_a_laptop_that_slept(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A guest comes back a day later to a closed conversation and can begin a new one; a customer goes on."""
    guest, ana = door.guest(), door.customer("Ana")
    for tab in (guest, ana):
        await tab.say("hello")
    later(monkeypatch, DAY)
    closed = await guest.post("hello")
    assert (closed.status_code, closed.json()["type"]) == (401, "/problems/conversation-expired")
    assert "Begin a new one" in closed.json()["detail"]
    assert door.denied() == ["closed conversation"]
    old, guest.conversation_id = guest.conversation_id, ""
    await guest.say("hello")
    assert guest.conversation_id != old
    await ana.say("hello")


async def test_a_first_message_is_repeated_until_its_token_came_back(door: Door) -> None:
    """A lost first response is asked for again; later its id is no way into the conversation."""
    uuid = "1b4e28ba-2fa1-11d2-883f-0016d3cca427"
    guest = door.guest()
    first = await guest.say("hello", client_message_id=uuid)
    again = door.guest()
    assert (await again.say("hello", client_message_id=uuid))["conversation_id"] == first["conversation_id"]
    await guest.say("thanks")
    assert (await door.guest().post("hello", client_message_id=uuid)).status_code == 404
    assert door.denied() == ["repeated first message"]


@given(
    st.lists(st.tuples(st.integers(1, 10_000), st.integers(0, 10_000)), max_size=30), st.integers(1, 10_000)
)
def test_what_is_newest_is_never_replaced(uses: list[tuple[int, int]], step: int) -> None:
    """However tokens come back, the newest stays good, and one older than it ends within two overlaps."""
    now, seen, newest = 1_000_000.0, Turnover(), 0
    for issued, pause in uses:
        now += pause
        seen = seen.used(issued, at=now)
        newest = max(newest, issued)
        assert not seen.replaced(newest, at=now + step)
    now += 2 * OVERLAP_SECONDS
    seen = seen.used(newest + 1, at=now).used(newest + 2, at=now + OVERLAP_SECONDS + 1)
    assert seen.replaced(newest, at=now + 2 * OVERLAP_SECONDS + 2)
