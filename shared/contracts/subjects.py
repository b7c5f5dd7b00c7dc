"""Subjects on the bus: each tied to the types that travel on it."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from shared.contracts.asks import (
    ActionExecuted,
    AssessMessage,
    ClassifyIntent,
    ExecuteAction,
    FactsFetched,
    FetchFacts,
    IntentClassified,
    JudgeReply,
    Message,
    MessageAssessed,
    MessageScreened,
    PassagesRetrieved,
    PersonRequested,
    ReplyJudged,
    ReplyWritten,
    RequestPerson,
    RetrievePassages,
    ScreenMessage,
    WriteReply,
)
from shared.contracts.turns import (
    FeedbackGiven,
    TurnFinished,
)
from shared.contracts.words import Value

Ask = TypeVar("Ask", bound=Message)
Answer = TypeVar("Answer", bound=Message)
Body = TypeVar("Body", bound=Value)


@dataclass(frozen=True)
class Call(Generic[Ask, Answer]):
    """A question with one answer: subject on the bus, type of the ask, type of the answer."""

    subject: str
    ask: type[Ask]
    answer: type[Answer]


@dataclass(frozen=True)
class Event(Generic[Body]):
    """Something that happened, for whoever listens."""

    subject: str
    body: type[Body]


SCREEN = Call("critic.screen.v1", ScreenMessage, MessageScreened)
CLASSIFY = Call("intent.classify.v1", ClassifyIntent, IntentClassified)
RETRIEVE = Call("knowledge.retrieve.v1", RetrievePassages, PassagesRetrieved)
FETCH = Call("knowledge.fetch.v1", FetchFacts, FactsFetched)
ASSESS = Call("escalation.assess.v1", AssessMessage, MessageAssessed)
EXECUTE = Call("actions.execute.v1", ExecuteAction, ActionExecuted)
WRITE = Call("response.write.v1", WriteReply, ReplyWritten)
JUDGE = Call("critic.judge.v1", JudgeReply, ReplyJudged)
REQUEST_PERSON = Call("escalation.request_person.v1", RequestPerson, PersonRequested)

TURN_FINISHED = Event("turn.finished.v1", TurnFinished)
FEEDBACK_GIVEN = Event("feedback.given.v1", FeedbackGiven)
