"""Documents in a container of Azure Blob Storage."""

import ipaddress
import logging
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage.blob import BlobProperties, ContainerClient, ContentSettings, ExponentialRetry

from shared.adapters.knowledge.documents import BadDocument
from shared.adapters.knowledge.sources.fetching import Inside, check_host, guarded_transport
from shared.adapters.knowledge.sources.source import MOST_BYTES, Listed, Listing, checked, is_wanted
from shared.adapters.knowledge.sources.writing import ReadOnlySource, TextChanged, sha256
from shared.errors import SettingsError, SourceDown

_REMEDY = "give a URL with a SAS that may read and list, or KNOWLEDGE_CONNECTION_STRING, or an Azure identity"
_SECRET = re.compile(r"(?i)\b(sig|AccountKey|SharedAccessSignature)=[^&\s;'\"]+")
_CONNECT_SECONDS, _READ_SECONDS = 10, 30
_PAGE = 1_000
# A document, or a page of the listing; one more than is allowed shows that a blob grew.
_LARGEST_ANSWER = MOST_BYTES + 1


@dataclass(frozen=True)
class _Place:
    """A container URL taken apart; `prefix` is empty or ends in `/`, `sas` may be empty."""

    account: str
    container: str
    prefix: str
    sas: str

    @property
    def where(self) -> str:
        return f"{self.account}/{self.container}/{self.prefix}".rstrip("/")


class BlobSource:
    """Implements `DocumentSource`; marks are MD5 or ETag of the listing, so only what changed is fetched.

    `hosts` may be asked besides Azure's own, and may stand inside our network.
    """

    def __init__(self, url: str, *, connection_string: str = "", hosts: Collection[str] = ()) -> None:
        place = _parsed(url)
        check_host(urlsplit(url).scheme.lower(), urlsplit(url).hostname or "", hosts)
        self.where = place.where
        self._prefix = place.prefix
        self._client = _client(place, connection_string, hosts)

    def list(self) -> Listing:
        """Every document below the prefix, however many pages the listing has."""
        with self._errors():
            return checked(self._listed(), (), self.where)

    def read(self, file: Listed) -> bytes:
        """The blob as it was listed, fetched in pieces and never more than is allowed."""
        try:
            with self._errors():
                return self._fetched(file)
        except ResourceNotFoundError:
            raise _changed("vanished") from None
        except ResourceModifiedError:
            raise _changed("changed") from None

    def current(self, name: str) -> bytes | None:
        """The bytes of this blob now, None when there is none."""
        found = self._now(name)
        return None if found is None else found[0]

    def replace(self, name: str, data: bytes, *, over: str) -> None:
        """See `EditableSource.replace`; the service refuses by If-Match when another upload came first."""
        found = self._now(name)
        if (sha256(found[0]) if found else "") != over:
            raise TextChanged(f"{name} has changed meanwhile")
        # Without an ETag the SDK sends If-None-Match: * (learn.microsoft.com, "Specify conditional headers").
        same: dict[str, Any] = {"overwrite": False}
        if found:
            same = {"overwrite": True, "etag": found[1], "match_condition": MatchConditions.IfNotModified}
        kind = ContentSettings(content_type="text/markdown; charset=utf-8")
        try:
            with self._errors():
                self._client.upload_blob(self._prefix + name, data, content_settings=kind, **same)
        except (ResourceModifiedError, ResourceExistsError, ResourceNotFoundError):
            raise TextChanged(f"{name} has changed meanwhile") from None
        except SettingsError as error:
            raise ReadOnlySource(
                f"{self.where} does not let us write: {error}; give a SAS that may read, list and write, or "
                "edit the document where it comes from"
            ) from None

    def _now(self, name: str) -> tuple[bytes, str] | None:
        """The bytes of a blob with their ETag."""
        try:
            with self._errors():
                found = self._client.download_blob(self._prefix + name)
                data = bytearray()
                for piece in found.chunks():
                    data += piece
                    if len(data) > MOST_BYTES:
                        raise _changed("grew")
                return bytes(data), str(found.properties.etag)
        except ResourceNotFoundError:
            return None
        except ResourceModifiedError:
            raise _changed("changed") from None

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _listed(self) -> Iterator[Listed]:
        found = self._client.list_blobs(name_starts_with=self._prefix or None, results_per_page=_PAGE)
        for blob in found:
            name = blob.name.removeprefix(self._prefix)
            # Storage with folders lists those too, as blobs without bytes.
            if not name.endswith("/") and is_wanted(name):
                yield Listed(name, blob.size, _mark(blob))

    def _fetched(self, file: Listed) -> bytes:
        condition: dict[str, Any] = {}
        if file.mark.startswith("etag:"):
            condition = {
                "etag": file.mark.removeprefix("etag:"),
                "match_condition": MatchConditions.IfNotModified,
            }
        data = bytearray()
        for piece in self._client.download_blob(self._prefix + file.name, **condition).chunks():
            data += piece
            if len(data) > MOST_BYTES:
                raise _changed("grew")
        return bytes(data)

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """The SDK's errors as ours, not chained: theirs may hold the signed URL."""
        try:
            yield
        except (ResourceModifiedError, ResourceExistsError):
            raise
        except ResourceNotFoundError as error:
            if _code(error) == "BlobNotFound":
                raise
            raise SettingsError(f"there is no container {self.where}; create it, or mend the name") from None
        except ClientAuthenticationError as error:
            raise SettingsError(f"{self.where} lets us not in ({_code(error)}); {_REMEDY}") from None
        except HttpResponseError as error:
            if error.status_code in {401, 403}:
                raise SettingsError(f"{self.where} lets us not in ({_code(error)}); {_REMEDY}") from None
            raise SourceDown(f"{self.where} answered {error.status_code} ({_code(error)})") from None
        except ValueError as error:  # what the SDK makes of an answer without the headers it needs
            raise SourceDown(
                f"{self.where} answers as no blob service does ({type(error).__name__})"
            ) from None
        except Inside as error:
            raise SettingsError(f"KNOWLEDGE_SOURCE: {error}") from None
        except AzureError as error:
            reason = _SECRET.sub(r"\1=...", str(error.message))[:300]
            raise SourceDown(f"{self.where} cannot be reached: {reason}") from None


