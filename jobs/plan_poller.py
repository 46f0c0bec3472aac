"""Works off what the site asks of the planner, one request after another, each in a process of its own.

The scheduler takes a step of it whenever it looks around, also while a run is under way. ``python -m jobs.plan_poller``
does nothing else, and ends with the process that started it: that is how the demo's site has a planner at its side.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from campaigns.faults import TouchstoneError
from campaigns.settings import Settings
from campaigns.store import plan_requests as ledger
from campaigns.store.database import Database, open_database
from campaigns.store.plan_requests import State

__all__ = ["PlanPoller", "main"]

WORKER = (sys.executable, "-m", "jobs.plan_worker")
"""What carries out a request, its number and its attempt coming last."""

EVERY_SECONDS = 1.0

Say = Callable[[str], None]


@dataclass(frozen=True)
class _Work:
    number: int
    attempt: int
    process: subprocess.Popen[bytes]


class PlanPoller:
    """Takes requests up and sees to it that the ledger knows how each ended; nothing in it waits.

    Parameters
    ----------
    database, settings
        Of the installation.
    say
        Tells whoever watches.
    """

    def __init__(self, database: Database, settings: Settings, say: Say) -> None:
        self._database = database
        self._settings = settings
        self._say = say
        self._work: _Work | None = None
        self._looked = -EVERY_SECONDS

    def step(self) -> bool:
        """Look after the request under way, or take up the next; return whether one is under way."""
        now = time.monotonic()
        if now - self._looked >= EVERY_SECONDS:
            self._looked = now
            if self._work is not None:
                self._look_after(self._work)
            if self._work is None:
                self._take_up()
        return self._work is not None

    def work_off(self, to_end: Callable[[], bool]) -> None:
        """Work off everything that waits, or until told to end."""
        while not to_end() and self.step():
            time.sleep(0.1)
        self.close()

    def close(self) -> None:
        """End the process under way, if there is one, and hand its request back."""
        work, self._work = self._work, None
        if work is None:
            return
        # At once, by the signal's default: what it was writing is rolled back, and the next worker begins again.
        work.process.terminate()
        work.process.wait()
        with self._database.transaction() as session:
            ledger.hand_back(session, work.number, work.attempt)

    def _take_up(self) -> None:
        with self._database.reading() as session:
            if ledger.waiting(session) is None and not ledger.busy(session):
                return
        with self._database.transaction() as session:
            for lost in ledger.reclaim(session):
                self._say(f"request {lost} to the planner: its worker fell silent")
            found = ledger.claim(session)
            if found is None:
                return
            number, attempt, told = found.id or 0, found.attempts, f"{found.kind}, asked for by {found.requested_by}"
        self._say(f"request {number} to the planner: {told}")
        # A session of its own: Ctrl+C at a terminal is for the one who started it, which then decides.
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [*WORKER, str(number), str(attempt)], env=self._settings.environ(), start_new_session=True
        )
        self._work = _Work(number, attempt, process)

    def _look_after(self, work: _Work) -> None:
        ended = work.process.poll() is not None
        with self._database.reading() as session:
            told = ledger.find(session, work.number)
        if not ended and told.cancel_requested:
            work.process.terminate()
            work.process.wait()
            self._end(work, State.CANCELLED, "stopped on request")
        elif ended:
            self._end(work, State.FAILED, f"its process ended without a word, with status {work.process.returncode}")
        else:
            return
        self._work = None
        self._looked = -EVERY_SECONDS

    def _end(self, work: _Work, state: State, message: str) -> None:
        with self._database.transaction() as session:
            ledger.end(session, work.number, work.attempt, state, message)
            said = ledger.find(session, work.number)
        self._say(f"request {work.number} to the planner: {said.state}" + (f": {said.message}" if said.message else ""))


def main() -> int:
    """Work requests off until the process that started this one has ended."""
    settings = Settings.from_environ()
    database = open_database(settings)
    parent = os.getppid()
    poller = PlanPoller(database, settings, lambda text: print(text, file=sys.stderr, flush=True))
    try:
        while os.getppid() == parent:
            try:
                poller.step()
            except TouchstoneError as error:
                print(f"{error} Trying again.", file=sys.stderr, flush=True)
                time.sleep(EVERY_SECONDS)
            time.sleep(0.2)
    except KeyboardInterrupt:
        return 0
    finally:
        poller.close()
        database.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
