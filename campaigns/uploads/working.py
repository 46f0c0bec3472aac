"""Import uploaded files in a process of their own, one after another: started by the site, ended when nothing waits."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from campaigns.faults import FaultyFileError, TouchstoneError, grouped
from campaigns.importing import Imported, import_export, import_file
from campaigns.intake.formats import KINDS
from campaigns.intake.mappings.loading import read_mapping
from campaigns.settings import Settings
from campaigns.store.changes import Change, changes_since
from campaigns.store.database import Database
from campaigns.store.tables import Upload
from campaigns.store.uploads import State, begin, end, interrupted
from campaigns.uploads.spool import alone, discard, file_of, tell_stage

__all__ = ["start_worker", "work_off"]

WORKER = (sys.executable, "-m", "campaigns.uploads")

LISTED = 20
"""Faults that the page lists; all of them are in a file."""

_log = logging.getLogger(__name__)


def start_worker(settings: Settings) -> None:
    """Have what was asked for imported by a process of its own; one that finds another at work ends at once."""
    worker = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        WORKER, env=settings.environ(), stdin=subprocess.DEVNULL, start_new_session=True
    )
    threading.Thread(target=worker.wait, daemon=True, name="waits for the worker").start()


def work_off(database: Database, settings: Settings) -> None:
    """Import what was asked for until nothing is left, unless another process is at it."""
    waiting = True
    while waiting:  # again, for somebody may have asked, and ended before us, just before the folder was let go
        with alone(settings) as nobody_else:
            if not nobody_else:
                return
            with database.transaction() as session:
                interrupted(session, datetime.now(UTC))
            while (upload := _begun(database)) is not None:
                _carry_out(database, settings, upload)
        waiting = _waits(database)


def _begun(database: Database) -> Upload | None:
    with database.transaction() as session:
        return begin(session)


def _waits(database: Database) -> bool:
    from sqlmodel import select

    with database.reading() as session:
        return session.exec(select(Upload.id).where(Upload.state == State.ASKED)).first() is not None


def _carry_out(database: Database, settings: Settings, upload: Upload) -> None:
    """Import one file, and note how that ended."""
    number, started = int(upload.id or 0), datetime.now(UTC)
    try:
        done = _imported(database, settings, upload)
    except FaultyFileError as refused:
        shown = [*grouped(refused.faults)]
        told = {"faults": shown[:LISTED], "more": max(0, len(shown) - LISTED), "usable": refused.usable}
        _end(database, number, State.REFUSED, refused.message, {**told, "count": len(refused.faults)})
    except TouchstoneError as refused:
        _end(database, number, State.REFUSED, str(refused), {})
    except Exception as error:  # noqa: BLE001 - whatever it was, the page must say that it ended
        _log.exception("the import of upload %s failed", number)
        _end(database, number, State.FAILED, f"{type(error).__name__}: {error}"[:500], {})
    else:
        with database.reading() as session:
            changes = changes_since(session, started)
        told = {"imported": [_told(one) for one in done], "changes": [_change(one) for one in changes]}
        _end(database, number, State.STORED, "", told)
        discard(settings, number)


def _imported(database: Database, settings: Settings, upload: Upload) -> Sequence[Imported]:
    path, skip = file_of(settings, upload), upload.skip_faulty
    tell = partial(tell_stage, settings, int(upload.id or 0))
    if upload.text or upload.mapping:
        mapping = read_mapping("made for this file", upload.text) if upload.text else upload.mapping
        return import_export(database, settings, path, mapping, skip_faulty=skip, tell=tell)
    kind = KINDS[upload.look["kinds"][0]]
    return [import_file(database, settings, kind, path, skip_faulty=skip, tell=tell)]


def _end(database: Database, number: int, state: State, message: str, outcome: dict[str, Any]) -> None:
    with database.transaction() as session:
        end(session, number, state, message, outcome, datetime.now(UTC))


def _told(one: Imported) -> dict[str, Any]:
    counts = {name: getattr(one, name) for name in ("kind", "rows", "added", "replaced", "unchanged", "skipped")}
    return {**counts, "notes": list(one.notes)}


def _change(one: Change) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "source": one.source,
        "month": one.month.isoformat(),
        "channel": one.channel,
        "added": one.added,
        "replaced": one.replaced,
        "removed": one.removed,
        "difference": one.difference,
    }
