"""What was imported, and what was wrong with it."""

import datetime as dt

from sqlalchemy import JSON, Index
from sqlmodel import Field

from campaigns.store.tables.columns import Record, key, moment, reference, whole

__all__ = ["ImportBatch", "ImportChange", "ImportFault", "LeftOut"]


class ImportBatch(Record, table=True):
    """One import of one file: ``rows`` = ``added`` + ``replaced`` + ``unchanged`` were good, ``skipped`` were not.

    ``first_day`` and ``last_day`` are those of its good rows (of UTC), where they have any. ``left_out`` has for each
    reason the rows that do not count at all and the value that does not, in minor units: ``{"test": [2, 11900]}``.
    """

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
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    left_out: dict[str, list[int]] = Field(default_factory=dict, sa_type=JSON)


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


class LeftOut(Record, table=True):
    """Something that a source shows and that does not count with us, with its reason.

    The rows that a source shows of a kind are those stored and the ``whole`` ones here; the value that it shows is
    that stored and all of it here. ``whole`` says that the row as such does not count (a test order, a cancelled
    one); otherwise the row counts and only ``value`` was taken off it (a refund, tax). Reasons: test, cancelled,
    refunded, tax, shipping, tip, duplicate, faulty, total and others that a mapping names; ``total`` is a total line
    of the file itself, which adds nothing and is kept to compare with.

    ``source`` and ``row_key`` name the row as the table of its kind would; the next import that mentions the row
    replaces what stands here, and takes back a row stored before that is now left out. ``value`` is in minor units of
    the reporting currency, ``currency`` the one it was written in, ``row`` the row as written (JSON) where ``whole``.
    """

    __tablename__ = "left_out"
    __table_args__ = (Index(None, "kind", "source", "row_key"),)

    id: int | None = key()
    batch_id: int = reference("import_batches.id", index=True)
    kind: str
    source: str
    line: int = whole(...)
    row_key: str | None = None
    reason: str
    occurred_on: dt.date | None = None
    value: int | None = whole()
    whole: bool
    currency: str | None = None
    row: str | None = None


class ImportChange(Record, table=True):
    """What one import changed of one source in one month and channel; ``month`` is its first day.

    ``added``, ``replaced`` and ``removed`` count rows. ``value_before`` and ``value_after`` are what all rows of the
    source in this month and channel added up to, in minor units of the reporting currency: cost of spend and touches,
    value of responses and deals.
    """

    __tablename__ = "import_changes"

    id: int | None = key()
    batch_id: int = reference("import_batches.id", index=True)
    kind: str
    source: str
    month: dt.date
    channel: str | None = None
    added: int = whole(0)
    replaced: int = whole(0)
    removed: int = whole(0)
    value_before: int = whole(0)
    value_after: int = whole(0)
