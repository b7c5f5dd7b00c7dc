"""Reads scenario files into typed values, with errors that name the file, the key and the remedy."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import msgspec

from shared.contracts import ActionKind, Intent, Language, Priority, TurnStatus, Value
from shared.errors import SettingsError

FOLDER = Path(__file__).parents[1] / "scenarios"
ENGINES = ("embedded", "openai-mock")

Between = tuple[float, float]
"""The least and the most, both included."""
Part = Literal["shop", "helpdesk", "understanding", "writer", "critic"]
Phrase = str | tuple[str, ...]
"""Words, or a regular expression between slashes; several: any one of them."""

_SLOT = re.compile(r"\{(\w+)\.(\w+)\}")
ORDER_FIELDS = (
    "number", "email", "total", "placed_on", "shipped_on", "expected_on", "delivered_on", "cancelled_on",
    "refunded", "refunded_on", "carrier", "tracking_number", "item", "items",
)  # fmt: skip
CUSTOMER_FIELDS = ("first_name", "last_name", "email")


class OrderQuery(Value, frozen=True, kw_only=True):
    """The order a scenario speaks of, by what it is like; the newest that fits unless `pick` says oldest.

    `of` is whose: the customer who writes, another one, or anybody (a guest has none of their own). `given`
    finds one of somebody else and gives it to the customer, for what the shop does not happen to hold.
    `delivered_days` and `placed_days` count back from today.
    """

    of: Literal["customer", "another", "anybody", "given"] = "customer"
    status: str | tuple[str, ...] = ()
    payment: str | tuple[str, ...] = ()
    delivered_days: Between | None = None
    placed_days: Between | None = None
    total: Between | None = None
    items: Between | None = None
    final_sale: bool | None = None
    product: str = ""
    pick: Literal["newest", "oldest"] = "newest"


class CustomerQuery(Value, frozen=True, kw_only=True):
    """The customer who writes, by what they are like."""

    locale: Language | None = None
    country: str = ""
    orders: Between | None = None
    refunds_90d: Between | None = None


class ActionExpected(Value, frozen=True, kw_only=True):
    """What must have been done, and what the shop shows of the order afterwards (status or payment).

    Without `order` it is about none: the newsletter.
    """

    kind: ActionKind
    order: str = ""
    status: Literal["done", "refused"] = "done"
    shop: str = ""


class HandOverExpected(Value, frozen=True, kw_only=True):
    """The place in the queue, and whether the helpdesk has the ticket."""

    reason: str | tuple[str, ...]
    priority: Priority | None = None
    queue: str = ""
    ticket: bool = True


class Turn(Value, frozen=True, kw_only=True):
    """One message, and what must come of it. `after` is how much later it is sent (`10m`, `3d`).

    `faults` names what is down from this turn on; an empty list mends everything.
    """

    say: str
    status: TurnStatus | tuple[TurnStatus, ...]
    after: str = ""
    faults: tuple[Part, ...] | None = None
    intent: Intent | tuple[Intent, ...] = ()
    needs: tuple[Intent, ...] = ()
    language: Language | None = None
    must: tuple[Phrase, ...] = ()
    must_not: tuple[Phrase, ...] = ()
    facts: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()
    max_sentences: int = 8
    gap: bool | None = None
    action: ActionExpected | None = None
    hand_over: HandOverExpected | None = None

    @property
    def intents(self) -> tuple[Intent, ...]:
        """Every intent that counts as right; empty when it does not matter."""
        return (self.intent,) if isinstance(self.intent, Intent) else self.intent

    @property
    def statuses(self) -> tuple[TurnStatus, ...]:
        """Every status that counts as right."""
        return (self.status,) if isinstance(self.status, str) else self.status

    @property
    def seconds(self) -> float:
        """How much later than the turn before, in seconds."""
        return (
            float(self.after[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[self.after[-1]]
            if self.after
            else 0
        )


class Scenario(Value, frozen=True, kw_only=True):
    """One conversation. `who` is `guest`, `customer` (found by `customer` and `orders`) or a first name.

    `known_failure` says why it does not pass yet, for every engine or by engine.
    """

    name: str
    language: Language
    about: str
    who: str
    turns: tuple[Turn, ...]
    customer: CustomerQuery = CustomerQuery()
    orders: dict[str, OrderQuery] = {}
    known_failure: str | dict[str, str] = ""

    def fails_in(self, engine: str) -> str:
        """Why it is known to fail in this engine; empty when it must pass."""
        known = self.known_failure
        return known if isinstance(known, str) else known.get(engine, "")


def read_scenarios(folder: Path = FOLDER, *, only: str = "") -> tuple[Scenario, ...]:
    """The scenarios of a folder by name, or the one that is named.

    Raises:
        SettingsError: names the file, the key and what to write there.
    """
    files = sorted(folder.glob("*.toml"))
    if only:
        files = [file for file in files if file.stem == only]
    if not files:
        wanted = f"{only}.toml" if only else ".toml files"
        raise SettingsError(
            f"{folder}: holds no {wanted}; name a folder of scenarios, or one of its files without .toml"
        )
    return tuple(read_scenario(file) for file in files)


def read_scenario(file: Path) -> Scenario:
    """The scenario of one file; its name is the file's."""
    try:
        doc = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file.name}: {error}; it must be a readable TOML file") from error
    told = doc.pop("turns", None)
    if not isinstance(told, list) or not told:
        raise SettingsError(
            f"{file.name}: turns is missing; write at least one [[turns]] with `say` and `status`"
        )
    turns = tuple(_read(turn, Turn, file, f"turn {n}: ") for n, turn in enumerate(told, 1))
    scenario: Scenario = _read(doc | {"name": file.stem, "turns": turns}, Scenario, file)
    for n, turn in enumerate(turns, 1):
        for wrong in _wrong_turn(turn, scenario):
            raise SettingsError(f"{file.name}: turn {n}: {wrong}")
    for wrong in _wrong_scenario(scenario):
        raise SettingsError(f"{file.name}: {wrong}")
    return scenario


