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
_ORDER = re.compile(r"(?<!\bin )#?\b(\d{4,6})\b")
_NAME = re.compile(r"\b[A-Z][\w'’-]+(?: (?:[A-Z][\w'’-]+|\d+[KL]?))+")
_TOKEN = re.compile(r"TOKEN_[0-9a-f-]+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-ÖØ-Þ¿¡])")
_ISO = re.compile(r"^(\d{4})-(\d\d)-(\d\d)$")
_SLOT = re.compile(r"\{(\w+)\}")
_MOST_SENTENCES = 3


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
    ranked = _intents(text)
    earlier = [line["text"] for line in blocks.get("history") or [] if line["who"] == "customer"]
    before = next((found[0] for line in reversed(earlier) if (found := _intents(line))), "")
    expected = (blocks.get("expected") or {}).get("intent")
    short = len(said.split()) <= 3
    if expected and (not ranked or short):
        ranked = [expected, *(i for i in ranked if i != expected)]
    elif before and not ranked and (len(said.split()) <= 8 or _has(said, "goes_on")):
        ranked = [before]
    elif not ranked and _has(said, "weak"):
        ranked = ["ORDER_STATUS"]
    vague = not ranked and "?" not in text and not _has(said, "ours")
    main = ranked or (["GENERAL_INQUIRY"] if vague or _has(said, "ours") else ["OUT_OF_SCOPE"])
    needs = main[:2] if len(_clauses(text)) > 1 else main[:1]
    score = _mood(text, said)
    return {
        "reasoning": f"The words point to {main[0]}.",
        "needs": [{"intent": intent, "confidence": 0.3 if vague else 0.92} for intent in needs],
        "alternatives": [{"intent": intent, "confidence": 0.06} for intent in main[len(needs) : 3]],
        "sentiment": {
            "label": "negative" if score < -0.2 else "positive" if score > 0.2 else "neutral",
            "score": score,
        },
        "language": _language(text, blocks.get("language_prior")),
        "entities": _entities(text),
    }


def _clauses(text: str) -> list[str]:
    """What is said, without what is said not to be wanted."""
    parts = [part for part in re.split(r"[.?!;:,\n]+", text) if part.strip()]
    wanted = [part for part in parts if not _has(folded(part), "unwanted")]
    return wanted or parts


def _intents(text: str) -> list[str]:
    """The intents the words point to, each once: what can be acted on before moods and small talk."""
    found: list[str] = []
    for clause in _clauses(text):
        said = folded(clause)
        scores = {
            intent: sum(len(word) for word in words if f" {word}" in said)
            for intent, words in _phrases()["intents"].items()
        }
        best = max(scores, key=lambda intent: scores[intent])
        if scores[best] and best not in found:
            found.append(best)
    idle = _phrases()["idle"]
    return sorted(found, key=lambda intent: idle.index(intent) if intent in idle else -1) if found else []


def _has(said: str, name: str) -> bool:
    return any(f" {word}" in said for word in _phrases()[name])


def _mood(text: str, said: str) -> float:
    mood: float = sum(weight for word, weight in _phrases()["moods"].items() if f" {word}" in said)
    return max(-1.0, min(1.0, mood - (0.3 if text.isupper() else 0.0)))


def _entities(text: str) -> list[Doc]:
    plain = _TOKEN.sub(lambda m: "x" * len(m.group(0)), text)
    orders = [{"kind": "order_number", "text": hit[0], "value": hit[1]} for hit in _ORDER.finditer(plain)]
    names = [{"kind": "product", "text": hit[0], "value": hit[0]} for hit in _NAME.finditer(plain)]
    return orders + [name for name in names if not _has(folded(name["text"]), "no_products")]


