"""A guest sees an order only with its number and its e-mail, and cannot find these by trying."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import cast

import pytest

from agents import knowledge
from shared import contracts as c
from shared.adapters import embedded
from shared.adapters.bus_rules import may_retry
from shared.adapters.embedded.reply_templates import load_templates
from shared.adapters.sqlite.proofs import Limits, open_proof_tries
from shared.errors import VendorDown, VendorGone
from shared.ports import CommerceApi
from tests.security.desk import Door, open_door

HOUR, DAY = 3600.0, 86400.0
LIMITS = Limits(order=5, place=20, lock_seconds=900)
REPLIES = Path(embedded.__path__[0]) / "replies"
EMMA = "emma.johnson@example.com"


@pytest.fixture
async def door(tmp_path: Path) -> AsyncIterator[Door]:
    async with open_door(tmp_path) as door:
        yield door


async def asked(door: Door, number: str, email: str, address: str = "203.0.113.9") -> str:
    """What a new guest hears who proves an order at once: the reply, without the number."""
    answer = await door.guest(address).say(f"Where is order {number}? My e-mail is {email}")
    assert answer["status"] in {"asked", "answered"}, answer
    reply: str = answer["reply"]
    return reply.replace(number, "N")


def wordings(goal: str) -> set[str]:
    """Every reply in which this goal may be put; which of them is said, a turn's hash chooses."""
    variants = load_templates(REPLIES)["en"][goal].all()
    return {" ".join(text for text, *_ in variant) for variant in variants}


def secrets_of(door: Door) -> list[str]:
    """What nobody may hear who does not know the e-mail: parcels and things of all demo orders."""
    orders = [order for person in door.people for order in person["orders"]]
    parcels = [order["tracking"]["number"] for order in orders if order["tracking"]["number"]]
    return parcels + [item["title"] for order in orders for item in order["items"]]


async def test_two_hundred_guesses_find_nothing(door: Door) -> None:
    """Over many conversations and addresses, numbers that exist and do not; the right one then fails too."""
    replies = []
    for n in range(200):
        number = ("1005", "1001", "9999")[n % 3]
        replies.append(await asked(door, number, f"guess{n}@example.com", f"203.0.{n % 40}.7"))
    told = "\n".join(replies)
    assert not [secret for secret in secrets_of(door) if secret in told]
    right = await asked(door, "1005", EMMA, "198.51.100.1")
    assert "protect our customers" in right
    assert "person" in right
    # Each order was looked at five times at most: as often as a guest may be wrong.
    wrong = [line for line in door.audit.lines if line.deed.purpose == "order proof"]
    assert len(wrong) == 15
    locked = [line.deed for line in door.audit.lines if line.deed.purpose == "order proof while locked"]
    assert 3 <= len(locked) <= 30
    assert max(deed.counts["refused"] for deed in locked) == 32
    assert not [value for value in ("guess", "203.0", "example.com") if value in str(wrong) + str(locked)]


async def test_an_order_that_does_not_exist_is_locked_like_any_other(door: Door) -> None:
    """Replies to wrong pairs come from the same words, before the lock and after it."""
    heard: dict[str, set[str]] = {}
    for number in ("1005", "9999"):
        for n in range(5):
            heard.setdefault(f"{number} open", set()).add(
                await asked(door, number, f"x{n}@example.com", f"10.0.{n}.1")
            )
        for n in range(8):
            heard.setdefault(f"{number} locked", set()).add(await asked(door, number, EMMA, f"10.1.{n}.1"))
    for number in ("1005", "9999"):
        assert heard[f"{number} open"] <= wordings("ask.order_again")
        assert heard[f"{number} locked"] <= wordings("order.locked")


