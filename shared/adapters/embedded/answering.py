"""Scores how well a sentence of a passage answers a question."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from shared.adapters.embedded.leaning import leans
from shared.adapters.knowledge.folding import fold, stems
from shared.adapters.knowledge.synonyms import concepts
from shared.contracts import Language, Passage

# What is asked for, in folded words of the three languages. "combien" and "cuanto" ask for an amount unless
# a word of time follows.
_WANTS_TIME = re.compile(
    r"\b(how (?:long|late|soon|fast|quickly)|how many (?:\w+ )?(?:days|weeks|months|years|hours)|when"
    r"|deadline|until when|jusqu'a quand|hasta cuando"
    r"|expires?|combien de (?:temps|jours|mois)|quand|delais?|duree|dure|durent|expirent|expiration"
    r"|dates? limites?|fechas? limites?"
    r"|cuanto (?:tiempo|tardan?|duran?)|cuantos (?:dias|meses|anos)|cuando|plazos?|caducan?|vencen?)\b"
)
_WANTS_CLOCK = re.compile(
    r"\b(what time|hours|opening|open|cut-?off|a quelle heure|horaires?|ouverts?|ouverture|a que hora"
    r"|horarios?|abren|abiertos?)\b"
)
_WANTS_MONEY = re.compile(
    r"\b(how much|costs?|prices?|fees?|charges?|pays|worth|free|minimum|combien (?!de (?:temps|jours|mois))"
    r"|coute|cout|prix|frais|tarifs?|gratuite?s?|montant|cuanto (?!tiempo|tarda|dura)|cuesta|cuestan|costo"
    r"|coste|precios?|tarifas?|cobran|gratis|importe|gratuitos?)\b"
)
_WANTS_PLACE = re.compile(r"\b(where|donde)\b|^ou\b|\bou (?=trouve|est|puis|voir)")
_WANTS_WAY = re.compile(r"\b(how (?:do|can|to|should|could)|comment|como)\b|^(?:i want|je veux|quiero)\b")
_WHY = re.compile(r"\b(why|pourquoi|por que)\b")
_OPEN = re.compile(
    r"\b(what|which|who|how|when|where|why|comment|quels?|quelles?|combien|quand|pourquoi|que|qui|cual|cuales"
    r"|cuanto|cuanta|cuantos|como|donde|cuando|por que|quien)\b"
)
# "Your policy" asks for the rule: the sentence with the numbers.
_WANTS_RULE = re.compile(
    r"\b(polic(?:y|ies)|rules?|politiques?|conditions?|regles?|politicas?|condiciones|reglas?)\b"
)
# "Per dollar", "par achat": so much for each.
_WANTS_RATE = re.compile(
    r"\b(per|for (?:each|every)|par (?:dollar|euro|achat)|por (?:cada|dolar|euro|compra))\b"
)
_GIVES_RATE = re.compile(r"\b(per|for (?:each|every)|pour chaque|par (?:dollar|euro|achat)|por cada)\b")
_GIVES_MONEY = re.compile(r"[$€£]|\b(free|gratuit\w*|gratis)\b")
_GIVES_TIME = re.compile(
    r"\b(days?|weeks?|months?|years?|hours?|minutes?|jours?|semaines?|mois|ans?|annees?|heures?|dias?|semanas?"
    r"|mes|meses|anos?|horas?|minutos?)\b"
)
_GIVES_MONTH = re.compile(
    r"\b(january|february|march|april|june|july|august|september|october|november|december|janvier|fevrier|mars"
    r"|avril|juin|juillet|aout|septembre|octobre|novembre|decembre|enero|febrero|marzo|abril|mayo|junio|julio"
    r"|agosto|septiembre|octubre|noviembre|diciembre)\b"
)
# "Never expires" answers a question for a time without naming one.
_GIVES_EXPIRY = re.compile(r"\b(expires?|expirent|vencen?|caducan?)\b")
_GIVES_CLOCK = re.compile(r"\d{1,2}:\d\d|\b\d{1,2} ?h\b|\d ?[ap]\.m")
_GIVES_PLACE = re.compile(r"(?:^|\s)/[a-z]|\b(e-mail|correo|pagina|page)\b")
_GIVES_WAY = re.compile(r"(?:^|\s)/[a-z]|\bchat\b|[\"«“]|\b(you can|vous pouvez|puede)\b")
_NEGATES = re.compile(
    r"\b(not|no|never|cannot|none|nor)\b|n't\b|\b(ne|jamais|aucune?)\b|\bn'|"
    r"\b(nunca|ningun\w*|tampoco)\b"
)
# A sentence that begins like this holds in some cases only.
_SPECIAL = re.compile(
    r"(if|unless|once|after|outside|for (?:a|an|returns|other|every other)|from the second|otherwise|si|s'il"
    r"|s'ils|en cas|sans|pour (?:tout|un|une)|apres|a partir du|passe ce|sinon|en caso|fuera de|sin"
    r"|despues de|desde el|salvo|mas tarde|later)\b"
)
_SPECIAL_SECTION = re.compile(r"^(if|when the|si)\b|\b(second|deuxieme|segundo)\b")
_CONDITION = re.compile(r"\b(if|when|after|without|si|quand|sans|apres|cuando|sin|despues)\b")
# Words of a question that no answer needs to repeat.
_FILLER = re.compile(
    r"\b(still|encore|toujours|todavia|aun|gets?|got|getting|must|(some|any)?things?|how much"
    r"|quelque|choses?|combien|cosas?|cuant[ao]s?|find"
    r"|polic(y|ies)|rules?|politiques?|conditions?|politicas?|condiciones|trouver|encontrar|veo|offer|accept|acceptez|aceptan)\b"
)

_DIGIT = re.compile(r"(?<![\w.,$€£])\d(?![\w.,%])")
# What the customer would spend is no figure of ours: 30 dollars are not answered by 30 days.
_OWN_AMOUNT = re.compile(
    r"[$€£] ?\d+(?:[.,]\d+)?|\b\d+(?:[.,]\d+)? ?(?:dollars?|dolares|euros?|usd|bucks|[$€£])"
)
# A light verb hides what is to be done.
_PHRASES = (
    (re.compile(r"\b(?:mettre|mets) (.*?)en pause\b"), r"suspendre \1"),
    (re.compile(r"\b(?:poner|pongo) (.*?)en pausa\b"), r"pausar \1"),
    (re.compile(r"\bput (.*?)on (?:hold|pause)\b"), r"pause \1"),
)

_KINDS = {
    "money": _WANTS_MONEY,
    "time": _WANTS_TIME,
    "clock": _WANTS_CLOCK,
    "rule": _WANTS_RULE,
    "rate": _WANTS_RATE,
}
_WAYS = {"place": _WANTS_PLACE, "way": _WANTS_WAY}

# A sentence below a heading need not repeat it: what its section and its title say counts this much for it.
BY_SECTION, BY_TITLE = 0.4, 0.3
# So does the sentence before, for one that leans on it.
BY_ANTECEDENT = 0.6
# Another word for the same thing counts this much.
KIN = 0.9
# In "how do I cancel my order", what is to be done counts this many times.
ACTION = 3.0
# What the question before was about counts this much in one that leans on it.
BEFORE = 0.7
# Each 20 words beyond this many cost a little: the short answer is the better one.
_SHORT = 18
# Of the features, in their order; see `Scorer.features`.
WEIGHTS = (1.1, 0.42, 0.2, 0.6, 0.3, 0.3, 0.26, 0.12, -0.45, -0.5, -0.17, -0.16, 0.2, -0.04)


@dataclass(frozen=True)
class Words:
    """What a text says: its stems, and the concepts behind them."""

    stems: frozenset[str]
    concepts: frozenset[str]
    all: frozenset[str]


@lru_cache(maxsize=8192)
def words_of(text: str, language: Language) -> Words:
    """The words of a sentence or heading; the same few thousand come again and again.

    A single digit counts: it tells "Tern 2" from "Tern 3".
    """
    own = frozenset((*stems(text, language), *_DIGIT.findall(text)))
    kin = frozenset(concepts(text, language))
    return Words(own, kin, own | kin)


@lru_cache(maxsize=8192)
def traits_of(text: str) -> frozenset[str]:
    """What a sentence gives, and what kind of sentence it is, by the names of the patterns above."""
    told = fold(text)
    timed = bool(_GIVES_TIME.search(told)) and any(char.isdigit() for char in told)
    clock = bool(_GIVES_CLOCK.search(told))
    traits = {
        "money": bool(_GIVES_MONEY.search(told)),
        "time": timed or clock or bool(_GIVES_MONTH.search(told) or _GIVES_EXPIRY.search(told)),
        "clock": clock,
        "rule": timed,
        "rate": bool(_GIVES_RATE.search(told)),
        "place": bool(_GIVES_PLACE.search(told)),
        "way": bool(_GIVES_WAY.search(told)),
        "why": bool(_WHY.search(told)),
        "denial": bool(_NEGATES.search(told)),
        "special": bool(_SPECIAL.match(told)),
        "special heading": bool(_SPECIAL_SECTION.search(told)),
    }
    return frozenset(name for name, there in traits.items() if there)


@lru_cache(maxsize=512)
def _units(text: str, language: Language) -> tuple[Words, ...]:
    """Each telling word of a question with what it means."""
    each = (words_of(word, language) for word in text.split())
    return tuple(dict.fromkeys(words for words in each if words.stems))


@dataclass(frozen=True)
class Line:
    """A sentence where it stands: the passage's rank, its place there, and its text."""

    rank: int
    place: int
    text: str


