"""Databases that are filled once and copied for each test: copying a file is quicker than importing it again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from campaigns.store.database import Database


def written(file: Path, before: Path, fill: Callable[[Database], object]) -> Path:
    """Copy a database to a file, fill it further, and leave nothing of it in other files; return it."""
    shutil.copyfile(before, file)
    database = Database(f"sqlite:///{file}")
    fill(database)
    with database.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return file


@contextmanager
def opened(file: Path, folder: Path) -> Iterator[Database]:
    """Open a copy of a database in a folder."""
    copy = folder / "copy.db"
    shutil.copyfile(file, copy)
    database = Database(f"sqlite:///{copy}")
    try:
        yield database
    finally:
        database.dispose()
