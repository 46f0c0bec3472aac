"""Uploaded files: received, looked at, asked to be imported, ended; all inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from campaigns.store.tables import Upload

__all__ = [
    "OPEN",
    "State",
    "ask",
    "begin",
    "dismiss",
    "end",
    "find",
    "interrupted",
    "looked",
    "open_uploads",
    "receive",
]


class State(StrEnum):
    """Where an uploaded file stands."""

    WAITING = "waiting"
    """For somebody to look at what it seems to be, and say that it may be imported."""
    ASKED = "asked"
    RUNNING = "running"
    STORED = "stored"
    REFUSED = "refused"
    """For its faults; nothing of it was stored."""
    FAILED = "failed"
    DISMISSED = "dismissed"


OPEN = (State.WAITING, State.ASKED, State.RUNNING, State.REFUSED, State.FAILED)
"""States in which somebody still has something to do, or to wait for."""

ASKABLE = (State.WAITING, State.REFUSED, State.FAILED)


def receive(session: Session, name: str, size: int, by: str, now: datetime) -> Upload:
    """Note a file that arrived."""
    upload = Upload(name=name, size=size, state=State.WAITING, uploaded_at=now, uploaded_by=by)
    session.add(upload)
    session.flush()
    return upload


def looked(session: Session, number: int, look: Mapping[str, Any], mapping: str = "", text: str = "") -> None:
    """Note what a file seems to be, and by which mapping it will be read."""
    upload = session.get_one(Upload, number)
    upload.look, upload.mapping, upload.text = dict(look), mapping, text
    if upload.state in ASKABLE:
        upload.state, upload.message, upload.outcome = State.WAITING, "", {}
    session.add(upload)


def ask(session: Session, number: int, now: datetime, *, skip_faulty: bool = False) -> bool:
    """Ask for a file to be imported; False where it is on its way already, or ended."""
    upload = session.get(Upload, number, with_for_update=True)
    if upload is None or upload.state not in ASKABLE:
        return False
    upload.state, upload.asked_at, upload.skip_faulty = State.ASKED, now, skip_faulty
    upload.finished_at, upload.message, upload.outcome = None, "", {}
    session.add(upload)
    return True


def begin(session: Session) -> Upload | None:
    """Take the file that was asked for first; None where none was."""
    oldest = select(Upload).where(Upload.state == State.ASKED).order_by(col(Upload.asked_at), col(Upload.id)).limit(1)
    upload = session.exec(oldest.with_for_update(skip_locked=True)).first()
    if upload is not None:
        upload.state = State.RUNNING
        session.add(upload)
    return upload


def end(session: Session, number: int, state: State, message: str, outcome: Mapping[str, Any], now: datetime) -> None:
    """Note how the import of a file ended."""
    upload = session.get_one(Upload, number)
    upload.state, upload.message, upload.outcome, upload.finished_at = state, message, dict(outcome), now
    session.add(upload)


def interrupted(session: Session, now: datetime) -> None:
    """Note that whoever imported has gone: to be called by a worker that knows that it is the only one."""
    for upload in session.exec(select(Upload).where(Upload.state == State.RUNNING)):
        upload.state, upload.finished_at = State.FAILED, now
        session.add(upload)


def dismiss(session: Session, number: int, now: datetime) -> bool:
    """Note that a file was thrown away; False where it is being imported, or ended."""
    upload = session.get(Upload, number, with_for_update=True)
    if upload is None or upload.state not in ASKABLE:
        return False
    upload.state, upload.finished_at = State.DISMISSED, now
    session.add(upload)
    return True


def find(session: Session, number: int) -> Upload | None:
    """Return an uploaded file, or None."""
    return session.get(Upload, number)


def open_uploads(session: Session, since: datetime, limit: int = 50) -> list[Upload]:
    """Return the files with which something is still to be done, and those stored since; the last to arrive first."""
    fresh = (col(Upload.state) == State.STORED) & (col(Upload.finished_at) > since)
    query = select(Upload).where(col(Upload.state).in_(OPEN) | fresh).order_by(col(Upload.id).desc()).limit(limit)
    return list(session.exec(query))
