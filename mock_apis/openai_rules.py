"""Answers prompts by simple rules over the data blocks they carry, where a real model would think.

A data block is `<data name="...">`, one line of JSON, `</data>`. What is asked for is told by the
sent schema: `needs` asks for a classification, `sentences` for a reply, `findings` for a verdict.
"""

import json
import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from mock_apis.openai_schema import smallest

Doc = dict[str, Any]
_BLOCK = re.compile(r'<data name="(\w+)">\n(.*)\n</data>')
_ORDER = re.compile(r"#?\b(\d{4,6})\b")


def answer(request: Doc) -> str:
    """What the model says to a chat request."""
    blocks = data_blocks(request)
    form = request.get("response_format") or {}
    if form.get("type") != "json_schema":
        return (
            "{}"
            if form.get("type") == "json_object"
            else "I am a mock model. I follow rules and know nothing."
        )
    schema = form["json_schema"]["schema"]
    asked = set(schema.get("properties", {}))
    if "needs" in asked:
        found = _classification(blocks)
    elif "sentences" in asked:
        found = {"sentences": _reply(blocks)}
    elif "summary" in asked:
        found = {"summary": _summary(blocks)}
    else:
        found = {}
    return json.dumps(smallest(schema) | {k: v for k, v in found.items() if k in asked}, ensure_ascii=False)


def data_blocks(request: Doc) -> Doc:
    """The data blocks of a request's messages by name."""
    texts = [m["content"] for m in request["messages"] if isinstance(m.get("content"), str)]
    return {name: json.loads(body) for text in texts for name, body in _BLOCK.findall(text)}


@cache
def _phrases() -> Doc:
    return tomllib.loads((Path(__file__).parent / "data" / "openai_phrases.toml").read_text("utf-8"))


def folded(text: str) -> str:
    """Lower case without accents and punctuation, in single spaces with one at each end."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return f" {' '.join(letters.split())} "


def _classification(blocks: Doc) -> Doc:
    text = str(blocks.get("message", ""))
    said = folded(text)
    scores = {
        intent: sum(len(w) for w in words if f" {w}" in said)
        for intent, words in _phrases()["intents"].items()
    }
    ranked = sorted((i for i in scores if scores[i]), key=lambda i: -scores[i])
    if not ranked and any(f" {word}" in said for word in _phrases()["weak"]):
        ranked = ["ORDER_STATUS"]
    expected = blocks.get("expected") or {}
    if expected.get("intent") and (not ranked or len(said.split()) <= 3):
        ranked = [expected["intent"], *(i for i in ranked if i != expected["intent"])]
    main = ranked[0] if ranked else "OUT_OF_SCOPE" if len(said.split()) > 3 else "GENERAL_INQUIRY"
    mood = sum(weight for word, weight in _phrases()["moods"].items() if f" {word}" in said)
    score = max(-1.0, min(1.0, mood - (0.3 if text.isupper() else 0.0)))
    return {
        "reasoning": f"The words point to {main}.",
        "needs": [{"intent": main, "confidence": 0.92}],
        "alternatives": [{"intent": intent, "confidence": 0.06} for intent in ranked[1:3]],
        "sentiment": {
            "label": "negative" if score < -0.2 else "positive" if score > 0.2 else "neutral",
            "score": score,
        },
        "language": _language(said, blocks.get("language_prior")),
        "entities": [
            {"kind": "order_number", "text": hit.group(0), "value": hit.group(1)}
            for hit in _ORDER.finditer(re.sub(r"TOKEN_[0-9a-f-]+", lambda m: "x" * len(m.group(0)), text))
        ],
    }


def _language(said: str, prior: str | None) -> str:
    words = said.split()
    counts = {
        code: sum(w in known.split() for w in words) for code, known in _phrases()["language_words"].items()
    }
    best = max(counts, key=lambda language: (counts[language], language == (prior or "en")))
    return best if counts[best] else prior or "en"


def _summary(blocks: Doc) -> str:
    said = [f"The {line['who']} said: {line['text'][:60]}." for line in blocks.get("utterances", [])]
    return " ".join(said[-3:])


def _reply(blocks: Doc) -> list[Doc]:
    language = blocks.get("language", "en")
    facts = {fact["id"]: fact["value"] for fact in blocks.get("facts", [])}
    passages = {passage["id"]: passage for passage in blocks.get("passages", [])}
    told: list[Doc] = []
    if blocks.get("register") == "upset":
        told.append({"text": _phrases()["lines"][language]["upset"], "sources": []})
    for topic in blocks.get("topics", []):
        told.extend(_topic(topic, facts, passages, language))
    return told or [{"text": _phrases()["lines"][language]["unknown"], "sources": []}]


def _topic(topic: Doc, facts: dict[str, str], passages: Doc, language: str) -> list[Doc]:
    told: list[Doc] = []
    goal = str(topic["goal"])
    lines = _phrases()["lines"][language]
    line = lines.get(goal) or lines.get(goal.partition(".")[0])
    if line:
        told.append({"text": line, "sources": []})
    for slot, fact in topic.get("facts", {}).items():
        if fact in facts:
            label = _label(slot.rsplit("/", 1)[-1], language)
            told.append({"text": f"{label}: {facts[fact]}.", "sources": [fact]})
    for slot, value in topic.get("values", {}).items():
        told.append({"text": f"{_label(slot, language)}: {value}.", "sources": []})
    found = [passages[i] for i in topic.get("sources", []) if i in passages]
    best = next((p for p in found if p.get("locale") == language), found[0] if found else None)
    if best:
        first = re.split(r"(?<=[.!?])\s", best["text"].strip().replace("\n", " "))[0]
        told.append({"text": first, "sources": [best["id"]]})
    return told or [{"text": lines["unknown"], "sources": []}]


def _label(slot: str, language: str) -> str:
    name = "items" if re.search(r"\d", slot) else slot  # a number in a label would need a source
    return str(_phrases()["labels"][language].get(name, name.replace("_", " ").capitalize()))
