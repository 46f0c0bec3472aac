"""One claimed run in a process of its own: ``python -m jobs.worker RUN``, started by the scheduler.

Exit status: 0 published, 1 not (the ledger has the reason). SIGTERM ends it on the spot, whatever it is at: what a run
finds is stored in one transaction at its end, and the scheduler hands the run back.
"""

from __future__ import annotations

import sys

from campaigns.faults import TouchstoneError
from campaigns.settings import Settings
from campaigns.store.database import open_database
from jobs import runs
from jobs.pipeline import carry_out, renew_plan
from jobs.screen import progress_shown, say

__all__ = ["main"]


def main(run_id: int) -> int:
    """Carry out a run and, once it is published, draft the plan that follows from it.

    Parameters
    ----------
    run_id
        Number of a run that the scheduler has claimed.

    Returns
    -------
    The exit status.
    """
    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        with progress_shown() as progress:
            outcome = carry_out(database, settings, runs.claimed(database, run_id), progress=progress)
        if outcome.published:
            plan = renew_plan(database, settings)
            say(f"plan {plan.id} drafted: {len(plan.contacts):,} contacts from {plan.starts_on}")
    except TouchstoneError as refusal:
        say(f"Refused. {refusal}")
        return 1
    except KeyboardInterrupt:
        return 1
    finally:
        database.dispose()
    return 0 if outcome.published else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
