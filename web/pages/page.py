"""What every whole page has, and what several pages are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import render_template

__all__ = ["Choice", "Page", "Part"]


@dataclass(frozen=True)
class Page:
    """What every whole page has; a subclass names its template and adds what the template shows.

    Parameters
    ----------
    title
        What stands in the browser's tab, before the name of the product.
    """

    template: ClassVar[str]
    """File of the page's template, which extends ``base.html``."""

    section: ClassVar[str] = ""
    """The entry of the navigation under which the page lies, by its name in ``web.navigation``; empty for none."""

    title: str

    @property
    def live(self) -> bool:
        """Whether parts of the page change in place; only then it loads htmx."""
        return False

    def render(self) -> str:
        """Render the page's template."""
        return render_template(self.template, page=self)


@dataclass(frozen=True)
class Part:
    """A part of a page that is also sent on its own, for a page that is already open (htmx).

    Its template reads ``part``; the page's template includes it with ``{% with part = page.NAME %}``.
    """

    template: ClassVar[str]

    def render(self) -> str:
        """Render the part alone."""
        return render_template(self.template, part=self)


@dataclass(frozen=True)
class Choice:
    """One choice among several: what it stands for in an address, and in words."""

    value: str
    words: str
    chosen: bool
