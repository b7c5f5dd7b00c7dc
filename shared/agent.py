"""An agent: a name with one handler for each call it answers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

from shared import logs, metrics, telemetry
from shared.contracts import Answer, Ask, Call


@dataclass(frozen=True)
class Agent:
    """`Agent("intent").answers(CLASSIFY, handler)`; each `answers` gives a new agent with one call more."""

    name: str
    handlers: dict[Call[Any, Any], Callable[[Any], Awaitable[Any]]] = field(default_factory=dict)

    def answers(self, call: Call[Ask, Answer], handler: Callable[[Ask], Awaitable[Answer]]) -> "Agent":
        """This agent, answering `call` too, each answer timed and in a span.

        mypy refuses a handler of another call.

        Raises:
            ValueError: the call has a handler already.
        """
        if call in self.handlers:
            raise ValueError(
                f"agent {self.name!r} answers {call.subject!r} already; tie each call to one handler"
            )

        async def traced(ask: Ask) -> Answer:
            logs.about(ask.conversation_id, ask.turn_id)
            with telemetry.span(
                f"invoke_agent {self.name}",
                conversation=ask.conversation_id,
                turn=ask.turn_id,
                inputs=ask,
                agent=self.name,
                action=call.subject,
                operation="invoke_agent",
                agent_name=self.name,
                step=ask.step_id,
            ):
                answer = await handler(ask)
                telemetry.answered(answer)
                return answer

        return replace(self, handlers={**self.handlers, call: _timed(self.name, call, traced)})


def _timed(
    agent: str, call: Call[Ask, Answer], handler: Callable[[Ask], Awaitable[Answer]]
) -> Callable[[Ask], Awaitable[Answer]]:
    async def timed(ask: Ask) -> Answer:
        with metrics.timed(metrics.AGENT_SECONDS, agent, call.subject):
            return await handler(ask)

    return timed
