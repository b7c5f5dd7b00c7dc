"""Answers the turns of conversations: the worker the bus calls, one conversation at a time in order."""

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from langgraph.graph.state import CompiledStateGraph
from msgspec import structs

from conversation.asks import TurnState
from conversation.explaining import explain
from conversation.failing import may_pass, where
from conversation.finish import finish, merged, nothing
from conversation.graph import build_graph, build_reading
from conversation.hand_over.deciding import OWN_WORDS, ask_staff, with_words, withdrawn
from conversation.hand_over.fitting import asked_again, fitted, is_loose
from conversation.hand_over.raising import NOTHING, cannot_wait, raise_for
from conversation.hand_over.waiting import answer_waiting, gives_up, leave
from conversation.hand_over.with_person import after_act, as_left, topic_of
from conversation.later.owing import NotPaid
from conversation.memory import overheard
from conversation.recording import Tapes, recorded_steps, taping
from conversation.speakers import strangers, whose
from conversation.steps import Steps
from conversation.telling import tell
from conversation.usages import paying, with_all
from conversation.voice import Voice
from conversation.words.pasted import said
from shared import contracts as c
from shared import logs, telemetry
from shared.errors import StoreDown
from shared.ports import Delivered

_LOG = logging.getLogger("answerdesk.conversation")


