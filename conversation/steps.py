"""The nodes of the conversation graph: each asks one agent, or decides with what was answered."""

import time
from dataclasses import dataclass, replace
from typing import Any

from msgspec import structs

from conversation.asks import (
    ASK_SECONDS,
    LanguageOf,
    TurnState,
    as_spoken,
    classify_ask,
    harm_in,
    ids,
    judge_ask,
    language,
    retrieve_ask,
    spent_before,
    write_ask,
)
from conversation.explaining import in_trace
from conversation.fetching import Fetcher
from conversation.hand_over.deciding import plan_of
from conversation.hand_over.opening import open_place
from conversation.hand_over.place import announced
from conversation.hand_over.requesting import request_of
from conversation.later.keeping import settled
from conversation.later.owing import keep_owed, payment_plan, unreached
from conversation.planning.flows import done, told_of
from conversation.planning.meaning import without_person
from conversation.planning.plan import Planner
from conversation.planning.refusing import refused
from conversation.turn import Part, Plan
from conversation.usages import note_paid, usages_of
from conversation.words.calls import wants_call_back
from conversation.words.contact import hear
from conversation.words.questions import questions_in
from shared import contracts as c
from shared import telemetry
from shared.errors import AskFailed
from shared.ports import Approvals, Bus, Clock, ConversationStore, Judge, RiskWatch, Tasks, Writer
from shared.routing.outlooks import Outlooks

Update = dict[str, Any]
_UNNOTICED_SECONDS = 0.15
"""Before this nobody reads a sign, and three of them cost a message each (bench/PROFILE.md)."""
_IN_PASSING_SECONDS = 3.0
"""What a person would look up anyway is not waited for longer."""


