"""Reads a view word by word, with what stands between the words."""

from shared.personal_data.view import View


class Reading:
    """The words of a view: where they stand, in lower case, and how they are joined."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.words = view.words
        self.plain = view.plain

    def capital(self, place: int) -> bool:
        """Whether the word has a capital that means something; False where there is no such word."""
        in_text = place < len(self.words)
        return in_text and self.view.text[self.words[place][0]].isupper() and not self.view.shouted

    def joint(self, place: int) -> str:
        """What stands before a word; nothing where there is no such word."""
        if not 0 < place < len(self.words):
            return ""
        return self.view.text[self.words[place - 1][1] : self.words[place][0]]
