"""Log lines: JSON with the trace and the turn they belong to, and nobody waits for who reads them."""

import json
import logging
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from agents.critic import judge_reply
from conversation.telling import tell
from launch.__main__ import COMMANDS, ROLES, main
from launch.log_pipe import Pipe
from launch.logs import Lines, chosen
from shared import contracts as c
from shared import logs, telemetry
from shared.adapters.breaker import Breaker
from shared.adapters.fallback import Link, WriterChain
from shared.errors import ModelDown, SettingsError, StoreDown
from tests.speed import limit
from tests.telemetry.recorded import recording

SECRET = "Quackenbush"


class Kept(logging.Handler):
    """What a formatter makes of each line."""

    def __init__(self, formatter: logging.Formatter) -> None:
        super().__init__()
        self.setFormatter(formatter)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def read(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]


@pytest.fixture
def kept() -> Iterator[Kept]:
    """What our own loggers write, as JSON."""
    handler, log = Kept(Lines("answerdesk-test")), logging.getLogger()
    ours = [logging.getLogger(name) for name in ("answerdesk", "shared")]
    levels = [each.level for each in ours]
    for each in ours:
        each.setLevel("INFO")
    log.addHandler(handler)
    yield handler
    log.removeHandler(handler)
    for each, level in zip(ours, levels, strict=True):
        each.setLevel(level)


def test_a_line_says_when_who_and_in_which_trace(kept: Kept) -> None:
    """The trace of whoever logs, and the turn that is worked on."""
    logs.about("c-1", "t-1")
    with recording(), telemetry.root("turn") as span:
        assert isinstance(span, telemetry.Span)
        logs.happened(
            logging.getLogger("answerdesk.x"), "thing_done", says="so\nit is", ms=1.5, queue="sales"
        )
    logs.about("", "")
    (line,) = kept.read
    assert "\n" not in kept.lines[0]
    assert line.pop("ts").endswith("+00:00")
    assert line == {
        "level": "INFO", "logger": "answerdesk.x", "service": "answerdesk-test", "event": "thing_done",
        "message": "so\nit is", "trace_id": span.trace, "span_id": span.id,
        "conversation_id": "c-1", "turn_id": "t-1", "fields": {"ms": 1.5, "queue": "sales"},
    }  # fmt: skip


def test_any_other_line_is_json_too(kept: Kept) -> None:
    """A library's; an exception is located and not quoted, and half a letter breaks nothing."""
    try:
        try:
            int(SECRET)
        except ValueError as error:
            raise StoreDown("the disk is full") from error
    except StoreDown:
        logging.getLogger("some.library").exception("Exception in ASGI application\n")
    # Rooms of earlier tests may still have something to say.
    (broke,) = [line for line in kept.read if line["logger"] == "some.library"]
    assert (broke["logger"], broke["level"]) == ("some.library", "ERROR")
    told = "\n".join(broke["exception"])
    assert "ValueError" in told
    assert "StoreDown: the disk is full" in told
    assert SECRET not in "".join(kept.lines)
    half = logging.LogRecord("x", logging.WARNING, "x.py", 1, "a file %s", ("\udcff",), None)
    assert json.loads(Lines("test").format(half))["message"] == "a file \\udcff"
    half = logging.LogRecord("x", logging.WARNING, "x.py", 1, "", (), None)
    half.fields = {"subject": "a \ud800"}
    assert json.loads(Lines("test").format(half))["fields"] == {"subject": "a \\ud800"}


def test_a_crash_of_a_thousand_frames_is_a_line_that_can_be_read() -> None:
    """A line that is cut is no JSON, and whoever collects lines drops it."""

    def there(depth: int) -> None:
        back(depth)

    def back(depth: int) -> None:
        if depth == 0:
            raise ValueError(SECRET)
        there(depth - 1)

    try:
        there(400)
    except ValueError as error:
        crash = logging.LogRecord(
            "x", logging.ERROR, "x.py", 1, "crash", (), (type(error), error, error.__traceback__)
        )
    written = bytearray()
    pipe = Pipe(lambda data: written.extend(data) or len(data))  # type: ignore[func-returns-value]
    pipe.setFormatter(Lines("test"))
    pipe.handle(crash)
    pipe.close()
    told = json.loads(written)["exception"]
    assert told[-1] == "ValueError"
    assert "raise ValueError" in told[-2]


def finished(**changes: Any) -> c.TurnFinished:
    """A turn in which an order was to be cancelled and a person was called."""
    fields: dict[str, Any] = {
        "conversation_id": "c-1", "turn_id": "t-1", "accepted_at": 100.0, "finished_at": 101.5,
        "status": "handed_over", "sentences": (c.Sentence(text=f"Dear {SECRET}"),), "language": "en",
        "intent": c.Intent.CANCELLATION, "engine": "openai", "said": f"I am {SECRET}", "trace_id": "f" * 32,
        "usages": (c.Usage(engine="openai", model="m", input_tokens=10, output_tokens=5, cost_usd=0.25),),
        "actions": (
            c.Receipt(kind="cancel", order_number="1001", status="refused", reference="", detail=SECRET),
        ),
        "escalation": c.HandOver(
            id="h-1", conversation_id="c-1", reason="action_failed", priority="high", queue="orders",
            opened_at=1.0, sla_due_at=2.0, position=1, packet=PACKET,
        ),
    }  # fmt: skip
    return c.TurnFinished(**(fields | changes))


PACKET = c.Packet(
    summary=SECRET,
    facts=(),
    tried=(),
    promised=(),
    suggested_reply=SECRET,
    sentiment="neutral",
    language="en",
)


