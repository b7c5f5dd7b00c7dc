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
        needs=" ".join(need.intent.value for need in found.needs),
        sentiment=found.sentiment.label,
        language=found.language,
        alternatives=telemetry.alternatives(
            (each.intent.value, each.confidence, f"less likely than {main.intent.value}")
            for each in found.alternatives
        ),
    )
    telemetry.note_usage(found.usage, tried=found.tried)
    return found
