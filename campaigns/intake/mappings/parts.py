"""Read the tables of a mapping from TOML: its file kinds, and what it says of the file as a whole."""

from __future__ import annotations

import codecs
from dataclasses import replace
from typing import Any

from campaigns.intake.day_order import ORDERS
from campaigns.intake.formats import FileKind
from campaigns.intake.left_out import AMOUNTS
from campaigns.intake.mappings.rules import RuleReader, path_of
from campaigns.intake.mappings.terms import Leaving, Netted, Part, Refusal, Rule, Shape, Split

__all__ = ["PartReader"]

PART_ENTRIES = ("columns", "where", "group_by", "left_out", "netted", "shown", "split", "restates")
REFUSING = ("without", "differ", "marks")
SHAPE_ENTRIES = ("encoding", "delimiter", "sheet", "fill_down", "decimal", "thousands", "dates")


class PartReader(RuleReader):
    """Reads the tables of a mapping."""

    def parts(self, kind: FileKind, tables: list[Any], shape: Shape) -> Part | None:
        """Read several ways in which rows of one kind are made."""
        parts = []
        for number, table in enumerate(tables):
            if isinstance(table, dict):
                parts.append(self.part(kind, table, shape))
            else:
                self.fault(f"{kind.name}[{number}]", str(table), "a table")
        return replace(parts[0], also=tuple(parts[1:])) if parts else None

    def part(self, kind: FileKind, table: dict[str, Any], shape: Shape) -> Part:
        """Read how one file kind is made."""
        self.only(table, kind.name, PART_ENTRIES)
        where = [
            self.condition(entry, f"{kind.name}.where[{place}]") for place, entry in enumerate(table.get("where", []))
        ]
        group_by = self.texts(table, kind.name, "group_by")
        columns = table.get("columns")
        if not isinstance(columns, dict) or not columns:
            self.fault(path_of(kind.name, "columns"), "nothing", "a table: for each column, where it comes from")
            columns = {}
        rules = [
            rule
            for target, written in columns.items()
            if (rule := self.rule(kind, target, written, group_by, shape)) is not None
        ]
        for column in kind.all_columns:
            if column.required and column.name not in columns:
                self.fault(f"{kind.name}.columns", f"no {column.name}", f"{column.name}: {column.meaning}")
        return Part(
            kind.name,
            tuple(rules),
            tuple(entry for entry in where if entry is not None),
            group_by,
            self._leaving(kind, table),
            self._netted(kind, table, group_by, shape),
            self._amount(kind, table.get("shown"), f"{kind.name}.shown", group_by, shape),
            self._split(kind, table),
            restates=self._restates(kind, table),
        )

    def _restates(self, kind: FileKind, table: dict[str, Any]) -> tuple[str, ...]:
        names = self.texts(table, kind.name, "restates")
        known = {column.name for column in kind.all_columns}
        for name in names:
            if name not in known:
                self.fault(path_of(kind.name, "restates"), name, f"a column of {kind.name}")
        return tuple(name for name in names if name in known)

    def _leaving(self, kind: FileKind, table: dict[str, Any]) -> tuple[Leaving, ...]:
        """Read which rows do not count; several conditions of one entry must all hold."""
        leaving = []
        for number, entry in enumerate(table.get("left_out", [])):
            place = f"{kind.name}.left_out[{number}]"
            reason = self.text(entry, place, "reason") if isinstance(entry, dict) else None
            if reason is None:
                self.fault(place, str(entry), 'a table such as {column = "Test", in = ["yes"], reason = "test"}')
                continue
            conditions = entry.get("all", [{key: entry[key] for key in entry if key not in ("reason", "stored")}])
            read = [self.condition(one, place) for one in conditions]
            stored = self.flag(entry, place, "stored") or False
            leaving.append(Leaving(reason, tuple(one for one in read if one is not None), stored))
        return tuple(leaving)

    def _netted(
        self, kind: FileKind, table: dict[str, Any], group_by: tuple[str, ...], shape: Shape
    ) -> tuple[Netted, ...]:
        netted = []
        for number, entry in enumerate(table.get("netted", [])):
            place = f"{kind.name}.netted[{number}]"
            reason = self.text(entry, place, "reason") if isinstance(entry, dict) else None
            if reason is None:
                self.fault(place, str(entry), 'a table such as {column = "Taxes", reason = "tax"}')
                continue
            written = {key: value for key, value in entry.items() if key != "reason"}
            rule = self._amount(kind, written, place, group_by, shape)
            if rule is not None:
                netted.append(Netted(reason, rule))
        return tuple(netted)

    def _amount(self, kind: FileKind, written: Any, place: str, group_by: tuple[str, ...], shape: Shape) -> Rule | None:
        """Read how an amount is made that stands beside the amount of the kind."""
        if written is None:
            return None
        if kind.name not in AMOUNTS:
            self.fault(place, "an amount", f"one of the kinds with an amount: {', '.join(AMOUNTS)}")
            return None
        return self.rule(kind, AMOUNTS[kind.name], written, group_by, shape, place)

    def _split(self, kind: FileKind, table: dict[str, Any]) -> Split | None:
        written = table.get("split")
        if written is None:
            return None
        place = f"{kind.name}.split"
        if not isinstance(written, dict) or not set(written) <= {"column", "by"} or "column" not in written:
            self.fault(place, str(written), 'a table such as {column = "Contact IDs", by = ";"}')
            return None
        return Split(self.text(written, place, "column") or "", self.text(written, place, "by") or ";")

    def file_shape(self, written: dict[str, Any]) -> Shape:
        """Read how the file itself is written."""
        table = written.get("file", {})
        if not isinstance(table, dict):
            self.fault("file", str(table), 'a table such as {encoding = "windows-1254"}')
            return Shape()
        self.only(table, "file", SHAPE_ENTRIES)
        texts = {key: self.text(table, "file", key) for key in SHAPE_ENTRIES if key != "fill_down"}
        encoding = texts["encoding"] or ""
        if encoding:
            try:
                codecs.lookup(encoding)
            except LookupError:
                self.fault("file.encoding", encoding, "an encoding such as windows-1254")
        dates = texts["dates"] or ""
        if dates and dates not in ORDERS:
            self.fault("file.dates", dates, " or ".join(ORDERS))
        return Shape(
            encoding,
            texts["delimiter"] or "",
            texts["sheet"] or "",
            self.texts(table, "file", "fill_down"),
            texts["decimal"] or ".",
            texts["thousands"] or "",
            dates,
        )

    def aliases(self, written: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        """Read the other names of columns."""
        table = written.get("names", {})
        if not isinstance(table, dict):
            self.fault("names", str(table), 'a table such as {Cost = ["Kosten", "Cost (*)"]}')
            return {}
        return {name: self.texts(table, "names", name) for name in table}

    def refusals(self, written: dict[str, Any]) -> tuple[Refusal, ...]:
        """Read what shows that a file is the wrong report."""
        refusals = []
        for number, entry in enumerate(written.get("refuse", [])):
            place = f"refuse[{number}]"
            because = self.text(entry, place, "because") if isinstance(entry, dict) else None
            if because is None or sum(key in entry for key in REFUSING) != 1:
                self.fault(place, str(entry), f"because, and one of {', '.join(REFUSING)}")
                continue
            self.only(entry, place, ("because", *REFUSING))
            without = self.one_or_many(entry, place, "without")
            told = (self.texts(entry, place, key) for key in REFUSING[1:])
            refusals.append(Refusal(because, without, *told))
        return tuple(refusals)

    def marks(self, written: dict[str, Any]) -> tuple[tuple[str, ...], ...]:
        """Read the columns by which an export is recognised: groups, of each of which all must be there."""
        groups = written.get("marks", [])
        if groups and all(isinstance(group, str) for group in groups):
            groups = [groups]
        return tuple(self.texts({"marks": group}, "", "marks") for group in groups)
