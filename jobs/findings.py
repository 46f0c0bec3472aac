"""What looking at an installation finds: good or not, in a sentence, with what to do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

__all__ = ["Finding", "Grade"]


class Grade(StrEnum):
    """How good a finding is."""

    GOOD = "good"
    NOTICE = "notice"
    BAD = "bad"

    @property
    def mark(self) -> str:
        """The sign in front of it."""
        return {"good": "+", "notice": "?", "bad": "!"}[self.value]


@dataclass(frozen=True)
class Finding:
    """One thing looked at: what was found and, unless it is good, what to do."""

    name: str
    grade: Grade
    sentence: str
    remedy: str = ""

    def document(self) -> dict[str, str]:
        """As JSON has it."""
        return {key: str(value) for key, value in asdict(self).items()}
