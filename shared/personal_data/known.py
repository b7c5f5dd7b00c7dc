"""Finds the values of a customer's own record in a message, however they are written."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import cache

from rapidfuzz.distance import OSA

from shared.personal_data.known_keys import SIGN_WORDS, Key, keys_of
from shared.personal_data.view import View
from shared.personal_data.words import common_words

Found = tuple[int, int, str]


class Squeezed:
    """The letters and digits of a view without what stands between them, and the way back."""

    def __init__(self, view: View, *, leave_out: frozenset[str] = frozenset()) -> None:
        lower = view.lower
        self.view = view
        self.words = [
            (start, end) for start, end in view.words if not leave_out or lower[start:end] not in leave_out
        ]
        self.text = "".join([lower[start:end] for start, end in self.words])
        self.starts: list[int] = []
        self.ends: list[int] = []
        total = 0
        for start, end in self.words:
            self.starts.append(total)
            total += end - start
            self.ends.append(total)

    def place(self, start: int, end: int) -> tuple[int, int, int, int]:
        """Where a piece stands in the view, and its first and last word."""
        first = bisect_right(self.starts, start) - 1
        last = bisect_left(self.ends, end)
        return (
            self.words[first][0] + start - self.starts[first],
            self.words[last][1] - (self.ends[last] - end),
            first,
            last,
        )


def find_known(view: View, known: Sequence[str]) -> list[Found]:
    """Spans of the view (start, end, kind) that hold a known value."""
    keys = [key for value in known if value for key in keys_of(value)]
    if not keys or not view.words:
        return []
    plain = Squeezed(view)
    spelled = plain
    if any(view.lower[start:end] in SIGN_WORDS for start, end in view.words):
        spelled = Squeezed(view, leave_out=SIGN_WORDS)
    found: list[Found] = []
    missed: list[Key] = []
    for key in dict.fromkeys(keys):
        hits = list(_exactly(spelled if key.kind == "email" else plain, key))
        found += hits
        if key.near and not hits:
            missed.append(key)
    digits = [(start, end) for start, end, kind in found if kind in {"number", "phone"}]
    for key in missed:
        hits = list(_nearly(spelled if key.kind == "email" else plain, key))
        for hit in hits:
            if any(hit != other and hit[0] <= other[0] and other[1] <= hit[1] for other in hits):
                continue  # "to tmas" and "tmas" are both near to "tomas"
            # "it's 468 9314" holds the number exactly; "s4689314" is near to another spelling of it.
            if not any(start < hit[1] and hit[0] < end for start, end in digits):
                found.append(hit)
    return found


def _exactly(squeezed: Squeezed, key: Key) -> Iterator[Found]:
    text, letters = squeezed.text, key.letters
    at = text.find(letters)
    while at >= 0:
        end = at + len(letters)
        start_seen, end_seen, first, last = squeezed.place(at, end)
        stands = _stands(squeezed, key, at, end, first, last)
        if stands and _means_it(squeezed.view, key, start_seen, end_seen):
            yield _widened(squeezed, key, first, last, start_seen, end_seen)
        at = text.find(letters, at + 1)


def _stands(squeezed: Squeezed, key: Key, at: int, end: int, first: int, last: int) -> bool:
    """Whether the letters found are a thing of their own and not chance inside or across other words."""
    starts_word = squeezed.starts[first] == at
    ends_word = squeezed.ends[last] == end
    text = squeezed.text
    if not (starts_word and ends_word) and (len(key.letters) < 7 or key.single):
        # A change between letters and digits also ends a word: "ana2061".
        start_ok = starts_word or text[at - 1].isdigit() != text[at].isdigit()
        end_ok = ends_word or text[end - 1].isdigit() != text[end : end + 1].isdigit()
        if not (start_ok and end_ok):
            return False
    if first == last:
        return True
    between = squeezed.view.text[squeezed.words[first][0] : squeezed.words[last][1]]
    if "\x00" in between:
        return False
    if not key.single:
        return True
    # "A n a" and "A.n.a" are Ana; "an a" and "ir a" are not.
    pieces = squeezed.words[first : last + 1]
    return all(end - start == 1 for start, end in pieces) or not re.search(r"[\s,;]", between)


def _nearly(squeezed: Squeezed, key: Key) -> Iterator[Found]:
    """One letter missing, added, changed or swapped. A third of the key is always left whole."""
    letters = key.letters
    size, third = len(letters), len(letters) // 3
    if len(squeezed.text) < size - 1:
        return
    near: set[int] = set()
    for place, stop in ((0, third), (third, 2 * third), (2 * third, size)):
        piece = letters[place:stop]
        at = squeezed.text.find(piece)
        while at >= 0:
            near.update((at - place - 1, at - place, at - place + 1))
            at = squeezed.text.find(piece, at + 1)
    for at in sorted(near):
        first = bisect_left(squeezed.starts, at)
        if first >= len(squeezed.starts) or squeezed.starts[first] != at:
            continue
        for end in (at + size, at + size + 1, at + size - 1):
            last = bisect_left(squeezed.ends, end)
            if last >= len(squeezed.ends) or squeezed.ends[last] != end:
                continue
            candidate = squeezed.text[at:end]
            if OSA.distance(candidate, letters, score_cutoff=1) > 1:
                continue
            start_seen, end_seen, _, _ = squeezed.place(at, end)
            if _may_be(squeezed, key, candidate, first, last):
                yield _widened(squeezed, key, first, last, start_seen, end_seen)
                break


def _may_be(squeezed: Squeezed, key: Key, candidate: str, first: int, last: int) -> bool:
    """Whether a near miss is a slip of the key rather than another word."""
    view = squeezed.view
    start, end = squeezed.words[first][0], squeezed.words[last][1]
    seen = view.text[start:end]
    if "\x00" in seen:
        return False
    if any(char.isdigit() for char in key.letters):
        return _may_be_number(view, key, candidate, start, end)
    if key.single:
        return (
            first == last
            and not key.doubtful
            and candidate not in common_words()
            and candidate[0] == key.letters[0]
            and _means_it(view, Key(candidate, key.kind, doubtful=True), start, end)
        )
    if len(key.letters) < 8:  # "Lei Li" is near to too much: one end of it must be right
        size = 3 if len(key.letters) > 5 else 4
        return candidate[:size] == key.letters[:size] or candidate[-size:] == key.letters[-size:]
    words = [view.lower[slice(*span)] for span in squeezed.words[first : last + 1]]
    return not all(word in common_words() for word in words)


def _may_be_number(view: View, key: Key, candidate: str, start: int, end: int) -> bool:
    digits = sum(char.isdigit() for char in candidate)
    if not key.letters.isdigit():
        return digits > 0  # "it's Lantern Quay" is not "9 Lantern Quay" with a slip
    if len(key.letters) >= 7:
        return digits >= len(candidate) - 1
    # A postcode: an order number typed alone must stay one.
    same_size = len(candidate) == len(key.letters)
    return digits == len(candidate) and (same_size or not _alone(view, start, end))


def _alone(view: View, start: int, end: int) -> bool:
    return not re.search(r"\w", view.text[:start] + view.text[end:])


@cache
def _introduction() -> re.Pattern[str]:
    return re.compile(
        r"(?:name(?:'s)?(?: is)?|call me|sign(?:ed)?|appelle|prenom|nom(?: est)?|nombre(?: es)?|llamo"
        r"|apellido|mr|mrs|ms|mme|mlle|sra?|user)\.?\s*[:=]?\s*[\"'(]?$"
    )


def _means_it(view: View, key: Key, start: int, end: int) -> bool:
    """Whether an ordinary word ("will", "rose") is meant as the name it also is."""
    if not key.doubtful and len(key.letters) > 2:
        return True
    before, word = view.lower[:start], view.text[start:end]
    if _introduction().search(before[-24:]):
        return True
    others = [span for span in view.words if span[1] <= start or span[0] >= end]
    if len(others) <= ("\x00" not in view.text):
        return True
    if view.shouted or not word[:1].isupper():
        return False
    lead = before.rstrip(" \"'(*_")
    return bool(lead) and lead[-1] not in ".!?\n\r"


def _widened(squeezed: Squeezed, key: Key, first: int, last: int, start: int, end: int) -> Found:
    """The span with the rest of its digits, and the house number of a street named without it."""
    view = squeezed.view
    if not key.single:
        # Whole words, but not one that the match only brushes: "...example.co, merci".
        head, tail = squeezed.words[first], squeezed.words[last]
        if first < last and 2 * (head[1] - start) < head[1] - head[0]:
            head = squeezed.words[first + 1]
        if first < last and 2 * (end - tail[0]) < tail[1] - tail[0]:
            tail = squeezed.words[last - 1]
        start, end = head[0], tail[1]
    if key.kind == "phone":
        while start and view.text[start - 1] in "+(":
            start -= 1
    if key.number and key.kind == "address":
        before = re.search(r"(?<![\w#.$])\d{1,5}[a-z]?,? ?$", view.lower[max(0, start - 8) : start])
        after = re.match(r",? ?(?:n[o.]{0,2} ?)?\d{1,4}(?!\w)", view.lower[end : end + 12])
        if before:
            start -= len(before.group())
        elif after:
            end += after.end()
    return start, end, key.kind
