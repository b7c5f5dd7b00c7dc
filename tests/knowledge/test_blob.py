"""A blob container as the source, against a real Azurite."""

import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from azure.storage.blob import (
    BlobBlock,
    ContainerClient,
    ContainerSasPermissions,
    ContentSettings,
    LinearRetry,
    generate_container_sas,
)

from shared.adapters.knowledge.documents import BadDocument
from shared.adapters.knowledge.sources import MOST_BYTES, blob
from shared.adapters.knowledge.sources.blob import BlobSource
from shared.adapters.knowledge.sources.writing import ReadOnlySource, TextChanged, sha256
from shared.adapters.knowledge.sync import KnowledgeSync
from shared.errors import SettingsError, SourceDown
from tests import azurite as azurite_server
from tests.azurite import ACCOUNT, KEY
from tests.knowledge.folders import opened
from tests.knowledge.test_command import ran

HERE = ("127.0.0.1", "azurite")
local = partial(BlobSource, hosts=HERE)
FAQ = b"question,answer\nHow long may I return an item?,Within 30 days.\n"


@pytest.fixture(scope="module")
def azurite() -> Iterator[str]:
    """The account's URL at a running Azurite."""
    with azurite_server.running() as account:
        yield account


@pytest.fixture
def container(azurite: str) -> Iterator[ContainerClient]:
    """An empty container of its own for each test."""
    with ContainerClient(azurite, f"kb-{uuid4().hex[:8]}", credential=KEY) as client:
        client.create_container()
        yield client


def sas(container: ContainerClient, *, write: bool = False, minutes: int = 5, edit: bool = False) -> str:
    """A signed URL that may read and list, and replace blobs where it may `edit`."""
    query = generate_container_sas(
        ACCOUNT,
        container.container_name,
        account_key=KEY,
        permission=ContainerSasPermissions(read=not write, list=not write, write=write or edit, create=edit),
        expiry=datetime.now(UTC) + timedelta(minutes=minutes),
    )
    return f"{container.url}?{query}"


class Counting(BlobSource):
    """Counts what is downloaded."""

    fetched = 0

    def _fetched(self, file: object) -> bytes:
        self.fetched += 1
        return super()._fetched(file)  # type: ignore[arg-type]


async def test_only_what_changed_is_downloaded(container: ContainerClient, tmp_path: Path) -> None:
    """The listing's MD5 or ETag tells: nothing the second time, one blob after a change."""
    container.upload_blob("kb/en/returns/faq.csv", FAQ)
    container.upload_blob("kb/page.html", b"<h1>Tents</h1><p>Pitch it.</p>")
    container.upload_blob("kb-old/page.html", b"<h1>Old</h1><p>Old words.</p>")
    container.upload_blob("kb/logo.png", b"PNG")
    with closing(Counting(sas(container).replace("?", "/kb?"), hosts=HERE)) as source:
        async with opened(tmp_path) as index:
            sync = KnowledgeSync(source, index)
            assert (await sync.run()).added == ("en/returns/faq.csv", "page.html")
            assert source.fetched == 2
            (passage, *_) = (await index.search("how long may I return an item", language="en", k=1)).passages
            assert (passage.source, passage.category) == ("en/returns/faq.csv", "returns")
            container.upload_blob("kb/en/returns/faq.csv", FAQ, overwrite=True)
            report = await sync.run()
            assert (report.unchanged, source.fetched) == (("en/returns/faq.csv", "page.html"), 2)
            container.upload_blob("kb/page.html", b"<h1>Tents</h1><p>Pitch it well.</p>", overwrite=True)
            assert (await sync.run()).changed == ("page.html",)
            assert source.fetched == 3
            container.delete_blob("kb/page.html")
            assert (await sync.run()).removed == ("page.html",)


