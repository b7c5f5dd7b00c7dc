"""What the operators' pages stand on."""

from dataclasses import dataclass

from gateway.ops.looking import Looks


@dataclass(frozen=True)
class OpsRoom:
    """Opened once by the launcher; a page without its part says so."""

    looks: Looks
