"""A person's rights in the console: what is kept of a customer, as a file, and gone with a receipt."""

import asyncio
import re
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path
from starlette.responses import RedirectResponse, Response

from gateway.console.due import due_of
from gateway.console.forms import FormOf, described
from gateway.console.privacy_rows import requests_of
from gateway.context import DeskOf
from gateway.problems import Problem
from gateway.rights import files
from gateway.rights.context import PURPOSES, Purpose, Rights
from gateway.rights.erasing import erase
from gateway.rights.exporting import gather, overview
from gateway.rights.page import html_file, json_file, templates
from gateway.staff.guard import HeldOf, requires
from gateway.staff.roles import Member, Permission
from gateway.ways import console_ways
from shared.errors import DeskError


@dataclass(frozen=True)
class Keeper:
    """Who of staff looks after a person's rights; `csrf` is what the forms of their session bring."""

    member: Member
    csrf: str


async def keeper(member: Annotated[Member, Depends(requires(Permission.RIGHTS))], session: HeldOf) -> Keeper:
    """Whoever may see, export and erase what is kept of customers."""
    return Keeper(member, session.csrf if session else "")


KeeperOf = Annotated[Keeper, Depends(keeper)]
router = APIRouter(prefix="/console/customers", tags=["console"], dependencies=[Depends(keeper)])
_LONGEST_ID = 200
_FILE = r"^[0-9a-f]{16}-[0-9T+-]{10,30}-[0-9a-f]{4}\.json$"
HEADERS = {"Cache-Control": "no-store"}
_MAKERS = {"json": (json_file, "application/json"), "html": (html_file, "text/html; charset=utf-8")}


async def _rights(at: DeskOf) -> Rights:
    if at.rights is None:
        raise Problem(404, "not-found", "Not found", "This gateway was started without the customers' pages.")
    return at.rights


RightsOf = Annotated[Rights, Depends(_rights)]


@router.get("")
async def start(who: KeeperOf, at: DeskOf) -> Response:
    """Where a customer is looked up, with what the shop asks for customers' privacy.

    Their id never stands in an address, which proxies write down.
    """
    return _page(
        "customers.html",
        who,
        customer="",
        found=None,
        requests=await requests_of(at),
        due=await due_of(at, who.member),
    )


@router.post("", openapi_extra=described("customer"))
async def show(form: FormOf, who: KeeperOf, rights: RightsOf) -> Response:
    """What is kept of a customer, by store, as counts; nothing is opened."""
    return await _shown(form.get("customer", ""), who, rights)


@router.post("/export", openapi_extra=described("customer", "format", "purpose"))
async def export(form: FormOf, who: KeeperOf, rights: RightsOf) -> Response:
    """Everything that is kept, opened, as a file to save: `format` is json or html."""
    customer, purpose = _customer(form.get("customer", "")), _purpose(form)
    return await file_of(rights, customer, form.get("format", ""), who=who, purpose=purpose)


async def file_of(rights: Rights, customer: str, kind: str, *, who: Keeper, purpose: Purpose) -> Response:
    """The export as a file to save; `kind` is json or html. Raises `Problem` for others, or a `DeskError`."""
    if kind not in _MAKERS:
        raise Problem(422, "invalid-field", "Invalid request", f"format: {kind[:20]!r} is not json or html")
    found = await gather(rights, customer, actor=who.member.actor, purpose=purpose)
    make, media_type = _MAKERS[kind]
    body = await asyncio.to_thread(make, found)
    name = f"export-{found['pseudonym_in_audit'].partition(':')[2]}.{kind}"
    saved = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, headers=HEADERS | saved, media_type=media_type)


@router.post("/erase", openapi_extra=described("customer", "confirm", "purpose"))
async def forget(form: FormOf, who: KeeperOf, rights: RightsOf, at: DeskOf) -> Response:
    """Remove all of it, when the customer's id was typed again; leads to the receipt."""
    customer, purpose = _customer(form.get("customer", "")), _purpose(form)
    if form.get("confirm", "").strip() != customer:
        wrong = "Nothing was erased: what you typed is not the customer's id."
        return await _shown(customer, who, rights, wrong=wrong, status=422)
    at.intake.forget(customer)
    try:
        _, path = await erase(rights, customer, actor=who.member.actor, purpose=purpose)
    except DeskError as error:
        wrong = f"Not finished, and there is no receipt yet: {error}. Erase again to go on where it stopped."
        return _page("customers.html", who, customer=customer, found=None, wrong=wrong, status=503)
    return RedirectResponse(f"receipts/{path.name}", 303, headers=HEADERS)


@router.get("/receipts")
async def receipts(who: KeeperOf, rights: RightsOf) -> Response:
    """The receipts of erasures, the newest first, each checked against our key."""
    filed = await asyncio.to_thread(files.receipts, rights)
    return _page("receipts.html", who, filed=filed)


@router.get("/receipts/{name}")
async def receipt(
    name: Annotated[str, Path(pattern=_FILE, max_length=80)], who: KeeperOf, rights: RightsOf
) -> Response:
    """One receipt, store by store."""
    return _page("receipt.html", who, filed=await _filed(rights, name))


@router.get("/receipts/{name}/file")
async def receipt_file(
    name: Annotated[str, Path(pattern=_FILE, max_length=80)], rights: RightsOf
) -> Response:
    """The receipt as it was signed; `python -m launch erase --verify FILE` checks it."""
    filed = await _filed(rights, name)
    body = msgspec.json.format(msgspec.json.encode(filed.receipt), indent=2) + b"\n"
    saved = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, headers=HEADERS | saved, media_type="application/json")


async def _filed(rights: Rights, name: str) -> files.Filed:
    filed = await asyncio.to_thread(files.receipt, rights, name)
    if filed is None or filed.receipt is None:
        raise Problem(
            404, "not-found", "Not found", "There is no such receipt; /console/customers/receipts lists them."
        )
    return filed


async def _shown(given: str, who: Keeper, rights: Rights, *, wrong: str = "", status: int = 200) -> Response:
    customer = _customer(given)
    found = await overview(rights, customer)
    return _page("customers.html", who, customer=customer, found=found, wrong=wrong, status=status)


def _customer(given: str) -> str:
    customer = given.strip()
    if not customer or len(customer) > _LONGEST_ID or re.search(r"[\x00-\x1f\x7f]", customer):
        detail = (
            f"customer: has {len(customer)} characters; a customer's id has 1 to {_LONGEST_ID} printable ones"
        )
        raise Problem(422, "invalid-field", "Invalid request", detail)
    return customer


def _purpose(form: dict[str, str]) -> Purpose:
    purpose = form.get("purpose", "")
    if purpose not in PURPOSES:
        detail = f"purpose: {purpose[:20]!r} is not one of {', '.join(PURPOSES)}"
        raise Problem(422, "invalid-field", "Invalid request", detail)
    return purpose


def _page(template: str, who: Keeper, *, status: int = 200, **values: Any) -> Response:
    known = {
        "wrong": "",
        "requests": (),
        "csrf": who.csrf,
        "who": who.member,
        "ways": console_ways(who.member),
    }
    body = templates().get_template(template).render(known | {"purposes": PURPOSES} | values)
    return Response(body.encode("utf-8", "replace"), status, headers=HEADERS, media_type="text/html")
