"""The search for canaries finds each kind of value in each encoding, and nothing where there is none."""

import base64
import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.security.canaries.needles import Search, encodings
from tests.security.canaries.people import COUNTRIES, Person, people
from tests.security.canaries.remains import Remains

PEOPLE = people(7, len(COUNTRIES))
KINDS = sorted(PEOPLE[0].values())


def values(person: Person) -> list[tuple[int, str, str]]:
    """What is searched for of a person."""
    return [(person.number, kind, text) for kind, texts in person.values().items() for text in texts]


@pytest.fixture(scope="module")
def search() -> Search:
    return Search(value for person in PEOPLE for value in values(person))


def noise(size: int) -> bytes:
    """Bytes of a file: any, and some words."""
    rng = random.Random(size)
    return rng.randbytes(size) + b' {"at": 1790000000.123456, "text": "How long does shipping take?"} '


@pytest.mark.parametrize("kind", KINDS)
def test_every_value_is_found_in_every_encoding(search: Search, kind: str) -> None:
    """Wherever it stands in a file, and as its owner's."""
    for person in PEOPLE:
        for text in person.values()[kind]:
            for number, (encoding, coded) in enumerate(encodings(text)):
                if len(coded) < 6:
                    continue
                planted = noise(1000 + number) + coded + noise(50)
                found = {hit.needle.owner for hit in search.find(planted, "file") if hit.needle.kind == kind}
                assert person.number in found, (text, encoding)


def test_nothing_is_found_where_nothing_is(search: Search) -> None:
    """Twelve megabytes of anything, and a value split where the search cuts."""
    assert not list(search.find(noise(12_000_000), "file"))
    first = PEOPLE[0]
    for at in range((1 << 23) - 12, (1 << 23) + 3):
        data = b"x" * at + first.card.encode() + b"y" * 100
        assert [hit.needle.kind for hit in search.find(data, "file")] == ["card"]


def test_base64_is_found_at_every_alignment(search: Search) -> None:
    """Within a longer text that was encoded as a whole."""
    for before in range(6):
        data = base64.b64encode(b"." * before + PEOPLE[1].email.encode() + b" and more")
        assert [hit.needle.kind for hit in search.find(data, "file")], before


def test_nobody_shares_a_value() -> None:
    """Otherwise a find would not tell whose it is."""
    seen: dict[str, int] = {}
    for person in people(7, 64):
        for texts in person.values().values():
            for text in texts:
                assert seen.setdefault(text.casefold(), person.number) == person.number, text


def in_log(folder: Path, text: str) -> None:
    (folder / "logs").mkdir()
    (folder / "logs" / "gateway.err").write_text(
        f"{'fine ' * 999}ValueError: cannot read {text!r}\n", "utf-8"
    )


def in_stream(folder: Path, text: str) -> None:
    block = folder / "nats" / "jetstream" / "$G" / "streams" / "TURNS_IN" / "msgs" / "1.blk"
    block.parent.mkdir(parents=True)
    block.write_bytes(noise(5000) + json.dumps({"text": text}).encode() + noise(77))


def in_database(folder: Path, text: str) -> None:
    with closing(sqlite3.connect(folder / "desk.db")) as db, db:
        db.execute("CREATE TABLE t (body)")
        db.execute("INSERT INTO t VALUES (?)", (f"{'x' * 4070}{text}{'y' * 9000}",))


def in_removed_rows(folder: Path, text: str) -> None:
    with closing(sqlite3.connect(folder / "desk.db")) as db, db:
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("CREATE TABLE t (body)")
        db.execute("INSERT INTO t VALUES (?)", (text,))
        db.execute("DELETE FROM t")


def in_write_ahead_log(folder: Path, text: str) -> None:
    with closing(sqlite3.connect(folder / "desk.db")) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE t (body)")
        db.execute("INSERT INTO t VALUES (?)", (text,))
        db.commit()
        kept = (folder / "desk.db-wal").read_bytes()
    (folder / "desk.db").unlink()
    (folder / "desk.db-wal").write_bytes(kept)


def in_temporary_file(folder: Path, text: str) -> None:
    (folder / "tmp" / ".retry").mkdir(parents=True)
    (folder / "tmp" / ".retry" / "17.blob").write_bytes(text.encode("utf-16"))


def in_the_name_of_a_file(folder: Path, text: str) -> None:
    (folder / text.replace("/", "%2F")).touch()


PLACES = (
    in_log, in_stream, in_database, in_removed_rows, in_write_ahead_log, in_temporary_file,
    in_the_name_of_a_file,
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("plant", PLACES)
def test_a_leak_is_found_in_every_place(
    tmp_path: Path, search: Search, plant: Callable[[Path, str], None], kind: str
) -> None:
    """Whatever is planted where a running desk could leave it."""
    person = PEOPLE[4]
    plant(tmp_path, person.values()[kind][0])
    remains = Remains()
    remains.add_folder(tmp_path, at="then")
    found = {(hit.needle.owner, hit.needle.kind) for hit in remains.leaks(search)}
    assert found == {(person.number, kind)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_leak_is_found_in_what_was_sent(search: Search, kind: str) -> None:
    """Spans, metrics, prompts and dead letters stand in no file."""
    remains = Remains()
    remains.add("the traces", [noise(900), json.dumps({"v": PEOPLE[2].values()[kind][0]}).encode(), noise(9)])
    assert {hit.needle.owner for hit in remains.leaks(search)} == {2}


def test_what_vendors_keep_is_theirs(tmp_path: Path, search: Search) -> None:
    """The mock vendors' files are set apart, and nothing else below `data`."""
    for name in ("data/mock/zendesk.db-wal", "data/mocked/x", "exports/export.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(PEOPLE[0].email)
    remains = Remains()
    remains.add_folder(tmp_path, at="then")
    assert {hit.place for hit in remains.leaks(search)} == {"then: data/mocked/x"}
    assert any("zendesk" in name for name in remains.excluded)
