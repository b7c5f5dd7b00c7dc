"""The guide for operators shows what is there: pictures of the script, queries of the pack, files."""

import re

import pytest

from shared.traces_pack import read_pack
from tests.shop import ROOT

GUIDE = (ROOT / "docs" / "operations.md").read_text("utf-8")
MOST_BYTES = 120_000


def test_its_pictures_are_made_by_the_script_and_small() -> None:
    """A renamed look would leave an old picture in the guide for ever."""
    pytest.importorskip("PIL")
    from tests.pictures_ops import LOOKS  # noqa: PLC0415  playwright and Pillow, for this test alone

    shown = re.findall(r"!\[[^]]+\]\(pictures/([\w-]+)\.png\)", GUIDE)
    assert set(shown) == set(LOOKS)
    for name in shown:
        assert (ROOT / "docs" / "pictures" / f"{name}.png").stat().st_size < MOST_BYTES


def test_the_queries_and_files_it_names_exist() -> None:
    """Operators type these names."""
    pack = set(read_pack())
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", GUIDE)) | {"signals"}
    named -= {"conversation_id", "turn_id", "trace_id", "dead_letter_resent", "dead_letter_discarded"}
    assert len(named) > 20
    assert named <= pack, named - pack
    for link in re.findall(r"\]\(([\w./-]+)\)", GUIDE):
        assert (ROOT / "docs" / link).is_file(), link
