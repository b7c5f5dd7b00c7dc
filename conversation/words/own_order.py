"""Reads what of their own order a customer asks for: what is in it, where it goes, what it cost, and when."""

import re

from conversation.words.agreeing import names_deed
from conversation.words.replies import folded
from conversation.words.verbs import any_form

# All over folded words. "What I ordered" asks only after one of these: "I did not get what I ordered".
_TELL = (
    r"(?:remind|tell|know|remember|list|see|check|show|forgot|forgotten|me (?:rappele[rz]|dire)"
    r"|sais (?:plus|pas))"
)
_FORM = r"(?:size|colou?r|version|model|variant)s?"
_LOOK = r"(?:taille|pointure|couleur|version|modele)s?"
_FORMA = r"(?:talla|color|modelo|tamano|version)s?"
_ORDER = r"(?:(?:my|the|this|that|ma|la|cette|mi|el|este) )?(?:order|commande|pedido|orden|compra)?(?: ?\d+)?"
_ASKED: dict[str, str] = {
    "items": (
        r"what (?:exactly |all |else )?(?:did|have) i (?:just |last |actually )?(?:order|buy|bought"
        r"|purchase|get|put in)\w*\b"
        rf"|{_TELL} (?:\w+ ){{0,3}}?what i (?:have |had )?(?:ordered|bought|purchased|got|took)\b"
        r"|what (?:s|is|was|are|were) (?:\w+ )?in (?:my|the|this|that|it|order|\d)"
        r"|what are the items (?:of|in)|(?:size|colou?r)s? of (?:my|the) (?:\w+ ){1,3}?in (?:my|order|\d)"
        r"|what (?:does|did) (?:my |the |this )?order (?:\d+ )?(?:contain|include|hold)"
        r"|which (?:items?|things?|products?|ones?) (?:did i|have i|are in|were in|is in)"
        rf"|(?:which|what) {_FORM} (?:\w+ ){{0,3}}?(?:did|have|had) i\b"
        rf"|(?:which|what) {_FORM} (?:is|was|are|were) (?:\w+ ){{1,4}}?(?:in|of|that) (?:my|the|order|i|\d)"
        rf"|{_TELL} (?:\w+ ){{0,4}}?{_FORM} i (?:ordered|took|chose|picked|bought)"
        r"|how many (?:\w+ ){0,3}?(?:did i|have i|are in|were in)\b"
        r"|qu (?:est ce que j|ai je|est ce que nous)(?: ai)? (?:\w+ )?(?:commande|achete|pris)"
        rf"|{_TELL} (?:\w+ )?ce que j ai (?:commande|achete|pris)|j ai (?:commande|achete|pris) quoi"
        r"|(?:que|qu est ce que) (?:contient|contenait)|qu y a t il dans|il y a quoi dans|contenu de (?:ma"
        r"|la)"
        rf"|quelle?s? {_LOOK} (?:\w+ ){{0,3}}?(?:ai je|j ai|j avais)\b"
        rf"|(?:c etait|etait ce|c est) quelle?s? {_LOOK}|quelle?s? {_LOOK} (?:\w+ ){{0,3}}?dans (?:ma|la)"
        r"|combien d\w* (?:\w+ ){1,3}?(?:ai je|j ai)\b"
        r"|que (?:\w+ )?(?:pedi|compre|ordene|encargue|he pedido|he comprado)\b"
        r"|que (?:hay|habia|tiene|contiene|lleva|incluye) (?:en )?(?:mi|el) (?:pedido|compra|\d)"
        rf"|(?:que|cual) (?:\w+ )?{_FORMA} (?:\w+ ){{0,3}}?(?:pedi|compre|elegi|escogi|tome|era|he pedido)\b"
        r"|cuant[oa]s (?:\w+ ){1,3}?(?:pedi|compre|hay en mi)\b|contenido de mi pedido"
    ),
    "orders": (
        r"(?:which|what) orders (?:do|did|have) i|what are my orders|my order history"
        r"|do i have (?:\w+ )?orders"
        r"|(?:list|show|see)(?: me)?(?: all)?(?: of)? my orders|how many orders (?:do|did|have) i"
        r"|quelles commandes (?:ai je|j ai)|quelles sont mes commandes|combien de commandes (?:ai je|j ai)"
        r"|(?:voir|list\w+|montre\w*)(?: moi)?(?: de)?(?: toutes)? mes commandes"
        r"|historique de (?:mes )?commandes|(?:que|cuantos) pedidos (?:tengo|he hecho)"
        r"|cuales son mis pedidos|(?:ver|muestr\w+|listar?|lista de)(?: todos)? mis pedidos"
        r"|historial de (?:mis )?pedidos"
    ),
    "address": (
        r"(?:what|which) (?:s |is |was )?(?:\w+ )?(?:\w+ )?address|to (?:what|which) address"
        r"|(?:shipping|delivery) address (?:of|for|on|in) "
        rf"|where (?:are you|will you(?: be)?|did you|do you) (?:send|ship|deliver)\w* {_ORDER}"
        rf"|where (?:is|will|was) {_ORDER} (?:be |being |going to be )?(?:sent|shipped|delivered"
        rf"|going)(?: to)?$"
        r"|(?:quelle|a quelle|vers quelle) (?:est )?(?:l |mon )?adresse|adresse de livraison (?:de|pour) "
        r"|(?:livree?|envoyee?|expediee?) ou (?:la|ma)\b"
        r"|ou (?:est|sera|va etre) (?:livree|envoyee|expediee)|ou (?:l |la )?(?:envoyez|expediez|livrez) vous"
        r"|(?:cual es la|a que|a cual|que|cual) direccion|direccion de (?:envio|entrega) (?:de|del|en) "
        r"|a donde (?:va|envian|mandan|lo envian|la envian|se envia|lo mandan)\b"
    ),
    "shipping": (
        r"(?:i (?:pay|paid|pays|spend|spent)|i charged|charged me|pay) (?:\w+ ){0,4}?(?:shipping|delivery"
        r"|postage)"
        r"|(?:did you|was i) (?:charged?)(?: me)? (?:\w+ ){0,2}?(?:shipping|delivery|postage)"
        r"|how much (?:shipping|delivery|postage) (?:did i|have i|was i)"
        r"|how much was (?:the |my )?(?:shipping|delivery|postage)|was (?:the |my )?shipping free"
        r"|shipping (?:cost|fee|charge|price)s? (?:of|on|for|in) (?:my|the|this|order|\d)"
        r"|(?:je paye|j ai paye|ont coute|m a coute|a coute) (?:\w+ ){0,4}?(?:livraison|port|envoi)\b"
        r"|frais de (?:port|livraison) (?:de|pour|sur) (?:ma|la|cette)\b|combien (?:\w+ ){0,2}?(?:livraison"
        r"|port) m"
        r"|(?:pague|me cobraron|he pagado|me costo) (?:\w+ ){0,4}?envio|cuanto (?:fue"
        r"|costo) (?:\w+ ){0,2}?envio"
    ),
    "total": (
        r"(?:what s|what is|what was|whats) (?:the|my) (?:order )?(?:total|sum|grand total|full amount)\b"
        r"|(?:order total|total (?:price |cost |amount )?(?:of|for) (?:my|the|this|order|\d))"
        r"|how much (?:did i|have i|do i) (?:pay|paid|spend|spent)(?! for)(?! (?:\w+ ){0,3}(?:shipping"
        r"|delivery))"
        rf"|how much (?:did|does|was|is|were) {_ORDER} (?:cost|in total|altogether|total|in all)"
        r"|how much (?:did i|have i) (?:pay|paid|spend|spent) (?:\w+ )?for (?:my|the|this|order) ?(?:order"
        r"|\d)"
        r"|what (?:did|have) i (?:pay|paid|spend|spent)(?: in total| altogether| for (?:my "
        r"|the )?order(?: \d+)?)?$"
        r"|(?:quel est|quel etait|c est quoi) le (?:montant|total|prix total)|(?:montant"
        r"|total) (?:\w+ )?de (?:ma|la)\b"
        r"|combien (?:ai je|j ai|est ce que j ai) (?:paye|depense)(?: en tout| au total| pour (?:ma"
        r"|la) commande)?"
        r"|j ai paye combien|combien (?:m a|a|coute) (?:coute )?(?:ma|la) commande"
        r"|cuanto (?:pague|gaste|he pagado|me cobraron)\b|cuanto me costo (?:mi|el) pedido|cuanto (?:costo"
        r"|cuesta|es|fue|suma) (?:mi"
        r"|el) pedido"
        r"|cual (?:es|fue|era) el (?:total|importe|monto)|(?:total|importe) (?:\w+ )?del? (?:mi )?pedido"
    ),
    "placed": (
        r"when (?:did|have) i (?:\w+ )?(?:order|place|buy|bought|purchase|make)\w*\b"
        r"|(?:what|which) (?:day|date) (?:did i|was (?:it|my order|the order|order \d+) (?:placed|ordered"
        r"|made))"
        r"|(?:what|which) date was (?:order )?\d+ (?:placed|ordered|made)|que fecha tiene (?:mi|el) pedido"
        r"|when was (?:it|my order|the order|this order|order \d+|\d+) (?:placed|ordered|made|bought)"
        r"|(?:order date|date of (?:my|the|this) order)|how long ago did i (?:\w+ )?(?:order|buy|place)"
        r"|quand (?:ai je|est ce que j ai|j ai) (?:\w+ )?(?:commande|passe|achete|fait)\b|j ai commande quand"
        r"|(?:date|jour) de (?:ma|la|cette) commande|(?:quel jour|a quelle date) (?:ai je|j ai)\b"
        r"|quand (?:a ete|etait|a t elle ete) passee|(?:commande )?(?:a ete )?passee quand"
        r"|cuando (?:l[oa]s? )?(?:pedi|compre|hice|ordene|encargue|he pedido|realice|he hecho)\b"
        r"|fecha de(?:l| mi) (?:pedido|compra)|que dia (?:l[oa] )?(?:pedi|compre|hice)\b"
    ),
    "code": (
        r"(?:did|have) i (?:\w+ )?(?:use|enter|apply|appl|add|redeem)\w* (?:an? |any |my |the )?(?:\w+ )?"
        r"(?:code|coupon|discount|promo\w*|voucher)"
        r"|(?:was|were|is) (?:there )?(?:an?|any|my|the) (?:\w+ )?(?:code|coupon|discount|promo\w*|voucher) "
        r"(?:applied|used|on|in|taken)\b"
        r"|(?:which|what) (?:\w+ )?(?:code|coupon|voucher) did i|did (?:my|the) (?:\w+ )?(?:code|coupon"
        r"|discount) "
        r"(?:work|apply|go through|count)"
        r"|(?:ai je|j ai|est ce que j ai) (?:bien )?(?:utilise|mis|entre|applique|saisi) (?:un|mon"
        r"|le) (?:\w+ )?"
        r"(?:code|bon|coupon)|quel (?:code|coupon) (?:\w+ )?(?:ai je|j ai)"
        r"|(?:code|reduction|remise) (?:\w+ )?(?:a|ont) (?:t il |t elle )?(?:bien )?ete (?:applique|pris)"
        r"|(?:use|utilice|aplique|puse|he usado|meti|ingrese) (?:algun|un|mi|el) (?:codigo|cupon|descuento)"
        r"|que (?:codigo|cupon) (?:use|utilice|puse)\b|se aplico (?:algun|un|mi|el) (?:codigo|cupon"
        r"|descuento)"
    ),
}  # fmt: skip
_PATTERNS = {what: re.compile(rf"\b(?:{found})") for what, found in _ASKED.items()}
# The shop's own address, one that is to be another, or one of mail; and where something is sent back to.
_OTHER_ADDRESS = re.compile(
    r"\b(?:your|votre|vos|su tienda|change\w*|chang\w+|update|correct\w*|modif\w+|cambi\w+|new|wrong"
    r"|nouvelle|mauvaise"
    rf"|nueva|e ?mails?|mail|correo|{any_form('return', 'a_return')}"
    rf"|{any_form('give_back', tongue='es')}|ip)\b"
)
_DEEDS = ("cancel", "return", "refund", "exchange")

