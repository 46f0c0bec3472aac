"""The page of what programs can ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from web.pages.page import Page

__all__ = ["Detail", "Operation", "ReferencePage", "Subject"]


@dataclass(frozen=True)
class Detail:
    """One parameter or field: its name, how it is written, what it means, and whether it must be there."""

    name: str
    kind: str
    meaning: str
    required: bool


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked; ``statuses`` are those it may be answered with."""

    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[Detail, ...]
    statuses: str


@dataclass(frozen=True)
class Subject:
    """What can be asked of one subject."""

    name: str
    description: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class ReferencePage(Page):
    """What programs can ask, below ``address``."""

    template: ClassVar[str] = "reference.html"
    section: ClassVar[str] = "settings"

    subjects: tuple[Subject, ...]
    address: str