@dataclass(frozen=True)
class Conversations:
    """The conversation service."""

    steps: Steps
    voice: Voice
    graph: "CompiledStateGraph[TurnState, Any, TurnState, TurnState]"
    reading: "CompiledStateGraph[TurnState, Any, TurnState, TurnState]"
    tapes: Tapes = field(default_factory=Tapes)

    async def answer(self, turns: Sequence[c.TurnAccepted]) -> Sequence[c.TurnFinished]:
        """One result per turn; a burst is answered by one run over all its text.

        A turn that was accepted before its conversation was erased ends with an empty result: nothing that
        it says, or that was remembered when it began, may be kept again. Who asks for a person is answered
        though the store is down, and so nothing of the conversation is known.
        """
        with taping(turns) as tape:
            results = await self._answered(turns)
        self.tapes.keep(tape, results)
        return results

    async def _answered(self, turns: Sequence[c.TurnAccepted]) -> Sequence[c.TurnFinished]:
        try:
            return await self._known(turns)
        except StoreDown:
            if not self._asks_for_person(turns):
                raise  # kept on the bus until it can be read
            return await self._without_store(turns)

    async def _known(self, turns: Sequence[c.TurnAccepted]) -> Sequence[c.TurnFinished]:
        conversation = turns[-1].conversation_id
        erased = await self.steps.store.erased_at(conversation)
        rest = [turn for turn in turns if turn.accepted_at >= erased]
        results = {each.turn_id: each for each in (await self._answer(rest) if rest else ())}
        if await self.steps.store.erased_at(conversation) != erased:
            return await self._known(turns)  # erased while we were at it
        now = self.steps.clock.now()
        return [results.get(turn.turn_id) or nothing(turn, finished_at=now) for turn in turns]

    async def _answer(self, turns: Sequence[c.TurnAccepted]) -> Sequence[c.TurnFinished]:
        """What staff do stands between the customer's messages, in the order in which it came."""
        conversation = turns[0].conversation_id
        before = await self.steps.store.load(conversation) or c.ConversationState(language=turns[0].locale)
        case = await self.steps.store.case_of(conversation)
        asked = before.contact_channel
        before = as_left(before, case)

        def by_itself(turn: c.TurnAccepted) -> bool:
            # However a burst is cut when it is delivered again: who left, left with this message.
            leaves = case is not None and gives_up(turn.text, asked, self.steps.watch) == "plainly"
            return turn.act is not None or (leaves and not cannot_wait(turn, turn.text, self.steps.watch))

        results: list[c.TurnFinished] = []
        for alone, group in groupby(turns, key=by_itself):
            if not alone:
                results += await self._hear(list(group), before, case)
                before = results[-1].state or before
                continue
            for turn in group:
                if turn.act is not None:
                    results.append(await self._tell(turn, before))
                else:
                    left = await leave(self.voice, turn, before)
                    case = await self.steps.store.case_of(conversation)
                    results += [left] if left else await self._hear([turn], before, case)
                before = results[-1].state or before
        return results

    async def _hear(
        self, turns: Sequence[c.TurnAccepted], before: c.ConversationState, case: c.Case | None
    ) -> Sequence[c.TurnFinished]:
        last = turns[-1]
        text = said(turns)
        several = strangers(turns, before)
        before = whose(turns, before)
        logs.about(last.conversation_id, last.turn_id)
        with telemetry.span(
            "invoke_agent conversation",
            conversation=last.conversation_id,
            turn=last.turn_id,
            inputs=last,
            agent="conversation",
            action="answer",
            operation="invoke_agent",
            agent_name="conversation",
        ):
            told = NOTHING
            if before.hand_over_id and not several:
                told, case = await raise_for(self.steps, turns, text, case)
            if several:
                result = await self.voice.say(last, text, before, "sign_in", "refused", {})
            elif case is not None and case.phase == "person":
                result = self._silent(last, text, before)
            elif before.hand_over_id:
                with paying() as taken:
                    said_back = await answer_waiting(self.voice, last, text, before, case, told, self._read)
                result = with_all(said_back, taken)
            elif before.paused_until > last.accepted_at:
                result = await self._paused(last, text, before)
            elif await withdrawn(self.steps.approvals, last, text):  # a request outlives its case
                result = await self.voice.say(last, text, before, "withdrawn", "answered", {})
            else:
                result = await self._run(last, text, before)
            explain(result)
        return merged(turns, result)

    async def heard(self, results: Sequence[Delivered]) -> None:
        """Keep what was said and tell the others; may run again after a crash and then changes nothing."""
        results = [await self._fitted(each) if is_loose(each.turn) else each for each in results]
        await self.steps.store.record(results, recorded=self.tapes.of(results))
        self.tapes.stored(results)
        for result in results:
            if result.turn.accepted_at >= await self.steps.store.erased_at(result.turn.conversation_id):
                await ask_staff(self.steps.approvals, result.turn)
                await self.steps.bus.publish(c.TURN_FINISHED, result.turn, key=result.turn.turn_id)
                tell(result.turn)

    def _asks_for_person(self, turns: Sequence[c.TurnAccepted]) -> bool:
        words = said(turns)
        if any(turn.act is not None for turn in turns):
            return False
        begun: TurnState = {"turn": turns[-1], "text": words}
        return self.steps.asks_for_person(begun) or bool(cannot_wait(turns[-1], words, self.steps.watch))

    async def _without_store(self, turns: Sequence[c.TurnAccepted]) -> Sequence[c.TurnFinished]:
        """The request for a person alone; `heard` fits it into the conversation once that can be read."""
        last, text = turns[-1], said(turns)
        nothing_known = c.ConversationState(language=last.locale, customer=last.customer)
        result = await self._run(last, text, nothing_known)
        return merged(turns, structs.replace(result, state=None))

    async def _fitted(self, delivered: Delivered) -> Delivered:
        turn, store = delivered.turn, self.steps.store
        before = await store.load(turn.conversation_id) or c.ConversationState(
            language=turn.language, customer_mark=turn.customer_mark
        )
        case = await store.case_of(turn.conversation_id)
        result = fitted(turn, as_left(before, case))
        if result.escalation is None:  # there is a case already: it hears of what cannot wait
            await raise_for(self.steps, [asked_again(turn)], turn.said, case)
        return replace(delivered, turn=result)

    async def _run(self, turn: c.TurnAccepted, text: str, before: c.ConversationState) -> c.TurnFinished:
        # The turn's own time, not the clock's: a replay after a crash decides the same.
        begun: TurnState = {"turn": turn, "text": text, "before": before, "now": turn.accepted_at}
        with paying() as taken:
            try:
                state: Any = await self.graph.ainvoke(begun)
            except NotPaid:
                return self.voice.result(turn, text, before, "told", (), engine="")
            except Exception as error:
                if may_pass(error):
                    raise  # the bus tries again
                # A bug of ours is no reason for silence: a person answers.
                _LOG.error("turn %s is handed over: %s", turn.turn_id, where(error))
                telemetry.note(error_kind=type(error).__name__)
                handed = await self.steps.hand_over({**begun, "reason": "engine_down"})
                state = begun | handed | {"usages": taken}
        return self._finish(state)

    async def _read(
        self, turn: c.TurnAccepted, text: str, before: c.ConversationState
    ) -> c.TurnFinished | None:
        """An answer that only tells; None when there is none."""
        begun: TurnState = {"turn": turn, "text": text, "before": before, "now": turn.accepted_at}
        try:
            state: Any = await self.reading.ainvoke(begun)
        except Exception as error:
            if may_pass(error):
                raise
            _LOG.error("turn %s is left to a person: %s", turn.turn_id, where(error))
            return None
        passed = "draft" in state and "reason" not in state and not state["findings"]
        return self._finish(state) if passed else None

    async def _tell(self, turn: c.TurnAccepted, before: c.ConversationState) -> c.TurnFinished:
        """What the customer did not ask for: a person's words, or the house's about the conversation."""
        act = turn.act
        assert act is not None  # `_answer` looked
        if isinstance(act, c.ActionDecided | c.PaymentDue):
            return await self._decided(turn, act, before)
        topic = topic_of(act)
        sentences: tuple[c.Sentence, ...]
        if isinstance(act, c.StaffSaid):
            sentences, engine = (c.Sentence(text=act.text),), "person"
        elif topic is not None:
            draft = await self.steps.words.write(self.voice.words_for(turn, "", before, topic))
            sentences, engine = draft.sentences, draft.usage.engine
        after = after_act(before, act, " ".join(sentence.text for sentence in sentences))
        told = self.voice.result(turn, "", after, "told", sentences, engine=engine)
        speaker: c.Speaker = "staff" if isinstance(act, c.StaffSaid) else "system"
        # Who is there from now on, or speaks; of who goes the words tell enough.
        name = ""
        if isinstance(act, c.StaffSaid | c.StaffJoined):
            name = act.name or c.OUR_TEAM[told.language].capitalize()
        cited = act.sources if isinstance(act, c.StaffSaid) else ()
        told = structs.replace(told, citations=cited, customer_mark=before.customer_mark)
        return structs.replace(told, speaker=speaker, speaker_name=name)

    async def _decided(
        self, turn: c.TurnAccepted, act: c.ActionDecided | c.PaymentDue, before: c.ConversationState
    ) -> c.TurnFinished:
        """A decision is carried out like a customer's yes; the house says so, whoever has the case."""
        result = await self._run(turn, "", before)
        if isinstance(act, c.ActionDecided) and act.words and result.escalation is None:
            draft = await self.steps.words.write(self.voice.words_for(turn, "", before, OWN_WORDS))
            result = with_words(result, act, draft.sentences)
        status: c.TurnStatus = "handed_over" if result.escalation else "told"
        return structs.replace(
            result, status=status, speaker="system", customer_mark=before.customer_mark, intent=None
        )

    def _silent(self, turn: c.TurnAccepted, text: str, before: c.ConversationState) -> c.TurnFinished:
        """A person has it and reads this; the bot says nothing."""
        after = overheard(before, c.Said(who="customer", text=text))
        return self.voice.result(turn, text, after, "with_person", (), engine="")

    async def _paused(self, turn: c.TurnAccepted, text: str, before: c.ConversationState) -> c.TurnFinished:
        minutes = max(1, round((before.paused_until - turn.accepted_at) / 60))
        return await self.voice.say(turn, text, before, "paused", "refused", {"minutes": str(minutes)})

    def _finish(self, state: TurnState) -> c.TurnFinished:
        return finish(
            state,
            finished_at=self.steps.clock.now(),
            trace_id=telemetry.trace_id(),
            detect=self.steps.language_of,
        )


def conversations_over(steps: Steps) -> Conversations:
    """The service over these steps; it works when it is called."""
    return Conversations(
        steps=steps, voice=Voice(steps), graph=build_graph(steps), reading=build_reading(steps)
    )


@asynccontextmanager
async def serve_conversations(steps: Steps) -> AsyncIterator[Conversations]:
    """Answer turns while the context is open, and keep what is needed to run them again."""
    service = conversations_over(recorded_steps(steps))
    async with steps.bus.work(service.answer, finished=service.heard):
        yield service
