"""Staff for tests: a room with one member of each role, named like it, all with one password."""

import httpx

from gateway.staff.passwords import Passwords
from gateway.staff.roles import ROLES
from gateway.staff.room import StaffRoom, staff_room
from shared.adapters.memory.staff import MemoryStaff
from shared.ports import StaffMember, StaffStore
from shared.settings import Settings

QUICK = Passwords(cost=2)
PASSWORD = "correct horse"
SECRET = "t" * 40


def member_id(role: str) -> str:
    """The id of the member of this role."""
    return f"m-{role}"


def room_for_tests(
    settings: Settings, *, store: StaffStore | None = None, http: httpx.AsyncClient | None = None
) -> StaffRoom:
    """A room in memory with its members, or over this store as it is."""
    if store is None:
        store = memory = MemoryStaff()
        hashed = QUICK.hashed(PASSWORD)
        for role in ROLES:
            one = StaffMember(id=member_id(role), name=role, role=role, password=hashed)
            memory._members[one.id] = one
    return staff_room(settings, store, secret=SECRET, http=http, passwords=QUICK)
