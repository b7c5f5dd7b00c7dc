"""Who may sign in: the first accounts, and what an administrator changes about them."""

import asyncio
import hashlib
import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gateway.staff.passwords import Passwords, generated
from gateway.staff.roles import ROLES, Member
from shared.errors import SettingsError
from shared.ports import StaffMember, StaffRole, StaffStore

NOBODY: Mapping[str, str] = {}
_LONGEST_DISPLAY, _LONGEST_CONTACT = 40, 200
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")


@dataclass(frozen=True)
class Account:
    """A member with a new password, to be told once."""

    member: Member
    password: str = field(repr=False)


@dataclass(frozen=True)
class Members:
    """Local accounts, and who signed in by the identity provider. Every method may raise `StoreDown`."""

    store: StaffStore
    passwords: Passwords = field(default_factory=Passwords)

    async def first(self, displays: Mapping[str, str] = NOBODY) -> Sequence[Account]:
        """One account for each role, named like it; none when there ever were members.

        `displays` is what customers call them, by role.
        """
        if await self.store.members():
            return ()
        made = await asyncio.gather(*(self._made(role, role, displays.get(role, "")) for role in ROLES))
        new = await self.store.begin_with([row for row, _ in made])
        return [Account(told(row), password) for row, password in made] if new else ()

    async def listed(self) -> Sequence[tuple[Member, bool]]:
        """Everybody by name; whether they have a password here."""
        return [(told(row), bool(row.password)) for row in await self.store.members()]

    async def add(self, name: str, role: StaffRole, display: str = "") -> Account:
        """A new local account; `display` is what customers call them.

        Raises:
            SettingsError: the name is taken, or no name; or no display name.
        """
        display = display_of(display)
        if not _NAME.fullmatch(name):
            rule = "1 to 32 of a-z, 0-9, dot, dash and underscore, beginning with a letter or digit"
            raise SettingsError(f"NAME={name[:40]!r}: is no name of an account; use {rule}")
        row, password = await self._made(name, role, display)
        if not await self.store.add(row):
            raise SettingsError(f"NAME={name!r}: is taken; use `staff reset` or another name")
        return Account(told(row), password)

    async def reset(self, name: str) -> Account:
        """A new password; the old one and every session end.

        Raises:
            SettingsError: there is no such local account.
        """
        row = await self.store.named(name)
        if row is None:
            raise SettingsError(f"NAME={name[:40]!r}: no account with a password has it; see `staff list`")
        password = generated()
        hashed = await asyncio.to_thread(self.passwords.hashed, password)
        await self.store.change(replace(row, password=hashed))
        return Account(told(row), password)

    async def assign(self, name: str, role: StaffRole) -> Member:
        """Another role for a local account or a member's id; every session ends.

        Raises:
            SettingsError: there is nobody of that name, or their role comes from the identity provider.
        """
        row = await self._one(name)
        if not row.password:
            raise SettingsError(
                f"NAME={name[:40]!r}: the role comes from the identity provider; change it there"
            )
        changed = replace(row, role=role)
        await self.store.change(changed)
        return told(changed)

    async def introduce(self, name: str, display: str, contact: str | None = None) -> Member:
        """How customers call a local account, or a member by id; `contact` stays as it is when None.

        Raises:
            SettingsError: there is nobody of that name, or it is no display name.
        """
        row, shown = await self._one(name), display_of(display)
        given = None if contact is None else one_line(contact, "CONTACT", _LONGEST_CONTACT)
        await self.store.set_display(row.id, shown, given)
        return told(await self.store.member(row.id) or row)

    async def remove(self, name: str) -> Member:
        """Take a local account, or a member by id, away with every session.

        Raises:
            SettingsError: there is nobody of that name.
        """
        row = await self._one(name)
        await self.store.remove(row.id)
        return told(row)

    async def known(
        self, *, issuer: str, subject: str, name: str, role: StaffRole, display: str = ""
    ) -> Member:
        """Whom the identity provider says this is, in the role it says now; added at the first time.

        Only then customers call them by `display`: what they have said here since stands.
        """
        row = StaffMember(id=_id_of(issuer, subject), name=name, role=role, display=display)
        if not await self.store.change(row):
            await self.store.add(row)
        return told(await self.store.member(row.id) or row)

    async def gone(self, *, issuer: str, subject: str) -> None:
        """The identity provider says that this person has no role any more: every session ends."""
        await self.store.remove(_id_of(issuer, subject))

    async def find(self, name: str) -> Member:
        """A local account by name, or anybody by id.

        Raises:
            SettingsError: there is nobody of that name.
        """
        return told(await self._one(name))

    async def _one(self, name: str) -> StaffMember:
        row = await self.store.named(name) or await self.store.member(name)
        if row is None:
            raise SettingsError(f"NAME={name[:40]!r}: nobody has this name or id; see `staff list`")
        return row

    async def _made(self, name: str, role: StaffRole, display: str) -> tuple[StaffMember, str]:
        password = generated()
        hashed = await asyncio.to_thread(self.passwords.hashed, password)
        member_id = f"m-{secrets.token_hex(8)}"
        return StaffMember(id=member_id, name=name, role=role, password=hashed, display=display), password


def told(row: StaffMember) -> Member:
    """The member without what is only the store's."""
    return Member(id=row.id, name=row.name, role=row.role, display=row.display, contact=row.contact)


def display_of(given: str) -> str:
    """What customers may call somebody; empty for "our team". Raises `SettingsError` for no name."""
    return one_line(given, "DISPLAY", _LONGEST_DISPLAY)


def one_line(given: str, field: str, longest: int) -> str:
    """A short text in one line, in composed Unicode. Raises `SettingsError` for any other."""
    text = " ".join(unicodedata.normalize("NFC", given).split())
    # No control characters, nor marks that turn what stands beside it around.
    if len(text) > longest or any(unicodedata.category(each)[0] == "C" for each in text):
        rule = f"use at most {longest} printable characters, or none"
        raise SettingsError(f"{field}={text[:60]!r}: customers could not read that; {rule}")
    return text


def _id_of(issuer: str, subject: str) -> str:
    """Another issuer's "42" is somebody else; and the subject itself may be an e-mail address."""
    digest = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
    return f"m-{digest[:16]}"
