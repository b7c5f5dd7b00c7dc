"""A person's rights at a running shop: what is kept is shown to them, then gone from every file of ours."""

import json
import os
import re
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tests.processes import everything
from tests.shop import ROOT, Chat, free_port

MARK = "kumquatwobble"
OTHER = "marzipanfox"
TOKEN = re.compile(r"TOKEN_[0-9a-f-]{36}")
SAID = (
    f"My name is Zebulon Quackenbush and I like your {MARK} tent <script>alert(1)</script>.",
    "ORDER_STATUS: all of them. Write to z.quackenbush@canary-mail.example.",
    f"I want to talk to a human about the {MARK}, I am Zebulon Quackenbush, +44 20 7946 0958",
    f"And one more thing about the {MARK}",
)


def command(data: Path, *options: str) -> tuple[int, str, str]:
    process = subprocess.run(
        [sys.executable, "-m", "launch", *options],
        cwd=ROOT, env={**os.environ, "DATA_DIR": str(data)}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    return process.returncode, process.stdout, process.stderr


@dataclass
class Played:
    """What was done at the shop, in the order in which it was done."""

    data: Path
    customer: str = ""
    tokens: set[str] = field(default_factory=set)
    before: dict[str, bytes] = field(default_factory=dict)
    export: tuple[int, str, str] = (9, "", "")
    erased: tuple[int, str, str] = (9, "", "")
    after: dict[str, bytes] = field(default_factory=dict)
    shown: str = ""


def files(data: Path) -> dict[str, bytes]:
    """Our files by name; the vendors' own are theirs."""
    names = {path: str(path.relative_to(data)) for path in sorted(data.rglob("*")) if path.is_file()}
    return {name: path.read_bytes() for path, name in names.items() if not name.startswith("mock/")}


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """A customer and a guest talk; the customer's data is exported and erased while the shop runs."""
    folder, port = tmp_path_factory.mktemp("rights"), free_port()
    played = Played(folder / "data")
    process = everything(folder, port=port)
    try:
        process.wait_ready()
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=40) as http:
            played.customer = http.get("/demo/customers").json()["customers"][0]["id"]
            token = http.post("/demo/token", json={"customer_id": played.customer}).json()["token"]
            guest, customer = Chat(http), Chat(http, token=token)
            guest.say(f"My name is Gwendolyn Featherstone and I like your {OTHER} tent.")
            for message in SAID:
                customer.say(message)
            thumb = {"turn_id": customer.answers[0]["turn_id"], "rating": "up", "comment": f"fine {MARK}"}
            url = f"/v1/conversations/{customer.conversation_id}"
            assert http.post(f"{url}/feedback", json=thumb, headers=customer.headers).status_code == 204
            played.before = files(played.data)
            played.export = command(
                played.data, "export", "--customer", played.customer, "--to", str(folder / "export")
            )
            shown = command(played.data, "audit", "show", "--conversation", customer.conversation_id)[1]
            played.tokens = set(TOKEN.findall(shown))
            played.erased = command(played.data, "erase", "--customer", played.customer)
            assert http.get(url, headers=customer.headers).status_code == 404
            played.shown = http.get(f"/v1/conversations/{guest.conversation_id}", headers=guest.headers).text
        process.interrupt()
        assert process.ended(20) == 0
    finally:
        if process.running:
            process.kill()
    played.after = files(played.data)
    return played


def holders(found: dict[str, bytes], text: str) -> set[str]:
    return {name for name, data in found.items() if text.encode() in data}


def test_export(played: Played) -> None:
    """JSON and a page with what was said in the clear, for its reader only, nothing in it markup."""
    code, out, error = played.export
    assert (code, error) == (0, "")
    assert out.startswith("export: 1 conversations in ")
    folder = played.data.parent / "export"
    found = json.loads((folder / "export.json").read_text("utf-8"))
    (conversation,) = found["conversations"]
    assert [each["text"] for each in conversation["messages"] if each["who"] == "customer"] == list(SAID)
    assert conversation["hand_overs"][0]["ticket"]
    assert conversation["feedback"][0]["comment"] == f"fine {MARK}"
    assert "Zebulon Quackenbush" in json.dumps(conversation["hand_overs"])
    assert conversation["audit"][-1]["purpose"] == "export"
    assert not TOKEN.search(json.dumps(found))
    page = (folder / "export.html").read_text("utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in page
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_erase(played: Played) -> None:
    """After it no file of ours has a word, value or token of the customer; the audit keeps dead tokens."""
    code, out, error = played.erased
    assert (code, error) == (0, "")
    assert re.search(r"bus: .*[1-9]\d* TURNS_OUT.* removed", out)
    assert re.search(r"conversations: 1 conversations, 4 turns, 1 feedback.*1 hand_overs", out)
    assert re.search(r"vault: [1-9]\d* values removed", out)
    assert re.search(r"helpdesk: 1 tickets removed; deleted for good", out)
    assert len(played.tokens) >= 3
    places = {name.partition("/")[0].removesuffix("-wal") for name in holders(played.before, MARK)}
    assert places >= {"nats", "desk.db"}
    assert holders(played.after, MARK) == set()
    for token in played.tokens:
        assert holders(played.after, token) == {"vault/audit.log"}
    for canary in ("Quackenbush", "canary-mail", "20 7946 0958"):
        assert holders(played.after, canary) == set()


def test_nobody_else_loses_anything(played: Played) -> None:
    """The guest's conversation is whole, with its values."""
    assert "Gwendolyn Featherstone" in played.shown
    assert OTHER in played.shown


def test_the_receipt_can_be_checked(played: Played, tmp_path: Path) -> None:
    """Genuine as it is, not after any change, nor elsewhere; and erasing again finds nothing."""
    receipt = Path(re.search(r"receipt (.*)", played.erased[1])[1])  # type: ignore[index]
    assert stat.S_IMODE(receipt.stat().st_mode) == 0o600
    assert played.customer not in receipt.read_text()
    assert command(played.data, "erase", "--verify", str(receipt))[0] == 0
    changed = tmp_path / "changed.json"
    changed.write_text(re.sub(r'"TURNS_OUT": \d+', '"TURNS_OUT": 99', receipt.read_text()))
    code, _, error = command(played.data, "erase", "--verify", str(changed))
    assert (code, "was changed" in error) == (1, True)
    changed.write_text("{}")
    assert command(played.data, "erase", "--verify", str(changed))[0] == 1
    assert command(played.data, "erase", "--verify", str(tmp_path / "nowhere"))[0] == 2
    code, out, _ = command(played.data, "erase", "--customer", played.customer)
    assert (code, "0 conversations" in out) == (0, True)
    assert list((played.data / "erasures").glob(".*")) == []


def test_the_audit_of_all_this_is_whole(played: Played) -> None:
    """A real run leaves a log that verifies, with the export and the erasure in it."""
    code, out, _ = command(played.data, "audit", "verify")
    assert (code, "all is well" in out) == (0, True)
    log = (played.data / "vault" / "audit.log").read_text()
    actions = {json.loads(line)["action"] for line in log.splitlines()}
    assert actions >= {"chain_begun", "reveal", "export", "erase"}
    assert played.customer not in log
