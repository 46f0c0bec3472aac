"""Every error the product raises: each says what was found, what was expected, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Fault", "FaultyFileError", "RefusedError", "SettingsError", "TouchstoneError", "UnreadyError", "grouped"]

SHOWN_FAULTS = 20
"""How many faults a person sees at once; all of them go to a file."""


FEW_ALIKE = 3
"""Up to this many faults of the same kind are told one by one."""


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong with an input, precise enough to mend it without asking.

    Parameters
    ----------
    line
        Line of the file counted as an editor counts it (the header of a CSV is line 1), or 0 for the file as a whole.
    column
        Name of the column, or an empty string where the whole line or file is meant.
    found
        What stands there, as written.
    expected
        What should stand there, in words.
    sheet
        The sheet of a workbook, or the file inside a ZIP; empty where there is only one.
    """

    line: int
    column: str
    found: str
    expected: str
    sheet: str = ""

    def __str__(self) -> str:
        line = f"line {self.line}" if self.line else ""
        where = ", ".join(part for part in (self.sheet, line, self.column) if part)
        return f"{where or 'the whole input'}: found {self.found}; expected {self.expected}"


def grouped(faults: Sequence[Fault]) -> list[str]:
    """Return faults for people: those of one column with the same expectation as one, in the order of their first."""
    groups: dict[tuple[str, str, str], list[Fault]] = {}
    for fault in faults:
        groups.setdefault((fault.sheet, fault.column, fault.expected), []).append(fault)
    told = []
    for alike in groups.values():
        lines = len({fault.line for fault in alike})
        if lines <= FEW_ALIKE:
            told += [(fault, str(fault)) for fault in alike]
        else:
            told.append((alike[0], f"{alike[0]} (and in {lines - 1:,} more lines)"))
    place = {id(fault): number for number, fault in enumerate(faults)}
    return [text for fault, text in sorted(told, key=lambda pair: place[id(pair[0])])]


class TouchstoneError(Exception):
    """Root of all errors a user can mend; its text is meant for people.

    Parameters
    ----------
    message
        What went wrong, in one sentence.
    remedy
        What to do next, in one sentence; may be empty.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n{self.remedy}" if self.remedy else self.message


class RefusedError(TouchstoneError):
    """An input was refused as a whole and nothing of it was stored.

    Parameters
    ----------
    message
        What was refused, in one sentence.
    faults
        Every fault found, not only the first.
    remedy
        What to do next.
    """

    def __init__(self, message: str, faults: Sequence[Fault] = (), remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.faults = tuple(faults)

    def __str__(self) -> str:
        alike = grouped(self.faults)
        lines = [self.message, *(f"  {told}" for told in alike[:SHOWN_FAULTS])]
        if len(alike) > SHOWN_FAULTS:
            lines.append(f"  ... and {len(alike) - SHOWN_FAULTS:,} more")
        if self.remedy:
            lines.append(self.remedy)
        return "\n".join(lines)


class FaultyFileError(RefusedError):
    """A file was refused for its faults.

    Parameters
    ----------
    usable
        Whether its good rows can be taken alone; not where the file as a whole is at fault.
    """

    def __init__(self, message: str, faults: Sequence[Fault], remedy: str, *, usable: bool) -> None:
        super().__init__(message, faults, remedy)
        self.usable = usable


class SettingsError(RefusedError):
    """Settings from the environment or ``touchstone.toml`` cannot be used."""


class UnreadyError(TouchstoneError):
    """What was asked for does not exist yet, for example a report before the first fit."""
