"""Makes a small certificate authority for mock vendors whose clients speak nothing but TLS."""

import ipaddress
import os
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAYS = 365
_NAMES = ("localhost", "*.localhost", "*.vault.localhost")
_ADDRESSES = ("127.0.0.1", "::1")


class Certificates(NamedTuple):
    """PEM files: what clients trust, and what the server shows and keeps to itself."""

    authority: Path
    certificate: Path
    key: Path


def certificates(folder: Path, *, now: datetime | None = None) -> Certificates:
    """The certificates in `folder`, made there when it has none or they end within a week.

    The keys are readable by their owner only; the authority's is thrown away, so nobody can sign more.
    """
    found = Certificates(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    at = now or datetime.now(UTC)
    if found.certificate.exists():
        end = x509.load_pem_x509_certificate(found.certificate.read_bytes()).not_valid_after_utc
        if end - at > timedelta(days=7):
            return found
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Made aside and renamed, so that no process pairs another's authority with its own certificate.
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        _make(aside, at)
        try:
            aside.rename(folder)
        except OSError:  # another process was first: theirs serve as well
            if not found.certificate.exists():
                raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return found


def _make(folder: Path, at: datetime) -> None:
    signer, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _authority(signer, at)
    _write(folder / "ca.pem", authority.public_bytes(serialization.Encoding.PEM))
    _write(
        folder / "server.pem", _server(key, authority, signer, at).public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(folder / "server.key", private)


def _begun(name: str, key: ec.EllipticCurvePublicKey, at: datetime) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(hours=1))
        .not_valid_after(at + timedelta(days=_DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _authority(signer: ec.EllipticCurvePrivateKey, at: datetime) -> x509.Certificate:
    name = "answerdesk mock vendors"
    builder = _begun(name, signer.public_key(), at)
    builder = builder.issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return builder.add_extension(_usage(signs=True), critical=True).sign(signer, hashes.SHA256())


def _server(
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    signer: ec.EllipticCurvePrivateKey,
    at: datetime,
) -> x509.Certificate:
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in _NAMES]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in _ADDRESSES]
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = _begun("localhost", key.public_key(), at).issuer_name(authority.subject)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = builder.add_extension(issued_by, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return builder.add_extension(_usage(signs=False), critical=True).sign(signer, hashes.SHA256())


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _write(path: Path, data: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, data)
    finally:
        os.close(handle)
