"""The page of what went wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from web.pages.page import Page

__all__ = ["RefusalPage"]


@dataclass(frozen=True)
class RefusalPage(Page):
    """What went wrong, and what to do next.

    Parameters
    ----------
    faults
        Every fault of a refused input, in words.
    """

    template: ClassVar[str] = "refusal.html"

    message: str
    remedy: str
    faults: tuple[str, ...]
