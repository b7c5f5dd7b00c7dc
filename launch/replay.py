"""`python -m launch replay` runs recorded turns with other prompts, models or policy: what differs?"""

import argparse
import asyncio
import math
import re
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import uvloop

from gateway.rights import files
from launch.replaying.changes import Changes
from launch.replaying.comparing import Compared, compared
from launch.replaying.purse import Purse
from launch.replaying.report import Limits, Report, over, totals
from launch.replaying.running import Theatre, open_theatre
from launch.replaying.table import lines
from shared.errors import SettingsError, StoreDown
from shared.ports.recordings import Recordings, Told
from shared.ports.spending import Spending
from shared.settings import Settings, read_settings
from shared.wiring import Services, open_services
from shared.wiring.stores import open_ledger, open_recordings

NO_RECORDING = "no recording: the turn is of before there were any"
_AGO = re.compile(r"(\d{1,4})([hd])")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.description = (
        "Run stored conversations again, as they were recorded, and show what is decided, said and paid "
        "otherwise. No vendor is asked, nothing is done, sent or stored; what models take is counted in the "
        "spend ledger, apart from customers'. Exit code 0: within the limits; 1: "
        "more has changed than is allowed; 2: a wrong setting, or nothing could be replayed."
    )
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--conversation", metavar="ID", action="append", default=[], help="may be repeated")
    which.add_argument(
        "--since", metavar="WHEN", type=_moment, help="2026-11-20, 2026-11-20T08:00, 12h or 7d (ago); UTC"
    )
    parser.add_argument("--until", metavar="WHEN", type=_moment, help="up to this moment; now when left out")
    parser.add_argument(
        "--limit", metavar="N", type=_count, default=200, help="conversations at most, the latest first (200)"
    )
    parser.add_argument(
        "--parallel", metavar="N", type=_count, default=1,
        help="conversations at a time; more than 1 only with a model service, and then times here mean less",
    )  # fmt: skip
    parser.add_argument(
        "--model", metavar="NAME", action="append", default=[],
        help="a model of MODEL_URL for all agents, AGENT=NAME for one of intent, response, critic; "
        "'embedded' is the local engine",
    )  # fmt: skip
    parser.add_argument("--prompts", metavar="DIR", type=_folder, help="in place of agents/prompts")
    parser.add_argument("--playbooks", metavar="DIR", type=_folder, help="in place of conversation/playbooks")
    parser.add_argument("--policy", metavar="FILE", type=Path, help="in place of policy.toml or actions.toml")
    parser.add_argument(
        "--knowledge", choices=("recorded", "current"), default="recorded",
        help="passages as they were found then, or searched in what is published now",
    )  # fmt: skip
    parser.add_argument(
        "--carry", action="store_true",
        help="begin each turn with what the replay of the one before left, not with what was recorded",
    )  # fmt: skip
    _limits(parser)
    parser.add_argument("--all", action="store_true", help="show turns that are the same, too")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the report for machines here")


