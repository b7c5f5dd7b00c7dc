"""Opens a vault file with the master keys it is sealed with, and puts it under the newest of them."""

import asyncio
import logging
import secrets
from concurrent.futures import ThreadPoolExecutor

from shared.adapters.local.key_ring import KeyRing, KeySource
from shared.adapters.local.keys import SIZE, seal, unseal
from shared.adapters.local.rows import Begun, Rows
from shared.errors import VaultDown

_INDEX = b"index"
_BATCH = 200  # owners in one transaction
_LOG = logging.getLogger("answerdesk.vault")


async def unlock(rows: Rows, thread: ThreadPoolExecutor, keys: KeySource) -> KeyRing:
    """Every key the file needs, in memory; `rows` are worked on in `thread`.

    Raises `VaultDown` when the source has not the key the file was begun with.
    """
    run = asyncio.get_running_loop().run_in_executor
    begun, newest = await run(thread, rows.begun), None
    if begun is None:
        newest = await keys.newest(create=True)
        fresh = seal(newest.wrapping, secrets.token_bytes(SIZE), _INDEX)
        begun = await run(thread, rows.begin, Begun(newest.fingerprint, newest.id, fresh))
    root = newest if newest is not None and newest.id == begun.master else await keys.named(begun.master)
    if root.fingerprint != begun.fingerprint:
        raise VaultDown(
            f"{keys.place} is not the key {rows.path} was sealed with; restore the right key "
            f"from your backup, or move the vault file away to start an empty vault"
        )
    index = root.index if begun.hashing is None else unseal(root.wrapping, begun.hashing, _INDEX)
    ring = KeyRing(keys, index, root=root, newest=newest or await keys.newest(create=False))
    for key_id in await run(thread, rows.masters):
        try:
            await ring.bring(key_id)
        except VaultDown as error:  # the values under other keys serve on
            _LOG.warning("values of some customers cannot be opened: %s", error)
    return ring


def reseal_some(rows: Rows, ring: KeyRing) -> int:
    """Put a batch of what older keys in memory seal under the newest; how many owners' keys that were.

    When none is left the older keys may be disabled, or destroyed.
    """
    newest = ring.sealing
    with rows.writing():
        begun = rows.begun()
        if begun is not None and begun.master != newest.id:
            sealed = seal(newest.wrapping, ring.index, _INDEX)
            rows.begin_anew(Begun(newest.fingerprint, newest.id, sealed))
        done = 0
        for older in (key for key in ring.older if key.made_at <= newest.made_at):
            for owner, wrapped in rows.under(older.id, _BATCH - done):
                key = unseal(older.wrapping, wrapped, owner)
                rows.rewrap(owner, seal(newest.wrapping, key, owner), newest.id)
                done += 1
        return done
