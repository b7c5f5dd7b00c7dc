"""Reads the playbooks a support lead edits, refusing any that does not say what it must."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from conversation.rules.action_rules import FILE, load_action_rules
from shared.contracts import ActionKind, Intent
from shared.contracts.rules import ActionRule
from shared.errors import SettingsError

FOLDER = Path(__file__).parents[1] / "playbooks"

Flow = Literal[
    "order_status", "refund", "return", "exchange", "cancel", "order_change",
    "product", "policy", "subscription", "complaint", "feedback", "general", "person", "out_of_scope",
]  # fmt: skip
SlotName = Literal["order_number", "item", "variant", "address", "confirm"]


class Slot(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something to be known before going on, and the reply goal that asks for it."""

    name: SlotName
    ask: str


class Playbook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one intent is handled. `family` intents are answered alike, so their confidences add up."""

    intent: Intent
    flow: Flow
    knowledge: tuple[str, ...]
    slots: tuple[Slot, ...] = ()
    actions: tuple[ActionKind, ...] = ()
    escalate_on: tuple[str, ...] = ()
    family: tuple[Intent, ...] = ()
    min_confidence: float = 0.7
    max_contacts: int = 3


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The shop's limits; FACTS.toml of the knowledge base states the same (a test compares).

    `actions` come from a file of their own.
    """

    refund_business_days: str
    max_drafts: int
    max_unclear: int
    max_failed_proofs: int
    strikes: int
    strike_window_seconds: float
    pause_seconds: float
    escalate_always: tuple[str, ...]
    actions: Mapping[ActionKind, ActionRule] = {}


_Data = TypeVar("_Data", Playbook, Policy)


def load_playbooks(folder: Path = FOLDER) -> Mapping[Intent, Playbook]:
    """Every `<intent>.toml` of the folder; each intent must have exactly one.

    Raises:
        SettingsError: names the file, the key and what to do.
    """
    found: dict[Intent, Playbook] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name in {"policy.toml", FILE}:
            continue
        playbook = _read(path, Playbook)
        if playbook.intent.value.lower() != path.stem:
            raise SettingsError(
                f"{path}: intent = {playbook.intent.value!r} does not match the file name; "
                f"rename the file to {playbook.intent.value.lower()}.toml or change the key"
            )
        _check(path, playbook)
        found[playbook.intent] = playbook
    missing = [intent.value for intent in Intent if intent not in found]
    if missing:
        raise SettingsError(f"{folder}: no playbook for {', '.join(missing)}; add {missing[0].lower()}.toml")
    return found


def load_policy(folder: Path = FOLDER, *, file: Path | None = None) -> Policy:
    """The shop's limits from `policy.toml` and `actions.toml`; `file` stands in for one of them.

    Which one it is like, its keys tell: kinds of actions are the tables of `actions.toml`.
    """
    rules = file is not None and not (_keys(file) & set(Policy.__struct_fields__))
    path = file if file and not rules else folder / "policy.toml"
    policy = _read(path, Policy)
    if policy.actions:
        raise SettingsError(f"{path}: actions: the rules of actions stand in {FILE}; move them there")
    actions = load_action_rules(file if file and rules else folder / FILE)
    return msgspec.structs.replace(policy, actions=actions)


def _keys(path: Path) -> set[str]:
    """The keys of a file; none of one that cannot be read, as its reader will say."""
    try:
        return set(tomllib.loads(path.read_text("utf-8")))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError):
        return set()


def _check(path: Path, playbook: Playbook) -> None:
    if not 0 <= playbook.min_confidence <= 1:
        raise SettingsError(
            f"{path}: min_confidence = {playbook.min_confidence} must lie between 0 and 1, e.g. 0.7"
        )
    if playbook.max_contacts < 1:
        raise SettingsError(f"{path}: max_contacts = {playbook.max_contacts} must be 1 or more, e.g. 3")
    names = [slot.name for slot in playbook.slots]
    if len(set(names)) != len(names):
        raise SettingsError(f"{path}: slots name the same slot twice ({', '.join(names)}); keep one of each")


def _read(path: Path, kind: type[_Data]) -> _Data:
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), kind)
    except FileNotFoundError:
        raise SettingsError(f"{path}: the file is missing; restore it from the repository") from None
    except OSError as error:
        raise SettingsError(f"{path}: not a file that can be read ({type(error).__name__})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}; fix that line") from error
    except msgspec.ValidationError as error:
        raise SettingsError(
            f"{path}: {error}; the keys a {kind.__name__} knows are {', '.join(kind.__struct_fields__)}"
        ) from error
