"""Reads the template files of the replies, refusing what a customer should never see."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.contracts import LANGUAGES, Language
from shared.errors import SettingsError

REGISTERS = ("neutral", "casual", "formal", "upset")
INTERNAL = (
    "opening.first", "opening.upset", "policy.other_language", "policy.bridge", "product.stock.all",
    "product.stock.some", "product.stock.none", "product.stock.count", "product.stock.again",
    "product.no_version", "product.no_detail", "product.page_says", "product.pages_say", "product.told_of",
    "product.others_silent", "product.marked", "unknown", "unknown.product", "handed_over",
)  # fmt: skip
"""Goals the writer itself says, whatever the playbooks ask for."""
SLOT = re.compile(r"\{([a-z_]+)\}")

_KEYS = {"needs", "opening", "then", "say", *REGISTERS[1:]}
_NBSP = "\u00a0"
# French sets these marks off with a space that must not break; the files are written with plain ones.
_BEFORE = re.compile(r" ([:;!?»])")
_AFTER = re.compile(r"« ")

Alternatives = tuple[str, ...]
"""Ways to say one sentence, the fullest first; the first one whose slots are all filled is written."""
Variant = tuple[Alternatives, ...]


@dataclass(frozen=True)
class Goal:
    """How one situation is put into words.

    `needs` are the slots without which it cannot be said; `opening` tells whether a word of sympathy or a
    greeting may go before it; `then` is a goal that is said right after it.
    """

    name: str
    needs: frozenset[str]
    opening: bool
    then: str
    variants: Mapping[str, tuple[Variant, ...]]

    @property
    def slots(self) -> frozenset[str]:
        """Every slot that some sentence uses."""
        return frozenset(slot for text in self.texts() for slot in SLOT.findall(text))

    def all(self) -> list[Variant]:
        """Every variant of every tone."""
        return [variant for variants in self.variants.values() for variant in variants]

    def texts(self) -> list[str]:
        """Every wording of every variant."""
        return [text for variant in self.all() for sentence in variant for text in sentence]

    def pool(self, register: str) -> tuple[Variant, ...]:
        """The variants for a register; the neutral ones follow as further choices."""
        own = self.variants.get(register, ())
        return own if register == "neutral" else (*own, *self.variants["neutral"])


Goals = Mapping[str, Goal]


def load_templates(folder: Path) -> dict[Language, Goals]:
    """The goals of every language; raises `SettingsError` naming file, goal and what is wrong."""
    loaded: dict[Language, Goals] = {}
    for language in LANGUAGES:
        loaded[language] = _load(folder / f"{language}.toml", language)
        _same(folder / f"{language}.toml", loaded[language], loaded[LANGUAGES[0]])
    return loaded


def _load(path: Path, language: Language) -> Goals:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{path.name}: no such file in {path.parent}; every language needs one") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path.name}: not readable as TOML: {error}; mend that line") from error
    goals = {name: _goal(path, name, entry, language) for name, entry in data.items()}
    for name in INTERNAL:
        if name not in goals:
            raise SettingsError(f"{path.name}: goal {name} is missing; the writer itself says it, so add it")
    for goal in goals.values():
        if goal.then and goal.then not in goals:
            raise SettingsError(f"{path.name}: goal {goal.name}: then = {goal.then!r} is not a goal; add it")
    return goals


def _goal(path: Path, name: str, entry: Any, language: Language) -> Goal:
    where = f"{path.name}: goal {name}"
    if not isinstance(entry, dict) or entry.keys() - _KEYS:
        wrong = ", ".join(sorted(entry.keys() - _KEYS)) if isinstance(entry, dict) else repr(entry)
        raise SettingsError(f"{where}: {wrong} is not known; a goal has {', '.join(sorted(_KEYS))}")
    if len(entry.get("say", ())) < 2:
        raise SettingsError(f"{where}: say has fewer than two variants; a rejected draft needs another one")
    variants = {
        register: tuple(
            _variant(where, sentences, language)
            for sentences in entry.get("say" if register == "neutral" else register, ())
        )
        for register in REGISTERS
    }
    goal = Goal(
        name=name,
        needs=frozenset(entry.get("needs", ())),
        opening=bool(entry.get("opening", True)),
        then=str(entry.get("then", "")),
        variants={register: found for register, found in variants.items() if found},
    )
    for found in goal.variants.values():
        for variant in found:
            _sayable(where, goal, variant)
    return goal


def _variant(where: str, sentences: Any, language: Language) -> Variant:
    if not isinstance(sentences, list) or not sentences:
        raise SettingsError(f"{where}: {sentences!r} is not a variant; write a list of sentences")
    return tuple(
        tuple(
            _checked(where, text, language)
            for text in (sentence if isinstance(sentence, list) else [sentence])
        )
        for sentence in sentences
    )


def _checked(where: str, text: Any, language: Language) -> str:
    if not isinstance(text, str) or not text.strip():
        raise SettingsError(f"{where}: {text!r} is not a sentence; write text in quotes")
    bare = SLOT.sub("", text)
    if "{" in bare or "}" in bare:
        raise SettingsError(f"{where}: {text!r} has a stray brace; a slot is {{small_letters}}")
    if any(char.isdigit() for char in bare):
        raise SettingsError(f"{where}: {text!r} states a number; numbers come from slots only")
    if bare.rstrip()[-1:] not in {".", "!", "?", ":"}:
        raise SettingsError(f"{where}: {text!r} does not end like a sentence; add a full stop")
    if language == "fr":
        return _AFTER.sub(f"«{_NBSP}", _BEFORE.sub(rf"{_NBSP}\1", text))
    return text


def _sayable(where: str, goal: Goal, variant: Variant) -> None:
    if not any(set(SLOT.findall(text)) <= goal.needs for sentence in variant for text in sentence):
        slots = {slot for sentence in variant for text in sentence for slot in SLOT.findall(text)}
        optional = ", ".join(f"{{{slot}}}" for slot in sorted(slots - goal.needs))
        raise SettingsError(
            f"{where}: the variant {variant[0][0]!r} says nothing without {optional}; "
            "add a sentence that needs no optional slot, or name the slot under needs"
        )


def _same(path: Path, goals: Goals, model: Goals) -> None:
    """Every language says the same goals with the same slots."""
    if missing := sorted(model.keys() - goals.keys()):
        raise SettingsError(f"{path.name}: goal {missing[0]} is missing; en.toml has it, so add it")
    if extra := sorted(goals.keys() - model.keys()):
        raise SettingsError(f"{path.name}: goal {extra[0]} is not in en.toml; add it there or drop it here")
    for name, goal in goals.items():
        like = model[name]
        if differing := sorted(goal.slots ^ like.slots):
            there, here = ("en.toml", path.name) if differing[0] in like.slots else (path.name, "en.toml")
            raise SettingsError(
                f"{path.name}: goal {name}: slot {{{differing[0]}}} is used in {there} but not in {here}; "
                "use the same slots in every language"
            )
        if (goal.needs, goal.opening, goal.then) != (like.needs, like.opening, like.then):
            raise SettingsError(
                f"{path.name}: goal {name}: needs, opening or then differ from en.toml; make them the same"
            )
