"""Passages of the knowledge base; what a test does not name is filled in."""

from shared.contracts import Language, Passage


def passage(
    name: str,
    text: str,
    *,
    title: str = "",
    section: str = "",
    locale: Language = "en",
    category: str = "returns",
    score: float = 0.6,
) -> Passage:
    """The passage `kb:<name>`, of the document before the `#` of its name."""
    return Passage(
        id=f"kb:{name}",
        source=f"{name.partition('#')[0]}.md",
        title=title,
        section=section,
        text=text,
        locale=locale,
        category=category,
        version=1,
        score=score,
    )
