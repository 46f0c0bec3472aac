"""Every error the product raises: each says what was found, what was expected, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Fault", "RefusedError", "SettingsError", "TouchstoneError", "UnreadyError"]

SHOWN_FAULTS = 20
"""How many faults a person sees at once; all of them go to a file."""


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
    """

    line: int
    column: str
    found: str
    expected: str

    def __str__(self) -> str:
        where = ", ".join(part for part in (f"line {self.line}" if self.line else "", self.column) if part)
        return f"{where or 'the whole input'}: found {self.found}; expected {self.expected}"


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
        lines = [self.message, *(f"  {fault}" for fault in self.faults[:SHOWN_FAULTS])]
        if len(self.faults) > SHOWN_FAULTS:
            lines.append(f"  ... and {len(self.faults) - SHOWN_FAULTS:,} more")
        if self.remedy:
            lines.append(self.remedy)
        return "\n".join(lines)


class SettingsError(RefusedError):
    """Settings from the environment or ``touchstone.toml`` cannot be used."""


class UnreadyError(TouchstoneError):
    """What was asked for does not exist yet, for example a report before the first fit."""
