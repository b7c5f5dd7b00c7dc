"""Values of nobody we know, written so that a filter misses them, in each language."""

from collections.abc import Callable

import pytest

from tests.personal_data.test_find import surviving

# What introduces each type in English, French and Spanish, and one value of it.
SAID = {
    "email": ("my mail is {}", "mon mail : {}", "mi correo es {}", "zeb.quack7@example.com"),
    "phone": ("call me at {}", "appelez-moi au {}", "llámame al {}", "617 555 0142"),
    "card": ("I paid with {}", "payé avec {}", "pagué con {}", "4111 1111 1111 1111"),
    "name": ("my name is {}", "je m'appelle {}", "me llamo {}", "Zebulon Quackenbush"),
    "street": ("ship to {}", "livrez au {}", "envíen a {}", "615 Laurel Lane"),
    "postcode": ("my zip code is {}", "code postal : {}", "código postal {}", "97205"),
    "iban": ("refund to {}", "remboursez sur {}", "reembolso a {}", "GB29 NWBK 6016 1331 9268 19"),
}
WAYS: dict[str, Callable[[str], str]] = {
    "small": str.lower,
    "capitals": str.upper,
    "zero width": "\u200b".join,
    "full width": lambda value: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in value),
    "emoji around": lambda value: f"👉{value}👈",
    "line break before": lambda value: f"\n{value}",
    "quoted": lambda value: f"«{value}»",
    "no-break spaces": lambda value: value.replace(" ", "\u00a0"),
    "two spaces": lambda value: value.replace(" ", "  "),
}
# Ways that only some types can be written in.
OWN = [
    ("email", "zeb.quack7 at example dot com"), ("email", "zeb.quack7 (at) example (dot) com"),
    ("email", "z e b q u a c k @ example.com"), ("email", "zeb . quack7 @ example . com"),
    ("email", "zeb.quack7 arobase example point com"), ("email", "zeb.quack7 arroba example punto com"),
    ("phone", "six one seven five five five oh one four two"), ("phone", "6.1.7.5.5.5.0.1.4.2"),
    ("phone", "617/555/0142"), ("phone", "6175550142"), ("phone", "617\n555\n0142"),
    ("phone", "seis uno siete cinco cinco cinco cero uno cuatro dos"),
    ("phone", "zéro six douze trente-quatre cinquante-six soixante-dix-huit"),
    ("card", "4111-1111-1111-1111"), ("card", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"),
    ("card", "4111111111111111"),
    ("name", "Quackenbush, Zebulon"), ("name", "ZebulonQuackenbush"), ("name", "Z e b u l o n"),
    ("name", "Zebulon_Quackenbush"), ("name", "Zebulno Quackenbush"),
    ("street", "615 Luarel Lane"), ("street", "615LaurelLane"), ("street", "615_Laurel_Lane"),
    ("postcode", "9 7 2 0 5"), ("postcode", "9-7-2-0-5"),
    ("iban", "gb29nwbk60161331926819"), ("iban", "GB29-NWBK-6016-1331-9268-19"),
]  # fmt: skip


@pytest.mark.parametrize("language", [0, 1, 2], ids=["en", "fr", "es"])
@pytest.mark.parametrize("kind", SAID)
@pytest.mark.parametrize("way", WAYS)
def test_every_way(way: str, kind: str, language: int) -> None:
    """Case, width, invisible characters and what stands around hide nothing."""
    value = WAYS[way](SAID[kind][3])
    text = SAID[kind][language].format(value)
    assert surviving(text, value) == "", text


@pytest.mark.parametrize("language", [0, 1, 2], ids=["en", "fr", "es"])
@pytest.mark.parametrize(("kind", "value"), OWN)
def test_ways_of_one_type(kind: str, value: str, language: int) -> None:
    """Words for signs and digits, other separators, typos, reversed and run together."""
    text = SAID[kind][language].format(value)
    assert surviving(text, value) == "", text
