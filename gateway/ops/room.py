"""What the operators' pages stand on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.ops.explaining.traced import Traced
from gateway.ops.looking import Looks
from shared.traces_pack import Query, read_pack


@dataclass(frozen=True)
class OpsRoom:
    """Opened once by the launcher; a page without its part says so."""

    looks: Looks
    traced: Traced = field(default_factory=Traced)
    pack: Mapping[str, Query] = field(default_factory=read_pack)
