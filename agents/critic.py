"""The critic agent: judges what comes in and what goes out."""

import logging

from shared import telemetry
from shared.contracts import JudgeReply, MessageScreened, ReplyJudged, ScreenMessage
from shared.logs import happened
from shared.ports import Judge

_LOG = logging.getLogger("answerdesk.critic")


async def screen(ask: ScreenMessage, *, judge: Judge) -> MessageScreened:
    """Is this customer text safe to work on?"""
    screened = await judge.screen(ask)
    if not screened.allowed:
        rules = " ".join(dict.fromkeys(finding.rule for finding in screened.findings))
        happened(_LOG, "message_refused", rules=rules)
    telemetry.note(allowed=screened.allowed, rules=" ".join(finding.rule for finding in screened.findings))
    if screened.usage is not None:
        telemetry.note_usage(screened.usage, tried=screened.tried)
    return screened


async def judge_reply(ask: JudgeReply, *, judge: Judge) -> ReplyJudged:
    """May this draft be sent? An error here is not an answer: the conversation then calls a person."""
    judged = await judge.judge(ask)
    if judged.findings:
        rules = " ".join(dict.fromkeys(finding.rule for finding in judged.findings))
        happened(_LOG, "draft_rejected", rules=rules, written_by=ask.written_by, engine=judged.usage.engine)
    telemetry.note(passed=judged.passed, rules=" ".join(finding.rule for finding in judged.findings))
    telemetry.note_usage(judged.usage, tried=judged.tried)
    return judged
