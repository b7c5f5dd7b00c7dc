"""What staff are told before they send: nothing done, another amount, a time that cannot be held."""

import tomllib
from datetime import datetime
from pathlib import Path

import pytest

from shared.contracts import Fact
from shared.promises import check
from shared.promises.checking import REFUND_BUSINESS_DAYS
from tests.promises.made import receipt
from tests.promises.replies import NOW, ZONE

PAID = (Fact(id="order:1001/total", value="54.90 USD"), Fact(id="order:1001/expected_on", value="2026-12-02"))
BACK = (*PAID, Fact(id="order:1001/refunded", value="20.00 USD"))


@pytest.mark.parametrize(
    ("text", "facts", "found"),
    [
        ("I've refunded $20 for order #1001.", BACK, []),
        ("I've refunded $25 for order #1001.", BACK, ["amount"]),
        ("I've refunded $20 for order #2002.", BACK, ["no_receipt"]),
        ("We will refund you $60.00.", PAID, ["no_receipt", "amount"]),
        ("We will refund you $54.90 by tomorrow.", PAID, ["no_receipt", "too_early"]),
        ("I'll send you a 10% code by Friday.", (), ["no_receipt"]),
        ("The courier will deliver it on Monday.", PAID, ["too_early"]),
        ("The courier will deliver it by December 4.", PAID, []),
        ("We will call you back tomorrow at 10.", (), []),
        ("We will call you back on Sunday at 10.", (), ["closed"]),
        ("We will call you back on Friday at 21:30.", (), ["closed"]),
        ("I'll call you today at 8:00.", (), ["past"]),
        ("I'll get back to you.", (), ["no_time"]),
        ("Thank you, have a good day!", (), []),
    ],
)
def test_warnings(text: str, facts: tuple[Fact, ...], found: list[str]) -> None:
    """Each with staff's own words and what to do; with everything in order there is none."""
    checked = check(text, "en", now=NOW, receipts=(receipt(),), facts=facts)
    assert [warning.kind for warning in checked.warnings] == found
    assert all(warning.span in text and warning.message.endswith(".") for warning in checked.warnings)


def test_the_promises_are_shown_too() -> None:
    """So that who sends it knows what they will be held to, in every language."""
    (promise,) = check("Je vous rappelle demain à 10 h.", "fr", now=NOW).promises
    assert (promise.kind, promise.by) == ("call_back", "staff")
    assert promise.due is not None
    assert promise.due.until == datetime(2026, 11, 26, 10, tzinfo=ZONE).timestamp()


def test_the_fewest_days_of_a_refund_are_the_shops() -> None:
    facts = tomllib.loads(Path("knowledge_base/FACTS.toml").read_text(encoding="utf-8"))
    assert facts["refunds"]["refund_business_days"]["value"][0] == REFUND_BUSINESS_DAYS
