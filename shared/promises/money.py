"""Reads the amount that a clause promises."""

import re

_NUMBER = r"\d{1,3}(?:[ ,.]\d{3})+(?:[.,]\d\d)?|\d+(?:[.,]\d{1,2})?"
_SIGNS = {
    "$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "dolares": "USD", "dolar": "USD",
    "us$": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR", "£": "GBP", "gbp": "GBP", "%": "%",
}  # fmt: skip
_NAMED = "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True))
_AMOUNT = re.compile(
    rf"(?P<before>us\$|[$€£]) ?(?P<n>{_NUMBER})|(?P<n2>{_NUMBER}) ?(?P<after>{_NAMED})(?!\w)"
)
_DECIMALS = re.compile(r"[.,](?=\d{1,2}$)")


def amount_in(plain: str) -> tuple[str, str]:
    """The first amount of a folded text as a decimal string and an ISO code (or `%`); empty without one."""
    match = _AMOUNT.search(plain)
    if match is None:
        return "", ""
    said = match["n"] or match["n2"]
    whole, *cents = _DECIMALS.split(said)
    number = re.sub(r"\D", "", whole) + (f".{cents[0]:0<2}" if cents else "")
    return number, _SIGNS[match["before"] or match["after"]]