def _read(doc: Any, kind: Any, file: Path, where: str = "") -> Any:
    try:
        return msgspec.convert(doc, kind)
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"{file.name}: {where}{error}; see evals/scenarios/README.md for what it takes"
        ) from None


def _wrong_scenario(scenario: Scenario) -> Iterable[str]:
    if unknown := sorted(set(scenario.orders) & {"customer"}):
        yield f"orders.{unknown[0]}: the name is taken by the customer who writes; choose another"
    if scenario.who == "guest" and (
        own := [n for n, q in scenario.orders.items() if q.of in {"customer", "given"}]
    ):
        yield f'orders.{own[0]}: a guest has no orders of their own; write of = "anybody"'
    if isinstance(scenario.known_failure, dict) and (odd := set(scenario.known_failure) - set(ENGINES)):
        yield f"known_failure.{min(odd)}: no engine of ours; it may be one of {', '.join(ENGINES)}"


def _wrong_turn(turn: Turn, scenario: Scenario) -> Iterable[str]:
    if ("handed_over" in turn.statuses) != (turn.hand_over is not None):
        yield f"status = {turn.status!r}: handed_over and a [turns.hand_over] go together; write both or none"
    if turn.after and not re.fullmatch(r"\d+(\.\d+)?[smhd]", turn.after):
        yield f"after = {turn.after!r}: no length of time; write 90s, 10m, 2h or 3d"
    if turn.action and turn.action.order and turn.action.order not in scenario.orders:
        yield f"action.order = {turn.action.order!r}: not one of [orders]; name {sorted(scenario.orders)}"
    phrases = [p for one in (*turn.must, *turn.must_not) for p in ([one] if isinstance(one, str) else one)]
    slots = [slot for text in (turn.say, *phrases) for slot in _SLOT.findall(text)]
    slots += [(fact.partition(".")[0], fact.partition(".")[2]) for fact in turn.facts]
    for name, field in slots:
        known = CUSTOMER_FIELDS if name == "customer" else ORDER_FIELDS if name in scenario.orders else ()
        if field not in known:
            yield f"{{{name}.{field}}}: unknown; fields are {CUSTOMER_FIELDS} and {ORDER_FIELDS} of [orders]"
    for phrase in phrases:
        if phrase.startswith("/"):
            try:
                re.compile(_SLOT.sub("x", phrase.strip("/")))
            except re.error as error:
                yield f"{phrase!r}: no regular expression ({error}); mend it, or drop the slashes"