def test_what_became_of_a_turn_is_told_without_a_word_of_it(kept: Kept) -> None:
    tell(finished())
    assert [line["event"] for line in kept.read] == ["action_refused", "hand_over_opened", "turn_finished"]
    action, hand_over, turn = kept.read
    assert action["fields"] == {"kind": "cancel", "status": "refused", "why": ""}
    assert hand_over["fields"] == {
        "reason": "action_failed", "priority": "high", "queue": "orders", "hand_over": "h-1",
    }  # fmt: skip
    assert {(line["conversation_id"], line["turn_id"], line["trace_id"]) for line in kept.read} == {
        ("c-1", "t-1", "f" * 32)
    }
    wanted = {
        "intent": "CANCELLATION",
        "status": "handed_over",
        "engine": "openai",
        "ms": 1500.0,
        "cost_usd": 0.25,
    }
    assert turn["fields"].items() >= wanted.items()
    assert SECRET not in "".join(kept.lines)


async def test_a_rejected_draft_is_told_by_its_rules(kept: Kept) -> None:
    """Not by the words that broke them."""

    class Strict:
        async def judge(self, ask: c.JudgeReply) -> c.ReplyJudged:
            found = c.Finding(rule="output.promise", span=SECRET, remedy="")
            usage = c.Usage(engine="embedded", model="rules")
            return c.ReplyJudged(
                conversation_id="c-1", turn_id="t-1", step_id="s", usage=usage, findings=(found,)
            )

    ask = c.JudgeReply(
        conversation_id="c-1", turn_id="t-1", step_id="s", text=SECRET, language="en", written_by="openai",
        sentences=(c.Sentence(text=SECRET),),
    )  # fmt: skip
    await judge_reply(ask, judge=Strict())  # type: ignore[arg-type]
    (line,) = kept.read
    assert (line["event"], line["fields"]["rules"]) == ("draft_rejected", "output.promise")
    assert SECRET not in kept.lines[0]


async def test_a_model_that_fails_and_is_cut_off_is_told(kept: Kept) -> None:
    """Each time it did not answer, and once when it rests."""

    class Down:
        async def write(self, ask: c.WriteReply) -> c.ReplyWritten:
            raise ModelDown("the model: 503")

    class Fine:
        async def write(self, ask: c.WriteReply) -> c.ReplyWritten:
            usage = c.Usage(engine="embedded", model="templates")
            return c.ReplyWritten(
                conversation_id="c-1", turn_id="t-1", step_id="s", sentences=(), usage=usage
            )

    breaker = Breaker(failures=2, rest_s=60)
    chain = WriterChain([Link("model", Down(), breaker), Link("local", Fine())], deadline_s=5)  # type: ignore[list-item]
    ask = c.WriteReply(conversation_id="c-1", turn_id="t-1", step_id="s", text="", language="en", topics=())
    for _ in range(3):
        await chain.write(ask)
    events = [line["event"] for line in kept.read]
    assert events == ["model_fallback", "breaker_opened", "model_fallback"]


@pytest.mark.parametrize(
    ("level", "form", "serves", "terminal", "expected"),
    [
        ("", "", True, True, ("WARNING", "text")),
        ("", "", True, False, ("INFO", "json")),
        ("", "", False, False, ("WARNING", "text")),
        ("debug", "json", True, True, ("DEBUG", "json")),
        ("", "text", True, False, ("WARNING", "text")),
    ],
)
def test_the_form_follows_who_reads(
    level: str, form: str, serves: bool, terminal: bool, expected: tuple[str, str]
) -> None:
    """Text for people, JSON with decisions for who collects the lines of a service."""
    assert chosen(level, form, serves=serves, terminal=terminal) == expected


@pytest.mark.parametrize(
    ("level", "form", "named"), [("LOUD", "", "LOG_LEVEL='LOUD'"), ("", "xml", "LOG_FORMAT='xml'")]
)
def test_a_wrong_setting_is_named(level: str, form: str, named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        chosen(level, form, serves=True, terminal=True)


def test_a_wrong_setting_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Said in words, before anything is opened."""
    monkeypatch.setattr(sys, "argv", ["launch", "analytics"])
    monkeypatch.setenv("LOG_LEVEL", "LOUD")
    assert main() == 2
    assert "LOG_LEVEL='LOUD'" in capsys.readouterr().err


def test_help_says_what_each_role_and_command_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name alone tells a newcomer nothing."""
    monkeypatch.setattr(sys, "argv", ["launch", "--help"])
    with pytest.raises(SystemExit):
        main()
    told = " ".join(capsys.readouterr().out.split())
    assert "everything in one process: begin here" in told
    assert all(f"{name} only the {name} service" in told for name in ROLES[1:])
    for name, command in COMMANDS.items():
        does = (command.__doc__ or "").partition("\n")[0].rpartition("` ")[2]
        assert len(does) > len(name)
        assert f"{name} {does}" in told


def test_a_turns_lines_cost_little() -> None:
    """Three lines for a turn with an action and a hand-over, a tenth of a millisecond; see docs/logs.md."""
    pipe = Pipe(len)
    pipe.setFormatter(Lines("test"))
    log = logging.getLogger("answerdesk.turns")
    log.addHandler(pipe)
    log.setLevel("INFO")
    log.propagate = False
    turn = finished()
    try:
        most = limit(0.6)
        began = time.process_time()
        for _ in range(2000):
            tell(turn)
        took = time.process_time() - began
    finally:
        log.removeHandler(pipe)
        log.propagate = True
        log.setLevel(logging.NOTSET)
        pipe.close()
        logs.about("", "")
    assert took <= most, f"{took / 2000 * 1e6:.0f} µs"
