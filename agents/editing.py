"""The knowledge agent's side of editing: documents listed, opened, tried and published."""

from shared.contracts.editing import (
    DocumentOpened,
    DocumentsListed,
    EditPreviewed,
    EditPublished,
    ListDocuments,
    OpenDocument,
    PreviewEdit,
    PublishEdit,
)
from shared.ports.editing import KnowledgeEditor

_MOST = 500


async def documents(ask: ListDocuments, *, editor: KnowledgeEditor) -> DocumentsListed:
    """A page of documents by file name."""
    limit = max(1, min(ask.limit, _MOST))
    behind = [line for line in await editor.documents() if line.file > ask.after]
    return DocumentsListed(
        conversation_id=ask.conversation_id,
        turn_id=ask.turn_id,
        step_id=ask.step_id,
        documents=tuple(behind[:limit]),
        more=len(behind) > limit,
    )


async def opened(ask: OpenDocument, *, editor: KnowledgeEditor) -> DocumentOpened:
    """One document, with the text of it in the source."""
    return DocumentOpened(
        conversation_id=ask.conversation_id,
        turn_id=ask.turn_id,
        step_id=ask.step_id,
        document=await editor.opened(ask.document),
    )


async def previewed(ask: PreviewEdit, *, editor: KnowledgeEditor) -> EditPreviewed:
    """What a draft would change."""
    return EditPreviewed(
        conversation_id=ask.conversation_id,
        turn_id=ask.turn_id,
        step_id=ask.step_id,
        tried=await editor.tried(ask.edition),
    )


async def published(ask: PublishEdit, *, editor: KnowledgeEditor) -> EditPublished:
    """What came of publishing a draft."""
    return EditPublished(
        conversation_id=ask.conversation_id,
        turn_id=ask.turn_id,
        step_id=ask.step_id,
        settled=await editor.published(ask.edition),
    )
