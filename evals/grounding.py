"""Measures which altered replies the critic sends back, and how many good ones."""

import argparse
import json
import re
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Literal, get_args

from msgspec import structs

from evals.alterations import alterations
from evals.figures import percentile, share, wilson
from evals.rendered import renderings
from shared.adapters.embedded.judge import EmbeddedJudge, open_judge
from shared.adapters.embedded.quoting import sentences_of
from shared.adapters.knowledge.chunks import chunks_of
from shared.adapters.knowledge.formats.markdown import parse_document
from shared.contracts import LANGUAGES, Finding, JudgeReply, Language, Passage, Sentence
from shared.errors import SettingsError

ROOT = Path(__file__).parents[1]
HAND_WRITTEN = tuple(
    Path(__file__).parent / "grounded" / f"{name}.toml" for name in ("seen", "second", "unseen")
)
Kind = Literal["good", "negation", "promise", "fact"]
_SEED = 7
_YES: dict[Language, str] = {"en": "Yes, ", "fr": "Oui, ", "es": "Sí, "}
_DATE = re.compile(r"(?<!\d)(\d{1,2})(?= (?:de )?nov)|(?<=November )(\d{1,2})\b")
_ORDER_ID = re.compile(r"(?<=#)\d{4}\b|\bR-\d+-\d+\b|TOKEN_[0-9a-f-]{36}")
_WORST = 12
# Every so many replies are judged twice, for a time: a shop's passages are known after their first use.
_AGAIN = 20


@dataclass
class Tally:
    """What happened to each reply, by kind of mistake and language."""

    hits: dict[str, dict[str, list[bool]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)

    def add(self, kind: str, language: str, *, hit: bool, said: str, why: str = "") -> None:
        """Count one reply; the ones that went wrong are kept to look at."""
        self.hits[kind][language].append(hit)
        if not hit:
            self.wrong[kind].append(f"[{language}] {said}{f'  <- {why}' if why else ''}")

    def figures(self, kind: str) -> dict[str, object]:
        """The share with its interval, over all and by language."""
        every = [hit for hits in self.hits[kind].values() for hit in hits]
        by_language = {language: share(hits) for language, hits in sorted(self.hits[kind].items())}
        return {"n": len(every), "share": share(every), "interval": wilson(every), **by_language}


class Reviewer:
    """The embedded critic, timed; tones share wordings, and what it has judged it need not judge again."""

    def __init__(self, tally: Tally) -> None:
        self._judge: EmbeddedJudge = open_judge()
        self._tally = tally
        self._found: dict[JudgeReply, tuple[Finding, ...]] = {}

    async def judged(self, ask: JudgeReply) -> tuple[Finding, ...]:
        """The findings on one reply."""
        if ask not in self._found:
            self._found[ask] = await self._judged(ask)
        return self._found[ask]

    async def _judged(self, ask: JudgeReply) -> tuple[Finding, ...]:
        # CPU time of this thread: what else runs on the machine must not count.
        started = time.thread_time()
        found = (await self._judge.judge(ask)).findings
        self._tally.first.append((time.thread_time() - started) * 1000)
        if ask.passages and len(self._tally.first) % _AGAIN == 0:
            started = time.thread_time()
            await self._judge.judge(ask)
            self._tally.again.append((time.thread_time() - started) * 1000)
        return found

    async def said(self, text: str, source: Passage) -> tuple[Finding, ...]:
        """The findings on one sentence that cites one passage."""
        return await self.judged(_ask((Sentence(text=text, sources=(source.id,)),), source))


async def run(args: argparse.Namespace) -> dict[str, object]:
    """Shares of altered replies found and of good ones passed; `--data` replaces the hand-written replies."""
    tally = Tally()
    reviewer = Reviewer(tally)
    await _knowledge(reviewer, tally)
    await _templates(reviewer, tally)
    for file in (Path(args.data),) if args.data else HAND_WRITTEN:
        await _hand_written(file, reviewer, tally)
    passed = [kind for kind in tally.hits if kind.startswith("good")]
    return {
        "n": sum(len(hits) for kinds in tally.hits.values() for hits in kinds.values()),
        "found": {kind: tally.figures(kind) for kind in tally.hits if kind not in passed},
        "passed": {kind: tally.figures(kind) for kind in passed},
        "cpu_ms": {"passages new": _times(tally.first), "passages seen before": _times(tally.again)},
        "wrong": {
            kind: "".join(f"\n      {said}" for said in said_wrong[:_WORST])
            for kind, said_wrong in tally.wrong.items()
        },
    }


def _times(spent: list[float]) -> dict[str, object]:
    return {f"p{at}": round(percentile(spent, at), 3) for at in (50, 95, 99)}


def passages() -> Iterator[Passage]:
    """Every passage of the shop's knowledge base."""
    for file in sorted((ROOT / "knowledge_base").rglob("*.md")):
        if file.name == "README.md":
            continue
        document = parse_document(file.read_text(encoding="utf-8"))
        for chunk in chunks_of(document):
            yield Passage(
                id=chunk.id, source=file.name, title=chunk.title, section=chunk.section, text=chunk.text,
                locale=document.locale, category=document.category, version=document.version, score=1.0,
            )  # fmt: skip


async def _knowledge(reviewer: Reviewer, tally: Tally) -> None:
    """The shop's own sentences: quoted, retold, and falsified."""
    draw = Random(_SEED)
    every = list(passages())
    names = _product_names()
    for source in every:
        for said in sentences_of(source.text):
            found = await reviewer.said(said, source)
            tally.add("good: quoted", source.locale, hit=not found, said=said, why=_why(found))
            again = _YES[source.locale] + said[0].lower() + said[1:]
            found = await reviewer.said(again, source)
            tally.add("good: retold", source.locale, hit=not found, said=again, why=_why(found))
            for kind, altered in alterations(said, source.text, source.locale, names, draw):
                found = await reviewer.said(altered, source)
                tally.add(kind, source.locale, hit=bool(found), said=altered)


async def _templates(reviewer: Reviewer, tally: Tally) -> None:
    """Replies as the writer renders them; then with another date, number or id, or in another language."""
    draw = Random(_SEED)
    for language in LANGUAGES:
        other: Language = "fr" if language == "en" else "en"
        async for goal, ask in renderings(language):
            found = await reviewer.judged(ask)
            said = " ".join(sentence.text for sentence in ask.sentences)
            tally.add("good: templates", language, hit=not found, said=f"{goal}: {said}", why=_why(found))
            if len(re.findall(r"\b[a-zà-ÿ]{2,}\b", said)) >= 12:
                found = await reviewer.judged(structs.replace(ask, language=other))
                tally.add("wrong language", language, hit=bool(found), said=said)
            for n, sentence in enumerate(ask.sentences):
                for kind, altered in _other_facts(sentence.text, draw):
                    changed = structs.replace(sentence, text=altered)
                    draft = (*ask.sentences[:n], changed, *ask.sentences[n + 1 :])
                    found = await reviewer.judged(structs.replace(ask, sentences=draft))
                    tally.add(kind, language, hit=bool(found), said=altered)


def _other_facts(said: str, draw: Random) -> Iterator[tuple[str, str]]:
    # A day that the sentence itself names elsewhere would be a value in a wrong role, another mistake.
    named = {match[0] for match in _DATE.finditer(said)}
    for match in _DATE.finditer(said):
        days = [day for day in ("2", "3", "4", "8", "9", "12", "17", "26") if day not in named]
        yield "date changed", said[: match.start()] + draw.choice(days) + said[match.end() :]
    for match in _ORDER_ID.finditer(said):
        at = match.end() - 1
        other = draw.choice([digit for digit in "0245678" if digit != said[at]])
        yield "id changed", said[:at] + other + said[at + 1 :]


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file}: {error}; see the comment on top of evals/grounded/seen.toml") from error


