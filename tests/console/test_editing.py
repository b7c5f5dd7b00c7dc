"""Edits of documents whose file, place or days are out of the ordinary, and what the audit says of them."""

import re
from pathlib import Path
from typing import cast

import pytest

from shared.adapters.memory.audit import MemoryAudit
from tests.console.desk import PAGE
from tests.console.knowledge_desk import DOCUMENT, KnowledgeDesk, knowledge_desk
from tests.knowledge.folders import write

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