async def test_a_blob_without_md5_is_told_by_its_etag(container: ContainerClient, tmp_path: Path) -> None:
    """Blobs written in blocks have no MD5."""

    def put(data: bytes) -> None:
        client = container.get_blob_client("faq.csv")
        client.stage_block("0001", data)
        client.commit_block_list([BlobBlock("0001")], content_settings=ContentSettings())

    put(FAQ)
    with closing(Counting(sas(container), hosts=HERE)) as source:
        assert source.list().files[0].mark.startswith("etag:")
        async with opened(tmp_path) as index:
            sync = KnowledgeSync(source, index)
            await sync.run()
            assert ((await sync.run()).unchanged, source.fetched) == (("faq.csv",), 1)
            put(FAQ.replace(b"30", b"45"))
            assert (await sync.run()).changed == ("faq.csv",)


def test_every_page_of_a_listing_is_read(container: ContainerClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A listing comes in pages; the second one counts as much as the first."""
    monkeypatch.setattr(blob, "_PAGE", 2)
    for n in range(5):
        container.upload_blob(f"{n}.csv", FAQ)
    with closing(local(sas(container))) as source:
        assert [file.name for file in source.list().files] == ["0.csv", "1.csv", "2.csv", "3.csv", "4.csv"]


async def test_a_huge_blob_is_never_downloaded(container: ContainerClient, tmp_path: Path) -> None:
    """Its size in the listing is enough to refuse it."""
    container.upload_blob("faq.csv", FAQ)
    container.upload_blob("huge.csv", b"x" * (MOST_BYTES + 1))
    with closing(Counting(sas(container), hosts=HERE)) as source:
        async with opened(tmp_path) as index:
            (rejected,) = (await KnowledgeSync(source, index).run()).rejected
    assert (rejected.file, rejected.reason) == ("huge.csv", "10,000,001 bytes are more than 10,000,000")
    assert source.fetched == 1


def test_a_blob_that_changes_or_vanishes_meanwhile_waits_for_the_next_sync(
    container: ContainerClient,
) -> None:
    """What is read is what was listed, or nothing."""
    client = container.get_blob_client("faq.csv")
    client.stage_block("0001", FAQ)
    client.commit_block_list([BlobBlock("0001")])
    with closing(local(sas(container))) as source:
        (listed,) = source.list().files
        container.upload_blob("faq.csv", FAQ, overwrite=True)
        with pytest.raises(BadDocument, match="changed while"):
            source.read(listed)
        (listed,) = source.list().files
        container.delete_blob("faq.csv")
        with pytest.raises(BadDocument, match="vanished while"):
            source.read(listed)


def test_a_connection_string_opens_its_own_account_only(container: ContainerClient, azurite: str) -> None:
    """The key of another account is a wrong setting, not a surprise."""
    container.upload_blob("faq.csv", FAQ)
    key = f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
    with closing(local(container.url, connection_string=f"{key}BlobEndpoint={azurite};")) as source:
        (listed,) = source.list().files
        assert source.read(listed) == FAQ
    for wrong, words in (
        (f"{key}BlobEndpoint=http://127.0.0.1:1/other;", "is for http://127.0.0.1:1/other"),
        ("nonsense", "is not one"),
    ):
        with pytest.raises(SettingsError, match=words) as caught:
            local(container.url, connection_string=wrong)
        assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://shop.blob.core.windows.net", "names no container"),
        ("http://127.0.0.1:10000/devstoreaccount1?sig=canary", "names no container"),
        ("http://127.0.0.1:10000/devstoreaccount1/kb", "needs a SAS"),
    ],
)
def test_a_wrong_url_is_a_wrong_setting(url: str, words: str) -> None:
    """It is named without its signature."""
    with pytest.raises(SettingsError, match=words) as caught:
        local(url)
    assert "canary" not in str(caught.value)


def test_an_account_in_azure_is_in_the_hosts_name() -> None:
    """The first part of the path is the container there, the second where stand-ins listen."""
    with closing(local("https://shop.blob.core.windows.net/kb/en/?sig=x")) as source:
        assert source.where == "https://shop.blob.core.windows.net/kb/en"
    with closing(local("http://azurite:10000/devstoreaccount1/kb?sig=x")) as source:
        assert source.where == "http://azurite:10000/devstoreaccount1/kb"


def test_a_container_that_is_not_there_or_not_ours_is_a_wrong_setting(container: ContainerClient) -> None:
    """Both say what to do."""
    name = container.container_name
    missing = generate_container_sas(
        ACCOUNT,
        "not-there",
        account_key=KEY,
        permission=ContainerSasPermissions(list=True),
        expiry=datetime.now(UTC) + timedelta(minutes=5),
    )
    url = container.url.replace(name, "not-there")
    for address, words in (
        (f"{url}?{missing}", "no container"),
        (sas(container, write=True), "lets us not in"),
        (sas(container, minutes=-5), "lets us not in"),
    ):
        with closing(local(address)) as source, pytest.raises(SettingsError, match=words):
            source.list()


def test_no_error_or_log_line_holds_the_signature(
    container: ContainerClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a dead host, nor a refusal, nor the SDK's own debug log tells the SAS."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr(blob, "ExponentialRetry", lambda **_: LinearRetry(backoff=0, retry_total=1))
    dead = "http://127.0.0.1:1/devstoreaccount1/kb?sv=2024-01-01&sp=rl&sig=canary%2Fcanary"
    with closing(local(dead)) as source, pytest.raises(SourceDown, match="cannot be reached") as caught:
        source.list()
    signature = sas(container).split("sig=")[1].split("&")[0]
    with closing(local(sas(container))) as source:
        source.list()
    said = f"{caught.value!r}{caught.value.__cause__!r}{caplog.text}{source.where}"
    assert "canary" not in said
    assert signature not in said


def test_the_command_takes_a_container(container: ContainerClient, tmp_path: Path) -> None:
    """On the command line it wins over the environment; a report names blobs, never the signature."""
    container.upload_blob("faq.csv", FAQ)
    container.upload_blob("bad.csv", b"question\n")
    code, out, error = ran(tmp_path, sas(container), KNOWLEDGE_DIR=str(tmp_path), KNOWLEDGE_HOSTS="127.0.0.1")
    assert (code, error) == (1, "")
    assert out.startswith("  + faq.csv\n  ! rejected: bad.csv:1: header: there are not two columns")
    assert "sig=" not in out


def test_a_blob_is_replaced_unless_it_changed(
    container: ContainerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what it was when it was read, and in the step by the service; without the right nothing is."""
    container.upload_blob("kb/a.md", b"old")
    url = sas(container, edit=True).replace("?", "/kb?")
    with closing(local(url)) as source:
        assert source.current("b.md") is None
        source.replace("b.md", b"made", over="")
        source.replace("a.md", b"new", over=sha256(b"old"))
        assert (source.current("a.md"), source.current("b.md")) == (b"new", b"made")
        for name, over in (("a.md", sha256(b"old")), ("a.md", ""), ("c.md", sha256(b"gone"))):
            with pytest.raises(TextChanged, match="changed meanwhile"):
                source.replace(name, b"worse", over=over)
        # Between the last look and the step somebody uploads: the service tells by the ETag.
        now = source._now("a.md")
        container.upload_blob("kb/a.md", b"theirs", overwrite=True)
        monkeypatch.setattr(source, "_now", lambda _: now)
        with pytest.raises(TextChanged, match="changed meanwhile"):
            source.replace("a.md", b"worse", over=sha256(b"new"))
        monkeypatch.setattr(source, "_now", lambda _: None)
        with pytest.raises(TextChanged, match="changed meanwhile"):
            source.replace("a.md", b"worse", over="")
    with closing(local(sas(container).replace("?", "/kb?"))) as source:
        assert source.current("a.md") == b"theirs"
        with pytest.raises(ReadOnlySource, match="give a SAS that may read, list and write"):
            source.replace("a.md", b"worse", over=sha256(b"theirs"))
