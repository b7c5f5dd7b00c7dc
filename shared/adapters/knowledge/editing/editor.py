"""Opens documents, tries their edits out, and publishes them into the source and the index."""

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date

from msgspec import structs

from shared.adapters.knowledge.documents import BadDocument, Document
from shared.adapters.knowledge.editing.checking import Checked, check_draft
from shared.adapters.knowledge.editing.shelf import lines_of, translations_of, versions_of
from shared.adapters.knowledge.formats import MARKDOWN, suffix_of
from shared.adapters.knowledge.formats.markdown import parse_document
from shared.adapters.knowledge.index import Index, utc_today
from shared.adapters.knowledge.sources.source import is_wanted
from shared.adapters.knowledge.sources.writing import EditableSource, ReadOnlySource, TextChanged
from shared.adapters.knowledge.sync import KnowledgeSync
from shared.adapters.knowledge.versions import Version
from shared.contracts import Passage
from shared.contracts.editing import (
    ChangedAnswer,
    DocumentLine,
    DocumentProblem,
    Edition,
    EditSettled,
    EditTried,
    OpenedDocument,
    digest_of,
)
from shared.errors import ModelDown, SettingsError, SourceDown, StoreDown
from shared.ports.editing import Editions, PastQuestion, PastQuestions

_MOST_GAPS = 100
_MOST_QUESTIONS = 200
_MOST_CHANGED = 100
_OTHER_ID = "choose another id"
_LONGEST = 1500
"""Characters of a passage that a preview shows: a section has 40 to 120 words."""


