"""`python -m launch erase` removes what is kept of a customer, or checks the receipt of that."""

import argparse
import sys
from pathlib import Path

import msgspec
import uvloop

from gateway.rights.context import PURPOSES, Purpose
from gateway.rights.erasing import erase
from launch.rights import open_rights
from shared.errors import SettingsError
from shared.ports.rights import Receipt
from shared.settings import Settings, read_settings
from shared.wiring import open_receipts, open_services


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.description = (
        "Remove everything that is kept of a customer and write a signed receipt; cut off, it goes on where "
        "it was. Exit code 0: done, or the receipt is genuine; 1: the receipt was changed or is another "
        "installation's; 2: a wrong setting, or a store cannot be reached (run it again)."
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--customer", metavar="ID", help="the shop's customer id; of a guest, the conversation's"
    )
    add_purpose(parser)
    what.add_argument("--verify", metavar="FILE", type=Path, help="check a receipt")


def add_purpose(parser: argparse.ArgumentParser) -> None:
    """Why it is done, for the audit log."""
    parser.add_argument(
        "--purpose", choices=PURPOSES, default=PURPOSES[0], help="what for, as the audit log shall say it"
    )


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    settings = read_settings()
    if options.verify is not None:
        return _verify(settings, options.verify)
    return uvloop.run(_erase(settings, options.customer, options.purpose))


async def _erase(settings: Settings, customer: str, purpose: Purpose) -> int:
    if not customer.strip():
        raise SettingsError(f"--customer={customer!r}: is empty; name a customer id")
    async with open_services(settings, actor="command:erase") as services:
        rights = await open_rights(services, await services.bus("erase", join=True))
        receipt, path = await erase(rights, customer, actor=services.actor, purpose=purpose)
    print(told(receipt))
    print(f"erase: receipt {path}")
    return 0


def _verify(settings: Settings, path: Path) -> int:
    try:
        receipt = msgspec.json.decode(path.read_bytes(), type=Receipt)
    except OSError as error:
        raise SettingsError(f"--verify={str(path)!r}: {error.strerror}") from error
    except msgspec.MsgspecError as error:
        print(f"erase: {path} is no receipt: {error}", file=sys.stderr)
        return 1
    if not open_receipts(settings).genuine(receipt):
        print(f"erase: {path} was changed, or is not of this installation", file=sys.stderr)
        return 1
    print(told(receipt))
    print(f"erase: {path} is genuine")
    return 0


def told(receipt: Receipt) -> str:
    """The receipt as people read it."""
    when = f"from {receipt.begun_at} to {receipt.done_at}"
    lines = [f"erase: {receipt.customer}, {receipt.conversations} conversations, {when}"]
    for store in receipt.stores:
        counts = ", ".join(f"{count} {kind}" for kind, count in store.removed.items() if count)
        lines.append(
            f"  {store.store}: {counts or 'nothing'} removed" + (f"; {store.left}" if store.left else "")
        )
    return "\n".join(lines)
