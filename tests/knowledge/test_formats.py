"""HTML, PDF and CSV: what is read, where metadata comes from, and what is refused."""

from datetime import date

import pytest

from shared.adapters.knowledge.reader import Reader
from tests.knowledge.papers import encrypted, pdf, with_stream
from tests.knowledge.readings import document, rejected

PAGE = """<!doctype html>
<html lang="en-GB"><head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="id" content="express"><meta name="category" content="shipping">
<meta name="version" content="3"><meta name="effective_from" content="2026-02-01">
<title>Express delivery | Harbor &amp; Pine</title>
<style>p {color: red}</style><script>var secret = 1;</script></head>
<body><nav><a href="/">Home</a></nav>
<header><h1>Express <em>delivery</em></h1></header>
<!-- a note to ourselves -->
<p>Express takes 2-3 days.<br>It costs $12.99.</p>
<h2>Where</h2><ul><li>United <b>Stat</b>es</li><li>Canada</li></ul>
<h3>Times</h3>
<table><tr><th>Service</th><th>Days</th><th>Price</th></tr><tr><td>Express</td><td>2-3</td><td>$12.99</td></tr></table>
<p style="display: none">hidden words</p><div hidden>more hidden words</div>
<footer>© 2026</footer></body></html>
"""


def test_a_page_is_read_as_a_person_sees_it() -> None:
    """Headings are paths, tables and lists are lines, and nothing unseen is said."""
    page = document("shipping/express.html", PAGE)
    assert [(section.path, section.text) for section in page.sections] == [
        ((), "Express takes 2-3 days.\nIt costs $12.99."),
        (("Where",), "United States\nCanada"),
        (("Where", "Times"), "Service: Days, Price\nExpress: 2-3, $12.99"),
    ]


def test_a_page_states_its_metadata_in_meta_tags() -> None:
    """`<meta>` gives the keys of front matter, `<html lang>` the locale, the one `<h1>` the title."""
    page = document("shipping/express.html", PAGE)
    assert (page.id, page.category, page.locale, page.version) == ("express", "shipping", "en", 3)
    assert (page.title, page.effective_from) == ("Express delivery", date(2026, 2, 1))


def test_a_page_without_metadata_gets_it_from_its_place() -> None:
    """File name, folders and `<title>` are enough to serve a page."""
    page = document("fr/livraison/Délais_Express.htm", "<title>Délais</title><p>Deux jours.</p>")
    assert (page.id, page.category, page.locale, page.version) == (
        "delais-express-fr",
        "livraison",
        "fr",
        1,
    )
    assert (page.title, page.effective_from) == ("Délais", date(2000, 1, 1))
    bare = document("size_guide.html", "Chest 96 cm is size M.")
    assert (bare.id, bare.title, bare.category, bare.locale) == ("size-guide", "Size guide", "general", "en")


@pytest.mark.parametrize(
    ("change", "line", "key"),
    [
        (('content="3"', 'content="three"'), 5, "version"),
        (('lang="en-GB"', 'lang="de"'), 2, "locale"),
        (('content="2026-02-01"', 'content="soon"'), 5, "effective_from"),
        (('content="express"', 'content="Express!"'), 4, "id"),
        (('name="viewport"', 'name="id"'), 4, "id"),
    ],
)
def test_a_wrong_meta_tag_is_named_by_its_line(change: tuple[str, str], line: int, key: str) -> None:
    """A page's metadata is checked like front matter."""
    found = rejected("express.html", PAGE.replace(*change))
    assert (found.line, found.key) == (line, key)


@pytest.mark.parametrize(
    ("page", "key", "reason"),
    [
        ("", "body", "no text"),
        ("<html><head><title>x</title></head><body><script>1</script></body></html>", "body", "no text"),
        ("<div>" * 3000 + "deep", "body", "deep in each other"),
        (b"<p>caf\xe9</p>", "encoding", "byte 6 is not UTF-8"),
        (b"<p>a\0b</p>", "encoding", "NUL"),
        ("<p>" + "word " * 250_000 + "</p>", "body", "1,000,000"),
    ],
)
def test_a_page_that_cannot_be_served_says_why(page: str | bytes, key: str, reason: str) -> None:
    """No text, too much of it, too deep or not UTF-8."""
    found = rejected("page.html", page)
    assert found.key == key
    assert reason in found.reason


def test_a_csv_of_questions_is_one_section_a_row() -> None:
    """`question,answer` rows can be found and cited one by one; quotes hold commas and line breaks."""
    rows = 'question,answer\n"Can I, please, return it?","Yes.\nWithin 30 days."\n\nHow much?,$5\n'
    faq = document("returns/faq.csv", rows)
    assert [(section.path, section.text) for section in faq.sections] == [
        (("Can I, please, return it?",), "Yes. Within 30 days."),
        (("How much?",), "$5"),
    ]
    assert (faq.id, faq.title, faq.category) == ("faq", "Faq", "returns")


