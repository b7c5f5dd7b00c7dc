"""Keeps the audit in this process only, for tests."""

import hashlib
import re
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from shared.errors import AuditDown
from shared.ports import AuditLine, Deed, Verified


@dataclass
class MemoryAudit:
    """`AuditLog` without a disk. Set `down` to a reason to see what others do when it cannot be written."""

    actor: str = "service:test"
    down: str = ""
    lines: list[AuditLine] = field(default_factory=list)

    async def write(self, deed: Deed) -> None:
        """Keep the line."""
        await self.ping()
        said = replace(deed, actor=deed.actor or self.actor)
        self.lines.append(AuditLine(sequence=len(self.lines) + 1, at=time.time(), deed=said))

    async def about(self, conversation_id: str) -> Sequence[AuditLine]:
        """Every line about this conversation, oldest first."""
        return [line for line in self.lines if line.deed.conversation_id == conversation_id]

    async def verify(self, *, noted: str = "") -> Verified:
        """Nobody can change what is only here."""
        if noted and not re.fullmatch(r"\d{1,20}:[0-9a-f]{64}", noted):
            raise ValueError(f"noted={noted!r} is not <sequence>:<64 hex digits> as verify prints it")
        return Verified(files=1, lines=len(self.lines), unchained=0, last=f"{len(self.lines)}:{'0' * 64}")

    def pseudonym(self, kind: str, value: str) -> str:
        """The same for the same value."""
        said = f"{kind} {value}".encode("utf-8", "surrogatepass")
        return f"{kind}:{hashlib.sha256(said).hexdigest()[:16]}"

    async def ping(self) -> None:
        """Raises `AuditDown` while `down` is set."""
        if self.down:
            raise AuditDown(self.down)


@asynccontextmanager
async def open_memory_audit() -> AsyncIterator[MemoryAudit]:
    """An empty log."""
    yield MemoryAudit()
