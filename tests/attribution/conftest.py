"""What the tests of the estimation share: a small simulated market, and markets of a few persons written by hand."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from attribution.baseline import baseline_of
from attribution.evidence import Evidence
from attribution.gather import gather
from attribution.observations import Observations
from attribution.priors import Priors, effect_scale
from attribution.rates import design_of
from attribution.sampling import Posterior
from attribution.simulate import Market, MarketSpec, simulate_market

TIME = pa.timestamp("us", "UTC")
SCHEMAS = {
    "touches": pa.schema(
        {"person": pa.int64(), "occurred_at": TIME}
        | dict.fromkeys(("channel", "kind", "campaign", "ad", "promotion"), pa.string())
        | {"cost": pa.int64()}
    ),
    "responses": pa.schema({"person": pa.int64(), "occurred_at": TIME, "kind": pa.string(), "value": pa.int64()}),
    "persons": pa.schema(
        {"person": pa.int64(), "segment": pa.string(), "region": pa.string(), "listed": pa.bool_()}
        | dict.fromkeys(("created_at", "first_order_at"), TIME)
    ),
    "spend": pa.schema(
        {"date": pa.date32()}
        | dict.fromkeys(("channel", "campaign", "ad", "region"), pa.string())
        | dict.fromkeys(("cost", "impressions", "clicks"), pa.int64())
        | dict.fromkeys(("units", "claimed_conversions"), pa.float64())
        | {"cost_kind": pa.string()}
    ),
    "channels": pa.schema({"channel": pa.string(), "targeted": pa.bool_(), "carry_over_days": pa.int64()}),
    "events": pa.schema({"name": pa.string(), "starts_on": pa.date32(), "ends_on": pa.date32(), "region": pa.string()}),
    "promotions": pa.schema({"promotion": pa.string(), "target_cac": pa.int64()}),
}


class Book:
    """What happened to a few persons, written down in days since the first midnight; each entry returns the book."""

    first_day = date(2026, 1, 5)
    """A Monday."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}

    def at(self, day: float | None) -> datetime | None:
        if day is None:
            return None
        return datetime.combine(self.first_day, time(), UTC) + timedelta(days=day)

    def on(self, day: int) -> date:
        return self.first_day + timedelta(days=day)

    def person(
        self,
        person: int,
        *,
        segment: str | None = None,
        region: str | None = None,
        created: float | None = None,
        ordered: float | None = None,
        listed: bool = True,
    ) -> Book:
        row = {"person": person, "segment": segment, "region": region, "listed": listed}
        self.rows["persons"].append({**row, "created_at": self.at(created), "first_order_at": self.at(ordered)})
        return self

    def touch(
        self,
        person: int,
        day: float,
        channel: str = "email",
        kind: str = "send",
        *,
        ad: str | None = "a",
        campaign: str | None = "c",
        promotion: str | None = None,
        cost: int | None = None,
    ) -> Book:
        row = {"person": person, "occurred_at": self.at(day), "channel": channel, "kind": kind, "cost": cost}
        self.rows["touches"].append({**row, "campaign": campaign, "ad": ad, "promotion": promotion})
        return self

    def response(self, person: int | None, day: float, kind: str = "order", *, value: int | None = None) -> Book:
        row = {"person": person, "occurred_at": self.at(day), "kind": kind, "value": value}
        self.rows["responses"].append(row)
        return self

    def bought(self, day: int, channel: str, cost: int, **columns: Any) -> Book:
        self.rows["spend"].append({"date": self.on(day), "channel": channel, "cost": cost, **columns})
        return self

    def channel(self, channel: str, *, targeted: bool = False, carry_over_days: int | None = None) -> Book:
        row = {"channel": channel, "targeted": targeted, "carry_over_days": carry_over_days}
        self.rows["channels"].append(row)
        return self

    def event(self, name: str, first: int, last: int, region: str | None = None) -> Book:
        row = {"name": name, "starts_on": self.on(first), "ends_on": self.on(last), "region": region}
        self.rows["events"].append(row)
        return self

    def promotion(self, promotion: str, target_cac: int | None) -> Book:
        self.rows["promotions"].append({"promotion": promotion, "target_cac": target_cac})
        return self

    def tables(self) -> dict[str, pa.Table]:
        return {name: pa.Table.from_pylist(self.rows[name], schema=schema) for name, schema in SCHEMAS.items()}

    def observations(self) -> Observations:
        return Observations(**self.tables())

    def shuffled(self, seed: int) -> Book:
        other = Book()
        other.rows = {name: random.Random(seed).sample(rows, len(rows)) for name, rows in self.rows.items()}  # noqa: S311
        return other


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture(scope="session")
def new_book() -> type[Book]:
    """For tests that write many books."""
    return Book


