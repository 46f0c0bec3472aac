"""Uploaded files in words: what each seems to be, where it stands, and what its import changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from babel.dates import format_date

from campaigns.language import _, locale, mark, ngettext
from campaigns.reporting.figures import money, number
from campaigns.reporting.kinds import kind_words
from campaigns.retelling import retold
from campaigns.store.tables import Upload
from campaigns.store.uploads import State, open_uploads
from campaigns.uploads.spool import alone, stage_of
from campaigns.uploads.working import start_worker
from web.access import visitor
from web.pages.sources import UploadLine, UploadsPart
from web.site import site
from web.upload_limit import LARGEST_FILE, UPLOADERS

__all__ = ["size_words", "upload_line", "uploads_part"]

STATES = {
    State.WAITING: mark("waits for you"),
    State.ASKED: mark("waits for its turn"),
    State.RUNNING: mark("is being imported"),
    State.STORED: mark("imported"),
    State.REFUSED: mark("refused"),
    State.FAILED: mark("failed"),
    State.DISMISSED: mark("thrown away"),
}

MOODS = {
    State.ASKED: "running",
    State.RUNNING: "running",
    State.STORED: "good",
    State.REFUSED: "bad",
    State.FAILED: "bad",
}

STAGES = {
    "reading": (20, mark("reading the file")),
    "checking": (45, mark("checking every row")),
    "storing": (70, mark("storing the rows")),
}

SLOW = timedelta(seconds=5)
"""How long a worker that was started takes at most until it is at work."""

LISTED = 6
"""Months and channels that are named of what an import changed."""


def uploads_part(back: str) -> UploadsPart:
    """Give the files that wait or were imported just now, and the place to drop more."""
    now = datetime.now(UTC)
    with site().database.reading() as session:
        found = open_uploads(session, now - timedelta(hours=12))
    _see_to_it(found, now)
    return UploadsPart(
        back, visitor().may(*UPLOADERS), size_words(LARGEST_FILE), tuple(upload_line(each) for each in found)
    )


def _see_to_it(found: list[Upload], now: datetime) -> None:
    """Start a worker where files wait for their turn and nobody is at it: the last one may have been killed."""
    under_way = (State.ASKED, State.RUNNING)
    if any(each.state in under_way and each.asked_at is not None and now - each.asked_at > SLOW for each in found):
        with alone(site().settings) as nobody:
            pass
        if nobody:
            start_worker(site().settings)


def upload_line(upload: Upload) -> UploadLine:
    """Write an uploaded file in a line."""
    state, percent = State(upload.state), None
    words = _(STATES[state])
    if state is State.RUNNING:
        percent, stage = STAGES.get(stage_of(site().settings, int(upload.id or 0)), (5, ""))
        words = f"{words}: {_(stage)}" if stage else words
    kinds = upload.look.get("kinds", [])
    if state is State.WAITING and not kinds:
        words = _("cannot be read yet")
    return UploadLine(
        int(upload.id or 0),
        upload.name,
        size_words(upload.size),
        _what(upload.look),
        words,
        MOODS.get(state, "waiting"),
        _told(upload, state),
        percent,
        state is State.WAITING and bool(kinds),
        state in (State.STORED, State.DISMISSED),
    )


def size_words(size: int) -> str:
    """Write a number of bytes."""
    if size < 1 << 20:
        return _("%(size)s kB", size=number(max(1, round(size / 1024))))
    return _("%(size)s MB", size=number(round(size / (1 << 20))))


def _what(look: dict[str, Any]) -> str:
    if not look:
        return ""
    kinds = ", ".join(kind_words(kind) for kind in look["kinds"])
    if not kinds:
        return _("It cannot be imported as it is.")
    if look["known"]:
        return _("%(title)s. It makes: %(kinds)s.", title=_title(look["title"]), kinds=kinds)
    return _("A file that is not known; by its columns it makes: %(kinds)s.", kinds=kinds)


def _title(kept: str) -> str:
    title = retold(kept)
    return title[:1].upper() + title[1:]


def _told(upload: Upload, state: State) -> tuple[str, ...]:
    """Say what an import stored and changed, or why it did not."""
    if state is State.STORED:
        return (*_stored(upload.outcome), *_changed(upload.outcome))
    if state is State.FAILED:
        safe = _("Nothing is half-stored: import it again.")
        return (retold(upload.message), safe) if upload.message else (_("It was interrupted."), safe)
    if state is State.REFUSED:
        return (retold(upload.message),)
    if state is State.WAITING and upload.look.get("refused"):
        return tuple(map(retold, upload.look["refused"][:2]))
    return ()


def _stored(outcome: dict[str, Any]) -> list[str]:
    told = []
    for one in outcome.get("imported", []):
        counts = (
            (one["added"], mark("%(count)s new")),
            (one["replaced"], mark("%(count)s changed")),
            (one["unchanged"], mark("%(count)s there already")),
            (one["skipped"], mark("%(count)s left out as faulty")),
        )
        parts = ", ".join(_(words, count=number(count)) for count, words in counts if count)
        told.append(f"{kind_words(one['kind'])}: {parts or _('nothing')}.")
    return told


def _changed(outcome: dict[str, Any]) -> list[str]:
    """Say which months were restated: what was there before and now says something else."""
    restated = [one for one in outcome.get("changes", []) if one["replaced"] or one["removed"]]
    told = [
        _(
            "Restated: %(what)s, %(month)s, by %(amount)s.",
            what=" / ".join(part for part in (kind_words(one["kind"]), one["source"], one["channel"]) if part),
            month=format_date(datetime.fromisoformat(one["month"]), "LLLL yyyy", locale=locale()),
            amount=money(one["difference"] / 100, site().settings.currency),
        )
        for one in restated[:LISTED]
    ]
    more = len(restated) - LISTED
    if more > 0:
        told.append(ngettext("%(count)s more month", "%(count)s more months", more, count=number(more)) + ".")
    return told
