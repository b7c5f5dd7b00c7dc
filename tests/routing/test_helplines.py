"""Whom somebody in need can call: each language has every line, its own first; a wrong file is refused."""

from pathlib import Path

import pytest

from shared.contracts import LANGUAGES
from shared.errors import SettingsError
from shared.routing.helplines import FILE, helplines, load, slots_for


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_line(language: str) -> None:
    """The numbers of where the shop delivers, and none of them in a reply to another reason."""
    told = slots_for("self_harm", language)  # type: ignore[arg-type]
    assert all(number in told["helplines"] for number in ("988", "116 123", "3114", "024"))
    assert all(number in told["emergency"] for number in ("911", "112"))
    assert slots_for("safety", language) == {}  # type: ignore[arg-type]


def test_the_line_of_ones_own_language_comes_first() -> None:
    """Who writes French is most likely to need the French number."""
    begins = {language: helplines().slots(language)["helplines"][:3] for language in LANGUAGES}
    assert begins == {"en": "988", "fr": "311", "es": "024"}


@pytest.mark.parametrize(
    ("cut", "put", "message"),
    [
        ('call = "988"', "", "call"),
        (', es = "en Francia"', "", "no `where` in 'es'"),
        ("[[emergency]]", "[[emergencies]]", "emergencies"),
        ("[[crisis]]", "[[crisis]", "helplines.toml"),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, cut: str, put: str, message: str) -> None:
    """With what is wrong, before anybody needs it."""
    file = tmp_path / "helplines.toml"
    file.write_text(FILE.read_text("utf-8").replace(cut, put, 1), "utf-8")
    with pytest.raises(SettingsError, match=message):
        load(file)
