"""One request to the planner, in a process of its own: ``python -m jobs.plan_worker NUMBER ATTEMPT``.

Exit status: 0 done, 1 not (the request says why). SIGTERM ends it on the spot: what it stores, it stores at its end.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from campaigns.faults import RefusedError, TouchstoneError
from campaigns.settings import Settings, policy_table
from campaigns.store import plan_requests as ledger
from campaigns.store.database import Database, open_database
from campaigns.store.plan_requests import Kind, State
from jobs.plan_step import Tell, take_step

__all__ = ["carry_out", "main"]

BEAT_SECONDS = 1.0


def carry_out(database: Database, settings: Settings, number: int, attempt: int) -> State:
    """Carry out a claimed request and say in the ledger how it ended."""
    with database.reading() as session:
        asked = ledger.find(session, number)
    plan_id, message, state = None, "", State.DONE
    result: Mapping[str, Any] | None = None
    try:
        with _beating(database, number, attempt) as tell:
            if asked.kind == Kind.DRAFT:
                plan_id = _draft(database, settings, asked.options, asked.requested_by, tell)
            elif asked.kind == Kind.COMPARE:
                result = _compare(database, settings, asked.options, tell)
            elif asked.kind in ledger.STEPS:
                kind, by, again = Kind(asked.kind), asked.requested_by, attempt > 1
                plan_id, result = take_step(database, settings, kind, asked.options, by, again, tell)
            else:
                result = _preview(database, settings, asked.options, tell)
    except TouchstoneError as error:
        state, message = State.FAILED, _words(error)
    except BaseException as error:
        with database.transaction() as session:
            ledger.end(session, number, attempt, State.FAILED, f"{type(error).__name__}: {error}")
        raise
    with database.transaction() as session:
        ledger.end(session, number, attempt, state, message, plan_id=plan_id, result=result)
    return state


def _words(error: TouchstoneError) -> str:
    """Say why a request failed, so that a person can act on it."""
    faults = [str(fault) for fault in error.faults] if isinstance(error, RefusedError) else []
    return "\n".join((error.message, *faults, *([error.remedy] if error.remedy else [])))


@contextmanager
def _beating(database: Database, number: int, attempt: int) -> Iterator[Tell]:
    """Write progress down every second while the block runs, in a thread of its own."""
    told: list[tuple[float, str]] = [(0.0, "")]
    over = threading.Event()

    def tell(share: float, message: str) -> None:
        told[0] = share, message

    def beat() -> None:
        while not over.wait(BEAT_SECONDS):
            try:
                with database.transaction() as session:
                    ledger.beat(session, number, attempt, *told[0])
            except TouchstoneError:
                continue  # the step itself holds the database for long: the next beat tells

    thread = threading.Thread(target=beat, name=f"pulse of request {number}", daemon=True)
    thread.start()
    try:
        yield tell
    finally:
        over.set()
        thread.join()


def _draft(database: Database, settings: Settings, options: Mapping[str, Any], by: str, tell: Tell) -> int:
    """Draft and store a plan; return its number."""
    from campaigns.planning.drafting import draft_plan
    from campaigns.store.policies import policy_in_use

    tell(0.1, "choosing contacts")
    wishes = vars(_wishes(options, settings))
    plan = draft_plan(database, **wishes, policy=policy_in_use(database, policy_table()), by=by)
    tell(1.0, "stored")
    return plan.id


def _wishes(options: Mapping[str, Any], settings: Settings) -> Any:
    from campaigns.planning.aims import Aims
    from campaigns.planning.asking import Wishes

    return Wishes(
        starts_on=date.fromisoformat(options["starts_on"]),
        days=int(options.get("days", 7)),
        limit=options.get("limit"),
        seed=int(options.get("seed", 0)),
        zone=settings.zone,
        aims=Aims.from_mapping(options.get("aims", {})),
    )


def _compare(database: Database, settings: Settings, options: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Compare the plan as it is with what changes would make of it, and weigh product against relationship contacts."""
    from campaigns.planning.balancing import balance_of
    from campaigns.planning.comparing import compare, read_change
    from campaigns.planning.soundness import examine

    wishes = _wishes(options, settings)
    changes = [read_change(text) for text in options["changes"]]
    records, policy = _read(database, wishes, tell)
    examine(records, policy, wishes).refuse("These plans cannot be compared:", "Correct these, and compare again.")
    tell(0.2, "making the plans")
    found = compare(records, policy, wishes, changes)
    tell(0.7, "weighing product against relationship contacts")
    balance = balance_of(records, policy, wishes)
    return {
        "sides": [asdict(side) for side in found.sides],
        "balance": [asdict(point) for point in balance],
    }


def _read(database: Database, wishes: Any, tell: Tell) -> tuple[Any, Any]:
    from campaigns.planning.asking import check_wishes
    from campaigns.planning.drafting import published_run
    from campaigns.store.plan_records import Reading, read_records
    from campaigns.store.policies import policy_in_use

    check_wishes(wishes)
    tell(0.05, "reading what is known")
    policy = policy_in_use(database, policy_table()).policy
    return read_records(database, Reading(published_run(database), policy, wishes.starts_on, wishes.zone)), policy


def _preview(database: Database, settings: Settings, options: Mapping[str, Any], tell: Tell) -> dict[str, Any]:
    """Reckon what a promotion would bring, whom it shares with other promotions, and what sales keeps from it."""
    from campaigns.planning.asking import Wishes
    from campaigns.planning.drafting import published_run
    from campaigns.planning.horizon import MOST_DAYS
    from campaigns.planning.previewing import preview_of
    from campaigns.store.effect_ranges import effect_spreads
    from campaigns.store.promotions import find

    with database.reading() as session:
        promotion = find(session, options["promotion"])
    today = datetime.now(UTC).astimezone(settings.zone).date()
    first = max(promotion.starts_on or today, today + timedelta(1))
    last = promotion.ends_on or first + timedelta(MOST_DAYS - 1)
    wishes = Wishes(first, max(min((last - first).days + 1, MOST_DAYS), 1), zone=settings.zone)
    if last < first:
        wishes = replace(wishes, starts_on=promotion.starts_on or last)
    records, policy = _read(database, wishes, tell)
    tell(0.5, "reckoning")
    with database.reading() as session:
        spreads = effect_spreads(session, published_run(database).id)
    found = preview_of(records, policy, wishes, promotion.promotion, spreads)
    return {"promotion": promotion.promotion, "run": published_run(database).id, **found.to_mapping()}


def main(number: int, attempt: int) -> int:
    """Carry out a request that a poller has claimed; return the exit status."""
    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        return 0 if carry_out(database, settings, number, attempt) is State.DONE else 1
    finally:
        database.dispose()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
