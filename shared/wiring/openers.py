"""Opens one adapter per seam, chosen by the scheme of its URL setting.

Adapters are imported where they are chosen, so that a process pays only for what it runs: an agent without
the embedded engine never loads onnxruntime, one without mocks never loads graphql.
"""

import os
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from shared import ports
from shared.errors import SettingsError
from shared.settings import Settings, without_password

if TYPE_CHECKING:
    from shared.adapters.knowledge.index import Index
    from shared.adapters.knowledge.sources import DocumentSource
    from shared.adapters.openai.embedder import Paid
    from shared.adapters.openai.prices import PriceTable
    from shared.adapters.scripted import ScriptedModel
    from shared.adapters.sqlite.answers import AnswerRows
    from shared.ports.rights import ReceiptBook


def scheme(url: str) -> str:
    """The part of a URL setting that picks the adapter."""
    return urlsplit(url).scheme


def asks_a_service(url: str) -> bool:
    """Whether models at this URL are paid for by what is asked of them."""
    return scheme(url) in {"https", "http", "mock"}


def unknown(name: str, url: str, known: str) -> SettingsError:
    """The error of a URL whose scheme no adapter has."""
    return SettingsError(f"{name}={without_password(url)!r}: unknown scheme; it may be one of {known}")


def open_audit(settings: Settings, actor: str) -> AbstractAsyncContextManager[ports.AuditLog]:
    """Who did what, in `DATA_DIR/vault`; `actor` is this process."""
    from shared.adapters.local.audit import open_local_audit  # noqa: PLC0415

    folder = settings.data_dir / "vault"
    return open_local_audit(
        folder / "audit.log",
        anchor=Path(settings.audit_anchor or settings.data_dir / "secrets" / "audit-anchor"),
        key_file=_signing_key(settings),
        actor=actor,
        size=settings.audit_file_bytes,
    )


def open_vault(settings: Settings, audit: ports.AuditLog) -> AbstractAsyncContextManager[ports.PIIVault]:
    """Personal data, at `VAULT_URL`."""
    folder, kind = settings.data_dir / "vault", scheme(settings.vault_url)
    if kind == "https":
        from shared.adapters.key_vault import open_key_vault  # noqa: PLC0415

        return open_key_vault(settings.vault_url, folder / "vault.db", audit=audit)
    if kind == "keyvault-secrets":
        from shared.adapters.key_vault_values import open_secrets_vault  # noqa: PLC0415

        return open_secrets_vault(settings.vault_url, folder / "vault.db", audit=audit)
    if kind != "local":
        known = "local://, https://<name>.vault.azure.net, keyvault-secrets://<name>.vault.azure.net"
        raise unknown("VAULT_URL", settings.vault_url, known)
    from shared.adapters.local.vault import open_local_vault  # noqa: PLC0415

    return open_local_vault(folder / "vault.db", folder / "key", audit=audit)


def open_receipts(settings: Settings) -> "ReceiptBook":
    """What signs receipts, with the vault's key."""
    from shared.adapters.local.receipts import LocalReceiptBook  # noqa: PLC0415

    return LocalReceiptBook(_signing_key(settings))


def _signing_key(settings: Settings) -> Path:
    """The key file of audit log and receipts: the vault's, or one of their own where that is elsewhere."""
    folder = settings.data_dir / "vault"
    if scheme(settings.vault_url) == "local":
        return folder / "key"
    from shared.adapters.local.key_file import KeyFile  # noqa: PLC0415

    own = folder / "signing-key"
    if not own.exists():
        KeyFile(own).create()
    return own


@asynccontextmanager
async def open_embedder(settings: Settings, paid: "Paid | None" = None) -> AsyncIterator[ports.Embedder]:
    """Vectors, from `EMBEDDER_URL` when they are not made here; `paid` hears what a service took for them."""
    kind = scheme(settings.embedder_url)
    if kind == "hashing":
        from shared.adapters.memory.embedder import HashingEmbedder  # noqa: PLC0415

        yield HashingEmbedder()
    elif kind in {"https", "http"}:
        from shared.adapters.openai.access import ModelAccess  # noqa: PLC0415
        from shared.adapters.openai.wiring import open_embedder as open_remote  # noqa: PLC0415

        key = settings.model_api_key.get_secret_value()
        access = ModelAccess(url=settings.embedder_url, key=key, api_version=settings.model_api_version)
        dimensions = settings.embedder_dimensions
        model = settings.embedder_model
        async with open_remote(access, model=model, dimensions=dimensions, paid=paid) as remote:
            yield remote
    else:
        raise unknown("EMBEDDER_URL", settings.embedder_url, "embedded://, https://..., hashing:// (tests)")


