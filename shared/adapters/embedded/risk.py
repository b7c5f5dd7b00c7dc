"""TEMPORARY, being written by another helper."""
import re
from shared.contracts import AssessMessage, MessageAssessed, Signal
class KeywordRiskWatch:
    def assess(self, ask: AssessMessage) -> MessageAssessed:
        m = re.search(r"human|real person|conseiller|una persona", ask.text, re.I)
        s = (Signal(reason="asked_for_person", span=m[0]),) if m else ()
        return MessageAssessed(conversation_id=ask.conversation_id, turn_id=ask.turn_id, step_id=ask.step_id, signals=s)
