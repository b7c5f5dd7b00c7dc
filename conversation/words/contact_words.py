"""How people say that they want a call or an e-mail, or neither, in three languages; on folded text."""

import re

_AFTER = (
    "at|on|back|please|instead|when|later|today|tomorrow|asap|as soon|in the|this|if|by|thanks|now|after"
    "|before|any ?time|under|token"
)
# "Rappelez-moi le délai" wants to be reminded, "rappelez-moi le plus tôt possible" to be called.
_REMIND = r"(?! ?\w* (?:le (?!plus)|la (?!semaine)|les|l (?!apres)|ce|que|qu|quel|comment|ma|mes|votre)\b)"
_MAIL = r"(?:e ?mail|mail|courriel|courrier electronique|correo)"
_BY = r"(?:by|via|per|over the|on the|through|par|au|por|por el)"


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in patterns))


# What was, is no wish: "I ordered by phone", "nobody called me back".
PAST = _any(
    r"(?:order\w*|bought|paid|told|said|spoke\w*|talked|asked|got|received|sent)"
    rf" (?:\w+ ){{0,4}}{_BY} (?:phone|{_MAIL})",
    rf"(?:achet\w+|command\w+|paye|dit|recu) (?:\w+ ){{0,4}}{_BY} (?:telephone|{_MAIL})",
    rf"(?:compr\w+|pague|dijo|dijeron|pedi|recibi) (?:\w+ ){{0,4}}{_BY} (?:telefono|{_MAIL})",
)
STAYS = _any(
    r"i (?:ll|will|d rather|would rather|prefer to|can) (?:just )?(?:wait|stay)",
    r"stay(?:ing)? (?:here|in the chat)",
    r"(?:answer|reply|write) (?:me )?(?:here|in the chat)",
    r"je (?:vais |prefere |peux )?(?:attend\w*|reste\w*)",
    r"repond\w+ (?:moi )?(?:ici|dans le chat)",
    r"prefiero esperar|espero aqui|me quedo aqui",
    r"(?:respond\w+|contest\w+) (?:aqui|en el chat)",
)
NO_PHONE = _any(
    r"(?:don t|do not|no need to|never|nobody|no one|didn t|did not|not) (?:\w+ )?(?:call|phone|ring)\w*",
    r"no (?:phone )?calls?",
    r"ne (?:m |me )?r?appel\w+|pas d appel|personne ne m a r?appele",
    r"(?:no me|nadie me|sin) llam\w+",
)
NO_EMAIL = _any(
    r"(?:don t|do not|no need to|never|nobody|no one|didn t|did not|not) (?:\w+ )?(?:e ?mail|mail)\w*",
    rf"no {_MAIL}s?|pas (?:d |de |par ){_MAIL}s?|(?:no por|sin) {_MAIL}s?",
)
PHONE = _any(
    rf"(?:call|phone|ring) me(?: (?:{_AFTER})|$)",
    r"call ?backs?|be called(?: back)?|(?:by|over the) phone",
    r"(?:me|have|like|want|get) a (?:phone )?(?:call|ring)",
    rf"r?appele[rz] moi{_REMIND}|r?appelle moi{_REMIND}",
    r"m[e ]{1,2}(?:faire )?r?appeler|etre r?appele\w*|qu on me r?appelle|me r?appelle[rz]?",
    r"(?:par|au) telephone",
    r"(?:voudrais|souhaite|veux|prefere|aimerais|demande) (?:\w+ )?(?:r?appel|appel telephonique)",
    r"llam(?:a|e|en|ad|ar)me|me (?:pueden?|podrian?) llamar|me llamen?|por telefono",
    r"(?:quiero|quisiera|prefiero|espero) una llamada",
)
EMAIL = _any(
    r"e ?mail me|mail me",
    rf"(?:by|via|per|through) {_MAIL}|par {_MAIL}|(?:por|al) {_MAIL}",
    rf"(?:write|send) (?:me |it |that )?(?:an? |to me by )?{_MAIL}",
    rf"(?:envoy\w+|ecri\w+|adress\w+) (?:moi )?(?:plutot )?(?:un )?{_MAIL}",
    rf"(?:escrib\w+|envi\w+|mand\w+) (?:me )?(?:un )?{_MAIL}",
)
