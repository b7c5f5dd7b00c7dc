"""Writes a grounded reply by asking a chat model."""

from pathlib import Path

from msgspec import structs

from shared.adapters.openai.budget import Budget
from shared.adapters.openai.client import ChatModel, also_paid
from shared.adapters.openai.forms import Form, Shape
from shared.adapters.openai.prompts import load_prompt
from shared.adapters.openai.recall import Recall
from shared.contracts import ReplyWritten, Sentence, WriteReply
from shared.personal_data import mend_tokens, tokens_in

_SLOTS = frozenset(
    {
        "message", "history", "language", "register", "first_name", "topics", "facts", "passages", "draft",
        "feedback",
    }
)  # fmt: skip


class SentenceWritten(Shape, frozen=True, kw_only=True):
    """One sentence, with the ids of the facts and passages that it rests on."""

    text: str
    sources: list[str]


class ReplyDrafted(Shape, frozen=True, kw_only=True):
    """A reply, sentence by sentence."""

    sentences: list[SentenceWritten]


REPLY = Form("reply", ReplyDrafted)


class OpenAIWriter:
    """Implements `Writer`. Raises ModelDown or ModelRefused.

    The answer is streamed, so that a model that falls silent costs `silence_s`, not the whole deadline.
    """

    def __init__(self, model: ChatModel, *, prompts: Path, recall: Recall, budget: Budget) -> None:
        self._model = model
        self._recall = recall
        self._budget = budget
        self._prompt = load_prompt(prompts, "response", slots=_SLOTS)

    @property
    def prompt_key(self) -> str:
        """Name and version of the prompt that replies are written by."""
        return self._prompt.key

    async def write(self, ask: WriteReply) -> ReplyWritten:
        """A draft that says `ask.topics` in `ask.language`, each factual sentence with its sources."""
        history, paid = await self._recall.of(ask.history, ask.spent)
        values = {
            "message": ask.text,
            "history": history,
            "language": ask.language,
            "register": ask.register,
            "first_name": ask.first_name,
            "topics": ask.topics,
            "facts": ask.facts,
            "passages": [
                {"id": p.id, "title": p.title, "section": p.section, "locale": p.locale, "text": p.text}
                for p in ask.passages
            ],
            "draft": ask.draft,
            "feedback": ask.feedback,
        }
        prompt = self._prompt.render(values)
        with also_paid(paid):
            self._budget.check(ask.spent, self._model.cost_at_most(prompt))
            sentences, usage = await self._model.answer(prompt, REPLY, _read, stream=True)
        known = tokens_in("\n".join((ask.text, ask.first_name, *(fact.value for fact in ask.facts))))
        return ReplyWritten(
            conversation_id=ask.conversation_id,
            turn_id=ask.turn_id,
            step_id=ask.step_id,
            sentences=tuple(structs.replace(s, text=mend_tokens(s.text, known)) for s in sentences),
            usage=usage,
            tried=paid,
        )


def _read(drafted: ReplyDrafted) -> tuple[Sentence, ...]:
    """The sentences as they are: whether their sources hold is the critic's question."""
    found = tuple(
        Sentence(text=text, sources=tuple(dict.fromkeys(written.sources)))
        for written in drafted.sentences
        if (text := " ".join(written.text.split()))
    )
    if not found:
        raise ValueError("it says nothing")
    return found
