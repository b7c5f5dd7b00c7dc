"""Conversations found again in the store's file: by words, ids, whose they are, and their case."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import structs

from shared import contracts as c
from shared.adapters.sqlite.cases import SqliteCases, open_cases
from shared.adapters.sqlite.retention import open_retention
from shared.adapters.sqlite.search import SqliteSearch, open_search
from shared.adapters.sqlite.store import SqliteStore, open_store
from shared.ports import Delivered
from shared.ports.search import Wanted
from tests.cases.examples import EMMA, hand_over, opened

TOKEN = "TOKEN_11111111-2222-3333-4444-555555555555"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with open_store(tmp_path / "desk.db") as found:
        yield found


@pytest.fixture
async def search(store: SqliteStore, tmp_path: Path) -> AsyncIterator[SqliteSearch]:
    async with open_search(tmp_path / "desk.db") as found:
        yield found


@pytest.fixture
async def cases(store: SqliteStore, tmp_path: Path) -> AsyncIterator[SqliteCases]:
    async with open_cases(tmp_path / "desk.db") as found:
        yield found


def turn(
    conversation: str, said: str, *, at: float = 100.0, reply: str = "Hello.", **more: object
) -> Delivered:
    found = c.TurnFinished(
        conversation_id=conversation,
        turn_id=f"t-{conversation}-{at:.0f}",
        finished_at=at + 1,
        accepted_at=at,
        status="answered",
        sentences=(c.Sentence(text=reply),),
        intent=c.Intent.ORDER_STATUS,
        language="en",
        said=said,
        state=c.ConversationState(customer_mark=str(more.pop("mark", ""))),
    )
    return Delivered(seq=int(at), turn=structs.replace(found, **more))


async def ids(search: SqliteSearch, words: str = "", **more: object) -> list[str]:
    return [each.conversation_id for each in await search.find(Wanted(words=words, **more))]  # type: ignore[arg-type]


async def test_words_of_the_thread(store: SqliteStore, search: SqliteSearch) -> None:
    """All of them, whoever said them, without regard to case and accents; the latest first."""
    await store.record([
        turn("c-1", f"Où est ma Théière, {TOKEN}?", at=100.0),
        turn("c-1", "and the mug", at=101.0, reply="It shipped by Northway."),
        turn("c-2", "ou est mon sac", at=200.0),
    ])  # fmt: skip
    assert await ids(search, "OU EST") == ["c-2", "c-1"]
    assert await ids(search, "théière northway") == ["c-1"]
    assert await ids(search, "theiere sac") == []
    assert await ids(search, "11111111") == [], "what a token is made of is no word of the customer's"
    assert await ids(search, "' OR 1=1 --\0 %_*\"") == []
    assert await ids(search, "x" * 5000) == []


async def test_parts_of_words(store: SqliteStore, search: SqliteSearch) -> None:
    """How a word begins, and its plural, in the three languages; a number only as a whole."""
    paid = (c.Sentence(text="Bonjour.", sources=("order:1001/status",)),)
    await store.record([
        turn("c-1", "is the refund for my tents there"),
        turn("c-2", "ma théière et l'étiquette", sentences=paid),
        turn("c-3", "la devolución del pedido 1002 del niño"),
    ])  # fmt: skip
    looked_for = {
        "c-1": ("refun", "REFUNDS", "refu tent"),
        "c-2": ("théi", "theieres", "l'étiq", "commande n° 1001", "n°1001", "order#1001", "case c-2"),
        "c-3": ("devol", "niño", "order number: 1002", "Pedido nº1002", "no. 1002"),
        "": ("re", "efund", "100", "order", "pedi 100"),
    }
    found = {words: await ids(search, words) for each in looked_for.values() for words in each}
    assert found == {words: [name] * bool(name) for name, each in looked_for.items() for words in each}


async def test_a_reply_that_was_held_back_is_no_part_of_the_thread(
    store: SqliteStore, search: SqliteSearch, cases: SqliteCases
) -> None:
    """The customer never read it."""
    await cases.open(opened())
    await cases.append("h-1", c.CaseClaimed(at=90.0, by=EMMA.actor, name="Emma", turn_id="s-1"))
    await store.record([turn("c-1", "where is it", reply="Somewhere over Madagascar.")])
    assert await ids(search, "where") == ["c-1"]
    assert await ids(search, "madagascar") == []


async def test_what_staff_noted_is_found_too(
    store: SqliteStore, search: SqliteSearch, cases: SqliteCases
) -> None:
    """The thread shows it; nothing of it stays once the conversation is erased."""
    await store.record([turn("c-1", "where is it")])
    await cases.open(opened())
    note = f"Carrier searches in Zürich, {TOKEN}"
    await cases.append("h-1", c.StaffNoted(at=95.0, by=EMMA.actor, name="Emma", text=note))
    assert await ids(search, "zurich carriers") == ["c-1"]
    await store.erase(["c-1"])
    await cases.open(opened(hand_over("h-2", "c-2")))
    await cases.append("h-2", c.StaffNoted(at=95.0, by=EMMA.actor, name="Emma", text=note))
    assert await ids(search, "zurich") == [], "nothing was said in it, so nothing would take its words away"


async def test_ids(store: SqliteStore, search: SqliteSearch) -> None:
    """Case, ticket, conversation and order, as a whole; an order's number is found where a fact named it."""
    given = hand_over("h-77", "c-Ab1")
    await store.open_hand_over(given)
    await store.attach_ticket("h-77", "35436")
    shipped = (c.Sentence(text="It is on its way.", sources=("order:1001/status",)),)
    await store.record([turn("c-Ab1", "hello", sentences=shipped, escalation=given)])
    await store.record([turn("c-2", "I paid 35 dollars", at=300.0)])
    for name in ("c-Ab1", "h-77", "35436", "#35436", "1001", "#1001", "c-ab1 1001 hello"):
        assert await ids(search, name) == ["c-Ab1"], name
    assert await ids(search, "h-7") == []
    await store.attach_ticket("h-77", "9009")
    assert await ids(search, "9009") == ["c-Ab1"], "a ticket that came after the turn"


