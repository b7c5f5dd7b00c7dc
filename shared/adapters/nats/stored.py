"""Single messages of a stream: looked at one by one, and taken out for good."""

import asyncio
from collections.abc import Mapping

import msgspec
from nats import errors
from nats.js import errors as js_errors

from shared.adapters.nats.link import Link
from shared.adapters.nats.wire import STATUS
from shared.errors import BusDown

READ_SECONDS = 10.0
"""How long the look at one message may take."""
_NOT_FOUND = 404
_GONE = {"no message found", "deleted message"}
"""What a server says, as an error of its own, of a message that somebody else has just taken out."""


class Stored(msgspec.Struct, frozen=True):
    """A message at its position; `hdrs` as they came over the wire."""

    seq: int
    subject: str = ""
    hdrs: bytes = b""
    data: bytes = b""

    @property
    def headers(self) -> Mapping[str, str]:
        """By name."""
        lines = self.hdrs.decode("utf-8", "replace").split("\r\n")[1:]
        return {
            name: value.strip() for name, found, value in (line.partition(":") for line in lines) if found
        }


class _Error(msgspec.Struct, frozen=True):
    code: int
    description: str = ""


class _Found(msgspec.Struct, frozen=True):
    message: Stored | None = None
    error: _Error | None = None


_FOUND = msgspec.json.Decoder(_Found)


async def next_stored(link: Link, stream: str, seq: int, subject: str) -> Stored | None:
    """The first message of a subject from a position on. Raises `BusDown`.

    Not by direct get, which sends what is stored as it is, to any reply subject: who may erase could have
    what it stored itself sent where it may not publish. This answer is wrapped.
    """
    asked = msgspec.json.encode({"seq": seq, "next_by_subj": subject})
    until = asyncio.get_running_loop().time() + READ_SECONDS
    reply = await link.request(f"$JS.API.STREAM.MSG.GET.{stream}", asked, until=until)
    if reply.headers and STATUS in reply.headers:
        raise BusDown(f"stream {stream} cannot be read: no JetStream answers; try again")
    found = _FOUND.decode(reply.data)
    if found.error is not None and found.error.code != _NOT_FOUND:
        raise BusDown(f"stream {stream} cannot be read: {found.error.description}; try again")
    return found.message


async def remove(link: Link, stream: str, seq: int) -> bool:
    """Overwrite a message; False when it was gone. Of several who do it at once one is told True.

    A purge by subject would be one request, but leaves the bytes on the disk until the block is compacted.

    Raises:
        BusDown: it may still be there.
    """
    try:
        await link.manager.delete_msg(stream, seq)
    except js_errors.NotFoundError:
        return False
    except (js_errors.APIError, errors.Error) as error:
        if isinstance(error, js_errors.APIError) and error.description in _GONE:
            return False
        raise BusDown(f"message {seq} of stream {stream} cannot be removed: {error}; try again") from error
    return True