def open_index(settings: Settings, embedder: ports.Embedder) -> AbstractAsyncContextManager["Index"]:
    """The knowledge base, at `INDEX_URL`."""
    kind, vectors, again = scheme(settings.index_url), settings.index_vectors, settings.re_embed
    if kind in {"mongodb", "mongodb+srv"}:
        from shared.adapters.mongo.index import open_index as open_mongo  # noqa: PLC0415

        return open_mongo(settings.index_url, embedder=embedder, vectors=vectors, re_embed=again)
    if kind != "sqlite":
        raise unknown("INDEX_URL", settings.index_url, "sqlite://, mongodb://..., mongodb+srv://...")
    if vectors != "exact":
        raise SettingsError(
            f"INDEX_VECTORS={vectors!r}: INDEX_URL={settings.index_url!r} compares vectors in process; "
            "set INDEX_VECTORS=exact, or INDEX_URL to an Azure DocumentDB cluster"
        )
    from shared.adapters.sqlite.index import open_index as open_sqlite  # noqa: PLC0415

    path = settings.data_dir / "knowledge.db"
    return open_sqlite(path, embedder=embedder, re_embed=again)


@asynccontextmanager
async def open_knowledge_source(settings: Settings) -> AsyncIterator["DocumentSource"]:
    """The place of the documents, at `KNOWLEDGE_SOURCE`: a container's URL, or a folder."""
    where = settings.knowledge_source.get_secret_value()
    if scheme(where) in {"https", "http"}:
        from shared.adapters.knowledge.sources.blob import BlobSource  # noqa: PLC0415

        with closing(
            BlobSource(
                where,
                connection_string=settings.knowledge_connection_string.get_secret_value(),
                hosts=settings.knowledge_hosts.lower().replace(",", " ").split(),
            )
        ) as container:
            yield container
    elif "://" in where:
        name = f"{scheme(where)}://..."
        raise unknown(
            "KNOWLEDGE_SOURCE", name, "a folder, https://<account>.blob.core.windows.net/<container>"
        )
    else:
        from shared.adapters.knowledge.sources.folder import FolderSource  # noqa: PLC0415

        yield FolderSource(Path(where))


@asynccontextmanager
async def open_answers(settings: Settings) -> AsyncIterator["AnswerRows"]:
    """The replies that models wrote, in `DATA_DIR/answers.db`."""
    from shared.adapters.sqlite.answers import AnswerRows  # noqa: PLC0415

    path, seconds = settings.data_dir / "answers.db", settings.answer_cache_hours * 3600
    with closing(AnswerRows(path, most=settings.answer_cache_size, seconds=seconds)) as rows:
        yield rows


def cached(
    settings: Settings, writer: ports.Writer, rows: "AnswerRows", embedder: ports.Embedder, written_as: str
) -> ports.Writer:
    """The writer of a model service, before which kept replies are looked for."""
    from shared.adapters.answer_cache import CachedWriter  # noqa: PLC0415
    from shared.adapters.openai.client import ENGINE  # noqa: PLC0415

    least = settings.answer_cache_similarity
    return CachedWriter(writer, rows, embedder, written_as=written_as, engine=ENGINE, least=least)


def open_shop(
    settings: Settings, vault: ports.PIIVault, clock: ports.Clock
) -> AbstractAsyncContextManager[ports.CommerceApi]:
    """The shop, at `COMMERCE_URL`."""
    from shared.adapters.shopify import open_commerce  # noqa: PLC0415

    return open_commerce(
        settings.commerce_url,
        token=settings.commerce_token.get_secret_value(),
        vault=vault,
        clock=clock,
        mock_file=settings.data_dir / "mock" / "shopify.db",
    )


def open_helpdesk(
    settings: Settings, vault: ports.PIIVault
) -> AbstractAsyncContextManager[ports.HelpdeskApi]:
    """Tickets, at `HELPDESK_URL`."""
    from shared.adapters.zendesk import open_helpdesk  # noqa: PLC0415

    return open_helpdesk(
        settings.helpdesk_url,
        email=settings.helpdesk_user,
        token=settings.helpdesk_token.get_secret_value(),
        language=settings.helpdesk_language,
        vault=vault,
        mock_file=settings.data_dir / "mock" / "zendesk.db",
    )


def open_prices() -> "PriceTable":
    """What models cost. SettingsError names a price that is none.

    The setting is read here and not with the others of models, which need the vendor's SDK.
    """
    from shared.adapters.openai.prices import load_prices  # noqa: PLC0415

    given = os.environ.get("MODEL_PRICES")
    return load_prices(Path(given) if given else None)


def scripted(settings: Settings) -> "ScriptedModel":
    """The model that says what a test wrote down."""
    from shared.adapters.scripted import ScriptedModel  # noqa: PLC0415

    return ScriptedModel.from_url(settings.model_url)
