"""`python -m evals all`, on small files."""

import json
import re
from pathlib import Path

import pytest

import evals.__main__ as command
from evals.measures import JOBS, Job
from evals.results import load

LOCAL = (
    Job(measure="pii", shared="pii.jsonl", local=True),
    Job(measure="pii", shared="broken.jsonl", local=True),
    Job(measure="oos", shared="nowhere.jsonl"),
)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    rows = [
        {"text": "mail ana@example.com", "span": [5, 20], "record": None},
        {"text": "code zanzibar now", "span": [5, 13], "record": None},
    ]
    (tmp_path / "pii.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "broken.jsonl").write_text('{"text": "ana", "span": [0, 9]}')
    monkeypatch.setattr(command, "JOBS", LOCAL)
    return tmp_path


def run_all(data: Path, *more: str) -> int:
    return command.main(["all", "--data-dir", str(data), "--runs-dir", str(data / "runs"), *more])


def test_everything_that_is_there_is_measured(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing and broken data are named, loudly and in the run; the rest is measured, kept, reported."""
    assert run_all(data, "--name", "first", "--report", str(data / "report")) == 0
    said = capsys.readouterr().err
    assert "oos nowhere: NOT MEASURED" in said
    assert "broken.jsonl, row 1: span (0, 9) is outside" in said
    run = load(data / "runs" / "first.json")
    assert [(each.measure, each.data) for each in run.measured] == [("pii", "pii")]
    assert [each.data for each in run.missing] == ["broken", "nowhere"]
    assert run.digests["seeds"] != run.digests["prompts"]
    assert (data / "report" / "report.html").read_text("utf-8").startswith("<!doctype html>")
    assert "zanzibar" in (data / "report" / "report.md").read_text("utf-8")
    assert "zanzibar" not in (data / "report" / "RESULTS.md").read_text("utf-8")


def test_a_run_against_itself_changed_nothing(data: Path) -> None:
    """The same code on the same data: every figure unchanged, no row broke."""
    run_all(data, "--name", "first")
    again = ("--name", "again", "--against", str(data / "runs" / "first.json"), "--report", str(data / "r"))
    assert run_all(data, *again) == 0
    text = (data / "r" / "report.md").read_text("utf-8")
    assert "Compared with run first" in text
    assert re.search(r"^\| leak rate \| 50\.0 % \| .* \| 2 \| unchanged \|$", text, re.MULTILINE)
    assert "Rows that changed\n\nNone." in text


def test_a_foreign_run_stops_before_anything_is_measured(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--against` a file that is no run ends with code 2, its name and the remedy."""
    (data / "other.json").write_text('{"hello": "world"}')
    assert run_all(data, "--against", str(data / "other.json")) == 2
    said = capsys.readouterr().err
    assert "other.json: not a run of these evals" in said
    assert not (data / "runs").exists()


def test_nothing_measured_is_a_failure(data: Path) -> None:
    """A run in which no measure could be taken ends with code 2."""
    (data / "pii.jsonl").unlink()
    assert run_all(data, "--name", "empty") == 2


def test_a_measure_alone_still_needs_its_file(capsys: pytest.CaptureFixture[str]) -> None:
    """Without --data a measure says what it needs."""
    with pytest.raises(SystemExit):
        command.main(["intent"])
    assert "intent needs --data FILE.jsonl" in capsys.readouterr().err


def test_every_job_has_a_measure() -> None:
    """Each line of the list names a module that is there, once per data set."""
    folder = Path(command.__file__).parent
    assert not [job.measure for job in JOBS if not (folder / f"{job.measure}.py").is_file()]
    assert len({(job.measure, job.data) for job in JOBS}) == len(JOBS)
