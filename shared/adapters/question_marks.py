"""Tells questions apart that sound alike and want different answers."""

import re
from collections.abc import Iterable
from functools import lru_cache

from shared.adapters.knowledge.folding import fold, stems
from shared.adapters.knowledge.synonyms import concepts
from shared.contracts import Language, Passage

_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_WORD = re.compile(r"\w+")
_NOT: dict[Language, str] = {
    "en": "not no never without except cannot cant dont doesnt didnt isnt wont havent t nor",
    "fr": "ne n non pas sans jamais aucun aucune sauf hors ni",
    "es": "no sin nunca jamas ningun ninguna excepto salvo ni tampoco",
}
# What kind of thing is asked for, and amounts in words.
_KIND: dict[Language, str] = {
    "en": """when where who why which much long many far often fast soon cost costs price after before until
        two three four five six seven eight nine ten twenty thirty sixty ninety hundred half double twice
        all every only more less over under both first last else also another""",
    "fr": """quand qui pourquoi quel quelle combien temps jours coute coutent prix apres avant jusque deux
        trois quatre cinq six sept huit neuf dix vingt trente soixante cent moitie double tous toutes
        seulement plus moins aussi autre""",
    "es": """cuando quien cual cuanto cuanta cuantos cuantas donde tiempo dias cuesta cuestan precio despues
        antes hasta dos tres cuatro cinco seis siete ocho nueve diez veinte treinta sesenta cien mitad
        doble todos todas solo mas menos tambien otro otra""",
}


def marks(text: str, language: Language, passages: Iterable[Passage]) -> str:
    """What must be the same in two questions, beside their meaning, for one answer to serve both.

    Numbers, a negation, the kind of question, and each word that the passages know: an answer that rests on
    them alone can differ by nothing else. Words they do not know, a name among them, leave no mark.
    """
    known: set[str] = set()
    for passage in passages:
        for part in (passage.title, passage.section, passage.text):
            known.update(_names(part, language))
    words = set(_WORD.findall(fold(text)))
    found = {
        *(f"#{number}" for number in _NUMBER.findall(text)),
        *(f"?{word}" for word in words & _list(_KIND[language])),
        *(name for name in _names(text, language) if name in known),
    }
    if words & _list(_NOT[language]):
        found.add("!")
    return " ".join(sorted(found))


def _names(text: str, language: Language) -> set[str]:
    """Each word that carries meaning by the first concept it belongs to, else by its stem."""
    return {next(iter(concepts(word, language)), word) for word in stems(text, language)}


@lru_cache(maxsize=8)
def _list(words: str) -> frozenset[str]:
    return frozenset(words.split())
