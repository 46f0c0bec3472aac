"""The heartbeat of a run: it tells the ledger that the run lives and how far it is, and hears when it should stop."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from campaigns.store.database import Database
from jobs import runs
from jobs.runs import ClaimedRun

__all__ = ["Pulse"]

BEAT_SECONDS = 2.0


class Pulse:
    """Beats in a thread of its own while the ``with`` block runs, even where the block compiles for a minute.

    Parameters
    ----------
    database, run
        Whose heart it is.
    seconds
        Time between two beats.
    """

    def __init__(self, database: Database, run: ClaimedRun, seconds: float = BEAT_SECONDS) -> None:
        self._database = database
        self._run = run
        self._seconds = seconds
        self._told = (0.0, "")
        self._cancelled = False
        self._error: Exception | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"pulse of run {run.id}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def tell(self, share: float, message: str) -> None:
        """Note how far the run is; the next beat writes it down."""
        self._told = (share, message)

    def is_cancelled(self) -> bool:
        """Tell whether somebody asked the run to stop, as of the last beat.

        Raises
        ------
        Exception
            What made the heart stop, if it did: a run that the ledger cannot hear must not go on unseen.
        """
        self.check()
        return self._cancelled

    def check(self) -> None:
        """Raise what made the heart stop, if it did."""
        if self._error is not None:
            raise self._error

    def _beat(self) -> None:
        while not self._over.wait(self._seconds):
            try:
                self._cancelled = runs.beat(self._database, self._run, *self._told)
            except Exception as error:  # noqa: BLE001 - raised again in the run's own thread, by check()
                self._error = error
                return
