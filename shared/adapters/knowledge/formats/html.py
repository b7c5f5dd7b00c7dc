"""Reads an HTML page: headings become section paths, tables and lists text."""

from collections.abc import Iterator

from bs4 import BeautifulSoup
from bs4.element import NavigableString, PageElement, PreformattedString, Tag

from shared.adapters.knowledge.documents import OPTIONAL, REQUIRED, BadDocument, Entry, Section
from shared.adapters.knowledge.formats.content import Content

# What a reader does not see as the page's own words.
_DROPPED = frozenset({
    "script", "style", "noscript", "template", "nav", "footer", "aside", "button", "select", "iframe",
    "object", "svg", "head",
})  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BLOCKS = frozenset({
    "p", "div", "section", "article", "main", "header", "form", "ul", "ol", "li", "dl", "dt", "dd",
    "table", "caption", "tr", "td", "th", "blockquote", "pre", "figure", "figcaption", "address",
    "details", "summary", "hr", "br", "body", "html",
})  # fmt: skip
# A page nests some dozens deep; what nests thousands deep is made to break its readers.
_DEEPEST = 500


def read_html(text: str) -> Content:
    """The page's sections and metadata; raises `BadDocument` for one that nests too deep."""
    page = BeautifulSoup(text, "html.parser")
    said, name = _said(page), _words(page.title) if page.title else ""
    for tag in page.find_all(_unseen):
        tag.decompose()
    headings = page.find_all("h1")
    first = _words(headings[0]) if len(headings) == 1 else ""
    return Content(_sections(page.find("main") or page, first), said=said, title=first or name)


def _unseen(tag: Tag) -> bool:
    """What the page does not show must not be said: it is where instructions to machines are put."""
    style = str(tag.get("style", "")).lower().replace(" ", "")
    return (
        tag.name in _DROPPED
        or tag.has_attr("hidden")
        or "display:none" in style
        or "visibility:hidden" in style
        or (tag.name == "header" and tag.find(list(_HEADINGS)) is None)
    )


def _said(page: BeautifulSoup) -> dict[str, Entry]:
    """What `<meta name=... content=...>` and `<html lang>` say of the keys we know."""
    said: dict[str, Entry] = {}
    for tag in page.find_all("meta"):
        key = str(tag.get("name", "")).strip().lower()
        value = str(tag.get("content", "")).strip()
        if key not in REQUIRED + OPTIONAL or not value:
            continue
        line = tag.sourceline or 1
        if key in said:
            raise BadDocument(line, key, f"stands on line {said[key].line} already", "keep one of the two")
        said[key] = Entry(value, line)
    root = page.find("html")
    if root is not None and "locale" not in said and str(root.get("lang", "")).strip():
        # "en-US" and "fr_CA" are English and French to us.
        lang = str(root["lang"]).strip().lower().replace("_", "-").split("-")[0]
        said["locale"] = Entry(lang, root.sourceline or 1)
    return said


def _sections(page: Tag, title: str) -> tuple[Section, ...]:
    path: list[tuple[int, str]] = []
    gathered: list[tuple[tuple[str, ...], list[str]]] = [((), [])]
    for level, line in _lines(page):
        if not level:
            gathered[-1][1].append(line)
            continue
        path = [(depth, name) for depth, name in path if depth < level]
        if not (level == 1 and line == title):
            path.append((level, line))
        gathered.append((tuple(name for _, name in path), []))
    found = (Section(where, "\n".join(lines)) for where, lines in gathered)
    return tuple(section for section in found if section.text)


def _lines(page: Tag) -> Iterator[tuple[int, str]]:
    """Headings with their level, and lines of text with level 0, in reading order.

    Walks with a stack of its own: a page may nest deeper than Python calls.
    """
    words: list[str] = []
    stack: list[tuple[bool, Iterator[PageElement]]] = [(True, iter(page.children))]
    while stack:
        block, children = stack[-1]
        node = next(children, None)
        if isinstance(node, Tag):
            whole = _HEADINGS.get(node.name, 0), _row(node) if node.name == "tr" else ""
            if (whole[0] or whole[1] or node.name in _BLOCKS) and (line := _taken(words)):
                yield 0, line
            if whole[0] or whole[1]:
                if line := whole[1] or _words(node):
                    yield whole[0], line
                continue
            if len(stack) > _DEEPEST:
                raise _too_deep(node)
            stack.append((node.name in _BLOCKS, iter(node.children)))
        elif node is None:
            stack.pop()
            if block and (line := _taken(words)):
                yield 0, line
        elif _is_text(node):
            words.append(str(node))


def _too_deep(node: Tag) -> BadDocument:
    reason = f"elements stand more than {_DEEPEST} deep in each other"
    return BadDocument(node.sourceline or 1, "body", reason, "save the page as simple HTML")


def _row(row: Tag) -> str:
    """The cells of a table row, as `Express: 2-3 days, $12.99`; empty when a table stands in a cell."""
    if row.find("table") is not None:
        return ""
    cells = [text for cell in row.find_all(["td", "th"]) if (text := _words(cell))]
    return f"{cells[0]}: {', '.join(cells[1:])}" if len(cells) > 1 else "".join(cells)


def _words(tag: Tag) -> str:
    """All words of an element on one line."""
    parts = (
        str(node) if _is_text(node) else " " if isinstance(node, Tag) and node.name in _BLOCKS else ""
        for node in tag.descendants
    )
    return " ".join("".join(parts).split())


def _is_text(node: PageElement) -> bool:
    """Words, not a comment or a declaration."""
    return isinstance(node, NavigableString) and not isinstance(node, PreformattedString)


def _taken(words: list[str]) -> str:
    """What was gathered, on one line; begins anew."""
    line = " ".join("".join(words).split())
    words.clear()
    return line
