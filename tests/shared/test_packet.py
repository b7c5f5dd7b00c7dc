"""What a person should do first, and that every code there is has words in every language."""

import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from shared.contracts import (
    LANGUAGES,
    ActionNeeded,
    Fact,
    Intent,
    Language,
    NextAction,
    Order,
    Packet,
    Quote,
    Refund,
    RequestPerson,
    Step,
)
from shared.hand_over import next_action, render
from shared.hand_over.packet import _FIRST, DEFECT_DAYS

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 21)


def ask(reason: str, *facts: Fact, **fields: Any) -> RequestPerson:
    """A request for this reason."""
    return RequestPerson(
        conversation_id="c-1", turn_id="t-1", step_id="t-1.person", hand_over_id="h-1", reason=reason,
        language="en", intent=Intent.COMPLAINT, facts=facts, **({"text": "it broke"} | fields),
    )  # fmt: skip


def delivered(days_ago: int) -> Fact:
    """The shop says so."""
    return Fact(id="order:1005/delivered_on", value=(TODAY - timedelta(days=days_ago)).isoformat())


def test_the_days_are_those_the_knowledge_base_states() -> None:
    """What customers read and what staff are told is one."""
    facts = tomllib.loads((ROOT / "knowledge_base" / "FACTS.toml").read_text("utf-8"))
    assert facts["defects"]["defect_report_days"]["value"] == DEFECT_DAYS


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ((delivered(0),), "replace_or_refund"),
        ((delivered(DEFECT_DAYS),), "replace_or_refund"),
        ((delivered(DEFECT_DAYS + 1),), "check_photos"),
        ((), "check_photos"),
    ],
)
def test_a_defect_needs_photos_only_when_it_is_late(facts: tuple[Fact, ...], kind: str) -> None:
    """Within the days of policy it is settled without them."""
    assert next_action(ask("defect", *facts), today=TODAY).kind == kind


@pytest.mark.parametrize(
    "text", ["call me back", "rappelez-moi svp", "llámeme por favor", "can somebody ring me"]
)
def test_who_asks_to_be_called_is_called(text: str) -> None:
    """Rather than written to."""
    assert next_action(ask("asked_for_person", text=text), today=TODAY).kind == "call_back"


def test_the_order_is_the_one_of_the_action() -> None:
    """Then the one the customer named among those the shop told of, then what there is."""
    facts = (Fact(id="order:1001/total", value="5.00 USD"), Fact(id="order:1005/total", value="89.00 USD"))
    named = (Quote(of="order_number", text="1005"),)
    wish = Refund(order_number="1001", amount="5.00", currency="USD")
    assert (
        next_action(ask("refund_limit", *facts, words=named, wish=wish), today=TODAY).order_number == "1001"
    )
    found = next_action(ask("refund_limit", *facts, words=named), today=TODAY)
    assert (found.order_number, found.amount) == ("1005", "89.00 USD")
    assert next_action(ask("refund_limit", words=named), today=TODAY).order_number == "1005"


def packet(**fields: Any) -> Packet:
    """A packet with only this in it."""
    plain: dict[str, Any] = {
        "summary": "", "facts": (), "tried": (), "promised": (), "suggested_reply": "",
        "sentiment": "negative", "language": "en", "reason": "unclear",
    }  # fmt: skip
    return Packet(**(plain | fields))


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("the gas stove burned my hand", "1001"),
        ("le trekking pole m'a blessé à la main", "1005"),
        ("the summit thing hurt me", ""),
        ("I am bleeding", ""),
        ("one of the poles broke and the summit tent fell on me", ""),
    ],
)
def test_who_is_hurt_is_asked_about_what_they_named(text: str, number: str) -> None:
    """Of several orders the one with the product of the message; none where none or both may be meant."""
    facts = (
        Fact(id="order:1005/items/0", value="1 x Summit Trekking Pole 89.00 USD"),
        Fact(id="order:1001/items/0", value="1 x Summit Gas Stove 45.00 USD"),
        Fact(id="order:1001/items/1", value="2 x Tent Peg 5.00 USD"),
    )
    assert next_action(ask("safety", *facts, text=text), today=TODAY).order_number == number
    named = (Quote(of="order_number", text="1005"),)
    assert next_action(ask("safety", *facts, text=text, words=named), today=TODAY).order_number == "1005"
    assert next_action(ask("safety", facts[1], text=text), today=TODAY).order_number == "1001"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_words(language: Language) -> None:
    """Actions, steps, intents, states: a missing one would be an error in the hour of need."""
    words = tomllib.loads((ROOT / "shared/hand_over/notes" / f"{language}.toml").read_text("utf-8"))
    for kind in get_args(ActionNeeded):
        note = render(packet(next_action=NextAction(kind=kind, why="asked", order_number="1005")), language)
        assert note.next
        assert kind not in note.next
    for did in get_args(Step.__annotations__["did"]):
        assert (
            render(packet(steps=(Step(did=did, about="x 1", found="y"),)), language).tried or did == "wanted"
        )
    for of in get_args(Quote.__annotations__["of"]):
        assert "“" in (said := str(render(packet(words=(Quote(of=of, text="“"),)), language))), said
    assert {intent.value for intent in Intent} <= words["intents"].keys() & words["topics"].keys()
    assert {*get_args(Order.__annotations__["status"])} <= words["states"].keys()
    assert {*get_args(Order.__annotations__["payment"])} <= words["payments"].keys()
    assert {"defect", "missing_delivery", "asked_for_person", *_FIRST} <= words["reasons"].keys()
    assert {why for _, why in _FIRST.values()} <= words["why"].keys()


def test_the_languages_have_the_same_keys() -> None:
    """What one is told the others are told."""

    def keys(table: dict[str, Any], path: str = "") -> set[str]:
        deep = (keys(each, f"{path}{name}.") for name, each in table.items() if isinstance(each, dict))
        return {f"{path}{name}" for name in table}.union(*deep)

    folder = ROOT / "shared/hand_over/notes"
    first, *others = (keys(tomllib.loads((folder / f"{each}.toml").read_text("utf-8"))) for each in LANGUAGES)
    assert all(other == first for other in others)
