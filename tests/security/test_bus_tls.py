"""TLS to the bus: only a server whose certificate is trusted and named so, only clients it knows."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from mock_apis import tls
from mock_apis.tls import Certificates, certificates
from shared.errors import SettingsError
from shared.settings import Settings
from shared.wiring import open_services
from tests.security.bus_users import house

NOW = datetime.now(UTC)


@asynccontextmanager
async def server(
    folder: Path, *, now: datetime = NOW, clients: Path | None = None
) -> AsyncIterator[Settings]:
    """A server that speaks TLS only, and the settings of a client that trusts it."""
    served = certificates(folder / "tls", now=now)
    block = f'tls {{ cert_file: "{served.certificate}", key_file: "{served.key}"'
    block += f', ca_file: "{clients}", verify: true }}' if clients else " }"
    async with house(folder, more=block) as place:
        yield Settings(
            data_dir=folder / "data",
            bus_url=place.url.replace("nats://", "tls://"),
            bus_credentials=str(place.users),
            bus_tls_ca=str(served.authority),
        )


async def ping(settings: Settings) -> None:
    async with open_services(settings, actor="service:conversation") as services:
        await (await services.bus("conversation")).ping()


async def refused(settings: Settings, says: str) -> None:
    began = time.monotonic()
    with pytest.raises(SettingsError, match=says):
        await ping(settings)
    assert time.monotonic() - began < 20, "it tried again and again"


async def test_a_trusted_server_is_spoken_to(tmp_path: Path) -> None:
    """With its authority, also by nats://, where the server asks for TLS; not with the system's."""
    async with server(tmp_path) as settings:
        await ping(settings)
        await ping(settings.model_copy(update={"bus_url": settings.bus_url.replace("tls://", "nats://")}))
        await refused(settings.model_copy(update={"bus_tls_ca": ""}), r"BUS_URL=.*not accepted.*BUS_TLS_CA")


async def test_another_authority_is_not_trusted(tmp_path: Path) -> None:
    """A certificate of somebody else's, with the right name in it."""
    other = certificates(tmp_path / "other")
    async with server(tmp_path) as settings:
        await refused(
            settings.model_copy(update={"bus_tls_ca": str(other.authority)}), r"not accepted.*BUS_TLS_CA"
        )


async def test_a_certificate_for_another_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is always compared."""
    monkeypatch.setattr(tls, "_ADDRESSES", ("127.0.0.9",))
    async with server(tmp_path) as settings:
        await refused(settings, r"mismatch.*BUS_URL a name that stands in it")


async def test_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    """And said so."""
    async with server(tmp_path, now=NOW - timedelta(days=400)) as settings:
        await refused(settings, "certificate has expired")


async def test_a_client_shows_its_certificate(tmp_path: Path) -> None:
    """A server that wants one refuses who has none, or a stranger's."""
    mine, strangers = client_certificate(tmp_path / "mine"), client_certificate(tmp_path / "strangers")
    async with server(tmp_path, clients=mine.certificate) as settings:
        await ping(shown(settings, mine))
        await refused(settings, "does not accept our certificate.*BUS_TLS_CERT")
        await refused(shown(settings, strangers), "does not accept our certificate.*BUS_TLS_CERT")


async def test_nothing_is_said_in_the_clear_where_tls_was_asked_for(tmp_path: Path) -> None:
    """nats-py encrypts only when the server says so; whoever stands in between would not."""
    async with house(tmp_path) as place:
        for update in (
            {"bus_url": place.url.replace("nats://", "tls://")},
            {"bus_url": place.url, "bus_tls_ca": str(certificates(tmp_path / "tls").authority)},
        ):
            settings = Settings(data_dir=tmp_path, bus_credentials=str(place.users), **update)  # type: ignore[arg-type]
            await refused(settings, "TLS was asked for")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"bus_tls_ca": "nowhere.pem"}, "BUS_TLS_CA='nowhere.pem': no such file"),
        ({"bus_tls_cert": "a.pem"}, "BUS_TLS_KEY is empty"),
        ({"bus_tls_key": "a.key"}, "BUS_TLS_CERT is empty"),
        (
            {"bus_tls_cert": "a.pem", "bus_tls_key": "a.key"},
            "BUS_TLS_CERT='a.pem', BUS_TLS_KEY='a.key': no such",
        ),
    ],
)
async def test_a_wrong_file_names_its_variable(tmp_path: Path, settings: dict[str, str], says: str) -> None:
    """Before anybody is called."""
    await refused(Settings(data_dir=tmp_path, bus_url="tls://127.0.0.1:9", **settings), says)  # type: ignore[arg-type]


def shown(settings: Settings, own: Certificates) -> Settings:
    return settings.model_copy(update={"bus_tls_cert": str(own.certificate), "bus_tls_key": str(own.key)})


def client_certificate(folder: Path) -> Certificates:
    """One that signed itself: a server trusts exactly it."""
    folder.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, folder.name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(hours=1))
        .not_valid_after(NOW + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    own = Certificates(folder / "cert.pem", folder / "cert.pem", folder / "cert.key")
    own.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    own.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return own
