"""Objects, at a sync, to documents that state different values for one fact."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Literal

from shared.adapters.knowledge.contradictions import find_contradictions, load_declared, refused, render
from shared.adapters.knowledge.documents import Source
from shared.adapters.knowledge.sync import Check
from shared.ports.publishing import Rejected, Warned

_REMEDY = "say the same in all of them, in one sync, or set KNOWLEDGE_CONTRADICTIONS=warn"


def agreement(objecting: Literal["refuse", "warn"], folder: Path | None) -> Check:
    """The check of a sync; `folder` is where a FACTS.toml may lie beside the documents."""

    def check(sources: Sequence[Source], changed: AbstractSet[str]) -> Sequence[Rejected | Warned]:
        files = {source.document.id: source.file for source in sources}
        found = find_contradictions(
            [source.document for source in sources],
            changed=changed,
            files=files,
            declared=None if folder is None else load_declared(folder),
        )
        out = refused(found, changed) if objecting == "refuse" else frozenset()
        objections: list[Rejected | Warned] = []
        for contradiction in found:
            first = next((q.document for q in contradiction.quotes if q.document in changed), "")
            told = contradiction.documents & out or {first or contradiction.quotes[0].document}
            for document in sorted(told):
                file = files.get(document, document)
                if document in out:
                    objections.append(Rejected(file, 1, "contradiction", render(contradiction), _REMEDY))
                else:
                    objections.append(Warned(file, render(contradiction)))
        return objections

    return check
