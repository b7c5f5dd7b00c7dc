"""Tells when two customers asked the same question."""

import hashlib
import re

from shared.adapters.knowledge.folding import fold
from shared.contracts import Language

_TOKEN = re.compile(r"TOKEN_[0-9a-fA-F-]{36}")
_WORD = re.compile(r"\w+")


def question_id(question: str, language: Language) -> str:
    """The same for the same words in the same language, whatever their case, accents and punctuation.

    A personal value is another token in each conversation, so none counts. A digest, because the id outlives
    the texts: what a customer wrote can be erased without a trace of it staying in the id.
    """
    words = " ".join(_WORD.findall(fold(_TOKEN.sub(" ", question))))
    return hashlib.blake2b(f"{language}:{words}".encode(), digest_size=8).hexdigest()
