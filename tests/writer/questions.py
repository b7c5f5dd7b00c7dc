"""Asks the everyday questions of `questions.toml` as a turn would, and says which were answered."""

import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.knowledge import retrieve
from conversation.rules.playbooks import load_playbooks
from conversation.turn import passages_for
from shared.adapters.embedded.embedder import EmbeddedEmbedder
from shared.adapters.embedded.judge import EmbeddedJudge, open_judge
from shared.adapters.embedded.writer import EmbeddedWriter, open_writer
from shared.adapters.knowledge.index import Index
from shared.adapters.sqlite.index import open_index
from shared.contracts import (
    LANGUAGES,
    Finding,
    Intent,
    JudgeReply,
    Language,
    Passage,
    ReplyWritten,
    RetrievePassages,
    Sentence,
    Topic,
    WriteReply,
)

FILE = Path(__file__).with_name("questions.toml")
DOCUMENTS = Path(__file__).parents[2] / "knowledge_base"
_EVERY = 3


@dataclass(frozen=True)
class Question:
    """One question and what its answer must be; see the top of the file."""

    language: Language
    ask: str
    intent: Intent
    may_cite: tuple[str, ...]
    says: tuple[str, ...]
    unseen: bool


@dataclass(frozen=True)
class Asked:
    """A question with what the shop said, what the critic objects to, and what search and writing took."""

    question: Question
    passages: tuple[Passage, ...]
    sentences: tuple[Sentence, ...]
    findings: tuple[Finding, ...]
    search_ms: float
    write_ms: float

    @property
    def cited(self) -> list[str]:
        """The documents of the reply's sentences, in order."""
        return [source.removeprefix("kb:").split("#")[0] for s in self.sentences for source in s.sources]

    @property
    def answered(self) -> bool:
        """The right document comes first, one of the wanted strings is said, and the critic passes it."""
        said = _plain(" ".join(sentence.text for sentence in self.sentences))
        return (
            self.cited[:1] != []
            and self.cited[0] in self.question.may_cite
            and any(_plain(wanted) in said for wanted in self.question.says)
            and not self.findings
        )

    def __str__(self) -> str:
        mark = "unseen" if self.question.unseen else "seen"
        found = ", ".join(f"{p.id.removeprefix('kb:')} {p.score:.2f}" for p in self.passages)
        said = " | ".join(f"{s.text} {list(s.sources)}" for s in self.sentences)
        wanted = " or ".join(repr(wanted) for wanted in self.question.says)
        return (
            f"[{self.question.language}, {mark}] {self.question.ask}\n  wanted {wanted} of "
            f"{', '.join(self.question.may_cite)}\n  found  {found}\n  said   {said}"
            + "".join(f"\n  {finding.rule}: {finding.span}" for finding in self.findings)
        )


def load_questions() -> list[Question]:
    """The questions of every language, in the order of the file."""
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return [
        Question(
            language=language,
            ask=entry["ask"],
            intent=Intent(entry["intent"]),
            may_cite=tuple(entry["may_cite"]),
            says=tuple(entry["says"]),
            unseen=n % _EVERY == 0,
        )
        for language in LANGUAGES
        for n, entry in enumerate(tables[language], start=1)
    ]


async def ask_all(index_file: Path, embedder: EmbeddedEmbedder, questions: Sequence[Question]) -> list[Asked]:
    """Every question, asked of the real index, writer and critic."""
    writer, judge = open_writer(), open_judge()
    async with open_index(index_file, embedder=embedder) as index:
        report = await index.sync(DOCUMENTS)
        assert report.rejected == ()
        return [await _ask(question, index, writer, judge) for question in questions]


async def _ask(question: Question, index: Index, writer: EmbeddedWriter, judge: EmbeddedJudge) -> Asked:
    """Retrieve, select by the playbook's categories, write, judge: the turn's way without the bus."""
    ids = {"conversation_id": "c-1", "turn_id": "t-1"}
    ask = RetrievePassages(**ids, step_id="retrieve", text=question.ask, language_prior=question.language)
    found = await retrieve(ask, index=index)
    # Once more for the time: the encoder remembers the vector, which costs what a processor costs.
    began = time.process_time()
    await retrieve(ask, index=index)
    searched = (time.process_time() - began) * 1000
    categories = load_playbooks()[question.intent].knowledge
    passages = passages_for(found.passages, categories, language=question.language)
    written = await _write(question, passages, writer)
    judged = await judge.judge(
        JudgeReply(
            **ids,
            step_id="judge",
            sentences=written.sentences,
            language=question.language,
            text=question.ask,
            passages=passages,
            facts=(),
            allowed_values=(),
        )
    )
    return Asked(
        question,
        passages,
        written.sentences,
        judged.findings,
        searched,
        written.usage.latency_ms,
    )


async def _write(question: Question, passages: tuple[Passage, ...], writer: EmbeddedWriter) -> ReplyWritten:
    goal = "policy.answer" if passages else "unknown"
    topic = Topic(goal=goal, intent=question.intent, sources=tuple(p.id for p in passages))
    return await writer.write(
        WriteReply(
            conversation_id="c-1",
            turn_id="t-1",
            step_id="write",
            text=question.ask,
            language=question.language,
            topics=(topic,),
            passages=passages,
        )
    )


def _plain(text: str) -> str:
    """One kind of space and apostrophe, small letters."""
    return " ".join(text.split()).casefold().replace("’", "'")
