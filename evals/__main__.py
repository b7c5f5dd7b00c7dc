"""Measures quality: `python -m evals intent --data FILE.jsonl` for one thing, `... all` for everything."""

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from evals.engine import ENGINES
from evals.figures import table
from evals.gathering import gather, take
from evals.measures import JOBS, MEASURES, NO_DATA
from evals.results import load, save
from evals.setting import commit
from evals.targets import load_targets
from shared.errors import SettingsError

RUNS = Path("evals/runs")
REPORT = Path("data/evals")
SHARED = Path("../shared/data")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; exit code 0, or 2 when the input or a setting is wrong."""
    parser = _parser()
    args = parser.parse_args(arguments)
    try:
        return _all(args) if args.measure == "all" else _one(parser, args)
    except SettingsError as error:
        print(f"evals {args.measure}: {error}", file=sys.stderr)
        return 2


def _one(parser: argparse.ArgumentParser, args: argparse.Namespace) -> int:
    if args.data is None and args.measure not in NO_DATA:
        parser.error(f"{args.measure} needs --data FILE.jsonl")
    args.engine = args.engine[0] if args.engine else "embedded"
    figures = asyncio.run(take(args)).plain
    if args.json:
        print(json.dumps(figures))
    else:
        print(f"{args.measure} on {args.data or 'its own data'}\n{table(figures, indent='  ')}")
    return 0


def _all(args: argparse.Namespace) -> int:
    """Measure, keep the run, write the report; a missed target is no error, the report says so."""
    against = load(args.against) if args.against else None
    targets = load_targets()
    engines = tuple(dict.fromkeys(args.engine or ["embedded"]))
    began = datetime.now(UTC)
    name = args.name or "-".join(filter(None, (began.strftime("%Y%m%d-%H%M%S"), commit())))
    gathered = asyncio.run(
        gather(
            JOBS,
            name=name,
            engines=engines,
            data_dir=args.data_dir,
            cache_dir=args.cache_dir,
            say=lambda line: print(line, file=sys.stderr, flush=True),
        )
    )
    kept = args.runs_dir / f"{name}.json"
    save(gathered.run, kept)
    print(f"run kept in {kept} ({gathered.run.seconds:.0f} s)")
    if args.report:
        from evals.page.render import write_report  # noqa: PLC0415  a single measure needs no page

        page = write_report(args.report, gathered.run, targets, texts=gathered.texts, against=against)
        print(f"report: {page}")
    return 0 if gathered.run.measured else 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals", description=__doc__)
    parser.add_argument("measure", choices=("all", *MEASURES))
    parser.add_argument("--data", metavar="FILE.jsonl", help="rows to measure on")
    parser.add_argument("--in-scope", metavar="FILE.jsonl", help="oos: messages that must not be turned away")
    parser.add_argument("--passages", metavar="FILE.json", help="retrieval: the texts by corpus")
    parser.add_argument("--cache-dir", metavar="DIR", help="where built models are kept (data/cache)")
    parser.add_argument(
        "--engine", choices=ENGINES, action="append",
        help="embedded (default), openai-mock, or what MODEL_URL names; all: may be given twice",
    )  # fmt: skip
    parser.add_argument("--only", metavar="NAME", help="scenarios: this one alone")
    parser.add_argument(
        "--half", choices=("closed", "open"), default="closed",
        help="pii: of rows written for developing, those nobody has looked at (default), or the others",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    many = parser.add_argument_group("all")
    many.add_argument(
        "--report", metavar="DIR", type=Path, nargs="?", const=REPORT, help=f"write the page ({REPORT})"
    )
    many.add_argument("--against", metavar="RUN.json", type=Path, help="an earlier run to compare with")
    many.add_argument("--data-dir", metavar="DIR", type=Path, default=SHARED, help=f"public data ({SHARED})")
    many.add_argument(
        "--runs-dir", metavar="DIR", type=Path, default=RUNS, help=f"where runs are kept ({RUNS})"
    )
    many.add_argument("--name", help="the run's name (time and commit)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
