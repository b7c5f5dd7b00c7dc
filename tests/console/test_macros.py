"""Macros are read strictly, found in the customer's language first, and never sent with a hole in them."""

import os
from pathlib import Path

import pytest

from gateway.console.macros import Macros, blanks_in, fill, load_macros, values_of
from gateway.console.macros.loading import OURS
from shared.contracts import LANGUAGES, Fact
from shared.errors import SettingsError

FACTS = (
    Fact(id="order:1001/number", value="1001"),
    Fact(id="order:1001/status", value="shipped"),
    Fact(id="order:1001/expected_on", value="2026-12-01"),
)


def one(tmp_path: Path, text: str, name: str = "ours.toml") -> Macros:
    (tmp_path / name).write_text(text, "utf-8")
    return Macros([tmp_path])


def test_ours_are_whole(tmp_path: Path) -> None:
    """Every macro we ship speaks all languages, and every order we know fills it but for what it lacks."""
    macros = load_macros(tmp_path).search("", language="en", limit=100)
    assert len(macros) >= 6
    assert [macro.key for macro in macros if set(macro.texts) != set(LANGUAGES)] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[a]\ntitle = "A"\nen = "Hi {frist_name}"', r"ours.toml: a.en: {frist_name} .* {carrier}"),
        ('[a]\ntitle = "A"\nen = "{}"', r"ours.toml: a.en: {} is no placeholder"),
        ('[a]\ntitle = "A"\nde = "Hallo"', "ours.toml: a.de: is not known; there are title, en, fr, es"),
        ('[a]\nen = "Hi"', "ours.toml: a: needs a title"),
        ('a = "Hi"', "ours.toml: a: is no table"),
        ('[A]\ntitle = "A"\nen = "Hi"', "ours.toml: A: a key has small letters"),
        ("[a", "ours.toml: cannot be read"),
        (f'[a]\ntitle = "A"\nen = "{"x" * 4001}"', "ours.toml: a.en: has 4001 characters"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """Naming file and key, what is wrong and what is known."""
    with pytest.raises(SettingsError, match=said):
        one(tmp_path, text)


def test_a_lead_edits_while_we_run(tmp_path: Path) -> None:
    """A change counts at once; a wrong one is told, and what was there before still serves."""
    macros = one(tmp_path, '[a]\ntitle = "A"\nen = "Hi"')
    for count, (text, shown, wrong) in enumerate(
        [("Hello", "Hello", ""), ("{nobody}", "Hello", "{nobody}"), ("Hey", "Hey", "")], start=1
    ):
        file = tmp_path / "ours.toml"
        file.write_text(f'[a]\ntitle = "A"\nen = "{text}"')
        os.utime(file, (count, count))
        found = macros.get("a")
        assert found is not None
        assert found.texts["en"] == shown
        assert wrong in macros.wrong
        assert bool(macros.wrong) == bool(wrong)


def test_a_folder_of_ones_own(tmp_path: Path) -> None:
    """DATA_DIR/macros replaces ours by key, and adds."""
    (tmp_path / "macros").mkdir()
    (tmp_path / "macros" / "x.toml").write_text('[order_where]\ntitle = "Mine"\nen = "Look here"')
    macros = load_macros(tmp_path)
    found = macros.get("order_where")
    assert found is not None
    assert found.title == "Mine"
    assert macros.get("service_goodbye") is not None


def test_the_customers_language_first(tmp_path: Path) -> None:
    """What has no text in it comes after, and is found by words without accents."""
    macros = one(
        tmp_path,
        '[b]\ntitle = "Alpha"\nen = "Delivery"\n'
        '[a]\ntitle = "Zeta"\nfr = "Livraison prévue"\nen = "Delivery"',
    )
    assert [macro.key for macro in macros.search("", language="fr")] == ["a", "b"]
    assert [macro.key for macro in macros.search("PREVUE livraison", language="en")] == ["a"]
    assert macros.search("nothing like that", language="en") == []
    found = macros.get("b")
    assert found is not None
    assert found.language("fr") == "en"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Hello TOKEN_1, on its way, December 1"),
        ("fr", "Bonjour TOKEN_1, en route, 1er décembre"),
        ("es", "Hola, TOKEN_1: en camino, 1 de diciembre"),
    ],
)
def test_filled_as_people_say_it(language: str, said: str) -> None:
    """States and days in the customer's words."""
    values = values_of(FACTS, language, agent="Emma", shop="H&P", first_name="TOKEN_1")  # type: ignore[arg-type]
    text = fill("{greeting} {order_status}, {expected_on}", values).replace(",,", ",")
    assert text == said


def test_what_is_not_known_is_marked() -> None:
    """An unknown carrier, and every field when two orders are about: none is guessed."""
    values = values_of(FACTS, "en", agent="Emma", shop="H&P", first_name="")
    assert fill("{greeting} {order_number} {carrier}", values) == "Hello, 1001 ⟦carrier⟧"
    two = (*FACTS, Fact(id="order:1002/status", value="delivered"))
    text = fill("{order_number} {order_status}", values_of(two, "en", agent="E", shop="S", first_name=""))
    assert blanks_in(text) == ["⟦order_number⟧", "⟦order_status⟧"]
    assert blanks_in("Dear [name], {braces} are mine") == []


def test_a_value_is_no_template() -> None:
    """What a customer is called fills one place and no other."""
    values = values_of(FACTS, "en", agent="{shop}", shop="H&P", first_name="")
    assert fill("{agent_name}", values) == "{shop}"
    team = {"agent_name": "our team"}
    assert fill("{agent_name}. {agent_name}, or {agent_name}", team) == "Our team. Our team, or our team"


def test_words_cover_every_state() -> None:
    """Whatever an order may be, a macro can say it in each language."""
    from typing import get_args, get_type_hints  # noqa: PLC0415

    from shared.contracts import Order  # noqa: PLC0415

    for state in get_args(get_type_hints(Order)["status"]):
        for language in LANGUAGES:
            facts = (Fact(id="order:1/status", value=state),)
            assert "order_status" in values_of(facts, language, agent="", shop="", first_name=""), state
    assert (OURS / "words.toml").exists()
