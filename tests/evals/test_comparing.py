"""Two runs beside each other, and what was promised."""

import json
from pathlib import Path

import pytest

from evals.comparing import compare
from evals.measures import JOBS
from evals.results import Figure, Measured, load, save
from evals.targets import Outcome, Target, load_targets, outcomes
from shared.errors import SettingsError
from tests.evals.runs import intents, run_of

BEFORE = [
    ("where is it", "ORDER_STATUS", "ORDER_STATUS", 0.9),
    ("send it back", "RETURN_REQUEST", "RETURN_REQUEST", 0.8),
    ("stop my box", "SUBSCRIPTION_MANAGEMENT", "CANCELLATION", 0.6),
    ("gone since", "ORDER_STATUS", "ORDER_STATUS", 0.5),
]
NOW = [
    ("where is it", "ORDER_STATUS", "ORDER_STATUS", 0.9),
    ("send it back", "RETURN_REQUEST", "EXCHANGE", 0.7),
    ("stop my box", "SUBSCRIPTION_MANAGEMENT", "SUBSCRIPTION_MANAGEMENT", 0.6),
    ("new here", "ORDER_STATUS", "ORDER_STATUS", 0.5),
]


def test_exactly_the_changed_rows_are_named() -> None:
    """Rows are paired by digest: one broke, one was mended, the rows of one run only are counted apart."""
    now, tally = intents(NOW)
    compared = compare(now, run_of("before", intents(BEFORE)[0]))
    assert compared is not None
    assert [tally.texts[flip.now.id] for flip in compared.broke] == ["send it back"]
    assert [(flip.before.said, flip.now.said) for flip in compared.broke] == [("RETURN_REQUEST", "EXCHANGE")]
    assert [tally.texts[flip.now.id] for flip in compared.mended] == ["stop my box"]
    assert (compared.only_now, compared.only_before) == (1, 1)
    change = compared.changes["accuracy"]
    assert (change.broke, change.mended, change.p, change.difference) == (1, 1, 1.0, 0.0)
    assert not change.beyond_chance


def test_a_figure_counts_only_its_own_rows() -> None:
    """A figure of one group is not moved by the rows of another."""
    now, tally = intents(NOW)
    parts = Measured(
        measure="intent",
        data="intent_human",
        engine="embedded",
        figures=(
            tally.figure("orders", "label:ORDER_STATUS"),
            tally.figure("returns", "label:RETURN_REQUEST"),
        ),
        rows=now.rows,
    )
    compared = compare(parts, run_of("before", parts_before(parts)))
    assert compared is not None
    assert (compared.changes["orders"].broke, compared.changes["returns"].broke) == (0, 1)


def parts_before(parts: Measured) -> Measured:
    before, _ = intents(BEFORE)
    return Measured(
        measure=parts.measure, data=parts.data, engine=parts.engine, figures=parts.figures, rows=before.rows
    )


def test_a_clear_change_is_beyond_chance() -> None:
    """Ten rows that all broke are no accident."""
    good = [(f"row {n}", "EXCHANGE", "EXCHANGE", 0.9) for n in range(10)]
    bad = [(text, wanted, "FEEDBACK", sure) for text, wanted, _, sure in good]
    compared = compare(intents(bad)[0], run_of("before", intents(good)[0]))
    assert compared is not None
    assert compared.changes["accuracy"].beyond_chance
    assert compared.changes["accuracy"].p == pytest.approx(2 / 1024)


def test_another_engine_may_be_compared() -> None:
    """The same measure by the only engine of the other run is its partner; another data set is none."""
    now, _ = intents(NOW, engine="openai-mock")
    assert compare(now, run_of("before", intents(BEFORE)[0])) is not None
    assert compare(now, run_of("empty")) is None


def test_a_run_is_read_as_it_was_kept(tmp_path: Path) -> None:
    """Saving and loading changes nothing, and no text of a row is in the file."""
    measured, _ = intents(NOW)
    run = run_of("now", measured)
    path = tmp_path / "runs" / "now.json"
    save(run, path)
    assert load(path) == run
    kept = path.read_text("utf-8")
    assert not [text for text, *_ in NOW if text in kept]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{broken", "not a run of these evals"),
        ('{"hello": 1}', "not a run of these evals"),
        ("[]", "not a run of these evals"),
        ("\xff", "not a run of these evals"),
    ],
)
def test_a_foreign_file_is_explained(tmp_path: Path, content: str, message: str) -> None:
    """What is no run of ours is named with the remedy."""
    path = tmp_path / "run.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(SettingsError, match=f"run.json: {message}.*evals all"):
        load(path)


def test_a_run_of_another_format_is_refused(tmp_path: Path) -> None:
    """A file of a later format is not half understood."""
    path = tmp_path / "run.json"
    save(run_of("now"), path)
    path.write_text(
        json.dumps(json.loads(path.read_text("utf-8")) | {"format": "answerdesk-evals-2"}), "utf-8"
    )
    with pytest.raises(SettingsError, match="answerdesk-evals-2"):
        load(path)


@pytest.mark.parametrize(
    ("value", "low", "high", "verdict"),
    [
        (0.97, 0.96, 0.98, "met"),
        (0.96, 0.94, 0.97, "within interval"),
        (0.94, 0.92, 0.96, "within interval"),
        (0.90, 0.88, 0.92, "not met"),
    ],
)
def test_verdicts(value: float, low: float, high: float, verdict: str) -> None:
    """A target inside the interval is neither met nor missed."""
    target = Target(what="w", measure="m", figure="f", at_least=0.95)
    found = Outcome(target, intents(NOW)[0], Figure(name="f", value=value, n=9, low=low, high=high))
    assert found.verdict == verdict
    assert found.reached == (value >= 0.95)


def test_a_target_of_all_is_decided_by_the_figure() -> None:
    """No interval clears 1: every row right meets "all", one row wrong does not."""
    target = Target(what="w", measure="m", figure="f", at_least=1.0)
    all_right = Figure(name="f", value=1.0, n=50, low=0.93, high=1.0)
    assert Outcome(target, intents(NOW)[0], all_right).verdict == "met"
    one_wrong = Figure(name="f", value=0.98, n=50, low=0.9, high=0.997)
    assert Outcome(target, intents(NOW)[0], one_wrong).verdict == "not met"


def test_the_mock_is_held_to_no_target_of_quality() -> None:
    """Targets bind engines that answer by themselves; one that names the mock binds it."""
    run = run_of("now", intents(NOW, engine="openai-mock")[0])
    quality = Target(what="w", measure="intent", data="intent_human", figure="macro", at_least=0.9)
    path = Target(
        what="w", measure="intent", data="intent_human", figure="macro", engine="openai-mock", at_least=0.9
    )
    assert [found.verdict for found in outcomes(run, (quality, path))] == ["not measured", "not met"]


def test_our_targets_name_measures_that_exist() -> None:
    """Every promise is about a measure and a data set that `all` takes."""
    known = {(job.measure, job.data) for job in JOBS}
    assert {(target.measure, target.data) for target in load_targets()} <= known


@pytest.mark.parametrize(
    "limits", ["", "at_least = 0.9\nat_most = 0.1", "at_least = 95", 'at_least = "high"', "at_lest = 0.9"]
)
def test_a_wrong_target_is_explained(tmp_path: Path, limits: str) -> None:
    """Exactly one limit, a share; a misspelled key is named."""
    path = tmp_path / "targets.toml"
    path.write_text(f'[[target]]\nwhat = "w"\nmeasure = "m"\nfigure = "f"\n{limits}\n')
    with pytest.raises(SettingsError, match=r"targets\.toml"):
        load_targets(path)
