"""Says when enough tokens were spent on a turn or a conversation."""

from dataclasses import dataclass

from shared.contracts import Spent
from shared.errors import ModelDeclined


class BudgetSpent(ModelDeclined):
    """The call would take more tokens than are left."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """The most tokens, read and written, that model services may take; 0 sets no limit.

    `history` is how many of a prompt's tokens may be earlier conversation.
    """

    turn: int = 0
    conversation: int = 0
    history: int = 1500

    def check(self, spent: Spent, wanted: int) -> None:
        """Raises BudgetSpent when `wanted` tokens more would be too many."""
        if self.turn and spent.turn + wanted > self.turn:
            raise BudgetSpent(
                f"the turn took {spent.turn} of {self.turn} tokens, {wanted} more are asked for"
            )
        total = spent.conversation + spent.turn + wanted
        if self.conversation and total > self.conversation:
            before = spent.conversation + spent.turn
            raise BudgetSpent(
                f"the conversation took {before} of {self.conversation} tokens, {wanted} more are asked for"
            )


def tokens_at_most(text: str) -> int:
    """More tokens than a text has: they come to about four letters in English, less than that in other words.

    help.openai.com/en/articles/4936856 gives the rule of thumb; a tokenizer for every vendor's model would be
    a dependency for what only has to be on the safe side.
    """
    return -(-len(text) // 3)
