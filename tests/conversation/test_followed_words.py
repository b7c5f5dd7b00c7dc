"""What customers ask the bot to tell them of, in 177 wordings; and what only looks like it.

A hundred and twenty were written before the rules, sixty after: of those the rules knew 54, and none of what
is no wish was taken for one.
"""

import pytest

from conversation.words.calls import wants_call_back
from conversation.words.followed_words import followed, reminded_of

WORDINGS = {
    "tell_when_shipped": (
        "tell me when it ships", "can you notify me once my order has shipped?",
        "Could you message me as soon as it goes out?", "give me a shout when it leaves the warehouse",
        "keep me posted when it's dispatched", "I want a message when order #1042 is shipped",
        "when it ships please tell me", "lmk when it ships thx", "prévenez-moi quand c'est expédié",
        "dites-moi quand ça part", "pouvez-vous m'avertir dès que ma commande est envoyée ?",
        "envoyez-moi un message une fois que c'est parti",
        "faites-moi signe quand la commande #1042 est expédiée", "quand ma commande part, prévenez moi svp",
        "informez-moi de l'expédition", "prévenez moi quand sa sera expedié", "avísame cuando se envíe",
        "dime cuando salga mi pedido", "¿me pueden avisar cuando el pedido haya sido enviado?",
        "mándame un mensaje en cuanto salga del almacén", "notifíqueme cuando despachen el pedido #1042",
        "quiero que me avisen cuando esté enviado", "avíseme del envío", "avisame cuando lo manden",
        "I'd appreciate a heads up when it's out for shipping", "inform me upon dispatch",
        "please let us know as soon as the order has left", "je souhaite être avertie dès l'expédition",
        "vous me prévenez quand ça part ?", "signalez-moi quand la commande quitte l'entrepôt",
        "quisiera recibir un aviso cuando se despache", "infórmeme en cuanto salga el pedido",
        "¿me avisan cuando lo envíen?",
    ),
    "tell_when_delivered": (
        "let me know when it arrives", "let me know when it's delivered",
        "ping me when the parcel gets here please", "I'd like to be told when my package is delivered",
        "please update me when it has been delivered", "will you tell me when it gets delivered?",
        "drop me a line once it's arrived", "shoot me a text when it lands", "lmk when it gets here",
        "prévenez-moi quand c'est livré", "tenez-moi au courant quand le colis arrive",
        "j'aimerais être prévenue quand mon colis sera livré", "préviens-moi à la livraison",
        "pourriez-vous me prévenir lorsque le colis sera arrivé", "dès que c'est livré, dites-le-moi",
        "je voudrais savoir quand il est livré, vous me prévenez ?",
        "merci de m'aviser quand le paquet est là",
        "prevenez moi quand c livré", "avísame cuando llegue", "avísenme cuando esté entregado",
        "me gustaría que me avisaran cuando llegue el paquete", "avisadme cuando lo entreguen",
        "¿podría avisarme en cuanto se entregue?", "cuando llegue el paquete, avísame por favor",
        "me avisas cuando esté aquí?", "manténgame al tanto cuando llegue", "avisame qdo llegue",
        "Would you mind dropping me a note once the box is on my doorstep?",
        "Text me when it's been dropped off",
        "once it's delivered, can you let me know?",
        "Un petit message quand le colis est arrivé, ce serait super",
        "faites-moi savoir quand on me l'a livré",
        "une fois livré, tenez-moi informé", "mándeme un mensaje cuando me lo entreguen",
        "hágame saber cuando haya llegado el paquete", "en cuanto llegue me avisan, gracias",
    ),
    "tell_when_in_stock": (
        "tell me when the blue one is back in stock", "email me when that jacket is available again",
        "let me know if you get more of these in", "notify me when the size M is restocked",
        "when the green mug comes back in stock, let me know",
        "any chance you could alert me when it's back?",
        "I'll wait, just tell me when you have it in again",
        "prévenez-moi quand le bleu est de nouveau en stock",
        "avertissez-moi quand il sera à nouveau disponible", "dites-moi quand vous en aurez de nouveau",
        "prévenez-moi s'il revient en stock", "un petit mail quand la taille M est réapprovisionnée ?",
        "quand le mug vert revient, prévenez-moi", "tu peux me dire quand c'est de retour en stock ?",
        "avísame cuando el azul vuelva a estar disponible", "avísenme cuando haya stock otra vez",
        "dime cuando lo tengáis de nuevo", "quiero saber cuando vuelva la talla M",
        "escríbeme cuando repongan la taza verde", "si vuelve a haber existencias, avísame",
        "me dices cuando esté otra vez en stock?",
        "Let me know when the Gale shell in women's M is available",
        "sold out?! ok, ping me when you get more in", "avertis-moi dès que la veste est dispo",
        "prévenez-moi quand vous en recevez d'autres", "avisen cuando vuelvan a tener la chaqueta",
        "notifícame cuando esté disponible la talla L",
    ),
    "remind": (
        "remind me tomorrow", "remind me in 2 hours", "remind me next Monday morning",
        "can you remind me about this on Friday?", "remind me in three days",
        "send me a reminder tomorrow at 9am", "please remind me in half an hour", "remind me next week",
        "get back to me on Tuesday afternoon", "rappelez-le-moi demain", "rappelez-moi ça dans 2 heures",
        "faites-moi un rappel lundi prochain au matin", "vous pouvez me le rappeler vendredi ?",
        "envoyez-moi un rappel demain à 9h", "relancez-moi mardi après-midi",
        "remettez-moi ça en tête dans trois jours", "recuérdamelo mañana", "recuérdame esto en 2 horas",
        "recuérdamelo el próximo lunes por la mañana", "¿puedes recordármelo el viernes?",
        "recuérdame dentro de media hora", "recuérdamelo la semana que viene",
        "ponme un recordatorio mañana a las 9", "vuelve a escribirme el martes por la tarde",
        "hazme acordar en tres días", "remind me to send the boots back on Monday",
        "Could you set a reminder for tomorrow afternoon?", "nudge me in 45 minutes",
        "rappelez-moi de renvoyer les bottes lundi", "mettez un rappel pour demain après-midi",
        "pouvez-vous me relancer dans trois jours ?", "recuérdame devolver las botas el lunes",
        "ponga un recordatorio para mañana por la tarde", "¿me lo recuerdas en tres días?",
    ),
    "stop_telling": (
        "stop telling me", "don't remind me anymore", "cancel the reminder",
        "you don't need to tell me anymore",
        "no more reminders please", "forget about notifying me",
        "I don't want to be notified about that order any more", "arrêtez de me prévenir",
        "annulez le rappel",
        "plus besoin de me prévenir", "ne me prévenez plus", "je ne veux plus être notifié",
        "laissez tomber le rappel",  "deja de avisarme", "cancela el recordatorio",
        "ya no hace falta que me avises", "no me avises más", "no quiero más recordatorios",
        "olvida el recordatorio", "no es necesario que me recuerdes", "quit reminding me",
        "please cancel all my alerts", "I no longer need to be notified", "arrête de me relancer",
        "supprimez toutes mes alertes", "pas la peine de m'avertir", "para de recordarme eso",
        "borra todas mis alertas", "ya no quiero que me avisen",
    ),
}  # fmt: skip
OTHER_MATTERS = (
    "J'ai reçu un rappel d'impayé, que se passe-t-il ?", "un rappel entre 14 et 16 h m'arrangerait",
    "remettez-moi ça en route", "L'application ne m'envoie plus de notifications",
    "plus besoin de me rappeler",
    "solo quiero saber cuándo lo envían", "since you can't tell me when it'll ship, I'm out",
    "no encuentro el número pero quiero saber cuándo me entregan el pedido",
    "Let me know if you ship to Canada", "please let me know if this jacket is available in blue",
    "inform me about delivery to France", "I'd like to be informed of the shipping costs",
    "let me know when my return arrives at your warehouse", "tell me when someone is here",
    "no me avisaron de la entrega", "nadie me notificó", "prévenez-moi quand mon retour est arrivé",
    "let me know when my exchange ships", "dites-moi si vous livrez en Belgique",
    "avísenme si envían a México", "could you let me know if it is in stock?",
    "where is my parcel?", "can you tell me when my order will arrive?",
    "let me know when you've processed my refund", "remind me what your return policy is",
    "when is the blue one back in stock?", "stop sending me your newsletter", "où est mon colis ?",
    "pouvez-vous me dire quand ma commande arrive ?", "prévenez-moi quand je serai remboursé",
    "rappelez-moi quelle est votre politique de retour", "quand est-ce que le bleu revient en stock ?",
    "je veux me désabonner de la newsletter", "¿dónde está mi paquete?",
    "¿me puede decir cuándo llega mi pedido?", "avíseme cuando hagan el reembolso",
    "recuérdeme cuál es la política de devoluciones", "¿cuándo vuelve a haber el azul?",
    "quiero darme de baja del boletín",
    "Can you tell me when my package arrives?", "tell me when it will ship", "dites-moi quand il arrivera",
    "¿me puede decir cuándo llegará?", "Why did you stop answering?",
    "how do I cancel an alert on my bank account?",
    "stop emailing me", "remind me of my order number", "let me know when an agent is available",
    "it arrived broken, tell me what to do", "the tent was delivered yesterday", "is the blue one in stock?",
    "rappelez-moi mon numéro de commande", "no me ha llegado el pedido",
    "when I get home I will write to you",
)  # fmt: skip


