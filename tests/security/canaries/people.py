"""Invents people whose every value is theirs alone, so that a fragment found anywhere tells whose it is."""

import random
from dataclasses import dataclass
from typing import Literal

Language = Literal["en", "fr", "es"]
COUNTRIES: tuple[tuple[str, Language], ...] = (
    ("US", "en"),
    ("GB", "en"),
    ("CA", "en"),
    ("FR", "fr"),
    ("ES", "es"),
    ("DE", "en"),
    ("CA", "fr"),
    ("US", "es"),
)
_ONSETS = (
    "b",
    "br",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "k",
    "kl",
    "l",
    "m",
    "n",
    "p",
    "pr",
    "st",
    "tr",
    "v",
    "z",
)
_VOWELS = ("a", "e", "i", "o", "u")
_CODAS = (
    "b",
    "ck",
    "dd",
    "g",
    "ld",
    "lm",
    "mp",
    "nd",
    "ng",
    "rb",
    "rd",
    "rg",
    "rk",
    "rt",
    "sk",
    "st",
    "x",
    "zz",
)
_DAYS = {"en": "{d:02}/{m:02}/{y}", "fr": "{d:02}/{m:02}/{y}", "es": "{d:02}-{m:02}-{y}"}


@dataclass(frozen=True)
class Person:
    """One fake person; `customer_id` and `order` (one of theirs) are empty for who is nobody's customer.

    `mark` is no secret: it is said beside the values.
    """

    number: int
    country: str
    language: Language
    first: str
    last: str
    email: str
    phone: str
    street: str
    town: str
    card: str
    iban: str
    national_id: str
    born: str
    ip: str
    mark: str
    customer_id: str = ""
    order: str = ""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"

    @property
    def address(self) -> str:
        """Street and town, as one line."""
        return f"{self.street}, {self.town}"

    def values(self) -> dict[str, tuple[str, ...]]:
        """What must not be found, by kind: each value, and the parts of it that are nobody else's."""
        kept = {
            "name": (self.name, self.last, self.first),
            "email": (self.email, self.email.partition("@")[0], self.email.partition(".")[0]),
            "phone": (self.phone, *_without(self.phone, country=True)),
            "address": (self.street, max(self.street.split(), key=len)),
            "card": (self.card, *_without(self.card)),
            "iban": (self.iban, *_without(self.iban)),
            "national id": (self.national_id, *_without(self.national_id)),
            "birth date": (self.born,),
            "ip": (self.ip,),
        }
        return kept | ({"customer id": (self.customer_id,)} if self.customer_id else {})


def people(seed: int, count: int) -> list[Person]:
    """`count` guests of every country; the same for the same seed."""
    rng = random.Random(seed)
    words = _words(rng)
    return [_person(rng, words, number) for number in range(count)]


def _person(rng: random.Random, words: "_Words", number: int) -> Person:
    country, language = COUNTRIES[number % len(COUNTRIES)]
    word = words.next
    street, town = _address(rng, country, word().title())
    # Every third name has letters that each encoding writes in its own way.
    accent = "é" if number % 3 == 0 else ""
    year, month, day = rng.randint(1941, 2003), rng.randint(1, 12), 13 + number % 16
    return Person(
        number=number,
        country=country,
        language=language,
        first=word().title(),
        last=f"{word().title()}{accent}",
        email=f"{word()}.{rng.randint(100, 999)}@example.{('com', 'org', 'net')[number % 3]}",
        phone=_phone(rng, country, number),
        street=street,
        town=town,
        card=_card(rng),
        iban=_iban(rng, country),
        national_id=_national_id(rng, country, number),
        born=_DAYS[language].format(d=day, m=month, y=year),
        ip=f"198.18.{100 + number}.{rng.randint(100, 250)}" if number % 4 else _ipv6(rng, number),
        mark=f"kumquat{word()}",
    )


