"""Says what pages tell of products, word for word, and of which of them they do not tell it."""

from collections.abc import Callable, Mapping, Sequence

from shared.adapters.embedded.phrasing import listed
from shared.adapters.embedded.quoting import contains, sentences_of
from shared.adapters.embedded.reply_slots import Slot
from shared.contracts import Passage, Sentence, Topic, WriteReply

Render = Callable[[str, Mapping[str, Slot]], list[Sentence]]
# More names than this in one sentence are "the others".
_MOST_OTHERS = 3


def told(topic: Topic, ask: WriteReply, render: Render, *, unwanted: Sequence[str]) -> list[Sentence]:
    """The sentences of a `product.told` topic; `render` fills a goal of our own words.

    Empty when the critic has refused every quote (`unwanted` spans, folded).
    """
    titles, silent = _titles(topic, ask, "told_"), _titles(topic, ask, "silent_")
    alone = len(titles) == 1 and not silent
    pages = {passage.id: passage for passage in ask.passages}
    marks = {fact.id: fact.value for fact in ask.facts if fact.id.endswith("/tags")}
    # One word before all of them: "the product pages say, in English".
    foreign = [p for p in pages.values() if p.locale != ask.language and p.id.startswith("product:")]
    several = len([page for page in foreign if page.id in topic.sources]) > 1
    said: list[Sentence] = render("product.pages_say", {}) if several else []
    for source in topic.sources:
        title = titles.get(_handle(source), Slot(""))
        if source in marks:
            said += render("product.marked", {"title": title, "mark": Slot(marks[source], (source,))})
        elif source in pages:
            said += _page(pages[source], title, ask, render, unwanted=unwanted, alone=alone, led=several)
    if said and silent:
        few = tuple(silent.values()) if len(silent) <= _MOST_OTHERS else ()
        names = listed([slot.text for slot in few], ask.language) if few else ""
        said += render(
            "product.others_silent", {"others": Slot(names, tuple(i for s in few for i in s.sources))}
        )
    return said


def _page(
    page: Passage,
    title: Slot,
    ask: WriteReply,
    render: Render,
    *,
    unwanted: Sequence[str],
    alone: bool,
    led: bool,
) -> list[Sentence]:
    """The sentences of a page, after the product's name where they do not tell whose they are."""
    quotes = [text for text in sentences_of(page.text) if not contains(text, unwanted)]
    said = [Sentence(text=text, sources=(page.id,)) for text in quotes]
    if not said:
        return []
    foreign = page.locale != ask.language
    if foreign and page.id.startswith("product:") and not led:
        return [*render("product.page_says", {"title": title}), *said]
    replies = [line.text for line in ask.history if line.who == "bot"]
    heard = [page.text, ask.text, *replies] if alone else [page.text]
    if title.text and not any(title.text in text for text in heard):
        said = [*render("product.told_of", {"title": title}), *said]
    return [*render("policy.other_language", {}), *said] if foreign and not led else said


def _titles(topic: Topic, ask: WriteReply, prefix: str) -> dict[str, Slot]:
    """By handle, the names of the products whose fact's name begins with `prefix`."""
    values = {fact.id: fact.value for fact in ask.facts}
    ids = [each for name, each in topic.facts.items() if name.startswith(prefix) and each in values]
    return {_handle(each): Slot(values[each], (each,)) for each in ids}


def _handle(source: str) -> str:
    return source.removeprefix("product:").split("/")[0]
