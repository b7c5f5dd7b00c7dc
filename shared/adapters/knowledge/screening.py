"""Takes out of a document what gives orders to a machine that reads it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from shared.adapters.embedded.input_rules import Rule, commands, load_rules
from shared.adapters.knowledge.chunks import SENTENCE_END
from shared.adapters.knowledge.documents import BadDocument, Document, Section

# Other rules are about customers: an article may well speak of passwords, addresses or codes.
_ABOUT_MACHINES = frozenset({"input.injection", "input.jailbreak"})
_SHOWN = 120


@dataclass(frozen=True)
class Screened:
    """The document without its orders, and each of those as it stood there, shortened."""

    document: Document
    withheld: tuple[str, ...]


def machine_rules() -> tuple[Rule, ...]:
    """The critic's rules for orders to a model."""
    return tuple(rule for rule in load_rules() if rule.id in _ABOUT_MACHINES)


def screen(document: Document, rules: Sequence[Rule]) -> Screened:
    """Text is data: it may say anything but what would steer the model that reads it.

    A sentence that does is not served, nor a section that does in its heading or across sentences. Raises
    `BadDocument` when the title does, or when nothing else is left.
    """
    if commands(document.title, rules=rules):
        reason = f"{document.title[:_SHOWN]!r} gives orders to a machine"
        raise BadDocument(document.lines.get("title", 1), "title", reason, "say what the document is about")
    kept: list[Section] = []
    withheld: list[str] = []
    for section in document.sections:
        heading = " / ".join(section.path)
        if commands(heading, rules=rules):
            withheld.append(heading)
            continue
        # Sentences are looked at one by one only where there is something: most sections are honest.
        if not _orders(section.text, rules):
            kept.append(section)
            continue
        good, bad = _sentences(section.text, rules)
        withheld.extend(bad)
        if _orders(good, rules):
            withheld.append(good)
        elif good:
            kept.append(replace(section, text=good))
    if not kept:
        reason = f"only gives orders to a machine: {withheld[0][:_SHOWN]!r}"
        raise BadDocument(1, "body", reason, "write what customers should know")
    shown = tuple(" ".join(text.split())[:_SHOWN] for text in withheld)
    return Screened(replace(document, sections=tuple(kept)), shown)


def _orders(text: str, rules: Sequence[Rule]) -> bool:
    """Whether it gives orders, read line by line or across them."""
    return any(commands(view, rules=rules) for view in {text, text.replace("\n", " ")})


def _sentences(text: str, rules: Sequence[Rule]) -> tuple[str, list[str]]:
    """The text without the sentences that give orders, and those."""
    lines, bad = [], []
    for line in text.split("\n"):
        good = []
        for sentence in _cut(line):
            if commands(sentence, rules=rules):
                bad.append(sentence)
            else:
                good.append(sentence)
        if good:
            lines.append(" ".join(good))
    return "\n".join(lines), bad


def _cut(line: str) -> Iterator[str]:
    yield from (sentence for sentence in re.split(SENTENCE_END, line) if sentence.strip())
