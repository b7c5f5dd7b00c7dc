"""What the reply box of the console stands on, opened by launch."""

from dataclasses import dataclass, field

from gateway.checks import Checker
from gateway.console.macros import Macros
from shared.ports import Corrections


@dataclass(frozen=True)
class Composing:
    """`corrections` None: nothing is kept of what staff find wrong. `secret` seals what a form carries.

    `checkers` are asked before something is sent, in this order.
    """

    corrections: Corrections | None = None
    macros: Macros = field(default_factory=lambda: Macros(()))
    checkers: tuple[Checker, ...] = ()
    secret: str = ""
