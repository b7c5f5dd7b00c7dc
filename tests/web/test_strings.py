"""What the shop's page and the widget say, in each language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from shared.adapters.embedded.phrasing import money
from shared.contracts import LANGUAGES

if TYPE_CHECKING:
    from tests.web.conftest import Visit

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_language_has_every_string(visit: Visit) -> None:
    """No string is missing in French or Spanish, in the widget or on the page."""
    shop = await visit()
    for path in ("widget.js", "shop.js"):
        response = await shop.page.request.get(f"/static/{path}")
        source = (await response.text()).split("const STRINGS = ")[1].split("\n};")[0] + "\n}"
        # Playwright evaluates outside the page's policy, so the literal can be read as it stands.
        keys = await shop.page.evaluate(
            f"""() => {{
              const strings = {source};
              const paths = (node, at) => typeof node !== "object" ? [at]
                : Object.keys(node).flatMap((key) => paths(node[key], at + "." + key));
              return Object.values(strings).map((one) => paths(one, "").sort().join(" "));
            }}"""
        )
        assert len(keys) == 3
        assert len(set(keys)) == 1, f"{path}: the languages have different strings"


async def test_an_amount_is_spelled_one_way_in_each_language(visit: Visit) -> None:
    """On the page as in replies and help pages: the sign before the number, in French behind it."""
    shop = await visit()
    source = await (await shop.page.request.get("/static/shop.js")).text()
    strings = source.split("const STRINGS = ")[1].split("\n};")[0] + "\n}"
    said = await shop.page.evaluate(
        f"() => Object.entries({strings}).map(([l, one]) => [l, JSON.stringify(one)])"
    )
    assert {name for name, _ in said} == set(LANGUAGES)
    for name, text in said:
        amounts = re.findall(r"(?:US)?\$\s?\d[\d.,]*\d|\d[\d.,]*\s?\$(?:US)?", text)
        assert len(amounts) == 4, "the strip has one, the shipping three"
        for amount in amounts:
            plain = f"{re.sub(r'[^0-9.,]', '', amount).replace(',', '.')} USD"
            assert amount.replace("\u00a0", " ") == money(plain, name).replace("\u00a0", " ")
    function = "const SIGNS = " + source.split("const SIGNS = ")[1].split("\n};\n")[0] + "\n}"
    for name in LANGUAGES:
        for amount, currency in (("49.90", "USD"), ("1249.00", "USD"), ("5.00", "EUR"), ("5.00", "CAD")):
            asked = (
                f"() => {{ const language = '{name}'; {function}; return money({amount}, '{currency}'); }}"
            )
            shown = str(await shop.page.evaluate(asked)).replace("\u00a0", " ")
            assert shown == money(f"{amount} {currency}", name).replace("\u00a0", " ")
