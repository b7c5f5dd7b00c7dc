"""Finds documents that state different values for the same fact."""

from shared.adapters.knowledge.contradictions.declared import Declared, load_declared
from shared.adapters.knowledge.contradictions.finding import find_contradictions
from shared.adapters.knowledge.contradictions.report import Contradiction, Quote, refused, render

__all__ = [
    "Contradiction",
    "Declared",
    "Quote",
    "find_contradictions",
    "load_declared",
    "refused",
    "render",
]
