"""Recognizes who lets a matter go and says nothing else: "never mind", "laisse tomber", "olvídalo"."""

import re
from typing import Literal

from conversation.turn import TOKEN
from conversation.words import phrases
from conversation.words.replies import folded
from conversation.words.verbs import any_form

LetsGo = Literal["plainly", "indifferent", ""]

# Over folded words.
_LETS_GO = (
    r"never ?mind(?: (?:it|that|this|me|then|about (?:it|that|this)))?|nvm"
    rf"|{any_form('let_go')}|forget i (?:asked|said (?:anything|that))|(?:scratch|scrap) that"
    r"|(?:leave it(?: be)?|(?:drop|skip) it)|(?:don t|dont|do not) (?:bother|worry)(?: about (?:it|that))?"
    r"|(?:there s )?no need(?: any ?more)?|not to worry"
    rf"|(?:on |je ){any_form('let_go', tongue='fr')}|laisse[sz]?(?: (?:ca|cela))?"
    r"|(?:on )?oublie[sz]? (?:ma (?:question|demande)|ce que j ai dit)|tant pis"
    r"|(?:(?:c est|ce n est) )?(?:pas|plus) la peine|ne vous (?:derangez|embetez) pas"
    r"|olvid(?:ate|ese)|olvid[ae] (?:eso|esto|lo (?:dicho|que dije))|olvidemoslo"
    r"|dej(?:a|e|en)lo(?: (?:asi|estar|ya))?|dejemoslo(?: asi)?|(?:ya )?no hace falta|(?:ya )?no es necesario"
    r"|no (?:te|se) (?:preocup|molest)[ae]s?"
    r"|(?:nothing|rien|nada)(?: (?:else|more|d autre|de plus|mas))? (?:thanks|thank you|merci|gracias)"
)
# What may mean "any of them", too, where one of several is asked for.
_INDIFFERENT = (
    r"(?:it |that )?(?:doesn t|does not|doesnt) (?:really )?matter(?: now| any ?more)?|no matter"
    r"|(?:it s |it is |that s )?not (?:that )?important|nothing(?: (?:else|more|at all))?"
    r"|peu importe|n importe|(?:(?:c est|ce n est) )?pas (?:grave|important)|c est rien|ce n est rien"
    r"|(?:ca|cela) (?:ne )?fait rien|(?:ca|cela) n a pas d importance|rien(?: (?:d autre|du tout|de plus))?"
    r"|(?:ya )?no importa(?: ya)?|(?:ya )?(?:me )?da igual|no pasa nada|(?:no es |ya )?nada(?: mas)?"
    r"|no es importante"
)
_POLITELY = "|".join(
    sorted(
        phrases.THANKS | phrases.BYES | phrases.ALL_FOR_NOW | phrases.FILLERS | phrases.GREETINGS
        | {
            "no", "nope", "nah", "nop", "non", "ok", "okay", "alright", "all right", "wait", "sorry",
            "please", "then", "so", "and", "just", "anyway", "now", "for now", "you know what",
            "very much", "so much", "it s fine", "that s fine", "it s ok", "it s okay", "that s ok",
            "i m good", "really", "fine", "d accord", "alors", "donc", "du coup", "bah", "ben", "desole",
            "desolee", "pardon", "svp", "stp", "s il vous plait", "s il te plait", "beaucoup",
            "pour l instant", "attendez", "et", "tres bien", "vale", "de acuerdo", "en realidad",
            "al final", "mejor", "entonces", "por favor", "perdon", "perdona", "perdone", "disculpe",
            "disculpa", "lo siento", "ya", "por ahora", "y", "espere", "espera",
        },
        key=len,
        reverse=True,
    )
)  # fmt: skip
_ONLY = re.compile(rf"(?:(?:{_LETS_GO}|{_INDIFFERENT}|{_POLITELY}) )+")
_PLAINLY = re.compile(rf"\b(?:{_LETS_GO})(?!\w)")
_SAID = re.compile(rf"\b(?:{_INDIFFERENT})(?!\w)")


def lets_go(text: str) -> LetsGo:
    """Whether these words let go of what was spoken of; "never mind the colour, where is it?" does not."""
    said = folded(TOKEN.sub(" ", text))
    if "?" in text or _ONLY.fullmatch(f"{said} ") is None:
        return ""
    return "plainly" if _PLAINLY.search(said) else "indifferent" if _SAID.search(said) else ""


def parting(text: str) -> Literal["goodbye", "thanks", ""]:
    """The politeness that is said beside it, if any."""
    said = f" {folded(text)} "
    if any(f" {word} " in said for word in phrases.BYES):
        return "goodbye"
    return "thanks" if any(f" {word} " in said for word in phrases.THANKS) else ""
