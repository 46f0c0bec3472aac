"""The lists of a plan, written into a folder; ticked call lists, read back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from campaigns.settings import Settings, policy_table
from jobs.screen import say, show, show_json, write_file

if TYPE_CHECKING:
    from campaigns.store.database import Database

__all__ = ["read_calls", "write_lists"]


def write_lists(
    database: Database,
    settings: Settings,
    number: int,
    folder: Path,
    agents: tuple[str, ...],
    *,
    by: str,
    as_json: bool,
) -> None:
    """Export a plan if it was not, and write its lists into a folder."""
    from campaigns.planning.lists_out import export_lists
    from campaigns.store.policies import policy_in_use

    policy = policy_in_use(database, policy_table()).policy
    today = datetime.now(settings.zone).date()
    lists = export_lists(database, number, by=by, today=today, policy=policy)
    files = lists.files(agents=agents)
    for file in files:
        write_file(folder / file.name, file.content)
    if as_json:
        written = [{"file": str(folder / one.name), "rows": one.rows, "note": one.note} for one in files]
        told = {"committed": lists.committed, "refused": lists.refused or {}, "left_out": lists.left_out or {}}
        show_json({"plan": number, **told, "files": written})
        return
    show(
        f"Plan {number} is exported: {lists.committed:,} contacts are committed."
        if lists.committed
        else f"Plan {number} was exported before: nothing is committed again."
    )
    for reason, count in (lists.refused or {}).items():
        show(f"  {count:>9,}  left out since the approval: {reason}")
    for reason, count in (lists.left_out or {}).items():
        show(f"  {count:>9,}  on no list: {reason}")
    for one in files:
        show(f"  {one.rows:>9,}  {folder / one.name}{'  ' + one.note if one.note else ''}")


def read_calls(database: Database, settings: Settings, files: tuple[Path, ...], *, as_json: bool) -> None:
    """Settle the contacts of ticked call lists; a list with faults changes nothing, those before it are settled."""
    from campaigns.lists.ticked import read_ticked
    from campaigns.planning.calls_back import settle_calls

    read = [(path, read_ticked(path, settings.zone)) for path in files]
    told = []
    for path, ticks in read:
        back = settle_calls(database, ticks, zone=settings.zone, path=str(path))
        told.append({"file": str(path), **vars(back)})
        say(f"{path}: {back.settled:,} calls settled")
    if as_json:
        show_json({"calls": told})
        return
    names = ("declined", "opted_out", "call_backs", "wrong_numbers")
    for one in told:
        parts = [f"{one[name]:,} {name.replace('_', ' ')}" for name in names if one[name]]
        show(f"{one['file']}: {one['settled']:,} settled" + (f" ({', '.join(parts)})" if parts else ""))
