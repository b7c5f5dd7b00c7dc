"""Recognizes values of the shop in a reply, however a language writes them."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal

from evals.suite.shop import Cast, Placed
from shared.contracts import Language

_MONTHS = {
    "en": "january february march april may june july august september october november december",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
}
_NUMBERED = {name: n for months in _MONTHS.values() for n, name in enumerate(months.split(), 1)}
_NAMES = "|".join(sorted(_NUMBERED, key=len, reverse=True))
_ISO_DAY = re.compile(r"\b(\d{4})-(\d\d)-(\d\d)")
_DAY_FIRST = re.compile(rf"\b(\d{{1,2}})(?:er|th|st|nd|rd)? (?:de |of )?({_NAMES})\b", re.IGNORECASE)
_MONTH_FIRST = re.compile(rf"\b({_NAMES}) (\d{{1,2}})(?:st|nd|rd|th)?\b", re.IGNORECASE)
_AMOUNT = re.compile(r"\b\d{1,3}(?:[ ,.\u00a0\u202f]?\d{3})*[.,]\d\d\b(?! ?%)")
_SLOT = re.compile(r"\{(\w+)\.(\w+)\}")
TRACKING = re.compile(r"\bCX\d{9}[A-Z]{2}\b")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")


def days_in(text: str) -> set[tuple[int, int]]:
    """Every (month, day) that is named."""
    found = {(int(month), int(day)) for _, month, day in _ISO_DAY.findall(text)}
    found |= {(_NUMBERED[month.lower()], int(day)) for day, month in _DAY_FIRST.findall(text)}
    return found | {(_NUMBERED[month.lower()], int(day)) for month, day in _MONTH_FIRST.findall(text)}


def amounts_in(text: str) -> set[str]:
    """Every amount with two decimals, as digits with a point."""
    return {_plain(amount) for amount in _AMOUNT.findall(text)}


def month_day(day: str) -> tuple[int, int]:
    """The (month, day) of an ISO day."""
    at = date.fromisoformat(day)
    return at.month, at.day


def value(cast: Cast, name: str, field: str) -> str:
    """The value a placeholder stands for, as the shop writes it."""
    if name == "customer":
        return str(getattr(cast.customer, field))
    order = cast.orders[name]
    if field in {"item", "items"}:
        titles = [item.title for item in order.items]
        return titles[0] if field == "item" else ", ".join(titles)
    return str(getattr(order, field))


def filled(text: str, cast: Cast) -> str:
    """A message with its placeholders filled in."""
    return _SLOT.sub(lambda slot: value(cast, slot[1], slot[2]), text)


def states(reply: str, cast: Cast, name: str, field: str, language: Language) -> bool:
    """Whether the reply says this value: a day in words of this language, an amount with or without cents."""
    told = value(cast, name, field)
    if not told:
        return False
    if field == "items":
        return all(title.casefold() in reply.casefold() for title in told.split(", "))
    return _pattern(field, language)(told).search(reply) is not None


def matcher(phrase: str, cast: Cast, language: Language) -> re.Pattern[str]:
    """A phrase as a pattern: its words, or its own regular expression, with placeholders in any form."""
    raw = phrase.startswith("/")
    parts = _SLOT.split(phrase.strip("/") if raw else phrase)
    made = []
    for n, part in enumerate(parts):
        if n % 3 == 0:
            made.append(part if raw else re.escape(part))
        elif n % 3 == 1:
            told = value(cast, part, parts[n + 1])
            # What the shop does not have is not said either: this matches nothing.
            made.append(_pattern(parts[n + 1], language)(told).pattern if told else r"(?!)")
    return re.compile("".join(made), re.IGNORECASE)


def _pattern(field: str, language: Language) -> Callable[[str], re.Pattern[str]]:
    if field.endswith("_on"):
        return lambda told: _day(told, language)
    if field in {"total", "refunded"}:
        return _money
    return lambda told: re.compile(rf"(?<!\w){re.escape(told)}(?!\w)", re.IGNORECASE)


def _day(iso: str, language: Language) -> re.Pattern[str]:
    month, day = month_day(iso)
    name = _MONTHS[language].split()[month - 1]
    forms = [rf"{name} {day}(?:st|nd|rd|th)?", rf"{day}(?:er|st|nd|rd|th)? (?:de |of )?{name}"]
    return re.compile(rf"\b(?:{'|'.join(forms)})\b", re.IGNORECASE)


def _money(amount: str) -> re.Pattern[str]:
    whole, _, cents = amount.partition(".")
    grouped = r"[ ,.\u00a0\u202f]?".join(_thousands(whole))
    ending = rf"(?:[.,]{cents})" if cents.strip("0") else rf"(?:[.,]{cents or '00'})?"
    return re.compile(rf"(?<![\d.,]){grouped}{ending}(?![\d]|[.,]\d)")


def _thousands(whole: str) -> Iterable[str]:
    head = len(whole) % 3
    return [part for part in (whole[:head], *(whole[n : n + 3] for n in range(head, len(whole), 3))) if part]


def _plain(amount: str) -> str:
    digits = re.sub(r"\D", "", amount)
    return f"{digits[:-2]}.{digits[-2:]}"


def days_of(order: Placed) -> set[tuple[int, int]]:
    """Every day that happened to an order, or is expected."""
    days = (
        order.placed_on, order.shipped_on, order.expected_on, order.delivered_on, order.cancelled_on,
        order.refunded_on,
    )  # fmt: skip
    return {month_day(day) for day in days if day}


def amounts_of(order: Placed) -> set[str]:
    """Every amount of an order."""
    return {order.total, order.refunded, order.shipping, *(item.price for item in order.items)}


def refunds_of(order: Placed, label: Decimal) -> set[str]:
    """The amounts of a refund of one item, or of the whole order, as the policy page states it.

    That is the price that was paid with its tax, less the label; each part may be named beside the sum.
    """
    found = {label}
    for items in (order.items, *((item,) for item in order.items)):
        listed = sum((Decimal(item.price) * item.quantity for item in items), Decimal(0))
        paid = sum((Decimal(item.paid or item.price) * item.quantity for item in items), Decimal(0))
        tax = sum((Decimal(item.tax) for item in items), Decimal(0))
        found |= {listed, listed - paid, tax, max(paid + tax - label, Decimal(0))}
    return {f"{amount:.2f}" for amount in found}
