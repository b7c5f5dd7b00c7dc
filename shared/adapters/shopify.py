"""Reads and changes the shop through Shopify's GraphQL Admin API."""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from shared import contracts as c
from shared.adapters import shopify_queries as queries
from shared.adapters import shopify_reading as reading
from shared.adapters import shopify_wire as wire
from shared.adapters.shopify_actions import NO_SUCH_ORDER, carry_out
from shared.adapters.shopify_asking import Mark, refused
from shared.adapters.shopify_client import VENDOR, ShopifyClient
from shared.adapters.shopify_members import carry_out_for
from shared.adapters.vendor_http import Patience, persist
from shared.errors import NotAnAddress, SettingsError
from shared.personal_data import normal_form
from shared.ports import Clock, PIIVault

PURPOSE = "commerce"
MOCK = "mock://shopify"
_NUMBER = re.compile(r"#?(\d{1,12})")
# Only what cannot end or extend a search term may stand in one.
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]+@[A-Za-z0-9.-]+")
_CUSTOMER = re.compile(r"(?:gid://shopify/Customer/)?(\d{1,20})")
_WORD = re.compile(r"[^\W_]{2,}|\d")
_MOST_WORDS = 12
_POOL = 12
_SHORT = 3


class ShopifyCommerce:
    """The `CommerceApi` port over one shop."""

    def __init__(self, client: ShopifyClient, *, vault: PIIVault, clock: Clock) -> None:
        self._client = client
        self._vault = vault
        self._clock = clock

    async def customer(self, customer: str, *, conversation_id: str) -> c.Customer | None:
        """The signed-in customer; their own token comes back as id."""
        gid = await self._gid(customer, conversation_id)
        person = (
            (await self._client.read(queries.CUSTOMER, wire.CustomerFound, id=gid)).customer if gid else None
        )
        if person is None:
            return None
        email = person.default_email_address.email_address if person.default_email_address else ""
        first, address = [
            await self._vault.token(value, conversation_id=conversation_id, owner=person.legacy_resource_id)
            if value
            else ""
            for value in (person.first_name, email)
        ]
        return c.Customer(
            id=customer,
            first_name=first,
            email=address,
            locale=reading.language(person.locale),
            order_numbers=tuple(order.name.removeprefix("#") for order in person.orders.nodes),
        )

    async def order_of_customer(self, number: str, *, customer: str, conversation_id: str) -> c.Order | None:
        """Asks the shop for this number *and* this customer, so another's order never leaves it."""
        gid = await self._gid(customer, conversation_id)
        name = _search_name(number)
        if not gid or not name:
            return None
        found = await self._order(f"{name} customer_id:{gid.rpartition('/')[2]}")
        if found is None or found.customer is None or found.customer.id != gid:
            return None
        return await self._shown(found, found.customer, conversation_id)

    async def order_by_proof(self, number: str, *, email: str, conversation_id: str) -> c.Order | None:
        """Asks the shop for this number *and* this e-mail; every mismatch looks the same.

        Raises `NotAnAddress` without asking the shop.
        """
        name = _search_name(number)
        revealed = await self._vault.reveal(email, conversation_id=conversation_id, purpose=PURPOSE)
        address = revealed.strip()
        if not _EMAIL.fullmatch(address):
            address = normal_form(address)  # "emma at example dot com"
        if not _EMAIL.fullmatch(address):
            raise NotAnAddress("the proof of an order is no e-mail address; ask for one")
        if not name:
            return None
        found = await self._order(f'{name} email:"{address}"')
        if found is None or (found.email or "").casefold() != address.casefold():
            return None
        return await self._shown(found, found.customer, conversation_id)

    async def order_proved(self, number: str, *, conversation_id: str) -> c.Order | None:
        """By number alone; the caller keeps what was proved."""
        name = _search_name(number)
        found = await self._order(name) if name else None
        return await self._shown(found, found.customer, conversation_id) if found else None

    async def orders_of_customer(
        self, *, customer: str, conversation_id: str, limit: int = 5
    ) -> Sequence[c.Order]:
        """Newest first."""
        gid = await self._gid(customer, conversation_id)
        if not gid:
            return ()
        answer = await self._client.read(
            queries.ORDERS_OF_CUSTOMER, wire.OrdersOfCustomer, id=gid, limit=limit
        )
        owner = answer.customer
        if owner is None:
            return ()
        return [await self._shown(found, owner, conversation_id) for found in owner.orders.nodes]

    async def products(self, query: str, *, limit: int = 3) -> Sequence[c.Product]:
        """Products that share words with `query`, those with more of them in the title first."""
        words = list(dict.fromkeys(_words(query)))[:_MOST_WORDS]
        if not words:
            return ()
        # Quoted, so that a customer's word `or` is no operator.
        search = " OR ".join(f'"{word}"' for word in words)
        answer = await self._client.read(queries.PRODUCTS, wire.Products, search=search, limit=_POOL)
        points = [(_overlap(found, words), found) for found in answer.products.nodes]
        ranked = sorted((pair for pair in points if pair[0]), key=lambda pair: -pair[0])
        return [reading.product(found, answer.shop.currency_code) for _, found in ranked[:limit]]

    async def stocked(self, item: str) -> c.Product | None:
        """By the number that webhooks of stock bring."""
        if not item.isdecimal():
            return None
        gid = f"gid://shopify/InventoryItem/{item}"
        answer = await self._client.read(queries.STOCKED, wire.Stocked, id=gid)
        counted = answer.inventory_item
        found = counted.variant if counted else None
        return reading.stocked(found, answer.shop.currency_code) if found else None

    async def execute(self, action: c.Action, *, customer: str, conversation_id: str, key: str) -> c.Receipt:
        """Look, act, look again; the whole is repeated while the vendor's trouble may pass."""
        gid = await self._gid(customer, conversation_id) if customer else ""
        if isinstance(action, c.Newsletter | c.CorrectLoyalty):
            if not gid:
                return refused(action, "nobody is signed in")
            member, mark = action, Mark.of(key)
            return await persist(
                lambda: carry_out_for(self._client, member, customer=gid, mark=mark),
                vendor=VENDOR,
                patience=self._client.patience,
            )
        name = _search_name(action.order_number)
        if not name or (customer and not gid):
            return refused(action, NO_SUCH_ORDER)
        search = f"{name} customer_id:{gid.rpartition('/')[2]}" if gid else name
        address = ""
        if isinstance(action, c.ChangeAddress):
            address = await self._vault.reveal(
                action.address, conversation_id=conversation_id, purpose=PURPOSE
            )
        return await persist(
            lambda: carry_out(self._client, action, search=search, customer=gid, key=key, address=address),
            vendor=VENDOR,
            patience=self._client.patience,
        )

    async def record_of(self, customer_id: str) -> Sequence[str]:
        """Raw values, for the intake door only; empty when the shop knows nobody of this id."""
        known = _CUSTOMER.fullmatch(customer_id.strip())
        if known is None:
            return ()
        return await self._record(f"gid://shopify/Customer/{known[1]}")

    async def record_behind(self, customer: str, *, conversation_id: str) -> Sequence[str]:
        """The same of the customer behind a token of this conversation."""
        gid = await self._gid(customer, conversation_id)
        return await self._record(gid) if gid else ()

    async def _record(self, gid: str) -> Sequence[str]:
        found = (await self._client.read(queries.RECORD, wire.RecordFound, id=gid)).customer
        return reading.record(found) if found else ()

    async def ping(self) -> None:
        """One question, asked once."""
        await self._client.once(queries.PING, wire.Pong)

    async def _gid(self, customer: str, conversation_id: str) -> str:
        """The vendor's id behind a token; empty when it is nobody's."""
        revealed = await self._vault.reveal(customer, conversation_id=conversation_id, purpose=PURPOSE)
        known = _CUSTOMER.fullmatch(revealed.strip())
        return f"gid://shopify/Customer/{known[1]}" if known else ""

    async def _order(self, search: str) -> wire.Order | None:
        found = (await self._client.read(queries.ORDER, wire.Orders, search=search)).orders.nodes
        return found[0] if found else None

    async def _shown(self, found: wire.Order, owner: wire.Owner | None, conversation_id: str) -> c.Order:
        return await reading.order(
            found, owner, vault=self._vault, conversation_id=conversation_id, now=self._clock.now()
        )


