"""Reads the rules of actions a support lead edits, refusing what cannot be meant."""

import tomllib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path

import msgspec

from shared.contracts import ACTION_KINDS, ActionKind
from shared.contracts.rules import ActionRule
from shared.errors import SettingsError

FILE = "actions.toml"
# Kinds that are not about an order: nothing is delivered, packed or counted of them.
_OF_ACCOUNT = {"newsletter", "loyalty"}
_WITH_LABEL = {"return", "exchange", "refund"}
_WITH_MONEY_LATER = {"refund", "return"}


ActionRules = Mapping[ActionKind, ActionRule]


def load_action_rules(path: Path) -> ActionRules:
    """A rule for every kind, from a file like `actions.toml`.

    Raises:
        SettingsError: names the file, the table, the key and what to do.
    """
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"{path}: the file is missing; restore it from the repository") from None
    except OSError as error:
        raise SettingsError(f"{path}: not a file that can be read ({type(error).__name__})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path}: not valid TOML: {error}; fix that line") from error
    if unknown := sorted(tables.keys() - set(ACTION_KINDS)):
        known = ", ".join(ACTION_KINDS)
        raise SettingsError(f"{path}: [{unknown[0]}] is no kind of action; the kinds are {known}")
    if missing := [kind for kind in ACTION_KINDS if kind not in tables]:
        raise SettingsError(
            f'{path}: [{missing[0]}] is missing; add it, with tier = "never" if this desk never does it'
        )
    return {kind: _rule(path, kind, tables[kind]) for kind in ACTION_KINDS}


def _rule(path: Path, kind: ActionKind, table: object) -> ActionRule:
    where = f"{path}: [{kind}]"
    try:
        rule = msgspec.convert(table, ActionRule)
    except msgspec.ValidationError as error:
        keys = ", ".join(ActionRule.__struct_fields__)
        raise SettingsError(f"{where} {error}; the keys of a kind are {keys}") from error
    if rule.most and not _is_amount(rule.most):
        raise SettingsError(f'{where} most = "{rule.most}" is no amount; write it like "50.00"')
    if rule.days_since_delivery < 0:
        raise SettingsError(
            f"{where} days_since_delivery = {rule.days_since_delivery} must be 1 or more; "
            "leave it out for none"
        )
    if rule.abuse is not None and min(rule.abuse.count, rule.abuse.days) < 1:
        raise SettingsError(
            f"{where} abuse needs a count and days of 1 or more, like {{ count = 3, days = 90 }}"
        )
    if kind in _OF_ACCOUNT and (rule.days_since_delivery or rule.before_fulfilment or rule.proof == "order"):
        raise SettingsError(
            f'{where} is about an account, not an order: write proof = "signed_in", and neither '
            "days_since_delivery nor before_fulfilment"
        )
    if rule.label and kind not in _WITH_LABEL:
        raise SettingsError(f"{where} label: only what sends items back has one; take the line out")
    _check_money(where, kind, rule)
    if rule.label and not (rule.label.startswith("https://") and "{return}" in rule.label):
        raise SettingsError(
            f'{where} label = "{rule.label}" must begin with https:// and hold {{return}} for its name'
        )
    return rule


def _check_money(where: str, kind: ActionKind, rule: ActionRule) -> None:
    """What is said of money that waits for goods."""
    later = [name for name in ("goods_back", "label_cost", "fault") if getattr(rule, name)]
    if later and kind not in _WITH_MONEY_LATER:
        raise SettingsError(
            f"{where} {later[0]}: only a refund and a return pay for what comes back; take the line out"
        )
    if rule.rest is not None and kind != "cancel":
        raise SettingsError(f"{where} rest: only a cancellation leaves one; take the line out")
    for amount in (rule.rest.below, rule.rest.shipping) if rule.rest else ():
        if not _is_amount(amount):
            raise SettingsError(f'{where} rest = "{amount}" is no amount; write it like "75.00"')
    for cost in (rule.label_cost, rule.fault.label_cost if rule.fault else ""):
        if cost and not _is_amount(cost):
            raise SettingsError(f'{where} label_cost = "{cost}" is no amount; write it like "5.95"')


def _is_amount(text: str) -> bool:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return False
    return amount.is_finite() and amount >= 0
