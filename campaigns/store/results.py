"""What runs found: reports, draws and scores, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from sqlalchemy import Table, delete
from sqlmodel import Session, col, select

from campaigns.store import runs, tables
from campaigns.store.arrow import append
from campaigns.store.credits import Credits, replace_credits
from campaigns.store.database import Database
from campaigns.store.findings import costs_of, costs_stored, findings_of, findings_stored
from campaigns.terms import Check, Cost, Effect, Proof, Range, Report, RunSummary, Verdict, Window

__all__ = [
    "DrawKey",
    "Draws",
    "draw_values",
    "draws_of",
    "publish",
    "published_report",
    "report_of",
    "report_without_parts",
]

BASELINE, CHANNEL, CAMPAIGN, AD = "baseline", "channel", "campaign", "ad"

NUMBERS = ("spend", "touches", "matched_share", "p_no_effect", "p_below_target", "target", "claimed")
"""Numbers of an effect that stand alone."""

Draws = npt.NDArray[np.float32]
"""Draws of one quantity: shape ``(draws,)``, or ``(draws, points)`` for a curve."""

_SCORES: Table = tables.Score.__table__  # type: ignore[attr-defined]
_WORTHS: Table = tables.Worth.__table__  # type: ignore[attr-defined]


class DrawKey(NamedTuple):
    """Of what draws are: a series (``incremental``, ``acquired``, ``cac``, ``curve:tv`` ...) of a channel or an ad."""

    series: str
    channel: str | None = None
    campaign: str | None = None
    ad: str | None = None


def publish(
    session: Session,
    run_id: int,
    report: Report,
    draws: Mapping[DrawKey, npt.NDArray[np.floating[Any]]],
    scores: pa.Table | None = None,
    credits: Credits | None = None,  # noqa: A002 - the noun of the field
    worths: pa.Table | None = None,
) -> None:
    """Store what a run found, in the caller's transaction; whether it stands is for ``campaigns.store.runs.end``.

    Parameters
    ----------
    run_id
        The run, whose goal is the report's; nothing of it may have been stored before.
    draws
        Thinned draws, each of shape ``(draws,)``, or ``(draws, points)`` for a curve; kept as 32 bit floats.
    scores
        ``person, channel, extra_responses, recent_touches``, and where they are known ``error`` and ``second``: what
        one more contact would do. They replace those of earlier runs of the goal, unless the verdict is ``fail``: then
        they are not kept.
    credits
        Credit of single responses, which replaces that of earlier runs of the goal alike.
    worths
        ``person, margin, is_new``: what each is expected to bring yet, in major units; replaced alike.

    Raises
    ------
    ValueError
        If the report is of another goal than the run.
    """
    run = runs.find(session, run_id)
    found = report.run
    if found.goal != run.goal:
        raise ValueError(f"run {run_id} is of the goal {run.goal}, the report of {found.goal}")
    run.verdict, run.finished_at = found.verdict, found.finished_at
    run.window_start, run.window_end = found.window.start, found.window.end
    run.responses, run.first_responses = int(found.responses), int(found.first_responses)
    run.linked_share = float(found.linked_share)
    run.currency, run.notes = report.currency, list(report.notes)
    run.findings = findings_stored(report)
    session.add(run)
    session.add_all(_effects(run_id, report))
    session.add_all(
        tables.RunCheck(
            run_id=run_id,
            position=position,
            name=check.name,
            value=float(check.value),
            threshold=float(check.threshold),
            verdict=check.verdict,
            sentence=check.sentence,
        )
        for position, check in enumerate(report.checks)
    )
    session.add_all(_draw(run_id, key, values) for key, values in draws.items())
    session.flush()
    if scores is not None and found.verdict is not Verdict.FAIL:
        _replace_rows(session, run, _SCORES, _scores(scores))
    if worths is not None and found.verdict is not Verdict.FAIL:
        _replace_rows(session, run, _WORTHS, worths.select(["person", "margin", "is_new"]))
    if credits is not None and found.verdict is not Verdict.FAIL:
        replace_credits(session, run, credits)


def published_report(database: Database, goal: str = "order") -> Report | None:
    """Return the report of a goal that was published last, or None if none was."""
    with database.reading() as session:
        run = runs.published(session, goal)
        return None if run is None else _report(session, run)


def report_of(database: Database, run_id: int) -> Report | None:
    """Return the report of a run, published or refused; None if there is no such run or it found nothing."""
    with database.reading() as session:
        run = session.get(tables.Run, run_id)
        return None if run is None or run.verdict is None else _report(session, run)


def report_without_parts(session: Session, run: tables.Run) -> Report:
    """Return the report of a run with its channels alone: for the trend, where there are many."""
    return _report(session, run, (BASELINE, CHANNEL))


def draws_of(database: Database, run_id: int, series: str | None = None) -> dict[DrawKey, Draws]:
    """Return the draws of a run, of one series or of all."""
    draw = tables.Draw
    statement = select(draw).where(draw.run_id == run_id).order_by(col(draw.id))
    with database.reading() as session:
        rows = session.exec(statement if series is None else statement.where(draw.series == series)).all()
    return {DrawKey(row.series, row.channel, row.campaign, row.ad): draw_values(row) for row in rows}


def _draw(run_id: int, key: DrawKey, values: npt.NDArray[np.floating[Any]]) -> tables.Draw:
    return tables.Draw(
        run_id=run_id,
        **DrawKey(*key)._asdict(),
        points=values.shape[1] if values.ndim > 1 else None,
        values=np.ascontiguousarray(values, "<f4").tobytes(),
    )


def draw_values(row: tables.Draw) -> Draws:
    """Return the draws that a row holds."""
    values = np.frombuffer(row.values, "<f4")
    return values if row.points is None else values.reshape(-1, row.points)


def _scores(given: pa.Table) -> pa.Table:
    """Return the columns that are kept; where nothing is known of a second contact, it brings nothing."""
    rows = given.select(["person", "channel", "extra_responses", "recent_touches"])
    unknown = pa.nulls(given.num_rows, pa.float64())
    rows = rows.append_column("error", given["error"] if "error" in given.column_names else unknown)
    second = given["second"] if "second" in given.column_names else unknown.fill_null(0.0)
    return rows.append_column("second", second)


def _replace_rows(session: Session, run: tables.Run, table: Table, rows: pa.Table) -> None:
    """Keep rows by person, in place of those of earlier runs of the goal."""
    earlier = select(tables.Run.id).where(tables.Run.goal == run.goal, tables.Run.id != run.id)
    session.execute(delete(table).where(table.c.run_id.in_(earlier)))
    rows = rows.rename_columns(["person_id" if name == "person" else name for name in rows.column_names])
    append(session.connection(), table, rows.append_column("run_id", pa.array(np.full(rows.num_rows, run.id))))


def _effects(run_id: int, report: Report) -> list[tables.Effect]:
    baseline = tables.Effect(run_id=run_id, level=BASELINE, position=0, **_range("incremental", report.baseline))
    return [
        baseline,
        *(_effect(run_id, CHANNEL, position, effect) for position, effect in enumerate(report.channels)),
        *(_effect(run_id, CAMPAIGN, position, effect) for position, effect in enumerate(report.campaigns)),
        *(_effect(run_id, AD, position, effect) for position, effect in enumerate(report.ads)),
    ]


def _effect(run_id: int, level: str, position: int, effect: Effect) -> tables.Effect:
    numbers: dict[str, Any] = {name: _plain(getattr(effect, name)) for name in NUMBERS}
    return tables.Effect(
        run_id=run_id,
        level=level,
        position=position,
        channel=effect.channel,
        campaign=effect.campaign,
        ad=effect.ad,
        proof=effect.proof,
        **_range("incremental", effect.incremental),
        **_range("acquired", effect.acquired),
        **_cost("cac", effect.cac),
        **_cost("marginal_cac", effect.marginal_cac),
        **numbers,
        rules={rule: float(credit) for rule, credit in effect.rules.items()},
        costs=costs_stored(effect),
    )


def _range(name: str, values: Range) -> dict[str, Any]:
    return {f"{name}_{end}": _plain(getattr(values, end)) for end in ("mean", "p05", "p95")}


def _cost(name: str, cost: Cost | None) -> dict[str, Any]:
    told = {} if cost is None else {f"{name}_{end}": _plain(getattr(cost, end)) for end in ("median", "p05", "p95")}
    return {f"has_{name}": cost is not None, **told}


def _plain(number: float | None) -> float | None:
    """Return a number of Python: a driver may not know NumPy's."""
    return None if number is None else float(number)


