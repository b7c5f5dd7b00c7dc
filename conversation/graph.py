"""The way of one message, on one screen.

screen, classify, retrieve and assess run at the same time; a draft goes back to the writer with the
critic's reasons, at most three times; everything that cannot go on ends with a person, never with silence.
"""

from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from conversation.asks import TurnState
from conversation.steps import Steps

LOOK = ["screen", "classify", "retrieve", "assess"]


def build_graph(steps: Steps) -> "CompiledStateGraph[TurnState, Any, TurnState, TurnState]":
    """The compiled graph; it keeps no state between runs (a turn is replayed, not resumed)."""
    graph = StateGraph(TurnState)
    for name in LOOK:
        graph.add_node(name, getattr(steps, name))
    graph.add_node("plan", steps.plan)
    graph.add_node("decided", steps.decided)
    graph.add_node("act", steps.act)
    graph.add_node("arrange", steps.arrange)
    graph.add_node("write", steps.write)
    graph.add_node("judge", steps.judge)
    graph.add_node("refuse", steps.refuse)
    graph.add_node("hand_over", steps.hand_over)

    def begin(state: TurnState) -> list[str]:
        """Who asks for a person gets one, before any model is asked; what staff decided is no question."""
        if state["turn"].act is not None:
            return ["decided"]
        return ["hand_over"] if steps.asks_for_person(state) else LOOK

    graph.add_conditional_edges(START, begin, [*LOOK, "hand_over", "decided"])
    graph.add_conditional_edges("decided", lambda s: s["plan"].route, ["act", "write", "hand_over"])
    graph.add_edge(LOOK, "plan")
    routes = ["refuse", "hand_over", "act", "arrange", "write"]
    graph.add_conditional_edges("plan", lambda s: s["plan"].route, routes)
    graph.add_conditional_edges(
        "act", lambda s: "hand_over" if "reason" in s else "write", ["hand_over", "write"]
    )
    graph.add_edge("write", "judge")
    graph.add_conditional_edges("judge", after_judge, ["write", "hand_over", END])
    graph.add_edge("refuse", END)
    graph.add_edge("arrange", END)
    graph.add_edge("hand_over", END)
    return graph.compile()


def build_reading(steps: Steps) -> "CompiledStateGraph[TurnState, Any, TurnState, TurnState]":
    """What is asked while a person is awaited: answered where that only tells, in the words of one draft.

    Without a draft that passed, nothing is said by this.
    """
    graph = StateGraph(TurnState)
    for name in [*LOOK, "plan", "write", "judge"]:
        graph.add_node(name, getattr(steps, name))
    for name in LOOK:
        graph.add_edge(START, name)
    graph.add_edge(LOOK, "plan")
    graph.add_conditional_edges("plan", lambda s: "write" if s["plan"].only_tells else END, ["write", END])
    graph.add_edge("write", "judge")
    graph.add_edge("judge", END)
    return graph.compile()


def after_judge(state: TurnState) -> str:
    """Send it, write it again, or give up and call a person."""
    if "reason" in state:
        return "hand_over"
    return "write" if state["findings"] else END
