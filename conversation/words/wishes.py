"""Tells from a customer's words which of two near wishes is meant."""

import re
from typing import Literal

from conversation.turn import Case
from conversation.words import phrases
from conversation.words.agreeing import asks, names_deed
from conversation.words.replies import asks_for_rule, folded
from conversation.words.verbs import any_form
from shared.contracts import Intent

# All over folded words. A clause is what stands between these.
_CLAUSES = re.compile(
    r"[.,;:!?\n]+|\b(?:and|because|since|but|et|car|mais|parce que|puisque|y|porque|pero|ya que)\b"
)
_MONEY = re.compile(
    rf"\b(?:{any_form('refund')}|money back|my money|(?:mon|l) argent|(?:el|mi) dinero|dinero de vuelta)\b"
)
_SENDS = re.compile(
    rf"\b(?:{any_form('return', tongue='en')}|send(?:ing)? back|{any_form('return', tongue='fr')}"
    r"|devolver (?:el|l[ao]s?) (?!dinero)|devoluci\w+)"
)
_ASKS_WHERE = re.compile(
    r"\b(?:where|when|status|how long|yet|still (?:no|not|waiting)|waiting for|(?:has|have|had|was|were|did"
    r"|is) (?:\w+ ){0,3}?(?:refund|refunded|money)|(?:haven t|hasn t|didn t|never|not) "
    r"(?:\w+ ){0,3}?(?:received|gotten|got|seen|arrived|come|refunded|get)|received|arrived|processed"
    r"|promised|ou (?:est|en est)|quand|toujours pas|pas encore|jamais"
    r"|(?:n ai|ai) (?:\w+ )?(?:pas|rien)|recu|statut|delai|combien de temps"
    r"|donde|cuando|estado|(?:todavia|aun) no|no (?:me )?(?:han|ha|he)|recibido|llegado|cuanto tarda)\b"
)
_WANTS = re.compile(
    r"\b(?:want|would like|d like|like to|need|give me|get (?:a|my|the|our|full)|request|demand|claim|please"
    r"|pls|plz|(?:can|could|may) (?:you|i|we)|pay (?:\w+ ){0,2}back|veux|voudrais|souhaite|aimerais|demande"
    r"|exige|pouvez|pourriez|peux|puis|svp|rendez|recuperer|il faut|quiero|quisiera|queria|necesito|solicito"
    r"|exijo|pido|puede|pueden|puedes|podria|podrian|por favor|deseo"
    rf"|me {any_form('give_back', 'refund', tongue='es')})\b"
)
_BEGINS = re.compile(
    r"(?:(?:hi|hello|hey|bonjour|hola|just|please|so|then|ok|okay|well|actually|alors|donc|entonces|bueno|full"
    rf"|partial) )*(?:refund|reimburse|money back|{any_form('refund', tongue='fr')}"
    rf"|{any_form('refund', 'give_back', tongue='es')})\b"
)
_MAIL = re.compile(
    r"\b(?:e )?(?:mails?|mailing|emailing|courriels?|correos?)\b|\bemails?\b|\b(?:your|mailing) list\b"
)
_SHOP_MAIL = re.compile(
    r"\b(?:orders?|deliver\w+|shipping|invoice|receipt|commandes?|livraison|facture|pedidos?|entrega|factura)\b"
)
_STOP = re.compile(
    r"\b(?:stop|no more|don t (?:send|want|e?mail)|do not (?:send|want)|off|remove me|too many|enough|arretez"
    r"|arreter|cessez|ne (?:\w+ )?veux plus|n envoyez plus|ne m envoyez plus|plus recevoir|trop de|marre"
    r"|dejen|deja|dejad|no (?:me )?(?:envien|manden|envies|mandes)|no quiero|demasiados|basta)\b"
)
_UNSUBSCRIBE = re.compile(
    r"\b(?:unsubscribe|unsub|opt (?:me )?out|desabonn\w+|desinscri\w+|desuscrib\w+|dar(?:me|nos)? de baja"
    r"|(?:de|da|den|dad)(?:me|nos) de baja)\b"
)
_OTHER_SUBSCRIPTION = re.compile(
    r"\b(?:trail box|box|subscription|membership|account|abonnement|compte|suscripcion|cuenta|caja)\b"
)
_PLEASE_DO = re.compile(
    r"\b(?:can|could|will|would) you\b|\b(?:can|could) i be\b|\bpouvez|\bpourriez|\bpeux tu\b"
    r"|\bpued(?:e|en|es)\b|\bpodria"
)