async def test_the_lock_ends_and_grows(door: Door) -> None:
    """A quarter of an hour, then one more try; when that is wrong, half an hour."""
    for n in range(5):
        await asked(door, "1005", f"x{n}@example.com", f"10.0.{n}.1")
    door.clock.at += 890
    assert "protect our customers" in await asked(door, "1005", EMMA)
    door.clock.at += 11
    assert "protect our customers" not in await asked(door, "1005", "y@example.com")
    door.clock.at += 1790
    assert "protect our customers" in await asked(door, "1005", EMMA)
    door.clock.at += 11
    assert "N" in await asked(door, "1005", EMMA)
    for n in range(4):  # proved: the count of this order begins anew
        await asked(door, "1005", f"z{n}@example.com", f"10.2.{n}.1")
    assert "protect our customers" not in await asked(door, "1005", EMMA)


async def test_the_owner_is_not_locked_out(door: Door) -> None:
    """Neither signed in, nor in a conversation in which they had proved the order before."""
    emma = door.guest("198.51.100.1")
    assert (await emma.say(f"Where is order 1005? My e-mail is {EMMA}"))["status"] == "answered"
    for n in range(10):
        await asked(door, "1005", f"x{n}@example.com", f"10.0.{n}.1")
    assert (await emma.say("When does order 1005 arrive?"))["status"] == "answered"
    assert (await door.customer("Emma").say("Where is my order 1005?"))["status"] == "answered"


@pytest.mark.parametrize(
    "said",
    [
        "My name is Emma Johnson, where is my order 1005?",
        "Je m'appelle Emma Johnson, où est ma commande 1005 ?",
        "Soy Emma Johnson, ¿dónde está mi pedido 1005?",
        "my phone is +1 415 555 0134, where is order 1005",
        "I live at 12 Baker Street, London NW1 6XE. Where is order 1005?",
    ],
)
async def test_who_says_their_name_guesses_nothing(door: Door, said: str) -> None:
    """However often; the order's number is kept, so that the e-mail alone is enough then."""
    talk = door.guest()
    for _ in range(LIMITS.order + 1):
        assert (await door.guest().say(said))["status"] == "asked"
    assert (await talk.say(said))["status"] == "asked"
    assert "#1005" in (await talk.say(EMMA))["reply"]
    assert not [line for line in door.audit.lines if line.deed.purpose.startswith("order proof")]


async def test_a_name_and_a_street_before_the_address(door: Door) -> None:
    """Whatever stands before it, the e-mail is found."""
    told = f"Hi, I'm Emma Johnson, 12 Baker Street, London NW1 6XE, phone +1 415 555 0134, e-mail {EMMA}."
    assert "#1005" in (await door.guest().say(f"{told} Where is order 1005?"))["reply"]


class ShopDown:
    """Answers nobody."""

    async def order_by_proof(self, *_: object, **__: object) -> None:
        raise VendorDown("shopify", "no answer")


async def test_a_shop_that_is_down_costs_no_try(door: Door, tmp_path: Path) -> None:
    """Nothing was looked at, so nobody was wrong: after an outage customers prove their orders."""
    ask = c.FetchFacts(
        conversation_id="c-1", turn_id="t-1", step_id="t-1.facts-1", wants=("order",), order_number="1005",
        email="TOKEN_x", place="address:1",
    )  # fmt: skip
    async with open_proof_tries(tmp_path / "desk.db", LIMITS) as tries:
        fetch = partial(knowledge.fetch, shop=cast("CommerceApi", ShopDown()), tries=tries)
        for _ in range(LIMITS.place + 1):
            # Its adapter has asked again for seconds already: the bus shall not, a customer waits.
            with pytest.raises(VendorGone) as told:
                await fetch(ask, audit=door.audit, clock=door.clock)
            assert not may_retry(told.value)
    assert "protect our customers" not in await asked(door, "1005", EMMA)
    assert not [line for line in door.audit.lines if line.deed.purpose.startswith("order proof")]


async def test_one_address_tries_many_orders(door: Door) -> None:
    """A place has its own count, and an order of one's own buys no more tries."""
    for n in range(19):
        await asked(door, str(2000 + n), EMMA)
    assert "N" in await asked(door, "1005", EMMA)
    await asked(door, "2100", EMMA)
    for number in ("2101", "1005"):
        assert "protect our customers" in await asked(door, number, EMMA)
    assert "protect our customers" not in await asked(door, "2101", EMMA, "198.51.100.1")


