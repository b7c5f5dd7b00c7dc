"""A model that copies a token carelessly is mended where only one can be meant, and never guessed at."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.personal_data import broken_tokens, mend_tokens, new_token

TOKEN = "TOKEN_1b4e28ba-2fa1-41d2-883f-0016d3cca427"
OTHER = "TOKEN_99999999-2222-4333-8444-555555555555"


@pytest.mark.parametrize(
    "written",
    [
        TOKEN.upper(),
        "Token_1b4e28ba-2fa1-41d2-883f-0016d3cca427",
        "TOKEN-1b4e28ba-2fa1-41d2-883f-0016d3cca427",
        "TOKEN 1b4e28ba-2fa1-41d2-883f-0016d3cca427",
        "TOKEN_1b4e28ba_2fa1_41d2_883f_0016d3cca427",
        "TOKEN_1b4e28ba\u20112fa1\u201141d2\u2011883f\u20110016d3cca427",
        "TOKEN_1b4e28ba2fa141d2883f0016d3cca427",
        "1b4e28ba-2fa1-41d2-883f-0016d3cca427",
    ],
)
def test_the_same_digits_are_the_same_token(written: str) -> None:
    """Case, what parts the digits and the mark before them may be wrong."""
    assert broken_tokens(f"I wrote to {written}.") != []
    mended = mend_tokens(f"I wrote to {written}.", [OTHER, TOKEN])
    assert mended == f"I wrote to {TOKEN}."
    assert broken_tokens(mended) == []


@pytest.mark.parametrize(
    "written",
    [
        TOKEN[:-1],
        TOKEN[:20],
        TOKEN + "0",
        TOKEN.replace("1b4e", "1b4f").upper(),
        "token_1b4e28",
    ],
)
def test_one_digit_less_or_another_is_not_guessed(written: str) -> None:
    """It stays as it is, and is told to the critic."""
    said = f"I wrote to {written}, as you asked."
    assert mend_tokens(said, [TOKEN, OTHER]) == said
    assert broken_tokens(said) != []


@pytest.mark.parametrize(
    "said",
    [
        f"Your parcel goes to {TOKEN} and {OTHER}.",
        "A token of our thanks: 10 % off.",
        "The token costs 25 cents.",
        "Order #1001, tracking 9400110898825022579493.",
        "Il vous reste 3 jetons ; el token no sirve.",
    ],
)
def test_what_is_no_broken_token(said: str) -> None:
    """Whole tokens, the word itself, and long numbers."""
    assert broken_tokens(said) == []
    assert mend_tokens(said, [TOKEN, OTHER]) == said


@given(st.uuids(version=4), st.text(max_size=30))
def test_a_whole_token_is_never_touched(made: uuid.UUID, around: str) -> None:
    """Whatever stands around it."""
    token = f"TOKEN_{made}"
    said = f"{around} {token} {around}"
    assert token in mend_tokens(said, [token, new_token()])
