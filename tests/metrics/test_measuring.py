"""Gauges that are brought up to date in the background."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from launch.measuring import certificates, expiry, looks, measure
from shared import metrics
from shared.adapters.sqlite.measures import open_measures
from shared.errors import SettingsError, StoreDown
from shared.settings import Settings
from shared.wiring import open_services
from tests.metrics.certificate import write_certificate

DAY = 86_400.0


@pytest.fixture
def registry() -> Iterator[CollectorRegistry]:
    found = CollectorRegistry()
    with metrics.counting(metrics.Meters(found)):
        yield found


def test_the_certificate_that_expires_first_counts(tmp_path: Path) -> None:
    """A file holds a chain: one that is over breaks it."""
    path = write_certificate(tmp_path / "chain.pem", days=90)
    late = expiry(path)
    assert expiry(write_certificate(path, days=2)) == pytest.approx(late - 88 * DAY, abs=60)


@pytest.mark.parametrize("content", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_file_without_certificate_is_named(content: bytes, tmp_path: Path) -> None:
    """And one that is not there."""
    path = tmp_path / "ca.pem"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match=r"ca\.pem: no certificate could be read"):
        expiry(path)
    with pytest.raises(SettingsError, match=r"none\.pem: no certificate"):
        expiry(tmp_path / "none.pem")


def test_only_files_that_are_set_are_watched() -> None:
    """Without TLS there is nothing to expire."""
    assert certificates(Settings()) == {}
    assert certificates(Settings(bus_tls_ca="a", bus_tls_cert="b")) == {"bus_ca": "a", "bus_client": "b"}


async def test_what_cannot_be_looked_at_grows_old(registry: CollectorRegistry) -> None:
    """A part that is down keeps its old time, for the alarm; the others go on, also after faults of ours."""

    async def down() -> None:
        raise StoreDown("a full disk")

    async def broken() -> None:
        raise ZeroDivisionError

    async def fine() -> None:
        metrics.put(metrics.LONGEST_WAIT, 3.0, "support")

    await measure({"cases": down, "bus": broken, "certificates": fine})
    assert registry.get_sample_value("desk_case_longest_wait_seconds", {"queue": "support"}) == 3.0
    name = "desk_figures_timestamp_seconds"
    assert registry.get_sample_value(name, {"figures": "certificates"})
    assert registry.get_sample_value(name, {"figures": "cases"}) is None
    assert registry.get_sample_value(name, {"figures": "bus"}) is None


async def test_one_role_tells_what_is_there_once(tmp_path: Path) -> None:
    """Ten processes that all count the queue would be ten times the queries for one number."""
    async with open_services(Settings(data_dir=tmp_path)) as services:
        by_role = {role: set(looks(services, role)) for role in ("intent", "gateway", "all")}
    assert by_role["intent"] == {"dependencies"}
    assert by_role["gateway"] == by_role["all"] == {"dependencies", "cases", "bus", "spending"}


async def test_queues_are_counted_without_reading_what_is_closed(tmp_path: Path) -> None:
    """A closed case has a record that cannot be read here: only who reads it would notice."""
    async with open_services(Settings(data_dir=tmp_path)) as services:
        await services.cases()
        async with open_measures(tmp_path / "desk.db") as measures:
            columns = [row[1] for row in measures._db.execute("PRAGMA table_info(cases)")]
            values = {"open": 0, "record": b"unreadable"}
            names, marks = ", ".join(columns), ", ".join("?" * len(columns))
            given = [values.get(column, f"x-{column}") for column in columns]
            measures._db.execute(f"INSERT INTO cases ({names}) VALUES ({marks})", given)  # noqa: S608
            assert list(await measures.queues(now=0.0)) == []
