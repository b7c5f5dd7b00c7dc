"""Says of the documents that an index keeps what a list, and a page of one, shows."""

from collections.abc import Iterable, Sequence
from datetime import date

from shared.adapters.knowledge.versions import Version
from shared.contracts.editing import (
    DocumentLine,
    ServedVersion,
    ServingState,
    Translation,
)


def lines_of(versions: Sequence[Version], today: date) -> list[DocumentLine]:
    """A line of each document, by file name."""
    by_id: dict[str, list[Version]] = {}
    for version in versions:
        by_id.setdefault(version.id, []).append(version)
    return sorted((_line(mine, today) for mine in by_id.values()), key=lambda line: line.file)


def versions_of(versions: Iterable[Version], document: str, today: date) -> tuple[ServedVersion, ...]:
    """The kept versions of a document, the one that begins last first."""
    mine = [version for version in versions if version.id == document]
    mine.sort(key=lambda version: version.effective_from, reverse=True)
    serving = _serving(mine, today)
    return tuple(
        ServedVersion(
            version=version.version,
            effective_from=version.effective_from.isoformat(),
            effective_until=_day(version.effective_until),
            state=_state(version, serving, today),
        )
        for version in mine
    )


def translations_of(lines: Iterable[DocumentLine], document: str, version: int) -> tuple[Translation, ...]:
    """Those of a document that has this version."""
    return tuple(
        Translation(id=line.id, locale=line.locale, version=line.version, behind=line.version < version)
        for line in lines
        if line.translation_of == document
    )


def _line(mine: Sequence[Version], today: date) -> DocumentLine:
    serving = _serving(mine, today)
    coming = min((v for v in mine if v.effective_from > today), key=lambda v: v.effective_from, default=None)
    shown = serving or coming or mine[-1]
    return DocumentLine(
        id=shown.id,
        file=shown.file,
        title=shown.title,
        category=shown.category,
        locale=shown.locale,
        version=shown.version,
        effective_from=shown.effective_from.isoformat(),
        effective_until=_day(shown.effective_until),
        state=_state(shown, serving, today),
        translation_of=shown.translation_of,
        coming=coming.effective_from.isoformat() if coming else "",
    )


def _serving(mine: Sequence[Version], today: date) -> Version | None:
    """As `in_force` chooses: the newest that holds, of two that begin together the later one."""
    holding = [version for version in mine if version.holds_on(today)]
    return max(reversed(holding), key=lambda version: version.effective_from, default=None)


def _state(version: Version, serving: Version | None, today: date) -> ServingState:
    if version is serving:
        return "serving"
    return "coming" if version.effective_from > today else "past"


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
