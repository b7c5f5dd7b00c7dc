"""Describes to a model the form of its answer, then reads the answer strictly.

The schema keeps to what strict structured outputs allow (developers.openai.com/api/docs/guides/
structured-outputs): every field required, nothing else allowed, no bounds; bounds are checked after reading.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from shared.adapters.openai.failures import Unusable

_Read = TypeVar("_Read", bound=msgspec.Struct)
_Made = TypeVar("_Made")


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An object that a model fills in: no defaults, so every field is required."""


@dataclass(frozen=True)
class Form(Generic[_Read]):
    """A named shape of answer."""

    name: str
    shape: type[_Read]

    def response_format(self) -> dict[str, Any]:
        """What goes into the request as `response_format`."""
        schema = msgspec.json.schema(self.shape)
        definitions = schema.pop("$defs")
        root = definitions.pop(schema.pop("$ref").rpartition("/")[2])  # a root may not be a reference
        if definitions:
            root["$defs"] = definitions
        return {
            "type": "json_schema",
            "json_schema": {"name": self.name, "strict": True, "schema": root},
        }

    def read(self, text: str, make: Callable[[_Read], _Made]) -> _Made:
        """What `make` makes of the answer. Raises Unusable naming the place, not the text."""
        try:
            return make(msgspec.json.decode(text, type=self.shape))
        except msgspec.ValidationError as error:
            raise Unusable(f"its {self.name} does not fit the form at {_place(error)}") from error
        except msgspec.DecodeError as error:
            raise Unusable(f"its {self.name} is no JSON ({error})") from error
        except ValueError as error:
            raise Unusable(f"its {self.name} makes no sense: {error}") from error


def _place(error: msgspec.ValidationError) -> str:
    """Where it does not fit; msgspec's message begins with the wrong word, which may be a customer's."""
    return str(error).rpartition(" at ")[2] if " at `" in str(error) else "its top"
