"""Recognizes messages that are no more than a greeting, thanks, a yes or a no."""

import re
from typing import Literal

from shared.adapters.embedded.gloss import fold

_GREETING = """
    hi hello hey hiya howdy yo good morning afternoon evening day there everyone team bonjour salut bonsoir
    allo coucou hola buenas buenos dias tardes noches que tal how are you comment allez vous ca va
"""
_THANKS = """
    thanks thank you very much so a lot many thx ty cheers great perfect awesome merci beaucoup bien parfait
    super genial gracias muchas mil muy amable perfecto excelente all that's that is bye goodbye see au
    revoir adios hasta luego bonne journee buen dia have nice day good one for your the help de tu su ayuda
    por la votre aide
"""
_YES = """
    yes yep yeah yup ya sure ok okay correct right exactly please do it go ahead confirm confirmed i oui
    ouais ouaip d'accord c'est ca exact exacto exactement svp si claro vale dale correcto por favor confirmo
    that's absolutely
"""
_NO = "no nope nah non not pas du tout thanks merci gracias thank you para nada don't"
_STARTS = {
    "greeting": "hi hello hey hiya howdy yo good bonjour salut bonsoir allo coucou hola buenas buenos",
    "thanks": """
        thanks thank thx ty cheers great perfect awesome merci parfait super genial gracias muchas mil
        perfecto excelente bye goodbye au adios hasta
    """,
    "yes": """
        yes yep yeah yup ya sure ok okay correct right exactly oui ouais ouaip d'accord exact exactement si
        claro vale dale correcto exacto confirm confirmed confirmo absolutely please
    """,
    "no": "no nope nah non",
}
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")

Kind = Literal["greeting", "thanks", "yes", "no", ""]


def small_talk(text: str) -> Kind:
    """What kind of small talk `text` is, when it is nothing else; empty otherwise."""
    words = _WORD.findall(fold(text))
    if not words or len(words) > 8 or ("?" in text and words[0] not in _STARTS["greeting"].split()):
        return ""
    known: dict[Kind, str] = {"greeting": _GREETING, "thanks": _THANKS, "yes": _YES, "no": _NO}
    for kind, listed in known.items():
        if words[0] in _STARTS[kind].split() and set(words) <= set(listed.split()):
            return kind
    both = set(_GREETING.split()) | set(_THANKS.split())
    return "greeting" if words[0] in _STARTS["greeting"].split() and set(words) <= both else ""
