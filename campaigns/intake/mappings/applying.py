"""Turn a foreign export into one of our file kinds, as a mapping says, keeping the lines of the source."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from campaigns.faults import Fault
from campaigns.intake.formats import FileKind, Type
from campaigns.intake.kernels import Chunked, column_of
from campaigns.intake.mappings.grouping import Groups, group, take_of, total_of
from campaigns.intake.mappings.making import Flaw, make, numbers_of
from campaigns.intake.mappings.source import Source, find_columns, read_lookup
from campaigns.intake.mappings.terms import Mapping, Part, Rule
from campaigns.intake.raw import Finding, Raw, Rows, broken, counted

__all__ = ["apply"]


def apply(mapping: Mapping, raw: Raw, kind: FileKind, folder: Path) -> Raw:
    """Make the columns of a file kind from a foreign file.

    Parameters
    ----------
    mapping
        How; columns of the source that it does not name are left alone.
    raw
        The foreign file as read.
    kind
        The file kind wanted.
    folder
        Where lookups in other files find them.

    Returns
    -------
    The columns made, ready to be checked. Lines are those of the source; of a group the first.
    """
    if raw.faults:
        return raw
    part = mapping.parts.get(kind.name)
    if part is None:
        found = f'the mapping "{mapping.name}", which makes {" and ".join(mapping.kinds)}'
        return broken(Fault(0, "", found, f"a mapping that makes {kind.name}"))
    places, faults = find_columns(raw, _wanted(part), _optional(part))
    tables = {}
    for rule in part.rules:
        if rule.lookup_file is not None:
            tables[rule.target], more = read_lookup(rule.lookup_file, folder)
            faults += more
    if faults:
        return broken(*dict.fromkeys(faults))
    source = Source(raw.table, places, mapping.empty)
    spoiled = np.array([finding.row for finding in raw.findings], np.int64)
    rows, notes = _kept(source, part, spoiled)
    source = Source(raw.table, places, mapping.empty, rows)
    alone = np.flatnonzero(np.isin(rows, spoiled))
    groups = group([source.cells(name) for name in part.group_by], alone) if part.group_by else None
    columns: dict[str, Chunked] = {}
    findings: list[Finding] = []
    for rule in part.rules:
        values, flaws = _column(rule, source, _type(kind, rule.target), tables.get(rule.target), groups)
        columns[rule.target] = values
        if _type(kind, rule.target) is Type.CHOICE:
            notes += _case_notes(rule, source)
        for flaw in flaws:
            lines = raw.line_of(rows[flaw.rows]).tolist()
            owners = (groups.of_row[flaw.rows] if groups else flaw.rows).tolist()
            findings += [
                Finding(row, rule.target, found, flaw.expected, line)
                for row, found, line in zip(owners, flaw.found, lines, strict=True)
            ]
    for finding in raw.findings:
        place = int(np.searchsorted(rows, finding.row))
        owner = int(groups.of_row[place]) if groups else place
        findings.append(Finding(owner, "", finding.found, finding.expected))
    if groups is not None and groups.count < len(rows):
        notes.append(f"{counted(len(rows))} became {groups.count:,}, grouped by {', '.join(part.group_by)}")
    firsts = rows[groups.first] if groups else rows
    return Raw(
        pa.table(columns),
        lambda wanted: raw.line_of(firsts[wanted]),
        raw.header_line,
        findings=tuple(findings),
        origins={rule.target: ", ".join(rule.sources) for rule in part.rules if rule.sources},
        zone=mapping.zone,
        notes=(*raw.notes, *notes),
    )


def _wanted(part: Part) -> dict[str, str]:
    """Return every source column that a part reads, and what for."""
    wanted: dict[str, str] = {}
    for rule in part.rules:
        for name in rule.sources:
            wanted.setdefault(name, rule.target)
    for condition in part.where:
        wanted.setdefault(condition.column, "the choice of rows")
    for name in part.group_by:
        wanted.setdefault(name, "the groups")
    return wanted


def _optional(part: Part) -> set[str]:
    """Return the source columns that only optional rules read."""
    needed = {name for rule in part.rules if not rule.optional for name in rule.sources}
    needed |= {condition.column for condition in part.where} | set(part.group_by)
    return {name for rule in part.rules if rule.optional for name in rule.sources} - needed


def _kept(source: Source, part: Part, spoiled: Rows) -> tuple[Rows, list[str]]:
    """Return the rows that meet every condition (and those that could not be read), and what was left out."""
    keep = np.ones(source.count, bool)
    notes = []
    for condition in part.where:
        holds = source.holds(condition)
        holds[spoiled] = True
        left = int(np.count_nonzero(keep & ~holds))
        if left:
            notes.append(f"{left:,} of {counted(source.count)} left out, because not: {condition.words}")
        keep &= holds
    return np.flatnonzero(keep).astype(np.int64), notes


def _case_notes(rule: Rule, source: Source) -> list[str]:
    """Say how many rows a case turned into something else."""
    notes = []
    open_ = np.ones(source.count, bool)
    for case in rule.cases:
        holds = source.holds(case.condition) & open_
        open_ &= ~holds
        if case.then and holds.any():
            notes.append(
                f'{rule.target} is "{case.then}" in {counted(int(holds.sum()))}, because {case.condition.words}'
            )
    return notes


def _column(
    rule: Rule, source: Source, kind: Type, table: dict[str, str] | None, groups: Groups | None
) -> tuple[Chunked, tuple[Flaw, ...]]:
    """Make a column, one value per group if rows are grouped."""
    made = make(rule, source, kind, table)
    if groups is None:
        return made.values, made.flaws
    flaws = list(made.flaws)
    if rule.take == "sum":
        totals = total_of(groups, numbers_of(made.values, kind, flaws))
        if rule.round is not None:
            totals = column_of(pa.array(np.round(totals.to_numpy(), rule.round), from_pandas=True))
        return totals, tuple(flaws)
    values = made.values
    if rule.take in ("min", "max") and kind in (Type.NUMBER, Type.INTEGER, Type.MONEY):
        values = column_of(pa.array(numbers_of(values, kind, flaws), from_pandas=True))
    return take_of(groups, values, rule.take or "first"), tuple(flaws)


def _type(kind: FileKind, target: str) -> Type:
    return next((column.type for column in kind.all_columns if column.name == target), Type.TEXT)
