"""What was promised long ago is told to the person who takes over, whoever wrote the words."""

from pathlib import Path

from shared import contracts as c
from tests.conversation.desk import ids, running

PROMISE = "I will email you the return label by Friday."


async def test_a_commitment_is_noted_whatever_it_is_about(tmp_path: Path) -> None:
    """A model's words, of which no template says that they commit; what it only asks is not noted."""

    async def write(ask: c.WriteReply) -> c.ReplyWritten:
        texts = ("Thank you!", PROMISE, "Shall I call you tomorrow?")
        usage = c.Usage(engine="test", model="test")
        return c.ReplyWritten(**ids(ask), sentences=tuple(c.Sentence(text=t) for t in texts), usage=usage)

    async def judge(ask: c.JudgeReply) -> c.ReplyJudged:
        return c.ReplyJudged(**ids(ask), usage=c.Usage(engine="test", model="test"))

    async with running(tmp_path, {c.WRITE: write, c.JUDGE: judge}) as desk:
        result = await desk.say("lovely shop")
    assert result.state is not None
    assert result.state.notes[-1].promised == (f'"{PROMISE}"',)
