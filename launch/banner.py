"""What `make run` prints when everything answers."""

from gateway.context import Desk

_BUS = {"nats": "NATS JetStream on disk", "memory": "in this process (no nats-server was found)"}


def banner(desk: Desk, *, port: int) -> str:
    """Addresses and how to sign in."""
    base = f"http://{desk.settings.host}:{port}"
    engine = desk.settings.model_url.split(":", 1)[0]
    return "\n".join(
        (
            "",
            f"  {desk.settings.shop_name}: customer service is open",
            "",
            f"  shop with chat   {base}/",
            f"  console          {base}/console   (user staff, password {desk.staff_password})",
            f"  ops              {base}/health/ready   {base}/metrics",
            f"  API docs         {base}/docs",
            "",
            f"  bus: {_BUS.get(desk.bus.kind, desk.bus.kind)}   engine: {engine}",
            f"  data: {desk.settings.data_dir.resolve()}",
            "  Ctrl-C stops everything; starting again finds every conversation.",
            "",
        )
    )
