"""Holds documents to the facts that a shop declares in FACTS.toml."""

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec

from shared.adapters.knowledge.contradictions.lexicon import lexicon, terms_of
from shared.adapters.knowledge.contradictions.report import Contradiction, Quote
from shared.adapters.knowledge.contradictions.sentences import Sentence, sentences_of
from shared.adapters.knowledge.documents import Document
from shared.adapters.knowledge.folding import fold
from shared.contracts import Language
from shared.errors import SettingsError

FILE = "FACTS.toml"
_FIGURE = re.compile(r"\d+(?:[.,:\u00a0 ]\d+)*")
# With fewer meanings beside its figure a phrase could be said of anything: "within 10 days of delivery".
_NAMED = 2

_Words = Annotated[list[str], msgspec.Meta(min_length=1)]


class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value, the ids of the documents that state it, and by which words of each locale."""

    value: str | float | bool | list[str | float]
    documents: list[str]
    unit: str = ""
    says: dict[Language, _Words] = msgspec.field(default_factory=dict)


@dataclass(frozen=True)
class Declared:
    """The facts of one file by `<group>.<key>`."""

    file: str
    facts: Mapping[str, Fact] = field(default_factory=dict)


def load_declared(folder: Path) -> Declared | None:
    """The declared facts of a source folder; None when it holds no FACTS.toml.

    Raises:
        SettingsError: names the file, the fact and what to do.
    """
    path = folder / FILE
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}; fix that line") from error
    facts: dict[str, Fact] = {}
    for group, entries in data.items():
        if not isinstance(entries, dict):
            raise SettingsError(f"{path}: {group} = {entries!r} is no group; write it as [group.key]")
        for key, entry in entries.items():
            try:
                facts[f"{group}.{key}"] = msgspec.convert(entry, Fact)
            except msgspec.ValidationError as error:
                known = ", ".join(Fact.__struct_fields__)
                raise SettingsError(f"{path}: {group}.{key}: {error}; its keys are {known}") from error
    return Declared(path.name, facts)


def misstatements(
    documents: Sequence[Document],
    declared: Declared,
    *,
    changed: Collection[str] | None = None,
    files: Mapping[str, str] | None = None,
) -> Iterator[Contradiction]:
    """Each document that does not state a fact it is listed for, or states it with another figure."""
    asked = [document for document in documents if changed is None or document.id in changed]
    named = files or {}
    shapes = _shapes(declared)
    for document in asked:
        for name, fact in declared.facts.items():
            phrases = fact.says.get(document.locale, [])
            if not phrases:
                continue
            states = Quote(declared.file, name, phrases[0], _shown(fact))
            file = named.get(document.id, "")
            if document.id in fact.documents and not any(_states(document, phrase) for phrase in phrases):
                yield Contradiction(
                    name, (states, Quote(document.id, "", "(no sentence)", "not stated", file))
                )
            for sentence, said in _otherwise(document, phrases, shapes):
                section = " / ".join(sentence.path)
                yield Contradiction(name, (states, Quote(document.id, section, sentence.text, said, file)))


def _shapes(declared: Declared) -> Counter[tuple[Language, str]]:
    """How many facts share the words around a figure; then the words do not tell which fact it is."""
    return Counter(
        shape
        for fact in declared.facts.values()
        for shape in {
            (language, _FIGURE.sub("#", phrase)) for language, said in fact.says.items() for phrase in said
        }
    )


def _shown(fact: Fact) -> str:
    parts = fact.value if isinstance(fact.value, list) else [fact.value]
    shown = "-".join(f"{part:g}" if isinstance(part, float) else str(part) for part in parts)
    return f"{shown} {fact.unit}".strip()


def _states(document: Document, phrase: str) -> bool:
    text = " ".join((document.title, *(section.text for section in document.sections)))
    return _plain(phrase) in _plain(text)


def _otherwise(
    document: Document, phrases: Sequence[str], shapes: Counter[tuple[Language, str]]
) -> Iterator[tuple[Sentence, str]]:
    """Sentences with a phrase's own words around another figure."""
    for phrase in phrases:
        shape = _FIGURE.sub("#", phrase)
        own = {term.name for term in terms_of(fold(shape), document.locale)} - lexicon().generic
        if "#" not in shape or len(own) < _NAMED or shapes[document.locale, shape] > 1:
            continue
        pattern = re.compile(re.escape(_plain(shape)).replace(re.escape("#"), _FIGURE.pattern))
        for sentence in sentences_of(document):
            found = pattern.search(_plain(sentence.text))
            if found and not any(_plain(said) == found[0] for said in phrases):
                yield sentence, found[0]


def _plain(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())
