"""The door in: a customer's text is bounded and stripped of personal data before anyone else sees it."""

import asyncio
import re
import time
import unicodedata
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from gateway.auth import Identity
from gateway.problems import Problem
from shared import telemetry
from shared.contracts import FeedbackGiven, Language, TurnAccepted
from shared.errors import StoreDown, VendorDown, VendorRefused
from shared.personal_data import normal_form, token_pattern
from shared.personal_data.answers import LONGEST_ANSWER
from shared.ports import Bus, CommerceApi, ConversationStore, PIIVault

LONGEST = 5000
_PHONE_DIGITS = 8
"""Of a number's end: all of its own in most countries, without what is dialled before it."""
# Nobody sees them, and they part a number or an address from itself. Those that join letters and signs stay.
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
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
class StaffText:
    """What staff wrote: tokenized, each token with its value as written, and values known to be in order.

    The values are raw: they go no further than the warning that is made of them.
    """

    text: str
    values: tuple[tuple[str, str], ...] = ()
    known: tuple[str, ...] = ()

    def strange(self, there: Collection[str]) -> tuple[str, ...]:
        """Values whose tokens are not of these, and that nobody's record here has."""
        known = [normal_form(value) for value in self.known]
        return tuple(
            value
            for token, value in self.values
            if token not in there and not any(_is_in(normal_form(value), each) for each in known)
        )


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
        text = clean(message)
        known = await self._known(identity)
        with telemetry.span("vault tokenize", kind=telemetry.CLIENT, slight=True, action="tokenize") as vault:
            text = await self.vault.tokenize(
                text,
                conversation_id=conversation_id,
                owner=owner,
                known=known,
                asked=await self._asked(message, conversation_id),
            )
            if found := text.count("TOKEN_"):
                vault.note(values=found)
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
        came_at = time.time()  # before anything is awaited: what is erased meanwhile stays so
        owner = identity.customer_id or conversation_id
        known = await self._known(identity)
        text = await self.vault.tokenize(comment, conversation_id=conversation_id, owner=owner, known=known)
        given = FeedbackGiven(
            conversation_id=conversation_id,
            turn_id=turn_id,
            rating="up" if rating == "up" else "down",
            given_at=came_at,
            comment=text,
        )
        await self.store.add_feedback(given)
        return given

    def forget(self, customer: str, kept_at: float | None = None) -> None:
        """Drop the customer's record, or only the one that was kept at this time."""
        if kept_at is None or self._records.get(customer, (kept_at, ()))[0] == kept_at:
            self._records.pop(customer, None)

    def forget_all(self) -> None:
        """Drop every record: what is true of them is asked again."""
        self._records.clear()

    def remembered(self) -> Sequence[str]:
        """The customers whose records are in memory."""
        return tuple(self._records)

    async def note(self, text: str, *, about: str, field: str = "note") -> str:
        """What staff wrote, tokenized; `about` is what it is of, and owns the personal values in it."""
        return await self.vault.tokenize(clean(text, field=field), conversation_id=about, owner=about)

    async def said_by_staff(
        self, text: str, *, conversation_id: str, customer: str = "", own: Sequence[str] = ()
    ) -> "StaffText":
        """What staff write to a customer, or about their words, tokenized in the customer's conversation.

        A value that was said there has its token again; `customer` is the signed-in customer's own token, by
        whose record values are known that nobody has said yet; `own` are staff's names. Tokens that stand in
        the text stay.

        Raises:
            Problem: 422 empty, too long, or not valid text.
        """
        known: Sequence[str] = ()
        if customer:
            with suppress(VendorDown, VendorRefused):  # the vault's own finding must do then
                known = await self.shop.record_behind(customer, conversation_id=conversation_id)
        plain = clean(text, field="text")
        said = await self.vault.tokenize(
            plain, conversation_id=conversation_id, owner=conversation_id, known=known
        )
        return StaffText(said, tuple(_values(plain, said)), (*known, *own))

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
    """The text of this field in composed Unicode without control characters and such as nobody sees.

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
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cs"})
    text = _UNSEEN.sub("", text).strip()
    if not text:
        raise _invalid(f"{field}: is empty; write something")
    if len(text) > LONGEST:
        raise _invalid(
            f"{field}: has {len(text)} characters; the longest we read is {LONGEST}, please shorten it"
        )
    return text


def _is_in(value: str, known: str) -> bool:
    """A part of it; of a phone number, with or without its country, all but what is dialled before."""
    if value.isdigit() and known.isdigit() and min(len(value), len(known)) >= _PHONE_DIGITS:
        return value[-_PHONE_DIGITS:] == known[-_PHONE_DIGITS:]
    return value in known


def _values(plain: str, said: str) -> Iterator[tuple[str, str]]:
    """The tokens that were put into a text with what stood there, as far as the words between tell."""
    at = 0
    literals = token_pattern().split(said)
    tokens = token_pattern().findall(said)
    for n, (token, before, after) in enumerate(
        zip(tokens, literals[:-1], literals[1:], strict=True), start=1
    ):
        at += len(before)
        if plain.startswith(token, at):
            at += len(token)  # it stood there as a token
            continue
        last = n == len(tokens)
        end = len(plain) - len(after) if last else plain.find(after, at) if after else at
        yield token, plain[at : max(end, at)].strip()
        at = max(end, at)


def _invalid(detail: str) -> Problem:
    return Problem(422, "invalid-field", "Invalid request", detail)
