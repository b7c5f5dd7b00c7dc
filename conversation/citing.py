"""Says where the statements of a reply can be read: in documents, or in fields of the shop's records."""

from collections.abc import Iterable, Mapping, Sequence

from shared.contracts import Citation, Fact, Language, Passage, Sentence

# Who is named by it proves nothing: an entry needs a field that says something of the order or product.
_NAMES = {"number", "title"}
_ORDER: dict[Language, str] = {"en": "Order #{}", "fr": "Commande n° {}", "es": "Pedido n.º {}"}
# What the fields are called. No value of theirs is repeated: some are personal, and the reply says them.
_FIELDS: dict[Language, Mapping[str, str]] = {
    "en": {
        "status": "status", "payment": "payment", "placed_on": "date of the order",
        "shipped_on": "shipping date", "expected_on": "expected delivery", "delivered_on": "delivery date",
        "cancelled_on": "cancellation date", "total": "total", "carrier": "carrier",
        "tracking_number": "tracking number", "ship_to": "delivery address", "refunded": "refunded amount",
        "refunded_on": "refund date", "items": "items", "variants": "price and stock",
        "description": "description", "tags": "marks of the shop",
    },
    "fr": {
        "status": "état", "payment": "paiement", "placed_on": "date de commande",
        "shipped_on": "date d'expédition", "expected_on": "livraison prévue",
        "delivered_on": "date de livraison", "cancelled_on": "date d'annulation", "total": "total",
        "carrier": "transporteur", "tracking_number": "numéro de suivi", "ship_to": "adresse de livraison",
        "refunded": "montant remboursé", "refunded_on": "date de remboursement", "items": "articles",
        "variants": "prix et stock", "description": "description", "tags": "mentions de la boutique",
    },
    "es": {
        "status": "estado", "payment": "pago", "placed_on": "fecha del pedido",
        "shipped_on": "fecha de envío", "expected_on": "entrega prevista", "delivered_on": "fecha de entrega",
        "cancelled_on": "fecha de cancelación", "total": "total", "carrier": "transportista",
        "tracking_number": "número de seguimiento", "ship_to": "dirección de entrega",
        "refunded": "importe reembolsado", "refunded_on": "fecha del reembolso", "items": "artículos",
        "variants": "precio y existencias", "description": "descripción", "tags": "marcas de la tienda",
    },
}  # fmt: skip


def citations(
    sentences: Sequence[Sentence], passages: Sequence[Passage], facts: Sequence[Fact], *, language: Language
) -> tuple[Citation, ...]:
    """One citation per passage or record that a sentence rests on, in the order they are said.

    A passage is cited with the words that stand there, a record of the shop by its fields.
    """
    by_id = {passage.id: passage for passage in passages}
    known = {fact.id: fact.value for fact in facts}
    records: dict[str, list[str]] = {}
    found: dict[str, Citation] = {}
    for sentence in sentences:
        for source in sentence.sources:
            passage = by_id.get(source)
            if passage is not None:
                found.setdefault(source, _quoting(passage, sentence))
            elif source in known and (field := _field(source)):
                record = source.split("/")[0]
                fields = records.setdefault(record, [])
                fields += [field] if field not in fields else []
                found[record] = _of_record(record, fields, known, language)
    return tuple(found.values())


def _quoting(passage: Passage, sentence: Sentence) -> Citation:
    quote = sentence.text if sentence.text in passage.text else passage.text[:300]
    return Citation(source=passage.source, title=passage.title, section=passage.section, quote=quote)


def _of_record(record: str, fields: Iterable[str], known: Mapping[str, str], language: Language) -> Citation:
    kind, _, name = record.partition(":")
    title = known.get(f"{record}/title", name) if kind == "product" else _ORDER[language].format(name)
    words = _FIELDS[language]
    return Citation(
        source=record,
        title=title,
        section=", ".join(words[field] for field in fields),
        quote="",
        fields=tuple(fields),
    )


def _field(source: str) -> str:
    """The field of a record that a fact was read from; empty for what only names the record.

    A product's variants are one field: each is named by its SKU, which tells a customer nothing.
    """
    record, _, name = source.partition("/")
    field = name.split("/")[0]
    if field in _NAMES or not record.startswith(("order:", "product:")):
        return ""
    if record.startswith("product:") and field not in {"description", "tags"}:
        return "variants"
    return field if field in _FIELDS["en"] else ""
