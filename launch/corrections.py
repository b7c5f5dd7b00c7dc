"""`python -m launch corrections export FILE` writes what staff corrected, as cases to measure with."""

import argparse
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import uvloop

from gateway.rights import files
from shared.contracts import Correction
from shared.errors import SettingsError, StoreDown
from shared.ports import Corrections, Deed
from shared.settings import Settings, read_settings
from shared.wiring import open_services

_PAGE = 500


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.description = (
        "Write every reply of the bot that staff rejected or called wrong, one JSON object a line: question, "
        "context, reply, why, what staff said instead. Personal values stay tokens that nothing opens. "
        "Exit code 0: done; 2: a wrong setting, or the store cannot be reached."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    export = commands.add_parser("export", help="write them all, oldest first")
    export.add_argument("file", metavar="FILE", type=Path)


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    return uvloop.run(_run(read_settings(), options.file))


async def _run(settings: Settings, file: Path) -> int:
    async with open_services(settings, actor="command:corrections") as services:
        await services.vault()  # makes the key that the audit log is signed with
        lines = [line_of(each) async for each in _all(await services.corrections())]
        counts = {"corrections": len(lines)}
        await (await services.audit()).write(Deed(action="export", purpose="evaluation", counts=counts))
    try:
        files.write(file, b"".join(lines))
    except StoreDown as error:
        raise SettingsError(f"{str(file)!r}: {error}; name a file you may write") from error
    print(f"corrections: {len(lines)} in {file}")
    return 0


async def _all(corrections: Corrections) -> AsyncIterator[Correction]:
    place = (0.0, "")
    while page := await corrections.page(after=place, limit=_PAGE):
        for each in page:
            yield each
        place = (page[-1].at, page[-1].id)


def line_of(correction: Correction) -> bytes:
    """One line of the file."""
    shown = {
        "question": correction.question,
        "context": [{"who": said.who, "text": said.text} for said in correction.context],
        "language": correction.language,
        "reply": correction.reply,
        "kind": correction.kind,
        "why": correction.why,
        "words": correction.words,
        "knowledge": correction.knowledge,
        "instead": correction.instead,
        "conversation": correction.conversation_id,
        "case": correction.case_id,
        "turn": correction.turn_id,
        "at": correction.at,
        "by": correction.by,
    }
    return msgspec.json.encode(shown) + b"\n"