def _report(session: Session, run: tables.Run, levels: tuple[str, ...] = (BASELINE, CHANNEL, CAMPAIGN, AD)) -> Report:
    row = tables.Effect
    wanted = select(row).where(row.run_id == run.id, col(row.level).in_(levels))
    rows = session.exec(wanted.order_by(col(row.level), col(row.position))).all()
    check = tables.RunCheck
    checks = session.exec(select(check).where(check.run_id == run.id).order_by(col(check.position))).all()
    return Report(
        run=_summary(run),
        currency=run.currency or "",
        baseline=next(_range_of(effect, "incremental") for effect in rows if effect.level == BASELINE),
        channels=tuple(_effect_of(effect) for effect in rows if effect.level == CHANNEL),
        campaigns=tuple(_effect_of(effect) for effect in rows if effect.level == CAMPAIGN),
        ads=tuple(_effect_of(effect) for effect in rows if effect.level == AD),
        checks=tuple(
            Check(check.name, check.value, check.threshold, Verdict(check.verdict), check.sentence) for check in checks
        ),
        notes=tuple(run.notes),
        **findings_of(run.findings),
    )


def _summary(run: tables.Run) -> RunSummary:
    told: dict[str, Any] = run.model_dump()
    return RunSummary(
        window=Window(told["window_start"], told["window_end"]),
        verdict=Verdict(told["verdict"]),
        **{name: told[name] for name in ("id", "finished_at", "goal", "responses", "first_responses", "linked_share")},
    )


def _effect_of(row: tables.Effect) -> Effect:
    told: dict[str, Any] = row.model_dump()
    return Effect(
        proof=Proof(told["proof"]),
        incremental=_range_of(row, "incremental"),
        acquired=_range_of(row, "acquired"),
        cac=_cost_of(row, "cac"),
        marginal_cac=_cost_of(row, "marginal_cac"),
        **{name: told[name] for name in ("channel", "campaign", "ad", "rules", *NUMBERS)},
        **costs_of(row.costs),
    )


def _range_of(row: tables.Effect, name: str) -> Range:
    return Range(*(getattr(row, f"{name}_{end}") for end in ("mean", "p05", "p95")))


def _cost_of(row: tables.Effect, name: str) -> Cost | None:
    if not getattr(row, f"has_{name}"):
        return None
    return Cost(*(getattr(row, f"{name}_{end}") for end in ("median", "p05", "p95")))
