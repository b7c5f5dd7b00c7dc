"""Numbers named by `let`, for a translator that wants them written."""

import pytest

from mock_apis.insights_constants import with_constants


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("let most = 20; T | take most", "let most = 20; T | take 20"),
        ("// of all\nlet n = 5;\nT\n| top n by x", "// of all\nlet n = 5;\nT\n| top 5 by x"),
        ("let a = 1; let b = 2; T | limit b | take a", "let a = 1; let b = 2; T | limit 2 | take 1"),
    ],
)
def test_numbers_are_written(query: str, meant: str) -> None:
    """After each of the operators that want one."""
    assert with_constants(query) == meant


@pytest.mark.parametrize(
    "query",
    [
        "T | take most",
        "let most = 20; print '| take most' // | take most",
        "print 'let most = 20;' | take most",
        'let most = "20"; T | take most',
        "let most = 20; T | where x == most",
    ],
)
def test_what_is_none_stays(query: str) -> None:
    """Other names, texts, comments, and the same name elsewhere."""
    assert with_constants(query) == query
