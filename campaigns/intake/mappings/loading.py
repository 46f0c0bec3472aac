"""Read a mapping from TOML, with every mistake in it at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo, available_timezones

from campaigns.faults import Fault, RefusedError, TouchstoneError
from campaigns.intake.cells import spelling
from campaigns.intake.checking import ATTRIBUTE
from campaigns.intake.formats import KINDS, FileKind, Type
from campaigns.intake.mappings.terms import Case, Condition, FileLookup, Mapping, Part, Rule, Take

__all__ = ["SHIPPED", "load_mapping", "names", "read_mapping"]

SHIPPED = Path(__file__).parent
"""Folder of the mappings that come with the product."""

TAKES = get_args(Take)
ORIGINS = ("column", "constant", "template", "add", "cases")
ENTRIES = (*(field.name for field in fields(Rule) if field.name != "target"),)
NUMBERS = (Type.NUMBER, Type.INTEGER, Type.MONEY)


def names(folders: Iterable[Path] = ()) -> tuple[str, ...]:
    """Return the names of all mappings: those in the folders and the shipped ones."""
    return tuple(sorted({file.stem for folder in (*folders, SHIPPED) for file in folder.glob("*.toml")}))


def load_mapping(name: str, folders: Iterable[Path] = ()) -> Mapping:
    """Find and read a mapping.

    Parameters
    ----------
    name
        Its name: the name of its file without ``.toml``.
    folders
        Where to look before the shipped ones.

    Raises
    ------
    TouchstoneError
        If there is no such mapping.
    RefusedError
        If there are mistakes in it, with all of them.
    """
    folders = tuple(folders)
    known = names(folders)
    for folder in (*folders, SHIPPED):
        file = folder / f"{name}.toml"
        if name in known and file.is_file():
            return read_mapping(name, file.read_text("utf-8"))
    close = get_close_matches(name, known, n=1)
    hint = f'Did you mean "{close[0]}"?' if close else f"There are: {', '.join(known)}."
    raise TouchstoneError(f'There is no mapping "{name}".', hint)


def read_mapping(name: str, text: str) -> Mapping:
    """Read a mapping from the text of its file.

    Raises
    ------
    RefusedError
        With every mistake; the column of each fault is the path of the entry, such as ``spend.columns.cost.take``.
    """
    try:
        written = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refused(name, [Fault(0, f"{name}.toml", str(error), "valid TOML")]) from error
    reader = _Reader()
    about = reader.text(written, "", "about") or ""
    zone = reader.text(written, "", "zone")
    if zone is not None and zone not in available_timezones():
        reader.fault("zone", zone, "an IANA zone such as Europe/Istanbul")
        zone = None
    empty = reader.texts(written, "", "empty")
    parts = {}
    for key, value in written.items():
        if key in KINDS and isinstance(value, dict):
            parts[key] = reader.part(KINDS[key], value)
        elif key not in ("about", "zone", "empty"):
            reader.fault(key, "an unknown entry", f"about, zone, empty, or a file kind: {', '.join(KINDS)}")
    if not parts:
        reader.fault("", "no file kind", f"a table named like one of: {', '.join(KINDS)}")
    if reader.faults:
        raise _refused(name, reader.faults)
    return Mapping(name, about, parts, ZoneInfo(zone) if zone else None, empty)


def _refused(name: str, faults: list[Fault]) -> RefusedError:
    return RefusedError(f'The mapping "{name}" cannot be used:', faults, "Mend it and try again; see docs/mappings.md.")


class _Reader:
    """Reads tables of TOML and notes what is wrong on the way."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, place: str, found: str, expected: str) -> None:
        self.faults.append(Fault(0, place, found, expected))

    def text(self, table: dict[str, Any], place: str, key: str) -> str | None:
        """Return a text; numbers and truth values are read as written."""
        value = table.get(key)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(value)
        self.fault(_path(place, key), str(value), "text in quotes")
        return None

    def texts(self, table: dict[str, Any], place: str, key: str) -> tuple[str, ...]:
        value = table.get(key, [])
        if not isinstance(value, list):
            self.fault(_path(place, key), str(value), 'a list such as ["a", "b"]')
            return ()
        entries = (self.text({key: item}, place, key) for item in value)
        return tuple(entry for entry in entries if entry is not None)

    def flag(self, table: dict[str, Any], place: str, key: str) -> bool | None:
        value = table.get(key)
        if value is not None and not isinstance(value, bool):
            self.fault(_path(place, key), str(value), "true or false")
            return None
        return value

    def only(self, table: dict[str, Any], place: str, keys: Iterable[str]) -> None:
        """Note entries that nobody would read."""
        keys = tuple(keys)
        for key in table:
            if key not in keys:
                close = get_close_matches(key, keys, n=1)
                hint = f"; did you mean {close[0]}?" if close else ""
                self.fault(_path(place, key), "an unknown entry", f"one of {', '.join(keys)}{hint}")

    def part(self, kind: FileKind, table: dict[str, Any]) -> Part:
        """Read how one file kind is made."""
        self.only(table, kind.name, ("columns", "where", "group_by"))
        where = [
            self.condition(entry, f"{kind.name}.where[{place}]") for place, entry in enumerate(table.get("where", []))
        ]
        group_by = self.texts(table, kind.name, "group_by")
        columns = table.get("columns")
        if not isinstance(columns, dict) or not columns:
            self.fault(_path(kind.name, "columns"), "nothing", "a table: for each column, where it comes from")
            columns = {}
        rules = [
            rule
            for target, written in columns.items()
            if (rule := self.rule(kind, target, written, group_by)) is not None
        ]
        for column in kind.all_columns:
            if column.required and column.name not in columns:
                self.fault(f"{kind.name}.columns", f"no {column.name}", f"{column.name}: {column.meaning}")
        return Part(kind.name, tuple(rules), tuple(entry for entry in where if entry is not None), group_by)

    def condition(self, table: Any, place: str, others: tuple[str, ...] = ()) -> Condition | None:
        """Read a condition; ``others`` are entries of the same table that somebody else reads."""
        if not isinstance(table, dict):
            self.fault(place, str(table), 'a table such as {column = "state", in = ["paid"]}')
            return None
        self.only(table, place, ("column", "in", "not_in", "filled", *others))
        column = self.text(table, place, "column")
        given = [key for key in ("in", "not_in", "filled") if key in table]
        if column is None or len(given) != 1:
            self.fault(place, ", ".join(table) or "nothing", "column, and one of in, not_in and filled")
            return None
        return Condition(
            column,
            self.texts(table, place, "in") if "in" in table else None,
            self.texts(table, place, "not_in") if "not_in" in table else None,
            self.flag(table, place, "filled"),
        )

    def rule(self, kind: FileKind, target: str, written: Any, group_by: tuple[str, ...]) -> Rule | None:
        """Read how one column is made, and check that its parts go together."""
        place = f"{kind.name}.columns.{target}"
        known = {column.name: column.type for column in kind.all_columns}
        if target not in known and not (kind.attributes and re.fullmatch(rf"{ATTRIBUTE}.+", target)):
            close = get_close_matches(target, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            self.fault(place, "an unknown column", f"a column of {kind.name}{hint}")
            return None
        table = {"column": written} if isinstance(written, str) else written
        if not isinstance(table, dict):
            self.fault(place, str(written), 'a column in quotes, or a table such as {column = "x"}')
            return None
        before = len(self.faults)
        rule = self._rule(target, table, place)
        if len(self.faults) == before:
            self._fits(rule, known.get(target, Type.TEXT), place, group_by)
        return rule

    def _rule(self, target: str, table: dict[str, Any], place: str) -> Rule:
        self.only(
            table,
            place,
            ENTRIES,
        )
        take = self.text(table, place, "take")
        if take is not None and take not in TAKES:
            self.fault(_path(place, "take"), take, f"one of {', '.join(TAKES)}")
            take = None
        decimals = table.get("round")
        if decimals is not None and (not isinstance(decimals, int) or not 0 <= decimals <= 6):
            self.fault(_path(place, "round"), str(decimals), "a whole number of decimals, 0 to 6")
            decimals = None
        return Rule(
            target,
            column=self.text(table, place, "column"),
            json=self.text(table, place, "json"),
            constant=self.text(table, place, "constant"),
            template=self.text(table, place, "template"),
            add=self.texts(table, place, "add"),
            subtract=self.texts(table, place, "subtract"),
            cases=self._cases(table, place),
            lookup=self._lookup(table, place),
            lookup_file=self._lookup_file(table, place),
            otherwise=self.text(table, place, "otherwise"),
            keep_others=self.flag(table, place, "keep_others") or False,
            format=self.text(table, place, "format"),
            decimal=self.text(table, place, "decimal") or ".",
            thousands=self.text(table, place, "thousands") or "",
            take=take,  # type: ignore[arg-type]  # one of TAKES, as just checked
            round=decimals,
            optional=self.flag(table, place, "optional") or False,
        )

    def _cases(self, table: dict[str, Any], place: str) -> tuple[Case, ...]:
        cases = []
        for number, entry in enumerate(table.get("cases", [])):
            where = f"{place}.cases[{number}]"
            condition = self.condition(entry, where, ("then", "then_column"))
            if condition is None:
                continue
            then, column = self.text(entry, where, "then"), self.text(entry, where, "then_column")
            if (then is None) == (column is None):
                self.fault(where, "both or neither", "one of then and then_column")
            cases.append(Case(condition, then, column))
        return tuple(cases)

    def _lookup(self, table: dict[str, Any], place: str) -> dict[str, str] | None:
        written = table.get("lookup")
        if written is None:
            return None
        if not isinstance(written, dict) or not written:
            self.fault(_path(place, "lookup"), str(written), 'a table such as {"Google Ads" = "search"}')
            return None
        values = {key: self.text(written, f"{place}.lookup", key) or "" for key in written}
        spelled: dict[str, str] = {}
        for key, value in values.items():
            if spelled.setdefault(spelling(key), value) != value:
                self.fault(f"{place}.lookup.{key}", "a second value for the same text", "one value")
        return values

    def _lookup_file(self, table: dict[str, Any], place: str) -> FileLookup | None:
        written = table.get("lookup_file")
        if written is None:
            return None
        where = _path(place, "lookup_file")
        if not isinstance(written, dict) or set(written) != {"file", "key", "value"}:
            self.fault(where, str(written), 'a table such as {file = "descriptions", key = "id", value = "start"}')
            return None
        file, key, value = (self.text(written, where, name) or "" for name in ("file", "key", "value"))
        if Path(file).name != file or not file:
            self.fault(_path(where, "file"), file, "the name of a file that lies beside the data file")
        return FileLookup(file, key, value)

    def _fits(self, rule: Rule, kind: Type, place: str, group_by: tuple[str, ...]) -> None:
        """Note parts of a rule that do not go together."""
        given = (rule.column is not None, rule.constant is not None, rule.template is not None)
        origins = sum((*given, bool(rule.cases), bool(rule.add or rule.subtract)))
        if origins != 1 and not (rule.take == "count" and origins == 0):
            self.fault(place, f"{origins or 'no'} origins", f"one of {', '.join(ORIGINS)}")
            return
        number = kind in NUMBERS
        looked_up = rule.lookup is not None or rule.lookup_file is not None
        for wrong, found, expected in (
            (rule.json is not None and rule.column is None, "json without column", "json together with column"),
            (rule.lookup is not None and rule.lookup_file is not None, "two lookups", "lookup or lookup_file"),
            (
                rule.otherwise is not None and not (looked_up or rule.cases),
                "otherwise alone",
                "a lookup or cases with it",
            ),
            (rule.keep_others and not looked_up, "keep_others alone", "a lookup with it"),
            (rule.keep_others and rule.otherwise is not None, "keep_others and otherwise", "one of them"),
            (rule.format is not None and kind not in (Type.TIME, Type.DATE), "format", "a column of times or dates"),
            ((rule.decimal, rule.thousands) != (".", "") and not number, "decimal or thousands", "a column of numbers"),
            (bool(rule.add or rule.subtract) and not number, "add or subtract", "a column of numbers"),
            (rule.round is not None and not number, "round", "a column of numbers"),
            (rule.take == "sum" and not number, "take = sum", "a column of numbers"),
            (rule.take is not None and not group_by, f"take = {rule.take}", "group_by, when rows become one"),
            (
                bool(group_by) and rule.take is None and not set(rule.sources) <= set(group_by),
                "rows grouped, and no take",
                f"take = one of {', '.join(TAKES)}, since {', '.join(rule.sources)} may differ within a group",
            ),
        ):
            if wrong:
                self.fault(place, found, expected)


def _path(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key
