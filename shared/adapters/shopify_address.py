"""Reads a postal address as customers write it in one line into the parts Shopify keeps."""

import re
from dataclasses import dataclass
from typing import Literal

from shared.adapters.shopify_wire_work import WorkAddress

_CODES = {
    "US": r"\d{5}(?:-\d{4})?",
    "CA": r"[A-Z]\d[A-Z] ?\d[A-Z]\d",
    "GB": r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}",
    "FR": r"\d{5}",
    "ES": r"\d{5}",
}
_COUNTRIES = {
    "US": {"us", "usa", "united states", "united states of america"},
    "CA": {"ca", "canada"},
    "GB": {"gb", "uk", "united kingdom", "england", "scotland", "wales"},
    "FR": {"fr", "france"},
    "ES": {"es", "spain", "españa", "espana"},
}
# Countries whose addresses nobody here reads, as the three languages call them.
_ELSE = "else"
_OTHERS = frozenset(
    name
    for line in (
        "germany allemagne alemania deutschland belgium belgique bélgica italy italie italia portugal",
        "netherlands pays-bas switzerland suisse suiza austria autriche ireland irlande irlanda luxembourg",
        "luxemburgo mexico mexique méxico australia australie japan japon japón sweden suède suecia norway",
        "norvège noruega denmark danemark dinamarca poland pologne polonia greece grèce grecia",
    )
    for name in line.split()
)
_PROVINCE = re.compile(r"(?:^|[ ,])([A-Z]{2})$")
# Written without a comma, the kind of street ends it: "12 Alder Lane Boise".
_STREET_AND_TOWN = re.compile(
    r"(\d.*? (?:street|st|avenue|ave|road|rd|lane|ln|drive|dr|way|court|ct|boulevard|blvd|place|pl"
    r"|terrace)\.?) ([A-Za-z].*)",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"\d|\bs/n\b", re.IGNORECASE)
Part = Literal["street", "postal_code", "town"]


@dataclass(frozen=True)
class Reading:
    """What could be told of an address; `missing` names what could not. `abroad`: of another country."""

    street: str = ""
    more: str = ""
    town: str = ""
    code: str = ""
    province: str = ""
    country: str = ""
    abroad: bool = False

    @property
    def missing(self) -> tuple[Part, ...]:
        """The parts without which nothing can be sent."""
        parts: tuple[tuple[Part, str], ...] = (
            ("street", self.street), ("postal_code", self.code), ("town", self.town),
        )  # fmt: skip
        return tuple(name for name, value in parts if not value)

    @property
    def line(self) -> str:
        """In one line, as people of that country write it; `read_address` reads the same from it."""
        if self.country in {"US", "CA"}:
            end = f"{self.town}, {self.province} {self.code}" if self.province else f"{self.town} {self.code}"
        else:
            end = f"{self.town} {self.code}" if self.country == "GB" else f"{self.code} {self.town}"
        return ", ".join(part for part in (self.street, self.more, end.strip()) if part)


def read_address(text: str, *, like: WorkAddress | None) -> Reading:
    """The parts of "12 rue de la Paix 75002 Paris", with commas or without.

    `like` is where the order goes now: the country stays, because a parcel abroad costs something else.
    """
    country = (like.country_code_v2 if like else None) or "US"
    rows = [row.strip(" .") for row in re.split(r"[,;\n]", text) if row.strip(" .")]
    abroad = country not in _CODES
    while rows and (named := _country(rows[-1])):
        abroad = abroad or named != country
        rows.pop()
    if abroad:
        return Reading(country=country, abroad=True)
    code = _code(rows, country)
    if code is None:
        street, rest = _street(rows)
        # A town stands behind the street: what is before it is a name or a house.
        behind = rows[-1] if rows and rows[-1] != street and (not street or rows[0] == street) else ""
        town = "" if _NUMBERED.search(behind) else behind
        more = ", ".join(row for row in rest if row != town) if street else ""
        return Reading(street=street, more=more, town=town, country=country)
    before, found, after = code
    province = ""
    town = after.split(",")[0].strip()
    above = [row.strip() for row in before.split(",") if row.strip()]
    if not town and len(above) == 1 and (whole := _STREET_AND_TOWN.match(above[0])):
        above = list(whole.groups())
    if not town and above and (len(above) > 1 or not _NUMBERED.search(above[0])):
        town = above.pop()
    if country in {"US", "CA"} and (state := _PROVINCE.search(town)):
        province, town = state[1], town[: state.start()].strip(" ,")
        town = town or (above.pop() if len(above) > 1 else "")
    street, rest = _street(above)
    return Reading(
        street=street,
        more=", ".join(rest) if street else "",
        town="" if any(char.isdigit() for char in town) else town,
        code=found.upper(),
        province=province,
        country=country,
    )


def _street(rows: list[str]) -> tuple[str, list[str]]:
    """The first row with a number, and the others: a name or a house may stand before it."""
    street = next((row for row in rows if _NUMBERED.search(row)), "")
    return street, [row for row in rows if row != street]


def _country(row: str) -> str:
    said = row.casefold()
    return next(
        (code for code, names in _COUNTRIES.items() if said in names), _ELSE if said in _OTHERS else ""
    )


def _code(rows: list[str], country: str) -> tuple[str, str, str] | None:
    """What stands before the last postal code, the code, and what stands behind it."""
    text = ", ".join(rows)
    found = list(re.finditer(rf"(?<![\w-]){_CODES[country]}(?![\w-])", text, re.IGNORECASE))
    # One number that everything begins with may be that of the house ("12345 Main Street, Boise").
    if not found or (found[-1].start() == 0 and len(rows) > 1):
        return None
    return text[: found[-1].start()].strip(" ,"), found[-1][0], text[found[-1].end() :].strip(" ,")


def parts_of(text: str, *, like: WorkAddress | None) -> dict[str, str] | None:
    """`MailingAddressInput` of "12 Alder Lane, Boise, ID 83702"; None when it cannot be read for sure.

    Who receives it stays as it is.
    """
    read = read_address(text, like=like)
    if read.abroad or read.missing:
        return None
    found = {
        "firstName": like.first_name if like else None,
        "lastName": like.last_name if like else None,
        "phone": like.phone if like else None,
        "address1": read.street,
        "address2": read.more,
        "city": read.town,
        "zip": read.code,
        "provinceCode": read.province or None,
        "countryCode": read.country,
    }
    return {name: value for name, value in found.items() if value is not None}


def same(parts: dict[str, str], there: WorkAddress | None) -> bool:
    """Whether an order goes there already."""
    if there is None:
        return False
    now = {"address1": there.address1, "address2": there.address2, "city": there.city, "zip": there.zip}
    return all(_plain(row) == _plain(parts.get(name)) for name, row in now.items())


def _plain(row: str | None) -> str:
    return " ".join((row or "").casefold().split())