async def test_one_conversation_gets_a_person(door: Door) -> None:
    """After five wrong pairs a person takes over, whatever is said next."""
    guest = door.guest()
    for n in range(5):
        assert (await guest.say(f"Order {3000 + n}, my e-mail is {EMMA}"))["status"] == "asked"
    assert (await guest.say(f"Order 1005, my e-mail is {EMMA}"))["status"] == "handed_over"


async def test_a_locked_guest_is_offered_a_person(door: Door) -> None:
    """And a yes brings one."""
    for n in range(5):
        await asked(door, "1005", f"x{n}@example.com", f"10.0.{n}.1")
    guest = door.guest()
    await guest.say(f"Where is order 1005? My e-mail is {EMMA}")
    state = await door.desk.store.load(guest.conversation_id)
    assert state is not None
    assert state.person_offered


async def test_a_proof_opens_one_order_in_one_conversation(door: Door) -> None:
    """Not the same customer's other orders, not their name or address, and nothing elsewhere."""
    emma, person = door.guest(), door.person("Emma")
    await emma.say(f"Where is order 1005? My e-mail is {EMMA}")
    other = await emma.say("And where is order 1006?")
    assert other["status"] == "asked"
    sixth = next(order for order in person["orders"] if order["number"].lstrip("#") == "1006")
    every = str(emma.conversation_id) + str((await emma.read()).json())
    assert not [item["title"] for item in sixth["items"] if item["title"] in other["reply"]]
    assert person["name"] not in every
    elsewhere = await door.guest().say("Where is order 1005?")
    assert elsewhere["status"] == "asked"
    james = door.customer("James").holding(emma)
    taken = await james.say("Where is order 1005?")
    assert not [secret for secret in secrets_of(door) if secret in taken["reply"]]


async def test_somebody_elses_order_reads_like_none(door: Door) -> None:
    """To a signed-in customer the words are those for a number that does not exist."""
    heard = {}
    for number in ("1001", "9999"):
        replies = [await door.customer("James").say(f"Where is my order {number}?") for _ in range(8)]
        heard[number] = {answer["reply"].replace(number, "N") for answer in replies}
        assert {answer["status"] for answer in replies} == {"asked"}
    assert heard["1001"] & heard["9999"]


async def test_counts_are_shared_and_kept(tmp_path: Path) -> None:
    """Two processes and a restart count together, a hundred tries at once are a hundred."""
    path = tmp_path / "desk.db"
    async with open_proof_tries(path, LIMITS) as one, open_proof_tries(path, LIMITS) as two:
        made = await asyncio.gather(
            *(
                each.take(number, place="", at=0.0)
                for each in (one, two)
                for number in ("1", "#1", " 01 ", "\uff11", "\u0661") * 12
            )
        )
    assert sum(each.allowed for each in made) == 5
    async with open_proof_tries(path, LIMITS) as again:
        assert not (await again.take("1", place="", at=899.0)).allowed
        assert (await again.take("2", place="", at=899.0)).allowed


async def test_counts_are_forgotten_and_bounded(tmp_path: Path) -> None:
    """No lock is longer than a day, and a day after the last one nothing is left."""
    async with open_proof_tries(tmp_path / "desk.db", LIMITS) as tries:
        now = 0.0
        for _ in range(100):
            while not (await tries.take("1", place="p", at=now)).allowed:
                now += HOUR
        assert not (await tries.take("1", place="p", at=now)).allowed
        assert (await tries.take("1", place="p", at=now + DAY + 1)).allowed
        await tries.take("x" * 10_000, place="p2", at=now)
        await tries.take("2", place="", at=now + 4 * DAY)
        (rows,) = tries._db.execute("SELECT count(*) FROM proof_tries").fetchone()
        assert rows == 1
