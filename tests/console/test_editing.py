"""Edits of documents whose file, place or days are out of the ordinary, and what the audit says of them."""

import re
import threading
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qsl

import pytest

from gateway.staff import forgery
from shared.adapters.memory.audit import MemoryAudit
from tests.console.desk import PAGE
from tests.console.knowledge_desk import DOCUMENT, KnowledgeDesk, knowledge_desk
from tests.knowledge.folders import served, write

DAYS = "## How long\n\nYou can return most items within {} of delivery."


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    """A document and its translation."""
    folder = tmp_path / "kb"
    write(folder, "returns.md")
    write(
        folder, "returns-fr.md", title="Retours", locale="fr", translation_of="returns",
        text="Vous pouvez renvoyer la plupart des articles sous 30 jours.",
    )  # fmt: skip
    return folder


def deeds(desk: KnowledgeDesk) -> list[tuple[str, str]]:
    """What the audit says was done to documents and gaps, and to which."""
    lines = cast("MemoryAudit", desk.console.desk.entries.audit).lines
    told = [(line.deed.action, line.deed.purpose.split()[0]) for line in lines]
    return [each for each in told if each[0].startswith(("knowledge_", "gap_"))]


async def test_an_edit_keeps_the_days_of_the_text(tmp_path: Path, kb: Path) -> None:
    """A typo that is mended neither brings a promotion forward nor makes it hold for good."""
    days = {"effective_from": "2099-01-01", "effective_until": "2099-02-01"}
    write(kb, "returns.md", **days)
    async with knowledge_desk(tmp_path, kb) as desk:
        page = (await desk.get(f"{DOCUMENT}/edit")).text
        assert re.findall(r'type="date" (?:required )?value="([^"]*)"', page) == list(days.values())


async def test_a_broken_file_is_mended(tmp_path: Path, kb: Path) -> None:
    """Its closing fence is lost: what the form hides comes from the index, and it can be published."""
    async with knowledge_desk(tmp_path, kb) as desk:
        file = kb / "returns-fr.md"
        file.write_text(file.read_text("utf-8").replace("---\n\n#", "\n#"), "utf-8")
        given = await desk.form("/console/knowledge/documents/returns-fr/edit")
        named = {name: given[name] for name in ("id", "locale", "translation_of", "title")}
        assert named == {"id": "returns-fr", "locale": "fr", "translation_of": "returns", "title": "Retours"}
        given |= {"text": "## Délai\n\nVous pouvez renvoyer la plupart des articles sous 30 jours."}
        assert (await desk.send("publish", given | {"reason": "the fence was lost"})).status_code == 303


async def test_line_ends_stay(tmp_path: Path, kb: Path) -> None:
    """A file of Windows is one afterwards, and only what was changed is shown as changed."""
    file = kb / "returns.md"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    async with knowledge_desk(tmp_path, kb) as desk:
        given = await desk.form()
        text = given["text"].replace("30 days", "30 whole days")
        assert (await desk.publish(text)).status_code == 303
        data = file.read_bytes()
        assert (data.count(b"\n"), b"whole" in data) == (data.count(b"\r\n"), True)
        assert "whole" in await served(desk.behind.index)
        file.write_bytes(data.replace(b"\r\n", b"\n"))
        late = await desk.send("publish", given | {"reason": "why"})
        assert (late.status_code, late.text.count("<del>")) == (409, 1)


async def test_a_long_text_is_read_beside_the_loop(
    tmp_path: Path, kb: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Percent-decoding a megabyte takes long; who else is served does not wait for it."""
    aside = set[tuple[bool, bool]]()

    def read(body: str, **how: Any) -> list[tuple[str, str]]:
        here = threading.current_thread() is threading.main_thread()
        aside.add((len(body) > 100_000, here))
        return parse_qsl(body, **how)

    async with knowledge_desk(tmp_path, kb) as desk:
        given = await desk.form() | {"reason": ""}
        monkeypatch.setattr(forgery, "parse_qsl", read)
        for length in (10, 40_000):
            answer = await desk.send("publish", given | {"text": "é" * length})
            assert answer.status_code == 422
    assert aside == {(False, True), (True, False)}


async def test_a_document_that_was_removed_is_published_anew(tmp_path: Path, kb: Path) -> None:
    """In its old place and as its next version, by pressing once more, as the page says."""
    async with knowledge_desk(tmp_path, kb) as desk:
        given = await desk.form() | {"text": DAYS.format("30 days and nights"), "reason": "why"}
        (kb / "returns.md").unlink()
        late = await desk.send("publish", given)
        assert (late.status_code, "publish it as a new one" in late.text) == (409, True)
        again = given | {"base": ""}
        assert (await desk.send("publish", again)).status_code == 303
        assert "version: 2\n" in (kb / "returns.md").read_text("utf-8")
        assert "nights" in await served(desk.behind.index)


async def test_the_audit_says_published_of_what_was(tmp_path: Path, kb: Path) -> None:
    """An attempt is written down before it is made; a conflict, and a gap of nothing, are nothing done."""
    async with knowledge_desk(tmp_path, kb) as desk:
        given = await desk.form() | {"text": DAYS.format("30 days and nights"), "reason": "why"}
        write(kb, "returns.md", text="You can return most items within 30 short days of delivery.")
        late = await desk.send("publish", given)
        assert (late.status_code, deeds(desk)) == (409, [("knowledge_publishing", "returns")])
        nothing = f"/console/gaps/{'0' * 16}/settle"
        fields = {"status": "answered", "note": "call Ana at ana@example.com"}
        missing = await desk.console.http("lead").post(nothing, data=fields, headers=PAGE)
        assert (missing.status_code, len(deeds(desk))) == (404, 1)
        assert (await desk.publish(DAYS.format("30 days and nights"))).status_code == 303
        assert deeds(desk)[1:] == [("knowledge_publishing", "returns"), ("knowledge_published", "returns")]
