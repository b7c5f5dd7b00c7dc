"""Tells whether a message only answers the question the bot asked."""

import re

from shared.adapters.embedded.gloss import fold
from shared.contracts import Entity

_TOKEN = re.compile(r"TOKEN_[0-9a-fA-F-]{36}")
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
# Words that carry an answer without adding a wish to it.
_CARRIERS = frozenset(
    """
    the a an it it's its is was are were i think guess believe and or one ones my mine number order email
    mail address phone name size color of in for to this that these those both all just please here sorry
    yes yeah ok sure with on at from bought ordered they too very i'm im
    le la les l'un un une et ou c'est ce sont je crois pense mon ma mes numero no commande courriel taille
    couleur adresse nom telephone en de du des voici desole oui celle celui deux tous toutes
    el los las lo una unos y o es son creo mi mis numero pedido correo talla color direccion nombre telefono
    pardon excusez moi excuse apologies again oops disculpe disculpen perdone
    del aqui perdon si por favor ambos ambas todo todos que fue n the
    """.split()  # noqa: SIM905 sixty quoted words read worse
)
_UNSURE = re.compile(
    r"(?:i )?(?:don't|dont|do not) (?:know|remember|have (?:it|one|that))|not sure|no idea|idk|no clue"
    r"|(?:je )?(?:ne )?(?:sais|connais) pas|aucune idee|je ne l'ai pas|je l'ai pas|pas sur|pas sure"
    r"|no (?:lo )?(?:se|recuerdo|tengo)|ni idea|no estoy segur[oa]"
)


def only_answers(text: str, entities: tuple[Entity, ...]) -> bool:
    """True when nothing is left of `text` but values and the small words around them, or "I don't know"."""
    if "?" in text:
        return False
    kept, valued = text, bool(entities)
    for entity in reversed(entities):
        kept = f"{kept[: entity.start]} {kept[entity.end :]}"
    kept, tokens = _TOKEN.subn(" ", kept)
    words = _WORD.findall(fold(kept))
    if _UNSURE.fullmatch(" ".join(words)):
        return True
    return (valued or tokens > 0) and all(word in _CARRIERS for word in words)
