"""Answers a policy question with the reply that a model wrote to the same question before.

What comes out is a draft like any other: the critic judges it.
"""

import asyncio
import hashlib
import logging
import re
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from msgspec import structs

from shared import metrics
from shared.adapters.question_marks import marks
from shared.adapters.sqlite.answers import AnswerRows, Kept
from shared.contracts import Intent, ReplyWritten, Usage, WriteReply
from shared.errors import ModelFailed
from shared.ports import Embedder, Writer

_LOG = logging.getLogger(__name__)
ENGINE = "answer-cache"
_GOAL = "policy.answer"
_OF_ONE_CUSTOMER = frozenset(
    {
        Intent.ORDER_STATUS, Intent.TRACKING_UPDATE, Intent.REFUND_STATUS, Intent.CANCELLATION,
        Intent.ORDER_CHANGE, Intent.BILLING_ISSUE, Intent.ACCOUNT_HELP, Intent.SUBSCRIPTION_MANAGEMENT,
        Intent.COMPLAINT, Intent.ESCALATION_REQUEST,
    }
)  # fmt: skip
# Tokens stand for personal values, long numbers are orders or parcels.
_PERSONAL = re.compile(r"TOKEN_|\d{4,}|@")


@dataclass(frozen=True)
class _Question:
    key: bytes
    marks: str
    vector: list[float]


class CachedWriter:
    """Implements `Writer` before another one.

    `written_as` names what else a reply depends on: prompt version and models. `engine` is the one whose
    replies are kept. A reply the critic sent back is forgotten. Trouble with the cache costs no answer.
    """

    def __init__(
        self, writer: Writer, rows: AnswerRows, embedder: Embedder, *,
        written_as: str, engine: str, least: float,
    ) -> None:  # fmt: skip
        self._writer = writer
        self._rows = rows
        self._embedder = embedder
        self._written_as = written_as
        self._engine = engine
        self._least = least

    async def write(self, ask: WriteReply) -> ReplyWritten:
        """The kept reply, or the other writer's."""
        began = time.perf_counter()
        question = await self._question(ask) if cacheable(ask) else None
        if question is None:
            return await self._writer.write(ask)
        kept = await self._found(question)
        metrics.count(metrics.CACHE_LOOKUPS, "answers", "hit" if kept is not None else "miss")
        if kept is not None and ask.draft == 1:
            spent = (time.perf_counter() - began) * 1000
            return ReplyWritten(
                conversation_id=ask.conversation_id,
                turn_id=ask.turn_id,
                step_id=ask.step_id,
                sentences=kept.sentences,
                usage=Usage(engine=ENGINE, model=kept.model, latency_ms=round(spent, 2)),
            )
        if kept is not None:
            await self._told(self._rows.forget, kept)
        reply = await self._writer.write(ask)
        if ask.draft == 1 and reply.usage.engine == self._engine:
            await self._keep(question, reply)
        return reply

    async def _question(self, ask: WriteReply) -> _Question | None:
        try:
            (vector,) = await self._embedder.embed([ask.text])
        except ModelFailed as error:
            _LOG.warning("no cached answers while the embedder fails: %s", error)
            return None
        key = knowledge_key(ask, f"{self._written_as} {self._embedder.name}")
        return _Question(key, marks(ask.text, ask.language, ask.passages), vector)

    async def _found(self, question: _Question) -> Kept | None:
        try:
            return await asyncio.to_thread(
                self._rows.nearest, question.key, question.marks, question.vector, least=self._least
            )
        except sqlite3.Error as error:
            _LOG.warning("the answer cache cannot be read: %s", error)
            return None

    async def _keep(self, question: _Question, reply: ReplyWritten) -> None:
        def keep() -> None:
            self._rows.keep(
                question.key, question.marks, question.vector,
                model=reply.usage.model, sentences=reply.sentences,
            )  # fmt: skip

        await self._told(keep)

    async def _told(self, change: "Callable[..., None]", *given: Kept) -> None:
        try:
            await asyncio.to_thread(change, *given)
        except sqlite3.Error as error:
            _LOG.warning("the answer cache cannot be written: %s", error)


def cacheable(ask: WriteReply) -> bool:
    """Whether the reply depends on the question and the passages alone.

    Nothing of an order, a person or the conversation so far: a follow-up ("and for boots?") means something
    else after other words.
    """
    return (
        bool(ask.topics and ask.passages)
        and not (ask.facts or ask.history or ask.first_name or _PERSONAL.search(ask.text))
        and all(passage.locale == ask.language for passage in ask.passages)
        and all(
            topic.goal == _GOAL and topic.intent not in _OF_ONE_CUSTOMER and not (topic.facts or topic.values)
            for topic in ask.topics
        )
    )


def knowledge_key(ask: WriteReply, written_as: str) -> bytes:
    """One key for all asks that differ in their words only.

    The passages are in it with version and text: an edited document is another key, so an old answer cannot
    outlive what it rests on, whatever else changed in the knowledge base.
    """
    passages = sorted((p.id, p.version, p.text) for p in ask.passages)
    topics = [structs.astuple(topic) for topic in ask.topics]
    parts = (written_as, ask.language, ask.register, topics, passages)
    return hashlib.sha256(msgspec.json.encode(parts)).digest()
