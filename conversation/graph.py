"""The way of one message, on one screen.

screen, classify, retrieve and assess run at the same time; a draft goes back to the writer with the
critic's reasons, at most three times; everything that cannot go on ends with a person, never with silence.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command

from conversation.asks import TurnState
from conversation.steps import Steps

LOOK = ["screen", "classify", "retrieve", "assess"]

Step = Callable[[TurnState], Awaitable[dict[str, Any]]]
Way = Callable[[TurnState], str]


def build_graph(steps: Steps) -> "CompiledStateGraph[TurnState, Any, TurnState, TurnState]":
    """The compiled graph; it keeps no state between runs (a turn is replayed, not resumed)."""
    graph = StateGraph(TurnState)

    def step(name: str) -> None:
        graph.add_node(name, getattr(steps, name))

    def leads(name: str, where: Way, *ends: str) -> None:
        graph.add_node(name, _leading(getattr(steps, name), where), destinations=ends)

    for name in LOOK:
        step(name)
    leads("plan", planned, "refuse", "hand_over", "act", "arrange", "write")
    leads("decided", planned, "act", "write", "hand_over")
    leads("act", after_act, "hand_over", "write")
    step("arrange")
    step("write")
    leads("judge", after_judge, "write", "hand_over", END)
    step("refuse")
    step("hand_over")

    async def begin(state: TurnState) -> list[str]:
        """Who asks for a person gets one, before any model is asked; what staff decided is no question."""
        if state["turn"].act is not None:
            return ["decided"]
        return ["hand_over"] if steps.asks_for_person(state) else LOOK

    graph.add_conditional_edges(START, begin, [*LOOK, "hand_over", "decided"])
    graph.add_edge(LOOK, "plan")
    graph.add_edge("write", "judge")
    for last in ("refuse", "arrange", "hand_over"):
        graph.add_edge(last, END)
    return graph.compile()


def build_reading(steps: Steps) -> "CompiledStateGraph[TurnState, Any, TurnState, TurnState]":
    """What is asked while a person is awaited: answered where that only tells, in the words of one draft.

    Without a draft that passed, nothing is said by this.
    """
    graph = StateGraph(TurnState)
    for name in [*LOOK, "write", "judge"]:
        graph.add_node(name, getattr(steps, name))
    tells = _leading(steps.plan, lambda s: "write" if s["plan"].only_tells else END)
    graph.add_node("plan", tells, destinations=("write", END))
    for name in LOOK:
        graph.add_edge(START, name)
    graph.add_edge(LOOK, "plan")
    graph.add_edge("write", "judge")
    graph.add_edge("judge", END)
    return graph.compile()


def _leading(step: Step, where: Way) -> Any:
    """The step, and the way on from what it found.

    A conditional edge would do the same in a run of its own, and one that is no coroutine in a thread: an
    empty graph with three of them takes 2.9 ms of CPU, this one 2.1.
    """

    async def node(state: TurnState) -> Command[str]:
        found = await step(state)
        after: Any = {**state, **found}
        return Command(update=found, goto=where(after))

    return node


def planned(state: TurnState) -> str:
    """Where the plan goes."""
    return state["plan"].route


def after_act(state: TurnState) -> str:
    """Say what was done, or call the person who must do it."""
    return "hand_over" if "reason" in state else "write"


def after_judge(state: TurnState) -> str:
    """Send it, write it again, or give up and call a person."""
    if "reason" in state:
        return "hand_over"
    return "write" if state["findings"] else END
