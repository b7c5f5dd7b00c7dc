"""Fills a macro with what a case knows; what it does not know is marked, to be filled in by hand."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from shared.contracts import Fact, Language

PLACEHOLDER = re.compile(r"\{([^{}\n]*)\}")
BLANK = "⟦{}⟧"
"""A place that nothing is known for; nobody types these brackets by accident."""
_BLANKS = re.compile(r"⟦[^⟦⟧\n]{0,60}⟧")
Values = Mapping[str, str]
_OF_ORDER = {
    "order_number": "number",
    "order_status": "status",
    "order_total": "total",
    "carrier": "carrier",
    "tracking_number": "tracking_number",
    "expected_on": "expected_on",
}
KNOWN = frozenset({"agent_name", "customer_first_name", "greeting", "shop", *_OF_ORDER})
"""Names that may stand in braces."""


def values_of(
    facts: Sequence[Fact], language: Language, *, agent: str, shop: str, first_name: str
) -> dict[str, str]:
    """What placeholders stand for in a case; of several orders none is guessed. Values may be tokens."""
    named = "named" if first_name else "plain"
    values = {
        "agent_name": agent,
        "shop": shop,
        "customer_first_name": first_name,
        "greeting": _words()["greeting"][named][language].replace("{customer_first_name}", first_name),
    }
    orders: dict[str, dict[str, str]] = {}
    for fact in facts:
        order, _, name = fact.id.partition("/")
        if order.startswith("order:"):
            orders.setdefault(order, {})[name] = fact.value
    if len(orders) == 1:
        (order, fields), *_ = orders.items()
        known = {"number": order.removeprefix("order:")} | fields
        values |= {name: _said(field, known.get(field, ""), language) for name, field in _OF_ORDER.items()}
    return {name: value for name, value in values.items() if value}


def fill(text: str, values: Values) -> str:
    """`text` with its placeholders filled, and a mark where nothing is known.

    Sentences begin with a capital, whatever fills their first place.
    """

    def put(found: re.Match[str]) -> str:
        value = values.get(found[1]) or BLANK.format(found[1])
        begins = text[: found.start()].rstrip(" ")[-1:] in {"", "\n", ".", "!", "?"}
        return value[:1].upper() + value[1:] if begins else value

    return PLACEHOLDER.sub(put, text)


def blanks_in(text: str) -> list[str]:
    """The marks that are still in a text, each once."""
    return list(dict.fromkeys(_BLANKS.findall(text)))


def _said(field: str, value: str, language: Language) -> str:
    """A code or a date as people say it."""
    if field == "status":
        return str(_words()["status"].get(value, {}).get(language, ""))
    if field == "expected_on" and value:
        try:
            day = date.fromisoformat(value)
        except ValueError:
            return value
        words = _words()["date"]
        number = "1er" if language == "fr" and day.day == 1 else str(day.day)
        return str(words["form"][language].format(day=number, month=words["months"][language][day.month - 1]))
    return value


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8"))
