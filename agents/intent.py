"""The intent agent: what does the customer want?"""

from shared import telemetry
from shared.contracts import ClassifyIntent, IntentClassified
from shared.ports import Understanding


async def classify(ask: ClassifyIntent, *, understanding: Understanding) -> IntentClassified:
    """Intent, further needs, entities, sentiment and language of one message in its context."""
    found = await understanding.classify(ask)
    main = found.needs[0]
    telemetry.note(
        intent=main.intent.value,
        confidence=main.confidence,
        reasoning=found.reasoning,
        model=found.usage.model,
        cost_usd=found.usage.cost_usd,
        gen_ai__usage__input_tokens=found.usage.input_tokens,
        gen_ai__usage__output_tokens=found.usage.output_tokens,
    )
    return found