async def test_whose_they_are_page_by_page(store: SqliteStore, search: SqliteSearch) -> None:
    """The history of a customer, newest first, none twice; a guest has none."""
    for n in range(5):
        await store.record([turn(f"c-{n}", "hi", at=100.0 + n, mark="customer:aa" if n != 2 else "")])
    wanted = Wanted(customer_mark="customer:aa")
    first = await search.find(wanted, limit=3)
    rest = await search.find(wanted, after=first[-1].place, limit=3)
    assert [each.conversation_id for each in (*first, *rest)] == ["c-4", "c-3", "c-1", "c-0"]
    assert (first[0].intent, first[0].status, first[0].begun_at) == ("ORDER_STATUS", "answered", 104.0)
    assert await ids(search, customer_mark="customer:bb") == []
    await store.record([turn("c-2", "me", at=109.0, mark="customer:aa")])
    assert (await search.find(wanted))[0].begun_at == 102.0, "who signs in later brings the beginning along"


async def test_by_its_case(store: SqliteStore, search: SqliteSearch, cases: SqliteCases) -> None:
    """Phase, queue and owner are those of its last case, language its own."""
    await store.record(
        [turn("c-1", "one"), turn("c-2", "two", at=200.0, language="fr"), turn("c-3", "three")]
    )
    for name in ("c-1", "c-2"):
        await cases.open(opened(hand_over(f"h-{name}", name)))
    await cases.append("h-c-1", c.CaseClaimed(at=90.0, by=EMMA.actor, name="Emma", turn_id="s-1"))
    assert await ids(search, phases=("waiting", "person")) == ["c-2", "c-1"]
    assert await ids(search, owner=EMMA.actor, queues=("support",)) == ["c-1"]
    assert await ids(search, languages=("fr",)) == ["c-2"]
    await cases.append("h-c-1", c.CaseClosed(at=95.0, by=EMMA.actor, turn_id="s-2"))
    await cases.open(opened(hand_over("h-again", "c-1", at=300.0)))
    assert await ids(search, phases=("closed",)) == [], "its last case is open"
    (found,) = await search.find(Wanted(among=("c-1", "c-9")))
    assert found.case is not None
    assert found.case.id == "h-again"


async def test_what_is_erased_is_in_no_index_and_not_on_the_disk(
    store: SqliteStore, search: SqliteSearch, tmp_path: Path
) -> None:
    """Nor what was removed because of its age."""
    for n in range(60):  # enough to fill pages
        await store.record([turn(f"c-{n}", f"xylophone{n} zebra quagga", at=100.0 + n)])
    await store.record([turn("c-kept", "ocarina", at=1000.0)])
    await store.erase([f"c-{n}" for n in range(30)])
    async with open_retention(tmp_path / "desk.db") as old:
        assert await old.expire_conversations([f"c-{n}" for n in range(30, 60)], 900.0) == 30
        await old.fold()
    assert await ids(search, "zebra") == []
    assert await ids(search) == ["c-kept"]
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("desk.db*"))  # noqa: ASYNC240
    assert (b"xylophone" in raw, b"zebra" in raw, b"ocarina" in raw) == (False, False, True)


async def test_a_file_of_before_is_read_once(tmp_path: Path) -> None:
    """Conversations that were stored before there was a search are found."""
    path = tmp_path / "desk.db"
    async with open_store(path) as store:
        await store.record([turn("c-1", "a samovar", mark="customer:aa")])
        store._db.executescript("DELETE FROM threads; DELETE FROM thread_words;")
    async with open_store(path), open_search(path) as search:
        assert await ids(search, "samovar", customer_mark="customer:aa") == ["c-1"]
