"""Two hundred conversations full of personal data, with failures on the way, leave none of it in the clear.

Not searched are the mock vendors' own files (what a shop knows of its customers, and tickets, which hold the
opened values for the staff) and what an export wrote for the person who asked for it.
"""

import logging
from collections import Counter
from pathlib import Path

import pytest

from shared.personal_data import find
from tests.security.canaries.needles import Hit, Search
from tests.security.canaries.people import COUNTRIES, people
from tests.security.canaries.remains import search_for
from tests.security.canaries.staging import SEED, Story, stage
from tests.security.canaries.talk import PHRASES

TRACES = {"apart: the traces", "together: the traces"}


def _told(hits: list[Hit]) -> str:
    """Counts by place and kind, and the first of each."""
    counts = Counter((hit.place, hit.needle.kind) for hit in hits)
    firsts = {(hit.place, hit.needle.kind): hit for hit in reversed(hits)}
    return "\n".join(f"{count} x {firsts[key]}" for key, count in counts.most_common(40))


@pytest.mark.parametrize("kind", PHRASES["en"]["tells"])
def test_what_people_say_is_recognized(kind: str) -> None:
    """So that what is found below was lost on the way, and not simply never recognized."""
    for person in people(SEED, 8 * len(COUNTRIES)):
        text = PHRASES[person.language]["tells"][kind].format(p=person)
        for span in reversed(find(text)):
            text = text[: span.start] + text[span.end :]
        left = [value for values in person.values().values() for value in values if value in text]
        assert not left, (person.country, text)


# One test, so that no second worker of pytest-xdist plays it again: forty-odd seconds on two free cores, most
# of it the work of twelve processes; a busy machine may take thrice that.
@pytest.mark.timeout(300)
def test_two_hundred_conversations_leave_nothing_personal(tmp_path: Path) -> None:
    """No value of anybody is anywhere but sealed, at the vendors, and before the eyes of its owner."""
    story = stage(tmp_path)
    search = search_for(story.people)
    _note(story, search)
    _everything_happened(story)
    _the_search_sees_what_is_no_secret(story, search)
    _nothing_personal_is_left(story, search)
    _nobody_is_shown_what_is_another_persons(story, search)


def _everything_happened(story: Story) -> None:
    """Every kind of conversation, every failure, each way a request can end, and letters for the dead."""
    assert sum(story.kinds.values()) >= 200
    assert len(story.kinds) == 37
    assert len(story.failures) == 24
    ended = {"200", "202", "204", "400", "401", "404", "405", "413", "422", "500"}
    assert ended - set(story.statuses) <= {"202"}, "202 only where a turn took longer than a request may"
    assert story.statuses["again: 503"], "nobody was refused while vault and bus were away"
    assert not [said for said in story.statuses if said.startswith("gave up")]
    assert story.remains.size > 10_000_000
    assert story.dead
    assert story.refused_traces


def _the_search_sees_what_is_no_secret(story: Story, search: Search) -> None:
    """A harmless word said beside the values is in streams and stores, tokens and spans are there too."""
    marks = {place for person in story.people for place in story.remains.holders(person.mark)}
    shown = ("/TURNS_IN/", "/TURNS_OUT/", "/ASKS/", "rows of data/desk.db", "the model", "dead letters")
    for part in shown:
        assert any(part in place for place in marks), part
    tokens = story.remains.holders("TOKEN_")
    assert any("/ANSWERS/" in place for place in tokens)
    assert story.remains.holders("gen_ai.conversation.id") >= TRACES
    for name in ("logs/gateway.err", "logs/all.err", "vault/audit.log", "vault/vault.db"):
        assert [place for place, data in story.remains.places.items() if name in place and data], name
    theirs = story.remains.excluded.items()
    vendors = {hit.needle.kind for name, data in theirs for hit in search.find(data, name)}
    assert vendors >= {"name", "email", "phone", "address"}, "no ticket shows staff what was said"


def _nothing_personal_is_left(story: Story, search: Search) -> None:
    """No file, stream, log, span, metric, dead letter or request to a model has a value, however written."""
    leaks = story.remains.leaks(search)
    assert not leaks, _told(leaks)


def _nobody_is_shown_what_is_another_persons(story: Story, search: Search) -> None:
    """Not even where the model copied a stranger's token; their own values they may see."""
    shown: dict[int, list[str]] = {}
    for talk in story.talks:
        shown.setdefault(talk.person.number, []).extend(talk.shown)
    hits = [
        hit for number, texts in shown.items() for hit in search.find("\n".join(texts).encode(), str(number))
    ]
    assert {int(hit.place) for hit in hits if int(hit.place) == hit.needle.owner}, (
        "nobody sees their own words"
    )
    strangers = [hit for hit in hits if int(hit.place) != hit.needle.owner]
    assert not strangers, _told(strangers)


def _note(story: Story, search: Search) -> None:
    """What was done; `-o log_cli=true --log-cli-level=INFO` shows it."""
    figures = {
        "conversations": sum(story.kinds.values()),
        "kinds": len(story.kinds),
        "failures": len(story.failures),
        "requests": sum(count for said, count in story.statuses.items() if said.isdigit()),
        "dead letters": len(story.dead),
        "values in encodings": search.size,
        "bytes searched": story.remains.size,
        "places": len(story.remains.places),
        "seconds": {name: round(seconds, 1) for name, seconds in story.seconds.items()},
    }
    logging.getLogger("canaries").info("%s", figures)
