"""Prices a GraphQL query and keeps the leaky bucket the vendor throttles with."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from graphql import DocumentNode, FieldNode, FragmentDefinitionNode, OperationDefinitionNode
from graphql.language import IntValueNode, SelectionSetNode, VariableNode

_MUTATION = 10
_CONNECTIONS = {
    "orders",
    "customers",
    "products",
    "lineItems",
    "variants",
    "returns",
    "returnLineItems",
}
_CONNECTIONS |= {"fulfillmentLineItems", "fulfillmentOrders", "refundLineItems"}


def requested_cost(document: DocumentNode, variables: dict[str, Any], name: str | None = None) -> int:
    """Points before running: 1 an object, 2 + children a connection, 10 a mutation.

    `name` is of the operation that runs. A name that is none's costs what the first one does.

    Shape of the rules: shopify.dev/docs/apps/build/apis/graphql-admin/rate-limits.
    """
    parts = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    several = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    operation = next((d for d in several if d.name and d.name.value == name), several[0])
    base = _MUTATION if operation.operation.value == "mutation" else 0
    return base + _cost(operation.selection_set, parts, variables)


def _cost(
    chosen: SelectionSetNode | None,
    parts: dict[str, FragmentDefinitionNode],
    variables: dict[str, Any],
) -> int:
    total = 0
    for node in chosen.selections if chosen else ():
        if not isinstance(node, FieldNode):
            name = getattr(node, "name", None)
            inner = parts[name.value].selection_set if name else getattr(node, "selection_set", None)
            total += _cost(inner, parts, variables)
        elif node.selection_set is not None:
            inside = _cost(node.selection_set, parts, variables)
            if node.name.value in _CONNECTIONS:
                total += 2 + max(inside, inside * _first(node, variables) // 10)  # ten cost as one
            elif node.name.value in {"nodes", "edges", "pageInfo"}:
                total += max(inside, 1)
            else:
                total += 1 + inside
    return total


def _first(node: FieldNode, variables: dict[str, Any]) -> int:
    for argument in node.arguments or ():
        if argument.name.value == "first":
            if isinstance(argument.value, IntValueNode):
                return int(argument.value.value)
            if isinstance(argument.value, VariableNode):
                given = variables.get(argument.value.name.value)
                return given if isinstance(given, int) and given else 10  # what is no number is refused later
    return 10


def actual_cost(data: object) -> int:
    """Points after running: the objects that came back."""
    if isinstance(data, dict):
        return 1 + sum(actual_cost(value) for value in data.values() if isinstance(value, (dict, list)))
    if isinstance(data, list):
        return sum(actual_cost(value) for value in data)
    return 0


@dataclass
class Bucket:
    """Points that drain by queries and refill with time."""

    maximum: float
    restore: float
    clock: Callable[[], float] = time.monotonic
    level: float = -1.0
    at: float = 0.0

    def take(self, points: float) -> bool:
        """Pay for a query; False when there is not enough left."""
        now = self.clock()
        if self.level < 0:
            self.level = self.maximum
        else:
            self.level = min(self.maximum, self.level + (now - self.at) * self.restore)
        self.at = now
        if points > self.level:
            return False
        self.level -= points
        return True

    def give_back(self, points: float) -> None:
        """Return what a query turned out not to need."""
        self.level = min(self.maximum, self.level + points)

    def status(self) -> dict[str, float]:
        """As the vendor shows it in `extensions.cost.throttleStatus`."""
        return {
            "maximumAvailable": self.maximum,
            "currentlyAvailable": int(self.level),
            "restoreRate": self.restore,
        }
