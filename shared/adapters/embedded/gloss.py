"""Puts French and Spanish shop talk into English words: what the seeds of one language say teaches all."""

import re
import tomllib
import unicodedata
from pathlib import Path

from shared.contracts import LANGUAGES
from shared.errors import SettingsError

FOLDER = Path(__file__).parent / "glossary"
_WORD = re.compile(r"[a-z0-9]+(?:['-][a-z0-9]+)*'?|[?!]")
_LONGEST_PHRASE = 5


def fold(text: str) -> str:
    """Lower case without accents, with straight apostrophes: people type them or not."""
    plain = unicodedata.normalize("NFD", text.lower().replace("’", "'"))
    return "".join(c for c in plain if not unicodedata.combining(c))


class Gloss:
    """One language's word list; unknown words stay as they are (names, products, loan words)."""

    def __init__(self, groups: dict[str, dict[str, list[str]]]) -> None:
        self._whole: dict[str, str] = {}
        self._starts: dict[str, str] = {}
        for words in groups.values():
            for english, foreign in words.items():
                for entry in foreign:
                    exact = entry.endswith("$") or len(entry) < 4 or " " in entry or "'" in entry
                    (self._whole if exact else self._starts).setdefault(entry.rstrip("$"), english)

    def english(self, text: str) -> str:
        """The words of `text` in English, in their own order; good enough to count, not to read."""
        words = _WORD.findall(fold(text))
        out, at = [], 0
        while at < len(words):
            size, found = self._phrase(words, at)
            if size:
                out.append(found)
                at += size
            else:
                out.extend(self._word(words[at]))
                at += 1
        return " ".join(out)

    def _phrase(self, words: list[str], at: int) -> tuple[int, str]:
        for size in range(min(_LONGEST_PHRASE, len(words) - at), 1, -1):
            found = self._whole.get(" ".join(words[at : at + size]))
            if found is not None:
                return size, found
        return 0, ""

    def _word(self, word: str) -> list[str]:
        if word in self._whole:
            return [self._whole[word]]
        for end in range(len(word), 3, -1):
            if word[:end] in self._starts:
                return [self._starts[word[:end]]]
        if "'" in word and len(word) > 2:  # l'adresse, qu'il
            head, _, tail = word.partition("'")
            return (
                [*([self._whole[head + "'"]] if head + "'" in self._whole else []), *self._word(tail)]
                if tail
                else []
            )
        return [word]


def load_gloss(language: str, folder: Path = FOLDER) -> Gloss:
    """Read `<language>.toml`; raises `SettingsError` naming the file and what is wrong with it."""
    file = folder / f"{language}.toml"
    try:
        groups = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(
            f"cannot read the glossary {file.name}: {error}; restore it from the repository"
        ) from error
    return Gloss(groups)


def load_glosses() -> dict[str, Gloss]:
    """The glossary of every language but English."""
    return {language: load_gloss(language) for language in LANGUAGES if language != "en"}
