"""Cuts a message that asks several things into its questions, in three languages and without a model."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

from conversation.words.replies import folded, leans_back

_MOST = 4
# "Combien ça coûte ?" asks for nothing by itself.
_THAT = " ca "
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
# All over letters without case and accents, each in its own place.
_WH = (
    r"(?:(?:by|for|at|in|to|from|on|within) )?(?:how|what(?:'?s)?|when|where|which|who|why)\b"
    r"|(?:a|en|dans|pour|de|depuis|avec) (?:combien|quel(?:le)?s?|quoi)\b|comment\b|quand\b|combien\b"
    r"|pourquoi\b|quel(?:le)?s?\b|laquelle\b|lequel\b|qu'est|qui\b|ou (?=est|sont|se|puis|peut|en)"
    r"|(?:a|en|de|para|desde|con) (?:que|cuant[oa]s?|cual(?:es)?|donde)\b|como (?!regalo)|cuando\b"
    r"|cuant[oa]s?\b|donde\b|por que\b|que (?=tallas?|colores|tamano|pasa|incluye|garantia|otr|hay|mide|pesa)"
    r"|cual(?:es)?\b"
)
_VERB = (
    r"(?:do|does|did|is|are|can|could|will|would|should|may|have|has) \w+ \w+"
    r"|est-ce\b|est ce que\b|y a-t-il\b|y a t il\b|\w+-(?:t-)?(?:vous|ils?|elles?|on|tu|je|nous|ce)\b"
    r"|(?:vous|on|je|il|elle|c'est|est)(?: \w+)? (?=\w+ )"
    r"|(?:se )?pued[eo]n?\b|puedes\b|podria\w*\b|tienen?\b|hay\b|hac(?:e|en)\b|aceptan?\b|envian?\b"
    r"|entregan?\b|ofrecen?\b|venden?\b|son?\b|es\b|estan?\b|cuestan?\b|pesan?\b|incluyen?\b|traen?\b"
    r"|vienen?\b|vale\b|sirven?\b"
)
_INDIRECT = r"(?:if|whether) (?=\w+ )|si (?=\w+ )|s'"
_AND = r"(?:and|also|plus|but|et|puis|mais|aussi|y|e|ademas|tambien|pero)"
_JOINT = re.compile(
    rf"[,;]?\s+{_AND}(?:\s+(?:also|then|aussi|tambien|ademas))?\s+(?=(?:{_WH}|{_VERB}|(?P<indirect>{_INDIRECT})))"
    # "The Tern or the Plover, which is lighter?" is one question.
    rf"|[,;]\s+(?!which|lequel|laquelle|cual)(?=(?:{_WH}))"
)
# Who would like to know asks without a question mark, and goes on with "and if".
_KNOW = re.compile(
    r"\b(?:(?:to|you|me) know|wonder(?:ing)?|tell me|ask|curious|savoir|dites|demande|saber|diga(?:me)?|dime"
    r"|pregunt\w+)\b"
)
_ASKS = re.compile(rf"(?:{_WH}|{_VERB})")
_LEAD = re.compile(
    rf"^(?:[\s¿¡,;:.-]+|(?:hi|hello|hey|bonjour|salut|hola|buenas|please|so|well|ok|okay|thanks|{_AND})"
    r"(?![\w'-])(?! (?:est|sont|puis|peut|se)\b)[\s,!.;:-]*)+",
)
_BEFORE_COLON = re.compile(r"^[^?:]{1,40}:\s+")


def questions_in(text: str) -> tuple[str, ...]:
    """The questions of a message that asks more than one, as they are written; none for any other message."""
    found = [piece for sentence in _SENTENCE.split(text) for piece in _asked(sentence)]
    distinct = tuple(dict.fromkeys(found))
    return distinct[:_MOST] if len(distinct) > 1 else ()


def in_full(questions: Sequence[str]) -> tuple[str, ...]:
    """The questions as they can be looked up: one that leans on the one before it, behind that one."""
    full: list[str] = []
    for question in questions:
        leans = full and (leans_back(question) or _THAT in f" {folded(question)} ")
        full.append(f"{full[-1]} {question}" if leans else question)
    return tuple(full)


def _asked(sentence: str) -> Iterator[str]:
    """The questions of one sentence, each with its mark."""
    sentence = sentence.strip()
    plain = _plain(sentence)
    if match := _BEFORE_COLON.match(plain):
        sentence, plain = sentence[match.end() :], plain[match.end() :]
    knows, marked = _KNOW.search(plain) is not None, plain.endswith("?")
    at = 0
    cuts: list[tuple[int, int]] = []
    for joint in _JOINT.finditer(plain):
        # "And if" goes on asking after "I'd like to know"; elsewhere it is a condition.
        whole = len(plain[at : joint.start()].split()) > 1 and len(plain[joint.end() :].split()) > 1
        if whole and (knows or not joint["indirect"]):
            cuts.append((at, joint.start()))
            at = joint.end()
    cuts.append((at, len(plain)))
    for start, end in cuts:
        piece = sentence[start:end]
        lead = _LEAD.match(plain[start:end])
        piece = piece[lead.end() :] if lead else piece
        asks = marked or knows or _ASKS.match(_plain(piece))
        if asks and len(piece.split()) > 1:
            yield f"{piece.rstrip(' ?!.,;')}?"


def _plain(text: str) -> str:
    """Letters without case and accents, each at its place."""
    letters = (unicodedata.normalize("NFKD", char)[0].lower()[:1] or char for char in text)
    return "".join("'" if letter == "\u2019" else letter for letter in letters)
