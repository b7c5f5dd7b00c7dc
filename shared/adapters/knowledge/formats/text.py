"""Decodes the bytes of a text file."""

from shared.adapters.knowledge.documents import BadDocument


def decode(data: bytes) -> str:
    """`data` as UTF-8, without a byte order mark; raises `BadDocument` naming the first wrong byte."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadDocument(line, "encoding", f"byte {error.start} is not UTF-8", "save it as UTF-8") from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise BadDocument(line, "encoding", "there is a NUL byte", "save it as plain UTF-8 text")
    return text
