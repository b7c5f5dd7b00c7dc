"""Hears in a customer's words what they want to be told of later, or no longer: three languages, no model.

All patterns read folded words: no accents, no punctuation.
"""

import re
from typing import Literal

from conversation.words.replies import folded

Followed = Literal["tell_when_shipped", "tell_when_delivered", "tell_when_in_stock", "remind", "stop_telling"]

# Words that only ask to be told, and words that a question for a date begins with, too.
_NOTIFY = (
    r"(?:let (?:me|us) know|keep (?:me|us) (?:posted|updated|informed|in the loop)|lmk"
    r"|(?:inform|notify|message|ping|alert|update|text|e ?mail|write|remind|nudge) (?:to )?(?:me|us)"
    r"|(?:get|send me|send us|have|want|like|need|drop(?:ping)? me|drop us|shoot me"
    r"|giv(?:e|ing) me|give us|appreciate)"
    r" an? (?:quick |short )?(?:message|notification|alert|notice|note|line|text|e ?mail|shout|ping"
    r"|heads up"
    r"|nudge)"
    r"|(?:be|get) (?:told|notified|informed|alerted|updated)"
    r"|(?:prevenez|previens|prevenir|avertissez|avertis|avertir|informez|informe|informer|notifiez|notifier"
    r"|signalez|alertez|alerter|avisez|aviser)(?: (?:le|la))?(?: (?:moi|nous))?"
    r"|(?:vous|tu) (?:me|m|nous) (?:prevenez|previens|avertissez|avertis|informez|informes)"
    r"|(?:ecrivez|ecris) (?:moi|nous)|(?:prevenue?|avertie?|informee?|avisee?)s?"
    r"|(?:tenez|tiens) (?:moi|nous) (?:au courant|informee?s?)|fai(?:tes|s) (?:moi|nous) (?:signe|savoir)"
    r"|(?:recevoir|envoyez moi|envoie moi|envoyez nous|un petit|mettez moi|laissez moi)"
    r"(?: une?)?(?: petit)? (?:message|notification|alerte|e ?mail|mail|courriel|sms|mot)"
    r"|avis(?:e|en|a|ar|as|an|aran|es|eis|eme|ame|enme|arme|ad|adme|enos)"
    r"|(?:inform|notifi)(?:e|en|eme|ame|arme|que|quen|queme|quenme|came|carme)"
    r"|escrib(?:a|e|ame|eme|irme|anme|idme)|(?:hazme|haganme|hagame) saber"
    r"|(?:mantenga|mantengan|manten)me (?:al (?:tanto|corriente)|informad[oa])"
    r"|(?:recibir|envieme|enviame|enviarme|mandame|mandeme|mandenme|mandarme|quiero) un(?:a|o)?"
    r" (?:mensaje|notificacion|aviso|alerta|correo|sms|email))"
)
_TELL = (
    r"(?:tell (?:me|us)|(?:dites|dis) (?:le |la )?(?:moi|nous)|me (?:le )?dire|(?:dime|dimelo|diga|digame"
    r"|digamelo|diganme|decidme|decirme|me (?:digan?|dices?|dicen))|(?:quiero|quisiera) saber)"
)
_ASKS_DATE = re.compile(
    # "tell me when it will arrive", "can you tell me when my order arrives" want a day, not a message.
    rf"\b{_TELL}(?: \w+){{0,2}}? (?:when|quand|cuando)(?: \w+){{0,4}}? "
    r"(?:will|ll|would|can|going|should|do|does|did|am|are you|va|vont|pourra\w*|sera|seront|arrivera"
    r"|partira"
    r"|recevr\w+|pourr\w+|llegara|saldra|enviara\w*|podr\w+|recibir\w*|esperar)\b"
    rf"|\b{_TELL} (?:\w+ )?cuando (?:\w+ ){{0,3}}?(?:llegan?|salen?|envian?|mandan?|entregan?|despachan?)\b"
    rf"|\b(?:(?:can|could) you(?: please)?|pouvez vous|pourriez vous|peux tu|tu peux"
    rf"|vous pouvez) {_TELL} (?:when"
    rf"|quand)(?: \w+){{1,4}}? "
    r"(?:arrives?|ships?|leaves?|arrive|part)\b(?! (?:please|thanks|svp))"
)
_WHEN = (
    r"(?:when(?:ever)?|once|as soon as|the (?:moment|minute|second)|quand|lorsqu?e?|des qu?e?"
    r"|une fois(?: que)?|aussitot que?|cuando|en cuanto|una vez(?: que)?|apenas|tan pronto(?: como)?|qdo)"
)
_IF = r"(?:if|si|s)"
_SHIPS = (
    r"(?:ship\w*|sent(?: out)?|dispatch\w*|leaves?|left|go(?:es)? out|gone out|(?:on|en) (?:its|the"
    r"|the) way"
    r"|posted|out the door|expedi\w*|part|parti\w*|envoye\w*|en route|quitte\w*|est en chemin"
    r"|envi\w+|salga|sale|sali\w*|despach\w+|mand\w+|en camino|expid\w+)"
)
_ARRIVES = (
    r"(?:arriv\w+|deliver\w*|(?:gets?|got|is|be|comes?) (?:here|there|to me|home)|lands?|landed|turns? up"
    r"|shows? up|reach\w*|dropped off|(?:at|on) my door\w*|livre\w*|(?:est|soit|sera) la|recue?s?"
    r"|llegue\w*|llega|llegado|haya llegado|entreg\w+|(?:este|estara|esta) aqui)"
)
_BACK = (
    r"(?:back in|back (?:again )?(?:in )?stock|in stock|restock\w*|available|(?:comes?|is|are|it s|s) back"
    r"|(?:get|have) (?:\w+ ){0,4}?(?:in|again|back)"
    r"|en stock|dispo|disponibles?|de retour|reapprovisionn\w+|rev(?:ient|iennent|iendra|enue?s?)"
    r"|(?:aurez|avez|aura|recevez) (?:\w+ ){0,2}?(?:de nouveau|a nouveau|encore|d autres)"
    r"|(?:otra vez|de nuevo) (?:en stock|disponible)|stock|repon\w+|repong\w+|existencias"
    r"|vuelv[ae]\w*|(?:tengan|tengais|teneis|tienen|haya) (?:\w+ )?(?:de nuevo|otra vez|mas))"
)
# "Let me know if it is available" asks whether it is; "if it comes back" whether it will be.
_BACK_IF = (
    r"(?:back in|(?:comes?|is|it s|s) back|restock\w*|get (?:\w+ ){0,4}?(?:in|again|back)|available again"
    r"|rev(?:ient|iennent|enai\w+)|(?:recevez|avez) (?:\w+ ){0,2}?(?:de nouveau|a nouveau|d autres)"
    r"|vuelve\w*|repon\w+)"
)
_SHIPMENT = r"(?:shipping|shipment|dispatch|(?:l )?(?:expedition|envoi)|envio)"
_ARRIVAL = r"(?:delivery|arrival|(?:la )?livraison|(?:l )?arrivee|(?:la )?entrega|(?:la )?llegada)"
_OF = r"(?:of|about|on|at|upon|de|du|d|des|a|del|al)(?: (?:the|its|my|la|el|su|mi))?"
_END = r"(?: (?:please|thanks|merci|svp|gracias|por favor|(?:of|de|del|du) \w+(?: \w+)?))?$"
_OTHER_THINGS = re.compile(
    r"\b(?:refund\w*|rembours\w*|reembols\w*|label|etiquette|etiqueta|invoice|facture|factura|money"
    r"|replacement|exchange|echange|email you sent|credit|voucher|code|answer|reply|reponse|respuesta"
    r"|agent|person|someone|somebody|conseiller|quelqu un|alguien)\b"
)
_SENT_BACK = re.compile(r"\b(?:returns?|returned|my retour|(?:le|mon) retour|renvoi|devolucion(?:es)?)\b")
NOT = re.compile(
    r"\b(?:don t|do not|dont|never|no need to|stop|pas besoin de|ne me|ne m|no me|no hace falta"
    r"|didn t|did not|can t|cannot|couldn t|nobody|no one|won t|instead of|without|n a pas|n avez pas"
    r"|nadie|sin) (?:\w+ ){0,3}?$"
)
"""Before what is asked: it is not."""


