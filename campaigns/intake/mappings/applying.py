"""Turn a foreign export into one of our file kinds, as a mapping says, keeping the lines of the source."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from campaigns.faults import Fault
from campaigns.intake.cells import as_text, clean
from campaigns.intake.formats import FileKind, Type
from campaigns.intake.kernels import Chunked, column_of, pc
from campaigns.intake.mappings.days import Order, open_columns, told_order
from campaigns.intake.mappings.figures import NUMBERS, decimal_sign
from campaigns.intake.mappings.finding import Found, find_columns
from campaigns.intake.mappings.grouping import Groups, group, take_of, total_of
from campaigns.intake.mappings.leaving import Gone, left_rows, reasons_of
from campaigns.intake.mappings.making import Flaw, make, numbers_of
from campaigns.intake.mappings.source import Source, read_lookup
from campaigns.intake.mappings.terms import AUTO, FILE_NAME, FIRST_COLUMN, Mapping, Part, Refusal, Rule, Split
from campaigns.intake.raw import Finding, LeftRows, Raw, Rows, broken, counted, lines_after

__all__ = ["apply", "order_of", "wrong_report"]

TOTAL = "total"


def apply(mapping: Mapping, raw: Raw, kind: FileKind, folder: Path, file: str = "") -> Raw:
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
    file
        Name of the file, for mappings that go by it.

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
    wrong = wrong_report(mapping, raw)
    if wrong:
        return broken(*wrong)
    told = order_of(mapping, raw)
    if told.faults or (told.open is not None and not raw.partial):
        return broken(*told.faults, *((told.open,) if told.open else ()))
    made = [_applied(mapping, one, raw, kind, folder, file, told) for one in (replace(part, also=()), *part.also)]
    faults = dict.fromkeys(fault for one in made for fault in one.faults)
    return broken(*faults) if faults else _united(made)


def order_of(mapping: Mapping, raw: Raw) -> Order:
    """Tell in which order day and month stand in the dates of a file that a mapping reads."""
    columns = dict.fromkeys(open_columns(mapping), "the dates")
    return told_order(mapping, raw, find_columns(raw, columns, columns, mapping.aliases), columns)


def _applied(mapping: Mapping, part: Part, raw: Raw, kind: FileKind, folder: Path, file: str, told: Order) -> Raw:
    found = find_columns(raw, _wanted(part), _optional(part), mapping.aliases)
    faults, tables = found.faults, {}
    for rule in part.rules:
        if rule.lookup_file is not None:
            tables[rule.target], more = read_lookup(rule.lookup_file, folder)
            faults += more
    if faults:
        return broken(*dict.fromkeys(faults))
    return _Work(mapping, part, kind, raw, found, tables, file, told.order).done()


def _united(made: list[Raw]) -> Raw:
    """Put the rows together that several parts make of one file."""
    if len(made) == 1:
        return made[0]
    starts = np.cumsum([0, *(one.table.num_rows for one in made)])
    lines = [one.line_of(np.arange(one.table.num_rows, dtype=np.int64)) for one in made]
    findings = tuple(
        replace(finding, row=finding.row + int(start))
        for one, start in zip(made, starts[:-1], strict=True)
        for finding in one.findings
    )
    return replace(
        made[0],
        table=pa.concat_tables([one.table for one in made], promote_options="permissive"),
        line_of=lines_after(np.concatenate(lines)),
        findings=findings,
        origins={name: origin for one in reversed(made) for name, origin in one.origins.items()},
        notes=tuple(dict.fromkeys(note for one in made for note in one.notes)),
        sheet_of=tuple(sheet for one in made for sheet in one.sheet_of),
        left=_left_united([one.left for one in made if one.left is not None]),
    )


def _left_united(lefts: list[LeftRows]) -> LeftRows | None:
    if not lefts:
        return None
    return LeftRows(
        pa.concat_tables([one.table for one in lefts], promote_options="permissive"),
        tuple(reason for one in lefts for reason in one.reasons),
        tuple(whole for one in lefts for whole in one.whole),
        tuple(line for one in lefts for line in one.lines),
        tuple(row for one in lefts for row in one.rows),
    )


def wrong_report(mapping: Mapping, raw: Raw) -> list[Fault]:
    """Return what shows that a file is another report than the mapping reads, with how to export the right one."""
    faults = []
    for refusal in mapping.refusals:
        wanted = dict.fromkeys((*refusal.without, *refusal.differ), "this report")
        found = find_columns(raw, wanted, wanted, mapping.aliases)
        if refusal.without and not found.places:
            name = refusal.without[0]
            faults.append(Fault(raw.header_line, name, "no such column", refusal.because, raw.sheet))
        elif len(found.places) == len(wanted) == 2 and refusal.differ:
            faults += _differing(refusal, raw, found)
    return faults


def _differing(refusal: Refusal, raw: Raw, found: Found) -> list[Fault]:
    source = Source(found.table, found.places, ())
    first, second = (source.texts(name) for name in refusal.differ)
    rows = np.flatnonzero(pc.fill_null(pc.not_equal(first, second), False).to_numpy())
    if not len(rows):
        return []
    row = int(rows[0])
    words = f"{first[row].as_py()} to {second[row].as_py()}"
    more = f" (in {counted(len(rows))})" if len(rows) > 1 else ""
    names = " and ".join(found.headers[name] for name in refusal.differ)
    line = int(raw.line_of(rows[:1])[0])
    return [Fault(line, names, words + more, refusal.because, raw.sheet_at(row))]


@dataclass(frozen=True)
class _Work:
    """One file under one part of a mapping."""

    mapping: Mapping
    part: Part
    kind: FileKind
    raw: Raw
    found: Found
    tables: dict[str, dict[str, str]]
    file: str
    order: str = ""

    def done(self) -> Raw:
        """Return the columns made."""
        raw, part = self.raw, self.part
        whole = self._source()
        spoiled = self._spoiled(whole)
        rows, notes = _kept(whole, part, spoiled)
        source = replace(whole, rows=rows)
        if part.split is not None:
            source = _split(source, part.split)
        rows = source.rows if source.rows is not None else rows
        alone = np.flatnonzero(np.isin(rows, spoiled))
        groups = group([self._key(source, name) for name in part.group_by], alone) if part.group_by else None
        gone = reasons_of(source, part, groups)
        columns, findings = self._columns(source, groups, notes)
        findings += self._unreadable(rows, groups, spoiled)
        if groups is not None and groups.count < len(rows):
            notes.append(f"{counted(len(rows))} became {groups.count:,}, grouped by {', '.join(part.group_by)}")
        firsts = rows[groups.first] if groups else rows
        kept = np.flatnonzero(~gone.dropped)
        place = np.cumsum(~gone.dropped) - 1
        findings = [replace(one, row=int(place[one.row])) for one in findings if not gone.dropped[one.row]]
        table = pa.table(columns)
        return Raw(
            table if len(kept) == table.num_rows else table.take(pa.array(kept)),
            lambda wanted: raw.line_of(firsts[kept[wanted]]),
            raw.header_line,
            findings=tuple(findings),
            origins={rule.target: ", ".join(map(self._header, rule.sources)) for rule in part.rules if rule.sources},
            zone=self.mapping.zone,
            notes=(*raw.notes, *notes, *gone.notes),
            sheet=raw.sheet,
            sheet_of=tuple(raw.sheet_of[row] for row in firsts[kept]) if raw.sheet_of else (),
            left=self._left(source, groups, gone, columns, firsts),
        )

    def _key(self, source: Source, name: str) -> Chunked:
        """Return what rows are grouped by; addresses that are written in small letters are the same in any."""
        if any(rule.lower and name in rule.sources for rule in self.part.rules):
            return pc.utf8_lower(source.texts(name))
        return source.cells(name)

    def _source(self) -> Source:
        table, places = self.found.table, self.found.places
        for name in self.mapping.shape.fill_down:
            if name in places:
                filled = pc.fill_null_forward(pc.cast(as_text(clean(table.column(places[name]))), pa.string()))
                table = table.set_column(places[name], table.column_names[places[name]], filled)
        source = Source(table, places, self.mapping.empty, None, self.found.captured, self.file)
        return replace(source, decimal=self._decimal(source), order=self.order)

    def _decimal(self, source: Source) -> str:
        """Find out which sign parts the decimals, where the mapping leaves it open."""
        names = {name for rule in self.part.rules if rule.decimal == AUTO for name in rule.sources}
        texts: list[str] = []
        for name in sorted(names):
            cells = source.cells(name)
            if pa.types.is_string(cells.type) or pa.types.is_dictionary(cells.type):
                texts += pc.unique(pc.cast(cells, pa.string())).drop_null().to_pylist()
        return decimal_sign(texts, "," if self.raw.delimiter == ";" else ".")

    def _spoiled(self, source: Source) -> Rows:
        """Return the rows that could not be read; a line of totals may be shorter than the others."""
        spoiled = np.array([finding.row for finding in self.raw.findings], np.int64)
        totals = np.zeros(source.count, bool)
        for leaving in self.part.leaving:
            if leaving.reason == TOTAL and len(spoiled):
                for condition in leaving.conditions:
                    totals |= source.holds(condition)
        return spoiled[~totals[spoiled]] if len(spoiled) else spoiled

    def _header(self, name: str) -> str:
        return self.found.headers.get(name, name)

    def _columns(
        self, source: Source, groups: Groups | None, notes: list[str]
    ) -> tuple[dict[str, Chunked], list[Finding]]:
        columns: dict[str, Chunked] = {}
        findings: list[Finding] = []
        rows = source.rows if source.rows is not None else np.arange(source.count)
        for rule in self.part.rules:
            kind = _type(self.kind, rule.target)
            values, flaws = _column(rule, source, kind, self.tables.get(rule.target), groups)
            columns[rule.target] = values
            if kind is Type.CHOICE:
                notes += _case_notes(rule, source)
            for flaw in flaws:
                lines = self.raw.line_of(rows[flaw.rows]).tolist()
                owners = (groups.of_row[flaw.rows] if groups else flaw.rows).tolist()
                findings += [
                    Finding(row, rule.target, found, flaw.expected, line)
                    for row, found, line in zip(owners, flaw.found, lines, strict=True)
                ]
        return columns, findings

    def _unreadable(self, rows: Rows, groups: Groups | None, spoiled: Rows) -> list[Finding]:
        """Return the rows that could not be read, as rows made."""
        findings = []
        wanted = set(spoiled.tolist())
        for finding in self.raw.findings:
            if finding.row in wanted:
                place = int(np.searchsorted(rows, finding.row))
                owner = int(groups.of_row[place]) if groups else place
                findings.append(Finding(owner, "", finding.found, finding.expected))
        return findings

    def _left(
        self, source: Source, groups: Groups | None, gone: Gone, columns: dict[str, Chunked], firsts: Rows
    ) -> LeftRows | None:
        part = self.part
        if not part.netted and not (gone.reason >= 0).any():
            return None

        def amounts(rule: Rule) -> Chunked:
            values, _ = _column(rule, source, Type.MONEY, None, groups)
            return column_of(pa.array(numbers_of(values, Type.MONEY, []), from_pandas=True))

        return left_rows(
            part,
            gone,
            columns,
            amounts,
            self.raw.line_of(firsts),
            lambda rows: self.raw.table.take(pa.array(firsts[rows])),
        )


def _split(source: Source, split: Split) -> Source:
    """Make a row of each value of a column; a row without one stays a row."""
    texts = source.texts(split.column).to_pylist()
    items = [[part.strip() for part in (text or "").split(split.by) if part.strip()] or [None] for text in texts]
    counts = np.array([len(item) for item in items], np.int64)
    rows = source.rows if source.rows is not None else np.arange(source.count)
    values = column_of(pa.array([one for item in items for one in item], pa.string()))
    return replace(source, rows=np.repeat(rows, counts), replaced={split.column: values})


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
    for name in part.source_columns():
        wanted.setdefault(name, "the reasons for leaving rows out")
    return {name: purpose for name, purpose in wanted.items() if name not in (FIRST_COLUMN, FILE_NAME)}


def _optional(part: Part) -> set[str]:
    """Return the source columns that only optional rules, or the reasons for leaving rows out, read."""
    needed = {name for rule in part.rules if not rule.optional for name in rule.sources}
    needed |= {condition.column for condition in part.where}
    may_lack = {name for rule in part.rules if rule.optional for name in rule.sources}
    needed |= {name for name in part.group_by if name not in may_lack}
    return set(part.source_columns()) - needed


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
    if rule.take in ("min", "max") and kind in NUMBERS:
        values = column_of(pa.array(numbers_of(values, kind, flaws), from_pandas=True))
    return take_of(groups, values, rule.take or "first"), tuple(flaws)


def _type(kind: FileKind, target: str) -> Type:
    return next((column.type for column in kind.all_columns if column.name == target), Type.TEXT)
