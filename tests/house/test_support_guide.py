"""The guide for support shows what is there: its pictures are ours, small, and made by the script."""

import re

import pytest

from tests.shop import ROOT

GUIDE = (ROOT / "docs" / "support-guide.md").read_text("utf-8")
MOST_BYTES = 150_000


def test_its_pictures_are_made_by_the_script_and_small() -> None:
    """A renamed page of the script would leave an old picture in the guide for ever."""
    pytest.importorskip("PIL")
    from tests.pictures import LOOKS  # noqa: PLC0415  playwright and Pillow, for this test alone

    shown = re.findall(r"!\[[^]]+\]\(pictures/([\w-]+)\.png\)", GUIDE)
    assert shown
    assert set(shown) <= set(LOOKS)
    for name in shown:
        assert (ROOT / "docs" / "pictures" / f"{name}.png").stat().st_size < MOST_BYTES


def test_what_it_links_to_exists() -> None:
    """Files, and headings of its own."""
    headings = {
        re.sub(r"[^\w -]", "", line).replace(" ", "-").lower()
        for line in re.findall(r"^#+ (.+)$", GUIDE, re.MULTILINE)
    }
    for link in re.findall(r"\]\(([^)]+)\)", GUIDE):
        if link.startswith("#"):
            assert link[1:] in headings, link
        else:
            assert (ROOT / "docs" / link).is_file(), link


def test_the_files_it_names_exist() -> None:
    """Those that a lead is told to edit."""
    for path in re.findall(r"`((?:shared|gateway|conversation|knowledge_base)/[\w/.]+)`", GUIDE):
        assert (ROOT / path).exists(), path
