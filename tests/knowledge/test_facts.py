"""One shop, one set of numbers: product, playbooks, declared facts, documents and catalog agree."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conversation.rules.playbooks import load_policy
from shared.adapters.knowledge.contradictions.quantities import quantities_of
from shared.adapters.knowledge.documents import Document
from shared.adapters.knowledge.folding import fold
from shared.adapters.knowledge.formats.markdown import parse_document
from shared.contracts import LANGUAGES, Language

ROOT = Path(__file__).parents[2]
FACTS: dict[str, dict[str, dict[str, Any]]] = tomllib.loads(
    (ROOT / "knowledge_base" / "FACTS.toml").read_text("utf-8")
)
# PRODUCT section 4, in its order.
PRODUCT = {
    "returns.return_window_days": 30,
    "refunds.refund_business_days": [5, 7],
    "refunds.auto_refund_limit_usd": 50,
    "refunds.auto_refund_days": 30,
    "refunds.abuse_refunds": 3,
    "refunds.abuse_window_days": 90,
    "defects.defect_report_days": 14,
    "defects.defect_needs_photos": False,
    "orders.cancel_until": "before it is packed",
    "shipping.free_standard_from_usd": 75,
    "shipping.standard_business_days": [5, 7],
    "shipping.express_business_days": [2, 3],
    "shipping.express_usd": 12.99,
    "shipping.overnight_usd": 24.99,
    "returns.not_returnable": ["gift cards", "final sale"],
}
NAMES = {(group, key): fact for group, facts in FACTS.items() for key, fact in facts.items()}


def documents() -> dict[str, Document]:
    files = (path for path in (ROOT / "knowledge_base").rglob("*.md") if path.name != "README.md")
    return {found.id: found for found in (parse_document(path.read_text("utf-8")) for path in files)}


def fact(name: str) -> Any:
    group, _, key = name.partition(".")
    return FACTS[group][key]["value"]


@pytest.mark.parametrize("name", PRODUCT)
def test_the_declared_facts_are_those_of_the_product(name: str) -> None:
    """FACTS.toml is where the product's numbers are written down for documents and playbooks."""
    assert fact(name) == PRODUCT[name]


def test_the_policy_acts_on_the_declared_facts() -> None:
    """What is decided and what is told to customers are one set of numbers, the abuse window included."""
    policy = load_policy()
    refund = policy.actions["refund"]
    low, high = fact("refunds.refund_business_days")
    for kind in ("return", "exchange"):
        assert policy.actions[kind].days_since_delivery == fact("returns.return_window_days")
    assert policy.refund_business_days == f"{low}-{high}"
    assert float(refund.most) == fact("refunds.auto_refund_limit_usd")
    assert refund.days_since_delivery == fact("refunds.auto_refund_days")
    # "refunds-policy", "return-label": the price with tax, without shipping, less the label; our fault costs
    # nothing, and a person decides on it.
    for kind in ("refund", "return"):
        rule = policy.actions[kind]
        assert float(rule.label_cost) == fact("returns.return_label_usd")
        assert (rule.goods_back, rule.shipping) == (True, fact("refunds.shipping_refunded"))
    assert refund.fault is not None
    assert (float(refund.fault.label_cost), fact("refunds.fault_label")) == (0, "free")
    assert refund.fault.shipping
    assert {"defect", "missing_delivery"} <= set(policy.escalate_always)
    rest = policy.actions["cancel"].rest  # "cancellation-policy": a part of an order
    assert rest is not None
    assert float(rest.below) == fact("shipping.free_standard_from_usd")
    assert float(rest.shipping) == fact("shipping.standard_usd")
    assert refund.abuse is not None
    assert refund.abuse.count == fact("refunds.abuse_refunds")
    assert refund.abuse.days == fact("refunds.abuse_window_days")


@pytest.mark.parametrize("name", NAMES, ids=".".join)
def test_a_fact_is_said_with_its_value_in_every_language_of_its_documents(name: tuple[str, str]) -> None:
    """A value cannot be changed without its words, nor in one language alone."""
    declared = NAMES[name]
    known = documents()
    listed = set(declared["documents"])
    assert listed <= set(known)
    for original in listed:
        translations = {found.id for found in known.values() if found.translation_of == original}
        assert translations <= listed, (
            f"{original} states it, its translations {translations - listed} do not"
        )
    locales = {known[document].locale for document in listed}
    assert locales == set(declared.get("says", {}))
    for locale in locales:
        for phrase in declared["says"][locale]:
            said = _said(phrase, locale)
            assert said >= set(_figures(declared["value"])), f"{phrase!r} does not say {declared['value']}"


_ONE = re.compile(r"\b(?:one|first|once|un|une|una|uno|seul|premier|primer|vez)\b", re.IGNORECASE)


def _said(phrase: str, language: Language) -> set[float]:
    """Every number of the phrase, in digits or words."""
    said = {n for found in quantities_of(fold(phrase), language) for n in (found.low, found.high)}
    said |= {float(n.replace(",", "")) for n in re.findall(r"\d+(?:,\d{3})*(?![\d.,]*\d)", phrase)}
    return said | ({1.0} if _ONE.search(phrase) else set())


def _figures(value: Any) -> Iterator[float]:
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, int | float) and not isinstance(part, bool):
            yield float(part)


@pytest.mark.parametrize("language", LANGUAGES)
def test_templates_and_prompts_hold_no_number_of_the_policy(language: Language) -> None:
    """Amounts and deadlines in replies come from facts and documents, so they cannot go stale in a file."""
    files = [ROOT / "shared" / "adapters" / "embedded" / "replies" / f"{language}.toml"]
    if language == "en":
        files += sorted((ROOT / "agents" / "prompts").glob("*.md"))
        files += sorted(path for path in (ROOT / "conversation" / "playbooks").glob("*.toml"))
    stated = [
        f"{path.name}: {quantity.shown}"
        for path in files
        if path.name not in {"policy.toml", "actions.toml"}
        for line in path.read_text("utf-8").splitlines()
        for quantity in quantities_of(fold(line), language)
        if quantity.kind in {"money", "percent"}
        or (quantity.kind == "duration" and quantity.shown[0].isdigit())
    ]
    assert not stated


def test_documents_state_the_prices_of_the_catalog() -> None:
    """A price in a document is the price the shop charges for one of the product's variants."""
    products = json.loads((ROOT / "mock_apis" / "data" / "products.json").read_text("utf-8"))
    wrong, seen = [], 0
    for found in documents().values():
        text = " ".join(section.text for section in found.sections)
        for product in products:
            prices = {float(variant["price"]) for variant in product["variants"]}
            for match in re.finditer(
                rf"{re.escape(product['title'])}(?: weighs \S+ k?g and)? costs \$(\d+(?:\.\d\d)?)", text
            ):
                seen += 1
                if float(match[1]) not in prices:
                    wrong.append(f"{found.id}: {match[0]}, not {sorted(prices)}")
    assert seen >= 15
    assert not wrong
