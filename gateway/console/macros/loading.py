"""Reads the files of macros, and reads them again when a lead has changed one."""

import logging
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.console.macros.filling import KNOWN, PLACEHOLDER
from shared.contracts import LANGUAGES, Language
from shared.errors import SettingsError

_LOG = logging.getLogger("answerdesk.gateway")
OURS = Path(__file__).parent
_KEY = re.compile(r"[a-z][a-z0-9_]{0,59}")
_LONGEST = 4000
_MOST = 1000
_MOST_FILES = 100
_BIGGEST = 1_000_000


@dataclass(frozen=True)
class Macro:
    """One macro: its text by language, with placeholders."""

    key: str
    title: str
    texts: Mapping[Language, str]

    def language(self, wanted: Language) -> Language:
        """The language it has for this customer: theirs, else the first it has."""
        return wanted if wanted in self.texts else next(iter(self.texts))


class Macros:
    """The macros of some folders; a key of a later folder replaces the one of an earlier.

    A file that became wrong while we run is logged and shown to staff, and what was read before stays.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._seen = _stamps(self._folders)
        self._macros = _read(self._folders)
        self.wrong = ""

    def get(self, key: str) -> Macro | None:
        """The macro of this key."""
        self._look()
        return self._macros.get(key)

    def search(self, words: str, *, language: Language, limit: int = 12) -> list[Macro]:
        """Those in which every word stands, those with a text in this language first; all without words."""
        self._look()
        wanted = _folded(words).split()
        found = [macro for macro in self._macros.values() if all(w in _searched(macro) for w in wanted)]
        found.sort(key=lambda macro: (language not in macro.texts, macro.title.casefold()))
        return found[:limit]

    def _look(self) -> None:
        stamps = _stamps(self._folders)
        if stamps == self._seen:
            return
        self._seen = stamps
        try:
            self._macros, self.wrong = _read(self._folders), ""
        except SettingsError as error:
            _LOG.warning("macros: %s", error)
            self.wrong = str(error)


def load_macros(data_dir: Path) -> Macros:
    """Ours, and those of DATA_DIR/macros. Raises `SettingsError` naming file, key and remedy."""
    return Macros((OURS, data_dir / "macros"))


def _stamps(folders: Sequence[Path]) -> dict[Path, tuple[int, int]]:
    stamps: dict[Path, tuple[int, int]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.toml"))[:_MOST_FILES]:
            try:
                status = path.stat()
            except OSError:  # it was removed just now
                continue
            stamps[path] = (status.st_mtime_ns, status.st_size)
    return stamps


def _read(folders: Sequence[Path]) -> dict[str, Macro]:
    macros: dict[str, Macro] = {}
    for path in _stamps(folders):
        if path != OURS / "words.toml":
            macros |= {macro.key: macro for macro in _of_file(path)}
    if len(macros) > _MOST:
        raise SettingsError(f"macros: there are {len(macros)}; at most {_MOST} can be searched, remove some")
    return macros


def _of_file(path: Path) -> list[Macro]:
    try:
        if path.stat().st_size > _BIGGEST:
            raise SettingsError(f"{path.name}: is over {_BIGGEST} bytes; cut it into several files")
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path.name}: cannot be read: {error}; mend or remove the file") from error
    return [_macro(path.name, key, table) for key, table in tables.items()]


def _macro(file: str, key: str, table: object) -> Macro:
    place = f"{file}: {key}"
    if not _KEY.fullmatch(key):
        raise SettingsError(f"{place}: a key has small letters, digits and _, and begins with a letter")
    if not isinstance(table, dict) or not all(isinstance(each, str) for each in table.values()):
        raise SettingsError(f"{place}: is no table of texts; write [{key}] with title, en, fr, es")
    unknown = sorted(table.keys() - {"title", *LANGUAGES})
    if unknown:
        raise SettingsError(f"{place}.{unknown[0]}: is not known; there are title, {', '.join(LANGUAGES)}")
    title = str(table.get("title", "")).strip()
    texts = {language: str(table[language]).strip("\n") for language in LANGUAGES if table.get(language)}
    if not title or not texts:
        raise SettingsError(f"{place}: needs a title and a text in one of {', '.join(LANGUAGES)}")
    for language, text in texts.items():
        _check(f"{place}.{language}", text)
    return Macro(key=key, title=title, texts=texts)


def _check(place: str, text: str) -> None:
    if len(text) > _LONGEST:
        raise SettingsError(f"{place}: has {len(text)} characters; a macro has at most {_LONGEST}")
    for name in PLACEHOLDER.findall(text):
        if name not in KNOWN:
            known = ", ".join(f"{{{each}}}" for each in sorted(KNOWN))
            raise SettingsError(f"{place}: {{{name}}} is no placeholder; known are {known}")


def _searched(macro: Macro) -> str:
    return _folded(" ".join((macro.key, macro.title, *macro.texts.values())))


def _folded(text: str) -> str:
    """Small letters without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in plain if not unicodedata.combining(each))
