"""Whoever changes the files is found out: which file, which line, and what was done to it."""

import json
import shutil
from pathlib import Path

import pytest

from shared.ports import Deed
from tests.audit.log import Log
from tests.vaults import open_audit

TEN = [f"c{number}" for number in range(1, 11)]


@pytest.fixture
async def log(tmp_path: Path) -> Log:
    """Eleven lines: the beginning of the chain and ten reveals."""
    log = Log(tmp_path)
    await log.write(*TEN)
    assert await log.wrong() == []
    return log


@pytest.mark.parametrize("at", [0, 4, 10])
@pytest.mark.parametrize(
    ("old", "new"), [(b'"purpose":"', b'"purpose":"x'), (b'"hash":"', b'"hash":"0'), (b'"seq":', b'"seq":9')]
)
async def test_changed(log: Log, at: int, old: bytes, new: bytes) -> None:
    """Any change of a line is found at that line, the first and the last too, and nothing else is blamed."""
    lines = log.lines()
    assert old in lines[at]
    lines[at] = lines[at].replace(old, new)
    log.put(lines)
    assert await log.wrong() == [("audit.log", at + 1, "changed: its hash is not that of what it says")]


async def test_changed_before_a_copy(log: Log) -> None:
    """A changed line is not taken for an inserted one because a copy of another follows it."""
    lines = log.lines()
    log.put([*lines[:4], lines[4].replace(b"c4", b"c9"), lines[2], *lines[5:]])
    assert await log.wrong() == [
        ("audit.log", 6, "line 3 was inserted: it is a copy of a line that stands before"),
        ("audit.log", 5, "changed: its hash is not that of what it says"),
    ]


async def test_every_byte_counts(log: Log) -> None:
    """No single byte of the file can be changed without a finding."""
    data = log.path.read_bytes()
    for position in range(0, len(data), 7):
        log.path.write_bytes(data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :])
        assert await log.wrong(), position


@pytest.mark.parametrize(("first", "last"), [(5, 5), (3, 7), (1, 1)])
async def test_missing(log: Log, first: int, last: int) -> None:
    """A deleted line is named by its number, at the place where it should stand."""
    lines = log.lines()
    log.put(lines[: first - 1] + lines[last:])
    gone = f"line {first} is" if first == last else f"lines {first} to {last} are"
    assert await log.wrong() == [("audit.log", first, f"before it {gone} missing")]


async def test_reordered(log: Log) -> None:
    """Two lines that changed places."""
    lines = log.lines()
    lines[4], lines[5] = lines[5], lines[4]
    log.put(lines)
    what = "line 5 stands out of order: it belongs before audit.log line 5"
    assert await log.wrong() == [("audit.log", 6, what)]


async def test_inserted(log: Log, tmp_path: Path) -> None:
    """A copy of another line, a line of an older form, and one chained with another key."""
    lines = log.lines()
    log.put([*lines[:6], lines[2], *lines[6:]])
    assert await log.wrong() == [
        ("audit.log", 7, "line 3 was inserted: it is a copy of a line that stands before")
    ]
    old = json.dumps({"at": 1.0, "conversation_id": "c1", "purpose": "delivery", "tokens": []}).encode()
    other = Log(tmp_path / "other")
    await other.write(*TEN)
    for line in (old + b"\n", b"\n", other.lines()[7]):
        log.put([*lines[:6], line, *lines[6:]])
        assert await log.wrong() == [("audit.log", 7, "inserted: it was not written by this log")]


@pytest.mark.parametrize("kept", [0, 1, 6])
async def test_cut_off(log: Log, kept: int) -> None:
    """A tail that is gone, or all of it, is known from the anchor, before and after more was written."""
    log.put(log.lines()[:kept])
    gone = "line 11 is" if kept == 10 else f"lines {kept + 1} to 11 are"
    what = f"{gone} missing at the end: the anchor remembers line 11"
    assert await log.wrong() == [("audit.log", 0, what)]
    await log.write("c1")
    assert await log.wrong() == [("audit.log", kept + 1, f"before it {gone} missing")]


async def test_cut_off_within_the_last_line(log: Log) -> None:
    """Half of the last line is no crash when the anchor knows the whole of it."""
    log.path.write_bytes(log.path.read_bytes()[:-20])
    what = "line 11 is missing at the end: the anchor remembers line 11"
    assert await log.wrong() == [("audit.log", 0, what)]


