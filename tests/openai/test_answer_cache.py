"""Replies that are given again: to the same question only, from the same passages only, and judged."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from evals import answer_cache as measure
from mock_apis.openai import KEY
from shared import contracts as c
from shared.adapters.answer_cache import CachedWriter, cacheable
from shared.adapters.memory.embedder import HashingEmbedder
from shared.adapters.sqlite.answers import AnswerRows
from shared.errors import ModelDown
from shared.settings import Settings
from shared.wiring import open_services
from tests.clock import Clock
from tests.kept import models, put_knowledge
from tests.openai.conftest import IDS, Mock, Models
from tests.passages import passage

PASSAGE = passage(
    "returns#window",
    "You can return unused items within 30 days of delivery. Gift cards are not returnable.",
    title="Returns",
    section="Window",
)
TOPIC = c.Topic(goal="policy.answer", intent=c.Intent.RETURN_REQUEST, sources=(PASSAGE.id,))
ASK = c.WriteReply(
    **IDS, text="How long can I return something?", language="en", topics=(TOPIC,), passages=(PASSAGE,)
)
AGAIN = structs.replace(ASK, turn_id="t-2", text="how long can I return something please")
FACT = c.Fact(id="order:1001/status", value="shipped")


@pytest.fixture
def time() -> Clock:
    return Clock()


@pytest.fixture
async def rows(tmp_path: Path, time: Clock) -> AsyncIterator[AnswerRows]:
    with closing(AnswerRows(tmp_path / "answers.db", most=3, seconds=100, now=time.now)) as found:
        yield found


async def writer_over(models: Models, rows: AnswerRows, **changes: Any) -> CachedWriter:
    given: dict[str, Any] = {"written_as": "response.v2 m", "engine": "openai", "least": 0.8} | changes
    return CachedWriter(await models.writer(), rows, given.pop("embedder", HashingEmbedder()), **given)


async def test_the_same_question_is_paid_once(mock: Mock, models: Models, rows: AnswerRows) -> None:
    """The reply, its sources, and the model that wrote it are those of the first; tokens are not."""
    writer = await writer_over(models, rows)
    first = await writer.write(ASK)
    again = await writer.write(AGAIN)
    assert again.sentences == first.sentences
    assert (again.usage.engine, again.usage.model) == ("answer-cache", first.usage.model)
    assert (again.usage.tokens, again.turn_id) == (0, "t-2")
    assert len(mock.calls()) == 1


@pytest.mark.parametrize(
    "other",
    [
        structs.replace(AGAIN, text="how long can I return a gift card please"),
        structs.replace(AGAIN, text="how long can I not return something please"),
        structs.replace(AGAIN, text="how long can I return 3 of something please"),
        structs.replace(AGAIN, text="tell me a story about something to return"),
        structs.replace(AGAIN, passages=(structs.replace(PASSAGE, text="14 days."),)),
        structs.replace(AGAIN, passages=(structs.replace(PASSAGE, version=2),)),
        structs.replace(AGAIN, passages=(PASSAGE, structs.replace(PASSAGE, id="kb:x#y"))),
        structs.replace(AGAIN, register="upset"),
    ],
    ids=["thing", "negation", "number", "meaning", "text", "version", "passages", "register"],
)
async def test_another_question_or_other_knowledge_is_written_anew(
    mock: Mock, models: Models, rows: AnswerRows, other: c.WriteReply
) -> None:
    """Near in words is not the same."""
    writer = await writer_over(models, rows)
    await writer.write(ASK)
    assert (await writer.write(other)).usage.engine == "openai"


async def test_another_prompt_or_model_is_another_writer(models: Models, rows: AnswerRows) -> None:
    """What an older version of the prompt wrote is not given any more."""
    await (await writer_over(models, rows)).write(ASK)
    newer = await writer_over(models, rows, written_as="response.v3 m")
    assert (await newer.write(AGAIN)).usage.engine == "openai"


@pytest.mark.parametrize(
    "changes",
    [
        {"facts": (FACT,)},
        {"history": (c.Said(who="customer", text="Hi"),)},
        {"first_name": "TOKEN_x"},
        {"text": "Can I return order 1001?"},
        {"text": "Can I return what TOKEN_00000000-0000-4000-8000-000000000001 bought?"},
        {"passages": ()},
        {"passages": (structs.replace(PASSAGE, locale="fr"),)},
        {"topics": (structs.replace(TOPIC, intent=c.Intent.ORDER_STATUS),)},
        {"topics": (structs.replace(TOPIC, goal="order_status.shipped"),)},
        {"topics": (TOPIC, structs.replace(TOPIC, values={"amount": "12.99"}))},
    ],
    ids="-".join,
)
def test_what_belongs_to_an_order_or_a_person_is_never_kept(changes: dict[str, Any]) -> None:
    """Neither looked up nor stored."""
    assert cacheable(ASK)
    assert not cacheable(structs.replace(ASK, **changes))


async def test_a_reply_the_critic_sends_back_is_forgotten(
    mock: Mock, models: Models, rows: AnswerRows
) -> None:
    """The second draft is written by the model, and the rejected one is not given to the next customer."""
    writer = await writer_over(models, rows)
    await writer.write(ASK)
    finding = c.Finding(rule="output.promise", span="30 days", remedy="mend it")
    second = await writer.write(structs.replace(AGAIN, draft=2, feedback=(finding,)))
    third = await writer.write(AGAIN)
    assert (second.usage.engine, third.usage.engine) == ("openai", "openai")


async def test_it_has_bounds(models: Models, rows: AnswerRows, time: Clock) -> None:
    """The oldest make room, and what is too old is not given."""
    writer = await writer_over(models, rows)
    for n in range(5):
        await writer.write(structs.replace(ASK, text=f"{ASK.text} {n}"))
    engines = [
        (await writer.write(structs.replace(ASK, text=f"{ASK.text} {n}"))).usage.engine for n in (4, 0)
    ]
    assert engines == ["answer-cache", "openai"]
    time.at += 101
    assert (await writer.write(structs.replace(ASK, text=f"{ASK.text} 0"))).usage.engine == "openai"


async def test_it_keeps_no_word_of_a_customer(models: Models, rows: AnswerRows, tmp_path: Path) -> None:
    """What the knowledge base does not say leaves no mark: a name that was not recognized is not stored."""
    await (await writer_over(models, rows)).write(
        structs.replace(ASK, text="I am Zebulon, returns how long?")
    )
    names = ("answers.db", "answers.db-wal")
    stored = b"".join((tmp_path / name).read_bytes() for name in names)
    assert b"~" in stored  # the marks of the question are there
    assert b"zebul" not in stored.lower()


async def test_trouble_with_the_cache_costs_no_answer(models: Models, rows: AnswerRows) -> None:
    """An embedder that is down, a file that is gone."""

    class Down(HashingEmbedder):
        async def embed(self, texts: Any) -> list[list[float]]:
            raise ModelDown("gone")

    writer = await writer_over(models, rows, embedder=Down())
    assert (await writer.write(ASK)).usage.engine == "openai"
    rows.close()
    assert (await (await writer_over(models, rows)).write(ASK)).usage.engine == "openai"


async def test_it_is_off_unless_set_and_survives_a_restart(mock: Mock, tmp_path: Path) -> None:
    """`ANSWER_CACHE` turns it on; the file in DATA_DIR is read by the next start."""
    names = {f"model_{agent}": "gpt-4.1-mini" for agent in ("intent", "response", "critic")}
    given: dict[str, Any] = {
        "data_dir": tmp_path, "model_url": f"{mock.address}/v1", "model_api_key": KEY,
        "embedder_url": "hashing://", **names,
    }  # fmt: skip
    engines = []
    for on in (False, True, True):
        async with open_services(Settings(**given, answer_cache=on)) as services:
            writer = await services.writer()
            engines.append((await writer.write(ASK)).usage.engine)
    assert engines == ["openai", "openai", "answer-cache"]


async def test_look_alikes_are_told_apart(tmp_path: Path) -> None:
    """Over 66 pairs of ours in three languages: no wrong answer, and more than half of the right ones."""
    index = tmp_path / "index.db"
    await asyncio.to_thread(put_knowledge, index)
    args = argparse.Namespace(data="evals/data/answer_pairs.toml", cache_dir=str(models()), index=index)
    figures: Any = await measure.run(args)
    assert len(measure.read_pairs(Path(args.data))) >= 60
    for how in ("retrieved", "forced"):
        assert figures[how]["served_wrongly"] == []
        assert figures[how]["all"]["hit_rate"] > 0.5
