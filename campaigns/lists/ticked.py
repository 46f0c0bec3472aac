"""The call list as it comes back: which outcome was ticked for each contact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from campaigns.faults import Fault, RefusedError
from campaigns.intake.reading import read
from campaigns.lists.calls import TICKS

__all__ = ["Ticked", "read_ticked", "ticked"]

CALL_BACK = "call back at"
WANTED = ("contact", "agent", "reason")
UNMARKED = ("", "-", "no", "0", "false")
"""What somebody writes who does not tick."""


@dataclass(frozen=True)
class Ticked:
    """What came of one call.

    Parameters
    ----------
    contact
        Number of the contact.
    outcome
        One of `campaigns.planning.ledger.CALL_OUTCOMES`.
    call_back_at
        When to call again, where that was agreed.
    """

    contact: int
    outcome: str
    agent: str = ""
    reason: str = ""
    call_back_at: datetime | None = None
    line: int = 0


def read_ticked(path: Path, zone: ZoneInfo) -> tuple[Ticked, ...]:
    """Read a call list that agents have ticked; calls not ticked yet are passed over.

    Parameters
    ----------
    path
        The list, as CSV or XLSX.
    zone
        Zone of the times to call again.

    Raises
    ------
    RefusedError
        With every fault: a column missing, a contact without its number, two outcomes ticked, a time that is none.
    """
    raw = read(path)
    faults = list(raw.faults)
    if not faults:
        missing = [name for name in ("contact", *TICKS) if name not in raw.table.column_names]
        faults = [Fault(raw.header_line, name, "no such column", "the columns of the call list") for name in missing]
    if faults:
        raise RefusedError(f"{path} cannot be read as a call list:", faults, "Save it with its columns as they were.")
    rows = raw.table.select([name for name in (*WANTED, *TICKS) if name in raw.table.column_names]).to_pylist()
    lines = raw.line_of(np.arange(len(rows))).tolist()
    return ticked(zip(lines, rows, strict=True), zone, str(path))


def ticked(rows: Iterable[tuple[int, Mapping[str, object]]], zone: ZoneInfo, name: str = "This") -> tuple[Ticked, ...]:
    """Return what was ticked in rows of a call list, each with its line; see `read_ticked`."""
    faults: list[Fault] = []
    found: dict[int, Ticked] = {}
    for line, row in rows:
        texts = {key: str(value).strip() if value is not None else "" for key, value in row.items()}
        marks = [tick for tick in TICKS if texts.get(tick, "").casefold() not in UNMARKED]
        if not marks:
            continue
        number = texts.get("contact", "")
        if not number.isascii() or not number.isdigit():
            faults.append(Fault(line, "contact", repr(number), "the number of the contact, as it was"))
            continue
        if len(marks) > 1:
            faults.append(Fault(line, marks[-1], " and ".join(marks), "one outcome ticked"))
            continue
        back = _moment(texts[CALL_BACK], zone) if marks[0] == CALL_BACK else None
        if marks[0] == CALL_BACK and back is None:
            faults.append(Fault(line, CALL_BACK, repr(texts[CALL_BACK]), "a day and a time such as 2026-06-02 15:30"))
            continue
        outcome = "call back" if back is not None else marks[0]
        one = Ticked(int(number), outcome, texts.get("agent", ""), texts.get("reason", ""), back, line)
        earlier = found.setdefault(one.contact, one)
        if earlier is not one:
            faults.append(Fault(line, "contact", number, f"each contact once (line {earlier.line} has it already)"))
    if faults:
        raise RefusedError(
            f"{name} cannot be settled:", faults, "Nothing was settled. Correct these and read it again."
        )
    return tuple(found.values())


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    """Read a day and a time; one without a zone is in that of the list. A day alone is no time."""
    if ":" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)
