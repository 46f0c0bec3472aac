"""The lists of a plan, written into a folder; ticked call lists, read back."""

from __future__ import annotations

from collections.abc import Mapping
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
    from campaigns.lists.folder import files_in
    from campaigns.planning.lists_out import export_lists
    from campaigns.store.policies import policy_in_use

    policy = policy_in_use(database, policy_table()).policy
    today = datetime.now(settings.zone).date()
    lists = export_lists(database, number, by=by, today=today, policy=policy)
    files = lists.files(agents=agents)
    _write_whole(folder, number, {file.name: file.content for file in files})
    strangers = [name for name in files_in(folder) if name not in {file.name for file in files}]
    if as_json:
        written = [{"file": str(folder / one.name), "rows": one.rows, "note": one.note} for one in files]
        told = {"committed": lists.committed, "refused": lists.refused or {}, "left_out": lists.left_out or {}}
        show_json({"plan": number, **told, "files": written, "others": strangers})
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
    if strangers:
        show(f"Not of this export, and still in {folder}: {', '.join(strangers)}")


def _write_whole(folder: Path, number: int, files: Mapping[str, bytes]) -> None:
    """Write lists beside their place and then move them there, so that none is ever there in part."""
    beside = folder / f".plan-{number}"
    for name, content in files.items():
        write_file(beside / name, content)
    for name in files:
        (beside / name).replace(folder / name)
    for left in beside.glob("*"):
        left.unlink()
    if beside.exists():
        beside.rmdir()


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
