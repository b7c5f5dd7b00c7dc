"""Turns token counts into dollars by a table that operators can edit."""

import logging
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from shared.errors import SettingsError

_LOG = logging.getLogger(__name__)
_PER = 1_000_000
_DATE = re.compile(r"-\d{4}-\d{2}-\d{2}$")


class Price(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """USD per million tokens: fresh input, input the vendor had cached, output."""

    input: float
    cached: float
    output: float


class PriceTable:
    """Prices by model name; what is not listed costs 0 and is named in the log once."""

    def __init__(self, prices: Mapping[str, Price]) -> None:
        self._prices = prices
        self._missed: set[str] = set()

    def cost(self, names: Sequence[str], *, asked: int, cached: int, answered: int) -> float:
        """USD for one answer; `asked` includes `cached`.

        `names` are tried in order: on Azure the answer's model name is listed, the deployment's is not.
        """
        price = self._price(names)
        if price is not None:
            fresh = (asked - cached) * price.input
            return (fresh + cached * price.cached + answered * price.output) / _PER
        self._tell(" / ".join(dict.fromkeys(names)))
        return 0.0

    def knows(self, names: Sequence[str]) -> bool:
        """Whether one of these names is listed."""
        return self._price(names) is not None

    def models(self) -> Sequence[str]:
        """The names that are listed, in the table's order."""
        return tuple(self._prices)

    def _price(self, names: Sequence[str]) -> Price | None:
        for name in names:
            price = self._prices.get(name) or self._prices.get(_DATE.sub("", name))
            if price is not None:
                return price
        return None

    def _tell(self, name: str) -> None:
        if name not in self._missed:
            self._missed.add(name)
            _LOG.error(
                "no price for model %s: its calls cost 0 USD, so that no budget sees them; "
                "add it to the price table (MODEL_PRICES)",
                name,
            )


def load_prices(path: Path | None = None) -> PriceTable:
    """Read the table (None: the one that comes with the adapter); SettingsError names the wrong entry."""
    found = path or Path(__file__).parent / "prices.toml"
    try:
        table = tomllib.loads(found.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"price table {found}: {error}; give a readable TOML file") from error
    prices: dict[str, Price] = {}
    for name, entry in table.items():
        try:
            prices[name] = msgspec.convert(entry, Price)
        except msgspec.ValidationError as error:
            raise SettingsError(
                f"price table {found}, [{name}]: {error}; give input, cached, output in USD"
            ) from error
        if min(prices[name].input, prices[name].cached, prices[name].output) < 0:
            raise SettingsError(
                f"price table {found}, [{name}]: a price is negative; give USD per million tokens"
            )
    return PriceTable(prices)
