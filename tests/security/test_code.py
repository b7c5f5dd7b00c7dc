"""What a reviewer of the code and of what it installs asks first: risky calls, pinned packages, licences."""

import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHIPPED = ("agents", "conversation", "gateway", "launch", "mock_apis", "shared")
LOCKS = ("requirements.lock", "requirements-dev.lock", "models.lock")

REVIEWED = {
    ("gateway/delivery.py", "S105"): "the mark that begins a token",
    ("mock_apis/insights_envelopes.py", "S104"): "what the vendor keeps of addresses; nothing listens there",
    ("mock_apis/insights_kql.py", "S608"): "names are constants; queries become SQL in duckdb-kql",
    ("mock_apis/insights_store.py", "S608"): "names are constants, values are bound",
    ("mock_apis/oidc_records.py", "S105"): "of the mock's own client, printed in its help",
    ("mock_apis/shopify.py", "S105"): "what the mock asks for, printed in its help",
    ("mock_apis/shopify_webhooks.py", "S105"): "what the mock signs with, printed in its help",
    ("launch/demo_morning.py", "S104"): "compared with, to ask this machine instead; nothing listens there",
    ("mock_apis/store.py", "S608"): "ASC or DESC, two literals",
    ("mock_apis/zendesk.py", "S105"): "what the mock asks for, printed in its help",
    ("shared/adapters/key_vault.py", "S105"): "the name of the secret, not the secret",
    ("shared/adapters/packages.py", "S603"): "two fixed package managers, no argument from outside",
    ("shared/adapters/sqlite/cases.py", "S608"): "columns are literals, values are bound",
    ("shared/adapters/sqlite/measures.py", "S608"): "conditions are literals, values are bound",
    ("shared/adapters/sqlite/promise_rows.py", "S608"): "conditions are literals, values are bound",
    ("shared/adapters/sqlite/retention.py", "S608"): "tables, columns and conditions are constants above",
    ("shared/adapters/sqlite/rights.py", "S608"): "table and column stand in a constant above",
    ("shared/adapters/sqlite/search.py", "S608"): "conditions are built of literals, values are bound",
    ("shared/adapters/sqlite/duty.py", "S608"): "the columns are a constant of profiles.py",
    ("shared/adapters/sqlite/staff.py", "S608"): "the columns are a constant above",
    ("shared/adapters/sqlite/tasks.py", "S608"): "conditions are literals, values are bound",
}
"""Findings of bandit's rules that were looked at, each with why it is none. A new one fails the test."""

COPYLEFT = re.compile(r"\bA?GPL|GNU (Affero )?General Public", re.IGNORECASE)
_NAMED = re.compile(r"^(?P<name>[A-Za-z0-9_.-]+)==[^\s;]+(?P<marker> ;.*?)?(?= --hash=| \\$|$)")
_HASHES = re.compile(r"\s*(--hash=sha256:[0-9a-f]{64}\s*)+")


def test_every_risky_call_was_looked_at() -> None:
    """The rules of bandit, as ruff has them, with our own `noqa` switched off.

    Left out: asserts (they narrow types; nothing is guarded by one) and `random` (draws no secret).
    """
    command = [sys.executable, "-m", "ruff", "check", "--ignore-noqa", "--select", "S"]
    command += ["--ignore", "S101,S311", "--no-cache", "--output-format", "json", *SHIPPED]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = {
        (str(Path(each["filename"]).relative_to(ROOT)), each["code"]) for each in json.loads(told.stdout)
    }
    assert found == set(REVIEWED)


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_installed_is_pinned_to_its_content(lock: str) -> None:
    """Each package has one version and at least one SHA-256: another file under its name is refused."""
    text = re.sub(r"\\\n\s+", "", (ROOT / lock).read_text("utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert lines
    assert [line for line in lines if not _HASHES.fullmatch(_NAMED.sub("", line))] == []


def test_what_is_shipped_may_be_shipped() -> None:
    """No package that the product runs on is under the GPL or says nothing about its licence."""
    for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines():
        if not (pinned := _NAMED.match(line)):
            continue
        try:
            told = metadata.metadata(pinned["name"])
        except metadata.PackageNotFoundError:
            assert pinned["marker"], f"{pinned['name']} is locked and not installed"
            continue
        classifiers = [each for each in told.get_all("Classifier", []) if each.startswith("License ::")]
        says = " ".join(
            (told.get("License-Expression") or "", *classifiers, (told.get("License") or "")[:200])
        )
        assert says.strip(), f"{pinned['name']} names no licence"
        assert not COPYLEFT.search(says), f"{pinned['name']}: {says}"


def test_the_tests_that_security_names_exist() -> None:
    """`docs/security.md` names a test for each defence; one that was renamed is found here."""
    text = (ROOT / "docs" / "security.md").read_text("utf-8")
    named = re.findall(r"`(tests/[a-z_/]+(?:\.py)?|test_[a-z_]+\.py)?(?:::(\w+))?`", text)
    file, wrong = Path(), []
    for path, name in named:
        if path:
            file = ROOT / path if path.startswith("tests/") else ROOT / "tests" / "security" / path
        if (path or name) and not (file.exists() and (not name or f"def {name}(" in file.read_text("utf-8"))):
            wrong.append(f"{path}::{name}")
    assert len(named) > 50
    assert wrong == []
