"""The vault on disk with an audit log of its own, as a process opens it."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

from shared.adapters.local.audit import open_local_audit
from shared.adapters.local.vault import open_local_vault
from shared.ports import AuditLog, PIIVault


def open_audit(
    audit: Path, key: Path, *, size: int = 1 << 20, patience: float = 5.0
) -> AbstractAsyncContextManager[AuditLog]:
    """The log at `audit`, its end noted in a folder beside it."""
    anchor = key.parent / "anchors" / "anchor"
    return open_local_audit(
        audit, anchor=anchor, key_file=key, actor="service:test", size=size, patience=patience
    )


@asynccontextmanager
async def open_vault(path: Path, key: Path, *, audit: Path, patience: float = 5.0) -> AsyncIterator[PIIVault]:
    """The vault at `path` under `key`, its reveals in the log at `audit`."""
    async with (
        open_audit(audit, key) as log,
        open_local_vault(path, key, audit=log, patience=patience) as vault,
    ):
        yield vault