def _search_name(number: str) -> str:
    known = _NUMBER.fullmatch(number.strip())
    return f"name:#{known[1]}" if known else ""


def _words(text: str) -> list[str]:
    """Words without a plural's s: who asks for boots means the boot."""
    found = _WORD.findall(text.casefold())
    return [word[:-1] if len(word) > _SHORT and word.endswith("s") else word for word in found]


def _overlap(found: wire.Product, words: list[str]) -> int:
    """Points of a product: a word in the title counts four, in category or tags one."""
    title = set(_words(found.title))
    rest = set(_words(f"{found.product_type} {' '.join(found.tags)}"))
    return sum(4 if word in title else word in rest for word in words)


@asynccontextmanager
async def open_commerce(
    url: str,
    *,
    token: str,
    vault: PIIVault,
    clock: Clock,
    mock_file: Path | None = None,
    patience: Patience | None = None,
) -> AsyncIterator[ShopifyCommerce]:
    """The shop at `url`: `mock://shopify` over `mock_file` in this process, or `https://<shop>`.

    Raises `SettingsError` for any other scheme.
    """
    scheme = urlsplit(url).scheme
    open_too = ExitStack()
    if url == MOCK:
        from mock_apis import shopify as mock  # noqa: PLC0415 only the mock needs graphql-core

        # An error inside the mock is the vendor's 500, never ours.
        app = open_too.enter_context(closing(mock.create_app(mock_file)))
        transport: httpx.AsyncBaseTransport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        base, secret = "http://shop.mock", mock.TOKEN
    elif scheme in {"https", "http"}:
        transport, base, secret = httpx.AsyncHTTPTransport(), url.rstrip("/"), token
    else:
        raise SettingsError(f"the shop's URL {url!r} is neither {MOCK} nor https://<shop>.myshopify.com")
    headers = {"X-Shopify-Access-Token": secret}
    with open_too:
        async with httpx.AsyncClient(transport=transport, base_url=base, headers=headers) as http:
            client = ShopifyClient(http=http, patience=patience or Patience())
            yield ShopifyCommerce(client, vault=vault, clock=clock)
