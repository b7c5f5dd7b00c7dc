"""What a flow says: topics, an order's facts, and quotes from the knowledge base."""

from conversation.turn import Case, Outcome
from shared.contracts import Order, OrderItem, Topic


def topic(case: Case, goal: str, order: Order | None = None, **values: str) -> Topic:
    """A topic of this need; every filled field of `order` is offered to the sentence as a fact."""
    facts = (
        {} if order is None else {f.id.split("/", 1)[1]: f.id for f in order.facts() if "/items/" not in f.id}
    )
    return Topic(goal=goal, intent=case.need.intent, facts=facts, values=values)


def about(order: Order, *topics: Topic) -> Outcome:
    """Say something about an order, which from here on is the one being spoken of."""
    return Outcome(
        topics=topics, facts=order.facts(), slots={"order_number": order.number}, proved=(order.number,)
    )


def left_of(order: Order) -> tuple[OrderItem, ...]:
    """The items of which something is left; all where nothing is."""
    return tuple(item for item in order.items if not item.is_gone) or order.items


def not_back(case: Case, order: Order, goal: str, *, item: OrderItem | None = None) -> Outcome:
    """Why nothing of the order, or not this item of it, can be sent back."""
    named = (item,) if item else left_of(order)
    days = str(case.policy.actions["return"].days_since_delivery)
    return about(order, topic(case, goal, order, days=days, item=", ".join(one.title for one in named)))


def quoted(case: Case, *, only: str = "", strict: bool = True) -> Outcome:
    """The best passages, or an honest "I don't know" that is kept as a knowledge gap.

    `only` keeps those that name it; `strict` those of the playbook's categories, when there are any.
    """
    passages = tuple(p for p in case.known(strict=strict) if only in p.text)
    if not passages:
        return Outcome(topics=(topic(case, "unknown"),), gap=True)
    answer = Topic(goal="policy.answer", intent=case.need.intent, sources=tuple(p.id for p in passages))
    return Outcome(topics=(answer,), passages=passages)
