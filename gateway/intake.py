"""The door in: a customer's text is bounded and stripped of personal data before anyone else sees it."""

import asyncio
import time
import unicodedata
from collections import OrderedDict
from dataclasses import dataclass, field

from gateway.auth import Identity
from gateway.problems import Problem
from shared.contracts import FeedbackGiven, Language, TurnAccepted
from shared.errors import StoreDown, VendorDown, VendorRefused
from shared.personal_data.answers import LONGEST_ANSWER
from shared.ports import Bus, CommerceApi, ConversationStore, PIIVault

LONGEST = 5000
_RECORD_SECONDS = 300.0
_RECORDS = 10_000


@dataclass(frozen=True)
class Came:
    """What a message came with: when its token was issued, pseudonyms of customer and address."""

    token_issued: int = 0
    customer_mark: str = ""
    place: str = ""


NOWHERE = Came()


@dataclass(frozen=True)
class Intake:
    """Tokenizes and submits. Nothing raw passes it: when the vault is down the message is refused."""

    bus: Bus
    vault: PIIVault
    shop: CommerceApi
    store: ConversationStore
    _records: OrderedDict[str, tuple[float, tuple[str, ...]]] = field(default_factory=OrderedDict)

    async def submit(
        self,
        message: str,
        *,
        conversation_id: str,
        turn_id: str,
        identity: Identity,
        locale: Language | None,
        came: Came = NOWHERE,
    ) -> TurnAccepted:
        """Accept a message; returning is the promise that it will be answered."""
        owner = identity.customer_id or conversation_id
        known = await self._known(identity)
        text = await self.vault.tokenize(
            clean(message),
            conversation_id=conversation_id,
            owner=owner,
            known=known,
            asked=await self._asked(message, conversation_id),
        )
        customer = ""
        if identity.customer_id:
            customer = await self.vault.token(
                identity.customer_id, conversation_id=conversation_id, owner=owner
            )
        turn = TurnAccepted(
            conversation_id=conversation_id,
            turn_id=turn_id,
            text=text,
            accepted_at=time.time(),
            locale=locale,
            customer=customer,
            customer_mark=came.customer_mark,
            token_issued=came.token_issued,
            place=came.place,
        )
        await self.bus.submit(turn)
        return turn

    async def feedback(
        self, *, conversation_id: str, turn_id: str, rating: str, comment: str, identity: Identity
    ) -> FeedbackGiven:
        """Keep a customer's thumb, its comment tokenized like any other text."""
        owner = identity.customer_id or conversation_id
        known = await self._known(identity)
        text = await self.vault.tokenize(comment, conversation_id=conversation_id, owner=owner, known=known)
        given = FeedbackGiven(
            conversation_id=conversation_id,
            turn_id=turn_id,
            rating="up" if rating == "up" else "down",
            given_at=time.time(),
            comment=text,
        )
        await self.store.add_feedback(given)
        return given

    def forget(self, customer: str, kept_at: float | None = None) -> None:
        """Drop the customer's record, or only the one that was kept at this time."""
        if kept_at is None or self._records.get(customer, (kept_at, ()))[0] == kept_at:
            self._records.pop(customer, None)

    async def note(self, text: str, *, about: str, field: str = "note") -> str:
        """What staff wrote, tokenized; `about` is what it is of, and owns the personal values in it."""
        return await self.vault.tokenize(clean(text, field=field), conversation_id=about, owner=about)

    async def _asked(self, message: str, conversation_id: str) -> str:
        """What was last said to the customer, when the message is short enough to answer it."""
        if len(message.split()) > LONGEST_ANSWER:
            return ""
        try:
            state = await self.store.load(conversation_id)
        except StoreDown:
            return ""  # a message is accepted without the store; its form alone must do
        last = state.history[-1] if state and state.history else None
        return last.text if last and last.who in {"bot", "staff"} else ""

    async def _known(self, identity: Identity) -> tuple[str, ...]:
        """The customer's own values; kept five minutes, and without the shop what the token states."""
        if not identity.customer_id:
            return ()
        now = time.monotonic()
        at, record = self._records.get(identity.customer_id, (0.0, ()))
        if not record or now - at > _RECORD_SECONDS:
            try:
                record = tuple(await self.shop.record_of(identity.customer_id))
            except (VendorDown, VendorRefused):
                return (*identity.known, *record)
            self._records[identity.customer_id] = (now, record)
            # Out of memory by then, not only out of use: the receipt of an erasure says five minutes.
            asyncio.get_running_loop().call_later(_RECORD_SECONDS, self.forget, identity.customer_id, now)
            if len(self._records) > _RECORDS:
                self._records.popitem(last=False)
        return (*identity.known, *record)


def clean(message: str, *, field: str = "message") -> str:
    """The text of this field in composed Unicode without control characters.

    Raises:
        Problem: 422 when it is empty, too long, or not valid text.
    """
    try:
        message.encode("utf-8")
    except UnicodeEncodeError:
        raise _invalid(
            f"{field}: holds a lone surrogate, which is not valid text; send plain Unicode"
        ) from None
    text = unicodedata.normalize("NFC", message)
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"}).strip()
    if not text:
        raise _invalid(f"{field}: is empty; write something")
    if len(text) > LONGEST:
        raise _invalid(
            f"{field}: has {len(text)} characters; the longest we read is {LONGEST}, please shorten it"
        )
    return text


def _invalid(detail: str) -> Problem:
    return Problem(422, "invalid-field", "Invalid request", detail)
