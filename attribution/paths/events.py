"""Paths from events: the touches of a person within the lookback before each of the person's responses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from typing import Any, Literal

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attribution.paths.path_set import AdKey, Floats, Ints, Paths, Unit
from campaigns.faults import Fault, RefusedError
from campaigns.terms import CAUSES, STEPS, Window

__all__ = ["Level", "paths_from_events"]

Level = Literal["channel", "ad"]

_TOUCHES = ("person", "occurred_at", "channel", "kind", "campaign", "ad")
_KINDS = (*CAUSES, *STEPS)
_DAY = 86_400_000_000
"""Microseconds of a day."""


@dataclass(frozen=True)
class _Touches:
    """Touches in path order (person, time, kind, unit); times in microseconds since the window opened."""

    person: Ints
    at: Ints
    unit: Ints
    reach: Ints
    units: tuple[Unit, ...]


@dataclass(frozen=True)
class _Responses:
    """Responses inside the window, ordered by time; person -1 where unknown or without any touch."""

    person: Ints
    at: Ints
    value: Floats


def paths_from_events(
    touches: Any,
    responses: Any,
    *,
    lookback_days: float | Mapping[str, float],
    level: Level = "channel",
    window: Window,
    zone: tzinfo = UTC,
) -> Paths:
    """Lay out what each response was preceded by.

    A response of the window ends a path of the touches of the same person from ``lookback_days`` before it up to its
    own moment; a touch may stand in the paths of several responses. A person who was touched inside the window and did
    not respond in it gives one path that ended in nothing, of the touches inside the window. Touches count if they are
    causes or the person's own steps; a withheld contact (ghost) touched nobody and never counts.

    Touches at the same moment are ordered by kind as in ``CAUSES`` and ``STEPS`` (a send before its open before its
    click), then by unit, so that the order of the rows does not matter.

    Parameters
    ----------
    touches
        Columns ``person, occurred_at, channel, kind, campaign, ad``: pandas, Arrow, Polars or a DuckDB relation.
    responses
        Columns ``person, occurred_at`` and, if known, ``value``: the responses of the goal, and no others.
    lookback_days
        How far back a touch may lie, in days; one number, or one for each channel.
    level
        Whether a step is a touch of a channel or of an ad.
    window
        Days whose responses count, both included.
    zone
        Zone in which days begin and in which times written without a zone are read. Days have 24 hours from the
        first midnight on, so that after a change of the clock they begin an hour off.

    Returns
    -------
    One path per response that a touch preceded, by time, then one per person without a response, with ``ages`` in
    days; responses without a touch, or without a person, are ``unassigned``.

    Raises
    ------
    RefusedError
        With every fault: a missing column, a touch without time or channel, a response without time, a lookback that
        is not above 0 or is missing for a channel.
    """
    _check(touches, responses, lookback_days)
    opens = datetime.combine(window.start, time(), zone)
    closes = window.days * _DAY
    shown = _read(touches, _TOUCHES, opens, kinds=_KINDS)
    ended = _read(responses, ("person", "occurred_at", "value"), opens)
    _check_rows(shown, ended)
    made, answered = _coded(shown, ended, lookback_days, level, closes)
    owner, before = _preceding(made, answered)
    touched = np.bincount(owner, minlength=len(answered.at))
    assigned = touched > 0
    quiet = _quiet(made, answered, closes)
    waited = np.bincount(made.person[quiet], minlength=1)
    waited = waited[waited > 0]
    one, none = np.ones(int(assigned.sum())), np.zeros(len(waited))
    return Paths(
        units=made.units,
        steps=made.unit[np.concatenate((before, quiet))],
        offsets=np.concatenate(([0], np.cumsum(np.concatenate((touched[assigned], waited))))),
        conversions=np.concatenate((one, none)),
        value=np.concatenate((answered.value[assigned], none)),
        nulls=np.concatenate((one - 1.0, none + 1.0)),
        ages=np.concatenate((answered.at[owner] - made.at[before], closes - made.at[quiet])) / _DAY,
        unassigned_conversions=float((~assigned).sum()),
        unassigned_value=float(answered.value[~assigned].sum()),
    )


def _check(touches: Any, responses: Any, lookback_days: float | Mapping[str, float]) -> None:
    faults = [
        Fault(0, f"{name}.{column}", "no such column", f"the column {column}")
        for name, frame, wanted in (
            ("touches", touches, _TOUCHES),
            ("responses", responses, ("person", "occurred_at")),
        )
        for column in wanted
        if column not in nw.from_native(frame).collect_schema().names()
    ]
    given = lookback_days if isinstance(lookback_days, Mapping) else {"lookback_days": lookback_days}
    faults += [Fault(0, name, f"{days}", "days above 0") for name, days in given.items() if not 0.0 < days < 1e5]
    if faults:
        raise RefusedError("The paths cannot be laid out:", faults, "Correct this and try again.")


def _read(source: Any, columns: tuple[str, ...], opens: datetime, *, kinds: tuple[str, ...] = ()) -> pa.Table:
    """Read the columns there are, with times as microseconds since the window opened in ``at``."""
    frame = nw.from_native(source)
    lazy = frame.lazy("duckdb") if isinstance(frame, nw.DataFrame) else frame
    schema = lazy.collect_schema()
    if kinds:
        lazy = lazy.filter(nw.col("kind").is_in(kinds))
    zoned = getattr(schema["occurred_at"], "time_zone", None) is not None
    start = opens.astimezone(UTC) if zoned else opens.replace(tzinfo=None)
    moment = nw.col("occurred_at") if zoned else nw.col("occurred_at").cast(nw.Datetime("us"))
    at = (moment - nw.lit(start)).dt.total_microseconds()
    present = [name for name in columns if name in schema.names() and name != "occurred_at"]
    table: pa.Table = lazy.select(*present, at=at).collect("pyarrow").to_native()
    return table


def _check_rows(touches: pa.Table, responses: pa.Table) -> None:
    faults = [
        Fault(0, f"{name}.{'occurred_at' if column == 'at' else column}", f"{empty:,} empty", "a value in every row")
        for name, table, column in (
            ("touches", touches, "at"),
            ("touches", touches, "channel"),
            ("responses", responses, "at"),
        )
        if (empty := table.column(column).null_count)
    ]
    if faults:
        raise RefusedError("The paths cannot be laid out:", faults, "Fill or leave out these rows and try again.")


def _coded(
    touches: pa.Table, responses: pa.Table, lookback_days: float | Mapping[str, float], level: Level, closes: int
) -> tuple[_Touches, _Responses]:
    """Turn words into codes, drop what cannot be in a path, and put the rest in path order."""
    toucher, responder = _persons(touches.column("person"), responses.column("person"))
    at = touches.column("at").to_numpy()
    units, unit, reach = _units(touches, level, lookback_days)
    kind = pc.index_in(_words(touches.column("kind")), pa.array(_KINDS, pa.large_string())).to_numpy()
    use = (toucher >= 0) & (at < closes) & (at >= -reach)
    toucher, at, unit, reach, kind = toucher[use], at[use], unit[use], reach[use], kind[use]
    order = np.lexsort((kind * np.int64(len(units)) + unit, at, toucher))
    ended = responses.column("at").to_numpy()
    worth = np.zeros(len(ended))
    if "value" in responses.column_names:
        values: Any = responses.column("value")
        worth = values.cast(pa.float64(), safe=False).fill_null(0.0).to_numpy()
    inside = np.flatnonzero((ended >= 0) & (ended < closes))
    inside = inside[np.lexsort((worth[inside], responder[inside], ended[inside]))]
    return (
        _Touches(toucher[order], at[order], unit[order], reach[order], units),
        _Responses(responder[inside], ended[inside], worth[inside]),
    )


def _persons(touchers: Any, responders: Any) -> tuple[Ints, Ints]:
    """Give the persons of both frames one numbering; -1 where there is none."""
    columns = [_plain(column) for column in (touchers, responders)]
    if columns[0].type != columns[1].type:
        columns = [column.cast(pa.large_string()) for column in columns]
    both: Any = pa.chunked_array([chunk for column in columns for chunk in column.chunks], columns[0].type)
    codes = both.combine_chunks().dictionary_encode().indices.fill_null(-1).to_numpy().astype(np.int64)
    return codes[: len(touchers)], codes[len(touchers) :]


def _plain(column: Any) -> Any:
    """Cast identities to 64-bit integers or text, so that a column with gaps (floats in pandas) equals one without."""
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    number = pa.types.is_integer(column.type) or pa.types.is_floating(column.type) or pa.types.is_null(column.type)
    return column.cast(pa.int64() if number else pa.large_string())


def _units(
    touches: pa.Table, level: Level, lookback_days: float | Mapping[str, float]
) -> tuple[tuple[Unit, ...], Ints, Ints]:
    """Code the unit of each touch, in sorted order, with how far its channel looks back in microseconds."""
    names = ("channel",) if level == "channel" else ("channel", "campaign", "ad")
    code = np.zeros(len(touches), dtype=np.int64)
    keys: list[tuple[str, ...]] = [()]
    for name in names:
        coded = _words(touches.column(name)).dictionary_encode()
        words = coded.dictionary.to_pylist()
        seen, code = np.unique(code * max(len(words), 1) + coded.indices.to_numpy(), return_inverse=True)
        keys = [(*keys[pair // len(words)], words[pair % len(words)]) for pair in seen.tolist()]
    order = sorted(range(len(keys)), key=keys.__getitem__)
    rank = np.empty(len(keys), dtype=np.int64)
    rank[order] = np.arange(len(keys))
    keys = [keys[position] for position in order]
    unit = rank[code] if len(code) else code
    reach = np.array([round(days * _DAY) for days in _lookbacks(keys, lookback_days)], dtype=np.int64)
    units = tuple(key[0] if level == "channel" else AdKey(*key) for key in keys if key)
    return units, unit, reach[unit]


def _words(column: Any) -> Any:
    return column.cast(pa.large_string()).fill_null("").combine_chunks()


def _lookbacks(keys: list[tuple[str, ...]], lookback_days: float | Mapping[str, float]) -> list[float]:
    if not isinstance(lookback_days, Mapping):
        return [lookback_days] * len(keys)
    missing = sorted({key[0] for key in keys if key and key[0] not in lookback_days})
    if missing:
        faults = [Fault(0, "lookback_days", f"nothing for {name!r}", "days for every channel") for name in missing]
        raise RefusedError("The paths cannot be laid out:", faults, "Say how far back each channel may be credited.")
    return [lookback_days[key[0]] for key in keys if key]


def _preceding(touches: _Touches, responses: _Responses) -> tuple[Ints, Ints]:
    """Pair each response with the rows of the touches before it that are near enough, in path order."""
    farthest = int(touches.reach.max(initial=0))
    first = _rows_before(touches, responses.person, responses.at - farthest)
    last = _rows_before(touches, responses.person, responses.at + 1)
    lengths = last - first
    owner = np.repeat(np.arange(len(lengths)), lengths)
    rows = np.arange(int(lengths.sum())) + np.repeat(first - (np.cumsum(lengths) - lengths), lengths)
    near = responses.at[owner] - touches.at[rows] <= touches.reach[rows]
    return owner[near], rows[near]


def _rows_before(touches: _Touches, person: Ints, at: Ints) -> Ints:
    """Count the touches ordered before (person, at): a bisection of all questions at once."""
    low = np.searchsorted(touches.person, person, side="left")
    high = np.searchsorted(touches.person, person, side="right")
    while (low < high).any():
        middle = (low + high) // 2
        before = (low < high) & (touches.at[np.minimum(middle, len(touches.at) - 1)] < at)
        high = np.where((low < high) & ~before, middle, high)
        low = np.where(before, middle + 1, low)
    return low


def _quiet(touches: _Touches, responses: _Responses, closes: int) -> Ints:
    """Rows of the touches inside the window to persons who did not respond in it."""
    responded = np.zeros(int(touches.person.max(initial=0)) + 1, dtype=bool)
    known = responses.person[(responses.person >= 0) & (responses.person < len(responded))]
    responded[known] = True
    return np.flatnonzero((touches.at >= 0) & (touches.at < closes) & ~responded[touches.person])
