"""What a run summed up, read once and held in memory until another run is published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar

from sqlmodel import Session

from campaigns.store.runs import published
from web.published import DEFAULT
from web.site import site

__all__ = ["OncePerRun"]

Kept = TypeVar("Kept")


class OncePerRun(Generic[Kept]):
    """Something of the published run that takes a while to read.

    Parameters
    ----------
    read
        Reads it by the number of the run; None in a run of an older version.
    """

    def __init__(self, read: Callable[[Session, int], Kept | None]) -> None:
        self._read = read
        self._held: tuple[object, Kept | None] | None = None
        self._reading = Lock()

    def get(self, session: Session) -> tuple[Kept | None, datetime | None]:
        """Return it and when its run was published; two times None before there is one."""
        run = published(session, DEFAULT)
        if run is None or run.id is None:
            return None, None
        key = str(site().database.engine.url), run.id, run.finished_at
        with self._reading:
            if self._held is None or self._held[0] != key:
                self._held = key, self._read(session, run.id)
            found = self._held[1]
        return (None, None) if found is None else (found, run.finished_at)
