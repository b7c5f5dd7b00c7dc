"""Keeps fetches of documents at the host they are meant for, out of our own network, and within bounds.

Host names of containers: learn.microsoft.com, "Query for a Blob Storage endpoint" and "Compare Azure
Government and global Azure". What an address is for: `ipaddress`, from the registries of IANA.
"""

import ipaddress
import re
import socket
from collections.abc import Collection, Iterator
from contextlib import closing
from typing import Any

from azure.core.pipeline.transport import RequestsTransport
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import ContentDecodingError
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Retry
from urllib3.connection import HTTPConnection, HTTPSConnection

from shared.errors import SettingsError

_AZURE = re.compile(
    r"[a-z0-9-]{3,50}(?:\.blob\.core\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)"
    r"|\.z\d\d\.blob\.storage\.azure\.net)"
)
_NEVER = tuple(
    ipaddress.ip_network(network)
    # Azure's own virtual address, and where other clouds have their metadata service.
    for network in ("168.63.129.16/32", "100.64.0.0/10", "192.0.0.0/24", "fd00:ec2::/32")
)
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def check_host(scheme: str, host: str, own: Collection[str]) -> None:
    """Let pass a blob host of Azure by https, and what `own` names (`KNOWLEDGE_HOSTS`) by http too.

    Raises:
        SettingsError: names the host and the remedy.
    """
    if host in own and scheme in {"http", "https"}:
        return
    if not _AZURE.fullmatch(host):
        raise SettingsError(
            f"KNOWLEDGE_SOURCE: {host!r} is no blob host of Azure; if it is yours, name it in KNOWLEDGE_HOSTS"
        )
    if scheme != "https":
        raise SettingsError(f"KNOWLEDGE_SOURCE: {host!r} is asked by {scheme}; write https")


class Inside(Exception):
    """A name led to an address where no container can be; no error of the SDK, which would try again."""


def check_address(host: str, address: str, own: Collection[str]) -> None:
    """Refuse addresses within networks unless the host is our own; link-local and metadata ones always.

    Raises:
        Inside: names the host, the address and the remedy.
    """
    found = _plain(address)
    never = (
        found.is_link_local or found.is_unspecified or found.is_multicast
        or any(found in network for network in _NEVER)
    )  # fmt: skip
    if never:
        raise Inside(f"{host} is at {found}, where no container can be; correct its DNS entry")
    if not found.is_global and host not in own:
        raise Inside(
            f"{host} is at {found}, inside a network; if that is meant (a private endpoint), name it in "
            "KNOWLEDGE_HOSTS"
        )


def _plain(address: str) -> _Address:
    """Without scope, and an IPv4 address that hides in an IPv6 one by itself."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        nat64 = found in ipaddress.ip_network("64:ff9b::/96")
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        return ipaddress.IPv4Address(int(found) & 0xFFFFFFFF) if nat64 else inner or found
    return found


def guarded_transport(own: Collection[str], *, most_bytes: int, **seconds: float) -> RequestsTransport:
    """What the SDK sends requests by: the address is checked on the open connection, before a byte is sent.

    So a name that resolves anew gains nothing. No proxy of the environment is used, because it would resolve
    for us. An answer with more than `most_bytes`, unpacked, is broken off; `seconds` are `connection_timeout`
    and `read_timeout`.
    """
    session = Session()
    session.trust_env = False
    adapter = _Adapter(own, most_bytes)
    for scheme in ("https://", "http://"):
        session.mount(scheme, adapter)
    return RequestsTransport(session=session, session_owner=True, **seconds)


class _Adapter(HTTPAdapter):
    def __init__(self, own: Collection[str], most_bytes: int) -> None:
        self._own = own
        self._most_bytes = most_bytes
        super().__init__(max_retries=Retry(total=False, redirect=False, raise_on_status=False))

    def init_poolmanager(self, *args: Any, **named: Any) -> None:
        """Pools whose connections look where they lead."""
        super().init_poolmanager(*args, **named)
        own = self._own

        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                return _looked_at(super()._new_conn(), self.host, own)

        class Secure(HTTPSConnection):
            def _new_conn(self) -> socket.socket:
                return _looked_at(super()._new_conn(), self.host, own)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class SecurePool(HTTPSConnectionPool):
            ConnectionCls = Secure

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}

    def send(self, request: PreparedRequest, *args: Any, **named: Any) -> Response:
        """Send it; the body is counted while it is read."""
        response = super().send(request, *args, **named)
        unpack = response.raw.stream

        def counted(*given: Any, **how: Any) -> Iterator[bytes]:
            total = 0
            for piece in unpack(*given, **how):
                total += len(piece)
                if total > self._most_bytes:
                    response.raw.close()
                    raise ContentDecodingError(f"the answer has more than {self._most_bytes:,} bytes")
                yield piece

        response.raw.stream = counted
        return response


def _looked_at(sock: socket.socket, host: str, own: Collection[str]) -> socket.socket:
    try:
        check_address(host, str(sock.getpeername()[0]), own)
    except BaseException:
        with closing(sock):
            raise
    return sock
