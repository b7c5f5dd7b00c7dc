"""Reads a data file whose rows have a shape of their own."""

from pathlib import Path
from typing import TypeVar

import msgspec

from evals.figures import numbered_rows
from shared.errors import SettingsError

_T = TypeVar("_T", bound=msgspec.Struct)


def typed_rows(path: Path, shape: type[_T]) -> list[_T]:
    """The rows of a JSONL file as `shape`; fields it does not know are left out.

    Raises:
        SettingsError: names the line and the field that is wrong.
    """
    rows = []
    for n, row in numbered_rows(path):
        try:
            rows.append(msgspec.convert(row, shape))
        except msgspec.ValidationError as error:
            raise SettingsError(f"{path}, line {n}: {error}; see {shape.__module__} for the shape") from error
    return rows