async def _hand_written(file: Path, reviewer: Reviewer, tally: Tally) -> None:
    """Replies that people wrote about shops that do not exist."""
    for name, table in _read(file).items():
        try:
            source = Passage(
                id=f"kb:{name}#1", source=file.name, title=table["title"], section="", text=table["text"],
                locale=table["language"], category="", version=1, score=1.0,
            )  # fmt: skip
        except KeyError as error:
            raise SettingsError(f"{file}, [{name}]: {error} is missing; add it") from error
        when = "unseen" if table.get("unseen") else "seen"
        for kind in get_args(Kind):
            for said in table.get(kind, ()):
                found = await reviewer.said(said, source)
                good = kind == "good"
                label = f"good: by hand, {when}" if good else f"{kind} by hand, {when}"
                tally.add(label, source.locale, hit=bool(found) != good, said=said, why=_why(found))


def _product_names() -> list[str]:
    products = json.loads((ROOT / "mock_apis" / "data" / "products.json").read_text(encoding="utf-8"))
    return sorted(product["title"] for product in products)


def _ask(sentences: tuple[Sentence, ...], source: Passage) -> JudgeReply:
    return JudgeReply(
        conversation_id="eval", turn_id="t", step_id="t.judge", language=source.locale, text="?",
        sentences=sentences, passages=(source,),
    )  # fmt: skip


def _why(found: tuple[Finding, ...]) -> str:
    return "; ".join(f"{finding.rule} {finding.span!r}" for finding in found)
