"""What a stream says to a message: stored, there already, overtaken, or no room."""

import msgspec

from shared.errors import BusDown

TAKEN = 10077
OVERTAKEN = 10071


class Taken(Exception):
    """The subject has its one message already."""


class Overtaken(Exception):
    """Somebody else wrote to the subject since we looked; `last` is the position of what is there, or 0."""

    def __init__(self, subject: str, last: int) -> None:
        super().__init__(subject)
        self.last = last


class _Error(msgspec.Struct):
    code: int = 0
    err_code: int = 0
    description: str = ""


class Ack(msgspec.Struct):
    """What the server says to a stored message."""

    stream: str = ""
    seq: int = 0
    duplicate: bool = False
    error: _Error | None = None


class Acks:
    """Reads acknowledgements."""

    def __init__(self) -> None:
        self._decoder = msgspec.json.Decoder(Ack)

    def read(self, subject: str, data: bytes) -> Ack:
        """The acknowledgement of a message for `subject`.

        Raises:
            Taken, Overtaken: the stream has rules and says no.
            BusDown: it was not stored; the message says what helps.
        """
        ack = self._decoder.decode(data)
        if ack.error is None:
            return ack
        if ack.error.err_code == TAKEN:
            raise Taken(subject)
        if ack.error.err_code == OVERTAKEN:
            # The server says "wrong last sequence: 7".
            last = ack.error.description.rpartition(" ")[2]
            raise Overtaken(subject, int(last) if last.isdecimal() else 0)
        said = ack.error.description
        remedy = "look at the nats-server log"
        if "resource" in said or "space" in said or "maximum" in said:
            remedy = "free disk space or raise the JetStream storage limit, then send it again"
        raise BusDown(f"{subject} was not stored: {said}; {remedy}")
