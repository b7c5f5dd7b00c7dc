"""`python -m launch retention [--dry-run]` removes what is older than may be kept, or shows what would go."""

import argparse
from collections.abc import Mapping

import uvloop

from launch.retaining import Keeping, open_retaining
from shared.settings import Settings, read_settings
from shared.wiring import open_services


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.description = (
        "Remove what is older than RETENTION_..._DAYS say; the gateway does so by itself every "
        "RETENTION_INTERVAL seconds. Exit code 0: done; 1: another process is at it; 2: a wrong setting, or "
        "a store cannot be reached (run it again)."
    )
    parser.add_argument("--dry-run", action="store_true", help="only show what would go")


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    return uvloop.run(_run(read_settings(), dry=options.dry_run))


async def _run(settings: Settings, *, dry: bool) -> int:
    async with open_services(settings, actor="command:retention") as services:
        job = await open_retaining(services, await services.bus("retention", join=True))
        found = await job.due() if dry else await job.run()
    if found is None:
        print("retention: another process is at it")
        return 1
    print(told(found, settings, "would go" if dry else "removed"))
    return 0


def told(found: Mapping[str, int], settings: Settings, what: str) -> str:
    """The counts as people read them, each with its limit."""
    limits = {name: _limit(getattr(Keeping.of(settings), name)) for name in Keeping.__dataclass_fields__}
    limits["answers"] = f"{settings.answer_cache_hours:g} h"
    lines = [f"retention: {what}, of what is kept longer than"]
    lines += [f"  {name:<14} {limits[name]:>9} {count:>8}" for name, count in found.items()]
    of_bus = "(the bus removes them itself)"
    lines += [
        f"  {'events':<14} {_limit(settings.retention_events_days):>9} {of_bus}",
        f"  {'dead letters':<14} {_limit(settings.retention_dead_letters_days):>9} {of_bus}",
        f"  {'audit':<14} {'for ever':>9}",
    ]
    return "\n".join(lines)


def _limit(days: int) -> str:
    return f"{days} days" if days else "for ever"
