"""Looks at what staff are about to send, and warns; a person decides."""

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from shared.contracts import Citation, Fact, JudgeReply, Language, Passage, Receipt, Sentence
from shared.ports import Judge
from shared.promises import check

_SENTENCES = re.compile(r"(?<=[.!?…])\s+|\n+")
_MOST = 200
_SAYS = {
    "output.language": "This is not the customer's language.",
    "output.promise": "This promises something that no policy and no order says.",
    "output.profanity": "This may offend.",
    "output.advice": "This is medical, legal or financial advice.",
    "output.secret": "This asks for a password, a code or card details; customers are told we never do.",
    "output.unknown_token": "This holds a personal value that is not of this conversation.",
}
"""Rules of the critic that are about people's words too: what they state needs no source."""


@dataclass(frozen=True)
class Written:
    """What is about to be sent, tokenized, with what it may rest on. `asked` are the customer's last words.

    `receipts` are of what was done in the conversation, `values` the tokens that belong to it. `strange` are
    values in the text, as written, that neither the conversation nor the customer's record has.
    """

    text: str
    conversation_id: str
    turn_id: str
    language: Language
    asked: str = ""
    facts: tuple[Fact, ...] = ()
    sources: tuple[Citation, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    values: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()


@dataclass(frozen=True)
class Warned:
    """One warning: what it is, and the words it is about (tokenized; empty for all of them)."""

    says: str
    span: str = ""


Checker = Callable[[Written], Awaitable[Sequence[Warned]]]
"""Gives warnings, never blocks; what it raises is logged and counts as none."""


def by_rules(judge: Judge) -> Checker:
    """The critic's rules, as far as they are about a person's words; `judge` is one without a model."""

    async def check(written: Written) -> Sequence[Warned]:
        """Wrong language, promises beyond policy, insults, advice, secrets, values of others."""
        quoted = tuple(
            Passage(
                id=f"quoted:{n}", source=each.source, title=each.title, section=each.section, text=each.quote,
                locale=written.language, category="", version=0, score=1.0,
            )
            for n, each in enumerate(written.sources)
        )  # fmt: skip
        grounds = (*(each.id for each in quoted), *(each.id for each in written.facts))
        parts = [part for part in _SENTENCES.split(written.text) if part.strip()][:_MOST]
        judged = await judge.judge(
            JudgeReply(
                conversation_id=written.conversation_id,
                turn_id=written.turn_id,
                step_id=f"{written.turn_id}.check",
                sentences=tuple(Sentence(text=part, sources=grounds) for part in parts),
                language=written.language,
                text=written.asked,
                passages=quoted,
                facts=written.facts,
                allowed_values=written.values,
            )
        )
        found = ((each.rule, each.span) for each in judged.findings if each.rule in _SAYS)
        return [Warned(_SAYS[rule], span) for rule, span in found]

    return check


async def of_others(written: Written) -> Sequence[Warned]:
    """Somebody's name, address or number that was never spoken of here may be another customer's."""
    return [
        Warned("This was never said here, and the customer's record does not have it. Is it theirs?", value)
        for value in written.strange
    ]


async def of_promises(written: Written) -> Sequence[Warned]:
    """What would be promised and cannot be kept, or not be followed: the ledger of promises takes it up."""
    found = check(
        written.text, written.language, now=time.time(), receipts=written.receipts, facts=written.facts
    )
    return [Warned(f"A promise: {each.message}", each.span) for each in found.warnings]
