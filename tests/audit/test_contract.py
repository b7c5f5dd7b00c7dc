"""What every audit log promises, proved on the one in memory and the one on disk."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.adapters.local.key_file import KeyFile
from shared.adapters.memory.audit import open_memory_audit
from shared.ports import AuditLog, Deed
from tests.vaults import open_audit


@pytest.fixture(params=["memory", "local"])
async def log(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AuditLog]:
    KeyFile(tmp_path / "key").create()
    local = open_audit(tmp_path / "audit.log", tmp_path / "key", size=20_000)
    async with open_memory_audit() if request.param == "memory" else local as opened:
        yield opened


async def test_about(log: AuditLog) -> None:
    """What was done to a conversation is found again, whole, in order, and without other conversations."""
    deed = Deed(
        action="export",
        purpose="export",
        conversation_id="c1",
        actor="staff:kim",
        tokens=("TOKEN_a", "TOKEN_b"),
        counts={"conversations": 3},
    )
    await log.write(deed)
    await log.write(Deed(action="reveal", purpose="delivery", conversation_id="c12"))
    await log.write(Deed(action="reveal", purpose="delivery", conversation_id="c1"))
    first, second = await log.about("c1")
    assert first.deed == deed
    assert (second.deed.action, second.deed.actor) == ("reveal", "service:test")
    assert first.sequence < second.sequence
    assert first.at <= second.at
    assert await log.about("c3") == []


async def test_verify(log: AuditLog) -> None:
    """A log that nobody touched is well, before the first line and after many; its end can be noted."""
    assert not (await log.verify()).findings
    for number in range(5):
        await log.write(Deed(action="reveal", purpose="delivery", conversation_id=f"c{number}"))
    noted = await log.verify()
    assert not noted.findings
    assert noted.lines >= 5
    await log.write(Deed(action="reveal", purpose="delivery", conversation_id="c9"))
    later = await log.verify(noted=noted.last)
    assert not later.findings
    assert later.lines == noted.lines + 1


@pytest.mark.parametrize("noted", ["12", "x:" + "0" * 64, "5:" + "g" * 64])
async def test_what_is_no_end(log: AuditLog, noted: str) -> None:
    """A mistyped end is an error, not a finding."""
    with pytest.raises(ValueError, match="is not <sequence>:<64 hex digits>"):
        await log.verify(noted=noted)


async def test_many_at_once(log: AuditLog) -> None:
    """Whoever writes at the same time gets a line each, and a cancelled one takes nobody along."""
    tasks = [
        asyncio.create_task(log.write(Deed(action="reveal", purpose="delivery", conversation_id="c1")))
        for _ in range(50)
    ]
    await asyncio.sleep(0)
    tasks[7].cancel()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in done if result is not None] in ([asyncio.CancelledError], [])
    assert len(await log.about("c1")) >= 49
    assert not (await log.verify()).findings


async def test_pseudonym(log: AuditLog) -> None:
    """A name stays the same, and says nothing of the value."""
    name = log.pseudonym("customer", "1001")
    assert name == log.pseudonym("customer", "1001")
    assert name != log.pseudonym("customer", "1002")
    assert name.startswith("customer:")
    assert "1001" not in name.removeprefix("customer:")
    await log.ping()
