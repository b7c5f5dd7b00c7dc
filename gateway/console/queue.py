"""The queue of conversations that wait for a person, as JSON; its page comes with the console."""

import hmac
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from starlette.responses import Response

from gateway.context import DeskOf
from gateway.problems import Problem

router = APIRouter(prefix="/console", tags=["console"])
_BASIC = HTTPBasic(realm="staff", auto_error=False)


def staff(at: DeskOf, given: Annotated[HTTPBasicCredentials | None, Depends(_BASIC)]) -> None:
    """Let staff pass: user `staff`, the password printed at start."""
    password = given.password if given and given.username == "staff" else ""
    if not hmac.compare_digest(password.encode(), at.staff_password.encode()):
        headers = {"WWW-Authenticate": 'Basic realm="staff"'}
        raise Problem(401, "not-signed-in", "Staff only", "Sign in as staff.", headers=headers)


@router.get("", include_in_schema=False, dependencies=[Depends(staff)])
@router.get("/queue", dependencies=[Depends(staff)])
async def queue(at: DeskOf) -> Response:
    """Who waits, the most urgent first; personal values stay tokens here, the ticket shows them."""
    waiting = await at.store.waiting()
    return Response(msgspec.json.encode({"waiting": waiting}), media_type="application/json")
