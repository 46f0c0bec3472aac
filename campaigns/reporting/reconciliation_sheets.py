"""The reconciliation as sheets: a line for what each source shows, for each reason, and for what counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from campaigns.language import _
from campaigns.reconciliation import Amounts, Reconciled, reason_words
from campaigns.reporting.sheets import Field, Sheet

__all__ = ["reconciliation_document", "reconciliation_sheet", "unused_sheet"]


def reconciliation_sheet(periods: Sequence[Reconciled], currency: str) -> Sheet:
    """Return the reconciliation as a sheet; in each kind, source and month the lines after the first add up to it."""
    fields = (
        Field("kind", _("kind of file")),
        Field("source", _("where the rows come from")),
        Field("month", _("first day of the month; empty where the day of a row cannot be read"), "date"),
        Field("line", _("what the source shows, then each reason why rows do not count, then what we use")),
        Field("rows", _("rows"), "whole", _("rows")),
        Field("orders", _("orders among them"), "whole", _("orders")),
        Field("value", _("their value"), "money", currency),
        Field("cost", _("their cost"), "money", currency),
    )
    return Sheet(_("Reconciliation"), fields, [line for each in periods for line in _lines(each)])


def unused_sheet(rows: Iterable[Mapping[str, Any]], currency: str) -> Sheet:
    """Return the rows that do not count as a sheet, from the members of ``campaigns.store.reconciling.Unused``."""
    fields = (
        Field("kind", _("kind of file")),
        Field("source", _("where the row comes from")),
        Field("day", _("its day, where it can be read"), "date"),
        Field("reason", _("why it does not count")),
        Field("key", _("what names it in its file: the order, its id or its key")),
        Field("amount", _("its value or cost, or what of it does not count"), "money", currency),
        Field("file", _("the file that it was found in")),
        Field("line", _("its line there; empty for a row that is stored"), "whole"),
        Field("row", _("the row as it was written, where that was kept")),
    )
    told = (
        {**row, "reason": reason_words(row["reason"]), "amount": None if row["amount"] is None else row["amount"] / 100}
        for row in rows
    )
    return Sheet(_("Rows that do not count"), fields, told)


def reconciliation_document(
    periods: Sequence[Reconciled], totals: Sequence[Reconciled], currency: str, linked_share: float | None
) -> dict[str, object]:
    """Return the reconciliation as JSON has it; money in major units of ``currency``."""
    return {
        "currency": currency,
        "linked_share": linked_share,
        "totals": [{**_document(each), "sentence": each.sentence} for each in totals],
        "periods": [_document(each) for each in periods],
    }


def _lines(each: Reconciled) -> Iterator[dict[str, Any]]:
    where = {"kind": each.kind, "source": each.source, "month": each.month}
    yield {**where, "line": _("the source shows"), **_major(each.shows)}
    for difference in each.differences:
        yield {**where, "line": reason_words(difference.reason), **_major(difference.amounts)}
    yield {**where, "line": _("we use"), **_major(each.uses)}


def _document(each: Reconciled) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "source": each.source,
        "month": each.month.isoformat() if each.month else None,
        "shows": _major(each.shows),
        "uses": _major(each.uses),
        "unlinked": _major(each.unlinked),
        "differences": [{"reason": item.reason, **_major(item.amounts)} for item in each.differences],
    }


def _major(amounts: Amounts) -> dict[str, Any]:
    return {**asdict(amounts), "value": amounts.value / 100, "cost": amounts.cost / 100}
