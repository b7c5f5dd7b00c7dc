"""How cases may end: the shop's own list, refused with the key when it is wrong."""

from pathlib import Path

import pytest

from shared.errors import SettingsError
from shared.routing.outcomes import outcomes, read_outcomes, told


def test_ours() -> None:
    """What is kept is told in words; a key that is gone from the list stays readable."""
    assert list(outcomes())[-1] == "other"
    assert told("refunded", "she keeps it") == "Refunded: she keeps it"
    assert (told("", "sent again"), told("gone"), told("")) == ("sent again", "gone", "")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('solved = "Solved"', "other is missing"),
        ('"Not a key" = "x"\nother = "Other"', "'Not a key' is no key"),
        ('solved = ""\nother = "Other"', "solved: say in 1 to 60"),
        ("solved = 3\nother = 'Other'", "solved: say in 1 to 60"),
        ("solved", "outcomes.toml"),
    ],
)
def test_a_wrong_list(tmp_path: Path, text: str, says: str) -> None:
    """The message names the file and the key."""
    path = tmp_path / "outcomes.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=says):
        read_outcomes(path)
