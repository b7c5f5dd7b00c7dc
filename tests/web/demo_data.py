"""Two customers with orders and two products for the demo shop's page under test."""

from __future__ import annotations

CUSTOMERS = [
    {
        "id": "1",
        "name": "Ana García",
        "email": "ana.garcia@example.com",
        "locale": "es",
        "orders": [
            {
                "number": "#1001",
                "status": "shipped",
                "placed": "2026-11-16",
                "items": [{"title": "Cairn Mid Boot", "quantity": 1}],
                "total": "149.00",
                "currency": "USD",
            }
        ],
    },
    {
        "id": "2",
        "name": "Emma Johnson",
        "email": "emma.johnson@example.com",
        "locale": "en",
        "orders": [
            {
                "number": "#1007",
                "status": "out_for_delivery",
                "placed": "2026-11-18",
                "items": [
                    {"title": "Hearth Down Jacket", "quantity": 1},
                    {"title": "Driftwood Beanie", "quantity": 2},
                ],
                "total": "247.00",
                "currency": "USD",
            }
        ],
    },
]
PRODUCTS = [
    {
        "handle": "tern-2-tent",
        "title": "Tern 2 Tent",
        "category": "Tents",
        "price": "249.00",
        "description": "Freestanding two-person tent for three seasons.",
    },
    {
        "handle": "drift-22-daypack",
        "title": "Drift 22 Daypack",
        "category": "Packs",
        "price": "79.00",
        "description": "A daypack for long days.",
    },
]
