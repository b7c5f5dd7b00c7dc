"""What is worth a line of its own in the log, with the conversation and turn that it is about.

Fields hold ids, numbers and words of the house (an intent, a rule, a queue), never what a customer wrote.
"""

import logging
from contextvars import ContextVar

Field = str | int | float | bool | None
_LONGEST = 200
_about: ContextVar[tuple[str, str]] = ContextVar("about", default=("", ""))


def about(conversation_id: str, turn_id: str) -> None:
    """From here on, in this task, lines are about this turn of this conversation."""
    _about.set((conversation_id, turn_id))


def now_about() -> tuple[str, str]:
    """Conversation and turn that a line written now is about; empty when about none."""
    return _about.get()


def happened(
    log: logging.Logger, event: str, *, level: int = logging.INFO, says: str = "", **fields: Field
) -> None:
    """One line: `event` is its name for machines, `says` what people read beside its fields.

    `conversation_id` and `turn_id` among the fields stand before what `about` said. Long texts are cut.
    """
    if not log.isEnabledFor(level):
        return
    kept = {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in fields.items()}
    shown = " ".join(f"{name}={value}" for name, value in kept.items() if value not in {"", None})
    text = f"{event}: {says} {shown}" if says else f"{event} {shown}"
    log.log(level, "%s", text.rstrip(), extra={"event": event, "fields": kept, "says": says}, stacklevel=2)
