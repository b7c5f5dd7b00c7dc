"""Reads that a wish is taken back, without a model: "no wait, don't cancel", "finalement je la garde"."""

import re

from conversation.words.replies import folded
from conversation.words.verbs import any_form, told

_LONGEST = 14
"""Words of a message that takes back and says nothing else."""
_IT = r"(?:it|them|that|the order|my order|order|everything)"
_VERBS_EN = told("cancel", "refund", "return", "change", "exchange", tongue="en")
_VERBS_FR = (
    rf"(?:fai[ts]\w*|envo\w+|{any_form('cancel', 'refund', 'return', 'change', 'exchange', tongue='fr')})"
)
_VERBS_ES = rf"(?:hag\w*|{any_form('cancel', 'refund', 'give_back', 'change', tongue='es')})"
# Over folded words.
_BACK = re.compile(
    rf"\b(?:(?:don t|do not|dont) (?:do (?:it|that)|send|{_VERBS_EN})(?!\w)"
    rf"|(?:want|like|prefer|going|decided) to keep\b|(?:i ll|i will|let me|actually|just|rather"
    rf"|please) keep {_IT}"
    r"|chang\w+ (?:my|our) minds?|undo|revert|reinstate|restore|un ?cancel\w*"
    r"|(?:can|could|please|you) (?:\w+ )?(?:be )?reverse\w*|reactivat\w+|by mistake|par erreur|reactiv\w+"
    rf"|take {_IT} back|(?:get|bring|give|have|put) {_IT} back|still want {_IT}|want {_IT} (?:after all|back)"
    rf"|(?:can|could) i still (?:get|have|keep|receive) {_IT}|cancel (?:the|my|that) cancell?ation"
    rf"|(?:was|is|made) a mistake|leave {_IT} as|didn t mean (?:to|that|it)"
    rf"|{any_form('let_go', tongue='en')}"
    rf"|n (?:envo\w+|{any_form('cancel', 'exchange', tongue='fr')}) (?:\w+ )?(?:pas|rien|plus)"
    rf"|ne (?:l |la |le |les )?{_VERBS_FR} (?:\w+ )?pas"
    r"|(?:veux|voudrais|prefere|vais|souhaite) (?:\w+ ){0,2}?(?:garder|conserver)|je (?:la|le"
    r"|les) (?:garde|veux)"
    r"|change d avis|annul\w+ l annulation|revenir en arriere|(?:etait|est|fait) une erreur"
    r"|laisse[rz]? (?:\w+ ){1,3}(?:comme|tel)|veux quand meme|veux (?:\w+ )?finalement|retablir"
    r"|retablisse[rz]"
    rf"|no (?:me )?(?:l[oa]s? )?{_VERBS_ES}|me l[oa]s? quedo"
    r"|(?:quiero|prefiero|deseo|mejor) (?:conservar|mantener|quedarme)\w*|cambi\w+ de (?:opinion|idea)"
    r"|deshacer\w*|deshaga\w*|revertir\w*|recuperar\w*|fue un error|(?:me )?equivoque|no quiero cancelar"
    r"|era un error|(?:si|aun"
    r"|todavia) l[oa]s? quiero"
    r"|dej\w+ (?:\w+ )?como|como estaba|cancel\w+ la cancelacion|marcha atras)\b"
    # No more than a cry is meant of what was just done; a bare "no" may want nothing else.
    r"|^(?:(?:no|oh|please) )*(?:don t|dont|do not)(?: (?:please|wait|no))*$"
    r"|^(?:(?:no|non) )+(?:wait|stop|attend(?:s|ez)|arrete[rz]?|esper[ae]n?|par[ae]n?)$"
    rf"|^(?:(?:non?|en fait|finalement|mejor|al final|on) )*{any_form('let_go')}$"
)


def takes_back(text: str) -> bool:
    """Whether these few words take back what was wished for."""
    said = folded(text)
    return len(said.split()) <= _LONGEST and _BACK.search(said) is not None
