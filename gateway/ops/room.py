"""What the operators' pages stand on."""

from dataclasses import dataclass, field

from gateway.ops.explaining.traced import Traced
from gateway.ops.looking import Looks


@dataclass(frozen=True)
class OpsRoom:
    """Opened once by the launcher; a page without its part says so."""

    looks: Looks
    traced: Traced = field(default_factory=Traced)
