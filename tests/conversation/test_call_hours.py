"""Calls in customers' words: booked, moved, cancelled; what cannot be has two open hours offered instead."""

from datetime import datetime
from pathlib import Path

import pytest

from conversation.words.call_time import CallTime, read_call_time
from conversation.words.calls import asks_about_call
from shared.contracts import LANGUAGES, Language
from shared.routing.queues import house
from tests.routing.test_calendar import eastern
from tests.routing.test_customers import PHONE, Shop, shop
from tests.routing.test_wishes import everything

WORDINGS = Path(__file__).parent / "call_wordings"
"""`w` waits for a person, `b` has a call booked; what is said and read. Written before the rules."""
NOW, BOOKED = eastern("2026-12-02T11:30"), eastern("2026-12-03T15:00")
"""A Wednesday; the call is for Thursday."""
HELD = {"en": 28, "fr": 29, "es": 29}


def spelled(found: CallTime) -> str:  # noqa: PLR0911  one for each kind
    """As the files write it."""
    at, until = (datetime.fromtimestamp(each, house().zone) for each in (found.at, found.until))
    match found.kind:
        case "soon":
            return "soon"
        case "refused":
            return f"not {at:%m-%d}"
        case "from":
            return f"{at:%m-%d %H:%M}-"
        case "until":
            return f"{until:%m-%d} -{until:%H:%M}"
        case "between":
            return f"{at:%m-%d %H:%M}-{until:%H:%M}"
        case "exact":
            return f"{at:%m-%d %H:%M}"
        case "day":
            return f"{at:%m-%d}"
    return f"{at:%m-%d} {found.kind}"


def read(text: str, language: Language, *, booked: bool) -> str:
    """What these words say of a call."""
    about = asks_about_call(text, booked=booked)
    if about in {"cancel", "email", "none"}:
        return about
    found = read_call_time(
        text, now=NOW, calendar=house().calendar, language=language, booked=BOOKED if booked else 0.0
    )
    return spelled(found) if found else "soon" if about == "call" else "none"


def wordings(language: Language, *, held: bool) -> list[tuple[str, str, str]]:
    """Every second one was never looked at while the rules were made."""
    lines = (WORDINGS / f"{language}.txt").read_text("utf-8").splitlines()
    split = [line.split(" | ") for line in lines[held::2]]
    return [(state, text, says) for state, text, says in split]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("held", [False, True])
def test_what_customers_say_is_read(language: Language, held: bool) -> None:
    """Of thirty each: all that the rules were made with; of those held back 28 en, 29 fr, 29 es."""
    cases = wordings(language, held=held)
    wrong = [(text, says, got) for state, text, says in cases
             if (got := read(text, language, booked=state == "b")) != says]  # fmt: skip
    assert len(cases) == 30
    assert len(wrong) <= (30 - HELD[language] if held else 0), wrong


@pytest.mark.parametrize(
    ("now", "text", "at"),
    [
        ("2026-10-31T11:00", "call me monday at 10", "2026-11-02T10:00"),  # the clocks go back between
        ("2027-03-13T11:00", "call me monday at 10", "2027-03-15T10:00"),  # and forward
        ("2026-10-30T11:00", "call me monday at 3pm paris time", "2026-11-02T09:00"),
        ("2026-10-23T11:00", "call me monday at 3pm paris time", "2026-10-26T10:00"),  # Paris went back first
    ],
)
def test_clocks_that_change_change_no_hour(now: str, text: str, at: str) -> None:
    """What is named is what the wall shows then, here or there."""
    found = read_call_time(text, now=eastern(now), calendar=house().calendar)
    assert found is not None
    assert found.at == eastern(at)


async def due(day: Shop) -> list[str]:
    """When the open tasks are due."""
    found = [datetime.fromtimestamp(task.due_at, house().zone) for task in await everything(day)]
    return [f"{at:%a %d %H:%M}" for at in found]


TALKS = {
    "en": [
        ("I want to talk to a person", "", []),
        ("call me tomorrow at 10", "number", []),
        (PHONE, "Thursday, December 3 at 10:00 Eastern time", ["Thu 03 10:00"]),
        ("actually friday at 9pm", "Friday, December 4 at 19:30", ["Thu 03 10:00"]),
        ("the first one", "Friday, December 4 at 19:30", ["Fri 04 19:30"]),
        ("make it an hour earlier", "18:30", ["Fri 04 18:30"]),
        ("not on Friday", "Thursday, December 3 at 10:00", ["Fri 04 18:30"]),
        ("monday at 5", "Monday, December 7 at 17:00", ["Mon 07 17:00"]),
        ("can you call me at 3pm paris time tomorrow", "December 3 at 15:00 Paris time", ["Thu 03 09:00"]),
        ("call me back at 9am today", "passed", ["Thu 03 09:00"]),
        ("cancel the call", "call", []),
    ],
    "fr": [
        ("je veux parler à un conseiller", "", []),
        ("rappelez-moi lundi matin", "numéro", []),
        (PHONE, "lundi 7 décembre à 8 h", ["Mon 07 08:00"]),
        ("plutôt dimanche à 10h", "samedi 5 décembre à 10 h", ["Mon 07 08:00"]),
        ("le premier", "samedi 5 décembre à 10 h, heure de l'Est", ["Sat 05 10:00"]),
        ("annulez l'appel", "votre place dans la file", []),
    ],
    "es": [
        ("quiero hablar con una persona", "", []),
        (f"llámenme mañana a las 5 al {PHONE}", "jueves 3 de diciembre a las 17:00", ["Thu 03 17:00"]),
        ("mejor el martes a las 9", "martes 8 de diciembre a las 9:00, hora del Este", ["Tue 08 09:00"]),
        ("el domingo a las 10", "lunes 7 de diciembre a las 10:00", ["Tue 08 09:00"]),
        ("el lunes", "lunes 7 de diciembre a las 10:00", ["Mon 07 10:00"]),
        ("cancelen la llamada", "", []),
    ],
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_call_is_booked_moved_and_cancelled(tmp_path: Path, language: Language) -> None:
    """One task all along; it stands until another hour is agreed on."""
    async with shop(tmp_path, NOW) as day:
        for text, says, tasks in TALKS[language]:
            reply = (await day.say(text, locale=language)).replace("\u00a0", " ")
            assert says in reply, (text, reply)
            assert await due(day) == tasks, (text, reply)
