"""Playbooks: what a support lead edits is refused clearly when it is wrong."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest

from conversation.planning.flows import FLOWS
from conversation.rules.playbooks import FOLDER, load_playbooks, load_policy
from shared.contracts import Intent
from shared.errors import SettingsError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "playbooks"
    shutil.copytree(FOLDER, copy)
    return copy


def test_every_intent_has_a_playbook_with_a_flow() -> None:
    """No intent is without a way to handle it."""
    playbooks = load_playbooks()
    assert set(playbooks) == set(Intent)
    assert {playbook.flow for playbook in playbooks.values()} <= set(FLOWS)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('flow = "return"', 'flow = "retrun"', "retrun"),
        ('flow = "return"', 'flow = "return"\ncolour = 1', "colour"),
        ('intent = "RETURN_REQUEST"', 'intent = "EXCHANGE"', "rename the file to exchange.toml"),
        ('name = "item"', 'name = "confirm"', "same slot twice"),
        ('flow = "return"', 'flow = "return"\nmin_confidence = 7.0', "between 0 and 1"),
        ('flow = "return"', 'flow = return"', "not valid TOML"),
    ],
)
def test_a_wrong_playbook_is_refused_naming_file_key_and_fix(
    folder: Path, old: str, new: str, says: str
) -> None:
    """The error says which file and what in it is wrong."""
    path = folder / "return_request.toml"
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(SettingsError) as refused:
        load_playbooks(folder)
    assert "return_request.toml" in str(refused.value)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[refund]", "[refunds]", "[refunds] is no kind of action; the kinds are refund, return"),
        ("[loyalty]\ntier", "[newsletter.x]\ntier", "[loyalty] is missing"),
        ('tier = "auto"', 'tier = "always"', "[refund] Invalid enum value 'always' - at `$.tier`"),
        ('most = "50.00"', 'most = "fifty"', '[refund] most = "fifty" is no amount; write it like "50.00"'),
        ('most = "50.00"', 'most = "NaN"', "is no amount"),
        ('most = "50.00"', "most = 50.0", "Expected `str`, got `float`"),
        ('most = "50.00"', 'limit = "50.00"', "unknown field `limit`; the keys of a kind are tier, proof"),
        ("count = 3", "count = 0", "[refund] abuse needs a count and days of 1 or more"),
        ("days_since_delivery = 30", "days_since_delivery = -1", "must be 1 or more; leave it out for none"),
        ("https://returns", "http://returns", "must begin with https:// and hold {return}"),
        ("{return}.pdf", "label.pdf", "must begin with https:// and hold {return}"),
        (
            '[newsletter]\ntier = "auto"\nproof = "signed_in"',
            '[newsletter]\ntier = "auto"',
            "about an account",
        ),
        ("[refund]", "[refund", "not valid TOML"),
    ],
)
def test_wrong_rules_of_actions_are_refused_naming_file_kind_key_and_fix(
    folder: Path, old: str, new: str, says: str
) -> None:
    """A support lead who mistypes is told where, and what to write."""
    path = folder / "actions.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(SettingsError) as refused:
        load_policy(folder)
    assert "actions.toml" in str(refused.value)
    assert says in str(refused.value)


def test_rules_of_actions_stand_in_their_own_file(folder: Path) -> None:
    """A second place for them would be forgotten."""
    path = folder / "policy.toml"
    path.write_text(path.read_text("utf-8") + '\n[actions.refund]\ntier = "never"\n', "utf-8")
    with pytest.raises(SettingsError, match=r"policy\.toml: actions: .*actions\.toml; move them there"):
        load_policy(folder)


def test_a_missing_playbook_is_named(folder: Path) -> None:
    """An intent without a file stops the start."""
    (folder / "exchange.toml").unlink()
    with pytest.raises(SettingsError, match=r"no playbook for EXCHANGE; add exchange\.toml"):
        load_playbooks(folder)


def test_every_fact_stands_in_every_document_that_is_said_to_state_it() -> None:
    """FACTS.toml cannot drift from the documents."""
    facts = tomllib.loads((ROOT / "knowledge_base" / "FACTS.toml").read_text("utf-8"))
    texts: dict[str, str] = {}
    for path in (ROOT / "knowledge_base").rglob("*.md"):
        text = path.read_text("utf-8")
        found = re.search(r"^id: (\S+)$", text, re.MULTILINE)
        if found:
            texts[found[1]] = " ".join(text.split())
    missing = []
    for group, entries in facts.items():
        for key, fact in entries.items():
            for document in fact["documents"]:
                locale = document[-2:] if document[-3:] in {"-fr", "-es"} else "en"
                phrases = fact["says"][locale]
                if not any(phrase in texts[document] for phrase in phrases):
                    missing.append(f"{group}.{key} in {document}")
    assert not missing
