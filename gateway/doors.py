"""Which names, origins and proxies this gateway believes, read from its settings once."""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import Scope

from shared.errors import SettingsError
from shared.settings import Settings

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?::\d{1,5})?")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Doors:
    """What a request must name and may come through; without settings: any host, no proxy, no origin.

    `hosts` are names without port, None lets every name pass (an app that is called in process).
    """

    hosts: frozenset[str] | None = None
    origins: frozenset[str] = frozenset()
    proxies: tuple[Network, ...] = ()
    https: bool = False

    def knows(self, host: str) -> bool:
        """Whether this Host header names us: on loopback that keeps DNS rebinding out."""
        if self.hosts is None:
            return True
        named = _HOST.fullmatch(host.lower())
        return named is not None and named[1] in self.hosts

    def seen(self, scope: Scope) -> Scope:
        """The request with the client's own address and scheme, where a proxy we trust tells them.

        The address is the right-most of `X-Forwarded-For` that is no proxy of ours: what stands further
        left is what the client wrote. Any other peer's header says nothing.
        """
        peer = scope.get("client")
        if not self.proxies or peer is None or not self._trusts(peer[0]):
            return scope
        address, schemes = peer[0], []
        for name, value in scope["headers"]:
            if name == b"x-forwarded-proto":
                schemes += [part.strip().lower() for part in value.decode("latin-1").split(",")]
        for hop in _hops(scope):
            address = hop
            if not self._trusts(hop):
                break
        scheme = "https" if schemes and schemes[-1] == "https" else scope["scheme"]
        return {**scope, "client": (address, 0), "scheme": scheme}

    def _trusts(self, address: str) -> bool:
        found = _address(address)
        return found is not None and any(found in network for network in self.proxies)


def doors(settings: Settings) -> Doors:
    """The doors of these settings.

    Raises:
        SettingsError: names the variable, the value and what is expected.
    """
    public = public_origin(settings)
    own = settings.host.lower()
    hosts = {f"[{own}]" if ":" in own else own, *_LOOPBACK}
    if public:
        hosts.add(_bare(urlsplit(public).netloc.lower()))
    for name in _listed(settings.allowed_hosts):
        found = _HOST.fullmatch(name.lower())
        if found is None or found[1] != name.lower():
            raise SettingsError(
                f"ALLOWED_HOSTS={name!r}: expected exact names without scheme, port or *, "
                "separated by commas, e.g. help.example.com,10.0.0.7"
            )
        hosts.add(found[1])
    return Doors(
        hosts=frozenset(hosts),
        origins=frozenset(_origin("CORS_ORIGINS", item) for item in _listed(settings.cors_origins)),
        proxies=tuple(_network(item) for item in _listed(settings.trusted_proxies)),
        https=public.startswith("https://"),
    )


def public_origin(settings: Settings) -> str:
    """`PUBLIC_URL` as browsers write it: plain http on this machine only, as passwords of staff travel there.

    Raises:
        SettingsError: it is no exact origin.
    """
    public = settings.public_url.removesuffix("/")
    return _origin("PUBLIC_URL", public) if public else ""


def address_of(request: Request) -> str:
    """Where a request comes from, as its proxies are believed."""
    return request.client.host if request.client else "local"


def group_of(address: str) -> str:
    """The address as limits count it: IPv6 by its /64, which one customer has to himself."""
    found = _address(address)
    if found is None:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.IPv6Network((found, 64), strict=False))
    return str(found)


def _listed(value: str) -> Sequence[str]:
    return [item.strip() for item in value.split(",") if item.strip()]


def _bare(netloc: str) -> str:
    return re.sub(r":\d+$", "", netloc)


def _hops(scope: Scope) -> Iterator[str]:
    """The addresses of X-Forwarded-For, the nearest first, up to the first that is no address."""
    written = ",".join(
        value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"
    )
    for part in reversed(written.split(",")):
        text = part.strip()
        found = _address(text) or _address(_bare(text).strip("[]"))
        if found is None:
            return
        yield str(found)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _network(text: str) -> Network:
    try:
        found = ipaddress.ip_network(text)
    except ValueError as error:
        raise SettingsError(
            f"TRUSTED_PROXIES={text!r}: {error}; expected addresses or CIDR ranges of your own proxies, "
            "separated by commas, e.g. 10.0.0.0/8,192.0.2.7"
        ) from None
    if not found.prefixlen:
        raise SettingsError(f"TRUSTED_PROXIES={text!r}: that is everybody, who could then claim any address")
    return found


def _origin(name: str, text: str) -> str:
    """An exact web origin as browsers write it; plain http only for loopback."""
    expected = f"{name}={text!r}: expected an exact origin such as https://shop.example.com"
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError as error:
        raise SettingsError(f"{expected}; {error}") from None
    wrong = ""
    if "*" in text:
        wrong = "a wildcard would let every site in; list each origin"
    elif parts.scheme not in _PORTS or not host:
        wrong = "it must begin with https:// and name a host"
    elif parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        wrong = "leave out path, query and user"
    elif not _HOST.fullmatch(parts.netloc.lower()):
        wrong = "the host has characters no host name has (write international names in xn-- form)"
    elif port == _PORTS[parts.scheme]:
        wrong = f"leave out :{port}, which browsers leave out too"
    elif parts.scheme == "http" and _bare(parts.netloc.lower()) not in _LOOPBACK:
        wrong = "http is for loopback only; use https"
    if wrong:
        raise SettingsError(f"{expected}; {wrong}")
    return f"{parts.scheme}://{parts.netloc.lower()}"
