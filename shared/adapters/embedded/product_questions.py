"""Tells what a question about a product asks for, and which sentences of its description answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.adapters.embedded.quoting import sentences_of
from shared.adapters.knowledge.folding import fold, stems
from shared.contracts import Language


def _words(listed: str) -> re.Pattern[str]:
    """Any of the words (patterns, parted by spaces); `_` is a space within one."""
    return re.compile(rf"\b(?:{'|'.join(word.replace('_', ' ') for word in listed.split())})\b")


# All in folded words of the three languages.
_PRICES = r"""
    prices? costs? how_much\b(?!.*\b(?:weigh|hold|carry)) cheap[a-z]* expensive
    on_sale discount[a-z]* in_stock available availability sold_out
    (?:have|got|come|get)_(?:it|this|that|them|one)_in
    prix coute[a-z]* tarif vaut combien_(?:ca|est|c'est|pour) c'est_combien en_stock dispo[a-z]*
    (?:en_)?rupture
    soldes? en_promo[a-z]* remises? rebajad[oa]s? en_(?:oferta|rebajas) descuentos?
    precios? cuesta[a-z]* cuanto_(?:es|vale|sale|esta) existencias? agotad[a-z]* quedan?
    """
# The stock in numbers, and when there is some again.
_COUNTS = re.compile(
    r"\bhow many\b.*\b(?:left|remain\w*|stock|have|available|units)\b"
    r"|\bcombien\b.*\b(?:reste\w*|restent|avez|stock|disponibles?|unites)\b|\breste\w*\b.*\bcombien\b"
    r"|\bcuant[oa]s\b.*\b(?:qued\w+|hay|tienen|existencias|unidades|disponibles?)\b"
)
_BACKS = r"""
    back_(?:in|again) (?:be|come|comes|coming)_back available_again restock[a-z]*
    expect_(?:more|it|them) more_coming
    de_nouveau revien[a-z]* revenir reapprovisionn[a-z]* retour_en_stock bientot
    vuelven? volver[a-z]* repon[a-z]* reposicion otra_vez de_nuevo
    """
_BACK = _words(_BACKS)
_LEFT = "left remain[a-z]* reste[a-z]* restent queda[a-z]* units unites unidades"
_PRICE = _words(f"{_PRICES} {_BACKS} {_LEFT}")
_OFFER = _words(f"{_PRICES} {_BACKS} {_LEFT} do_you_(?:have|sell) avez.vous vous_avez tienen hay")
_COMPARES = _words(
    r"""
    than compared? comparison versus vs differen[a-z]+ diferen[a-z]+
    better which_(?:one|is) or_the que_(?:le|la|les|el|los|las)
    compar[a-z]+ mieux meilleur[a-z]* lequel laquelle mejor cual
    """
)
_PARTS = {r"\bhood\b", "pocket"}
_INCLUDES = r"includ|comes with|sold with"
_LOOSE = {
    _INCLUDES,
    r"true to size|half a size|\bfits?\b|one size|adjust",
    r"\bpacks (?:down|to|flat)|\d cm\b|peak height|-liter\b|\bml\b|thick",
    r"merino|leather|titanium|aluminum|steel|polyester|ripstop|nylon|\bdown\b|mesh|cotton|synthetic",
}
# Words around a wish to hear of a product that ask for nothing in particular.
_OPEN = frozenset(
    """
    tell about more know info information detail details describe description
    show look looking interested want
    question product item thing one it please hi hello hey ok okay need buy get like is the this that
    parler parlez savoir plus infos dire dites presentez montrez produit article interesse voudrais cherche
    bonjour decrire fiche sur
    cuente cuenteme cuentame sobre mas saber informacion digame dime
    muestreme producto articulo busco quiero
    interesa hola ficha detalles
    """.split()  # noqa: SIM905 sixty quoted words read worse
)


@dataclass(frozen=True)
class Attribute:
    """What a product can be asked, and what its (English) page says of that.

    A `part` and a `loose` attribute do not answer alone when more is asked: "is the hood lined", "how big is
    the lid".
    """

    asked: re.Pattern[str]
    told: re.Pattern[str]
    part: bool
    loose: bool
    includes: bool


_ATTRIBUTES = tuple(
    Attribute(
        _words(asked), re.compile(told), part=told in _PARTS, loose=told in _LOOSE, includes=told == _INCLUDES
    )
    for told, asked in {
        r"waterproof|water column|water-repellent|\bip(?:x\d|\d\d)\b|seam-taped": r"""
            (?:water|rain).?proof[a-z]* rain(?!\s*(?:cover|jacket|coat|fly|gear))[a-z]* wet
            water_(?:resist|repel)[a-z]*
            impermeab[a-z]* etanche[a-z]*
            pluie pleut mouill[a-z]* lluvia llueve moja[a-z]* resiste[a-z]*_(?:al_agua|a_la_lluvia)
            """,
        r"\bweighs?\b": r"""
            weighs? weight heavy heavier light(?:er|est|weight)? poids
            pese[a-z]* lourde?s? leger[a-z]* pesa[a-z]*
            peso liger[oa]s?
            """,
        r"comfort rating|r-value|lower limit|keeps (?:its warmth|drinks)|winter|snow|seasons\b|\bfill\b": r"""
            warm[a-z]* cold temperatures? degrees winter snow neige nieve chaude?s? chaleur
            froid hiver temperaturas? abriga[a-z]*
            frio invierno caliente
            """,
        r"true to size|half a size|\bfits?\b|one size|adjust": r"""
            runs?_(?:small|large|big|true) true_to_size fits? sizing (?:what|which)_size
            taille[a-z]* grand petit talla[a-z]*
            chiquit[a-z]* pequen[a-z]* grandes?
            """,
        r"\bwash|dishwasher": r"""
            wash[a-z]* dishwasher machine clean[a-z]* laver? lavable lave.vaisselle nettoy[a-z]* lavar[a-z]*
            lavadora lavavajillas limpi[a-z]*
            """,
        _INCLUDES: r"""
            comes?_with includ[a-z]* inclus[a-z]* fourni[a-z]* compris[a-z]*
            incluy[a-z]* vienen?_con trae[a-z]*
            """,
        r"person\b": "people persons? sleeps? personnes? places personas? plazas",
        r"charg": "batter[a-z]* charg[a-z]* recharg[a-z]* bateria carga[a-z]*",
        r"\bruns? \d|\d hours?\b": "runtime lasts? autonomie dura duran",
        r"\bhood\b": "hoods? capuches? capuchas?",
        r"pocket": "pockets? poches? bolsillos?",
        r"merino|leather|titanium|aluminum|steel|polyester|ripstop|nylon|\bdown\b|mesh|cotton|synthetic": r"""
            made_of materials? fabric matieres? tissu materiau[a-z]* materiales? tela hech[oa]s?_de
            en_quoi de_que_(?:esta|estan|es|son)
            """,
        r"\bmade in\b|\bmanufactured in\b|fabrique[a-z]* (?:en|au)\b|\b(?:hech|fabricad)[oa]s? en\b": r"""
            where\b.*\b(?:made|produced|manufactured|from) (?:made|produced|manufactured)_in origin[a-z]*
            ou\b.*\bfabrique[a-z]* fabrique[a-z]*_(?:en|au|aux|ou)\b provenance
            donde\b.*\b(?:hech[oa]s?|fabrican|fabricad[oa]s?) (?:hech|fabricad)[oa]s?_en fabrican_en
            procede[a-z]*
            """,
        r"\bpacks (?:down|to|flat)|\d cm\b|peak height|-liter\b|\bml\b|thick": r"""
            big large dimensions? size height long how_(?:tall|high|wide|thick|deep)
            pack(?:s|ed)?_(?:down|to|size) encombr[a-z]* hauteur tamano
            medidas? altura mide[a-z]*
            """,
    }.items()
)


# Asked as price and stock are, and answered by the list of variants.
_VARIANTS = _words(
    r"""
    (?:what|which)_(?:sizes|colou?rs?|versions?|variants?) colou?rs?
    quelles_(?:tailles|couleurs|versions) couleurs? pointures? tailles?_(?:disponibles?|avez)
    (?:que|cuales|cual|en_que)_(?:tallas|colores|color|versiones) colores tallas?_(?:disponibles?|hay|tienen)
    (?:size|taille|pointure|talla|numero)_(?:\d+|x*[sml])\b
    """
)


def attributes_of(plain: str) -> tuple[Attribute, ...]:
    """The attributes that a folded question asks for."""
    return tuple(attribute for attribute in _ATTRIBUTES if attribute.asked.search(plain))


def prices(plain: str) -> list[re.Match[str]]:
    """Where a folded question asks for a price, or for the stock of what is named."""
    return list(_PRICE.finditer(plain))


def back(plain: str) -> bool:
    """Whether a folded question asks when something is there again."""
    return bool(_BACK.search(plain))


def variants(plain: str) -> list[re.Match[str]]:
    """Where a folded question asks in which colors or sizes a product comes."""
    return list(_VARIANTS.finditer(plain))


def compares(plain: str) -> bool:
    """Whether a folded question weighs products against each other."""
    return bool(_COMPARES.search(plain))


@dataclass(frozen=True)
class Asked:
    """What is asked of a product.

    `offer`: price or stock; `counts`: how much of it; `back`: when it is there again; `compares`: with
    another product; `open`: nothing in particular; `words`: its telling words as English stems; `told`: what
    a sentence says that answers.
    """

    offer: bool
    counts: bool
    back: bool
    compares: bool
    open: bool
    words: frozenset[str]
    told: tuple[re.Pattern[str], ...]

    def answered_by(self, sentence: str) -> int:
        """How much of the question an English sentence speaks to; 0 for none."""
        said = frozenset(stems(sentence, "en"))
        plain = fold(sentence)
        return 2 * sum(bool(told.search(plain)) for told in self.told) + len(self.words & said)


def asked_of(question: str, title: str, language: Language) -> Asked:
    """What `question` asks of the product called `title`."""
    plain = fold(question)
    own = {*stems(title, "en"), *stems(title, language)}
    telling = [
        word
        for word in re.findall(r"\w+", plain)
        if word not in _OPEN and (root := stems(word, language)) and not own & {*root, *stems(word, "en")}
    ]
    told = tuple(attribute.told for attribute in _ATTRIBUTES if attribute.asked.search(plain))
    # Another language's words say nothing of an English description.
    words = frozenset(stems(" ".join(telling), "en")) if language == "en" else frozenset()
    return Asked(
        offer=bool(_OFFER.search(plain) or _COUNTS.search(plain) or variants(plain)),
        counts=bool(_COUNTS.search(plain)),
        back=back(plain),
        compares=bool(_COMPARES.search(plain)),
        open=not telling,
        words=words,
        told=told,
    )


def best_sentence(asked: Asked, sentences: Sequence[str]) -> str:
    """The sentence that speaks to the question, the first of equals; empty when none does."""
    best = max(sentences, key=asked.answered_by, default="")
    return best if best and asked.answered_by(best) else ""


def described(asked: Asked, description: str) -> str:
    """The sentence of an English description that answers; its first one for an open question."""
    sentences = sentences_of(description)
    return sentences[0] if asked.open and sentences else best_sentence(asked, sentences)
