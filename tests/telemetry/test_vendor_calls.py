"""What a trace says of a vendor's call: its path without ids, and an outcome only when there was one."""

import httpx
import pytest

from shared import telemetry
from shared.adapters.vendor_http import exchange
from shared.errors import VendorDown
from tests.telemetry.recorded import recording

TICKET = "/api/v2/tickets/35436/comments.json?page=2"


@pytest.mark.parametrize(("status", "outcome"), [(200, "answered"), (404, "answered"), (503, None)])
async def test_a_call_is_named_without_ids_and_failed_where_it_did(status: int, outcome: str | None) -> None:
    """Ids would make a name of each call; a server's trouble is no answer."""
    transport = httpx.MockTransport(lambda _: httpx.Response(status, json={}))
    async with httpx.AsyncClient(transport=transport, base_url="http://helpdesk") as client:
        with recording() as recorded, telemetry.root("turn", agent="escalation"):
            try:
                await exchange(client, "GET", TICKET, vendor="zendesk")
            except VendorDown:
                assert outcome is None
    call = recorded.spans[0]
    assert call.name == "call zendesk"
    assert call.attributes["action"] == "GET /api/v2/tickets/{id}/comments.json"
    assert call.attributes["agent"] == "escalation"
    assert call.attributes["code"] == status
    assert call.attributes.get("outcome") == outcome
    assert call.error == ("" if outcome else "VendorDown")
