"""Cuts a message into the parts that may each hold a need of their own."""

import re

from shared.adapters.embedded.gloss import fold

MOST = 6  # a story of twenty sentences is still answered in milliseconds
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
# "and" joins two needs when a new clause follows it; "boots and socks" stays whole.
_JOINT = re.compile(
    # "And also" always starts another wish.
    r"[,;]?\s+(?:and also|et aussi|et en plus|y tambien|y ademas)\s+"
    r"|[,;]\s*(?:plus|also|aussi|ademas|tambien)\s+"
    r"|[,;]?\s+(?:"
    r"(?:and|also|plus|but)(?:\s+also)?\s+(?=(?:i(?!'ll)|i'd|i'm|my|can|could|how|what|when|where|do|does|is|are"
    r"|please|why|will|would|cancel|tell|change)\b)"
    r"|(?:et|puis|mais|aussi)(?:\s+aussi)?\s+(?=j'|(?:je|est-ce|comment|quand|ou|combien|pourquoi|pouvez"
    r"|puis-je|peut-on|ma|mon|mes|quel|quelle|annulez|dites)\b)"
    r"|(?:y|ademas|tambien|pero)(?:\s+(?:tambien|ademas))?\s+(?=(?:quiero|quisiera|necesito|me|mi|mis|como"
    r"|cuando|cuanto|cuanta|cuantos|cuantas|donde|por que|que|puedo|pueden|cual|tienen|hacen|cancelen|hay)\b)"
    r")"
)


def clauses(text: str) -> list[str]:
    """Sentences, cut again where a conjunction starts a new wish; a lone one means the text is whole."""
    found: list[str] = []
    for sentence in _SENTENCE.split(text):
        folded = fold(sentence)
        if len(folded) != len(sentence):  # a character that folds to two: its places would be wrong
            found.append(sentence)
            continue
        at = 0
        for joint in _JOINT.finditer(folded):
            found.append(sentence[at : joint.start()])
            at = joint.end()
        found.append(sentence[at:])
    return [part.strip() for part in found if len(part.split()) > 2][:MOST]
