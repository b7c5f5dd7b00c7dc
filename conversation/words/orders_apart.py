"""Reads which of several orders a message wants what of: "cancel 1012 and tell me where 1001 is"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from conversation.words.agreeing import names_deed, wishes_deed
from conversation.words.replies import folded
from conversation.words.verbs import any_form
from conversation.words.wishes import newsletter_wish

_CLAUSES = re.compile(
    r"[.,;:!?\n]+|\b(?:and|or|but|also|then|et|ou(?! (?:est|en|sont|se))|mais|puis|y|e|o|pero|luego"
    r"|también)\b"
    r"|(?=\b(?:instead of|rather than|plutôt que|au lieu de|en vez de|en lugar de)\b)"
    r"|\bet (?=où\b)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![\w-])#?(\d{3,12})(?![\w-])")
# Over folded words.
_NEGATED = re.compile(
    r"\b(?:not|don t|do not|dont|ne|n|pas|no(?! \d)|instead of|rather than|plutot que|au lieu de|en vez de"
    rf"|en lugar de|{any_form('keep', 'leave')})\b"
)
_WHERE = re.compile(
    r"\b(?:where|status|updates?|track\w*|arriv\w+|ship\w*|when|news|deliver\w+|ou (?:est|en|sont|se)"
    r"|est ou|quand"
    r"|statut"
    r"|suivi|nouvelles?|livr\w+|donde|estado|cuando|lleg\w+|salid\w+|noticias|check|look)\b"
)
_SENDS_BACK = re.compile(rf"\b{any_form('a_return')}\b")
# A clause that asks where an order is: "where 1301 is", "has 1301 shipped"; not "1301 has not shipped".
_ASKS_STATE = re.compile(
    r"(?:(?:and|also|please|can|could|you|tell|me|let|know|i|want|d|like|would|to|check|see|et|aussi|dites|moi"
    r"|dire|pouvez|vous|savoir|je|veux|voudrais|svp|y|tambien|por favor|dime|digame|puede|decirme|quiero"
    r"|saber) )*"
    r"(?:wheres?\b|any (?:news|updates?)\b|when (?:is|will|does|do|can)\b"
    r"|(?:what s |what is |whats )?(?:the )?status\b|track\b"
    r"|(?:has|is) (?:my |the )?(?:order |parcel |package )?\d+ (?:shipped|left|arrived|on its way|on the way)"
    r"|ou (?:est|en est|se trouve|en sont)\b|quand\b|(?:quel est )?(?:le )?(?:statut|suivi)\b"
    r"|donde\b|cuando (?:llega|va|sale|recib)|(?:cual es )?(?:el )?estado\b)"
)
# What may be ended or changed and is no order.
_NO_ORDER = re.compile(
    r"\b(?:box|subscriptions?|membership|account|call|abonnement|compte|appel|suscripcion|cuenta|llamada)\b"
)
# Words of a deed that is of the order just named: "cancel it", "je veux annuler ma commande".
_OF_IT = frozenset(
    """
    it them this that these those the my whole entire all everything order orders parcel package please i want
    would like d to can could you just now address shipping delivery
    la le les l ma mon mes cette commande colis tout toute svp s il vous plait je veux voudrais pouvez vous
    maintenant adresse de livraison
    el lo los mi pedido paquete todo toda quiero quisiera puede por favor ya direccion envio
    """.split()  # noqa: SIM905 a list of words
)
_VERB = re.compile(rf"\b(?:{any_form('cancel', 'refund', 'return', 'a_return', 'exchange', 'change')})\b")
_JOINTS = re.compile(
    r"^(?:[\s.,;:!?¿¡]|(?:and|also|then|but|et|puis|mais|y|pero|luego)\b)+"
    r"|(?:[\s.,;:!?¿¡]|\b(?:and|also|then|but|et|puis|mais|y|pero|luego))+$",
    re.IGNORECASE,
)
_KINDS = ("cancel", "return", "refund", "exchange", "address")


@dataclass(frozen=True)
class Wished:
    """What is wanted of one order: a kind of action, "status", or empty for what the message is about.

    Without a number: of the order that is spoken of otherwise, or of none.
    """

    number: str
    kind: str
    text: str


def orders_apart(text: str, numbers: Sequence[str]) -> list[Wished]:
    """One for each of `numbers` in the order they are named; those that are only ruled out are left away."""
    found: dict[tuple[str, str], Wished] = {}
    ruled_out: set[tuple[str, str]] = set()
    kind, words, number_of_words = "", "", ""
    clauses = [clause.strip() for clause in _CLAUSES.split(text) if clause and folded(clause)]
    later = next((each for each in map(_kind, clauses) if each), "")
    for clause in clauses:
        own = _kind(clause)
        named = [number for number in _NUMBER.findall(clause) if number in numbers]
        if own:
            kind, words, number_of_words = own, clause, named[0] if named else ""
        denied = _NEGATED.search(folded(clause)) is not None and kind != "status"
        for number in named:
            told = own or kind or later
            if denied:
                ruled_out.add((number, told))
                continue
            goes_on = words.replace(number_of_words, number) if number_of_words else f"{words} {number}"
            found[number, told] = Wished(number, told, clause if own or not words else goes_on)
    return [wished for key, wished in found.items() if key not in ruled_out]


def beside_where(text: str, number: str) -> list[Wished]:
    """A deed of no order by number, and where the one of this number is: "cancel the mug, where is 1301?".

    Nothing where the deed may be of that order too, or where none is plainly wished for.
    """
    clauses = [clause.strip() for clause in _CLAUSES.split(text) if clause and folded(clause)]
    naming = [clause for clause in clauses if number in _NUMBER.findall(clause)]
    if len(naming) != 1 or len(clauses) == 1:
        return []
    where = naming[0]
    if _ASKS_STATE.match(folded(where)) is None or _kind(where) not in {"status", ""}:
        return []
    before, _, after = text.partition(where)
    rest = ", ".join(part for part in (_JOINTS.sub("", before), _JOINTS.sub("", after)) if part)
    if newsletter_wish(rest):
        kind = "newsletter"
    elif wishes_deed(rest) and not _of_it(folded(rest)):
        kind = _kind(rest)
    else:
        kind = ""
    return [Wished("", kind, rest), Wished(number, "status", where)] if kind else []


def _of_it(said: str) -> bool:
    """Whether a deed names nothing of its own, or what no order holds."""
    words = _VERB.sub(" ", said).split()
    return _OF_IT.issuperset(words) or _NO_ORDER.search(said) is not None


def _kind(clause: str) -> str:
    said = folded(clause)
    if deed := next((kind for kind in _KINDS if names_deed(kind, clause)), ""):
        return deed
    return "return" if _SENDS_BACK.search(said) else "status" if _WHERE.search(said) else ""
