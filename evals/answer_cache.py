"""Measures how often the answer cache serves a question again, and how often it should not have."""

import argparse
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from evals.figures import share, wilson
from shared import contracts as c
from shared.adapters.answer_cache import CachedWriter
from shared.adapters.embedded.embedder import open_embedder
from shared.adapters.sqlite.answers import AnswerRows
from shared.adapters.sqlite.index import open_index
from shared.errors import SettingsError
from shared.ports import Embedder

CACHE = Path("data/cache")  # where `make run` keeps the model too
DOCUMENTS = Path("knowledge_base")
THRESHOLD = 0.85
_DEPTH = 4


class Pair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two questions, and whether one answer serves both; `kind` is how they differ."""

    language: c.Language
    same: bool
    kind: str
    a: str
    b: str


@dataclass
class _Counting:
    """A writer whose reply names the question."""

    asked: list[str] = field(default_factory=list)

    async def write(self, ask: c.WriteReply) -> c.ReplyWritten:
        self.asked.append(ask.text)
        return c.ReplyWritten(
            conversation_id=ask.conversation_id,
            turn_id=ask.turn_id,
            step_id=ask.step_id,
            sentences=(c.Sentence(text=ask.text),),
            usage=c.Usage(engine="counting", model="counting"),
        )


Passages = Callable[[Pair, str], tuple[c.Passage, ...]]


async def run(args: argparse.Namespace) -> dict[str, object]:
    """Hits among the same questions, wrong hits among the look-alikes; twice.

    `retrieved`: each question with the passages that are found for it, as in the product. `forced`: the
    second with those of the first, as if the search could not tell them apart.
    """
    pairs = read_pairs(Path(args.data))
    embedder = open_embedder(Path(getattr(args, "cache_dir", None) or CACHE))
    with tempfile.TemporaryDirectory() as folder:
        found = await _retrieved(getattr(args, "index", None) or Path(folder) / "index.db", embedder, pairs)
    least = float(getattr(args, "threshold", None) or THRESHOLD)
    own = await served(embedder, pairs, lambda pair, text: found[pair.language, text], least=least)
    forced = await served(embedder, pairs, lambda pair, _: found[pair.language, pair.a], least=least)
    return {"threshold": least, "retrieved": figures(pairs, own), "forced": figures(pairs, forced)}


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a TOML file; SettingsError says what is wrong with it."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8"))["pair"], list[Pair])
    except (OSError, tomllib.TOMLDecodeError, KeyError, msgspec.ValidationError) as error:
        raise SettingsError(
            f"{path}: {error!r}; name a TOML file of [[pair]] like {__package__}'s"
        ) from error


async def served(embedder: Embedder, pairs: list[Pair], passages: Passages, *, least: float) -> list[bool]:
    """For each pair, asked in a cache of its own: was the second question answered by the first's reply?"""
    hits = []
    for pair in pairs:
        with tempfile.TemporaryDirectory() as folder:
            rows = AnswerRows(Path(folder) / "answers.db", most=10, seconds=60)
            counting = _Counting()
            writer = CachedWriter(counting, rows, embedder, written_as="eval", engine="counting", least=least)
            for text in (pair.a, pair.b):
                await writer.write(_ask(pair, text, passages(pair, text)))
            rows.close()
        hits.append(len(counting.asked) == 1)
    return hits


def figures(pairs: list[Pair], hits: list[bool]) -> dict[str, object]:
    """By language, and what was served wrongly, for people to read."""
    both = list(zip(pairs, hits, strict=True))
    told: dict[str, object] = {}
    for language in (*c.LANGUAGES, "all"):
        mine = [(pair, hit) for pair, hit in both if language in {pair.language, "all"}]
        same = [hit for pair, hit in mine if pair.same]
        other = [hit for pair, hit in mine if not pair.same]
        told[language] = {
            "hit_rate": share(same),
            "hit_rate_interval": wilson(same),
            "wrong_hits": share(other),
            "wrong_hits_interval": wilson(other),
        }
    told["served_wrongly"] = [f"{pair.a} = {pair.b}" for pair, hit in both if hit and not pair.same]
    return told


async def _retrieved(
    file: Path, embedder: Embedder, pairs: list[Pair]
) -> dict[tuple[c.Language, str], tuple[c.Passage, ...]]:
    """What each question finds; `file` is an index of our documents, or becomes one."""
    found = {}
    async with open_index(file, embedder=embedder) as index:
        await index.sync(DOCUMENTS)
        for pair in pairs:
            for text in (pair.a, pair.b):
                searched = await index.search(text, language=pair.language, k=_DEPTH)
                own = tuple(p for p in searched.passages if p.locale == pair.language)
                found[pair.language, text] = own
    return found


def _ask(pair: Pair, text: str, passages: tuple[c.Passage, ...]) -> c.WriteReply:
    topic = c.Topic(
        goal="policy.answer", intent=c.Intent.GENERAL_INQUIRY, sources=tuple(sorted(p.id for p in passages))
    )
    return c.WriteReply(
        conversation_id="eval",
        turn_id="eval",
        step_id="eval.write",
        text=text,
        language=pair.language,
        topics=(topic,),
        passages=passages,
    )
