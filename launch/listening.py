"""Takes the ports that a process listens at, before anything else is started."""

import os
import socket

from shared.errors import SettingsError


def listening(host: str, port: int, *, setting: str, remedy: str) -> socket.socket:
    """A socket bound to this port; `setting` is how the error names it.

    Raises:
        SettingsError: it is taken, or not ours to take.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise SettingsError(f"{setting}: {os.strerror(error.errno or 0)}; {remedy}") from error
    return sock
