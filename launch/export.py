"""`python -m launch export --customer ID --to DIR` writes what is kept of a customer, for that customer."""

import argparse
import os
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import msgspec
import uvloop

from launch.exporting import gather
from shared.errors import SettingsError
from shared.settings import Settings, read_settings
from shared.wiring import open_services

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}"
    "article{border-top:1px solid #bbb;margin-top:2rem}.who{font-weight:600}.at{color:#555;font-size:.85em}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f4;padding:1rem}"
)

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


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
    parser.add_argument("--to", required=True, metavar="DIR", type=Path, help="a folder; made when absent")


def run(options: argparse.Namespace) -> int:
    """The exit code."""
    return uvloop.run(_run(read_settings(), options.customer, options.to))


async def _run(settings: Settings, customer: str, folder: Path) -> int:
    _writable(folder)
    async with open_services(settings, actor="command:export") as services:
        found = await gather(services, customer)
    _write(folder / "export.json", msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    _write(folder / "export.html", page(found).encode("utf-8", "replace"))
    print(f"export: {len(found['conversations'])} conversations in {folder}/export.json and export.html")
    return 0


def page(found: dict[str, Any]) -> str:
    """The same for people: what was said in order, the rest behind a fold; no text becomes markup."""
    body = "".join(_article(conversation) for conversation in found["conversations"])
    nothing = "<p>Nothing is kept.</p>"
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>What is kept of {escape(found['customer'])}</title><style>{_STYLE}</style>"
        f"<h1>What is kept of {escape(found['customer'])}</h1>{body or nothing}</html>\n"
    )


def _article(conversation: dict[str, Any]) -> str:
    said = "".join(
        f'<p><span class="who">{escape(message["who"])}</span> <span class="at">{_time(message["at"])}</span>'
        f"<br>{escape(message['text'])}</p>"
        for message in conversation["messages"]
    )
    folds = "".join(
        f"<details><summary>{title}</summary><pre>{_json(conversation[key])}</pre></details>"
        for key, title in (
            ("remembered", "What the conversation remembers"),
            ("hand_overs", "Handed to a person"),
            ("feedback", "Your feedback"),
            ("unanswered_questions", "Questions we could not answer"),
            ("audit", "Who opened your data, and what for"),
        )
        if conversation[key]
    )
    return f"<article><h2>Conversation {escape(conversation['conversation_id'])}</h2>{said}{folds}</article>"


def _json(value: object) -> str:
    return escape(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(" ", "seconds").removesuffix("+00:00") + " UTC"


def _writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(f"--to={str(folder)!r}: {error.strerror}; name a folder you may write") from error


def _write(path: Path, data: bytes) -> None:
    try:
        path.unlink(missing_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SettingsError(
            f"--to={str(path.parent)!r}: {error.strerror}; name a folder you may write"
        ) from error
    with os.fdopen(handle, "wb") as file:
        file.write(data)
