"""How little of a record survives when it is written badly, on people invented here."""

import random
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from evals.figures import read_rows
from shared.personal_data import find

SHARED = Path(__file__).parents[3] / "shared" / "data" / "pii_record.jsonl"

# name, e-mail, phone, street, town, postcode
PEOPLE = tuple(
    tuple(line.split("; "))
    for line in """
Tomiko Arendse; tomiko.arendse7@example.com; +1 503 555 0142; 418 Alder Creek Road; Boise; 83702
Wren Osei; wren_osei@example.org; (416) 555-0170; 77 Tamarack Way; Calgary; T2P 1J9
Padraig O'Shea; p.oshea@example.ie; +44 7700 900357; 9 Mill Terrace; Leeds; LS1 4DY
Maëlle Lefèvre; maelle.lefevre@example.fr; +33 6 12 34 56 78; 27 rue des Lilas; Nantes; 44000
Íñigo Núñez Rey; inigo.nrey@example.es; +34 612 34 56 78; Calle de los Olivos 14; Bilbao; 48005
Jean-Loup Vasseur; jlvasseur31@example.fr; 06 98 76 54 32; 3 bis avenue du Phare; Annecy; 74000
""".strip().splitlines()
)
FRAMES = (
    "{}", "is it {} that you have?", "{} is what I used", "je crois que c'est {}, merci",
    "creo que es {} o no",
    "Hi, {}. Where is order #1042?", "yeah {} lol", "update to {} and ship",
)  # fmt: skip


def _slip(value: str, draw: random.Random) -> str:
    place = draw.choice([n for n, char in enumerate(value) if char.isalnum()])
    other = draw.choice("bcdfghkm" if value[place].isalpha() else "0123456789")
    return draw.choice(
        (
            value[:place] + value[place + 1 :],
            value[:place] + other + value[place + 1 :],
            value[:place] + other + value[place:],
            value[:place] + value[place + 1 : place + 2] + value[place] + value[place + 2 :],
        )
    )


def _without_accents(value: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFD", value) if not unicodedata.combining(char))


WAYS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "small": str.lower,
    "capitals": str.upper,
    "no accents": _without_accents,
    "split accents": lambda value: unicodedata.normalize("NFD", value),
    "full width": lambda value: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value),
    "zero width": "\u200b".join,
    "run together": lambda value: value.replace(" ", ""),
    "underscores": lambda value: value.replace(" ", "_"),
    "dots": lambda value: value.replace(" ", "."),
    "one by one": lambda value: " ".join(value.replace(" ", "")),
}


def _left(text: str, start: int, end: int, known: tuple[str, ...]) -> bool:
    spans = find(text, known=known)
    places = [place for place in range(start, end) if text[place].isalnum()]
    kept = [place for place in places if not any(span.start <= place < span.end for span in spans)]
    return 2 * len(kept) >= len(places)


@pytest.mark.parametrize("way", WAYS)
def test_every_spelling(way: str) -> None:
    """No value of a record survives a change of case, accents, width, separators or spacing."""
    survived = []
    for record in PEOPLE:
        for value in (*record[:4], record[5]):
            written = WAYS[way](value)
            for frame in FRAMES:
                text = frame.format(written)
                if _left(text, start := frame.index("{"), start + len(written), record):
                    survived.append(text)
    assert survived == []


@pytest.mark.parametrize("way", WAYS)
def test_the_frame_stays(way: str) -> None:
    """The words around a value stay readable, and the order number with them."""
    for record in PEOPLE:
        for value in record[:4]:
            for frame in FRAMES[1:]:
                text = frame.format(WAYS[way](value))
                start, rest = frame.index("{"), len(frame) - frame.index("}") - 1
                for span in find(text, known=record):
                    assert span.start >= start, text
                    assert span.end <= len(text) - rest, text


def test_a_slip() -> None:
    """One wrong, missing, added or swapped character hides nothing but a postcode typed alone (< 0.5 %)."""
    draw = random.Random(20261121)
    survived, tried = [], 0
    for _ in range(8):
        for record in PEOPLE:
            for value in (*record[:4], record[5]):
                frame = draw.choice(FRAMES)
                text = frame.format(_slip(value, draw))
                start, rest = frame.index("{"), len(frame) - frame.index("}") - 1
                tried += 1
                if _left(text, start, len(text) - rest, record):
                    survived.append(text)
    assert len(survived) < 0.005 * tried, survived


@pytest.mark.skipif(not SHARED.exists(), reason=f"NOT MEASURED: {SHARED.name} is not beside this checkout")
def test_floor_on_shared_data() -> None:
    """On real-looking records at most 1 % of the values leak and 1 % of other words are masked."""
    leaked, values, masked, words = 0, 0, 0, 0
    for row in read_rows(SHARED, text=str, record=dict, span=list):
        text, (start, end) = str(row["text"]), row["span"]  # type: ignore[misc]
        known = tuple(str(value) for value in row["record"].values())  # type: ignore[attr-defined]
        values += 1
        leaked += _left(text, start, end, known)  # type: ignore[has-type]
        outside = [*range(start), *range(end, len(text))]  # type: ignore[has-type]
        spans = find(text, known=known)
        letters = [place for place in outside if text[place].isalnum()]
        words += len(letters)
        masked += sum(any(span.start <= place < span.end for span in spans) for place in letters)
    assert values > 1000
    assert leaked <= 0.01 * values
    assert masked <= 0.01 * words
