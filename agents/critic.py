"""The critic agent: judges what comes in and what goes out."""

import logging

from shared import telemetry
from shared.contracts import Finding, JudgeReply, MessageScreened, ReplyJudged, ScreenMessage
from shared.logs import happened
from shared.ports import Judge

_LOG = logging.getLogger("answerdesk.critic")


async def screen(ask: ScreenMessage, *, judge: Judge) -> MessageScreened:
    """Is this customer text safe to work on?"""
    screened = await judge.screen(ask)
    telemetry.note(
        allowed=screened.allowed, rules=_rules(screened.findings), reasoning=_why(screened.findings)
    )
    if not screened.allowed:
        happened(_LOG, "message_refused", rules=_rules(screened.findings))
    if paid := (*screened.tried, *([screened.usage] if screened.usage else [])):
        telemetry.note_usage(paid[-1], tried=paid[:-1])
    return screened


async def judge_reply(ask: JudgeReply, *, judge: Judge) -> ReplyJudged:
    """May this draft be sent? An error here is not an answer: the conversation then calls a person."""
    judged = await judge.judge(ask)
    telemetry.note(passed=judged.passed, rules=_rules(judged.findings), reasoning=_why(judged.findings))
    if not judged.passed:
        telemetry.flag("rejected")
        happened(
            _LOG,
            "draft_rejected",
            rules=_rules(judged.findings),
            written_by=ask.written_by,
            engine=judged.usage.engine,
        )
    telemetry.note_usage(judged.usage, tried=judged.tried)
    return judged


def _rules(findings: tuple[Finding, ...]) -> str:
    return " ".join(dict.fromkeys(finding.rule for finding in findings))


def _why(findings: tuple[Finding, ...]) -> str:
    """Each objection with the words it is about and what would mend it."""
    told = (f"{finding.rule}: {finding.span!r} ({finding.remedy})" for finding in findings)
    return "; ".join(told) or "no rule objects"
