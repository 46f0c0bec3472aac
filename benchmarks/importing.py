"""A million touches from Parquet, checked and stored in a new SQLite file, then imported again: seconds and memory.

The bar: at most 15 s and 1 GB for the first import.
"""

from __future__ import annotations

import multiprocessing
import tempfile
from pathlib import Path

from benchmarks.intake import measured, write_touches
from campaigns.importing import import_file
from campaigns.intake.formats import KINDS
from campaigns.settings import Settings
from campaigns.store.database import open_database


def stored_rows(path: Path, url: str) -> int:
    """Import a file of touches; return the rows that were added or replaced."""
    settings = Settings(database_url=url)
    database = open_database(settings)
    database.migrate()
    imported = import_file(database, settings, KINDS["touches"], path)
    database.dispose()
    return imported.added + imported.replaced


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "touches.parquet"
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            pool.apply(write_touches, (path,))
        for what in ("imported", "imported again"):
            result = measured(stored_rows, path, f"sqlite:///{folder}/touchstone.db")
            print(
                f"1,000,000 touches {what}: {result.seconds:.1f} s, peak {result.peak:,.0f} MB, {result.rows:,} written"
            )


if __name__ == "__main__":
    main()
