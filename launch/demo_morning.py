"""`python -m launch demo-morning` lets the demo shop's customers write in: staff find a morning's work.

It goes through the running shop's own doors, as customers and one member of staff do: what staff then see was
understood, routed and promised by the product itself, and nothing is put into a store that could not happen.
"""

import argparse
import asyncio
import hashlib
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, Literal

import httpx
import msgspec
import uvloop

from gateway.staff.members import Account, Members
from shared.contracts import Language
from shared.errors import SettingsError
from shared.ports import Deed
from shared.settings import Settings, read_settings
from shared.wiring import open_services

COLLEAGUE = "robin"
"""Who of staff has begun work already: an agent's account of its own, so that nobody's password is needed."""
_FILE = Path(__file__).with_suffix(".toml")
_SECONDS = 60.0
"""The first question of a cold shop loads its models."""
_LOOK_SECONDS = 0.1
_TOLD = {"claim", "say", "close"}
"""What the customer hears of."""
_GONE_ON = {HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND}
"""How the shop answers a first message again, once its conversation went on: the token is not told twice."""


class Act(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What Robin does to a case."""

    do: Literal["claim", "say", "note", "follow_up", "close"]
    text: str = ""


class Talk(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One conversation of the morning; `customer` is the first name of a demo customer, empty for a guest."""

    key: str
    customer: str
    locale: Language
    say: tuple[str, ...]
    thumb: Literal["", "up", "down"] = ""
    staff: tuple[Act, ...] = ()


@dataclass(frozen=True)
class Done:
    """What became of a conversation: the last answer's status and its queue, or that it was there."""

    talk: Talk
    status: str
    queue: str = ""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    parser.description = (
        "Give the running demo shop a morning: about a dozen conversations that wait, are being answered, "
        "ask for a decision or are over. Run it beside `launch all` with the same PORT and DATA_DIR; "
        "a second run makes no second morning. Exit code 0: done; 2: no demo shop, or it does not answer."
    )


def run(_: argparse.Namespace) -> int:
    """The exit code."""
    return uvloop.run(_run(read_settings()))


def talks() -> Sequence[Talk]:
    """The morning's conversations, in the order in which they come in."""
    return msgspec.convert(tomllib.loads(_FILE.read_text("utf-8"))["conversation"], tuple[Talk, ...])


def refuse_real(settings: Settings) -> None:
    """Raises `SettingsError` where real customers or a real helpdesk could hear of it."""
    vendors = (("COMMERCE_URL", settings.commerce_url), ("HELPDESK_URL", settings.helpdesk_url))
    for name, value in vendors:
        if not value.startswith("mock://"):
            raise SettingsError(f"{name}={value!r}: a demo morning is for the demo shop only; unset it")
    if not settings.demo:
        raise SettingsError("DEMO=false: a demo morning needs the demo's customers; set DEMO=true")


async def _run(settings: Settings) -> int:
    refuse_real(settings)
    host = settings.host if settings.host not in {"0.0.0.0", "::"} else "127.0.0.1"  # noqa: S104
    url = f"http://{host}:{settings.port}"
    async with httpx.AsyncClient(base_url=url, timeout=_SECONDS, trust_env=False) as http:
        tokens = await _tokens(http)  # before an account is made for what is no demo shop
        account = await _colleague(settings)
        morning = Morning(http, tokens, (account.member.name, account.password))
        await morning.sign_in()
        for talk in talks():
            done = await morning.hold(talk)
            print(f"  {talk.key:<12} {talk.locale}  {done.status}{f' · {done.queue}' if done.queue else ''}")
    print(f"\ndemo morning: {url}/console has it. {COLLEAGUE} (agent) signs in with {account.password}")
    print("  The password is shown this once.")
    return 0


@dataclass(frozen=True)
class Morning:
    """The demo's people at the doors of a running shop. `tokens` are customer tokens by first name."""

    http: httpx.AsyncClient
    tokens: dict[str, str]
    robin: tuple[str, str]

    async def sign_in(self) -> None:
        """Raises `SettingsError` when the shop does not know the colleague: it keeps another DATA_DIR."""
        answer = await self.http.get("/staff/me", auth=self.robin)
        if answer.is_error:
            raise SettingsError(
                f"DATA_DIR: the shop at {self.http.base_url} answers {answer.status_code} to an account just "
                "made here; start both with the same PORT and DATA_DIR"
            )

    async def hold(self, talk: Talk) -> Done:
        """One conversation, and what Robin does about it."""
        answer: dict[str, Any] = {}
        for number, words in enumerate(talk.say):
            said = await self._said(talk, words, number, after=answer)
            if said is None:
                return Done(talk, "there already")
            answer = said
        waits = answer.get("escalation") or {}
        for act in talk.staff:
            if not await self._did(talk, act, waits.get("id", ""), answer["conversation_id"]):
                return Done(talk, "there already")
        if talk.thumb:
            await self._rate(talk, answer)
        return Done(talk, answer["status"], waits.get("queue", ""))

    async def _rate(self, talk: Talk, answer: dict[str, Any]) -> None:
        """A thumb on the last thing that the customer heard, once all that Robin did has come through."""
        path = f"/v1/conversations/{answer['conversation_id']}"
        headers = self._headers(talk, answer)
        told = [act for act in talk.staff if act.do in _TOLD]
        async with asyncio.timeout(_SECONDS):
            while True:
                heard = _good(await self.http.get(path, headers=headers)).json()["messages"]
                if sum(line["turn_id"].startswith("s-") for line in heard) >= len(told):
                    break
                await asyncio.sleep(_LOOK_SECONDS)
        body = {"turn_id": heard[-1]["turn_id"], "rating": talk.thumb}
        _good(await self.http.post(f"{path}/feedback", json=body, headers=headers))

    async def _said(
        self, talk: Talk, words: str, number: int, *, after: dict[str, Any]
    ) -> dict[str, Any] | None:
        """The answer; None when an earlier run has gone on here."""
        body = {
            "message": words,
            "locale": talk.locale,
            "client_message_id": f"demo-morning-{talk.key}-{number}",
        }
        if after:
            body["conversation_id"] = after["conversation_id"]
        answer = await self.http.post("/v1/chat", json=body, headers=self._headers(talk, after))
        if answer.status_code in _GONE_ON:
            return None
        found: dict[str, Any] = _good(answer).json()
        if answer.status_code == HTTPStatus.ACCEPTED:
            raise SettingsError(f"{talk.key}: the shop is still at work on its answer; run this again")
        return found

    def _headers(self, talk: Talk, after: dict[str, Any]) -> dict[str, str]:
        found = {"Authorization": f"Bearer {self.tokens[talk.customer]}"} if talk.customer else {}
        return found | ({"X-Conversation-Token": after["conversation_token"]} if after else {})

    async def _did(self, talk: Talk, act: Act, case_id: str, conversation_id: str) -> bool:
        """Whether it could be done: what an earlier run did, or somebody since, is left as it is."""
        digest = hashlib.sha256(f"{talk.key}.{act.do}".encode()).hexdigest()[:32]
        if act.do == "follow_up":
            now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M")
            form = {"title": act.text, "due": now, "zone": "UTC", "key": digest}
            form |= {"conversation_id": conversation_id}
            _good(await self.http.post("/console/tasks", data=form, auth=self.robin))
            return True
        form = {"text": act.text, "turn_id": f"s-{digest}", "outcome": "solved", "resolution": act.text}
        answer = await self.http.post(f"/console/cases/{case_id}/{act.do}", data=form, auth=self.robin)
        if act.do == "claim" and answer.status_code == HTTPStatus.CONFLICT:
            return False
        _good(answer)
        return True


async def _tokens(http: httpx.AsyncClient) -> dict[str, str]:
    """A token for each demo customer, by first name. Raises `SettingsError` when there is no demo shop."""
    try:
        listed = await http.get("/demo/customers")
    except httpx.TransportError as error:
        raise SettingsError(
            f"PORT: nothing answers at {http.base_url}; start `python -m launch all` with the same PORT first"
        ) from error
    if listed.status_code == HTTPStatus.NOT_FOUND:
        raise SettingsError(f"PORT: what answers at {http.base_url} is not the demo shop (DEMO=true)")
    found = {}
    for each in _good(listed).json()["customers"]:
        token = await http.post("/demo/token", json={"customer_id": each["id"]})
        found[each["name"].split()[0]] = _good(token).json()["token"]
    return found


async def _colleague(settings: Settings) -> Account:
    """Robin's account with a new password, as `launch staff add` and `launch staff reset` make one."""
    async with open_services(settings, actor="command:demo-morning") as services:
        await services.vault()  # whose key the audit's is made of
        store = await services.staff()
        there = await store.named(COLLEAGUE) is not None
        what = f"reset {COLLEAGUE}" if there else "add somebody as agent"
        await (await services.audit()).write(Deed(action="staff_changed", purpose=what))
        members = Members(store)
        if there:
            return await members.reset(COLLEAGUE)
        return await members.add(COLLEAGUE, "agent", COLLEAGUE.capitalize())


def _good(answer: httpx.Response) -> httpx.Response:
    """Raises `SettingsError` with what the shop says is wrong."""
    if answer.is_error:
        said = f"{answer.status_code} {answer.text[:300]}"
        raise SettingsError(f"{answer.request.method} {answer.request.url.path}: {said}")
    return answer
