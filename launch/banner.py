"""What `make run` prints when everything answers."""

import os
import sys
from collections.abc import Sequence

from gateway.context import Desk
from gateway.staff.members import Account

_BUS = {"nats": "NATS JetStream on disk", "memory": "in this process (no nats-server was found)"}


def banner(desk: Desk, *, port: int) -> str:
    """Addresses and how to sign in."""
    base = f"http://{desk.settings.host}:{port}"
    # As replies name it, wherever the service stands.
    scheme = desk.settings.model_url.partition(":")[0]
    engine = "openai" if scheme in {"http", "https", "mock"} else scheme
    return "\n".join(
        (
            "",
            f"  {desk.settings.shop_name}: customer service is open",
            "",
            f"  shop with chat   {base}/",
            f"  console          {base}/console   (staff sign in at {base}/staff/sign-in)",
            f"  operations       {base}/ops   ({base}/health/ready   {base}/metrics)",
            f"  API docs         {base}/docs",
            *_warning(desk),
            "",
            f"  bus: {_BUS.get(desk.bus.kind, desk.bus.kind)}   engine: {engine}",
            f"  data: {desk.settings.data_dir.resolve()}",
            "  Ctrl-C stops everything; starting again finds every conversation.",
            "",
        )
    )


def _warning(desk: Desk) -> tuple[str, ...]:
    """What to do before anybody but this machine may come."""
    if desk.settings.host in {"127.0.0.1", "::1", "localhost"} or desk.staff.sessions.secure:
        return ()
    where = f"HOST={desk.settings.host} without https: passwords of staff can be read on the way"
    return ("", f"  ! {where}; put TLS before it and set PUBLIC_URL=https://...")


def _python() -> str:
    """This interpreter as it is called from here."""
    return min(sys.executable, os.path.relpath(sys.executable), key=len)


def accounts(made: Sequence[Account]) -> str:
    """New accounts with their passwords, said this once and kept nowhere; nothing for none."""
    if not made:
        return ""
    lines = "".join(f"  {each.member.name:<10} {each.password}   ({each.member.role})\n" for each in made)
    return (
        "\n  Staff accounts were made. Their passwords are shown this once; write them down:\n\n"
        f"{lines}\n  `{_python()} -m launch staff reset NAME` makes a new one.\n"
    )
