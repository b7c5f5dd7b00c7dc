"""How people name the hour of a call, in three languages; over small letters without accents."""

import re

WEEKDAYS = tuple(
    re.compile(rf"\b(?:{names})\b")
    for names in (
        r"mon(?:day)?|lundi|lunes", r"tue(?:s(?:day)?)?|mardi|martes", r"wed(?:nesday)?|mercredi|miercoles",
        r"thu(?:rs(?:day)?)?|jeudi|jueves", r"fri(?:day)?|vendredi|viernes",
        r"sat(?:urday)?|sam(?:edi)?|sabado", r"sun(?:day)?|dimanche|domingo",
    )
)  # fmt: skip
_MONTHS = (
    "jan(?:uary)?|janvier|enero", "feb(?:ruary)?|fevrier|febrero", "mar(?:ch)?|mars|marzo",
    "apr(?:il)?|avril|abril", "may|mai|mayo", "june?|juin|junio", "july?|juillet|julio",
    "aug(?:ust)?|aout|agosto", "sept?(?:ember)?|septembre|septiembre", "oct(?:ober)?|octobre|octubre",
    "nov(?:ember)?|novembre|noviembre", "dec(?:ember)?|decembre|diciembre|dic",
)  # fmt: skip
MONTHS = tuple(re.compile(names) for names in _MONTHS)
_MONTH = "|".join(_MONTHS)
DATE = re.compile(
    rf"\b(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|er)?(?: of| de)? (?P<month>{_MONTH})\b"
    rf"|\b(?P<month2>{_MONTH})\.? (?:the )?(?P<day2>[0-9]{{1,2}})(?:st|nd|rd|th)?\b"
)
NUMBERED_DATE = re.compile(r"\b(?P<a>[0-9]{1,2})[/.-](?P<b>[0-9]{1,2})(?:[/.-][0-9]{2,4})?\b")
DAY_OF_MONTH = re.compile(
    r"\b(?:the (?P<en>[0-9]{1,2})(?:st|nd|rd|th)"
    r"|le (?P<fr>[0-9]{1,2})(?:er)?\b(?! ?(?:h\b|heures?))|el (?:dia )?(?P<es>[0-9]{1,2}))\b"
)
AHEAD = (
    (-1, re.compile(r"\b(?:yesterday|hier|ayer)\b")),
    (2, re.compile(r"\b(?:day after tomorrow|apres[- ]demain|pasado manana)\b")),
    (
        1,
        re.compile(
            r"\b(?:tom+or+ow?|tmrw?|tmw|demain|demin"
            r"|(?<!la )(?<!pasado )(?:manana|mana|manna|mnana|mna)(?! por la noche))\b"
        ),
    ),
    (
        0,
        re.compile(
            r"\b(?:today|tonight|this (?:morning|afternoon|evening)|aujourd'?hui|cet apres[- ]midi"
            r"|ce (?:matin|soir)"
            r"|hoy|esta (?:manana|tarde|noche))\b"
        ),
    ),
)
IN_DAYS = re.compile(
    r"\b(?:a week from (?:today|now)|in (?:a|one) week|dans une semaine|d'ici une semaine"
    r"|dentro de una semana|en una semana)\b"
    r"|\b(?:in|dans|en|dentro de) (?P<number>[0-9]{1,2}) (?:days?|jours?|dias?)\b"
)
NEXT_WEEK = re.compile(
    r"\b(?:next week|week after|(?:la )?semaine prochaine|(?:la )?(?:proxima semana|semana que viene))\b"
)
NEXT = re.compile(r"\b(?:next|prochaine?|que viene|proximo|proxima)\b")
SPAN = re.compile(
    r"\b(?:in|dans|en|dentro de) (?P<number>[0-9]{1,3}|an?|une?|half an|une? demi[- ]?|una? media|una|media)"
    r" ?(?P<unit>min(?:ute|uto)?s?|h(?:our|eure|ora|r)?s?)\b"
)
SHIFT = re.compile(
    r"\b(?P<number>[0-9]{1,2}|an?|une?|una|one|two|three|deux|trois|dos|tres|half an|une demi[- ]?|media) ?"
    r"(?P<unit>min(?:ute|uto)?s?|h(?:our|eure|ora|r)?s?) (?P<way>later|earlier|plus tard|plus tot|mas tarde"
    r"|despues|antes|mas temprano)\b"
)
EARLIER = re.compile(r"earlier|tot|antes|temprano")
NOW = re.compile(
    r"\b(?:(?:right )?now|asap|right away|immediately|as soon as (?:possible|you can)|maintenant"
    r"|tout de suite"
    r"|immediatement|des que (?:possible|vous pouvez)|ahora(?: mismo)?|cuanto antes|lo antes posible"
    r"|le plus (?:vite|tot) possible|en cuanto pued(?:a|an|as))\b"
)
NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11,
    "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9,
    "dix": 10, "onze": 11, "la una": 1, "una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6,
    "siete": 7, "ocho": 8, "nueve": 9, "diez": 10, "once": 11, "doce": 12, "twelve": 12, "douze": 12,
}  # fmt: skip
_WORD = "|".join(sorted((word for word in NUMBERS if " " not in word), key=len, reverse=True))
WRITTEN = re.compile(
    rf"(?P<lead>\b(?:at|to|past|by|around|about|after|before|until|from|a|vers|las?|entre|between|and|et|y) )"
    rf"(?P<word>{_WORD})\b(?! (?:hours?|minutes?|horas?|minutos?|demi|weeks?|days?|semanas?|dias?"
    r"|semaines?|jours?))|\b(?P<hours>" + _WORD + r") (?=heures?\b|o'?clock\b)"
)
CLOCK = re.compile(
    r"\b(?P<hour>[0-9]{1,2}) ?(?:[:h.] ?(?P<minute>[0-5][0-9])\b"
    r"|(?P<mark>h\b|hs\b|heures?\b|o'?clock\b|(?=a\.?m\b|p\.?m\b)))"
    r"|\b(?:at|a|a las?|las?|vers|around|about|sobre las?|hacia las?|past|to|by|after|before|until"
    r"|from|between"
    r"|entre|and|et|y|apres|avant|make it|be) (?P<bare>[0-9]{1,2})\b(?! ?(?:[:h/.]|%|(?:st|nd|rd|th)\b"
    r"|(?:hours?|min\w*|horas?|days?|jours?|dias?)\b))"
    r"|\b(?P<noon>noon|midday|(?<!apres-)(?<!apres )midi|mediodia)\b"
)
PM = re.compile(r"p\.?m\b|\b(?:afternoon|evening|tonight|apres[- ]midi|aprem|(?:du |ce )soir|tarde|noche)\b")
AM = re.compile(r"(?<=[0-9 ])a\.?m\b|\b(?:in the morning|du matin|de la manana)\b")
HALF = re.compile(r"\bhalf past\b|\b(?:et|y) (?:demie?|media)\b")
QUARTER_PAST = re.compile(r"\bquarter past\b|\b(?:et|y) (?:quart|cuarto)\b")
QUARTER_TO = re.compile(r"\bquarter to\b|\bmoins (?:le |un )?quart\b|\bmenos cuarto\b")
UNCLEAR = re.compile(r"\bhalf to\b|\bmoins\b|\bmenos\b")
PARTS = (
    ("morning", 0, 12, re.compile(
        r"\b(?:morning|mornings|matin(?:ee)?|(?:por|en|a|de) la manana|primera hora|first thing)\b")),
    ("afternoon", 12, 17, re.compile(
        r"\b(?:afternoon|after lunch|apres[- ]midi|aprem|tarde|despues de comer|despues del almuerzo)\b")),
    ("evening", 17, 24, re.compile(r"\b(?:evening|tonight|soir(?:ee)?|noche)\b")),
)  # fmt: skip
AFTER = re.compile(
    r"\b(?:after|from|any ?time after|apres|a partir de|des|despues de(?: las?)?|a partir de las?) (?=[0-9])"
)
BEFORE = re.compile(r"\b(?:before|by|avant|antes de(?: las?)?) (?=[0-9])")
BETWEEN = re.compile(r"\b(?:between|entre(?: las?)?)\b")
SAME = re.compile(r"\b(?:same (?:time|hour)|meme heure|misma hora)\b")
BUSY = re.compile(
    r"(?:\b(?:i m|im|i am|i'm) (?:busy|out|away|working|not free)[^,;.]*"
    r"|\b(?:a )?[0-9h: ]{1,6}(?:je suis|suis) "
    r"(?:occupee?|prise?|absente?)|\ba las? [0-9:]+ (?:estoy|ando) (?:ocupad[oa]|trabajando|fuera))[,;. ]"
)
NOT_THEN = re.compile(
    r"\b(?:not|pas|except|sauf|menos|excepto) (?:on |el |le )?(?:\w+)$"
    r"|\bdoes(?:n'?t| not) (?:work|suit|fit)\b|\b(?:can'?t|cannot|can not)\b(?! wait)|\bne (?:peux"
    r"|suis) pas\b"
    r"|\bje (?:ne )?(?:peux|suis) pas\b|\bno (?:puedo|estoy|me (?:viene|va) bien)\b|\bno\W*$"
)
ZONES = (
    ("Europe/Paris", r"paris|france|francaise|cet|cest"),
    ("Europe/Madrid", r"madrid|espana|spain|spanish|peninsular|barcelona"),
    ("Europe/London", r"uk|london|londres|british|bst|gmt"),
    ("America/New_York", r"eastern|new[ -]?york|nueva york|l'est|del este|est|edt|et|nyc"),
    ("America/Chicago", r"central|chicago|cst|cdt|ct"),
    ("America/Denver", r"mountain|denver|mst|mdt|mt"),
    ("America/Los_Angeles", r"pacific|california|los angeles|pst|pdt|pt|pacifique|pacifico"),
    ("America/Mexico_City", r"mexico|ciudad de mexico|cdmx"),
    ("America/Bogota", r"bogota|colombia|peru|lima"),
    ("America/Argentina/Buenos_Aires", r"argentina|buenos aires"),
    ("America/Toronto", r"toronto|montreal|quebec|ottawa"),
    ("UTC", r"utc"),
)
_PLACE = "|".join(f"(?:{names})" for _, names in ZONES)
ZONE = re.compile(
    rf"\b(?P<en>{_PLACE})(?: standard| daylight)? time\b"
    rf"|\b(?:heure|hora) (?:de |d'|du |del? )?(?:la )?(?P<fr>{_PLACE})\b"
    r"|(?:[0-9]|[ap]\.?m\.?) ?(?P<abbr>est|edt|et|cst|cdt|ct|mst|mdt|mt|pst|pdt|pt|gmt|bst|utc|cet"
    r"|cest)\b(?! \w+ee)"
)
