"""Says in one sentence what an action will do, in the language of who has to approve it."""

from collections.abc import Mapping

from shared.contracts import actions as a
from shared.contracts.words import LANGUAGES, Language

_Words = Mapping[str, str]
_EN: _Words = {
    "refund": "Refund {amount} for order #{number}.",
    "refund_items": "Refund {amount} for {items} from order #{number}.",
    "refund_back": "Refund {amount} for {items} from order #{number} when they are back, with a label.",
    "refund_paid": "Refund {amount} for order #{number}: return {of_return} has arrived.",
    "refund_owed": "Refund {amount} for order #{number} when return {of_return} has arrived.",
    "return": "Open a return of {items} from order #{number}, with a label.",
    "exchange": "Exchange {item} from order #{number} for {wanted}, with a label.",
    "cancel": "Cancel order #{number} and pay it back.",
    "cancel_part": "Cancel {items} of order #{number} and pay {amount} back; the rest stays.",
    "address": "Send order #{number} to {address}.",
    "item": "Swap {item} for {wanted} in order #{number}.",
    "remove": "Take {item} out of order #{number}.",
    "resend": "Send {items} of order #{number} once more, for nothing.",
    "store_credit": "Give {amount} of store credit for order #{number}.",
    "subscribe": "Subscribe the customer to the newsletter.",
    "unsubscribe": "Take the customer off the newsletter.",
    "loyalty": "Correct the customer's points by {points}.",
    "all": "everything",
}
_FR: _Words = {
    "refund": "Rembourser {amount} pour la commande #{number}.",
    "refund_items": "Rembourser {amount} pour {items}, commande #{number}.",
    "refund_back": "Rembourser {amount} pour {items}, commande #{number}, à leur retour, avec une étiquette.",
    "refund_paid": "Rembourser {amount} pour la commande #{number} : le retour {of_return} est arrivé.",
    "refund_owed": "Rembourser {amount} pour la commande #{number} quand le retour {of_return} sera arrivé.",
    "return": "Ouvrir un retour de {items}, commande #{number}, avec une étiquette.",
    "exchange": "Échanger {item}, commande #{number}, contre {wanted}, avec une étiquette.",
    "cancel": "Annuler la commande #{number} et la rembourser.",
    "cancel_part": "Annuler {items}, commande #{number}, et rembourser {amount} ; le reste demeure.",
    "address": "Envoyer la commande #{number} à {address}.",
    "item": "Remplacer {item} par {wanted} dans la commande #{number}.",
    "remove": "Retirer {item} de la commande #{number}.",
    "resend": "Renvoyer {items} de la commande #{number}, sans frais.",
    "store_credit": "Accorder un avoir de {amount} pour la commande #{number}.",
    "subscribe": "Inscrire la personne à la newsletter.",
    "unsubscribe": "Désinscrire la personne de la newsletter.",
    "loyalty": "Corriger les points de {points}.",
    "all": "tout",
}
_ES: _Words = {
    "refund": "Reembolsar {amount} por el pedido #{number}.",
    "refund_items": "Reembolsar {amount} por {items}, pedido #{number}.",
    "refund_back": "Reembolsar {amount} por {items}, pedido #{number}, cuando vuelvan, con etiqueta.",
    "refund_paid": "Reembolsar {amount} por el pedido #{number}: la devolución {of_return} ha llegado.",
    "refund_owed": "Reembolsar {amount} por el pedido #{number} cuando llegue la devolución {of_return}.",
    "return": "Abrir una devolución de {items}, pedido #{number}, con etiqueta.",
    "exchange": "Cambiar {item}, pedido #{number}, por {wanted}, con etiqueta.",
    "cancel": "Cancelar el pedido #{number} y reembolsarlo.",
    "cancel_part": "Cancelar {items}, pedido #{number}, y reembolsar {amount}; el resto se queda.",
    "address": "Enviar el pedido #{number} a {address}.",
    "item": "Cambiar {item} por {wanted} en el pedido #{number}.",
    "remove": "Quitar {item} del pedido #{number}.",
    "resend": "Enviar {items} del pedido #{number} otra vez, sin costo.",
    "store_credit": "Dar un saldo a favor de {amount} por el pedido #{number}.",
    "subscribe": "Suscribir al boletín.",
    "unsubscribe": "Dar de baja del boletín.",
    "loyalty": "Corregir los puntos en {points}.",
    "all": "todo",
}
_LANGUAGES: Mapping[Language, _Words] = {"en": _EN, "fr": _FR, "es": _ES}


def previews(action: a.Action, titles: Mapping[str, str]) -> dict[Language, str]:
    """What will be done, in every language; `titles` are what SKUs are called."""
    return {language: preview(action, titles, language) for language in LANGUAGES}


def preview(action: a.Action, titles: Mapping[str, str], language: Language) -> str:
    """One sentence; personal values in it are tokens, as they are in the action."""
    words = _LANGUAGES[language]
    kind, values = _said(action, titles, words)
    return words[kind].format(number=action.order_number, **values)


def preview_owed(due: a.Refund, language: Language) -> str:
    """The same of the money of a return that is still on its way."""
    amount = f"{due.amount} {due.currency}"
    return _LANGUAGES[language]["refund_owed"].format(
        number=due.order_number, amount=amount, of_return=due.of_return
    )


def _said(  # noqa: C901, PLR0911  one for each kind
    action: a.Action, titles: Mapping[str, str], words: _Words
) -> tuple[str, dict[str, str]]:
    def named(*skus: str) -> str:
        return ", ".join(titles.get(sku, sku) for sku in skus) or words["all"]

    match action:
        case a.Refund() | a.StoreCredit():
            amount = f"{action.amount} {action.currency}".strip() or words["all"]
            if isinstance(action, a.Refund):
                return _refund(action), {
                    "amount": amount, "items": named(*action.items), "of_return": action.of_return,
                }  # fmt: skip
            return action.kind, {"amount": amount}
        case a.Return() | a.Resend():
            return action.kind, {"items": named(*action.items)}
        case a.Exchange():
            return action.kind, {"item": named(action.item), "wanted": named(action.wanted)}
        case a.ChangeItem():
            kind = "item" if action.wanted else "remove"
            return kind, {"item": named(action.item), "wanted": named(action.wanted)}
        case a.ChangeAddress():
            return action.kind, {"address": action.address}
        case a.Newsletter():
            return action.wish, {}
        case a.CorrectLoyalty():
            return action.kind, {"points": f"{action.points:+d}"}
        case a.Cancel() if action.items:
            amount = f"{action.amount} {action.currency}".strip()
            return "cancel_part", {"items": named(*action.items), "amount": amount}
        case a.Cancel():
            return action.kind, {}


def _refund(action: a.Refund) -> str:
    """How the money goes: for a parcel that has arrived, after the goods, or at once."""
    if action.of_return:
        return "refund_paid"
    if action.goods_back:
        return "refund_back"
    return "refund_items" if action.items else "refund"
