"""The forms of the console's pages, read strictly; whether they are ours is the staff guard's question."""

from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import Depends, Request

from gateway.console.asking import wrong
from gateway.problems import Problem
from gateway.staff.forgery import parsed

_MOST_FIELDS = 20
_FORM = "application/x-www-form-urlencoded"


async def posted(request: Request) -> dict[str, str]:
    """The fields of a form; of a field that comes twice the last counts.

    Raises:
        Problem: 415 and 422 for what is no form.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        detail = f"Send the fields as {_FORM}."
        raise Problem(415, "unsupported-media-type", "Not a form", detail)
    try:
        return await parsed((await request.body()).decode("ascii"), most=_MOST_FIELDS, strict=True)
    except ValueError:
        detail = "The body is no form: name=value pairs in percent-encoded UTF-8."
        raise Problem(422, "invalid-form", "Not a form", detail) from None


def pairs_in(given: str, *, most: int, field: str) -> list[tuple[str, str]]:
    """The fields of a query in which some come often; `field` is what to call it.

    Raises:
        Problem: 422 for more than `most` fields.
    """
    try:
        return parse_qsl(given, max_num_fields=most)
    except ValueError:
        raise wrong(field, f"has more than {most} fields; send fewer") from None


FormOf = Annotated[dict[str, str], Depends(posted)]


def described(*required: str, optional: Sequence[str] = ()) -> dict[str, Any]:
    """How the API page describes a form of these fields, for `openapi_extra`."""
    kinds = {name: {"type": "string"} for name in (*required, *optional, "csrf")}
    schema = {"type": "object", "properties": kinds, "required": list(required)}
    return {"requestBody": {"required": True, "content": {_FORM: {"schema": schema}}}}
