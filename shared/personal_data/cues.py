"""The words that announce a name, a birth date or an account, in English, French and Spanish."""

# Each begins where a word does: the reader puts the boundary before all of them, which is five times faster.
# "my name is ...": what follows is a name, whatever its letters. Slips of the commonest ones included.
STRONG = (
    r"m(?:y|a|i) (?:(?:full|real|first|last|given|family|whole|maiden) )?(?:name|nmae|naem)(?:'s| is"
    r"| si| was|:)"
    r"|(?<!company )(?<!city )(?<!product )(?<!store )(?<!file )(?<!street )(?<!item )(?<!brand )"
    r"(?<!user )(?<!bank )(?<!domain )(?:names?\s?(?::|=|- )|name(?:'s| is))"
    r"|(?:his|her|their|whose) name (?:is|was)|nameis(?= ?[a-z])"
    r"|named|call(?:ed)? me|under (?:the )?name(?: of)?|in the name of|go(?:es)? by"
    r"|(?:first|last|full|sur|family) ?name(?: on it)?(?: is)?:?|(?:card|account) ?holder(?: is|:)"
    r"|name on (?:the|my) (?:card|order|account|parcel|label|box)(?: is|:| says)?"
    r"|je m'? ?app?elle|m'? ?app?ell?e|je mappelle|(?:elle|il|qui) s'app?elle|s'app?el(?:ait|le)"
    r"|mon (?:pre)?no[mn](?: complet| de famille| de jeune fille)? (?:c'est|est)"
    r"|son (?:pre)?nom (?:c'est|est)|(?:pre)?nom ?:|au nom d[e']|titulaire(?: de la carte)? est"
    r"|destinataire ?:|a l'ordre de|je soussignee?|nom sur (?:la|le) \w+ ?:"
    r"|me (?:l?lamo|yamo)|mi (?:nombre|nomber)(?: completo)? es|mi apellido(?: de soltera)? es"
    r"|su nombre es|se llama(?:ba)?|a nombre d[e']l?|(?:nombre|apellidos?) ?:"
    r"|titular(?: de la tarjeta)? es"
    r"|destinatario ?:|recipient(?: is|:| to)|addressed to|made out to|c/o\b|attn:?"
    r"|name (?:from|to)|names? ?\?|maiden name|je me prenomme|(?:un|una|une|a) (?:tal|certain|certaine)\b"
    r"|nom de jeune fille(?: est| :|:)|(?:quien|que) (?:compro|pago|pidio|firmo) fue"
    r"|a l'attention de|a la atencion de|on behalf of|pour le compte de|de parte de"
)
KIN = (
    "wife|husband|son|daughter|mother|father|mom|mum|mama|dad|brother|sister|friend|partner|boss"
    "|manager|neighbou?r"
    "|room ?mate|flat ?mate|colleague|girlfriend|boyfriend|fiancee?|uncle|aunt(?:ie)?|nephew|niece"
    "|cousin|grandma"
    "|grandpa|grandson|granddaughter|assistant|femme|mari|fils|fille|mere|pere|frere|soeur|ami|amie"
    "|maman|papa"
    "|voisine?|copine?|patronn?e?|chef|collegue|oncle|tante|neveu|niece|cousine?|belle-mere|beau-pere"
    "|conjointe?"
    "|compagn(?:e|on)|mamie|papi|esposa|esposo|marido|mujer|hijo|hija|madre|padre|hermano|hermana|amigo|amiga"
    "|vecin[oa]|novi[oa]|jef[ea]|companer[oa]|ti[oa]|sobrin[oa]|prim[oa]|suegr[oa]|abuel[oa]|cunad[oa]"
    "|mama|papa"
)
# Only a person does or is told these; a capital is enough after them.
SOMEONE = (
    r"(?:spoke|speak|speaking) (?:to|with)|talk(?:ed|ing)? (?:to|with)"
    r"|(?:signed|bought|ordered|placed|collected|served) (?:for )?by|cc:|attention:?"
    r"|(?:signe|achete|commande) par|remis a|dites a|transmettre a|voir avec|j'ai demande a"
    r"|(?:firmado|comprado|pedido|atendid[oa]) por|entrega(?:do|r) a|diganle a|dile a"
    r"|pregunt(?:a|en?|ad|ar|o) por|habl[eo] con|pasar a|pongan a|le pedi a|(?:me|nos) atendio"
    r"|lo (?:pidio|pago|compro|recogio|firmo)"
    rf"|(?:my|mi|ma|mon|su|son|sa|your|his|her|nuestr[oa]|notre|votre) (?:{KIN})(?:'s name is)?,?"
    rf"|(?:{KIN}) d[e'] ?"
)
# "I'm ...": a name only where the word can be one.
WEAK = (
    r"i'?m\b|im\b|i am\b|this is|it'?s|soy|je suis|c'est|aqui\b|dear|hi|hello|hey|bonjour|coucou|salut|hola+"
    r"|deliver(?:ed)? to:?|(?:ship|send) to:"
    r"|(?:gift|parcel|package|order|label) for|ask(?:ed)? for|(?:label|card|note) says|belongs to"
    r"|forward (?:this|it) to|gave .{1,20}? to|someone called|from:|contact ?:|sign(?:ed)? ?:"
    r"|subscription of|(?:commande|colis|livraison|cadeau)(?: est)? pour|j'ai eu|l'etiquette (?:dit|indique)"
    r"|abonnement de|(?:compte|celui) de|demande[zr](?: a)?|pour le compte de"
    r"|(?:pedido|paquete|regalo|entrega)(?: es)? para|habla"
    r"|la etiqueta dice|suscripcion de|firmado ?:|cuenta (?:es )?de|recogera"
    r"|en casa de|busquen|yo,"
)
# "M." and "D." only with their point: "M" is a size.
TITLE = (
    r"\b(?:(?:mr|mrs|ms|miss|dr|dra|mme|mlle|sr|sra|srta|don|dona|dna|madame|mademoiselle|monsieur|senora?"
    r"|senorita|prof|sir|madam|auntie|aunt|uncle|grandma|grandpa|tante|oncle|tia|tio|dame)\b\.?|(?:mm?|d)\.)"
)
SIGN_OFF = (
    r"(?:thanks|thank you|many thanks|regards|best|best regards|kind regards|warm regards|best wishes"
    r"|all the best"
    r"|sincerely|cheers|yours|yours truly|take care|(?:bien )?cordialement|merci|bien a vous"
    r"|salutations|amicalement"
    r"|bonne journee|(?:un )?(?:cordial )?saludos?(?: cordial(?:es)?)?|gracias|atentamente|cordialmente"
    r"|love|bises|xx)"
    r"(?: (?:again|so much|d'avance|de antemano|a lot))?"
)
MONTHS = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|fevr?|avr|mai|juin|juil|aout|ene|abr|ago|dic)"
    r"[a-z]*\.?"
)
DATE = (
    r"(?:\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2,4}|\d{8}|\d{1,2} \d{1,2} \d{4}"
    rf"|\d{{1,2}}(?:st|nd|rd|th|er)?(?: of| de)? {MONTHS},?(?: de| of| del)? ?(?:\d{{4}}|'?\d{{2}})?"
    rf"|{MONTHS} \d{{1,2}}(?:st|nd|rd|th)?,?(?: \d{{4}})?)"
)
BIRTH = (
    r"\bborn(?: on)?|birth ?da(?:te|y)|date of birth|\bd\.?o\.?b\b\.?|\bnee? le|date de naissance"
    r"|\bnaci(?:do|da)? el|\bnaci\b|fecha de nacimiento|\bcumpleanos|\bmon anniversaire|\bnaissance"
)
_LOGIN = (
    r"(?:user ?name|user ?id|login(?: id| name)?|identifiant|usuario|pseudo|nombre de usuario"
    r"|nom d'utilisateur)"
)
# Whose number it is, then what joins it: "numéro de client : HP-20931", "mi id es 55129-MX".
ACCOUNT = (
    r"\b(?:(?:n[uo]?m(?:ero|bre)?[.o]?|n[o°.]{1,2}|id|codigo|code|carte|tarjeta)"
    r" (?:d[e'] ?(?:la |l[ae]? ?|mi |su |ma )?)?"
    r"(?:client(?:es?|s)?|compte(?: client)?|cuenta|soci[oa]s?|usuari[oa]|afiliad[oa]|abonad[oa]|miembro"
    r"|fidelidad|puntos|adherente?|membre|abonnee?|fidelite|utilisateur)"
    r"|soci[oa] (?:numero|n[uo]m\.?|n[o°.]{1,2})"
    r"|(?:account|customer|client|member(?:ship)?|loyalty(?: card)?|patient|rewards?)"
    r"(?: (?:id|number|no\b\.?|account|card))|(?:mon|mi|my) (?:loyalty )?(?:compte|cuenta|account|id)"
    rf"|{_LOGIN})"
    r"\b\s?(?:(?:is|es|est)\b|:|=|#|-)?(?: (?:le|la|el|the))?\s?[:#]?\s?"
)
LOGIN = rf"\b{_LOGIN}\s?(?:is|es|est|:|=)\s?:?\s?"
