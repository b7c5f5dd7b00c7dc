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
_OFFER = _words(
    r"""
    prices? costs? how_much\b(?!.*\b(?:weigh|hold|carry)) cheap[a-z]* expensive
    in_stock available availability
    sold_out (?:have|got|come|get)_(?:it|this|that|them|one)_in do_you_(?:have|sell)
    prix coute[a-z]* tarif vaut combien_(?:ca|est|c'est|pour) c'est_combien
    en_stock dispo[a-z]* avez.vous vous_avez
    precios? cuesta[a-z]* cuanto_(?:es|vale|sale|esta) tienen hay existencias? agotad[a-z]* quedan?
    """
)
_COMPARES = _words(
    r"""
    than compared? comparison versus vs differen[a-z]+
    better which_(?:one|is) or_the que_(?:le|la|les|el|los|las)
    compar[a-z]+ mieux meilleur[a-z]* lequel laquelle mejor cual
    """
)
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
# What a product can be asked, and what its (English) description says of that.
_ATTRIBUTES = tuple(
    (_words(asked), re.compile(told))
    for told, asked in {
        r"waterproof|water column|water-repellent|\bip(?:x\d|\d\d)\b|seam-taped": r"""
            (?:water|rain).?proof[a-z]* rain[a-z]* wet water_(?:resist|repel)[a-z]*
            impermeab[a-z]* etanche[a-z]*
            pluie pleut mouill[a-z]* lluvia llueve moja[a-z]* resiste[a-z]*_(?:al_agua|a_la_lluvia)
            """,
        r"\bweighs?\b": r"""
            weighs? weight heavy heavier light(?:er|est|weight)? poids
            pese[a-z]* lourde?s? leger[a-z]* pesa[a-z]*
            peso liger[oa]s?
            """,
        r"comfort rating|r-value|lower limit|keeps (?:its warmth|drinks)|winter|snow|\bfill\b": r"""
            warm[a-z]* cold temperatures? degrees winter chaude?s? chaleur
            froid hiver temperaturas? abriga[a-z]*
            frio invierno caliente
            """,
        r"true to size|half a size|\bfits?\b|one size|adjust": r"""
            runs?_(?:small|large|big|true) true_to_size fits? sizing taille[a-z]* grand petit talla[a-z]*
            chiquit[a-z]* pequen[a-z]* grandes?
            """,
        r"\bwash|dishwasher": r"""
            wash[a-z]* dishwasher machine clean[a-z]* laver? lavable lave.vaisselle nettoy[a-z]* lavar[a-z]*
            lavadora lavavajillas limpi[a-z]*
            """,
        r"includ|comes with|sold with": r"""
            comes?_with includ[a-z]* inclus[a-z]* fourni[a-z]* compris[a-z]*
            incluy[a-z]* vienen?_con trae[a-z]*
            """,
        r"person\b": "people persons? sleeps? personnes? places personas? plazas",
        r"charg|\bruns? \d": r"""
            batter[a-z]* charg[a-z]* runtime lasts? autonomie recharg[a-z]* bateria carga[a-z]* dura
            """,
        r"\bhood\b": "hoods? capuches? capuchas?",
        r"pocket": "pockets? poches? bolsillos?",
        r"merino|leather|titanium|aluminum|steel|polyester|ripstop|nylon|\bdown\b|mesh|cotton|synthetic": r"""
            made_of materials? fabric matieres? tissu materiau[a-z]* materiales? tela hech[oa]_de
            """,
        r"\bpacks (?:down|to|flat)|\d cm\b|peak height|-liter\b|\bml\b|thick": r"""
            big large dimensions? size height long
            pack(?:s|ed)?_(?:down|to|size) encombr[a-z]* hauteur tamano
            medidas? altura mide[a-z]*
            """,
    }.items()
)


@dataclass(frozen=True)
class Asked:
    """What is asked of a product.

    `offer`: price or stock; `compares`: with another product; `open`: nothing in particular; `words`: its
    telling words as English stems; `told`: what a sentence says that answers.
    """

    offer: bool
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
    told = tuple(told for asked, told in _ATTRIBUTES if asked.search(plain))
    # Another language's words say nothing of an English description.
    words = frozenset(stems(" ".join(telling), "en")) if language == "en" else frozenset()
    return Asked(
        offer=bool(_OFFER.search(plain)),
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
