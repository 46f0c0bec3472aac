"""Read how single columns are made, from TOML, noting every mistake on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from campaigns.faults import Fault
from campaigns.intake.cells import spelling
from campaigns.intake.checking import ATTRIBUTE
from campaigns.intake.formats import FileKind, Type
from campaigns.intake.mappings.days import USUAL, USUAL_FORMS
from campaigns.intake.mappings.terms import Case, Condition, FileLookup, Rule, Shape, Take

__all__ = ["RuleReader", "path_of"]

TAKES = get_args(Take)
ORIGINS = ("column", "header", "constant", "template", "add", "cases")
ENTRIES = (*(field.name for field in fields(Rule) if field.name != "target"),)
QUESTIONS = ("in", "not_in", "filled", "starts", "contains")
NUMBERS = (Type.NUMBER, Type.INTEGER, Type.MONEY)


class RuleReader:
    """Reads tables of TOML and notes what is wrong on the way."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, place: str, found: str, expected: str) -> None:
        """Note a mistake at a place such as ``spend.columns.cost``."""
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
        self.fault(path_of(place, key), str(value), "text in quotes")
        return None

    def texts(self, table: dict[str, Any], place: str, key: str) -> tuple[str, ...]:
        """Return a list of texts."""
        value = table.get(key, [])
        if not isinstance(value, list):
            self.fault(path_of(place, key), str(value), 'a list such as ["a", "b"]')
            return ()
        entries = (self.text({key: item}, place, key) for item in value)
        return tuple(entry for entry in entries if entry is not None)

    def one_or_many(self, table: dict[str, Any], place: str, key: str) -> tuple[str, ...]:
        """Return a list of texts; a single one may stand alone."""
        value = table.get(key, [])
        return self.texts(table if isinstance(value, list) else {key: [value]}, place, key)

    def flag(self, table: dict[str, Any], place: str, key: str) -> bool | None:
        """Return a truth value, or None where it is not given."""
        value = table.get(key)
        if value is not None and not isinstance(value, bool):
            self.fault(path_of(place, key), str(value), "true or false")
            return None
        return value

    def only(self, table: dict[str, Any], place: str, keys: Iterable[str]) -> None:
        """Note entries that nobody would read."""
        keys = tuple(keys)
        for key in table:
            if key not in keys:
                close = get_close_matches(key, keys, n=1)
                hint = f"; did you mean {close[0]}?" if close else ""
                self.fault(path_of(place, key), "an unknown entry", f"one of {', '.join(keys)}{hint}")

    def condition(self, table: Any, place: str, others: tuple[str, ...] = ()) -> Condition | None:
        """Read a condition; ``others`` are entries of the same table that somebody else reads."""
        if not isinstance(table, dict):
            self.fault(place, str(table), 'a table such as {column = "state", in = ["paid"]}')
            return None
        self.only(table, place, ("column", *QUESTIONS, *others))
        column = self.text(table, place, "column")
        given = [key for key in QUESTIONS if key in table]
        if column is None or len(given) != 1:
            self.fault(place, ", ".join(table) or "nothing", f"column, and one of {', '.join(QUESTIONS)}")
            return None
        lists = [self.texts(table, place, key) if key in table else None for key in QUESTIONS if key != "filled"]
        return Condition(column, lists[0], lists[1], self.flag(table, place, "filled"), lists[2], lists[3])

    def rule(
        self,
        kind: FileKind,
        target: str,
        written: Any,
        group_by: tuple[str, ...],
        shape: Shape | None = None,
        place: str = "",
    ) -> Rule | None:
        """Read how one column is made, and check that its parts go together."""
        shape = shape or Shape()
        place = place or f"{kind.name}.columns.{target}"
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
        rule = self._rule(target, table, place, shape if known.get(target) in NUMBERS else Shape())
        if len(self.faults) == before:
            self._fits(rule, known.get(target, Type.TEXT), place, group_by)
        return rule

    def _rule(self, target: str, table: dict[str, Any], place: str, shape: Shape) -> Rule:
        self.only(table, place, ENTRIES)
        take = self.text(table, place, "take")
        if take is not None and take not in TAKES:
            self.fault(path_of(place, "take"), take, f"one of {', '.join(TAKES)}")
            take = None
        decimals = table.get("round")
        if decimals is not None and (not isinstance(decimals, int) or not 0 <= decimals <= 6):
            self.fault(path_of(place, "round"), str(decimals), "a whole number of decimals, 0 to 6")
            decimals = None
        return Rule(
            target,
            column=self.text(table, place, "column"),
            json=self.text(table, place, "json"),
            header=self.text(table, place, "header"),
            constant=self.text(table, place, "constant"),
            template=self.text(table, place, "template"),
            add=self.texts(table, place, "add"),
            subtract=self.texts(table, place, "subtract"),
            cases=self._cases(table, place),
            lookup=self._lookup(table, place),
            lookup_file=self._lookup_file(table, place),
            otherwise=self.text(table, place, "otherwise"),
            keep_others=self.flag(table, place, "keep_others") or False,
            match=self._pattern(table, place),
            split=self.text(table, place, "split"),
            lower=self.flag(table, place, "lower") or False,
            format=self._forms(table, place),
            decimal=self.text(table, place, "decimal") or shape.decimal,
            thousands=self.text(table, place, "thousands") or ("" if "decimal" in table else shape.thousands),
            take=take,  # type: ignore[arg-type]  # one of TAKES, as just checked
            round=decimals,
            optional=self.flag(table, place, "optional") or False,
        )

    def _pattern(self, table: dict[str, Any], place: str) -> str | None:
        """Read what is taken out of a text."""
        written = self.text(table, place, "match")
        if written is None:
            return None
        try:
            if re.compile(written).groups == 1:
                return written
        except re.error:
            pass
        self.fault(path_of(place, "match"), written, "a regular expression with one group, such as ^[0-9]+_(.*)$")
        return None

    def _forms(self, table: dict[str, Any], place: str) -> tuple[str, ...]:
        """Read how times are written."""
        told = self.one_or_many(table, place, "format")
        forms = (one for form in told for one in (USUAL_FORMS if form == USUAL else (form,)))
        return tuple(dict.fromkeys(forms))

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
            self.fault(path_of(place, "lookup"), str(written), 'a table such as {"Google Ads" = "search"}')
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
        where = path_of(place, "lookup_file")
        if not isinstance(written, dict) or set(written) != {"file", "key", "value"}:
            self.fault(where, str(written), 'a table such as {file = "descriptions", key = "id", value = "start"}')
            return None
        file, key, value = (self.text(written, where, name) or "" for name in ("file", "key", "value"))
        if Path(file).name != file or not file:
            self.fault(path_of(where, "file"), file, "the name of a file that lies beside the data file")
        return FileLookup(file, key, value)

    def _fits(self, rule: Rule, kind: Type, place: str, group_by: tuple[str, ...]) -> None:
        """Note parts of a rule that do not go together."""
        header = rule.header if rule.column is None else None
        given = (part is not None for part in (rule.column, header, rule.constant, rule.template))
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
            (rule.keep_others and not (looked_up or rule.match), "keep_others alone", "a lookup or match with it"),
            (
                rule.keep_others and rule.otherwise is not None and not rule.cases,
                "keep_others and otherwise",
                "one of them",
            ),
            (bool(rule.format) and kind not in (Type.TIME, Type.DATE), "format", "a column of times or dates"),
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


def path_of(place: str, key: str) -> str:
    """Return the path of an entry, as faults name it."""
    return f"{place}.{key}" if place else key
