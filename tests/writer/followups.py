"""Asks the product questions of `followups.toml` through the real flow, index, writer and critic."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.knowledge import retrieve
from conversation.planning.flows import product as product_flow
from conversation.rules.playbooks import load_playbooks, load_policy
from conversation.turn import Case
from shared import contracts as c
from shared.adapters.embedded.embedder import EmbeddedEmbedder
from shared.adapters.embedded.judge import EmbeddedJudge, open_judge
from shared.adapters.embedded.product_reader import open_product_reader
from shared.adapters.embedded.writer import EmbeddedWriter, open_writer
from shared.adapters.knowledge.index import Index
from shared.adapters.sqlite.index import open_index
from tests.products import catalogue
from tests.writer.questions import DOCUMENTS

FILE = Path(__file__).with_name("followups.toml")
NOW = 1_795_000_000.0


@dataclass(frozen=True)
class FollowUp:
    """One question about a product and what its answer must be; see the top of the file."""

    language: c.Language
    product: c.Product
    ask: str
    says: tuple[str, ...]
    price: bool


@dataclass(frozen=True)
class Replied:
    """A follow-up with what the shop said, and what the critic objects to."""

    question: FollowUp
    sentences: tuple[c.Sentence, ...]
    findings: tuple[c.Finding, ...]

    @property
    def answered(self) -> bool:
        """The first sentence that states something answers; price and stock come only when asked for."""
        said = " ".join(s.text for s in self.sentences)
        # "The page of the tent says:" only leads to what is stated.
        first = next((s.text for s in self.sentences if s.sources and not s.text.endswith(":")), "")
        recited = any(_amount(v.price) in said for v in self.question.product.variants)
        wanted = self.question.says
        right = any(words in first for words in wanted) if wanted else not _stated(self.sentences)
        return right and not self.findings and (self.question.price or not recited or bool(wanted and first))

    def __str__(self) -> str:
        said = " | ".join(s.text for s in self.sentences)
        return (
            f"[{self.question.language}] {self.question.product.title}: {self.question.ask}\n  said {said}"
            + ("".join(f"\n  {finding.rule}: {finding.span}" for finding in self.findings))
        )


def load_follow_ups() -> list[FollowUp]:
    """The follow-ups of every language, in the order of the file."""
    products = {product.handle: product for product in catalogue()}
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return [
        FollowUp(language, products[e["product"]], e["ask"], tuple(e["says"]), e.get("price", False))
        for language in c.LANGUAGES
        for e in tables[language]
    ]


async def ask_follow_ups(
    index_file: Path, embedder: EmbeddedEmbedder, questions: Sequence[FollowUp]
) -> list[Replied]:
    """Every follow-up, asked of the real parts."""
    async with open_index(index_file, embedder=embedder) as index:
        await index.sync(DOCUMENTS)
        writer, judge = open_writer(), open_judge()
        return [await _reply(question, index, writer, judge) for question in questions]


async def _reply(question: FollowUp, index: Index, writer: EmbeddedWriter, judge: EmbeddedJudge) -> Replied:
    ids = {"conversation_id": "c-1", "turn_id": "t-1"}
    found = await retrieve(
        c.RetrievePassages(**ids, step_id="retrieve", text=question.ask, language_prior=question.language),
        index=index,
    )
    outcome = await product_flow(_case(question, found.passages))
    history = (c.Said(who="bot", text=f"{question.product.title}: $1."),)
    written = await writer.write(
        c.WriteReply(
            **ids, step_id="write", text=question.ask, language=question.language, topics=outcome.topics,
            facts=outcome.facts, passages=outcome.passages, history=history,
        )
    )  # fmt: skip
    judged = await judge.judge(
        c.JudgeReply(
            **ids, step_id="judge", sentences=written.sentences, language=question.language,
            text=question.ask, facts=outcome.facts, passages=outcome.passages,
        )
    )  # fmt: skip
    return Replied(question, written.sentences, judged.findings)


def _case(question: FollowUp, passages: tuple[c.Passage, ...]) -> Case:
    async def fetch(*_: str, **__: object) -> c.FactsFetched:
        return c.FactsFetched(
            conversation_id="c-1", turn_id="t-1", step_id="f-1", products=(question.product,)
        )

    need = c.Need(intent=c.Intent.PRODUCT_INQUIRY, confidence=0.9)
    return Case(
        need=need,
        playbook=load_playbooks()[need.intent],
        policy=load_policy(),
        text=question.ask,
        turn=c.TurnAccepted(conversation_id="c-1", turn_id="t-1", text=question.ask, accepted_at=NOW),
        state=c.ConversationState(language=question.language, slots={"product": question.product.title}),
        classified=c.IntentClassified(
            conversation_id="c-1", turn_id="t-1", step_id="c-1", needs=(need,), language=question.language,
            sentiment=c.Sentiment(label="neutral", score=0.0), usage=c.Usage(engine="test", model="test"),
        ),
        passages=passages,
        fetch=fetch,
        reader=open_product_reader(),
        now=NOW,
    )  # fmt: skip


def _amount(price: str) -> str:
    return price.removesuffix(".00")


def _stated(sentences: Sequence[c.Sentence]) -> list[c.Sentence]:
    """Sentences that state more of a product than its name."""
    return [s for s in sentences if any(not source.endswith("/title") for source in s.sources)]
