"""Where promtool comes from."""

from pathlib import Path

import pytest

from observability.prometheus import promtool
from observability.prometheus.promtool import find_promtool


def test_what_is_there_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On PATH first, then where it was put the last time; nothing is fetched."""
    monkeypatch.setattr(promtool, "from_apt", lambda *_: pytest.fail("fetched"))
    kept, on_path = tmp_path / "kept", tmp_path / "bin"
    for folder in (kept, on_path):
        folder.mkdir()
        (folder / "promtool").write_text("#!/bin/sh\n")
        (folder / "promtool").chmod(0o755)
    monkeypatch.setenv("PATH", str(on_path))
    assert find_promtool(kept) == on_path / "promtool"
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_promtool(kept) == kept / "promtool"


def test_without_a_package_manager_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And no half of one lies in the folder."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_promtool(tmp_path / "bin") is None
    assert list((tmp_path / "bin").iterdir()) == []


def test_a_package_manager_that_fails_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its reason, and the next one is asked."""

    def refused(*_: object) -> None:
        raise OSError("no network")

    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(promtool, "from_apt", refused)
    monkeypatch.setattr(promtool, "from_brew", lambda *_: tmp_path / "brewed")
    assert find_promtool(tmp_path / "bin") == tmp_path / "brewed"
    assert "promtool by apt: no network" in capsys.readouterr().err
