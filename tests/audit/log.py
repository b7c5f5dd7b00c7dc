"""A log on disk with lines in it, as the tests of its files want it."""

from dataclasses import dataclass
from pathlib import Path

from shared.adapters.local.key_file import KeyFile
from shared.ports import Deed, Verified
from tests.vaults import open_audit


@dataclass(frozen=True)
class Log:
    """The files in `folder`; each call opens the log as a new process would."""

    folder: Path
    size: int = 1 << 20

    @property
    def path(self) -> Path:
        """The current file."""
        return self.folder / "audit.log"

    @property
    def key(self) -> Path:
        """The vault's key file, made when absent."""
        key = self.folder / "key"
        if not key.exists():
            KeyFile(key).create()
        return key

    @property
    def anchor(self) -> Path:
        """Where the end is noted."""
        return self.folder / "anchors" / "anchor"

    async def write(self, *conversations: str) -> None:
        """A reveal for each of these conversations, one after the other."""
        async with open_audit(self.path, self.key, size=self.size) as log:
            for conversation in conversations:
                await log.write(
                    Deed(
                        action="reveal",
                        purpose="delivery",
                        conversation_id=conversation,
                        tokens=(f"TOKEN_{conversation}",),
                    )
                )

    async def verify(self, noted: str = "") -> Verified:
        """What a verification finds."""
        async with open_audit(self.path, self.key) as log:
            return await log.verify(noted=noted)

    async def wrong(self) -> list[tuple[str, int, str]]:
        """The findings as plain values."""
        return [(found.file, found.line, found.what) for found in (await self.verify()).findings]

    def lines(self) -> list[bytes]:
        """The lines of the current file with their line breaks."""
        return self.path.read_bytes().splitlines(keepends=True)

    def put(self, lines: list[bytes]) -> None:
        """Write the current file anew."""
        self.path.write_bytes(b"".join(lines))
