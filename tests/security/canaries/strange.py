"""Requests that are wrong, with personal data in every part of them."""

import asyncio
import socket
import time
from typing import Any
from urllib.parse import quote

from tests.security.canaries.talk import Talk, signed


async def bodies(me: Talk) -> None:
    """Unknown fields, wrong types, no JSON, half a character, a name as a field."""
    p = me.person
    said = me.tells("name", "email", "card")
    wrong: tuple[Any, ...] = (
        {"message": said, "customer_email": p.email},
        {"message": said, p.email: p.name},
        {"message": {"text": said, "card": p.card}},
        {"mesage": said},
        {"message": said, "locale": p.email},
        {"message": said, "conversation_id": p.email},
        {"message": said, "client_message_id": p.email},
        {"message": said, "conversation_token": f"{p.email}.guest.99.x"},
        [said, p.iban],
        p.name,
    )
    for body in wrong:
        await me.send("POST", "/v1/chat", json=body)
    kind = {"Content-Type": "application/json"}
    await me.send("POST", "/v1/chat", content=f'{{"message": "{said}'.encode(), headers=kind)
    await me.send("POST", "/v1/chat", content=f'{{"message": "{said} \\ud83d"}}'.encode(), headers=kind)
    await me.send("POST", "/v1/chat", content=said.encode("utf-16"), headers=kind)
    await me.send("POST", "/v1/chat", data={"message": said, "email": p.email})
    await me.send("POST", "/demo/token", json={"customer_id": p.email})
    await me.say(said)


async def addresses(me: Talk) -> None:
    """Paths, query strings, methods and headers."""
    p = me.person
    paths = (
        f"/v1/conversations/{quote(p.email)}",
        f"/v1/conversations/{quote(p.name)}/events?email={quote(p.email)}",
        f"/customers/{quote(p.email)}?card={quote(p.card)}",
        f"/static/{quote(p.name)}.js",
        f"/static/..%2f..%2f{quote(p.email)}",
        f"/console/gaps?cursor={quote(p.email)}",
        f"/console/gaps?status={quote(p.name)}",
        f"/docs?q={quote(p.phone)}",
        f"/health/ready?{quote(p.email)}",
    )
    for path in paths:
        await me.send("GET", path)
        await me.staff("GET", path)
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        await me.send(method, f"/v1/chat?email={quote(p.email)}")
    await me.send("POST", f"/v1/conversations/{quote(p.email)}/feedback", json={"turn_id": p.email})
    await me.staff("POST", f"/console/gaps/{quote(p.email)}", json={"status": p.name, "note": p.iban})
    headers = {
        "traceparent": "00-11111111111111111111111111111111-2222222222222222-01",
        "tracestate": f"user={p.email.replace('@', '_at_')}",
        "baggage": f"email={quote(p.email)},card={quote(p.card)}",
        "Origin": f"https://{p.email.partition('.')[0]}.example",
        "Host": f"{p.email.partition('.')[0]}.example",
    }
    body = {"message": me.tells("name", "email")}
    await me.send("POST", "/v1/chat", json=body, headers=headers)


async def tokens(me: Talk) -> None:
    """Credentials that are none, signed wrongly, too old, or name somebody by their e-mail."""
    p = me.person
    bearers = (
        p.email,
        f"c-{p.email}.guest.1.x",
        signed(p, "another-secret-that-is-quite-long-enough", sub=p.email),
        signed(p, sub=p.email, exp=int(time.time()) - 9),
        signed(p, sub=p.email, phone_number=p.phone),
        signed(p, sub=p.name * 9),
        signed(p, sub=""),
    )
    for bearer in bearers:
        body = {"message": me.tells("name", "email", "address")}
        await me.send("POST", "/v1/chat", json=body, headers={"Authorization": f"Bearer {bearer}"})
        found = {"X-Conversation-Token": bearer, "Last-Event-ID": p.email}
        await me.send("GET", f"/v1/conversations/c-{p.number:024}", headers=found)
    await me.send("GET", "/console/queue", auth=(p.email, p.card))


async def wire(me: Talk) -> None:
    """Bytes that are no HTTP, to the socket itself."""
    p, url = me.person, me.crowd.http.base_url
    for text in (
        f"GET /v1/conversations/{p.email} HTTP/9.9\r\n\r\n",
        f"POST /v1/chat HTTP/1.1\r\nHost: x\r\n{p.name}: {p.email}\r\nContent-Length: x\r\n\r\n{p.card}",
        f"{p.email} {p.card}\r\n\r\n",
        f"POST /v1/chat HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n{me.tells('name', 'card')}",
    ):
        me.shown.append(await asyncio.to_thread(_exchanged, str(url.host), url.port or 80, text.encode()))
    await me.say(me.tells("name"))


def _exchanged(host: str, port: int, data: bytes) -> str:
    """What a server says to these bytes; nothing when it is being killed just now."""
    try:
        with socket.create_connection((host, port), timeout=5) as sock:
            sock.sendall(data)
            sock.shutdown(socket.SHUT_WR)
            return sock.recv(4000).decode("utf-8", "replace")
    except OSError:
        return ""