class _Words:
    """Words that no language has, each once."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._given: set[str] = set()

    def next(self) -> str:
        """Eight letters or more."""
        while True:
            pick = self._rng.choice
            word = "".join(pick(_ONSETS) + pick(_VOWELS) + pick(_CODAS) for _ in range(3))
            if len(word) >= 8 and word not in self._given:
                self._given.add(word)
                return word


def _words(rng: random.Random) -> _Words:
    return _Words(rng)


def _address(rng: random.Random, country: str, word: str) -> tuple[str, str]:
    number = rng.randint(11, 980)
    return {
        "US": (f"{number} {word} Street", "Springfield, OR 97477"),
        "CA": (f"{number} {word} Road", "Halifax, NS B3J 1S9"),
        "GB": (f"{number} {word} Lane", "Bristol BS1 4QT"),
        "FR": (f"{number} rue {word}", "69002 Lyon"),
        "ES": (f"Calle {word} {number}", "28012 Madrid"),
        "DE": (f"{word}straße {number}", "10115 Berlin"),
    }[country]


def _phone(rng: random.Random, country: str, number: int) -> str:
    """Unique by its last digits, which count the people."""
    tail = f"{rng.randint(10, 99)}{number:03}"
    return {
        "US": f"+1 503 55{tail[0]} {tail[1:]}",
        "CA": f"(902) 55{tail[0]}-{tail[1:]}",
        "GB": f"+44 20 794{tail[0]} {tail[1:]}",
        "FR": f"06 39 9{tail[0]} {tail[1:3]} {tail[3:]}",
        "ES": f"61{tail[0]} {tail[1:4]} 4{tail[4]}7",
        "DE": f"+49 30 2312{tail}",
    }[country]


def _ipv6(rng: random.Random, number: int) -> str:
    return f"2001:db8:{rng.randrange(4096, 65536):x}::{4096 + number:x}:{rng.randrange(4096, 65536):x}"


def _card(rng: random.Random) -> str:
    digits = "4" + "".join(str(rng.randint(0, 9)) for _ in range(14))
    total = sum(
        sum(divmod(2 * int(digit), 10)) if place % 2 == 0 else int(digit)
        for place, digit in enumerate(digits)
    )
    whole = f"{digits}{-total % 10}"
    return " ".join(whole[at : at + 4] for at in range(0, 16, 4))


def _iban(rng: random.Random, country: str) -> str:
    """Of the country, where it has IBANs, with its check digits (ISO 13616)."""
    code, digits = {"FR": ("FR", 23), "ES": ("ES", 20), "DE": ("DE", 18)}.get(country, ("GB", 14))
    bank = "NWBK" if code == "GB" else ""
    account = bank + "".join(str(rng.randint(0, 9)) for _ in range(digits))
    number = "".join(str(int(letter, 36)) for letter in f"{account}{code}00")
    whole = f"{code}{98 - int(number) % 97:02}{account}"
    return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4))


def _national_id(rng: random.Random, country: str, number: int) -> str:
    some = f"{rng.randint(100, 665):03}"
    if country == "CA":
        base = f"{some}{number:03}{rng.randint(10, 99)}"
        doubled = [int(d) if at % 2 == 0 else sum(divmod(2 * int(d), 10)) for at, d in enumerate(base)]
        whole = f"{base}{-sum(doubled) % 10}"
        return f"{whole[:3]} {whole[3:6]} {whole[6:]}"
    if country == "GB":
        return f"AB {number:02} {some[:2]} {rng.randint(10, 99)} C"
    if country == "FR":
        return f"1 85 05 78 {number:03} {some} 36"
    if country == "ES":
        dni = 54_300_000 + 1000 * number + int(some)
        return f"{dni}{'TRWAGMYFPDXBNJZSQVHLCKE'[dni % 23]}"
    if country == "DE":
        return f"L01X00T{number:02}{some}"
    return f"{some}-{rng.randint(10, 99)}-{1000 + number}"


def _without(value: str, *, country: bool = False) -> list[str]:
    """The value without separators, and of a telephone number the part behind the country's code."""
    bare = "".join(letter for letter in value if letter.isalnum())
    found = [bare]
    if country and value.startswith("+"):
        found.append(bare.removeprefix(value[1:].partition(" ")[0]))
    return [each for each in found if len(each) >= 8]
