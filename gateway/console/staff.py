"""Tells staff from everybody else."""

import hmac
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBasic, HTTPBasicCredentials

from gateway.context import DeskOf
from gateway.problems import Problem

_BASIC = HTTPBasic(realm="staff", auto_error=False)


async def staff(
    request: Request, at: DeskOf, given: Annotated[HTTPBasicCredentials | None, Depends(_BASIC)]
) -> None:
    """Let staff pass: user `staff`, the password printed at start. Both outcomes are audited."""
    address = request.client.host if request.client else "local"
    password = given.password if given and given.username == "staff" else ""
    if not hmac.compare_digest(password.encode(), at.staff_password.encode()):
        await at.entries.denied("console", customer="", address=address)
        headers = {"WWW-Authenticate": 'Basic realm="staff"'}
        raise Problem(401, "not-signed-in", "Staff only", "Sign in as staff.", headers=headers)
    await at.entries.staff("staff", address=address)