_WHERE = re.compile(
    r"(?:(?:and|so|but|hi|hello|ok|okay|et|mais|bonjour|y|pero|hola) )*"
    r"(?:wheres|where (?:is|s)|ou (?:est|en est)|donde esta) "
    r"(?:(?:my|the|order|parcel|package|ma|la|mon|le|commande|colis|mi|el|pedido|paquete|number|numero|no|n)"
    r" )*\d{3,12}(?: (?:now|please|svp|stp|s il vous plait|por favor|maintenant|ahora))*"
)


def asks_where(text: str) -> bool:
    """Whether it asks where an order is and nothing else: "and where is 1002?"."""
    return _WHERE.fullmatch(folded(text)) is not None


def asked_of_order(text: str) -> tuple[str, ...]:
    """What is asked for: orders, or of one its items, address, shipping, total, placed, code.

    Nothing beside a deed.
    """
    if any(names_deed(kind, text) for kind in _DEEDS):
        return ()
    said = folded(text)
    found = [what for what, pattern in _PATTERNS.items() if pattern.search(said)]
    if "orders" in found:
        return ("orders",)
    if "address" in found and _OTHER_ADDRESS.search(said):
        found.remove("address")
    if "shipping" in found and "total" in found:
        found.remove("total")  # "how much did I pay in total for shipping?"
    return tuple(found)
