"""`python -m launch bus-users` writes the users of a nats-server of one's own: keys and configuration."""

import argparse
from pathlib import Path

from shared.settings import read_settings
from shared.wiring import write_bus_users


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.description = (
        "Write a key for each service, readable by you only, and the nats-server configuration that names "
        "them with their rights. Keys that are there are kept; remove one to have it made anew. "
        "Exit code 0: done; 2: the folder cannot be written, or holds something else."
    )
    parser.add_argument(
        "--out", metavar="FOLDER", type=Path, help="made when absent; default DATA_DIR/bus-users"
    )


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    folder: Path = options.out or read_settings().data_dir / "bus-users"
    config = write_bus_users(folder)
    for key in sorted(folder.glob("*.nk")):
        print(f"  {key}")
    print(f"bus-users: include {config} in your nats-server's configuration; see docs/bus.md")
    return 0
