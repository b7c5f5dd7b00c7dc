"""Spellings of one value have one normal form."""

import pytest

from shared.personal_data import normal_form


@pytest.mark.parametrize(
    ("spellings", "form"),
    [
        (
            [
                "ana_lund@example.com", "Ana_Lund@Example.com", "ana_lund at example dot com",
                "ana underscore lund arobase example point com",
                "ana guion bajo lund aroba example punto com",
            ],
            "ana_lund@example.com",
        ),
        (["(555) 013-4477", "+1 555 013 4477", "555.013.4477", "５５５ 013 4477"], "5550134477"),
        (["María  García", "MARIA GARCIA", "Mari\u0301a García"], "maria garcia"),
    ],
)  # fmt: skip
def test_one_form(spellings: list[str], form: str) -> None:
    """Case, accents, spaces and signs said in words do not count."""
    assert {normal_form(spelled) for spelled in spellings} == {form}


def test_nothing_is_lost() -> None:
    """What folds to nothing is itself, so that two of them are not the same."""
    assert normal_form("\u200b") == "\u200b"
    assert normal_form("\u200b") != normal_form("\u200c")
