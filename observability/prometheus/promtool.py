"""Finds promtool, which checks rules and dashboards, or gets it: `... prometheus.promtool .venv/bin`."""

import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

from shared.adapters.packages import from_apt, from_brew


def find_promtool(folder: Path) -> Path | None:
    """A promtool that runs, or None with the reasons on stderr. What is fetched lands in `folder`.

    Debian has it in its package `prometheus` (19 MB), Homebrew too.
    """
    on_path, here = shutil.which("promtool"), folder / "promtool"
    if on_path:
        return Path(on_path)
    if here.is_file():
        return here
    folder.mkdir(parents=True, exist_ok=True)
    fetches = {
        "apt": partial(from_apt, "prometheus", "usr/bin/promtool", here),
        "brew": partial(from_brew, "prometheus", "promtool"),
    }
    for name, fetch in fetches.items():
        try:
            found = fetch()
        except (OSError, subprocess.SubprocessError) as error:
            print(f"promtool by {name}: {error}", file=sys.stderr)
            continue
        if found is not None:
            return found
    return None


if __name__ == "__main__":
    if find_promtool(Path(sys.argv[1])) is None:
        sys.exit("no promtool: rules and dashboards are not checked (apt or brew install prometheus)")
