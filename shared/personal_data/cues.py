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
# "I'm ...": a name only where the word can be one.
WEAK = (
    r"i'?m\b|im\b|i am\b|this is|it'?s|soy|je suis|c'est|aqui\b|(?:spoke"
    r"|speak) (?:to|with)"
    r"|talk(?:ed|ing)? (?:to|with)|dear|hi|hello|hey|bonjour|coucou|salut|hola+"
    r"|(?:signed|bought|ordered|placed|collected) (?:for )?by|deliver(?:ed)? to:?|(?:ship|send) to:"
    r"|(?:gift|parcel|package|order|label) for|ask(?:ed)? for|(?:label|card|note) says|belongs to"
    r"|forward (?:this|it) to|gave .{1,20}? to|someone called|from:|contact ?:|sign(?:ed)? ?:"
    r"|subscription of|(?:signe|achete|commande) par|remis a|(?:commande|colis|livraison|cadeau) pour"
    r"|dites a|transmettre a|j'ai eu|l'etiquette (?:dit|indique)|abonnement de|(?:compte"
    r"|celui) de"
    r"|demande[zr](?: a)?|pour le compte de|(?:firmado|comprado|pedido) por|entregado a"
    r"|(?:pedido|paquete|regalo|entrega) para|diganle a|pregunten por|hable con|habla|pasar a"
    r"|la etiqueta dice|suscripcion de|firmado ?:|pongan a|cuenta (?:es )?de|recogera|le pedi a"
    r"|en casa de|busquen|yo,"
    rf"|(?:my|mi|ma|mon|su|son|sa|your|his|her|nuestr[oa]|notre|votre) (?:{KIN})(?:'s name is)?,?"
    rf"|(?:{KIN}) d[e'] ?"
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
ACCOUNT = (
    r"\b(?:user ?name|user ?id|login(?: id| name)?|identifiant|numero de (?:client|adherent|membre)"
    r"|numero de (?:cliente|socio|usuario)|usuario|(?:account|customer|client|member(?:ship)?|loyalty"
    r"|patient)"
    r"(?: (?:id|number|no|account))|(?:mon|mi|my) (?:loyalty )?(?:compte|cuenta|account))"
    r"\s?(?:is|es|est|:|=|#)?\s?:?\s?"
)