def _limits(parser: argparse.ArgumentParser) -> None:
    def share(name: str, read: Callable[[str], float], default: float | None, told: str) -> None:
        parser.add_argument(name, metavar="SHARE", type=read, default=default, help=told)

    share("--max-changed", _share, 0.0, "of turns decided otherwise, 0.05 for 5 %% (0)")
    share("--max-reworded", _share, 0.0, "of turns decided alike and worded otherwise (0)")
    share("--max-cost-increase", _increase, None, "0.1: a tenth more; not looked at when left out")
    share("--max-latency-increase", _increase, None, "the same of the agents' median time on this machine")
    parser.add_argument(
        "--budget", metavar="USD", type=_usd, default=None,
        help="what model services may take in all; turns beyond it are not replayed, which fails the gate. "
        "0 is no bound (MODEL_BUDGET_USD_REPLAY)",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    return uvloop.run(_run(read_settings(), options))


async def _run(settings: Settings, options: argparse.Namespace) -> int:
    changes = changes_of(options)
    async with (
        open_recordings(settings) as recordings,
        open_services(changes.settings(settings), actor="command:replay") as services,
        open_ledger(settings) as ledger,
    ):
        return concluded(await replayed(recordings, services, changes, options, ledger), options)


def changes_of(options: argparse.Namespace) -> Changes:
    """What is to be tried out."""
    return Changes(
        models=tuple(options.model), prompts=options.prompts, playbooks=options.playbooks,
        policy=options.policy, knowledge=options.knowledge,
    )  # fmt: skip


async def replayed(
    recordings: Recordings,
    services: Services,
    changes: Changes,
    options: argparse.Namespace,
    ledger: Spending | None = None,
) -> Report:
    """Run what was chosen with these changes. `services` are on a bus of their own.

    Nothing is written but what models took, to the `ledger`.
    """
    services.prompts = changes.prompts or services.prompts
    chosen = await _chosen(recordings, options)  # what is not there is said before engines are loaded
    most = services.settings.model_budget_usd_replay if options.budget is None else options.budget
    purse = Purse(most, ledger)
    try:
        async with open_theatre(services, changes, purse) as theatre:
            turns = await _side_by_side(theatre, recordings, chosen, options, purse)
    finally:  # who stops it has paid as well
        await purse.tell()
    limits = Limits(
        changed=options.max_changed, reworded=options.max_reworded,
        cost=options.max_cost_increase, latency=options.max_latency_increase,
    )  # fmt: skip
    found, paid = totals(turns), purse.bill()
    return Report(
        changes=changes.told(services.settings), limits=limits, totals=found, paid=paid,
        over=over(found, limits, paid), turns=tuple(turns),
    )  # fmt: skip


def concluded(report: Report, options: argparse.Namespace) -> int:
    """Write and print the report; the exit code."""
    if options.json:
        _write(options.json, report)
    for line in lines(report, every=options.all or bool(options.conversation)):
        print(line)
    if not report.totals.replayed:
        print("answerdesk: nothing could be replayed, so nothing is proved", file=sys.stderr)
        return 2
    return 1 if report.over else 0


async def _chosen(recordings: Recordings, options: argparse.Namespace) -> Sequence[str]:
    """The ids of the conversations; those that were named must be there."""
    if options.since is not None and options.until is not None and options.until <= options.since:
        raise SettingsError("--until is not after --since, so no turn lies between; 2d is before 1d")
    named: Sequence[str] = options.conversation
    for each in named:
        if await recordings.of(each) is None:
            raise SettingsError(
                f"--conversation {each!r}: no such conversation is stored; its id stands in the console's "
                "address, or it was erased or is older than is kept"
            )
    return named or await recordings.heard(since=options.since, limit=options.limit)


async def _side_by_side(
    theatre: Theatre,
    recordings: Recordings,
    chosen: Sequence[str],
    options: argparse.Namespace,
    purse: Purse,
) -> list[Compared]:
    """The turns of these conversations in their order; several are played at a time."""
    room = asyncio.Semaphore(options.parallel)

    async def one(conversation_id: str) -> Sequence[Compared]:
        async with room:
            told = await recordings.of(conversation_id)
            turns = await _played(theatre, told, options) if told else ()
            await purse.tell()
            return turns

    return [turn for turns in await asyncio.gather(*map(one, chosen)) for turn in turns]


async def _played(theatre: Theatre, told: Told, options: argparse.Namespace) -> Sequence[Compared]:
    """The turns of a conversation within the time, in order; of those without a recording only that."""
    since, until = options.since or 0.0, options.until or math.inf
    chosen = [each for each in told.recorded if since <= each.at < until]
    known = {turn.turn_id for each in told.recorded for turn in each.turns}
    known |= {each.turn_id for each in told.recorded}
    turns = [
        Compared(
            conversation=told.conversation_id, turn=each.turn_id, at=each.accepted_at, verdict="skipped",
            why=NO_RECORDING,
        )
        for each in told.results
        if each.turn_id not in known and not each.answered_with and since <= each.accepted_at < until
    ]  # fmt: skip
    async for rerun in theatre.play(told, chosen, carry=options.carry):
        turns += compared(rerun, told.results)
    order = {result.turn_id: n for n, result in enumerate(told.results)}
    return sorted(turns, key=lambda turn: order.get(turn.turn, len(order)))


def _write(path: Path, report: Report) -> None:
    try:
        files.write(path, msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
    except StoreDown as error:
        raise SettingsError(f"--json={str(path)!r}: {error}; name a file you may write") from error


def _moment(text: str) -> float:
    if ago := _AGO.fullmatch(text):
        return time.time() - int(ago[1]) * {"h": 3600, "d": 86_400}[ago[2]]
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no moment; write 2026-11-20, 2026-11-20T08:00, 12h or 7d"
        ) from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number from 1 to 100000")
    return int(text)


def _amount(wanted: str, most: float = math.inf) -> Callable[[str], float]:
    """Reads a number from 0 to `most`; `wanted` says what it is, to who wrote something else."""

    def read(text: str) -> float:
        try:
            amount = float(text)
        except ValueError:
            amount = math.nan
        if not 0 <= amount <= most or math.isinf(amount):
            raise argparse.ArgumentTypeError(f"{text!r} must be {wanted}")
        return amount

    return read


# Who writes 5 means 5 %, and a gate of 500 % never closes.
_share = _amount("a share from 0 to 1, e.g. 0.05 for 5 %", most=1)
_increase = _amount("a share from 0 to 4, e.g. 0.05 for 5 % more, 1 for twice as much", most=4)
_usd = _amount("dollars, 0 or more, e.g. 2.50; 0 is no bound")


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is no folder")
    return Path(text)
