"""Files read as a sync reads them, without a process apart."""

from shared.adapters.knowledge.documents import Document
from shared.adapters.knowledge.reading import Answer, read_document
from shared.adapters.knowledge.screening import machine_rules
from shared.ports.publishing import Rejected


def answer(name: str, data: str | bytes, side: str | None = None) -> Answer:
    """What reading a file of this name gives."""
    raw = data.encode() if isinstance(data, str) else data
    return read_document(name, raw, None if side is None else side.encode(), rules=machine_rules())


def document(name: str, data: str | bytes, side: str | None = None) -> Document:
    """The document that is read from it."""
    found = answer(name, data, side)
    assert found.rejected is None, str(found.rejected)
    assert found.document is not None
    return found.document


def rejected(name: str, data: str | bytes, side: str | None = None) -> Rejected:
    """Why it is refused."""
    found = answer(name, data, side).rejected
    assert found is not None
    return found