async def test_deleted_file(log: Log) -> None:
    """The whole log is gone."""
    log.path.unlink()
    what = "lines 1 to 11 are missing at the end: the anchor remembers line 11"
    assert await log.wrong() == [("audit.log", 0, what)]


@pytest.mark.parametrize("written", [None, b"", b"0" * 150, b"00000000000000000003 "])
async def test_anchor_gone(log: Log, written: bytes | None) -> None:
    """Who cuts off the tail and takes the anchor away is found too; the loss is written into the log."""
    log.put(log.lines()[:6])
    log.anchor.unlink() if written is None else log.anchor.write_bytes(written)
    what = "is missing or not of this key: whether the end was cut off cannot be told"
    assert await log.wrong() == [("the anchor", 0, what)]
    await log.write("c1")
    what = "the anchor was missing or not ours when this was written: lines before it may be cut off"
    assert await log.wrong() == [("audit.log", 7, what)]


async def test_anchor_gone_and_last_line_spoilt(log: Log) -> None:
    """The chain goes on from the last line that is right; both wounds stay visible."""
    lines = log.lines()
    log.put([*lines[:10], lines[10].replace(b"c10", b"c99")])
    log.anchor.unlink()
    await log.write("c1")
    assert {line for _, line, _ in await log.wrong()} == {11, 12}


async def test_put_back_to_an_older_state(log: Log, tmp_path: Path) -> None:
    """Log and anchor of yesterday: only what was noted elsewhere tells, and it tells for good."""
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copy(log.path, copy / "log")
    shutil.copy(log.anchor, copy / "anchor")
    await log.write("c11", "c12")
    noted = (await log.verify()).last
    shutil.copy(copy / "log", log.path)
    shutil.copy(copy / "anchor", log.anchor)
    assert await log.wrong() == []
    found = (await log.verify(noted)).findings
    assert [entry.what for entry in found] == [
        "lines 12 to 13 are missing at the end: what was noted remembers line 13"
    ]
    await log.write("c20", "c21", "c22")
    found = (await log.verify(noted)).findings
    assert [(entry.line, entry.what) for entry in found] == [
        (13, "line 13 is not the one that what was noted remembers: another log stands here")
    ]


async def test_spliced_history(log: Log, tmp_path: Path) -> None:
    """Lines that the key did make, but after others than the ones that now stand before them."""
    twin = Log(tmp_path / "twin")
    twin.folder.mkdir()
    shutil.copy(log.key, twin.key)
    await twin.write(*reversed(TEN))
    log.put([*log.lines()[:6], *twin.lines()[6:]])
    found = await log.wrong()
    assert ("audit.log", 7, "line 7 does not follow the line before it") in found


OLD = b'{"at":1.5,"conversation_id":"c1","purpose":"delivery","tokens":["TOKEN_a"]}\n'


async def test_older_lines_without_a_chain(tmp_path: Path) -> None:
    """A log from before there was a chain goes on with one, and verify says from where."""
    log = Log(tmp_path)
    log.path.write_bytes(OLD * 3)
    before = await log.verify()
    assert (before.unchained, before.lines, before.findings) == (3, 0, ())
    await log.write("c1")
    after = await log.verify()
    assert (after.unchained, after.lines, after.findings) == (3, 2, ())
    assert "chained from audit.log line 4 on; 3 lines before it" in after.notes[0]
    lines = log.lines()
    log.put([lines[0], lines[1].replace(b"delivery", b"intake"), *lines[2:]])
    what = "the lines before the chain's first were changed since it was begun"
    assert await log.wrong() == [("audit.log", 4, what)]


async def test_wrong_key(log: Log) -> None:
    """With another key nothing is right, and the report says so once."""
    log.key.write_text("ab" * 32 + "\n")
    (found,) = await log.wrong()
    assert found[2].startswith("not one line is of this key")


async def test_values_with_line_breaks(log: Log) -> None:
    """What somebody smuggles into a name cannot begin a line of its own."""
    async with open_audit(log.path, log.key) as opened:
        smuggled = 'x","hash":"' + "0" * 64 + '"}\n{"seq":99'
        await opened.write(Deed(action="access_denied", purpose="chat", conversation_id=smuggled))
        assert (await opened.about(smuggled))[0].deed.action == "access_denied"
    assert await log.wrong() == []
