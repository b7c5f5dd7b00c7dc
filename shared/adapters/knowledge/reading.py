"""Reads documents in a process of its own, which a bad file may slow down, bloat or break.

The other end is `reader.py`. Each request is one JSON line, then the bytes it counts; each answer one line.
"""

import os
import resource
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from shared.adapters.embedded.input_rules import Rule
from shared.adapters.knowledge.documents import BadDocument, Document, build_document
from shared.adapters.knowledge.formats import MARKDOWN, read_content, suffix_of
from shared.adapters.knowledge.metadata import gather
from shared.adapters.knowledge.screening import machine_rules, screen
from shared.ports.publishing import Rejected

_MOST_MEMORY = 1 << 30


@dataclass(frozen=True)
class Request:
    """A file whose `size` bytes follow, then the `side` bytes of its side file unless that is None."""

    name: str
    size: int
    side: int | None


@dataclass(frozen=True)
class Answer:
    """The document with the sentences that are not served, or why there is none."""

    document: Document | None = None
    withheld: tuple[str, ...] = ()
    rejected: Rejected | None = None


def read_document(name: str, data: bytes, side: bytes | None, *, rules: Sequence[Rule]) -> Answer:
    """What the file says, or what is wrong with it."""
    try:
        content = read_content(name, data)
        # Front matter is complete by itself: two places for one key would only contradict each other.
        entries = content.said if suffix_of(name) in MARKDOWN else gather(name, content, side)
        document = build_document(entries, content.sections, body_line=content.body_line)
        screened = screen(document, rules)
    except BadDocument as error:
        return Answer(
            rejected=Rejected(error.file or name, error.line, error.key, error.reason, error.remedy)
        )
    return Answer(screened.document, screened.withheld)


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Say with an empty line that everything is loaded, then answer requests until there are no more."""
    rules = machine_rules()
    answers.write(b"\n")
    answers.flush()
    for line in requests:
        request = msgspec.json.decode(line, type=Request)
        data = requests.read(request.size)
        side = None if request.side is None else requests.read(request.side)
        answers.write(msgspec.json.encode(read_document(request.name, data, side, rules=rules)) + b"\n")
        answers.flush()


def _limit() -> None:
    os.nice(10)  # turns of customers come first
    # It has nothing to write but its answers, and what it read shall not lie about when it breaks.
    for limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        resource.setrlimit(limit, (0, 0))
    with suppress(ValueError, OSError):  # macOS has no such limit; the time limit holds there alone
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


if __name__ == "__main__":
    _limit()
    # Nothing that a library prints may get between the answers.
    own = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, own)
