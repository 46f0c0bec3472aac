"""What stands around every page."""

from __future__ import annotations

from dataclasses import dataclass

from web.pages.signing_in import DemoChoice

__all__ = ["Entry", "Frame", "Notice"]


@dataclass(frozen=True)
class Entry:
    """One entry of the navigation: its name, where it leads, what it is called."""

    name: str
    address: str
    words: str


@dataclass(frozen=True)
class Notice:
    """What the last request did, said once: ``mood`` is ``message`` for what was done, ``refused`` for what was not."""

    text: str
    mood: str


@dataclass(frozen=True)
class Frame:
    """What ``base.html`` puts around every page.

    Parameters
    ----------
    visitor
        Name of whoever is signed in; empty for a stranger.
    own
        Whether the page is the visitor's own account.
    demo
        The roles that a visitor of the demo may take; empty outside of the demo.
    """

    visitor: str
    own: bool
    demo: tuple[DemoChoice, ...]
    sections: tuple[Entry, ...]
    notices: tuple[Notice, ...]
