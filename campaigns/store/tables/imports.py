"""What was imported, and what was wrong with it."""

import datetime as dt

from sqlalchemy import JSON
from sqlmodel import Field

from campaigns.store.tables.columns import Record, key, moment, reference, whole

__all__ = ["ImportBatch", "ImportFault"]


class ImportBatch(Record, table=True):
    """One import of one file: ``rows`` = ``added`` + ``replaced`` + ``unchanged`` were good, ``skipped`` were not."""

    __tablename__ = "import_batches"

    id: int | None = key()
    kind: str
    source: str
    path: str
    digest: str
    started_at: dt.datetime = moment()
    finished_at: dt.datetime | None = moment(None)
    rows: int = whole(0)
    added: int = whole(0)
    replaced: int = whole(0)
    unchanged: int = whole(0)
    skipped: int = whole(0)
    notes: list[str] = Field(default_factory=list, sa_type=JSON)


class ImportFault(Record, table=True):
    """One thing wrong with a row that was left out; ``row`` is the row as written, as JSON text."""

    __tablename__ = "import_faults"

    id: int | None = key()
    batch_id: int = reference("import_batches.id", index=True)
    line: int = whole(...)
    column: str
    found: str
    expected: str
    row: str | None = None
