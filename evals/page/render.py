"""Writes the report of a run as HTML, as Markdown, as Markdown without a quoted row."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from evals.page import wording
from evals.page.parts import Page
from evals.page.view import page
from evals.results import Run
from evals.targets import Target
from shared.errors import SettingsError

HTML, MARKDOWN, RESULTS = "report.html", "report.md", "RESULTS.md"


def write_report(
    folder: Path, run: Run, targets: Sequence[Target], *, texts: Mapping[str, str], against: Run | None
) -> Path:
    """Write the three files to `folder`; `RESULTS.md` quotes no row, so it may be committed.

    Returns:
        The HTML page.
    """
    shown = page(run, targets, texts=texts, against=against)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / HTML).write_text(html(shown), "utf-8")
        (folder / MARKDOWN).write_text(markdown(shown, quotes=True), "utf-8")
        (folder / RESULTS).write_text(markdown(shown, quotes=False), "utf-8")
    except OSError as error:
        raise SettingsError(f"--report {folder}: {error}; name a folder that can be written") from error
    return folder / HTML


def html(shown: Page) -> str:
    """One page that loads nothing."""
    return _environment().get_template("report.html.j2").render(page=shown)


def markdown(shown: Page, *, quotes: bool) -> str:
    """The same as text; with `quotes`, the rows themselves."""
    template = _environment().get_template("report.md.j2")
    return template.render(page=shown, quotes=quotes)


def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(("html.j2",), default=False),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    found.filters["percent"] = wording.percent
    found.filters["md"] = wording.markdown
    return found