def _asked(thing: str, when: str = _WHEN) -> re.Pattern[str]:
    """Told when this is; in either order."""
    tell = rf"(?:{_NOTIFY}|{_TELL})"
    return re.compile(
        rf"\b{tell}\b(?: \w+){{0,5}}? {when}\b(?: \w+){{0,8}}? {thing}\b"
        rf"|\b{when}\b(?: \w+){{0,7}}? {thing}\b(?: \w+){{0,5}}? {tell}\b"
    )


_THINGS: tuple[tuple[Followed, re.Pattern[str]], ...] = (
    ("tell_when_in_stock", _asked(_BACK)),
    ("tell_when_in_stock", _asked(_BACK_IF, _IF)),
    ("tell_when_shipped", _asked(_SHIPS)),
    ("tell_when_delivered", _asked(_ARRIVES)),
    ("tell_when_shipped", re.compile(rf"\b{_NOTIFY} {_OF} {_SHIPMENT}{_END}")),
    ("tell_when_delivered", re.compile(rf"\b{_NOTIFY} {_OF} {_ARRIVAL}{_END}")),
)

_REMIND = re.compile(
    r"\b(?:remind (?:me|us)|nudge me|(?:set|send|give|make|create|put)(?: me| us| up)? an? reminder"
    r"|reminder (?:for|in|on|tomorrow)|(?:get|come) back to me (?:on|in|at|tomorrow|next|later)"
    r"|(?:ping|message|text|write) me (?:again )?(?:in \w+ \w+|tomorrow|on|next|later)"
    r"|rappel(?:ez|le) (?:le|la|les|ca|cela) (?:moi|nous)|rappel(?:ez|le) (?:moi|nous) (?:ca|cela|de|d"
    r"|que|qu)"
    r"|(?:me|nous) (?:le|la|les) rappeler|me rappeler (?:de|d|que|qu|ca|cela)"
    r"|(?:mettez|mets|mettre|programmez|programme|prevoyez|fai(?:tes|s) moi|envo(?:yez"
    r"|ie) moi) un rappel|relancez? (?:moi|nous)|me relancer"
    r"|remet(?:tez|s) (?:moi|nous) (?:ca|cela|le) en tete"
    r"|recuerd(?:a|e|en|ad)(?:me|nos)(?:lo|la|los)?|recordar(?:me|nos)(?:lo|la)?|me (?:lo )?recuerd(?:a"
    r"|e|as|es|en)"
    r"|(?:un|pon(?:me|er|ga|gan)?(?:me)? un) recordatorio|(?:hazme|haganme|hagame) acordar|acuerd(?:a|e)me"
    r"|(?:vuelve|vuelva|vuelvan) a (?:escribirme|avisarme))\b"
)
_REMIND_OF_FACT = re.compile(
    r"\b(?:remind (?:me|us)|rappel(?:ez|le) (?:moi|nous)|me rappeler|recuerd(?:a|e)me) (?:again )?"
    r"(?:of|what|which|how|where|who|why|whether|quel\w*|comment|ou|pourquoi|qui|que dit|cual\w*|como"
    r"|donde|quien|por que)\b"
)
_VERBS_EN = r"(?:(?:tell|remind|notify|alert|ping|text)(?:ing)?|updat(?:e|ing))"
_VERBS_FR = r"(?:prevenir|avertir|informer|le rappeler|notifier|aviser|alerter|relancer|tenir au courant)"
_STOP = re.compile(
    rf"\b(?:(?:stop|quit) {_VERBS_EN} (?:me|us)"
    r"|(?:don t|do not|dont) (?:remind|notify|alert|ping) (?:me|us)"
    r"|(?:don t|do not|dont) (?:tell|text|update) (?:me|us) (?:any ?more|again|when|about (?:it|that))"
    rf"|(?:you )?(?:don t|do not|no longer) (?:need|have) to {_VERBS_EN} (?:me|us)"
    rf"|no need to {_VERBS_EN} (?:me|us)"
    r"|(?:don t|do not|no longer) (?:need|want) to be (?:told|notified|reminded|alerted|updated)"
    r"|(?:cancel|delete|remove|forget|drop|scrap|turn off|switch off|stop) (?:about )?"
    r"(?:(?:the|that|my|this|all|those|these) ){0,2}(?:reminders?|notifications?|alerts?)"
    r"|(?:no more|no further|don t want any more|don t want any) (?:reminders?|notifications?|alerts?)"
    rf"|forget about {_VERBS_EN}"
    rf"|(?:arrete[rz]?|cesse[rz]?) de (?:me |m |nous )?(?:le )?{_VERBS_FR}"
    r"|(?:annul\w+|supprim\w+|oubli\w+|laisse[rz]? tomber|enleve[rz]?|plus besoin (?:de|du))"
    r" (?:(?:le|la|les|ce|cette|mon|mes|l|au|aux|tous|toutes) ){0,2}(?:rappels?|notifications?|alertes?)"
    r"|ne (?:me|m|nous) (?:le |la )?(?:prevenez|previens|avertissez|avertis|informez|informe|notifiez"
    r"|avisez"
    r"|relancez|alertez) (?:plus|pas)|ne (?:me|m) rappelez (?:ca |cela )?plus|ne me le rappelez (?:plus"
    r"|pas)"
    rf"|(?:plus|pas) (?:la peine|besoin) de (?:me |m |nous )?(?:le )?{_VERBS_FR}|inutile de (?:me "
    rf"|m )?(?:le )?{_VERBS_FR}"
    r"|ne (?:veux|souhaite|voudrais) plus (?:etre (?:prevenue?|avertie?|informee?|notifiee?|relancee?)"
    r"|(?:recevoir )?(?:de |d )?(?:rappels?|notifications?|alertes?))"
    r"|(?:deja|deje|dejen|dejad|para|pare|paren) de (?:avisar|recordar|notificar|informar)(?:me"
    r"|nos)?(?:lo)?"
    r"|(?:cancela|cancele|cancelen|cancelar|anula|anule|elimina|elimine|borra|borre|quita|quite|olvida"
    r"|olvide"
    r"|no quiero|ya no quiero|no mas)(?: (?:mas|el|los|la|las|ese|esos|mi|mis|recibir|todos|todas)){0,3}"
    r" (?:recordatorios?|avisos?|notificaciones|notificacion|alertas?)"
    r"|no (?:me|nos) (?:lo )?(?:avis(?:e|es|en|eis)|recuerd(?:e|es|en)|notifi(?:que|ques|quen))"
    r"|(?:ya )?no (?:hace falta|es necesario|es preciso|necesito|quiero) que (?:me|nos)"
    r" (?:lo )?(?:avis\w+|recuerd\w+|notifi\w+))\b"
)
_ABOUT = re.compile(
    r"\b(?:remind (?:me|us)|reminder)(?: please)?(?: [^.!?]*?)? (?P<en>(?:to|about|that) [^.!?]{3,120})"
    r"|\b(?:rappel(?:ez|le)(?:-| )(?:moi|nous)|me rappeler|un rappel)(?: [^.!?]*?)? (?P<fr>(?:de |d'|d’"
    r"|que |pour )[^.!?]{3,120})"
    r"|\b(?:recu[eé]rd[ae](?:me|nos)|recordarme|un recordatorio)(?: [^.!?]*?)? (?P<es>(?:que |para "
    r"|de |\w+[aei]r )[^.!?]{3,120})",
    re.IGNORECASE,
)


def followed(text: str) -> Followed | None:
    """What these words ask the bot to tell of later, or to stop telling of; None for anything else."""
    said = folded(text)
    if _STOP.search(said):
        return "stop_telling"
    if not _OTHER_THINGS.search(said) and not _ASKS_DATE.search(said):
        for kind, asked in _THINGS:
            found = asked.search(said)
            if found is None or NOT.search(said[: found.start()]):
                continue
            if kind == "tell_when_in_stock" or not _SENT_BACK.search(said):
                return kind
    return "remind" if _reminder(said) else None


def wants_reminder(text: str) -> bool:
    """Asks to be reminded at some time; not to be told a fact again."""
    return _reminder(folded(text))


def reminded_of(text: str) -> str:
    """What they want to be reminded of, in their own words ("to send the boots back"); empty when unsaid."""
    found = _ABOUT.search(" ".join(text.split()))
    return next((each.strip(" ,;") for each in found.groups() if each), "") if found else ""


def _reminder(said: str) -> bool:
    found = _REMIND.search(said)
    return found is not None and not _REMIND_OF_FACT.search(said) and not NOT.search(said[: found.start()])
