"""When a promise is due, as its words say it, by the clock and the calendar of the shop."""

from datetime import UTC, date, datetime

import pytest

from shared.contracts import Language, Sentence
from shared.promises import promises_in
from shared.promises.calendar import after_business_days, holidays, is_business_day
from shared.promises.due import resolved
from shared.promises.folding import fold
from shared.promises.when import moments_in
from tests.promises.replies import NOW, ZONE


def due(text: str, language: Language = "en", *, now: float = NOW) -> tuple[str, str]:
    """From when until when, by the shop's clock; empty for "from now on" and for no moment at all."""
    found = moments_in(fold(text), language)
    if not found:
        return "", ""
    moment = resolved(found[0], text, now=now, zone=str(ZONE))
    assert moment is not None
    shown = (datetime.fromtimestamp(at, ZONE).strftime("%m-%d %H:%M") for at in (moment.since, moment.until))
    since, until = shown
    return (since if moment.since else ""), until


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("within 5-7 business days", "12-03 00:00", "12-07 23:59"),
        ("within one business day", "", "11-27 23:59"),
        ("by Friday", "", "11-27 23:59"),
        ("before Friday", "", "11-26 23:59"),
        ("on Wednesday", "12-02 00:00", "12-02 23:59"),
        ("by Wednesday", "", "12-02 23:59"),
        ("on Thursday, December 3", "12-03 00:00", "12-03 23:59"),
        ("next Friday", "12-04 00:00", "12-04 23:59"),
        ("tomorrow at 10", "11-26 10:00", "11-26 10:00"),
        ("between 2 and 4 pm on Friday", "11-27 14:00", "11-27 16:00"),
        ("in the next two hours", "", "11-25 11:30"),
        ("in 30 minutes", "", "11-25 10:00"),
        ("by November 27 at 10:30 Eastern time", "", "11-27 10:30"),
        ("by 5 pm", "", "11-25 17:00"),
        ("at 9", "11-26 09:00", "11-26 09:00"),
        ("on Monday morning", "11-30 08:00", "11-30 12:00"),
        ("by the end of the week", "", "11-27 23:59"),
        ("next week", "11-30 00:00", "12-06 23:59"),
        ("by the end of the month", "", "11-30 23:59"),
        ("by January 4", "", "01-04 23:59"),
        ("in two weeks", "", "12-09 23:59"),
        ("by 12/4", "", "12-04 23:59"),
        ("at 3 pm UTC", "11-25 10:00", "11-25 10:00"),
        ("for 30 days", "", ""),
        ("3 days ago", "", ""),
        ("up to 60 days after delivery", "", ""),
    ],
)
def test_english(text: str, since: str, until: str) -> None:
    assert due(text) == (since, until)


@pytest.mark.parametrize(
    ("text", "language", "until"),
    [
        ("d'ici vendredi", "fr", "11-27 23:59"),
        ("avant vendredi", "fr", "11-26 23:59"),
        ("avant le 27 novembre à 10 h 30, heure de l'Est", "fr", "11-27 10:30"),
        ("demain à 10 heures", "fr", "11-26 10:00"),
        ("dans les deux heures", "fr", "11-25 11:30"),
        ("sous 5 à 7 jours ouvrés", "fr", "12-07 23:59"),
        ("le 4/12", "fr", "12-04 23:59"),
        ("pendant 30 jours", "fr", ""),
        ("mañana antes de las 15", "es", "11-26 15:00"),
        ("mañana por la mañana", "es", "11-26 12:00"),
        ("esta mañana", "es", "11-25 12:00"),
        ("antes del viernes", "es", "11-26 23:59"),
        ("a más tardar el 4 de diciembre", "es", "12-04 23:59"),
        ("en un plazo de 5 a 7 días hábiles", "es", "12-07 23:59"),
        ("antes del 27 de noviembre a las 10:30, hora del Este", "es", "11-27 10:30"),
        ("hace 3 días", "es", ""),
    ],
)
def test_french_and_spanish(text: str, language: Language, until: str) -> None:
    assert due(text, language)[1] == until


def test_a_day_ends_when_the_clocks_change() -> None:
    """November 1, 2026 has 25 hours in New York: the promise lasts to the end of its last one."""
    before = datetime(2026, 10, 31, 12, tzinfo=ZONE).timestamp()
    assert due("tomorrow", now=before) == ("11-01 00:00", "11-01 23:59")
    moment = resolved(moments_in("tomorrow", "en")[0], "", now=before, zone=str(ZONE))
    assert moment is not None
    assert moment.until - moment.since == 25 * 3600 - 1


def test_a_day_that_does_not_exist_is_no_date() -> None:
    """February 30 is a mistake, not a promise of some other day."""
    (moment,) = moments_in("by february 30", "en")
    assert resolved(moment, "", now=NOW, zone="UTC") is None


def test_business_days() -> None:
    """Monday to Friday without public holidays; one on a Saturday is observed on the Friday before."""
    assert not is_business_day(date(2026, 11, 26))  # Thanksgiving
    assert not is_business_day(date(2026, 7, 3))  # July 4 is a Saturday
    assert not is_business_day(date(2021, 12, 31))  # New Year's Day of 2022
    assert after_business_days(date(2026, 11, 25), 1) == date(2026, 11, 27)
    assert after_business_days(date(2026, 11, 25), 0) == date(2026, 11, 25)
    assert len(holidays(2026)) == 11
    assert datetime.fromtimestamp(NOW, UTC).date() == date(2026, 11, 25)


def test_each_day_has_its_own_hour() -> None:
    """An hour is of the day it stands behind."""
    said = fold(
        "Notre équipe reprend le 26 novembre à 8 h, et un conseiller répond avant le 27 novembre à 12 h."
    )
    moments = [resolved(each, said, now=NOW, zone=str(ZONE)) for each in moments_in(said, "fr")]
    shown = [datetime.fromtimestamp(each.until, ZONE).strftime("%m-%d %H:%M") for each in moments if each]
    assert shown == ["11-26 08:00", "11-27 12:00"]


@pytest.mark.parametrize(
    ("text", "language", "until"),
    [
        (
            "Place 1; we are back on November 27 at 08:00, and someone answers by November 27 at 16:00.",
            "en",
            16,
        ),
        ("1er ; on reprend le 27 novembre à 8 h, et on vous répond avant le 27 novembre à 16 h.", "fr", 16),
        (
            "N.º 1; volvemos el 27 de noviembre a las 8 y le respondemos el 27 de noviembre a las 12.",
            "es",
            12,
        ),
    ],
)
def test_the_words_of_a_time_are_kept_with_it(text: str, language: Language, until: int) -> None:
    """What customers who wait are told: behind a semicolon, too, they are its own."""
    found = promises_in([Sentence(text=text)], language, now=NOW)
    answer = next(each for each in found if each.kind == "answer_by")
    assert answer.due is not None
    assert datetime.fromtimestamp(answer.due.until, ZONE).strftime("%m-%d %H:%M") == f"11-27 {until}:00"
    assert "27" in answer.due.said
