"""Mends a slip in the words that shop messages live on: "wher is my oder" asks where an order is."""

import re

from shared.adapters.embedded.gloss import fold
from shared.adapters.embedded.lexicon import Lexicon
from shared.adapters.embedded.slips import mender
from shared.tongues import other_tongue

_WORDS = """
    where when ordered order orders package parcel delivery delivered shipping shipped tracking refund
    return returns exchange cancel address discount receipt invoice arrived arrive received receive
    broken please password account want need change jacket commande colis livraison livrer rembourser
    remboursement retour retourner annuler echanger adresse facture voudrais pedido paquete entrega
    envio reembolso devolver devolucion cancelar cambiar direccion factura llegado quiero donde cuando
""".split()  # noqa: SIM905 sixty quoted words read worse
_WORD = re.compile(r"[^\W\d_]{4,}")
_mend = mender(_WORDS, ())


def mended(text: str, known: Lexicon) -> str:
    """`text` with the words that `known` lacks put right where one letter makes them one of a shop's."""
    strange = [word for word in _WORD.findall(text) if not len(known.places([word.lower()]))]
    if not strange or other_tongue(text) is not None:
        return text
    right = {word: meant for word in strange if (meant := _mend(fold(word))) != fold(word)}
    return _WORD.sub(lambda match: right.get(match[0], match[0]), text) if right else text