def _changed(how: str) -> BadDocument:
    return BadDocument(1, "file", f"{how} while it was read", "nothing to do; the next sync tries again")


def _mark(blob: BlobProperties) -> str:
    """The MD5 where the service has one (an upload of the same bytes is no change), else the ETag."""
    md5 = blob.content_settings.content_md5
    return f"md5:{bytes(md5).hex()}:{blob.size}" if md5 else f"etag:{blob.etag}"


def _code(error: HttpResponseError) -> str:
    return str(getattr(error, "error_code", None) or error.reason or type(error).__name__)


def _parsed(url: str) -> _Place:
    """Raises `SettingsError`; the URL is shown without its query, which may be a secret."""
    parts = urlsplit(url)
    host, shown = parts.hostname or "", url.split("?", 1)[0]
    names = [unquote(name) for name in parts.path.split("/") if name]
    # Azurite and other stand-ins, at an address or a name without dots, have the account in the path.
    in_path = 1 if _is_address(host) or "." not in host else 0
    if not host or len(names) <= in_path:
        raise SettingsError(
            f"{shown!r} names no container; write https://<account>.blob.core.windows.net/<container>[/prefix]"
        )
    account = "/".join([f"{parts.scheme}://{parts.netloc.rsplit('@', 1)[-1]}", *names[:in_path]])
    prefix = "".join(f"{name}/" for name in names[in_path + 1 :])
    sas = parts.query if "sig" in parse_qs(parts.query) else ""
    return _Place(account, names[in_path], prefix, sas)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _client(place: _Place, connection_string: str, hosts: Collection[str]) -> ContainerClient:
    options: dict[str, Any] = {
        "transport": guarded_transport(
            hosts,
            most_bytes=_LARGEST_ANSWER,
            connection_timeout=_CONNECT_SECONDS,
            read_timeout=_READ_SECONDS,
        ),
        # Whoever answers for the container shall not send us, and what opens it, elsewhere.
        "permit_redirects": False,
        "retry_policy": ExponentialRetry(initial_backoff=1, increment_base=2, retry_total=2),
        "max_single_get_size": MOST_BYTES,
    }
    # At DEBUG urllib3 logs every request line, the signature with it.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
    if place.sas:
        return ContainerClient(place.account, place.container, credential=place.sas, **options)
    if connection_string:
        return _by_connection_string(place, connection_string, options)
    if not place.account.startswith("https://"):
        raise SettingsError(
            f"{place.where} needs a SAS or KNOWLEDGE_CONNECTION_STRING: http carries no identity"
        )
    from azure.identity import DefaultAzureCredential  # noqa: PLC0415  many modules, needed only here

    return ContainerClient(place.account, place.container, credential=DefaultAzureCredential(), **options)


def _by_connection_string(place: _Place, text: str, options: dict[str, Any]) -> ContainerClient:
    try:
        client = ContainerClient.from_connection_string(text, place.container, **options)
    except ValueError:
        raise SettingsError(
            "KNOWLEDGE_CONNECTION_STRING is not one; copy it from the storage account's access keys"
        ) from None
    if not client.url.startswith(f"{place.account}/"):
        held = _SECRET.sub(r"\1=...", client.url.split("?", 1)[0])
        raise SettingsError(f"KNOWLEDGE_CONNECTION_STRING is for {held}, but the source is {place.where}")
    return client
