"""The critic's own rules, for what comes in and what goes out, without a model."""

import time
from collections.abc import Mapping, Sequence
from functools import lru_cache

from shared.adapters.embedded.input_rules import Rule, findings, load_rules
from shared.adapters.embedded.language import open_detector
from shared.adapters.embedded.output_rules import Ban, Detect, Review, load_bans
from shared.adapters.embedded.promises import Promises, load_promises
from shared.adapters.embedded.seeds import load_seeds
from shared.contracts import (
    LANGUAGES,
    JudgeReply,
    Language,
    MessageScreened,
    ReplyJudged,
    ScreenMessage,
    Usage,
)

MODEL = "rules"


class EmbeddedJudge:
    """Implements `Judge`; the same text always gets the same verdict."""

    def __init__(
        self,
        rules: Sequence[Rule],
        bans: Sequence[Ban],
        promises: Mapping[Language, Promises],
        *,
        detect: Detect,
    ) -> None:
        self._rules = tuple(rules)
        self._bans = tuple(bans)
        self._promises = promises
        # A template's own words are the same in every reply, whatever fills its slots.
        self._detect = lru_cache(maxsize=5_000)(detect)

    async def screen(self, ask: ScreenMessage) -> MessageScreened:
        """Is this customer text safe to work on? Every finding refuses it."""
        found = findings(ask.text, recent=ask.recent, rules=self._rules)
        return MessageScreened(
            conversation_id=ask.conversation_id,
            turn_id=ask.turn_id,
            step_id=ask.step_id,
            allowed=not found,
            findings=tuple(found),
        )

    async def judge(self, ask: JudgeReply) -> ReplyJudged:
        """May this draft be sent? Every number, date, id and name of a sentence stands in its sources."""
        started = time.perf_counter()
        found = tuple(dict.fromkeys(Review(ask, self._bans, self._promises, self._detect).findings()))
        spent = round((time.perf_counter() - started) * 1000, 2)
        return ReplyJudged(
            conversation_id=ask.conversation_id,
            turn_id=ask.turn_id,
            step_id=ask.step_id,
            usage=Usage(engine="embedded", model=MODEL, latency_ms=spent),
            findings=found,
        )


def open_judge(*, detect: Detect | None = None) -> EmbeddedJudge:
    """A judge with the rules of `rules/*.toml`; `detect` tells the language of a text."""
    return EmbeddedJudge(load_rules(), load_bans(), load_promises(), detect=detect or _detector())


def _detector() -> Detect:
    samples: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for seed in load_seeds():
        samples[seed.language].append(seed.text)
    return open_detector({language: samples[language] for language in LANGUAGES}).detect
