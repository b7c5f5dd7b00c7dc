"""`python -m launch export --customer ID` writes what is kept of a customer, for that customer."""

import argparse
import sys
from pathlib import Path

import uvloop

from gateway.rights import files
from gateway.rights.context import Purpose
from gateway.rights.exporting import gather
from launch.erase import add_purpose
from launch.rights import open_rights
from shared.errors import SettingsError, StoreDown
from shared.settings import Settings, read_settings
from shared.wiring import open_services


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.description = (
        "Write everything that is kept of a customer as export.json and export.html, readable by you only. "
        "Exit code 0: done; 2: a wrong setting, or a store cannot be reached."
    )
    parser.add_argument(
        "--customer",
        required=True,
        metavar="ID",
        help="the shop's customer id; of a guest, the conversation's",
    )
    parser.add_argument(
        "--to",
        metavar="DIR",
        type=Path,
        help="a folder, made when absent; without it one in DATA_DIR/exports, which retention empties and "
        "an erasure removes",
    )
    add_purpose(parser)


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    return uvloop.run(_run(read_settings(), options.customer, options.to, options.purpose))


async def _run(settings: Settings, customer: str, folder: Path | None, purpose: Purpose) -> int:
    from gateway.rights.page import html_file, json_file  # noqa: PLC0415  no other role pays for jinja2

    if folder is not None:
        _writable(folder)
    async with open_services(settings, actor="command:export") as services:
        rights = await open_rights(services, await services.bus("export", join=True))
        found = await gather(rights, customer, actor=services.actor, purpose=purpose)
        folder = folder or rights.exports(found["pseudonym_in_audit"])
    try:
        files.write(folder / "export.json", json_file(found))
        files.write(folder / "export.html", html_file(found))
    except StoreDown as error:
        raise SettingsError(f"--to={str(folder)!r}: {error}; name a folder you may write") from error
    if not found["conversations"]:
        print(f"export: nothing is kept of {customer!r}; was its id meant to be another?", file=sys.stderr)
    print(f"export: {len(found['conversations'])} conversations in {folder}/export.json and export.html")
    return 0


def _writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(f"--to={str(folder)!r}: {error.strerror}; name a folder you may write") from error
