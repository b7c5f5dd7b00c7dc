"""Conversation tokens: signed by us, short-lived, renewed with every answer."""

import hashlib
import hmac
import re
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field

from gateway.identity import GUEST, Identity
from shared.errors import SettingsError

GUEST_OWNER = "guest"
_FEWEST_CHARACTERS = 32
_LONGEST = 180
_AHEAD_SECONDS = 60
"""How far the clock of another gateway process may be ahead of ours."""
_FORM = re.compile(
    r"(?P<conversation>c-[0-9A-Za-z]{1,64})\.(?P<owner>guest|[0-9A-Za-z]{16})"
    r"\.(?P<began>[1-9][0-9]{0,10})\.(?P<issued>[1-9][0-9]{0,10})\.(?P<seen>[1-9][0-9]{0,10})"
    r"\.(?P<signature>[0-9A-Za-z]{43})"
)


@dataclass(frozen=True)
class ConversationProof:
    """What a token says that we signed; times in whole seconds since 1970.

    `owner` is a short keyed hash of the customer, or "guest". `began` is when the first token of the
    conversation was issued, `issued` when a message last brought one, which tells the older of two, and
    `seen` when its holder last came to read: who only reads stays as old as they were.
    """

    conversation_id: str
    owner: str
    began: int
    issued: int
    seen: int
    key: str = field(repr=False)

    @property
    def guest(self) -> bool:
        """Issued to nobody in particular."""
        return self.owner == GUEST_OWNER


@dataclass(frozen=True)
class ConversationTokens:
    """Stateless tokens `<conversation>.<owner>.<began>.<issued>.<seen>.<signature>`.

    `secret` may hold several keys with spaces or commas between them, the newest first: all are believed,
    the first signs. A guest's token opens for `idle_seconds` after it was seen; a customer's own token
    proves more than that, so theirs opens for all of `life_seconds` after the conversation began.
    """

    secret: str = field(repr=False)
    idle_seconds: float = 12 * 3600.0
    life_seconds: float = 30 * 86400.0

    def __post_init__(self) -> None:
        """Refuse keys that could be guessed.

        Raises:
            SettingsError: one has fewer than 32 characters.
        """
        if not self._keys or min(map(len, self._keys)) < _FEWEST_CHARACTERS:
            raise SettingsError(
                "CONVERSATION_SECRET: each key needs at least 32 characters; make one with `openssl rand "
                "-hex 32`, and put older ones after it, with a comma between them"
            )

    @property
    def _keys(self) -> list[str]:
        return self.secret.replace(",", " ").split()

    def issue(
        self,
        conversation_id: str,
        identity: Identity,
        *,
        after: ConversationProof | None = None,
        now: float | None = None,
    ) -> str:
        """The next token of this conversation, after the one that was shown."""
        issued = int(now or time.time())
        return self._made(conversation_id, identity, after.began if after else issued, issued, issued)

    def renew(self, proof: ConversationProof, identity: Identity) -> str:
        """The same token, seen now; to read a guest's conversation does not make it a customer's."""
        owner = GUEST if proof.guest else identity
        return self._made(proof.conversation_id, owner, proof.began, proof.issued, int(time.time()))

    def _made(self, conversation_id: str, owner: Identity, began: int, issued: int, seen: int) -> str:
        key = self._keys[0]
        body = f"{conversation_id}.{_owner(key, owner)}.{began}.{issued}.{seen}"
        return f"{body}.{_sign(key, body)}"

    def read(self, token: str) -> ConversationProof | None:
        """What a token of ours says, however old it is; None for anything else, whatever is wrong with it."""
        found = _FORM.fullmatch(token) if len(token) <= _LONGEST and token.isascii() else None
        body, _, signature = token.rpartition(".") if found else ("", "", "")
        fits = None
        for key in self._keys:  # all of them each time: how long it takes says nothing about the key
            if hmac.compare_digest(signature.encode(), _sign(key, body).encode()):
                fits = key
        if found is None or fits is None:
            return None
        return ConversationProof(
            conversation_id=found["conversation"],
            owner=found["owner"],
            began=int(found["began"]),
            issued=int(found["issued"]),
            seen=int(found["seen"]),
            key=fits,
        )

    def belongs(self, proof: ConversationProof, identity: Identity) -> bool:
        """Whether it was issued to this signed-in customer."""
        return hmac.compare_digest(proof.owner, _owner(proof.key, identity))

    def over(self, proof: ConversationProof, *, now: float) -> bool:
        """Whether its time is over. One from the future is not of ours."""
        idle = now - proof.seen > self.idle_seconds if proof.guest else False
        return idle or now - proof.began > self.life_seconds or proof.seen > now + _AHEAD_SECONDS

    def new_conversation(self, identity: Identity, *, address: str, client_message_id: str) -> str:
        """A conversation id. Repeating a first message with the same id leads to the same conversation.

        For a guest that holds only from 16 characters (a UUID): a short id such as "1" could be chosen by
        two strangers behind one address, who must never share a conversation.
        """
        if not client_message_id or (not identity.customer_id and len(client_message_id) < 16):
            return f"c-{secrets.token_hex(12)}"
        who = identity.customer_id or f"guest@{address}"
        return f"c-{_sign(self._keys[0], f'new|{who}|{client_message_id}', 24)}"

    def turn_id(self, conversation_id: str, client_message_id: str) -> str:
        """A turn id; the same message of the same conversation has the same one."""
        if not client_message_id:
            return f"t-{secrets.token_hex(12)}"
        return f"t-{_sign(self._keys[0], f'turn|{conversation_id}|{client_message_id}', 24)}"


def _owner(key: str, identity: Identity) -> str:
    return _sign(key, f"owner|{identity.customer_id}", 16) if identity.customer_id else GUEST_OWNER


def _sign(key: str, text: str, length: int = 43) -> str:
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest).decode().replace("-", "A").replace("_", "B")[:length].rstrip("=")