@pytest.mark.parametrize(
    ("wish", "text"), [(wish, text) for wish, texts in WORDINGS.items() for text in texts]
)
def test_a_wish(wish: str, text: str) -> None:
    """Each is heard as what it is."""
    assert followed(text) == wish


@pytest.mark.parametrize("text", OTHER_MATTERS)
def test_no_wish(text: str) -> None:
    """A question for a day, a fact, another matter."""
    assert followed(text) is None


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        ("rappelez-moi la semaine prochaine", True),
        ("rappelle-moi dans une demi-heure", True),
        ("rappelez-moi de renvoyer les bottes lundi", False),
        ("rappelez-le-moi demain", False),
    ],
)
def test_a_french_reminder_is_no_call(text: str, calls: bool) -> None:
    """One verb for both: what is to be remembered tells them apart, and without it it is a call."""
    assert (wants_call_back(text), followed(text)) == ((True, None) if calls else (False, "remind"))


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("Remind me tomorrow to send the boots back.", "to send the boots back"),
        ("remind me about the return in 2 hours", "about the return in 2 hours"),
        ("rappelez-moi demain de renvoyer les bottes", "de renvoyer les bottes"),
        ("recuérdame mañana que devuelva las botas", "que devuelva las botas"),
        ("recuérdame llamar a mamá a las 5", "llamar a mamá a las 5"),
        ("remind me tomorrow", ""),
    ],
)
def test_what_to_be_reminded_of(text: str, about: str) -> None:
    """In the customer's own words."""
    assert reminded_of(text) == about
