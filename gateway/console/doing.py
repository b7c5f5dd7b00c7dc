"""Doing something at the shop from a case: a form, what it would do, a yes, and the receipt."""

import re
import secrets
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import RedirectResponse, Response

from gateway.console import doing_forms as forms
from gateway.console import render
from gateway.console.approval_forms import WHY
from gateway.console.asking import CaseId, Speaker, labelled, leads, wrong
from gateway.console.due import due_of
from gateway.console.forms import FormOf
from gateway.console.orders import orders_of
from gateway.console.thread import find_case
from gateway.context import Desk, DeskOf
from gateway.doing import Doing, Wanted
from gateway.problems import Problem
from gateway.staff.guard import HeldOf
from gateway.staff.roles import Member
from gateway.staff.sessions import Held
from shared import contracts as c
from shared.contracts.previews import preview
from shared.errors import DeskError, VaultDown, VendorDown, VendorRefused

router = APIRouter(prefix="/console/cases/{case_id}", include_in_schema=False, route_class=render.PageRoute)
_KEY = re.compile(r"[0-9a-f]{32}")
_NOT_NOW = (
    "This was not done: what it needs does not answer now. Press again in a few seconds; it is done once."
)
Key = Annotated[str, Query(pattern=r"^([0-9a-f]{32})?$")]


@router.get("/do")
async def form(
    at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId, key: Key = "", asked: bool = False
) -> Response:  # fmt: skip
    """The form; after a yes (`key`) what came of it, `asked` when a lead has to decide."""
    case = await find_case(at, case_id)
    done = await _room(at).result(case.conversation_id, key) if key and not asked else None
    return await _page(at, who, session, case, key=key, asked=asked, done=done)


@router.post("/do")
async def do(at: DeskOf, who: Speaker, session: HeldOf, case_id: CaseId, form: FormOf) -> Response:
    """`step` is change, preview or confirm; a confirmation says what was shown, and its `key` makes it one.

    Whatever goes wrong, what was typed comes back.
    """
    case, doing = await find_case(at, case_id), _room(at)
    if form.get("step") == "change":
        return await _page(at, who, session, case, typed=form)
    try:
        _theirs(case, who)
        wanted = await _wanted(at, case, form)
    except (Problem, DeskError) as error:
        trouble = labelled(str(error), forms.LABELS) if isinstance(error, Problem) else _NOT_NOW
        status = render.problem_of(error).status
        return await _page(at, who, session, case, wrong=trouble, typed=form, status=status)
    shown = preview(wanted.action, _titles(wanted.order), "en")
    needs = [WHY.get(each, each) for each in doing.beyond(wanted, who)]
    if form.get("step") != "confirm":
        return await _page(at, who, session, case, typed=form, shown=shown, why=needs, key=wanted.key)
    if form.get("shown") != shown:
        detail = "The order has changed since this was shown; look at it again."
        return await _page(at, who, session, case, wrong=detail, typed=form, status=409)
    deed = f"{case.id} {wanted.action.kind} {wanted.action.order_number}".strip()
    try:
        await at.entries.did(who.actor, "action_taken", deed, conversation_id=case.conversation_id)
        why = await doing.do(wanted, who)
    except DeskError as error:
        return await _page(
            at, who, session, case, shown=shown, down=_NOT_NOW, typed=form, why=needs, key=wanted.key,
            status=render.problem_of(error).status,
        )  # fmt: skip
    more = "&asked=true" if why else ""
    return RedirectResponse(f"/console/cases/{case.id}/do?key={wanted.key}{more}", 303)


async def _wanted(at: Desk, case: c.Case, form: dict[str, str]) -> Wanted:
    state = await at.store.load(case.conversation_id) or c.ConversationState()
    kind = forms.read_kind(form)
    if kind == "loyalty" and not state.customer:
        raise wrong("kind", "points are of an account, and this customer is not signed in")
    order = forms.read_order(form, await _orders(at, case, state), kind)
    address, reason = [await _tokens(at, case, state, form.get(name, "")) for name in ("address", "reason")]
    key = form.get("key", "")
    action = forms.read_action(form, order, _room(at).rules, address=address, reason=reason[:200])
    return Wanted(
        action=action,
        order=order,
        case=case,
        customer=state.customer,
        language=state.language or "en",
        key=key if _KEY.fullmatch(key) else secrets.token_hex(16),
        variant=await _variant(at, action, order),
    )


async def _variant(at: Desk, action: c.Action, order: c.Order | None) -> c.Variant | None:
    """What an exchange sends: another form of the same product, as a customer may choose it themselves."""
    if not isinstance(action, c.Exchange) or order is None:
        return None
    title = next((item.title for item in order.items if item.sku == action.item), "")
    found = await at.intake.shop.products(title)
    return next((each for one in found for each in one.variants if each.sku == action.wanted), None)


async def _tokens(at: Desk, case: c.Case, state: c.ConversationState, text: str) -> str:
    """What staff wrote, tokenized; it may be nothing."""
    if not text.strip():
        return ""
    said = await at.intake.said_by_staff(text, conversation_id=case.conversation_id, customer=state.customer)
    return said.text


async def _orders(at: Desk, case: c.Case, state: c.ConversationState | None) -> Sequence[c.Order]:
    return await orders_of(at, state, case.conversation_id) if state else ()


def _room(at: Desk) -> Doing:
    if at.doing is None:
        raise Problem(404, "not-found", "Not found", "This gateway was started without actions of staff.")
    return at.doing


def _theirs(case: c.Case, who: Member) -> None:
    if case.owner != who.actor and not leads(who):
        detail = "Take the case first: who does something at the shop is the one who speaks to the customer."
        raise Problem(409, "not-yours", "Not your case", detail)


def _titles(order: c.Order | None) -> dict[str, str]:
    return {item.sku: item.title for item in order.items} if order else {}


def _about(case: c.Case) -> str:
    """The order that the case is about, by what the bot looked up; empty where it was none."""
    found = (
        fact.id[6:].partition("/")[0] for fact in case.hand_over.packet.facts if fact.id.startswith("order:")
    )
    return next(found, "")


async def _page(
    at: Desk, who: Member, session: Held | None, case: c.Case, *, wrong: str = "", shown: str = "",
    typed: dict[str, str] | None = None, why: Sequence[str] = (), key: str = "", asked: bool = False,
    done: c.TurnFinished | None = None, down: str = "", status: int = 200,
) -> Response:  # fmt: skip
    orders: Sequence[c.Order] = ()
    try:
        state = await at.store.load(case.conversation_id)
        orders = await _orders(at, case, state)
    except (VendorDown, VendorRefused, VaultDown):
        down = "The shop does not answer now; try again in a minute."
    return render.html(
        "doing.html", status=status, me=who, due=await due_of(at, who), case=case,
        csrf=session.csrf if session else "",
        choices=forms.KINDS, orders=orders, about=_about(case), down=down, wrong=wrong, shown=shown,
        typed=typed or {}, why=why, key=key, asked=asked, done=done,
        theirs=case.owner == who.actor or leads(who),
    )  # fmt: skip
