"""A hand-over's packet."""

from shared.contracts import Intent, RequestPerson, Said
from shared.hand_over import hand_over_of


def test_the_packet_tells_what_was_said_before_the_history() -> None:
    """After the last words, which a person reads first."""
    ask = RequestPerson(
        conversation_id="c-1", turn_id="t-1", step_id="t-1.person", hand_over_id="h-1", reason="refund_limit",
        language="en", intent=Intent.REFUND_STATUS, text="And my money?",
        history=(Said(who="summary", text="Orders: 1005."), Said(who="customer", text="Hello?")),
    )  # fmt: skip
    assert hand_over_of(ask, now=0).packet.summary.endswith(
        "Customer wrote: And my money?. Before that: Hello? Earlier on. Orders: 1005."
    )
