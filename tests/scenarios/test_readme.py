"""The README's commands do what it says."""

import json
import re
import shlex

from tests.shop import ROOT, Shop


def test_the_curl_of_the_readme_is_answered_with_a_citation(shop: Shop) -> None:
    """The first request a newcomer sends."""
    text = (ROOT / "README.md").read_text("utf-8")
    command = next(block for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) if "curl" in block)
    words = shlex.split(command)
    url = next(word for word in words if word.startswith("http://127.0.0.1:8080"))
    body = json.loads(words[words.index("-d") + 1])
    answer = shop.http.post(url.removeprefix("http://127.0.0.1:8080"), json=body).json()
    assert answer["status"] == "answered"
    assert "30" in answer["reply"]
    assert answer["citations"]
    assert answer["conversation_token"]


def test_every_make_target_of_the_readme_exists() -> None:
    """No command that is not there."""
    text = (ROOT / "README.md").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)$", text, re.MULTILINE)) <= targets
    for path in re.findall(r"\]\(([\w/.]+\.md)\)", text):
        assert (ROOT / path).is_file(), path
    for path in re.findall(r"`(tests/[\w/.]+)`", text):
        assert (ROOT / path).exists(), path
