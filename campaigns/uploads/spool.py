"""The folder in which uploaded files wait: a folder for each, named by its number."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from campaigns.faults import TouchstoneError
from campaigns.settings import Settings
from campaigns.store.tables import Upload

__all__ = ["alone", "discard", "file_of", "keep", "name_of", "stage_of", "tell_stage"]

LONGEST = 120
"""Most characters of the name of a file."""

_UNFIT = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


def name_of(written: str) -> str:
    """Return the name of an uploaded file as it can lie in a folder, its ending kept."""
    name = _UNFIT.sub("_", re.split(r"[/\\]", written)[-1]).strip(". ") or "file"
    stem, dot, ending = name.rpartition(".")
    return name if len(name) <= LONGEST else f"{(stem or name)[: LONGEST - len(ending) - 1]}{dot}{ending[:20]}"


def file_of(settings: Settings, upload: Upload) -> Path:
    """Return where an uploaded file lies."""
    return _folder(settings, int(upload.id or 0)) / upload.name


def keep(settings: Settings, upload: Upload, source: IO[bytes]) -> Path:
    """Store what arrived, piece by piece.

    Raises
    ------
    TouchstoneError
        If the folder cannot be written.
    """
    path = file_of(settings, upload)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.chmod(Path(settings.uploads), 0o700)  # customers' data: for the site alone
        with path.open("wb") as sink:
            shutil.copyfileobj(source, sink, 1 << 20)
    except OSError as error:
        shutil.rmtree(path.parent, ignore_errors=True)
        message = f"{upload.name} cannot be kept in the folder {settings.uploads}: {error.strerror or error}."
        raise TouchstoneError(message, "Make room there, or make it writable, and upload the file again.") from error
    return path


def discard(settings: Settings, number: int) -> None:
    """Throw an uploaded file away, with everything beside it."""
    shutil.rmtree(_folder(settings, number), ignore_errors=True)


def tell_stage(settings: Settings, number: int, stage: str) -> None:
    """Note what the import of a file is at: beside it, for the database may be busy with this very import."""
    (_folder(settings, number) / ".stage").write_text(stage, "utf-8")


def stage_of(settings: Settings, number: int) -> str:
    """Return what the import of a file is at, or an empty text."""
    try:
        return (_folder(settings, number) / ".stage").read_text("utf-8")
    except OSError:
        return ""


@contextmanager
def alone(settings: Settings) -> Iterator[bool]:
    """Hold the folder while the block runs; yields whether nobody else does. The system lets go of it at a crash."""
    folder = Path(settings.uploads)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".worker").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _folder(settings: Settings, number: int) -> Path:
    return Path(settings.uploads) / f"{number:08d}"
