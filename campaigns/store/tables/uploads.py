"""Files that somebody uploaded on the site, from their arrival until they are stored or thrown away."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field

from campaigns.store.tables.columns import Record, key, moment, whole

__all__ = ["Upload"]


class Upload(Record, table=True):
    """One uploaded file.

    ``state`` is one of ``campaigns.store.uploads.State``. ``look`` is what the file seems to be, as
    ``campaigns.uploads.looking`` writes it; ``mapping`` names the mapping that reads it, ``text`` is one made for it
    (as TOML). ``skip_faulty`` says whether its good rows are taken alone. ``message`` says how its import ended,
    ``outcome`` what it stored or what was wrong.
    """

    __tablename__ = "uploads"
    __table_args__ = (Index(None, "state"),)

    id: int | None = key()
    name: str
    size: int = whole(...)
    state: str
    uploaded_at: dt.datetime = moment()
    uploaded_by: str
    look: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    mapping: str = ""
    text: str = ""
    skip_faulty: bool = False
    asked_at: dt.datetime | None = moment(None)
    finished_at: dt.datetime | None = moment(None)
    message: str = ""
    outcome: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
