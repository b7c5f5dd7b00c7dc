"""Moments in customers' words: read when they are clear, and only then."""

from datetime import datetime

import pytest

from conversation.words.moments import read_moment
from shared.recurrence import wall
from shared.routing.queues import house

HERE = house().zone
NOW = datetime(2026, 11, 26, 10, 20, tzinfo=HERE).timestamp()
"""A Thursday."""


def read(text: str) -> str:
    at = read_moment(text, now=NOW, zone=HERE)
    return "" if at is None else wall(at, HERE)[5:].replace("T", " ")


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("call me back tomorrow at 3", "11-27 15:00"),
        ("Please call me tomorrow at 3pm!", "11-27 15:00"),
        ("ring me at 11", "11-26 11:00"), ("call me at 9", "11-27 09:00"),
        ("tomorrow, 9:30 am", "11-27 09:30"),
        ("can you call me Monday at half past 4", "11-30 16:30"), ("Thursday at 10", "12-03 10:00"),
        ("the day after tomorrow around 2 in the afternoon", "11-28 14:00"),
        ("on December 1st at noon", "12-01 12:00"),
        ("call me in 2 hours", "11-26 12:20"), ("in half an hour please", "11-26 10:50"),
        ("give me a call at 5 p.m. on 3 December", "12-03 17:00"), ("call me asap", "11-26 10:35"),
        ("rappelez-moi demain à 15h", "11-27 15:00"), ("Rappelez-moi lundi à 10 h 30", "11-30 10:30"),
        ("après-demain à 9 heures du matin", "11-28 09:00"), ("demain à 3 heures et demie", "11-27 15:30"),
        ("appelez-moi aujourd’hui vers 16h", "11-26 16:00"), ("le 1er décembre à midi", "12-01 12:00"),
        ("dans 45 minutes", "11-26 11:05"), ("rappelez-moi tout de suite", "11-26 10:35"),
        ("llámeme mañana a las 3", "11-27 15:00"), ("llámeme mañana a las 10 de la mañana", "11-27 10:00"),
        ("el lunes a las 4 y media de la tarde", "11-30 16:30"), ("pasado mañana a la 1", "11-28 13:00"),
        ("hoy a las 17:45", "11-26 17:45"), ("dentro de 2 horas", "11-26 12:20"),
        ("el 3 de diciembre a las 9", "12-03 09:00"),
        ("llámeme cuanto antes", "11-26 10:35"),
    ],
)  # fmt: skip
def test_clear_moments(text: str, when: str) -> None:
    """In three languages, on the shop's clock."""
    assert read(text) == when


@pytest.mark.parametrize(
    "text",
    [
        "call me back", "call me tomorrow", "tomorrow afternoon", "demain matin", "mañana por la tarde",
        "call me on 5/6 at 3", "at 3 or at 4 tomorrow", "between 15:00 and 17:00", "yesterday at 25:00",
        "call me on 30 February at 3", "call me about order 1001", "quarter to 4", "today at 9",
        "my number is TOKEN_00000000-0000-4000-8000-000000000012", "on 1 October at 10 I bought it",
        "call me about the 4 tents",
    ],
)  # fmt: skip
def test_what_is_not_clear_is_asked_for(text: str) -> None:
    """No hour, two of them, a day that some read differently, a time that is over."""
    assert read(text) == ""


def test_an_hour_does_not_hide_in_a_token() -> None:
    """The digits of a token say nothing; what stands beside it does."""
    token = "TOKEN_11112222-0000-4000-8000-000000000012"
    assert read(f"call me on {token} tomorrow at 4") == "11-27 16:00"