@dataclass
class Editor:
    """Implements `KnowledgeEditor`. `sync` is the running service's own, and reads the same `source`."""

    source: EditableSource
    sync: KnowledgeSync
    index: Index
    editions: Editions
    questions: PastQuestions
    now: Callable[[], float] = time.time
    today: Callable[[], date] = utc_today
    _one: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def documents(self) -> Sequence[DocumentLine]:
        """See `KnowledgeEditor.documents`."""
        return lines_of(await self.index.versions(), self.today())

    async def opened(self, document: str) -> OpenedDocument | None:
        """See `KnowledgeEditor.opened`."""
        versions, today = await self.index.versions(), self.today()
        lines = lines_of(versions, today)
        line = next((each for each in lines if each.id == document), None)
        if line is None:
            return None
        found, why = await self._found(document, _file_of(versions, document))
        original = next((each for each in lines if each.id == line.translation_of), None)
        newest = found.version if found else line.version
        return OpenedDocument(
            line=line,
            edition=found.id if found else "",
            versions=versions_of(versions, document, today),
            translations=translations_of(lines, document, newest),
            original_version=original.version if original else 0,
            read_only=why,
        )

    async def tried(self, edition_id: str) -> EditTried:
        """See `KnowledgeEditor.tried`."""
        draft = await self._draft(edition_id)
        taken = await self._taken(draft)
        checked = Checked(taken, None) if taken else await self._checked(draft)
        if checked.source is None:
            return EditTried(on=self.today().isoformat(), problems=checked.problems)
        day = max(self.today(), checked.source.document.effective_from)
        rivals = [
            line.file for line in await self.documents() if line.category == checked.source.document.category
        ]
        gaps = await self.questions.unanswered(limit=_MOST_GAPS)
        asked = await self.questions.answered_from([*rivals, draft.file], limit=_MOST_QUESTIONS)
        trial = await self.index.trial([checked.source], day)
        tried = [*gaps, *asked]
        answers = await trial.compare([(one.text, one.language) for one in tried])
        changed = [
            _changed(one, before, after)
            for one, (before, after) in zip(tried, answers, strict=True)
            if _told(before) != _told(after)
        ]
        return EditTried(
            on=day.isoformat(),
            problems=checked.problems,
            gaps=len(gaps),
            questions=len(asked),
            changed=tuple(changed[:_MOST_CHANGED]),
        )

    async def published(self, edition_id: str) -> EditSettled:
        """See `KnowledgeEditor.published`."""
        async with self._one:
            draft = await self._draft(edition_id)
            hindered = None if draft.state == "published" else await self._put(draft)
            return hindered or EditSettled(outcome="published", served=await self._synced(draft.file))

    async def _put(self, draft: Edition) -> EditSettled | None:
        """Let the draft be the text in the source; what to say when it cannot be."""
        if taken := await self._taken(draft):
            return EditSettled(outcome="refused", problems=taken)
        found, why = await self._found(draft.document, draft.file)
        if found is None and why:
            return EditSettled(outcome="read_only", detail=why)
        there = found.digest if found else ""
        # The same text: an attempt of ours that was cut off after it was written.
        if not (draft.state == "publishing" and there == draft.digest):
            if there != draft.base:
                return EditSettled(outcome="changed", now=found.id if found else "")
            checked = await self._checked(draft)
            if checked.source is None:
                return EditSettled(outcome="refused", problems=checked.problems)
            if hindered := await self._written(draft):
                return hindered
        await self.editions.settle(draft.id, "published", at=self.now())
        return None

    async def _written(self, draft: Edition) -> EditSettled | None:
        """Write the draft to the source; what to say when that could not be."""
        await self.editions.settle(draft.id, "publishing", at=self.now())
        data = draft.text.encode()
        try:
            await asyncio.to_thread(self.source.replace, draft.file, data, over=draft.base)
        except (TextChanged, ReadOnlySource) as error:
            await self.editions.settle(draft.id, "draft", at=self.now())
            if isinstance(error, ReadOnlySource):
                return EditSettled(outcome="read_only", detail=str(error))
            now, _ = await self._found(draft.document, draft.file)
            return EditSettled(outcome="changed", now=now.id if now else "")
        return None

    async def _synced(self, file: str) -> bool:
        """Let the index take it in; when that fails now, the next sync does."""
        with suppress(ModelDown, SourceDown, StoreDown, SettingsError):
            report = await self.sync.run()
            return file not in {entry.file for entry in report.rejected}
        return False

    async def _draft(self, edition_id: str) -> Edition:
        draft = await self.editions.get(edition_id)
        if draft is None:
            raise SettingsError(
                f"the draft {edition_id!r} is not in the store of editions; gateway and knowledge service "
                "need the same DATA_DIR"
            )
        return draft

    async def _checked(self, draft: Edition) -> Checked:
        return await check_draft(self.sync, self.index, name=draft.file, text=draft.text)

    async def _taken(self, draft: Edition) -> tuple[DocumentProblem, ...]:
        """What is wrong with the draft's place: two ids may lead to one file name, another to none's."""
        if not is_wanted(draft.file):
            reason = f"its file would be {draft.file}, which no sync takes for a document"
            return (DocumentProblem(line=0, key="id", reason=reason, remedy=_OTHER_ID, stops=True),)
        _, ids = await self.index.files()
        owner = ids.get(draft.file, draft.document)
        if owner == draft.document:
            return ()
        reason = f"its file would be {draft.file}, where {owner!r} is"
        return (DocumentProblem(line=0, key="id", reason=reason, remedy=_OTHER_ID, stops=True),)

    async def _found(self, document: str, file: str) -> tuple[Edition | None, str]:
        """The text in the source now, kept among the editions; and why it cannot be edited, if so."""
        if suffix_of(file) not in MARKDOWN:
            return None, f"{file} is no Markdown file; edit it where it comes from, the next sync takes it in"
        try:
            data = await asyncio.to_thread(self.source.current, file)
            text = None if data is None else data.decode("utf-8")
        except (BadDocument, UnicodeDecodeError) as error:
            return None, f"{file} cannot be read ({error}); mend the file where it comes from"
        if text is None:
            return None, ""
        known = await self.editions.with_text(document, digest_of(text))
        if known is not None:
            if known.state == "publishing":  # cut off after it was written
                await self.editions.settle(known.id, "published", at=known.at)
            return known, ""
        said = await asyncio.to_thread(_said, text)
        found = Edition(
            id=f"e-{secrets.token_hex(10)}",
            document=document,
            file=file,
            base="",
            text=text,
            at=self.now(),
            state="found",
            version=said.version if said else 0,
            effective_from=said.effective_from.isoformat() if said else "",
            effective_until=said.effective_until.isoformat() if said and said.effective_until else "",
        )
        await self.editions.keep(found)
        return found, ""


def _file_of(versions: Sequence[Version], document: str) -> str:
    """Where the newest text of a document lies."""
    return next(version.file for version in reversed(versions) if version.id == document)


def _said(text: str) -> Document | None:
    with suppress(BadDocument):
        return parse_document(text)
    return None


def _told(passage: Passage | None) -> tuple[str, ...]:
    """What a customer would be told, and from where."""
    return (passage.id, passage.title, passage.section, passage.text) if passage else ()


def _changed(one: PastQuestion, before: Passage | None, after: Passage | None) -> ChangedAnswer:
    return ChangedAnswer(
        conversation_id=one.conversation_id,
        turn_id=one.turn_id,
        gap_id=one.gap_id,
        before=_short(before),
        after=_short(after),
    )


def _short(passage: Passage | None) -> Passage | None:
    if passage is None or len(passage.text) <= _LONGEST:
        return passage
    return structs.replace(passage, text=f"{passage.text[:_LONGEST]} …")
