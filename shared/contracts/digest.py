"""What was said before the lines a conversation still remembers, in short and never longer."""

from shared.contracts.words import Value

# How many of each a digest holds. With the lengths that `conversation/noting.py` cuts to, its text stays
# under 2,400 characters, however much is said; a prompt takes as much of it as its history's tokens allow.
_MOST = {
    "asked": 4, "wanted": 6, "products": 4, "amounts": 4, "refused": 4, "done": 4, "orders": 6, "promised": 4,
}  # fmt: skip


class Digest(Value, frozen=True, kw_only=True, omit_defaults=True):
    """One exchange of a conversation or many, in short; tokenized, as all text that is kept.

    `wanted` are intents, with the order where one was named. `asked` are questions with what was told,
    `promised` the bot's own sentences; `refused` and `done` are what came of wishes.
    """

    wanted: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    promised: tuple[str, ...] = ()

    def joined(self, later: "Digest") -> "Digest":
        """Both in one; of what is too much the middle goes, the first and the newest stay."""
        return Digest(
            **{name: _within(getattr(self, name), getattr(later, name), most) for name, most in _MOST.items()}
        )

    @property
    def text(self) -> str:
        """The whole as sentences in English, what matters most last; empty when there is nothing to tell."""
        told = ((name, getattr(self, name)) for name in _MOST)
        return " ".join(f"{name.capitalize()}: {'; '.join(found)}." for name, found in told if found)


def _within(earlier: tuple[str, ...], later: tuple[str, ...], most: int) -> tuple[str, ...]:
    found = tuple(dict.fromkeys((*earlier, *later)))
    if len(found) <= most:
        return found
    first = most // 2
    return (*found[:first], *found[first - most :])