@dataclass(frozen=True)
class Steps:
    """The nodes, with what they need.

    `words`, `rules` and `watch` are local: they work when nothing else does. Without `tasks` nothing is put
    off: a person is called instead. Without `approvals` that person has no request to decide on.
    """

    bus: Bus
    store: ConversationStore
    planner: Planner
    words: Writer
    rules: Judge
    watch: RiskWatch
    language_of: LanguageOf
    clock: Clock
    outlooks: Outlooks | None = None
    tasks: Tasks | None = None
    approvals: Approvals | None = None

    def asks_for_person(self, state: TurnState) -> bool:
        """True when the words ask for a person; decided here, so that it works when every agent is down.

        Who wants to be called at some time is asked which, while anybody is there to ask.
        """
        return not wants_call_back(state["text"]) and "asked_for_person" in self._heard(state)

    def _heard(self, state: TurnState) -> list[str]:
        """The reasons for a person in these words that always count, the strongest first."""
        ask = c.AssessMessage(**ids(state, "begin"), text=state["text"])
        always = self.planner.policy.escalate_always
        return [signal.reason for signal in self.watch.assess(ask).signals if signal.reason in always]

    async def screen(self, state: TurnState) -> Update:
        """Critic: is the message safe to work on? Without the critic the local rules decide."""
        recent = tuple(said.text for said in state["before"].history if said.who == "customer")[-4:]
        ask = c.ScreenMessage(
            **ids(state, "screen"), text=state["text"], recent=recent, spent=spent_before(state)
        )
        try:
            screened, spent = await self._ask(c.SCREEN, ask)
        except AskFailed:
            return {"screened": await self.rules.screen(ask)}
        return {"screened": screened, "usages": usages_of(screened), "timings": [("screen", spent)]}

    async def classify(self, state: TurnState) -> Update:
        """Intent: what is wanted? None when no engine can tell."""
        beside = self.watch.beside_refusal(state["text"])
        ask = classify_ask(state, beside or state["text"])
        try:
            classified, spent = await self._ask(c.CLASSIFY, ask)
        except AskFailed:
            return {"classified": None}
        read = as_spoken(classified, state)
        if beside is not None or state["before"].hand_over_id:  # who waits already asks for no other
            read = without_person(read)
        return {"classified": read, "usages": usages_of(classified), "timings": [("classify", spent)]}

    async def retrieve(self, state: TurnState) -> Update:
        """Knowledge: passages, looked up before intent and language are known."""
        ask = retrieve_ask(state)
        try:
            found, spent = await self._ask(c.RETRIEVE, ask)
        except AskFailed:
            return {"passages": (), "nearest": None}
        return {
            "passages": found.passages,
            "nearest": found.nearest,
            "parts": tuple(map(Part, questions_in(state["text"]), ask.parts, found.parts)),
            "usages": usages_of(found),
            "timings": [("retrieve", spent)],
        }

    async def assess(self, state: TurnState) -> Update:
        """Escalation: do these words call for a person?"""
        ask = c.AssessMessage(**ids(state, "assess"), text=state["text"], history=state["before"].history)
        try:
            assessed, spent = await self._ask(c.ASSESS, ask)
        except AskFailed:
            return {"signals": self.watch.assess(ask).signals}
        return {"signals": assessed.signals, "timings": [("assess", spent)]}

    async def plan(self, state: TurnState) -> Update:
        """Playbooks and policy: what is said, asked or done. A failing shop is a reason for a person."""
        return await in_trace(self._planned(state), self.planner.playbooks, state["classified"])

    async def _planned(self, state: TurnState) -> Update:
        screened, classified = state["screened"], state["classified"]
        before, text, now = state["before"], state["text"], state["now"]
        if not screened.allowed:
            plan = refused(screened.findings, before, policy=self.planner.policy, now=now)
            return {"plan": plan}
        if classified is None:
            told = next(iter(self._heard(state)), "engine_down")  # heard by rules: a danger is told as one
            return {"plan": Plan(route="hand_over", state=before, reason=told)}
        await self._sign(state, "looking_up")
        fetcher = Fetcher(self._ask, state)
        try:
            plan = await self.planner.plan(
                state["turn"], text, before, classified=classified, passages=state["passages"],
                signals=(*state["signals"], *harm_in(screened)), fetch=fetcher.fetch, now=now,
                parts=state.get("parts", ()), only_refuses=self.watch.beside_refusal(text) == "",
            )  # fmt: skip
        except AskFailed as error:
            telemetry.note(error_kind=error.kind)
            return {"plan": Plan(route="hand_over", state=before, reason="shop_down")}
        after = structs.replace(plan.state, first_name=fetcher.first_name)
        if (plan.task is not None or plan.drop) and self.tasks is None:
            return {"plan": replace(plan, state=after, route="hand_over", reason="asked_for_person")}
        return {"plan": replace(plan, state=after)}

    async def decided(self, state: TurnState) -> Update:
        """Staff decided on what was asked: it is done, or denied; or the time for a payment has come."""
        act = state["turn"].act
        if isinstance(act, c.PaymentDue):
            return {"plan": payment_plan(act, state["before"], self.planner.policy)}
        assert isinstance(act, c.ActionDecided)  # the graph routes here only with a decision
        return {"plan": plan_of(act, state["before"])}

    async def act(self, state: TurnState) -> Update:
        """Actions: carry out what the customer agreed to, once per logical action."""
        plan, action = state["plan"], state["plan"].execute
        assert action is not None  # the graph routes here only with an action
        await self._sign(state, "acting")
        ask = c.ExecuteAction(
            **ids(state, "act"),
            action=action,
            idempotency_scope=state["turn"].conversation_id,
            customer=plan.state.customer,
            key=plan.key,
        )
        try:
            executed, spent = await self._ask(c.EXECUTE, ask)
        except AskFailed as error:
            return unreached(state["turn"], error)
        receipt = executed.receipt
        classified = state.get("classified")
        intent = classified.needs[0].intent if classified else c.Intent.GENERAL_INQUIRY
        # What a person agreed to and the shop refuses is not lost: a person sees why, in the shop's words.
        if receipt.by_hand or (receipt.status == "refused" and plan.key):
            return {"receipts": (receipt,), "reason": "action_failed", "timings": [("act", spent)]}
        await keep_owed(state, action, receipt, policy=self.planner.policy, tasks=self.tasks, bus=self.bus)
        values = {**told_of(action, receipt), "business_days": self.planner.policy.refund_business_days}
        # Who decided is said before it; what is offered next, of several orders, after it.
        agreed, then = (plan.topics, ()) if plan.key else ((), plan.topics)
        said = replace(plan, topics=(*agreed, done(action, receipt, intent, values), *then))
        return {"receipts": (receipt,), "plan": said, "timings": [("act", spent)]}

    async def arrange(self, state: TurnState) -> Update:
        """Follow-ups: keep what was agreed, then say so in our own words; what is not kept is not said."""
        plan = await settled(state["plan"], state["turn"], tasks=self.tasks, bus=self.bus)
        ask = write_ask({**state, "plan": plan}, "arrange", 1, language=self._language(state))
        return {"plan": plan, "draft": await self.words.write(ask)}

    async def write(self, state: TurnState) -> Update:
        """Response: a draft that rests on what was found."""
        drafts = state.get("drafts", 0) + 1
        await self._sign(state, "writing")
        ask = write_ask(state, f"write-{drafts}", drafts, language=self._language(state))
        try:
            draft, spent = await self._ask(c.WRITE, ask)
        except AskFailed:
            return {"reason": "engine_down", "drafts": drafts}
        timings = [(f"write-{drafts}", spent)]
        return {"draft": draft, "drafts": drafts, "usages": usages_of(draft), "timings": timings}

    async def judge(self, state: TurnState) -> Update:
        """Critic: may this draft be sent? A critic that does not answer fails closed: a person takes over."""
        if "reason" in state:
            return {}
        drafts = state["drafts"]
        ask = judge_ask(state, language=self._language(state))
        try:
            judged, spent = await self._ask(c.JUDGE, ask)
        except AskFailed:
            return {"reason": "critic_down"}
        update: Update = {
            "findings": judged.findings,
            "usages": usages_of(judged),
            "timings": [(f"judge-{drafts}", spent)],
        }
        if not judged.passed and drafts >= self.planner.policy.max_drafts:
            update["reason"] = "rejected_drafts"
        return update

    async def refuse(self, state: TurnState) -> Update:
        """Say no in our own words; a hostile text never reaches a model that writes."""
        draft = await self.words.write(write_ask(state, "refuse", 1, language=self._language(state)))
        return {"draft": draft, "status": "refused"}

    async def hand_over(self, state: TurnState) -> Update:
        """Escalation: open a place in a person's queue, and say so; works when every agent is down."""
        plan = state.get("plan") or Plan("hand_over", state["before"], reason=self._strongest(state))
        reason = state.get("reason") or plan.reason
        await self._sign(state, "handing_over")
        ask = await request_of(
            state, plan, reason, asking=self._ask_in_passing, words=self.words, rules=self.rules,
            language=self._language(state), now=self.clock.now(),
        )  # fmt: skip
        record, timings = await open_place(ask, asking=self._ask, store=self.store, clock=self.clock)
        after = structs.replace(
            plan.state, hand_over_id=record.id, open_slot="", open_intent="", pending_action=None
        )
        heard = hear(state["text"], after, None)
        after = structs.replace(after, contact_channel=heard.asked if heard else "")
        topics = await announced(ask, record, heard, store=self.store, outlooks=self.outlooks)
        plan = replace(plan, state=after, topics=topics)
        draft = await self.words.write(
            write_ask({**state, "plan": plan}, "announce", 1, language=self._language(state))
        )
        return {
            "plan": plan,
            "hand_over": record,
            "draft": draft,
            "status": "handed_over",
            "timings": timings,
            "reason": reason,
            "contact": heard.wish if heard else None,
        }

    def _strongest(self, state: TurnState) -> str:
        """Of who asks for a person: an injury they tell of beside it makes the case urgent."""
        heard = self._heard(state)
        telemetry.note(signals=" ".join(heard))  # nobody is asked to assess what is handed over at once
        return next(iter(heard), "asked_for_person")

    def _language(self, state: TurnState) -> c.Language:
        return language(state, self.language_of)

    async def _ask_in_passing(self, call: c.Call[c.Ask, c.Answer], ask: c.Ask) -> tuple[c.Answer, float]:
        return await self._ask(call, ask, timeout=min(ASK_SECONDS, _IN_PASSING_SECONDS))

    async def _ask(
        self, call: c.Call[c.Ask, c.Answer], ask: c.Ask, *, timeout: float | None = None
    ) -> tuple[c.Answer, float]:
        started = time.perf_counter()
        answer = await self.bus.ask(call, ask, timeout=timeout or ASK_SECONDS)
        note_paid(answer)
        return answer, round((time.perf_counter() - started) * 1000, 2)

    async def _sign(self, state: TurnState, stage: c.Stage) -> None:
        """Tell who watches what is being done, once a turn has taken long enough to be watched."""
        turn = state["turn"]
        if self.clock.now() - turn.accepted_at < _UNNOTICED_SECONDS:
            return
        await self.bus.progress(
            c.TurnProgress(conversation_id=turn.conversation_id, turn_id=turn.turn_id, stage=stage)
        )