def observations_of(market: Market) -> Observations:
    """Read a simulated market as the store would hand it over: persons by number, money in minor units."""
    tables = market.tables
    customers = tables["customers"]["customer_id"]

    def read(name: str, table: pa.Table) -> pa.Table:
        if "customer_id" in table.column_names:
            table = table.append_column("person", pc.index_in(table["customer_id"], customers))
        columns = {}
        for field in SCHEMAS[name]:
            if field.name == "listed":
                columns[field.name] = pa.repeat(True, table.num_rows)
            elif field.name not in table.column_names:
                columns[field.name] = pa.nulls(table.num_rows, field.type)
            elif field.name in ("cost", "target_cac", "value"):
                columns[field.name] = pc.cast(pc.round(pc.multiply(table[field.name], 100.0)), field.type)
            elif field.name == "targeted":
                columns[field.name] = pc.equal(table[field.name], "yes")
            else:
                columns[field.name] = pc.cast(table[field.name], field.type)
        return pa.table(columns)

    sources = {name: name for name in SCHEMAS} | {"persons": "customers", "events": "calendar_events"}
    return Observations(**{name: read(name, tables[source]) for name, source in sources.items()})


@pytest.fixture(scope="session")
def read_market() -> Any:
    return observations_of


@pytest.fixture(scope="session")
def market() -> Market:
    """A market small enough for every test."""
    return simulate_market(MarketSpec(customers=1500, days=90, seed=3))


@pytest.fixture(scope="session")
def observations(market: Market) -> Observations:
    return observations_of(market)


@pytest.fixture(scope="session")
def evidence(observations: Observations) -> Evidence:
    return gather(observations)


def plausible_draws(evidence: Evidence, chains: int = 2, draws: int = 40, seed: int = 0) -> Posterior:
    """Draw the variables of the model by hand: what sums up a posterior is tested without sampling one."""
    rng = np.random.default_rng(seed)
    design, baseline, media = design_of(evidence), baseline_of(evidence, Priors()), len(evidence.media.names)
    channels, buckets = design.bucket_mask.shape
    ghosts = len(design.ghost_channels)
    suspects = ghosts + len(design.intent_channels)

    def normal(*shape: int, sd: float = 1.0) -> Any:
        return rng.normal(0.0, sd, (chains, draws, *shape))

    def positive(typical: Any, *shape: int, sd: float = 0.3) -> Any:
        return np.asarray(typical) * np.exp(normal(*shape, sd=sd))

    values = {"base_z": normal(len(baseline.names), sd=0.3)}
    if channels:
        values |= {
            "apparent": positive(0.7 * effect_scale(evidence, Priors()), channels, sd=0.2),
            "spread": positive(0.3),
            "unit_z": normal(len(evidence.units)),
            "exponent": positive(0.3, channels),
            "delay": positive(5.0, channels),
            "lag_z": normal(channels, buckets),
        }
    if design.both_phases:
        values["later"] = positive(0.8, channels)
    if suspects:
        values["intent_concentration"] = positive(15.0)
        values["intent_share"] = rng.beta(1.0, 9.0, (chains, draws, suspects))
    if ghosts:
        values["intent_delay"] = positive(5.0, ghosts)
    if media:
        values |= {
            "strength": positive(0.3, media),
            "retention": rng.beta(3.0, 3.0, (chains, draws, media)),
            "scale": positive(1.0, media),
            "shape": positive(1.2, media),
        }
    return Posterior(values, divergences=0, steps=15.0)


@pytest.fixture(scope="session")
def draw_posterior() -> Any:
    return plausible_draws


@pytest.fixture(scope="session")
def posterior(evidence: Evidence) -> Posterior:
    return plausible_draws(evidence)


def _on_duckdb(tables: Iterable[tuple[str, pa.Table]]) -> dict[str, Any]:
    connection = duckdb.connect()
    for name, table in tables:
        connection.register(f"arrow_{name}", table)
        connection.execute(f"CREATE TABLE {name} AS FROM arrow_{name}")
    return {name: connection.table(name) for name, _ in tables}


@pytest.fixture(params=["pandas", "DuckDB", "times without a zone"])
def other_frames(request: pytest.FixtureRequest) -> Any:
    """Ways, other than Arrow, to hand the same tables over."""

    def converted(tables: dict[str, pa.Table]) -> Observations:
        if request.param == "pandas":
            return Observations(**{name: table.to_pandas() for name, table in tables.items()})
        if request.param == "DuckDB":
            return Observations(**_on_duckdb(list(tables.items())))
        return Observations(**{name: _without_zone(table) for name, table in tables.items()})

    return converted


def _without_zone(table: pa.Table) -> pa.Table:
    types = {field.name: pa.timestamp("us") if field.type == TIME else field.type for field in table.schema}
    return table.cast(pa.schema(types))
