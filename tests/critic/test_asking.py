"""Who asks for a person is heard without a model: two error rates, on messages nobody tuned the rules to."""

import hashlib
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.adapters.embedded.asking import Asking
from shared.adapters.embedded.risk import asked_for_person, open_risk_watch
from shared.contracts import LANGUAGES, Language
from tests import speed

MESSAGES = Path(__file__).parent / "asked_for_person"
RULES = Path(__file__).parents[2] / "shared" / "adapters" / "embedded" / "rules" / "asking.toml"
POLICY = "just tell me the return policy"
ANYBODY = "What is a person supposed to do to get a refund?"
NAME = "TOKEN_3f2c9a54-0a52-4b63-9d0e-1b1d6a0a5e42"
HOSTILE = ("i want to have to see to get ", "a human ", "no quiero hablar con un una ", '" ', "a.", "real ")


def messages(language: Language, *, asking: bool, held: bool) -> list[str]:
    """The messages of one kind, of the half the rules were tuned to or of the half that was held back."""
    lines = (MESSAGES / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    mark = "+ " if asking else "- "
    texts = [line[2:] for line in lines if line.startswith(mark)]
    return [text for text in texts if bool(hashlib.sha256(text.encode()).digest()[0] % 2) is held]


def rate(texts: list[str], *, heard: bool) -> float:
    """The share that is heard, or not."""
    return sum(asked_for_person(text) is heard for text in texts) / len(texts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_many_messages_of_both_kinds(language: Language) -> None:
    """A rate of few messages says nothing."""
    for asking in (True, False):
        assert sum(len(messages(language, asking=asking, held=held)) for held in (True, False)) >= 150


@pytest.mark.parametrize("language", LANGUAGES)
def test_few_who_ask_are_missed(language: Language) -> None:
    """On the half nobody looked at: 1.0 % en, 4.4 % fr, 0 % es. Of the other half none is missed."""
    assert rate(messages(language, asking=True, held=True), heard=False) <= 0.05
    assert rate(messages(language, asking=True, held=False), heard=False) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_few_who_do_not_ask_are_handed_over(language: Language) -> None:
    """On the half nobody looked at: 1.1 % en, 2.4 % fr, 0 % es. Of the other half nobody is."""
    assert rate(messages(language, asking=False, held=True), heard=True) <= 0.03
    assert rate(messages(language, asking=False, held=False), heard=True) == 0


@pytest.mark.parametrize(
    ("asks", "does_not"),
    [
        ('I said "agent"', 'the page said "agent"'),
        ("I want to talk to a human", "I don't want to talk to a human"),
        ("I need an agent", "I no longer need an agent"),
        ("j'ai besoin d'un conseiller", "je n'ai plus besoin d'un conseiller"),
        ("I don't want to talk to a robot", "I'm not a robot"),
        ("The tent leaks. Get me a person.", "The tent leaks. It is a one person tent."),
        ("Je veux parlé à quelqu'un", "Je veux parler de ma commande"),
        ("Quiero hablar con un agente", "Ayer hablé con un agente"),
        (f"Hi {NAME}, agent please", f"the agent is {NAME}"),
    ],
)
def test_the_same_words_ask_or_not_by_what_is_around_them(asks: str, does_not: str) -> None:
    """Quotes, negations, reports and names."""
    assert asked_for_person(asks)
    assert not asked_for_person(does_not)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("I don't want a person", ""),
        (
            "please don't connect me to an agent, just tell me the return policy",
            "just tell me the return policy",
        ),
        ("human? lol no. do you ship to Spain?", "do you ship to Spain?"),
        (
            "What is a person supposed to do to get a refund?",
            "What is a person supposed to do to get a refund?",
        ),
        ("je ne veux pas parler à un conseiller", ""),
        ("Un humain ? Non merci. Livrez-vous en Suède ?", "Livrez-vous en Suède ?"),
        ("no quiero hablar con una persona", ""),
        ("No me pase con un agente, ¿cuánto cuesta el envío?", "¿cuánto cuesta el envío?"),
    ],
)
def test_who_refuses_a_person_is_heard_to_say_the_rest(text: str, rest: str) -> None:
    """Otherwise a classifier that knows the word puts them in the queue."""
    assert not asked_for_person(text)
    assert open_risk_watch().beside_refusal(text) == rest


@pytest.mark.parametrize(
    "text",
    [
        "why don't you connect me to an agent?",
        "you don't give me a person",
        "no agent has called me",
        "human? no bot!",
        "agent? no? fine, get me a manager",
        "pourquoi ne me passez-vous pas un conseiller",
        "no me pasan con un agente",
        "where is my order?",
    ],
)
def test_who_complains_of_having_nobody_refuses_nobody(text: str) -> None:
    """Nor who speaks of something else."""
    assert open_risk_watch().beside_refusal(text) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_who_asks_is_heard_to_refuse(language: Language) -> None:
    """Of all messages that ask, in both halves."""
    asking = [text for held in (True, False) for text in messages(language, asking=True, held=held)]
    assert [text for text in asking if open_risk_watch().beside_refusal(text) is not None] == []


def hostile() -> Iterator[str]:
    """Texts as long as the gateway lets through, made for rules that search back and forth."""
    for words in (
        "i want to have to see to get ",
        "a human ",
        "no quiero hablar con un una ",
        '" ',
        "a.",
        "real ",
    ):
        yield (words * 5_000)[:5_000]


def test_a_hostile_text_is_read_in_time() -> None:
    """0.3 s of CPU at worst on the machine of the limits, most take a tenth of it."""
    for text in hostile():
        began = time.process_time()
        asked_for_person(text)
        assert time.process_time() - began < speed.limit(1.0)


def test_the_rules_name_only_lists_there_are() -> None:
    """A list that is missing is an error when the rules are read, not a wish unheard."""
    rules = tomllib.loads(RULES.read_text(encoding="utf-8"))
    del rules["fr"]["person"]
    with pytest.raises(KeyError, match="person"):
        Asking(rules)
