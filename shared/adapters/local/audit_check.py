"""Reads the audit log line by line and says where its chain is broken, and how."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from shared.adapters.local.audit_lines import NOTHING, Link, Read, Seal, looks_chained
from shared.ports import Damage, Verified

_ANCHOR = "the anchor"


@dataclass
class _Missing:
    """Lines that were not where they belong; they may still come, out of order."""

    first: int
    last: int
    file: str
    line: int


@dataclass
class Check:
    """Takes every line of every file in order, then the anchors; `result` is what came of it."""

    seal: Seal
    anchors: dict[str, Link]
    """Where the end was noted, by the name of the place."""
    findings: list[Damage] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _end: Link = field(default_factory=lambda: Link(0, NOTHING))
    _begun: bool = False
    _lines: int = 0
    _unchained: int = 0
    _files: int = 0
    _bad: list[tuple[str, int]] = field(default_factory=list)
    _missing: list[_Missing] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._digest = self.seal.digest()

    def file(self, name: str, lines: Iterable[bytes], *, current: bool) -> None:
        """The lines of one file. Half a line at the end of the `current` one is what a crash leaves."""
        self._files += 1
        for number, line in enumerate(lines, start=1):
            if not line.endswith(b"\n") and current:
                self.notes.append(
                    f"{name} line {number}: half a line of {len(line)} bytes, as a crash leaves it; what it "
                    "announced did not happen, and the next line written takes it away"
                )
                continue
            self._line(name, number, line)

    def _line(self, name: str, number: int, line: bytes) -> None:
        read = self.seal.read(line.removesuffix(b"\n"))
        if read is not None:
            self._good(name, number, read)
        elif self._begun or looks_chained(line):
            self._bad.append((name, number))
        else:
            self._digest.update(line)
            self._unchained += 1

    def _good(self, name: str, number: int, read: Read) -> None:
        self._lines += 1
        first, self._begun = not self._begun, True
        expected = self._end.sequence + 1
        got = read.link.sequence
        if got < expected:
            self._late(name, number, got)
            return
        bad = self._settle_bad(got - expected)
        if got - expected > bad:
            self._missing.append(_Missing(expected + bad, got - 1, name, number))
        elif not bad:
            self._follows(name, number, read, first=first)
        self._compare(name, number, read.link)
        self._end = read.link
        if read.line.deed.action == "anchor_lost":
            what = "the anchor was missing or not ours when this was written: lines before it may be cut off"
            self.findings.append(Damage(name, number, what))
        elif read.line.deed.action == "tail_healed":
            self.notes.append(f"{name} line {number}: half a line of a crash was taken away before it")

    def _follows(self, name: str, number: int, read: Read, *, first: bool) -> None:
        before, what = self._end.hash, f"line {read.link.sequence} does not follow the line before it"
        if first:
            before = self._digest.hexdigest() if self._unchained else NOTHING
            what = "the lines before the chain's first were changed since it was begun"
            if self._unchained:
                self.notes.append(
                    f"chained from {name} line {number} on; {self._unchained} lines before it are older "
                    "than the chain and only together tied to it"
                )
        if read.prev != before:
            self.findings.append(Damage(name, number, what))

    def _late(self, name: str, number: int, got: int) -> None:
        for gap in self._missing:
            if gap.first <= got <= gap.last:
                self._missing.remove(gap)
                parts = ((gap.first, got - 1), (got + 1, gap.last))
                self._missing += [_Missing(a, b, gap.file, gap.line) for a, b in parts if a <= b]
                what = f"line {got} stands out of order: it belongs before {gap.file} line {gap.line}"
                self.findings.append(Damage(name, number, what))
                return
        what = f"line {got} was inserted: it is a copy of a line that stands before"
        self.findings.append(Damage(name, number, what))

    def _settle_bad(self, gap: int) -> int:
        """Say of lines with a wrong hash which stand for one that is not there, and which were added."""
        changed = self._bad[:gap]
        for name, number in changed:
            what = "changed: its hash is not that of what it says"
            self.findings.append(Damage(name, number, what))
        for name, number in self._bad[gap:]:
            what = "inserted: it was not written by this log"
            self.findings.append(Damage(name, number, what))
        self._bad = []
        return len(changed)

    def _compare(self, name: str, number: int, link: Link) -> None:
        for place, noted in self.anchors.items():
            if noted.sequence == link.sequence and noted.hash != link.hash:
                what = f"line {link.sequence} is not the one that {place} remembers: another log stands here"
                self.findings.append(Damage(name, number, what))

    def result(self, *, name: str, anchored: bool) -> Verified:
        """The report; `name` is the current file, `anchored` whether an anchor was found."""
        end = self._end.sequence
        furthest = max(self.anchors.items(), key=lambda noted: noted[1].sequence, default=None)
        known = furthest[1].sequence if furthest else end
        if self._bad and not self._lines and not anchored:
            what = (
                "not one line is of this key: verify with the vault's key file that the log was written under"
            )
            self.findings, self._bad = [Damage(name, 0, what)], []
        end += self._settle_bad(max(known - end, 0))
        for gap in self._missing:
            what = f"before it {_range(gap.first, gap.last)} missing"
            self.findings.append(Damage(gap.file, gap.line, what))
        if furthest and known > end:
            what = f"{_range(end + 1, known)} missing at the end: {furthest[0]} remembers line {known}"
            self.findings.append(Damage(name, 0, what))
        if self._begun and not anchored:
            what = "is missing or not of this key: whether the end was cut off cannot be told"
            self.findings.append(Damage(_ANCHOR, 0, what))
        if self._unchained and not self._begun:
            self.notes.append(f"{name}: {self._unchained} lines, none of them chained yet")
        return Verified(
            files=self._files,
            lines=self._lines,
            unchained=self._unchained,
            last=f"{self._end.sequence}:{self._end.hash}",
            findings=tuple(self.findings),
            notes=tuple(self.notes),
        )


def _range(first: int, last: int) -> str:
    return f"line {first} is" if first == last else f"lines {first} to {last} are"