# How it is asked within which time a thing may go back, and what pages call that time.
_HOW_LONG = {
    re.compile(rf"\b(?:{asked})\b"): called
    for asked, called in (
        ("how long|how many days|how much time|(?:un)?til when|by when|time limit|deadline|window|period",
         "return period"),
        ("combien de (?:jours|temps)|jusqu a quand|delais?|date limite", "délai de retour"),
        ("cuantos dias|cuanto tiempo|hasta cuando|hasta que (?:dia|fecha)|plazos?|fecha limite",
         "plazo de devolución"),
    )
}  # fmt: skip
_A_RETURN = re.compile(rf"\b(?:{any_form('a_return')}|send \w+ \w+ back)\b")
# How long a return is on its way; that it is too late for one; what has days of its own.
_OTHER_TIMES = re.compile(
    rf"\b(?:{any_form('refund', 'exchange')}|money|argent|dinero|label|etiquette|etiqueta|process\w*|takes?"
    r"|taken?|received?|arrived?|arrives|prend|prendre|dure|traite\w*|recu|recevoir|tard\w+|proces\w+"
    r"|recib\w+|lleg\w+|miss\w*|past|over|expired?|closed|exceptions?|depass\w+|passe|expire\w*|vencid[oa]"
    r"|vencio|pase|pasado|points?|puntos|level|niveau|nivel|gifts?|cadeaux?|regalos?|relais)\b"
)

NewsletterWish = Literal["subscribe", "unsubscribe", ""]


def asks_rule_only(case: Case) -> bool:
    """Asks for the rule, not for a return of an order; one named beside it belongs to another need."""
    named = case.entity("order_number") and len(case.classified.needs) == 1
    rule = asks_for_rule(case.text) or return_window(case.text)
    return bool(rule) and not named and not case.state.open_slot and bool(case.known())


def return_window(text: str) -> str:
    """What pages call the days within which a thing may be sent back; empty for who does not ask for them."""
    said = folded(text)
    returns = names_deed("return", text) or _A_RETURN.search(said) is not None
    if not returns or _OTHER_TIMES.search(said):
        return ""
    return next((called for asked, called in _HOW_LONG.items() if asked.search(said)), "")


def is_question(text: str) -> bool:
    """Ends like a question or begins like one."""
    return "?" in text or folded(text).split(" ")[0] in phrases.QUESTION_WORDS


def wants_money_only(case: Case) -> bool:
    """Asks for a refund and says nothing of sending anything back."""
    said = folded(case.text)
    return bool(_MONEY.search(said)) and not _SENDS.search(said) and wishes_refund(case)


def wishes_refund(case: Case) -> bool:
    """Wants money back, rather than to know where it is."""
    if case.state.open_intent == Intent.REFUND_STATUS and case.state.slots.get("wish") == "refund":
        return True
    return asks_money_back(case.text)


def asks_money_back(text: str) -> bool:
    """Whether some clause wishes for money, and does not ask where it stays: "I still want my money back"."""
    clauses = [folded(part) for part in _CLAUSES.split(text.casefold())]
    return any(_wishes_money(clause) for clause in clauses if _MONEY.search(clause))


def _wishes_money(clause: str) -> bool:
    if _ASKS_WHERE.search(clause):
        return False
    return _WANTS.search(clause) is not None or _BEGINS.match(clause) is not None


def newsletter_wish(text: str) -> NewsletterWish:
    """Whether the newsletter is to start or to stop, also by who only speaks of "your mails"."""
    said = folded(text)
    if asks(text) and not _PLEASE_DO.search(said):
        return ""
    named = any(f" {word} " in f" {said} " for word in phrases.NEWSLETTER)
    leaves = any(f" {word} " in f" {said} " for word in phrases.LEAVE) or bool(_STOP.search(said))
    if named:
        joins = any(f" {word} " in f" {said} " for word in phrases.JOIN)
        return "unsubscribe" if leaves else "subscribe" if joins else ""
    if _OTHER_SUBSCRIPTION.search(said) or _SHOP_MAIL.search(said):
        return ""
    return "unsubscribe" if _UNSUBSCRIBE.search(said) or (leaves and _MAIL.search(said)) else ""
