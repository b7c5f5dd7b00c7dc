"""The rule of one kind of action, as a support lead writes it in data; who reads the file checks it."""

from typing import Literal

import msgspec

from shared.contracts.shop import GivenKind


class Abuse(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """So much was given (`count` times, of these `kinds`) within so many days."""

    count: int
    days: int
    kinds: tuple[GivenKind, ...] = ("refund", "exchange", "resend")


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is other when it was the shop's fault: defective, damaged, wrong. A person decides on each."""

    shipping: bool = True
    label_cost: str = "0.00"


class Rest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shipping costs once the rest of an order is worth less than what is shipped for nothing."""

    below: str
    shipping: str


class ActionRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who decides on one kind of action, and up to where; the keys are explained in the file."""

    tier: Literal["auto", "approval", "never"]
    proof: Literal["order", "signed_in"] = "order"
    most: str = ""
    days_since_delivery: int = 0
    before_fulfilment: bool = False
    abuse: Abuse | None = None
    too_late: Literal["approval", "refuse"] = "approval"
    label: str = ""
    goods_back: bool = False
    shipping: bool = True
    label_cost: str = ""
    fault: Fault | None = None
    rest: Rest | None = None
