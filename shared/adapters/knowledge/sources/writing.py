"""What editing asks of a place where documents are."""

import hashlib
from typing import Protocol

from shared.adapters.knowledge.sources.source import DocumentSource
from shared.errors import DeskError


class TextChanged(DeskError):
    """The file is no longer what it was when it was read; nothing was written."""


class ReadOnlySource(DeskError):
    """The place, or this file of it, takes no writing; the message says what to do."""


class EditableSource(DocumentSource, Protocol):
    """A place whose documents can be replaced. Its methods block: call them in a thread."""

    def current(self, name: str) -> bytes | None:
        """The bytes as they are now, None when there is no such file; raises `BadDocument`, `SourceDown`."""
        ...

    def replace(self, name: str, data: bytes, *, over: str) -> None:
        """Put `data` there, in one step, if the file still has the SHA-256 `over` (empty: if none is there).

        Raises `TextChanged`, `ReadOnlySource`, `SourceDown`.
        """
        ...


def sha256(data: bytes) -> str:
    """By what two states of a file are told apart."""
    return hashlib.sha256(data).hexdigest()
