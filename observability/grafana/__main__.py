"""`python -m observability.grafana` writes dashboards and docs/metrics.md from the contract of metrics."""

import json
import sys
from pathlib import Path

from observability.grafana.business import BUSINESS
from observability.grafana.operations import OPERATIONS
from observability.grafana.page import metrics_page
from observability.grafana.panels import as_grafana

ROOT = Path(__file__).parents[2]
DASHBOARDS = (OPERATIONS, BUSINESS)


def generated() -> dict[Path, str]:
    """Every generated file of the repository, with what it has to hold."""
    folder = Path(__file__).parent
    pages = {
        folder / f"{page.name}.json": json.dumps(as_grafana(page), indent=1, ensure_ascii=False) + "\n"
        for page in DASHBOARDS
    }
    return pages | {ROOT / "docs" / "metrics.md": metrics_page()}


def main() -> int:
    """Write them; says which changed."""
    for path, text in generated().items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
