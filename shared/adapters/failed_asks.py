"""What an ask that failed leaves behind: a count, and a dead letter if a bug of ours is behind it.

A dead letter waits for somebody to do something about it. Of a shop that is down, a model that declines or an
answer that comes too late, the asker has heard (`Problem`, or its own deadline) and has told the customer or
called a person: nobody could do more with the letter than throw it away (docs/adr/0050).
"""

import logging
from typing import Any

from shared import metrics, telemetry
from shared.adapters.bus_rules import reason_of
from shared.contracts import Call
from shared.errors import AskFailed, BadMessage, DeskError
from shared.logs import happened

_LOG = logging.getLogger("answerdesk.bus")


def gave_up(call: Call[Any, Any], error: Exception) -> bool:
    """Count an ask that ends with a problem; whether it is a dead letter, too.

    It is when somebody must look into it: a bug of ours, an unreadable ask, or one that processes died of.
    """
    bug = isinstance(error, BadMessage) or not isinstance(error, DeskError)
    kind = type(error).__name__
    _count(call.subject, "bug" if bug else kind, error=kind, says=reason_of(error))
    return bug


def counted(late: AskFailed) -> AskFailed:
    """The same; who asked waits no longer, and nobody else may ever know."""
    _count(late.subject, late.kind, error=late.kind, says=late.detail)
    return late


def _count(subject: str, reason: str, *, error: str, says: str) -> None:
    """Alarms go by the count; the trace is kept whole."""
    metrics.count(metrics.ASKS_FAILED, reason)
    telemetry.flag("given_up")
    happened(_LOG, "ask_failed", level=logging.WARNING, says=says[:200], subject=subject, error=error)
