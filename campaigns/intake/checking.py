"""Check a file against its contract: every fault at once, and the good rows as typed Arrow columns."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from campaigns.faults import Fault
from campaigns.intake.amounts import convert_amounts, write_currencies
from campaigns.intake.formats import Column, FileKind, Type
from campaigns.intake.kernels import Chunked, column_of, nulls, pc
from campaigns.intake.left_out import left_table
from campaigns.intake.money import Rates
from campaigns.intake.parsing import STORED, parse
from campaigns.intake.raw import Raw, lines_after
from campaigns.intake.rejected import Rejected
from campaigns.intake.review import Review
from campaigns.intake.rules import (
    check_bounds,
    check_identity,
    check_keys,
    check_past,
    check_spans,
    check_zones,
    name_channels,
)

__all__ = ["CheckOptions", "Checked", "Rejected", "check", "schema_of"]

ATTRIBUTE = "attr_"
CHANNEL_COLUMNS = ("channel", "channels")


@dataclass(frozen=True)
class CheckOptions:
    """What a check needs to know of its surroundings.

    Parameters
    ----------
    zone
        Zone of times that name none, and in which days begin.
    currency
        ISO 4217 code of the reporting currency.
    now
        The present, with its zone: what lies after it has not happened.
    rates
        Exchange rates, as the rates kind has them (``date`` date32, ``currency``, ``rate``).
    known_channels
        Channels already in use, besides the well-known ones.
    default_source
        ``source`` of rows that name none; the name of the file kind if None.
    """

    zone: ZoneInfo
    currency: str
    now: datetime
    rates: pa.Table | None = None
    known_channels: frozenset[str] = frozenset()
    default_source: str | None = None

    def __post_init__(self) -> None:
        if self.now.tzinfo is None:
            raise ValueError("now needs a time zone")


@dataclass(frozen=True)
class Checked:
    """A file that has been checked.

    Parameters
    ----------
    table
        The good rows: the columns of ``kind.all_columns`` in this order (customers: and ``attributes``, a JSON object
        as text), typed as :func:`schema_of` says; amounts in minor units of the reporting currency, ``currency``
        being the one they were written in; ``source`` always filled. Without rows if the file is unusable.
    faults
        Everything found wrong, in the order of the file.
    rejected
        The rows that are not in ``table``; with those they are all rows of the file, unless it is unusable.
    notes
        What was read otherwise than it was written, for people.
    unusable
        Whether the file as a whole is at fault (damaged, empty, a required column missing), so that no row can be
        taken even where faulty rows are skipped.
    mapping
        Name of the mapping that the file was read by, or an empty text.
    left_out
        What the file shows and that does not count, with its reasons (:func:`campaigns.intake.left_out.schema_of`), or
        None where there is nothing.
    hint
        What the file seems to be, where it is not what it was said to be.
    restates
        Columns of which the file tells everything: of what is stored of its sources with the same values in them, only
        what is in the file stays.
    """

    kind: FileKind
    table: pa.Table
    faults: tuple[Fault, ...]
    rejected: Sequence[Rejected]
    path: Path
    digest: str
    notes: tuple[str, ...] = ()
    unusable: bool = False
    mapping: str = ""
    left_out: pa.Table | None = None
    hint: str = ""
    restates: tuple[str, ...] = ()


def schema_of(kind: FileKind) -> pa.Schema:
    """Return the Arrow schema of a checked table."""
    fields = [pa.field(column.name, STORED[column.type]) for column in kind.all_columns]
    if kind.attributes:
        fields.append(pa.field("attributes", pa.string()))
    return pa.schema(fields)


def check(
    raw: Raw, kind: FileKind, options: CheckOptions, *, path: Path = Path(), digest: str = "", mapping: str = ""
) -> Checked:
    """Check what was read against its contract.

    Parameters
    ----------
    raw
        The file as read, or as a mapping made it.
    kind
        The contract.
    path, digest, mapping
        Where the rows come from; passed on.

    Returns
    -------
    The good rows, every fault of the others, and of the file as a whole. Nothing is raised for what a file holds.
    """
    empty = schema_of(kind).empty_table()
    if raw.faults:
        return Checked(kind, empty, raw.faults, (), path, digest, raw.notes, unusable=True, mapping=mapping)
    places, faults, unusable = _places(raw, kind)
    review = Review(kind, raw, places)
    if raw.table.num_rows:
        _check_columns(review, options)
        _check_rows(review, options, tell_apart=not unusable)
    found, rejected = review.faults()
    if unusable:
        return Checked(kind, empty, (*faults, *found), (), path, digest, tuple(review.notes), True, mapping)
    left = _left_out(raw, kind, options)
    table = pa.table(review.values, schema=schema_of(kind)) if raw.table.num_rows else empty
    if review.faulty.any():
        table = table.filter(pa.array(~review.faulty))
    return Checked(kind, table, (*faults, *found), rejected, path, digest, tuple(review.notes), False, mapping, left)


def _left_out(raw: Raw, kind: FileKind, options: CheckOptions) -> pa.Table | None:
    """Return what a mapping left out, as typed columns; what cannot be read of it is empty."""
    if raw.left is None or not raw.left.table.num_rows:
        return None
    left = raw.left
    shown = Raw(left.table, lines_after(np.array(left.lines, np.int64)), zone=raw.zone)
    places = {_plain(name): place for place, name in enumerate(left.table.column_names)}
    review = Review(kind, shown, places)
    _check_columns(review, options)
    for column in kind.all_columns:
        if column.default:
            review.values[column.name] = pc.fill_null(review.values[column.name], column.default)
        if column.name in CHANNEL_COLUMNS:
            name_channels(review, column, options.known_channels, hint=False)
    review.values["source"] = pc.fill_null(review.values["source"], options.default_source or kind.name)
    if "currency" in review.values:
        write_currencies(review)
    if kind.has_money:
        convert_amounts(review, options.currency, Rates.from_table(options.rates), options.now, options.zone)
    return left_table(kind, review.values, left, options.zone)


def _places(raw: Raw, kind: FileKind) -> tuple[dict[str, int], list[Fault], bool]:
    """Return where each column of the contract stands in the file, the faults of the names, and whether they bar it."""
    known = {column.name for column in kind.all_columns}
    places: dict[str, int] = {}
    faults: list[Fault] = []
    unusable = False
    for place, written in enumerate(raw.table.column_names):
        name = _plain(written)
        if name in places:
            faults.append(Fault(raw.header_line, written, f"the column {name} twice", "each column once"))
            unusable = True
        elif name in known or (kind.attributes and re.fullmatch(rf"{ATTRIBUTE}.+", name)):
            places[name] = place
        else:
            faults.append(Fault(raw.header_line, written, "an unknown column", _suggestion(name, kind)))
    for column in kind.all_columns:
        if column.required and column.name not in places:
            words = f"this column: {column.meaning} ({column.type.words})"
            faults.append(Fault(raw.header_line, column.name, "no such column", words))
            unusable = True
    return places, faults, unusable


def _plain(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.strip().casefold())


def _suggestion(name: str, kind: FileKind) -> str:
    names = [column.name for column in kind.all_columns]
    close = get_close_matches(name, names, n=1, cutoff=0.6)
    if close:
        return f"a column of {kind.name}; did you mean {close[0]}?"
    more = f", or any {ATTRIBUTE}NAME" if kind.attributes else ""
    return f"a column of {kind.name}: {', '.join(names)}{more}"


def _check_columns(review: Review, options: CheckOptions) -> None:
    """Read every column, and report what cannot be read or is missing."""
    zone = review.raw.zone or options.zone
    for column in review.kind.all_columns:
        if column.name not in review.places:
            kind = pa.float64() if column.type is Type.MONEY else STORED[column.type]
            review.values[column.name] = nulls(review.rows, kind)
            review.present[column.name] = np.zeros(review.rows, bool)
            continue
        parsed = parse(column, review.raw.table.column(review.places[column.name]), zone)
        review.values[column.name] = parsed.values
        present = pc.is_valid(parsed.values).to_numpy()
        if parsed.bad is not None:
            review.report(parsed.bad, column.name, parsed.expected)
            present = present | parsed.bad
        review.present[column.name] = present
        if column.required and not present.all():
            review.report(~present, column.name, f"a value: {column.meaning}", "nothing")
    for name in sorted(name for name in review.places if name.startswith(ATTRIBUTE)):
        parsed = parse(Column(name, Type.TEXT, ""), review.raw.table.column(review.places[name]), zone)
        review.attributes[name] = parsed.values
        if parsed.bad is not None:
            review.report(parsed.bad, name, parsed.expected)


def _check_rows(review: Review, options: CheckOptions, *, tell_apart: bool) -> None:
    """Apply the rules of the contract, and fill in what it says of empty cells.

    Without a column that the file lacks as a whole, rows cannot be told apart: then nothing is said of equal ones.
    """
    kind, values = review.kind, review.values
    for column in kind.all_columns:
        if column.minimum is not None or column.maximum is not None:
            check_bounds(review, column)
        if column.past:
            check_past(review, column, options.now, options.zone)
        if column.default:
            values[column.name] = pc.fill_null(values[column.name], column.default)
        if column.name == "time_zone" and "time_zone" in review.places:
            check_zones(review, column.name)
        if column.name in CHANNEL_COLUMNS:
            hint = column.required and kind.name != "channels"
            name_channels(review, column, options.known_channels, hint=hint)
    values["source"] = pc.fill_null(values["source"], options.default_source or kind.name)
    check_identity(review)
    check_spans(review)
    if tell_apart:
        check_keys(review)
    if "currency" in values:
        write_currencies(review)
    if kind.has_money:
        convert_amounts(review, options.currency, Rates.from_table(options.rates), options.now, options.zone)
    if kind.attributes:
        values["attributes"] = _attributes(review)


def _attributes(review: Review) -> Chunked:
    """Return the attributes of each row as one JSON object, null where it has none."""
    if not review.attributes:
        return nulls(review.rows, pa.string())
    keys = [name.removeprefix(ATTRIBUTE) for name in review.attributes]
    columns = [values.to_pylist() for values in review.attributes.values()]
    texts: list[str | None] = []
    for cells in zip(*columns, strict=True):
        filled = {key: cell for key, cell in zip(keys, cells, strict=True) if cell is not None}
        texts.append(json.dumps(filled, ensure_ascii=False) if filled else None)
    return column_of(pa.array(texts, pa.string()))
