"""The words that announce a name, a birth date or an account, in English, French and Spanish."""

# "my name is ...": what follows is a name, whatever its letters. Slips of the commonest ones included.
STRONG = (
    r"\bm(?:y|a|i) (?:(?:full|real|first|last|given|family|whole|maiden) )?(?:name|nmae|naem)(?:'s| is"
    r"| si| was|:)"
    r"|(?<!company )(?<!city )(?<!product )(?<!store )(?<!file )(?<!street )(?<!item )(?<!brand )"
    r"(?<!user )(?<!bank )(?<!domain )(?:\bnames?\s?(?::|=|- )|\bname(?:'s| is))"
    r"|\b(?:his|her|their|whose) name (?:is|was)|\bname ?is(?= ?[A-Z])"
    r"|\bnamed|\bcall(?:ed)? me|\bunder (?:the )?name(?: of)?|\bin the name of|\bgo(?:es)? by"
    r"|\b(?:first|last|full|sur|family) ?name(?: on it)?(?: is)?:?|\b(?:card|account) ?holder(?: is|:)"
    r"|\bname on (?:the|my) (?:card|order|account|parcel|label|box)(?: is|:| says)?"
    r"|\bje m'? ?app?elle|\bm'? ?app?ell?e|\bje mappelle|\b(?:elle|il|qui) s'app?elle|\bs'app?el(?:ait|le)"
    r"|\bmon (?:pre)?no[mn](?: complet| de famille| de jeune fille)? (?:c'est|est)"
    r"|\bson (?:pre)?nom (?:c'est|est)|\b(?:pre)?nom ?:|\bau nom d[e']|\btitulaire(?: de la carte)? est"
    r"|\bdestinataire ?:|\ba l'ordre de|\bje soussignee?|\bnom sur (?:la|le) \w+ ?:"
    r"|\bme (?:l?lamo|yamo)|\bmi (?:nombre|nomber)(?: completo)? es|\bmi apellido(?: de soltera)? es"
    r"|\bsu nombre es|\bse llama(?:ba)?|\ba nombre d[e']l?|\b(?:nombre|apellidos?) ?:"
    r"|\btitular(?: de la tarjeta)? es"
    r"|\bdestinatario ?:|\brecipient(?: is|:| to)|\baddressed to|\bmade out to|\bc/o\b|\battn:?"
    r"|\ba l'attention de|\ba la atencion de|\bon behalf of|\bpour le compte de|\bde parte de"
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
    r"\bi'?m\b|\bim\b|\bi am\b|\bthis is|\bit'?s|\bsoy|\bje suis|\bc'est|\baqui\b|\b(?:spoke"
    r"|speak) (?:to|with)"
    r"|\btalk(?:ed|ing)? (?:to|with)|\bdear|\bhi|\bhello|\bhey|\bbonjour|\bcoucou|\bsalut|\bhola+"
    r"|\b(?:signed|bought|ordered|placed|collected) (?:for )?by|\bdeliver(?:ed)? to:?|\b(?:ship|send) to:"
    r"|\b(?:gift|parcel|package|order|label) for|\bask(?:ed)? for|\b(?:label|card|note) says|\bbelongs to"
    r"|\bforward (?:this|it) to|\bgave .{1,20}? to|\bsomeone called|\bfrom:|\bcontact ?:|\bsign(?:ed)? ?:"
    r"|\bsubscription of|\b(?:signe|achete|commande) par|\bremis a|\b(?:commande|colis|livraison|cadeau) pour"
    r"|\bdites a|\btransmettre a|\bj'ai eu|\bl'etiquette (?:dit|indique)|\babonnement de|\b(?:compte"
    r"|celui) de"
    r"|\bdemande[zr](?: a)?|\bpour le compte de|\b(?:firmado|comprado|pedido) por|\bentregado a"
    r"|\b(?:pedido|paquete|regalo|entrega) para|\bdiganle a|\bpregunten por|\bhable con|\bhabla|\bpasar a"
    r"|\bla etiqueta dice|\bsuscripcion de|\bfirmado ?:|\bpongan a|\bcuenta (?:es )?de|\brecogera|\ble pedi a"
    r"|\ben casa de|\bbusquen|\byo,"
    rf"|\b(?:my|mi|ma|mon|su|son|sa|your|his|her|nuestr[oa]|notre|votre) (?:{KIN})(?:'s name is)?,?"
    rf"|\b(?:{KIN}) d[e'] ?"
)
TITLE = (
    r"\b(?:mr|mrs|ms|miss|dr|dra|mme|mlle|mm?|sr|sra|srta|don|dona|dna|d|madame|mademoiselle|monsieur"
    r"|senora?|senorita"
    r"|prof|sir|madam|auntie|aunt|uncle|grandma|grandpa|tante|oncle|tia|tio|dame)\b\.?"
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
