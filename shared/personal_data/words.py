"""Word lists that tell names from the words customers write all day, in English, French and Spanish."""

from functools import cache, lru_cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
# Shorter than this a name is too often a word of some language, unless it is one of these.
_SURE_LETTERS = 4
_SHORT = frozenset(
    {"amy", "ann", "ben", "bob", "dan", "jen", "jim", "joe", "jon", "ken", "kim", "raj", "tim", "wei", "zoe"}
)
# Common words that go on with a name that has begun: "Ana Brown".
_SURNAMES = (
    "brown black green gray grey white young long small best may little love case good day short king price"
    " page hope will mark august april june blanc rey rojo"
)


@cache
def _listed(name: str) -> frozenset[str]:
    lines = (_DATA / f"{name}.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def common_words() -> frozenset[str]:
    """Words that are no name."""
    return _listed("common_words")


@cache
def doubtful_names() -> frozenset[str]:
    """Words that may be a name and usually are not."""
    return _listed("words_and_names") | common_words()


@cache
def vocabulary() -> frozenset[str]:
    """All the words known not to be a person's, or not only."""
    return doubtful_names() | _listed("vocabulary")


@cache
def first_names() -> frozenset[str]:
    """First names that are hardly ever anything else."""
    return frozenset(
        name
        for name in _listed("first_names") - doubtful_names()
        if len(name) >= _SURE_LETTERS or name in _SHORT
    )


@cache
def names_by_capital() -> frozenset[str]:
    """Words that are first names wherever they have a capital: "Mia", "Pierre"."""
    return _listed("names_by_capital")


@cache
def surnames() -> frozenset[str]:
    """Surnames that are hardly ever anything else."""
    sure = _listed("surnames") - doubtful_names()
    return frozenset(name for name in sure if len(name) >= _SURE_LETTERS)


@cache
def sure_names() -> frozenset[str]:
    """First names and surnames that are hardly ever anything else."""
    return first_names() | surnames()


@cache
def any_names() -> frozenset[str]:
    """Everything that is a name of somebody, also where it is a word."""
    return _listed("first_names") | _listed("surnames") | also_surnames()


@cache
def also_surnames() -> frozenset[str]:
    """Common words that are surnames after a first name."""
    return frozenset(_SURNAMES.split())


@lru_cache(maxsize=4096)
def nearly_a_name(word: str) -> bool:
    """Whether a word of five letters or more is one slip away from a sure name, and no word itself."""
    if len(word) <= _SURE_LETTERS or word in vocabulary() or not word.isascii():
        return False
    return one_slip_from(word, sure_names())


def one_slip_from(word: str, known: frozenset[str]) -> bool:
    """Whether one wrong, missing, added or swapped letter makes one of the known words of it: "realy"."""
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    return any(
        head + tail[1:] in known
        or head + tail[1:2] + tail[:1] + tail[2:] in known
        or any(head + letter + tail in known or head + letter + tail[1:] in known for letter in _LETTERS)
        for head, tail in cuts
    )


@cache
def well_known() -> frozenset[tuple[str, str]]:
    """Pairs of words that look like a person and are nobody's customer: "Calvin Klein", "Harry Potter"."""
    lines = (_DATA / "well_known.txt").read_text("utf-8").splitlines()[1:]
    return frozenset((first, second) for first, second in map(str.split, lines))
