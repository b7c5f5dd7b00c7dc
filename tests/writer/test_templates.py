"""Wrong template files are refused, naming file, goal and slot."""

import shutil
from pathlib import Path

import pytest

import shared.adapters.embedded.writer as module
from shared.adapters.embedded.writer import open_writer
from shared.errors import SettingsError

SHIPPED = Path(module.__file__).parent / "replies"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped templates, to be broken."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "replies"))


def swap(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("fr.toml", "[goodbye]", "[farewell]", r"fr\.toml: goal goodbye is missing"),
        ("es.toml", "[unknown]", "[desconocido]", r"es\.toml: goal unknown is missing; the writer itself"),
        ("fr.toml", "{reference}", "{ref}", r"fr\.toml: goal action\.return\.done: slot \{ref\}"),
        (
            "es.toml",
            "Hasta luego, y",
            "Hasta luego {first_name}, y",
            r"es\.toml: goal goodbye.*\{first_name\}",
        ),
        ("en.toml", "Glad I could help.", "Glad I could help {", r"goal thanks:.*stray brace"),
        ("en.toml", "Glad I could help.", "Glad to help within 24 hours.", r"goal thanks:.*states a number"),
        ("en.toml", "Glad I could help.", "Glad I could help", r"goal thanks:.*full stop"),
        ("en.toml", "[thanks]", "[thanks]\ntone = 1", r"en\.toml: goal thanks: tone is not known"),
        ("en.toml", 'then = "handed_over.next"', 'then = "next"', r"goal handed_over.*then = 'next'"),
        ("es.toml", 'needs = ["orders"]\n', "", r"es\.toml: goal orders\.list: the variant .* \{orders\}"),
        ("en.toml", "[goodbye]", "[goodbye", r"en\.toml: not readable as TOML"),
        (
            "fr.toml",
            "[thanks]\nopening = false",
            "[thanks]",
            r"fr\.toml: goal thanks: needs, opening or then",
        ),
    ],
)
def test_a_wrong_file_is_refused(folder: Path, file: str, old: str, new: str, message: str) -> None:
    """Each mistake stops the start with a sentence that says where it is and what mends it."""
    swap(folder / file, old, new)
    with pytest.raises(SettingsError, match=message):
        open_writer(folder)


def test_a_missing_language_is_named(folder: Path) -> None:
    """Every language needs its file."""
    (folder / "es.toml").unlink()
    with pytest.raises(SettingsError, match=r"es\.toml: no such file"):
        open_writer(folder)


def test_a_single_variant_is_not_enough(folder: Path) -> None:
    """A rejected draft needs other words."""
    swap(folder / "en.toml", '  ["Thank you for telling us."],\n', "")
    with pytest.raises(SettingsError, match=r"goal feedback\.thanks: say has fewer than two variants"):
        open_writer(folder)


def test_the_shipped_templates_load() -> None:
    """The files as they are pass every check."""
    assert len(open_writer(SHIPPED).goals) > 80
