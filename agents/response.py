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
        model=draft.usage.model,
        cost_usd=draft.usage.cost_usd,
        gen_ai__usage__input_tokens=draft.usage.input_tokens,
        gen_ai__usage__output_tokens=draft.usage.output_tokens,
    )
    return draft
