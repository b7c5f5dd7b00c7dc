"""`python -m launch audit verify | show` reads the audit log."""

import argparse
import sys
from datetime import UTC, datetime

import uvloop

from shared.errors import SettingsError
from shared.ports import AuditLine, AuditLog, Verified
from shared.settings import Settings, read_settings
from shared.wiring import open_services


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.description = (
        "Read the audit log: who did what to which conversation and what for. Exit code 0: all is well; "
        "1: verify found something, or show found nothing; 2: a wrong setting, or the log or the vault's key "
        "cannot be read."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify", help="look for changed, missing, reordered and cut-off lines")
    verify.add_argument(
        "--noted", default="", metavar="SEQ:HASH", help="the last line of an earlier verification"
    )
    show = commands.add_parser("show", help="list who did what to a conversation")
    show.add_argument("--conversation", required=True, metavar="ID")


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    return uvloop.run(_run(read_settings(), options))


async def _run(settings: Settings, options: argparse.Namespace) -> int:
    async with open_services(settings, actor="command:audit") as services:
        log = await services.audit()
        if options.command == "show":
            return await _show(log, options.conversation)
        return await _verify(log, options.noted)


async def _verify(log: AuditLog, noted: str) -> int:
    try:
        found = await log.verify(noted=noted)
    except ValueError as error:
        raise SettingsError(f"--{error}") from error
    for finding in found.findings:
        where = f"{finding.file} line {finding.line}" if finding.line else finding.file
        print(f"  ! {where}: {finding.what}", file=sys.stderr)
    for note in found.notes:
        print(f"  - {note}")
    print(told(found))
    return 1 if found.findings else 0


async def _show(log: AuditLog, conversation: str) -> int:
    lines = await log.about(conversation)
    for line in lines:
        print(shown(line))
    if not lines:
        print(f"audit: no line is about conversation {conversation!r}", file=sys.stderr)
    return 0 if lines else 1


def told(found: Verified) -> str:
    """The report's last line."""
    count = len(found.findings)
    verdict = f"{count} thing{'s' * (count != 1)} wrong" if count else "all is well"
    unchained = f", {found.unchained} older ones without a chain" if found.unchained else ""
    return f"audit: {found.lines} lines in {found.files} files{unchained}; {verdict}; last line {found.last}"


def shown(line: AuditLine) -> str:
    """A line as people read it: time (UTC), number, who, what, what for, of how many values."""
    at = datetime.fromtimestamp(line.at, UTC).isoformat(" ", "seconds").removesuffix("+00:00")
    deed = line.deed
    parts = [f"{at}Z", f"#{line.sequence}", deed.actor, deed.action, f"for {deed.purpose}"]
    if deed.tokens:
        parts.append(f"tokens {', '.join(deed.tokens)}")
    parts += [f"{name} {number}" for name, number in deed.counts.items()]
    return "  ".join(parts)
