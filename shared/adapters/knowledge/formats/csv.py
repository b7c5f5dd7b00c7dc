"""Reads a CSV file: each row is a section."""

import csv
import io
from collections.abc import Sequence

from shared.adapters.knowledge.documents import BadDocument, Section
from shared.adapters.knowledge.formats.content import Content

_DELIMITERS = ",;\t"
_MOST_ROWS = 5_000
# Far more than an answer to a question; a field of megabytes is a quote that was never closed.
_LONGEST_FIELD = 20_000


def read_csv(text: str) -> Content:
    """Questions with answers, or rows of named columns whose first names the row; raises `BadDocument`.

    Columns `question` and `answer` make `Section((question,), answer)`; any others make
    `Section((first,), "Weight: 2 kg. Colour: green.")`.
    """
    first_line = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    sections: list[Section] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(header)
        for row in reader:
            if not any(field.strip() for field in row):
                continue
            if len(sections) == _MOST_ROWS:
                raise BadDocument(
                    reader.line_num, "row", f"there are more than {_MOST_ROWS:,} rows", "split the file"
                )
            sections.append(_section(header, [" ".join(field.split()) for field in row], reader.line_num))
    except csv.Error as error:
        raise BadDocument(
            max(1, reader.line_num),
            "row",
            f"this is not CSV ({error})",
            "put quotes around and double them within",
        ) from error
    return Content(tuple(sections), body_line=2)


def _check_header(header: Sequence[str]) -> None:
    if len(header) < 2:
        raise BadDocument(
            1, "header", "there are not two columns", "begin with a line such as question,answer"
        )
    if not all(header) or len({name.lower() for name in header}) < len(header):
        raise BadDocument(1, "header", f"{header!r} has an empty or double name", "name each column once")


def _section(header: Sequence[str], row: Sequence[str], line: int) -> Section:
    if len(row) != len(header):
        raise BadDocument(
            line,
            "row",
            f"{len(row)} fields stand under {len(header)} columns",
            "give each row as many fields as the header; put quotes around a field with a comma",
        )
    for name, field in zip(header, row, strict=True):
        if len(field) > _LONGEST_FIELD:
            reason = f"{len(field):,} characters are more than {_LONGEST_FIELD:,}"
            raise BadDocument(line, name, reason, "close its quotes, or make a document of it")
    by_name = dict(zip((name.lower() for name in header), row, strict=True))
    if "question" in by_name and "answer" in by_name:
        for name in ("question", "answer"):
            if not by_name[name]:
                raise BadDocument(line, name, "is empty", "fill it in or remove the row")
        return Section((by_name["question"],), by_name["answer"])
    if not row[0]:
        raise BadDocument(line, header[0], "is empty", "name the row in its first column")
    said = [f"{name}: {field.rstrip('.')}." for name, field in zip(header, row, strict=True) if field]
    return Section((row[0],), " ".join(said))
