"""Guessing passwords: names and addresses that try too often, and nothing that tells a name from another."""

import asyncio
import hashlib
import re
from typing import Any

import pytest

from gateway.staff.local import LocalSignIn
from gateway.staff.passwords import Passwords, generated
from tests.security.staff_desk import PEOPLE, Browser, Timed, timed_desk
from tests.staff import PASSWORD, QUICK, room_for_tests


@pytest.fixture
def timed() -> Timed:
    return timed_desk()


@pytest.mark.parametrize("name", ["agent", "nobody"])
async def test_guesses_at_a_name(timed: Timed, name: str) -> None:
    """Paused after five, for a name that nobody has too, and for the right password; then it is good."""
    async with timed.desk.http() as http:
        answers = [await Browser(http).sign_in(name, "wrong") for _ in range(5)]
        assert {answer.status_code for answer in answers} == {401}
        assert "do not belong together" in answers[0].text
        paused = await Browser(http).sign_in(name)
        assert (paused.status_code, paused.headers["retry-after"]) == (429, "2")
        basic = await http.get("/staff/me", auth=(name, PASSWORD))
        assert (basic.status_code, basic.json()["type"]) == (429, "/problems/too-many-requests")
        assert (await Browser(http).sign_in("lead")).status_code == 303
        timed.clock.at += 2
        assert (await Browser(http).sign_in(name)).status_code == (303 if name == "agent" else 401)
    purposes = [purpose for _, purpose in timed.desk.denials]
    assert purposes[:7] == ["staff sign-in"] * 5 + ["staff sign-in, paused"] * 2


async def test_guesses_from_an_address(timed: Timed) -> None:
    """One password at every name: paused after twenty, for this address alone."""
    async with timed.desk.http() as http, timed.desk.http(address="203.0.113.77") as elsewhere:
        for number in range(20):
            assert (await http.get("/staff/me", auth=(f"name{number}", "wrong"))).status_code == 401
        assert (await http.get("/staff/me", auth=("agent", PASSWORD))).status_code == 429
        assert (await elsewhere.get("/staff/me", auth=("agent", PASSWORD))).status_code == 200


async def test_guesses_from_a_network(timed: Timed) -> None:
    """Who has one IPv6 address has all of its network: they are one place."""
    for number in range(20):
        async with timed.desk.http(address=f"2001:db8::{number:x}") as http:
            assert (await http.get("/staff/me", auth=(f"name{number}", "wrong"))).status_code == 401
    for address, status in (("2001:db8::ffff", 429), ("2001:db8:0:1::1", 200)):
        async with timed.desk.http(address=address) as http:
            assert (await http.get("/staff/me", auth=("agent", PASSWORD))).status_code == status


async def test_guesses_at_once(timed: Timed, caplog: pytest.LogCaptureFixture) -> None:
    """Sent together they are counted one by one: five are looked at, not twenty. The log names nobody."""
    async with timed.desk.http() as http:
        answers = await asyncio.gather(
            *(http.get("/staff/me", auth=("agent", f"wrong{number}")) for number in range(15))
        )
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 10
    told = [record.getMessage() for record in caplog.records if record.name == "answerdesk.sign_in"]
    assert len(told) == 10
    assert all(line.startswith("sign_in_locked wait_s=") for line in told)


async def test_an_unknown_name_costs_as_much(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name can be told from another by how long its wrong password takes: each is hashed once."""
    room = room_for_tests(PEOPLE)
    hashed: list[tuple[int, int]] = []
    scrypt = hashlib.scrypt

    def counted(said: bytes, **how: Any) -> bytes:
        hashed.append((len(said), how["n"]))
        return scrypt(said, **how)

    monkeypatch.setattr(hashlib, "scrypt", counted)
    assert isinstance(room.local, LocalSignIn)
    for name, password in (("agent", "wrong"), ("nobody", "wrong"), ("", ""), ("agent", "x" * 5000)):
        assert await room.local.member(name, password, address="a") is None
    assert hashed == [(5, QUICK.cost), (5, QUICK.cost), (0, QUICK.cost), (200, QUICK.cost)]


def test_passwords() -> None:
    """Long, never the same, salted; a hash says its own cost, so that it can be raised later."""
    made = {generated() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"([a-hjkmnp-z2-9]{5}-){4}[a-hjkmnp-z2-9]{5}", each) for each in made)
    old, new = Passwords(cost=2), Passwords(cost=4)
    kept = old.hashed("correct")
    assert kept != old.hashed("correct")
    assert new.matches("correct", kept)
    assert not new.matches("Correct", kept)
    assert not new.matches("correct", "")
    assert Passwords().cost >= 2**15
