"""Which of a conversation's tokens have been replaced by newer ones."""

from msgspec import structs

from shared.contracts.words import Value

OVERLAP_SECONDS = 300.0
"""How long a replaced token still opens: another tab, a response that was lost, a stream that resumes."""


class Turnover(Value, frozen=True, kw_only=True):
    """What the tokens that came back say about those issued before them.

    A token is replaced from the moment one issued later came with a message, because who sent that has the
    later one. Two marks are enough, whatever the number of tokens: `newest` is the issue time of the one
    that came back, `since` when it did, and everything issued before `closed` has had its overlap. All in
    seconds since 1970; a client that sends without pause may use a replaced token for two overlaps.
    """

    newest: int = 0
    since: float = 0.0
    closed: int = 0

    def used(self, issued: int, *, at: float) -> "Turnover":
        """After a token issued then came with a message; 0 stands for none."""
        if issued <= self.newest or at - self.since <= OVERLAP_SECONDS:
            return self
        return structs.replace(self, newest=issued, since=at, closed=self.newest)

    def replaced(self, issued: int, *, at: float) -> bool:
        """Whether a token issued then is refused now."""
        return issued < self.closed or (issued < self.newest and at - self.since > OVERLAP_SECONDS)
