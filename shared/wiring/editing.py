"""Opens what edits knowledge documents."""

from typing import TYPE_CHECKING, cast

from shared.wiring.services import Services

if TYPE_CHECKING:
    from shared.adapters.knowledge.sources.writing import EditableSource
    from shared.adapters.knowledge.sync import KnowledgeSync
    from shared.ports.editing import KnowledgeEditor


async def open_editor(services: Services, sync: "KnowledgeSync") -> "KnowledgeEditor":
    """What edits the documents of the source that `sync` reads."""
    from shared.adapters.knowledge.editing import Editor  # noqa: PLC0415

    # Every kind of place that `openers.open_knowledge_source` opens can be written to.
    source = cast("EditableSource", sync.source)
    index, editions = await services.index(), await services.editions()
    return Editor(source, sync, index, editions, await services.questions())