class Scorer:
    """Scores the sentences of some passages against one question."""

    def __init__(
        self, question: str, passages: Sequence[Passage], lines: Sequence[Line], *, leans_on: str = ""
    ) -> None:
        asked = _plain(question)
        self._subject, self._before = _subject(asked), _subject(_plain(leans_on))
        self._passages = passages
        self._top = max((passage.score for passage in passages), default=0.0) or 1.0
        self._kinds = frozenset(kind for kind, wants in _KINDS.items() if wants.search(asked))
        self._ways = frozenset(way for way, wants in _WAYS.items() if wants.search(asked))
        self._negated = bool(_NEGATES.search(asked))
        self._open = bool(_OPEN.search(asked))
        self._why = bool(_WHY.search(asked))
        self._conditional = bool(_CONDITION.search(asked))
        about = f"{self._before} {self._subject}"
        self._wanted = {p.locale: words_of(about, p.locale) for p in passages}
        self._at = {(line.rank, line.place): line for line in lines}
        told = [words_of(line.text, passages[line.rank].locale) for line in lines]
        self._units = {language: self._weighted(language, told) for language in self._wanted}
        # "And how late?" asks for nothing but a time: what gives one counts twice.
        own = any(words_of(self._subject, language).stems for language in self._wanted)
        self._stress = 1.0 if own or not leans_on else 2.0

    def _weighted(self, language: Language, told: Sequence[Words]) -> list[tuple[Words, float]]:
        """The telling words of the question; in "how do I cancel" the first is what is to be done."""
        units = _units(self._subject, language)
        first = ACTION if "way" in self._ways else 1.0
        weighted = [(unit, _weight(unit, told) * (first if n == 0 else 1.0)) for n, unit in enumerate(units)]
        before = [unit for unit in _units(self._before, language) if unit not in units]
        return weighted + [(unit, BEFORE * _weight(unit, told)) for unit in before]

    def shared(self, line: Line) -> frozenset[str]:
        """The words of the question that the sentence repeats."""
        locale = self._passages[line.rank].locale
        return self._wanted[locale].stems & words_of(line.text, locale).stems

    def kind(self, line: Line) -> int:
        """1 when the sentence gives the kind of thing that is asked for: an amount, a time."""
        return int(bool(self._kinds & traits_of(line.text)))

    def score(self, line: Line) -> float:
        """How well the sentence answers; comparable within one question."""
        return sum(w * f for w, f in zip(WEIGHTS, self.features(line), strict=True))

    def features(self, line: Line) -> tuple[float, ...]:
        """What speaks for and against the sentence, each about 0 to 1; `WEIGHTS` are in this order."""
        passage = self._passages[line.rank]
        wanted, traits = self._wanted[passage.locale], traits_of(line.text)
        said = words_of(line.text, passage.locale)
        title, section = words_of(passage.title, passage.locale), words_of(passage.section, passage.locale)
        heading = traits_of(passage.section)
        denies = "denial" in traits
        # "Why was it refused" is answered by a refusal as well as "what is not covered".
        refusing = self._negated or self._why
        why = self._why and "why" in heading and line.place == 0
        return (
            self._covered(said, self._antecedent(line), section, title, passage.locale),
            self._stress * bool(self._kinds & traits),
            float(why or bool(self._ways & traits)),
            passage.score / self._top,
            _named(title, wanted),
            _named(section, wanted),
            float(line.place == 0),
            float(line.rank == 0),
            float(denies and self._open and not refusing),
            float("denial" in heading and not refusing),
            float("special" in traits and not self._conditional),
            float("special heading" in heading and not self._conditional),
            float(denies and self._negated),
            max(0, len(line.text.split()) - _SHORT) / 20,
        )

    def _antecedent(self, line: Line) -> Words:
        """What the sentence before says, for one that leans on it."""
        locale = self._passages[line.rank].locale
        before = self._at.get((line.rank, line.place - 1)) if leans(line.text, locale) else None
        return words_of(before.text if before else "", locale)

    def _covered(self, said: Words, before: Words, section: Words, title: Words, locale: Language) -> float:
        """How much of the question the sentence says; what it leans on and its headings say some for it."""
        units = self._units[locale]
        whole = sum(weight for _, weight in units) or 1.0
        places = ((said, 1.0), (before, BY_ANTECEDENT), (section, BY_SECTION), (title, BY_TITLE))
        return (
            sum(
                weight * max(share * _meets(unit, place) for place, share in places) for unit, weight in units
            )
            / whole
        )


def _plain(question: str) -> str:
    asked = fold(question).strip("¿¡ ")
    for phrase, verb in _PHRASES:
        asked = phrase.sub(verb, asked)
    return _OWN_AMOUNT.sub(" ", asked)


def _subject(asked: str) -> str:
    return _FILLER.sub(" ", _WANTS_TIME.sub(" ", asked))


def _weight(unit: Words, told: Sequence[Words]) -> float:
    """A word that few of the sentences say tells them apart."""
    return math.log(1 + len(told) / max(1, sum(_meets(unit, words) > 0 for words in told)))


def _meets(unit: Words, told: Words) -> float:
    if not unit.stems.isdisjoint(told.stems):
        return 1.0
    return 0.0 if unit.concepts.isdisjoint(told.concepts) else KIN


def _named(heading: Words, wanted: Words) -> float:
    """How much of a heading the question says: a special case has more in its heading than was asked."""
    if not heading.stems:
        return 0.0
    both = len(heading.stems & wanted.stems) + len(heading.concepts & wanted.concepts)
    return both / (len(heading.stems) + len(heading.concepts))
