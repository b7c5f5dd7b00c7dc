"""Log lines that say what happened where, as JSON or as text, and never what an exception quotes.

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
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal

import msgspec

from launch.log_pipe import Pipe, stderr
from shared import telemetry
from shared.errors import DeskError, SettingsError
from shared.logs import now_about

_TEXT = "%(asctime)s %(name)s %(message)s"
_OURS = ("answerdesk", "agents", "conversation", "gateway", "launch", "mock_apis", "shared")
_LONGEST_CHAIN = 8
_MOST_FRAMES = 40
"""Of each exception, the innermost: a line that is too long is cut, and a cut one is no JSON."""
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_LOG = logging.getLogger("answerdesk.launch")
_Information = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
Format = Literal["json", "text"]


class WithoutWords(logging.Formatter):
    """Formats exceptions without their texts and notes."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; a text that another handler's formatter left in the record is not used."""
        record.exc_text = None
        return super().format(record)

    def formatException(self, ei: _Information) -> str:  # noqa: N802  logging's name
        """Frames and types of the exception and of those it came from."""
        return "\n".join(_told(ei[1])) if ei[1] is not None else ""


class Lines(logging.Formatter):
    """One JSON object for each record, on one line; docs/logs.md names the keys."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        """The line. Who logs is in the trace, and works on the turn, that the line belongs to."""
        fields: dict[str, Any] = dict(getattr(record, "fields", {}))
        (conversation, turn), span = now_about(), telemetry.current()
        line: dict[str, Any] = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "service": self._service,
            "event": getattr(record, "event", ""),
            "message": getattr(record, "says", "") if fields else record.getMessage(),
            "trace_id": fields.pop("trace_id", "") or (span.trace if span else ""),
            "span_id": span.id if span else "",
            "conversation_id": fields.pop("conversation_id", "") or conversation,
            "turn_id": fields.pop("turn_id", "") or turn,
            "fields": fields,
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = list(_told(record.exc_info[1]))
        kept = {name: value for name, value in line.items() if value not in ("", {})}
        try:
            return msgspec.json.encode(kept).decode()
        except UnicodeEncodeError:  # half of a surrogate pair, in a name of a file or what a vendor said
            return msgspec.json.encode(_writable(kept)).decode()


def _writable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _writable(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_writable(each) for each in value]
    return value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value


def chosen(level: str, form: str, *, serves: bool, terminal: bool) -> tuple[str, Format]:
    """Level and form that `LOG_LEVEL` and `LOG_FORMAT` (empty: not set) come to.

    People at a terminal and who runs a command read text; whoever collects the lines of a service reads JSON,
    and gets decisions too. Raises SettingsError.
    """
    if form not in {"", "json", "text"}:
        raise SettingsError(f"LOG_FORMAT={form!r}: expected json or text")
    if level and level.upper() not in _LEVELS:
        raise SettingsError(f"LOG_LEVEL={level!r}: expected one of {', '.join(_LEVELS)}")
    as_text = form == "text" or (not form and (terminal or not serves))
    return level.upper() or ("WARNING" if as_text else "INFO"), "text" if as_text else "json"


def start(level: str, form: Format = "text", *, service: str = "answerdesk") -> Pipe:
    """Log to stderr, and let nothing else print exceptions: no hook of Python, no thread.

    Our own lines from `level` on, others' from WARNING on: libraries write out requests when asked for more,
    urllib3 a container's SAS, openai and pymongo texts. What is left is written at exit.
    """
    handler = Pipe(stderr)
    handler.setFormatter(Lines(service) if form == "json" else WithoutWords(_TEXT))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.captureWarnings(capture=True)
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
    return handler


def lost() -> int:
    """How many lines of this process were never written, since it started."""
    return sum(handler.lost for handler in logging.getLogger().handlers if isinstance(handler, Pipe))


def on_loop_trouble(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What asyncio has to complain about; its own line shows the task, and the task its exception."""
    _LOG.error("%s", context.get("message", "trouble in the event loop"), exc_info=context.get("exception"))


def _told(error: BaseException, depth: int = 0) -> Iterator[str]:
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None and depth < _LONGEST_CHAIN:
        yield from _told(earlier, depth + 1)
        yield "then"
    for frames in traceback.extract_tb(error.__traceback__, limit=-_MOST_FRAMES).format():
        yield frames.rstrip("\n")
    # Our own errors are written for operators and hold no text of customers.
    yield f"{type(error).__name__}: {error}" if isinstance(error, DeskError) else type(error).__name__
    if isinstance(error, BaseExceptionGroup) and depth < _LONGEST_CHAIN:
        for one in error.exceptions:
            yield "one of them"
            yield from _told(one, depth + 1)
