"""What the knowledge editor of the gateway stands on."""

from dataclasses import dataclass

from shared.ports.editing import Editions, PastQuestions


@dataclass(frozen=True)
class KnowledgeRoom:
    """Texts of documents, and what customers asked. The documents themselves are the knowledge service's."""

    editions: Editions
    questions: PastQuestions
