"""Find the columns that a mapping names in a file: by their other names, by patterns, or inside a nested column."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

import pyarrow as pa

from campaigns.faults import Fault
from campaigns.intake.cells import as_text, recode, spelling
from campaigns.intake.expectation import Expectation
from campaigns.intake.kernels import Chunked, pc
from campaigns.intake.mappings.paths import value_at
from campaigns.intake.mappings.terms import Mapping as Terms
from campaigns.intake.raw import Raw

__all__ = ["Found", "expectation_of", "find_columns", "matches", "names_of"]


@dataclass(frozen=True)
class Found:
    """Where the columns of a mapping stand.

    Parameters
    ----------
    table
        The file, with a column more for each nested value that is wanted.
    places
        The position of each column found.
    headers
        For each, what it is called in the file.
    captured
        For each found by a pattern, what stands in the place of its ``*``.
    faults
        The columns that are missing.
    """

    table: pa.Table
    places: dict[str, int]
    headers: dict[str, str] = field(default_factory=dict)
    captured: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def expectation_of(mapping: Terms) -> Expectation:
    """Return what a mapping knows of its file before it is read."""
    columns = mapping.source_columns()
    names = [other for name in columns for other in names_of(name, mapping.aliases)]
    plain = {spelling(name) for name in names} | {spelling(_based(name)[0]) for name in columns if _based(name)[1]}
    patterns = [name for name in names if "*" in name]

    def known(header: str) -> bool:
        return spelling(header) in plain or any(matches(header, name) is not None for name in patterns)

    shape = mapping.shape
    return Expectation(known, shape.encoding, shape.delimiter, shape.sheet)


def names_of(name: str, aliases: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return a column's name and its other names."""
    return (name, *aliases.get(name, ()))


def matches(header: str, name: str) -> str | None:
    """Tell whether a header is a name; return what stands in the place of ``*``, empty where there is none."""
    if "*" not in name:
        return "" if spelling(header) == spelling(name) else None
    pattern = re.escape(spelling(name)).replace(r"\*", "(.*?)")
    match = re.fullmatch(pattern, spelling(header))
    return match[1].strip() if match else None


def find_columns(
    raw: Raw, wanted: Mapping[str, str], optional: Iterable[str], aliases: Mapping[str, tuple[str, ...]] | None = None
) -> Found:
    """Find the columns that a mapping names; one that is missing is a fault unless it may be.

    Parameters
    ----------
    wanted
        For each column of the source, what it is wanted for.
    aliases
        Other names of columns; of several that fit the first in this order counts.
    """
    aliases = aliases or {}
    exact = {name: place for place, name in enumerate(raw.table.column_names)}
    alike = {spelling(name): place for name, place in exact.items()}
    found = Found(raw.table, {})
    table, optional = raw.table, set(optional)
    for name, purpose in wanted.items():
        for other in names_of(name, aliases):
            place = exact.get(other, alike.get(spelling(other)))
            captured = ""
            if place is None and "*" in other:
                place, captured = _by_pattern(other, raw.table.column_names)
            if place is not None:
                found.places[name], found.headers[name] = place, raw.table.column_names[place]
                found.captured[name] = captured
                break
        else:
            nested = _nested(raw.table, name)
            if nested is not None:
                found.places[name], found.headers[name] = table.num_columns, name
                table = table.append_column(name, nested)
            elif name not in optional:
                close = get_close_matches(spelling(name), alike, n=1)
                hint = f"; did you mean {raw.table.column_names[alike[close[0]]]}?" if close else ""
                words = f"the column that {purpose} is made from{hint}"
                found.faults.append(Fault(raw.header_line, name, "no such column", words, raw.sheet))
    return Found(table, found.places, found.headers, found.captured, found.faults)


def _by_pattern(name: str, headers: list[str]) -> tuple[int | None, str]:
    for place, header in enumerate(headers):
        captured = matches(header, name)
        if captured is not None:
            return place, captured
    return None, ""


def _based(name: str) -> tuple[str, str]:
    """Part a name such as ``event_params[key=source].value`` into the column and the path inside it."""
    base = re.split(r"[.\[]", name, maxsplit=1)[0]
    return base, name.removeprefix(base).removeprefix(".")


def _nested(table: pa.Table, name: str) -> Chunked | None:
    """Return what stands inside a nested column, by a name such as ``ecommerce.transaction_id``."""
    base, path = _based(name)
    if not path or base not in table.column_names:
        return None
    column = table.column(base)
    while path and not path.startswith(("[", "*")) and pa.types.is_struct(column.type):
        step, _, path = path.partition(".")
        if step not in [column.type.field(place).name for place in range(column.type.num_fields)]:
            return None
        column = pc.struct_field(column, step)
    if not path:
        return column
    values, _ = recode(pc.cast(as_text(column), pa.string()), lambda text: value_at(text, path))
    return values