def _language(text: str, prior: str | None) -> str:
    if re.search("[¿¡]", text):
        return "es"
    words = folded(text).split()
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
    passages = {passage["id"]: passage for passage in blocks.get("passages", [])}
    facts = {fact["id"]: fact["value"] for fact in blocks.get("facts", [])}
    earlier = [line["text"] for line in blocks.get("history") or [] if line["who"] == "customer"]
    asked = str(blocks.get("message", ""))
    if len(asked.split()) <= 8:
        asked = " ".join([*earlier[-1:], asked])
    told: list[Doc] = []
    if blocks.get("register") == "upset":
        told.append({"text": _phrases()["lines"][language]["upset"], "sources": []})
    for topic in blocks.get("topics", []):
        told.extend(_topic(topic, facts, language))
        found = [passages[i] for i in topic.get("sources", []) if i in passages]
        told.extend(_quoted(asked, found, language))
    return told or [{"text": _phrases()["lines"][language]["unknown"], "sources": []}]


def _topic(topic: Doc, facts: dict[str, str], language: str) -> list[Doc]:
    """The sentences of the topic's goal whose slots are all known; without any, each fact with a label."""
    goal = str(topic["goal"])
    sources = {slot: fact for slot, fact in topic.get("facts", {}).items() if fact in facts}
    values = {slot: _spoken(slot, facts[fact], language) for slot, fact in sources.items()}
    values |= {slot: _spoken(slot, value, language) for slot, value in topic.get("values", {}).items()}
    lines = _phrases()["lines"][language]
    line = lines.get(goal) or lines.get(goal.partition(".")[0]) or []
    told = []
    for sentence in [line] if isinstance(line, str) else line:
        slots = _SLOT.findall(sentence)
        if all(slot in values for slot in slots):
            cited = [sources[slot] for slot in slots if slot in sources]
            told.append({"text": sentence.format(**values), "sources": list(dict.fromkeys(cited))})
    if told or topic.get("sources"):
        return told
    labels = _phrases()["labels"][language]
    return [
        {
            "text": f"{labels.get(slot) or slot.replace('_', ' ').capitalize()}: {values[slot]}.",
            "sources": [fact],
        }
        for slot, fact in sources.items()
    ] or [{"text": lines["unknown"], "sources": []}]


def _quoted(asked: str, passages: list[Doc], language: str) -> list[Doc]:
    """The sentences of the passages that share most words with the question, in the order they stand."""
    own = [p for p in passages if p.get("locale") == language] or passages
    wanted, number = _stems(asked), 1.5 if _has(folded(asked), "asks_number") else 0.4
    ranked: list[tuple[float, int, str, str]] = []
    for passage in own:
        title = len(wanted & _stems(f"{passage.get('title', '')} {passage.get('section', '')}"))
        for text in _SENTENCE.split(passage["text"].replace("\n", " ").strip()):
            shared = len(wanted & _stems(text)) + 0.5 * title + number * bool(re.search(r"\d", text))
            ranked.append((shared, -len(ranked), text, passage["id"]))
    ranked.sort(reverse=True)
    enough = 0.4 * ranked[0][0] if ranked else 0.0
    best = sorted((row for row in ranked[:_MOST_SENTENCES] if row[0] >= enough), key=lambda row: -row[1])
    return [{"text": text, "sources": [source]} for _, _, text, source in best]


def _stems(text: str) -> set[str]:
    return {w[:4] for w in folded(text).split() if len(w) > 3 or w.isdigit()} - {
        w[:4] for w in _phrases()["stop_stems"]
    }


def _spoken(slot: str, value: str, language: str) -> str:
    """A value as people of this language say it: days with the month's name, of a price the amount."""
    if day := _ISO.match(value):
        month = _phrases()["months"][language].split()[int(day[2]) - 1]
        form = {"en": "{month} {day}", "fr": "{day} {month}", "es": "{day} de {month}"}[language]
        return form.format(month=month, day=int(day[3]))
    if slot == "price" and (amount := re.search(r"\d+\.\d\d [A-Z]{3}", value)):
        return amount[0]
    return value.replace("_", " ") if slot == "status" else value
