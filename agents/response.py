"""The response agent: puts what policy decided into the customer's language."""

from shared import telemetry
from shared.contracts import ReplyWritten, WriteReply
from shared.ports import Writer


async def write(ask: WriteReply, *, writer: Writer) -> ReplyWritten:
    """A draft, each factual sentence with its sources."""
    draft = await writer.write(ask)
    telemetry.note(
        goals=" ".join(topic.goal for topic in ask.topics),
        draft=ask.draft,
        sources=" ".join(dict.fromkeys(s for sentence in draft.sentences for s in sentence.sources)),
        reasoning=_why(ask),
    )
    telemetry.note_usage(draft.usage, tried=draft.tried)
    return draft


def _why(ask: WriteReply) -> str:
    goals = ", ".join(topic.goal for topic in ask.topics)
    if not ask.feedback:
        return f"says {goals}"
    return f"says {goals}, without what {', '.join(finding.rule for finding in ask.feedback)} objected to"
