"""A model of our own for tests and benchmarks: fixed answers, chosen delay, every call written down.

`scripted://?delay_ms=200&calls=/tmp/calls.log` waits 200 ms per call and appends `<skill> <step_id>` to the
file, so that a test can count what was paid for. A message that names an intent has it, with its order:
`ORDER_STATUS #1001`. It is not an engine for customers.
"""

import asyncio
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from shared.contracts import (
    ClassifyIntent,
    Entity,
    Intent,
    IntentClassified,
    JudgeReply,
    MessageScreened,
    Need,
    ReplyJudged,
    ReplyWritten,
    ScreenMessage,
    Sentence,
    Sentiment,
    Usage,
    WriteReply,
)

_NAMED = re.compile(rf"\b({'|'.join(Intent)})\b(?: #(\d+))?")
_USAGE = Usage(engine="scripted", model="scripted", input_tokens=1, output_tokens=1)


@dataclass(frozen=True)
class ScriptedModel:
    """Understanding, Writer and Judge in one."""

    delay: float = 0.0
    calls: Path | None = None

    @classmethod
    def from_url(cls, url: str) -> "ScriptedModel":
        """Delay in milliseconds and the calls file from the URL's query."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        calls = Path(query["calls"]) if "calls" in query else None
        return cls(delay=float(query.get("delay_ms", 0)) / 1000, calls=calls)

    async def classify(self, ask: ClassifyIntent) -> IntentClassified:
        """The intent that the text names, else praise, which needs no facts; in the session's language."""
        await self._called("classify", ask.step_id)
        named = _NAMED.search(ask.text)
        return IntentClassified(
            conversation_id=ask.conversation_id,
            turn_id=ask.turn_id,
            step_id=ask.step_id,
            needs=(Need(intent=Intent(named[1]) if named else Intent.FEEDBACK, confidence=0.99),),
            entities=_order(named) if named else (),
            sentiment=Sentiment(label="neutral", score=0.0),
            language=ask.language_prior or "en",
            usage=_USAGE,
        )

    async def write(self, ask: WriteReply) -> ReplyWritten:
        """One sentence that names the turn, so that a test can tell replies apart."""
        await self._called("write", ask.step_id)
        text = f"Scripted reply to {ask.turn_id}."
        return ReplyWritten(
            conversation_id=ask.conversation_id,
            turn_id=ask.turn_id,
            step_id=ask.step_id,
            sentences=(Sentence(text=text),),
            usage=_USAGE,
        )

    async def screen(self, ask: ScreenMessage) -> MessageScreened:
        """Everything passes."""
        await self._called("screen", ask.step_id)
        return MessageScreened(
            conversation_id=ask.conversation_id, turn_id=ask.turn_id, step_id=ask.step_id, allowed=True
        )

    async def judge(self, ask: JudgeReply) -> ReplyJudged:
        """Everything passes."""
        await self._called("judge", ask.step_id)
        return ReplyJudged(
            conversation_id=ask.conversation_id, turn_id=ask.turn_id, step_id=ask.step_id, usage=_USAGE
        )

    async def _called(self, skill: str, step_id: str) -> None:
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.calls is not None:
            # One write of one line with O_APPEND: lines of several processes do not mix.
            file = os.open(self.calls, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, f"{skill} {step_id}\n".encode())
            finally:
                os.close(file)


def _order(named: re.Match[str]) -> tuple[Entity, ...]:
    if not named[2]:
        return ()
    start, end = named.span(2)
    return (Entity(kind="order_number", text=named[2], value=named[2], start=start, end=end),)