def test_a_csv_of_columns_says_each_value_with_its_name() -> None:
    """Any other table reads as sentences; semicolons, as spreadsheets in France write them, part it too."""
    table = document("sizes.csv", "\ufeffSize;Chest;Waist\nM;96 cm;82 cm.\nL;;90 cm\n")
    assert [(section.path, section.text) for section in table.sections] == [
        (("M",), "Size: M. Chest: 96 cm. Waist: 82 cm."),
        (("L",), "Size: L. Waist: 90 cm."),
    ]


@pytest.mark.parametrize(
    ("rows", "line", "key", "reason"),
    [
        ("question,answer\na,b\nc,d,e\n", 3, "row", "3 fields stand under 2 columns"),
        ("question,answer\na\n", 2, "row", "1 fields"),
        ("question,answer\na,\n", 2, "answer", "is empty"),
        ("just one column\na\n", 1, "header", "two columns"),
        ("a,A\nb,c\n", 1, "header", "double name"),
        ("question,answer\n", 2, "body", "no text"),
        ("", 1, "header", "two columns"),
        ('question,answer\na,"b\n', 2, "row", "not CSV"),
        ("question,answer\na," + "b" * 30_000 + "\n", 2, "answer", "30,000 characters"),
        ("question,answer\na," + "b" * 200_000 + "\n", 2, "row", "not CSV"),
        ("question,answer\n" + "a,b\n" * 5_001, 5002, "row", "5,000"),
    ],
)
def test_a_wrong_csv_is_named_by_its_line(rows: str, line: int, key: str, reason: str) -> None:
    """Ragged rows, open quotes and huge fields say where they are."""
    found = rejected("faq.csv", rows)
    assert (found.line, found.key) == (line, key)
    assert reason in found.reason


def test_a_pdf_is_read_page_by_page() -> None:
    """Pages are sections, parted words become one, and what every page repeats is left out."""
    texts = [
        ["Harbor & Pine care guide", f"Step {n}: rinse the tent gen-", f"tly {n} times."] for n in range(1, 4)
    ]
    guide = document("care/tents.pdf", pdf(*texts, title="Tent care"))
    assert [(section.path, section.text) for section in guide.sections] == [
        ((f"Page {n}",), f"Step {n}: rinse the tent gently {n} times.") for n in range(1, 4)
    ]
    assert (guide.id, guide.title, guide.category, guide.locale) == ("tents", "Tent care", "care", "en")


def test_a_pdf_locked_only_against_printing_is_read() -> None:
    """An empty user password opens for everyone; any other does not."""
    data = pdf(["Wash at 30 degrees."])
    assert document("a.pdf", encrypted(data, "")).sections[0].text == "Wash at 30 degrees."
    assert "is encrypted" in rejected("a.pdf", encrypted(data, "secret")).reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "cannot be read"),
        (b"%PDF-1.7\n" + bytes(range(256)) * 40, "cannot be read"),
        (pdf(["Some text."])[:400], "cannot be read"),
        (pdf([]), "has no text, only pictures"),
        (with_stream(b"BT /F1 9 Tf (a) Tj ET", pages=301), "301 pages are more than 300"),
        (with_stream(b"BT ET").replace(b"FlateDecode", b"PlateDecode"), "Unsupported filter"),
    ],
    ids=["empty", "garbage", "cut off", "no text", "pages", "unknown filter"],
)
def test_a_pdf_that_cannot_be_served_says_why(data: bytes, reason: str) -> None:
    """Broken, scanned and endless PDFs are refused with a reason."""
    with Reader() as reader:
        found = reader.read("a.pdf", data, None).rejected
    assert found is not None
    assert reason in found.reason


def test_an_exploding_pdf_is_refused() -> None:
    """Two hundred megabytes of nothing; packed here, for collecting the tests is not the time to."""
    with Reader() as reader:
        found = reader.read("a.pdf", with_stream(b" " * 200_000_000), None).rejected
    assert found is not None
    assert "cannot be read" in found.reason


def test_a_pdf_of_too_much_text_is_refused() -> None:
    """What a few kilobytes unpack to is bounded before it is indexed."""
    line = b"BT /F1 9 Tf (" + b"word " * 2_000 + b") Tj ET\n"
    with Reader() as reader:
        found = reader.read("a.pdf", with_stream(line, pages=200), None).rejected
    assert found is not None
    assert "1,000,000 characters" in found.reason
