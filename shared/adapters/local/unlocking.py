"""Opens a vault file with the master keys it was sealed with, and a new one with the first."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from shared.adapters.local.key_ring import KeyRing, KeySource
from shared.adapters.local.rows import Begun, Rows
from shared.errors import VaultDown

_LOG = logging.getLogger("answerdesk.vault")


async def unlock(rows: Rows, thread: ThreadPoolExecutor, keys: KeySource) -> KeyRing:
    """Every key the file needs, in memory; `rows` are worked on in `thread`.

    Raises `VaultDown` when the source has not the key the file was begun with.
    """
    run = asyncio.get_running_loop().run_in_executor
    begun, newest = await run(thread, rows.begun), None
    if begun is None:
        newest = await keys.newest(create=True)
        begun = await run(thread, rows.begin, Begun(newest.fingerprint, newest.id))
    root = newest if newest is not None and newest.id == begun.master else await keys.named(begun.master)
    if root.fingerprint != begun.fingerprint:
        raise VaultDown(
            f"{keys.place} is not the key {rows.path} was sealed with; restore the right key "
            f"from your backup, or move the vault file away to start an empty vault"
        )
    ring = KeyRing(keys, root=root, newest=newest or await keys.newest(create=False))
    for key_id in await run(thread, rows.masters):
        try:
            await ring.bring(key_id)
        except VaultDown as error:  # the values under other keys serve on
            _LOG.warning("values of some customers cannot be opened: %s", error)
    return ring
