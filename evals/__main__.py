"""Runs one quality measure over a data file: `python -m evals intent --data FILE.jsonl`."""

import argparse
import asyncio
import importlib
import importlib.util
import json
import sys
from collections.abc import Sequence
from typing import Any

from evals.figures import table
from shared.errors import SettingsError

MEASURES = ("intent", "oos", "language", "pii", "retrieval", "injection")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures; exit code 0, or 2 when the input or a setting is wrong."""
    args = _parser().parse_args(arguments)
    try:
        figures = asyncio.run(_measure(args.measure).run(args))
    except SettingsError as error:
        print(f"evals {args.measure}: {error}", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps(figures))
    else:
        print(f"{args.measure} on {args.data}\n{table(figures, indent='  ')}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m evals", description=__doc__)
    parser.add_argument("measure", choices=MEASURES)
    parser.add_argument("--data", required=True, metavar="FILE.jsonl", help="rows to measure on")
    parser.add_argument("--in-scope", metavar="FILE.jsonl", help="oos: messages that must not be turned away")
    parser.add_argument("--passages", metavar="FILE.json", help="retrieval: the texts by corpus")
    parser.add_argument("--cache-dir", metavar="DIR", help="where built models are kept (data/cache)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    return parser


def _measure(name: str) -> Any:
    # Imported by name: a measure that cannot be loaded must not stop the others.
    if importlib.util.find_spec(f"evals.{name}") is None:
        raise SettingsError(f"evals/{name}.py is missing; restore it from the repository")
    return importlib.import_module(f"evals.{name}")


if __name__ == "__main__":
    raise SystemExit(main())
