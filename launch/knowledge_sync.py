"""`python -m launch knowledge-sync [SOURCE]` brings the knowledge base up to date and reports."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import uvloop

from launch.knowledge import Watch
from shared.ports.publishing import Progress, SyncReport, SyncStage
from shared.settings import Settings, read_settings
from shared.wiring import Services, open_services


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.description = (
        "Bring the knowledge base up to date with SOURCE. Exit code 0: done; 1: done, but some files were "
        "rejected (their last good versions serve on); 2: a wrong setting, or the source or the embedder "
        "cannot be reached (everything serves as before)."
    )
    parser.add_argument(
        "source", nargs="?", help="a folder, or https://<account>.blob.core.windows.net/<container>[/prefix]"
    )
    parser.add_argument("--watch", action="store_true", help="go on, every KNOWLEDGE_INTERVAL seconds")
    parser.add_argument(
        "--dry-run", action="store_true", help="report what would be done, and change nothing"
    )
    parser.add_argument(
        "--allow-removal", action="store_true", help="also when more than half of the documents are gone"
    )


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    changes = {"knowledge_source": options.source} if options.source else {}
    if options.dry_run:
        changes["re_embed"] = False  # it drops the old vectors
    return uvloop.run(_run(read_settings(**changes), options))


async def _run(settings: Settings, options: argparse.Namespace) -> int:
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        async with open_services(settings) as services:
            return await _sync(services, options)
    except asyncio.CancelledError:
        print("knowledge-sync: stopped", file=sys.stderr)
        return 0 if options.watch else 130


async def _sync(services: Services, options: argparse.Namespace) -> int:
    sync = await services.knowledge_sync()
    with _bars() as progress:
        report = await sync.run(
            dry_run=options.dry_run, allow_removal=options.allow_removal, progress=progress
        )
    print(told(report, options.dry_run))
    if options.watch:
        # Only the first time may remove much: who asked for that meant the source as it was then.
        watch = Watch(sync, services.settings.knowledge_interval, tell=_tell_changes)
        await watch.forever()
    return 1 if report.rejected else 0


def _tell_changes(report: SyncReport) -> None:
    if report.added or report.changed or report.removed:
        print(told(report, dry_run=False), flush=True)


@contextmanager
def _bars() -> Iterator[Progress]:
    """A progress bar for each stage, one after the other, on a terminal only."""
    # Every role imports this module for its options; only this command shows a bar.
    from tqdm import tqdm  # type: ignore[import-untyped]  # noqa: PLC0415

    units = {"reading": " files", "embedding": " texts"}
    with ExitStack() as stack:
        shown: dict[SyncStage, tqdm] = {}

        def progress(stage: SyncStage, done: int, total: int) -> None:
            if stage not in shown:
                stack.close()
                bar = tqdm(desc=stage, total=total, unit=units[stage], disable=None, leave=False)
                shown[stage] = stack.enter_context(bar)
            shown[stage].update(done - shown[stage].n)

        yield progress


def told(report: SyncReport, dry_run: bool) -> str:
    """The report as people read it: every file that changed or has something wrong, the others counted."""
    lines: list[str] = []
    for mark, files in (("+", report.added), ("~", report.changed), ("-", report.removed)):
        lines.extend(f"  {mark} {file}" for file in files)
    lines.extend(f"  ! rejected: {entry}" for entry in report.rejected)
    lines.extend(f"  ! warning: {entry}" for entry in report.warnings)
    counts = (
        f"{len(report.added)} added, {len(report.changed)} changed, {len(report.removed)} removed, "
        f"{len(report.unchanged)} unchanged, {len(report.rejected)} rejected, {len(report.warnings)} warnings"
    )
    done = "nothing was written (dry run)" if dry_run else f"{report.embedded} texts embedded"
    lines.append(f"knowledge-sync: {counts}; {done}")
    return "\n".join(lines)
