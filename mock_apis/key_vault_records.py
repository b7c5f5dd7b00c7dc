"""Keeps the mock Key Vault's secrets: versions, attributes, and what is deleted but not gone.

Shapes: learn.microsoft.com/rest/api/keyvault/secrets (SecretBundle, SecretItem, DeletedSecretBundle). Rules
of values: learn.microsoft.com/azure/key-vault/secrets/about-secrets. Names are compared without case:
learn.microsoft.com/azure/key-vault/general/about-keys-secrets-certificates.
"""

import re
from collections.abc import Iterator
from typing import Any, Literal
from uuid import uuid4

from mock_apis.store import Store

Doc = dict[str, Any]
Phase = Literal["gone", "live", "deleting", "deleted", "recovering"]

NAME = re.compile(r"[0-9a-zA-Z-]{1,127}")
MOST_BYTES = 25 * 1024
_MOST_TAGS, _MOST_TAG, _MOST_TYPE = 15, 256, 255
_KEPT_DAYS = 90
_DAY_S = 86400


def find(store: Store, name: str) -> Doc | None:
    """The secret of this name, deleted or not, or None."""
    return store.get("secret", name.casefold())


def phase(secret: Doc | None, now: float) -> Phase:
    """Where a secret is: deleting and recovering take until `settled`, in Unix seconds."""
    if secret is None:
        return "gone"
    if not secret["deleted"]:
        return "live" if now >= secret["settled"] else "recovering"
    if now >= secret["purged"]:
        return "gone"
    return "deleted" if now >= secret["settled"] else "deleting"


def problem(wish: Doc, *, new: bool) -> str | None:
    """What the service would refuse in the body of a set (`new`) or an update; None when nothing."""
    fits = {
        "value": isinstance(wish.get("value"), str) or not new,
        "contentType": _is_text(wish.get("contentType", ""), _MOST_TYPE),
        "tags": _are_tags(wish.get("tags", {})),
        "attributes": _are_attributes(wish.get("attributes", {})),
    }
    wrong = next((name for name, fit in fits.items() if not fit), None)
    if wrong is None and len(str(wish.get("value", "")).encode("utf-8", "surrogatepass")) > MOST_BYTES:
        return f"Property value has invalid value: it is longer than {MOST_BYTES} bytes"
    return None if wrong is None else f"Property {wrong} has invalid value"


def _is_text(value: object, most: int) -> bool:
    return value is None or (isinstance(value, str) and len(value) <= most)


def _are_tags(tags: object) -> bool:
    if not isinstance(tags, dict):
        return tags is None
    return len(tags) <= _MOST_TAGS and all(_is_text(part, _MOST_TAG) for tag in tags.items() for part in tag)


def _are_attributes(given: object) -> bool:
    if not isinstance(given, dict):
        return given is None
    begins, ends = given.get("nbf"), given.get("exp")
    if not isinstance(given.get("enabled"), bool | None) or not isinstance(begins, int | None):
        return False
    return isinstance(ends, int | None) and (begins is None or ends is None or begins < ends)


def add_version(store: Store, name: str, wish: Doc, now: float) -> Doc:
    """A new version, which is the current one from now on."""
    secret = find(store, name) or {"name": name, "deleted": 0, "settled": 0, "purged": 0}
    attributes = _given(wish) | {"created": int(now), "updated": int(now)}
    version: Doc = {
        "version": uuid4().hex,
        "name": secret["name"],
        "value": wish["value"],
        "attributes": {
            "enabled": True,
            "recoveryLevel": "Recoverable+Purgeable",
            "recoverableDays": _KEPT_DAYS,
        }
        | attributes,
    }
    version |= {key: wish[key] for key in ("contentType", "tags") if wish.get(key) is not None}
    key = name.casefold()
    number = store.next_number("version", first=1)
    store.put("version", version["version"], version, number=number, owner=key)
    store.put("secret", key, secret | {"current": version["version"]}, number=number)
    return version


def change_version(store: Store, version: Doc, wish: Doc, now: float) -> None:
    """Replace what the wish names; the value stays."""
    version["attributes"] |= _given(wish) | {"updated": int(now)}
    version |= {key: wish[key] for key in ("contentType", "tags") if wish.get(key) is not None}
    store.change("version", version["version"], version)


def _given(wish: Doc) -> Doc:
    given = wish.get("attributes") or {}
    return {key: given[key] for key in ("enabled", "nbf", "exp") if given.get(key) is not None}


def versions(store: Store, secret: Doc) -> list[Doc]:
    """All versions in the order of their ids, which says nothing of their age, as the service lists them."""
    return sorted(store.owned("version", secret["name"].casefold()), key=lambda found: str(found["version"]))


def secrets(store: Store, wanted: Phase, now: float) -> Iterator[Doc]:
    """The secrets in this phase, by name."""
    yield from sorted(
        (secret for secret in store.all("secret") if phase(secret, now) == wanted),
        key=lambda secret: str(secret["name"]).casefold(),
    )


def delete(store: Store, secret: Doc, now: float, *, delay: float) -> None:
    """Begin to delete; it shows among the deleted ones after `delay` seconds."""
    secret |= {"deleted": int(now), "settled": now + delay, "purged": int(now) + _KEPT_DAYS * _DAY_S}
    store.change("secret", secret["name"].casefold(), secret)


def recover(store: Store, secret: Doc, now: float, *, delay: float) -> None:
    """Begin to recover; it can be read after `delay` seconds."""
    secret |= {"deleted": 0, "settled": now + delay}
    store.change("secret", secret["name"].casefold(), secret)


def purge(store: Store, name: str) -> None:
    """Forget the secret with all its versions."""
    store.sql("DELETE FROM doc WHERE kind = 'version' AND owner = ?", name.casefold())
    store.sql("DELETE FROM doc WHERE kind = 'secret' AND id = ?", name.casefold())


def bundle(version: Doc, base: str) -> Doc:
    """A version with its value."""
    return {"value": version["value"]} | listed_version(version, base)


def listed_version(version: Doc, base: str) -> Doc:
    """A version without its value."""
    shown = {
        "id": f"{base}/secrets/{version['name']}/{version['version']}",
        "attributes": version["attributes"],
    }
    return shown | {key: version[key] for key in ("contentType", "tags") if key in version}


def listed_secret(version: Doc, base: str) -> Doc:
    """A secret by its current version, without value and version."""
    return listed_version(version, base) | {"id": f"{base}/secrets/{version['name']}"}


def deleted_parts(secret: Doc, base: str) -> Doc:
    """What a deleted secret tells besides."""
    return {
        "recoveryId": f"{base}/deletedsecrets/{secret['name']}",
        "deletedDate": secret["deleted"],
        "scheduledPurgeDate": secret["purged"],
    }
