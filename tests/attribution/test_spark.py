"""Evidence from a Spark session: the same rows as DuckDB's."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
import pyarrow as pa
import pytest

from attribution.engine import Engine, engine_of
from attribution.evidence import Evidence
from attribution.gather import gather
from attribution.observations import FitOptions, Observations
from attribution.timeline import day_number
from campaigns.faults import RefusedError

pytestmark = pytest.mark.slow

FRAMES = ("touches", "responses", "persons", "spend", "channels", "events", "promotions")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A local Spark session of two threads."""
    sql = pytest.importorskip("pyspark.sql", reason="Spark is not installed: make spark")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is none here")
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.log.level": "ERROR",
    }
    builder = sql.SparkSession.builder.master("local[2]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def on_spark(observations: Observations, spark: Any, names: tuple[str, ...] = FRAMES) -> Observations:
    """Put frames of observations on Spark."""
    moved = {name: spark.createDataFrame(_table(getattr(observations, name))) for name in names}
    return dataclasses.replace(observations, **moved)


def _table(frame: Any) -> pa.Table:
    eager = nw.from_native(frame)
    table = (eager.collect("pyarrow") if isinstance(eager, nw.LazyFrame) else eager).to_arrow()
    fields = [pa.field(f.name, pa.string() if pa.types.is_null(f.type) else f.type) for f in table.schema]
    return table.cast(pa.schema(fields))


def parts(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Take evidence apart into arrays and plain values."""
    if dataclasses.is_dataclass(value):
        for part in dataclasses.fields(value):
            yield from parts(getattr(value, part.name), f"{name}.{part.name}")
    elif isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
        for number, part in enumerate(value):
            yield from parts(part, f"{name}[{number}]")
    else:
        yield name, value


def same(one: Evidence, other: Evidence) -> None:
    """Hold evidence against evidence, row for row; the rows that it points at are numbered by each engine itself."""
    left, right = dict(parts(one)), dict(parts(other))
    assert left.keys() == right.keys()
    for name, value in left.items():
        if name in (".states.row", ".states.touch"):
            assert value.shape == right[name].shape, name
        elif isinstance(value, np.ndarray):
            assert value.shape == right[name].shape, name
            assert np.allclose(value, right[name]) if value.dtype.kind == "f" else (value == right[name]).all(), name
        else:
            assert value == right[name], name


def test_evidence_of_spark_equals_that_of_duckdb(spark: Any, observations: Observations, evidence: Evidence) -> None:
    moved = on_spark(observations, spark)
    assert moved.engine == Engine(spark)
    same(gather(moved), evidence)


def test_small_frames_may_stay_in_this_process(spark: Any, observations: Observations, evidence: Evidence) -> None:
    same(gather(on_spark(observations, spark, ("touches", "responses", "persons"))), evidence)


def test_times_with_a_zone_are_told_by_the_clock_of_the_fit(spark: Any, observations: Observations) -> None:
    """Spark's own timestamps are moments: the clock of the fit's zone says on which day they fall."""
    options = FitOptions(zone=ZoneInfo("Europe/Istanbul"))
    moved = on_spark(observations, spark, ("touches", "responses"))
    with pytest.raises(RefusedError, match="cannot be told by the clock of the fit"):
        gather(moved, options)
    there = spark.newSession()
    there.conf.set("spark.sql.session.timeZone", "Europe/Istanbul")
    same(gather(on_spark(observations, there, ("touches", "responses")), options), gather(observations, options))


def test_days_are_counted_alike_across_leap_years(spark: Any) -> None:
    moments = [datetime.fromisoformat(m) for m in ("2023-12-31T23:59:59.999999", "2024-02-29T06", "2100-03-01T12:30")]
    table = pa.table({"at": pa.array(moments, pa.timestamp("us"))})
    expected = [(moment - datetime.fromisoformat("2023-03-01")).total_seconds() / 86_400.0 for moment in moments]
    for engine in (Engine(), Engine(spark)):
        days = engine.lay(table).select(t=day_number("at", date(2023, 3, 1))).collect("pyarrow")["t"].to_list()
        assert days == pytest.approx(expected, rel=1e-12)


def test_without_a_frame_of_spark_the_engine_is_duckdb(observations: Observations) -> None:
    assert engine_of(observations.touches, observations.persons) == Engine()
