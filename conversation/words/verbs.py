"""The verbs for what customers want done, by deed and language: the readers build their patterns from these.

All over folded words and without groups that capture, to be put into a pattern as they are.
"""

from typing import Literal

Deed = Literal[
    "cancel", "refund", "return", "a_return", "give_back", "exchange", "change", "keep", "leave", "let_go"
]  # fmt: skip
Tongue = Literal["en", "fr", "es"]

# Whatever form it has: "cancelled", "annulation".
_ANY: dict[Deed, dict[Tongue, str]] = {
    "cancel": {"en": r"cancel\w*", "fr": r"annul\w+", "es": r"cancel\w*|anul\w+"},
    "refund": {"en": r"refund\w*|reimburse\w*", "fr": r"rembours\w+", "es": r"reembols\w+"},
    # Of what the customer sends. "Devuelvan" is rather said of money, and to the shop.
    "return": {"en": r"return\w*", "fr": r"retourn\w+|renvo[iy]\w+", "es": r"devol(?:ver|uci|v)\w*"},
    "a_return": {"en": r"send\w* (?:\w+ )?back", "fr": r"retours?", "es": r"devoluci\w+"},
    "give_back": {"en": r"money back", "fr": r"rend\w+ (?:moi )?(?:l|mon) argent", "es": r"devu?e?l[tv]\w+"},
    "exchange": {"en": r"exchang\w+|swap\w*", "fr": r"echang\w+", "es": r"cambi\w+"},
    "change": {"en": r"chang\w+", "fr": r"chang\w+", "es": r"cambi\w+"},
    # Neither a garden nor the "gardien" with whom a parcel is left; nor what "keeps sliding".
    "keep": {
        "en": r"keep(?:ing)?",
        "fr": r"gard(?!i?en)\w+|conserv\w+",
        "es": r"conserv\w+|manten(?!imi|gase|gan?me)\w+|me l[oa]s? quedo|me quedo con|quedarme",
    },
    "leave": {"en": r"leave", "fr": r"laisse[rz]?\b(?! moi| tomber)", "es": r"deje\w*|dej[ae]l[oa]s?"},
    "let_go": {
        "en": r"never ?mind|forget (?:about )?(?:it|that|this)",
        "fr": r"laisse[sz]?(?: (?:ca|cela))? tomber|oublie[sz]?(?: (?:ca|cela))?",
        "es": r"olvid(?:a|e|en|ad)lo",
    },
}  # fmt: skip
# As one tells somebody to do it: "cancel", "annulez", "cancélelo".
_TOLD: dict[Deed, dict[Tongue, str]] = {
    "cancel": {"en": r"cancel", "fr": r"annule[rz]?", "es": r"(?:cancel|anul)(?:ar|e|en|a)(?:lo|la)?"},
    "refund": {
        "en": r"refund", "fr": r"rembourse[rz]", "es": r"reembols(?:ar|e|en|a)(?:me|lo|la|los|las)?",
    },
    "return": {
        "en": r"return",
        "fr": r"retourne[rz]|renvoye[rz]|renvoie",
        "es": r"devolver(?:lo|la|los|las)?|devuelv[ao](?:lo|la)?",
    },
    "exchange": {
        "en": r"exchange|swap", "fr": r"echange[rz]", "es": r"cambi(?:ar|e|en|a)(?:me|lo|la|los|las)?",
    },
    "change": {"en": r"change", "fr": r"change[rz]?", "es": r"cambi(?:ar|e|en|a)(?:me|lo|la|los|las)?"},
}  # fmt: skip


def any_form(*deeds: Deed, tongue: Tongue | None = None) -> str:
    """Matches a word of one of these deeds, in any form; of one language or of all."""
    return _one_of(_ANY, deeds, tongue)


def told(*deeds: Deed, tongue: Tongue | None = None) -> str:
    """Matches where one of these deeds is told to be done, as an order or an infinitive."""
    return _one_of(_TOLD, deeds, tongue)


def _one_of(table: dict[Deed, dict[Tongue, str]], deeds: tuple[Deed, ...], tongue: Tongue | None) -> str:
    forms = (form for deed in deeds for spoken, form in table[deed].items() if tongue in {None, spoken})
    return f"(?:{'|'.join(dict.fromkeys(forms))})"
