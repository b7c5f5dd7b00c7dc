"""Says what needs no graph: a few words of one goal, in the customer's language."""

from dataclasses import dataclass

from conversation.asks import spoken_in
from conversation.steps import Steps
from shared import contracts as c
from shared import telemetry


@dataclass(frozen=True)
class Voice:
    """The local writer, with what makes a result of its words."""

    steps: Steps

    async def say(
        self,
        turn: c.TurnAccepted,
        text: str,
        before: c.ConversationState,
        goal: str,
        status: c.TurnStatus,
        values: dict[str, str],
    ) -> c.TurnFinished:
        """A reply that needs no model and no facts: the words of one goal."""
        topic = c.Topic(goal=goal, intent=c.Intent.GENERAL_INQUIRY, values=values)
        draft = await self.steps.words.write(self.words_for(turn, text, before, topic))
        return self.result(turn, text, before, status, draft.sentences, engine=draft.usage.engine)

    def words_for(
        self, turn: c.TurnAccepted, text: str, before: c.ConversationState, topic: c.Topic
    ) -> c.WriteReply:
        """What the writer is asked for, outside the graph."""
        return c.WriteReply(
            conversation_id=turn.conversation_id,
            turn_id=turn.turn_id,
            step_id=f"{turn.turn_id}.{topic.goal}",
            text=text,
            language=self.speaks(turn, text, before),
            topics=(topic,),
            facts=turn.act.facts if isinstance(turn.act, c.Notice) else (),
        )

    def result(
        self,
        turn: c.TurnAccepted,
        text: str,
        after: c.ConversationState,
        status: c.TurnStatus,
        sentences: tuple[c.Sentence, ...],
        *,
        engine: str,
    ) -> c.TurnFinished:
        """A turn that no graph has run for."""
        return c.TurnFinished(
            conversation_id=turn.conversation_id,
            turn_id=turn.turn_id,
            finished_at=self.steps.clock.now(),
            accepted_at=turn.accepted_at,
            status=status,
            sentences=sentences,
            intent=None,
            language=self.speaks(turn, text, after),
            engine=engine,
            trace_id=telemetry.trace_id(),
            said=text,
            state=after,
        )

    def speaks(self, turn: c.TurnAccepted, text: str, before: c.ConversationState) -> c.Language:
        """The language of the reply."""
        return spoken_in(text, turn, before, self.steps.language_of)
