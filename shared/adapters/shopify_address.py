"""Reads a postal address as customers write it in one line into the parts Shopify keeps."""

import re

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
_PROVINCE = re.compile(r"(?:^|[ ,])([A-Z]{2})$")
_LEAST = 2  # a street, and a town with its code


def parts_of(text: str, *, like: WorkAddress | None) -> dict[str, str] | None:
    """`MailingAddressInput` of "12 Alder Lane, Boise, ID 83702"; None when it cannot be read for sure.

    `like` is where the order goes now: who receives it and the country stay, because a parcel abroad costs
    something else.
    """
    country = (like.country_code_v2 if like else None) or "US"
    rows = [row.strip(" .") for row in re.split(r"[,;\n]", text) if row.strip(" .")]
    while rows and rows[-1].casefold() in _COUNTRIES.get(country, set()):
        rows.pop()
    if country not in _CODES or len(rows) < _LEAST or not re.search(r"\d", rows[0]):
        return None
    code = re.search(rf"(?<![\w-]){_CODES[country]}(?![\w-])", rows[-1], re.IGNORECASE)
    if code is None:
        return None
    beside = (rows[-1][: code.start()] + " " + rows[-1][code.end() :]).strip(" ,")
    province = _PROVINCE.search(beside) if country in {"US", "CA"} else None
    town = beside[: province.start()].strip(" ,") if province else beside
    middle = rows[1:-1]
    if not town and middle:
        town = middle.pop()
    if not town or any(char.isdigit() for char in town):
        return None
    found = {
        "firstName": like.first_name if like else None,
        "lastName": like.last_name if like else None,
        "phone": like.phone if like else None,
        "address1": rows[0],
        "address2": ", ".join(middle),
        "city": town,
        "zip": code[0].upper(),
        "provinceCode": province[1] if province else None,
        "countryCode": country,
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
