"""The critic on this machine, for what comes in and what goes out."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from pathlib import Path

from msgspec import structs

from shared.adapters.embedded.embedder import INLINE_CHARACTERS, EmbeddedEmbedder
from shared.adapters.embedded.hostility import Sense
from shared.adapters.embedded.input_rules import Rule, before_orders, findings, load_rules
from shared.adapters.embedded.language import open_detector
from shared.adapters.embedded.numbered import asks_of_orders
from shared.adapters.embedded.output_rules import Ban, Detect, Review, load_bans
from shared.adapters.embedded.promises import Promises, load_promises
from shared.adapters.embedded.slight import slight
from shared.contracts import (
    Finding,
    JudgeReply,
    Language,
    MessageScreened,
    ReplyJudged,
    ScreenMessage,
    Usage,
)

MODEL = "rules"
# What is counted rather than judged: no classifier knows better.
_CERTAIN = frozenset({"input.too_long", "input.repetition", "input.spam"})


class EmbeddedJudge:
    """Implements `Judge`; the same text always gets the same verdict.

    Rules alone need nothing and are always there; `sense`, the classifier of attacks, needs the encoders.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        bans: Sequence[Ban],
        promises: Mapping[Language, Promises],
        *,
        detect: Detect,
        sense: Sense | None = None,
    ) -> None:
        self._rules = tuple(rules)
        self._bans = tuple(bans)
        self._promises = promises
        # A template's own words are the same in every reply, whatever fills its slots.
        self._detect = lru_cache(maxsize=5_000)(detect)
        self._sense = sense
        # The same passages answer the same questions all day; a look at one takes half a millisecond.
        self._before_orders = lru_cache(maxsize=1_000)(partial(before_orders, rules=self._rules))

    async def screen(self, ask: ScreenMessage) -> MessageScreened:
        """Is this customer text safe to work on? Findings on allowed text are doubts: no strike."""
        found = findings(ask.text, recent=ask.recent, rules=self._rules)
        certain = any(finding.rule in _CERTAIN for finding in found)
        if self._sense is None or certain or slight(ask.text) or asks_of_orders(ask.text):
            return _screened(ask, found, allowed=not found)
        started = time.perf_counter()
        sense = self._sense
        if len(ask.text) <= INLINE_CHARACTERS:
            opinion = sense.opinion(ask.text)
        else:
            opinion = await asyncio.to_thread(sense.opinion, ask.text)
        usage = Usage(
            engine="embedded",
            model=sense.embedder.name,
            latency_ms=round((time.perf_counter() - started) * 1000, 2),
        )
        allowed = opinion.verdict != "refuse" and (not found or opinion.verdict == "honest")
        if opinion.finding:
            found.append(opinion.finding)
        return _screened(ask, found, allowed=allowed, usage=usage)

    async def judge(self, ask: JudgeReply) -> ReplyJudged:
        """May this draft be sent? Every number, date, id and name of a sentence stands in its sources."""
        started = time.perf_counter()
        # A document may have been written by anyone: what it orders the assistant to say is no source.
        passages = tuple(structs.replace(p, text=self._before_orders(p.text)) for p in ask.passages)
        ask = structs.replace(ask, passages=passages)
        found = tuple(dict.fromkeys(Review(ask, self._bans, self._promises, self._detect).findings()))
        spent = round((time.perf_counter() - started) * 1000, 2)
        return ReplyJudged(
            conversation_id=ask.conversation_id,
            turn_id=ask.turn_id,
            step_id=ask.step_id,
            usage=Usage(engine="embedded", model=MODEL, latency_ms=spent),
            findings=found,
        )


def _screened(
    ask: ScreenMessage, found: Sequence[Finding], *, allowed: bool, usage: Usage | None = None
) -> MessageScreened:
    return MessageScreened(
        conversation_id=ask.conversation_id,
        turn_id=ask.turn_id,
        step_id=ask.step_id,
        allowed=allowed,
        findings=tuple(found),
        usage=usage,
    )


def open_judge(*, detect: Detect | None = None) -> EmbeddedJudge:
    """A judge with the rules of `rules/*.toml`; `detect` tells the language of a text."""
    return EmbeddedJudge(load_rules(), load_bans(), load_promises(), detect=detect or open_detector().detect)


async def open_critic(
    cache_dir: Path, embedder: EmbeddedEmbedder, *, detect: Detect | None = None
) -> EmbeddedJudge:
    """A judge with rules and the classifier of attacks, learned into `cache_dir` the first time."""
    from shared.adapters.embedded.hostility_training import open_sense  # noqa: PLC0415 rules do not need it

    detect = detect or open_detector().detect
    sense = await open_sense(cache_dir, embedder, detect=detect)
    return EmbeddedJudge(load_rules(), load_bans(), load_promises(), detect=detect, sense=sense)
