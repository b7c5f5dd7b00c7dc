"""Who is at the console's pages, and the forms that come from them."""

import hmac
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from gateway.console.staff import staff
from gateway.problems import Problem

_MOST_FIELDS = 20
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Member:
    """`actor` is their name in the audit log; `csrf` what their forms must bring, empty when nothing."""

    actor: str
    csrf: str = ""


async def keeper(_: Annotated[None, Depends(staff)]) -> Member:
    """Whoever may see, export and erase what is kept of customers.

    The one place where these pages ask who that is.
    """
    return Member(actor="staff:staff")


KeeperOf = Annotated[Member, Depends(keeper)]


async def posted(request: Request, who: KeeperOf) -> dict[str, str]:
    """The fields of a form of ours; of a field that comes twice the last counts.

    Raises:
        Problem: 403 for a form of another site's page or without its token, 415 and 422 for what is none.
    """
    # Browsers say where a form stands; with a password they remember, they would send it for any page.
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise _foreign()
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        detail = f"Send the fields as {_FORM}."
        raise Problem(415, "unsupported-media-type", "Not a form", detail)
    try:
        fields = dict(
            parse_qsl(
                (await request.body()).decode("ascii"), keep_blank_values=True, strict_parsing=True,
                encoding="utf-8", errors="strict", max_num_fields=_MOST_FIELDS,
            )
        )  # fmt: skip
    except ValueError:
        detail = "The body is no form: name=value pairs in percent-encoded UTF-8."
        raise Problem(422, "invalid-form", "Not a form", detail) from None
    if who.csrf and not hmac.compare_digest(fields.get("csrf", "").encode(), who.csrf.encode()):
        raise _foreign()
    return fields


FormOf = Annotated[dict[str, str], Depends(posted)]


def _foreign() -> Problem:
    detail = "This form does not come from a page of this console, or the page is too old; open it again."
    return Problem(403, "foreign-form", "Not our form", detail)
