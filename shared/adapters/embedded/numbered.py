"""Tells a question about numbered orders and nothing else: "où en sont les commandes 1001 et 1004 ?"."""

import re
import unicodedata

_MOST_ORDERS = 5
_MOST_WORDS = 20
_WORDS = re.compile(r"#?\w+")
_NUMBER = re.compile(r"#?\d{3,6}")
_PLAIN = re.compile(r"[\w\s.,;:?!¿¡#'’()&°º-]*")
# A word that is not here leaves the message to be judged; none of these tells us to do anything.
_OF_ORDERS = frozenset(
    """
    where is are s my our the both order orders number numbers no parcel parcels package packages and of with
    what status when will do does arrive arriving arrives come coming be delivered shipped ship has have been
    on their its way yet still it they any news update updates you know please hi hello
    hey thanks thank about also
    ou en est sont se trouve trouvent c elles elle ils il mes ma mon nos les la le l commande commandes colis
    numero numeros n et de des du que quoi quel statut quand arrive arrivent arriveront arrivera vont va
    arriver seront sera livre livree livrees livres expedie expediee expediees expedies parties partie etat
    bonjour salut svp s il vous plait merci aussi
    donde esta estan mis mi los el las pedido pedidos orden ordenes paquete paquetes numero numeros y del
    cual estado cuando llega llegan llegara llegaran van en camino entregado entregados enviado enviados
    hola por favor gracias tambien sus
    """.split()  # noqa: SIM905 a list of words
)
_ASKS = frozenset(
    """
    where what status news update updates when has have ou quand statut etat donde cuando estado
    """.split()  # noqa: SIM905 as above
)


def asks_of_orders(text: str) -> bool:
    """True for a short question where a few orders are, by their numbers, with no other word in it.

    The classifier of attacks takes several numbers for a list of other people's orders. Whose they are the
    shop knows; who adds anything to them ("and of all other customers") is judged as before.
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    words = _WORDS.findall("".join(c for c in plain if not unicodedata.combining(c)))
    numbers = [word for word in words if _NUMBER.fullmatch(word)]
    others = set(words).difference(numbers)
    short = len(words) <= _MOST_WORDS and 0 < len(numbers) <= _MOST_ORDERS
    plainly = _PLAIN.fullmatch(text) is not None
    return plainly and short and others <= _OF_ORDERS and not _ASKS.isdisjoint(others)
