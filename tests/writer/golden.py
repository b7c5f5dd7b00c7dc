"""Writes `golden.md`, the replies a reviewer reads: `python -m tests.writer.golden`."""

import asyncio
from pathlib import Path
from typing import Any

from shared.contracts import LANGUAGES, Intent, Language, Said, Topic, WriteReply
from shared.routing.helplines import helplines
from tests.passages import passage
from tests.writer.scene import NAME, VALUES, ask, order_facts, product_facts, topic, writer

FILE = Path(__file__).with_name("golden.md")
_WINDOW = {
    "en": passage("returns", "You can return most items within 30 days of delivery."),
    "fr": passage("returns-fr", "Vous disposez de 30 jours après la livraison.", locale="fr"),
    "es": passage("returns-es", "Tiene 30 días desde la entrega para devolver un artículo.", locale="es"),
}
_WHEN = {"en": "how long to return?", "fr": "quel délai de retour ?", "es": "¿qué plazo de devolución hay?"}
_WATER = {"en": "is it waterproof?", "fr": "elle est imperméable ?", "es": "¿es impermeable?"}
_WEIGHT = {"en": "how heavy is it?", "fr": "elle pèse combien ?", "es": "¿cuánto pesa?"}
_PRICE = {"en": "how much is it?", "fr": "elle coûte combien ?", "es": "¿cuánto cuesta?"}
_TONES = ("neutral", "casual", "formal")
_RETURN = {"number": "1001", "items": "Tern 2 Tent"}
_SPOKEN_OF = (Said(who="bot", text="Tern 2 Tent: $249.00."),)


def scenes(language: Language) -> list[tuple[str, WriteReply]]:
    """What is said of, in which tone; each with its ask."""
    lines = helplines().slots(language)
    place = {"position": "3", "due": "2026-11-21T14:30:00-05:00"}
    minutes = {"wait_from": "5", "wait_to": "15"}
    closed = {"reopens": "2026-11-21T08:00:00-05:00"}
    shipped = topic("order_status.shipped", facts=order_facts(), values={"items": VALUES["items"]})
    delayed = topic("order_status.delayed", facts=order_facts(), values={"items": VALUES["items"]})
    tent = topic("product.answer", Intent.PRODUCT_INQUIRY, facts=product_facts())
    quoted = topic("policy.answer", Intent.RETURN_REQUEST, sources=(_WINDOW[language].id,))
    tones: list[tuple[str, Topic, dict[str, Any]]] = [
        *(("greeting", topic("greeting"), {"register": r}) for r in _TONES),
        ("first reply by name", shipped, {"first_name": NAME}),
        ("order on its way", shipped, {"register": "casual"}),
        ("order late", delayed, {}),
        ("order late, by name", delayed, {"register": "upset", "first_name": NAME}),
        *(("proof of the order", topic("ask.order_proof"), {"register": r}) for r in _TONES),
        ("may I open the return", topic("ask.confirm_return", values=_RETURN), {}),
        ("refund done", topic("action.refund.done", values={**VALUES, "number": "1001"}), {}),
        ("policy quoted", quoted, {"text": _WHEN[language], "passages": (_WINDOW[language],)}),
        ("price asked", tent, {"text": _PRICE[language]}),
        ("detail of the product spoken of", tent, {"text": _WEIGHT[language], "history": _SPOKEN_OF}),
        ("detail the shop does not tell", tent, {"text": _WATER[language], "history": _SPOKEN_OF}),
        ("not known", topic("unknown"), {}),
        ("not known of a product", topic("unknown", Intent.PRODUCT_INQUIRY), {}),
        ("complaint", topic("complaint.ack"), {"register": "upset", "first_name": NAME}),
        ("person asked for", topic("handed_over.asked_for_person", values=place), {}),
        ("person asked for, wait known", topic("handed_over.asked_for_person", values=place | minutes), {}),
        ("person asked for, closed", topic("handed_over.asked_for_person", values=place | closed), {}),
        ("a call offered", topic("handed_over.offer"), {}),
        ("a call wished for", topic("contact.ask_phone"), {}),
        ("where to call is known", topic("contact.phone", values=place), {}),
        ("an e-mail wished for, signed in", topic("contact.email_account", values=place), {}),
        ("writes while waiting", topic("with_person", values=place | minutes), {}),
        ("somebody wants to die", topic("handed_over.self_harm", values=place | lines), {}),
        ("thanks", topic("thanks"), {"register": "casual"}),
    ]  # fmt: skip
    return [
        (f"{name} ({fields.get('register', 'neutral')})", ask(given, language=language, **fields))
        for name, given, fields in tones
    ]


async def page() -> str:
    """Every scene in every language, as Markdown."""
    told = writer()
    lines = [
        "# Replies as written",
        "",
        "Made by `python -m tests.writer.golden`; read it when templates change.",
    ]
    for language in LANGUAGES:
        lines += ["", f"## {language}", "", "| situation (tone) | reply |", "|---|---|"]
        for name, given in scenes(language):
            said = " ".join(s.text for s in (await told.write(given)).sentences)
            lines.append(f"| {name} | {said.replace(NAME, 'Alex').replace('TOKEN_', '')} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    FILE.write_text(asyncio.run(page()), encoding="utf-8")
