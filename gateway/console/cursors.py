"""Where a page of a list ended, as an address holds it: opaque to who brings it, checked when it comes."""

import base64
from typing import Any, Generic, TypeVar

import msgspec

from gateway.problems import Problem

_Place = TypeVar("_Place", bound=tuple[Any, ...])


class Cursors(Generic[_Place]):
    """The cursors of one list; `kind` is the tuple that its rows are ordered by."""

    def __init__(self, kind: type[_Place]) -> None:
        self._decoder: msgspec.json.Decoder[_Place] = msgspec.json.Decoder(kind)

    def of(self, place: _Place) -> str:
        """The cursor of a place."""
        return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode()

    def read(self, cursor: str) -> _Place:
        """The place of a cursor.

        Raises:
            Problem: 422, it is none of this list.
        """
        try:
            return self._decoder.decode(base64.b64decode(cursor, altchars="-_", validate=True))
        except ValueError as error:
            detail = f"cursor: {cursor[:40]!r} is no `next` of this list; leave it out to start at the top"
            raise Problem(422, "invalid-field", "Invalid request", detail) from error
