"""Log lines that say which exception happened where, and never what it quotes.

An exception's text may hold what a customer wrote: `int()`, codecs and parsers put in it what they were
given. Starlette hands every bug on to uvicorn, which logs it; asyncio prints the exceptions of tasks that
nobody waited for. So it is the formatter that leaves the words out, whoever logs.
"""

import asyncio
import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from shared.errors import DeskError

_FORMAT = "%(asctime)s %(name)s %(message)s"
_OURS = ("answerdesk", "agents", "conversation", "gateway", "launch", "mock_apis", "shared")
_LONGEST_CHAIN = 8
_LOG = logging.getLogger("answerdesk.launch")
_Information = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class WithoutWords(logging.Formatter):
    """Formats exceptions without their texts and notes."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; a text that another handler's formatter left in the record is not used."""
        record.exc_text = None
        return super().format(record)

    def formatException(self, ei: _Information) -> str:  # noqa: N802  logging's name
        """Frames and types of the exception and of those it came from."""
        return "\n".join(_told(ei[1])) if ei[1] is not None else ""


def start(level: str) -> None:
    """Log to stderr, and let nothing else print exceptions: no hook of Python, no thread.

    Our own lines from `level` on, others' from WARNING on: libraries write out requests when asked for more,
    urllib3 a container's SAS, openai and pymongo texts.
    """
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutWords(_FORMAT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for name in _OURS:
        logging.getLogger(name).setLevel(level)

    def on_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            _LOG.critical("ended by %s", kind.__name__, exc_info=(kind, error, trace))

    def on_thread(crash: threading.ExceptHookArgs) -> None:
        _LOG.error("a thread ended by %s", crash.exc_type.__name__, exc_info=crash.exc_value)

    def on_unraisable(trouble: "sys.UnraisableHookArgs") -> None:
        _LOG.error("ignored %s", trouble.exc_type.__name__, exc_info=trouble.exc_value)

    sys.excepthook, threading.excepthook, sys.unraisablehook = on_crash, on_thread, on_unraisable


def on_loop_trouble(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What asyncio has to complain about; its own line shows the task, and the task its exception."""
    _LOG.error("%s", context.get("message", "trouble in the event loop"), exc_info=context.get("exception"))


def _told(error: BaseException, depth: int = 0) -> Iterator[str]:
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None and depth < _LONGEST_CHAIN:
        yield from _told(earlier, depth + 1)
        yield "then"
    for frames in traceback.extract_tb(error.__traceback__).format():
        yield frames.rstrip("\n")
    # Our own errors are written for operators and hold no text of customers.
    yield f"{type(error).__name__}: {error}" if isinstance(error, DeskError) else type(error).__name__
    if isinstance(error, BaseExceptionGroup) and depth < _LONGEST_CHAIN:
        for one in error.exceptions:
            yield "one of them"
            yield from _told(one, depth + 1)
