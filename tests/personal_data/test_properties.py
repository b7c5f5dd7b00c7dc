"""What holds for every text there can be."""

import unicodedata
from collections.abc import Callable
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from shared.personal_data import find, swap_in
from shared.personal_data.view import look

# Pieces the recognizers trip over sooner than over random letters.
_PIECES = st.sampled_from(
    ["Ana", "ana ", "Lund", ", ", " at ", " dot ", "@", "12 rue ", "calle ", "my name is ", "06 12 34 56 78",
     "six ", "zéro ", "\u200b", "Ａ", "é", "e\u0301", "TOKEN_", "#1001", "order 1044", "\n", "- ", "(", "ß",
     "ﬁ", "İ", "👋", "5️⃣", "75001 Paris", "o'", "d'", "x" * 30, "1" * 30, "\x00", "S m l ", "C/", "É"]
)  # fmt: skip
TEXTS = st.lists(_PIECES | st.text(max_size=8), max_size=14).map("".join)
NAMES = st.sampled_from(
    ["Ana Quintero", "Zoé Noël", "Jean-Loup Vasseur", "Padraig O'Shea", "Íñigo Núñez Rey"]
)
VALUES = NAMES | st.sampled_from(["zoe.noel7@example.com", "+1 503 555 0142", "418 Alder Creek Road"])
SPELLINGS = st.sampled_from(
    [str, str.lower, str.upper, "\u200b".join, lambda value: unicodedata.normalize("NFD", value)]
)


@settings(deadline=None, max_examples=300)
@given(text=TEXTS, asked=TEXTS, known=st.lists(VALUES | TEXTS, max_size=3))
def test_spans_lie_in_the_text(text: str, asked: str, known: list[str]) -> None:
    """Any text at all gives spans in order, apart, not empty, and inside it."""
    spans = find(text, known=known, asked=asked)
    ends = [0, *(span.end for span in spans)]
    for span, before in zip(spans, ends, strict=False):
        assert before <= span.start < span.end <= len(text)


@settings(deadline=None, max_examples=300)
@given(text=TEXTS)
def test_every_place_of_the_view_is_a_place_of_the_original(text: str) -> None:
    """Each folded character stands for a piece of the original, in the same order."""
    view = look(text)
    places = [view.original(place, place + 1) for place in range(len(view.text))]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(first[0] <= second[0] for first, second in pairwise(places))


@settings(deadline=None, max_examples=300)
@given(before=TEXTS, value=VALUES, after=TEXTS, spell=SPELLINGS)
def test_a_known_value_never_survives(
    before: str, value: str, after: str, spell: Callable[[str], str]
) -> None:
    """However it is spelled and whatever stands around it, a value of the record is gone."""
    written = spell(value)
    text = f"{before}\n{written}\n{after}"
    spans = find(text, known=(value,))
    assert written not in swap_in(text, spans, [""] * len(spans)).split("\n")


@settings(deadline=None, max_examples=200)
@given(text=TEXTS)
def test_masking_twice_is_masking_once(text: str) -> None:
    """What was replaced by a token is not found again, and no token is broken."""
    token = "TOKEN_0b5f3c1e-5a52-4b6f-9b50-5d2d3a1c9f10"
    spans = find(text)
    once = swap_in(text, spans, [token] * len(spans))
    for span in find(once):
        assert "TOKEN_0b5f3c1e" not in once[span.start : span.end]
