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


def gave_up(call: Call[Any, Any], error: BaseException) -> bool:
    """Count an ask that ends without an answer, and keep its trace whole; whether it is a dead letter, too.

    It is when somebody must look into it: a bug of ours, an unreadable ask, or one that processes died of.
    """
    bug = isinstance(error, BadMessage) or not isinstance(error, DeskError)
    kind = error.kind if isinstance(error, AskFailed) else type(error).__name__
    metrics.count(metrics.ASKS_FAILED, "bug" if bug else kind)
    telemetry.flag("given_up")
    says = reason_of(error)[:200]
    happened(_LOG, "ask_failed", level=logging.WARNING, says=says, subject=call.subject, error=kind)
    return bug
