"""The report, the plan and the faults of a file as sheets, with what each of their columns says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from campaigns.faults import Fault
from campaigns.language import _, mark
from campaigns.reporting.contract import plan_json, report_json
from campaigns.reporting.sheets import Field, Kind, Sheet
from campaigns.terms import Plan, PlannedContact, Report

__all__ = ["contacts_sheet", "faults_sheet", "plan_sheet", "rejected_sheet", "report_sheet", "report_sheets"]

MEMBERS: Mapping[str, tuple[Kind, str, str]] = {
    "level": ("text", "", mark("whether the row is of the baseline, a channel, a campaign or an ad")),
    "channel": ("text", "", mark("the channel")),
    "campaign": ("text", "", mark("the campaign")),
    "ad": ("text", "", mark("the ad")),
    "spend": ("money", "money", mark("what was spent in the time reported on")),
    "touches": ("number", "contacts", mark("contacts made in that time")),
    "matched_share": ("share", "", mark("share of what the platform showed that could be matched to persons")),
    "proof": ("text", "", mark("what stands behind the figures: tested, estimated or prior")),
    "incremental": ("number", "responses", mark("extra responses that it caused")),
    "acquired": ("number", "responses", mark("new customers that there would not be without it")),
    "cac": ("money", "money", mark("cost per new customer")),
    "marginal_cac": ("money", "money", mark("cost of the next customer")),
    "cost_per_extra": ("money", "money", mark("cost per extra response")),
    "return_on_spend": ("number", "", mark("value of the extra responses for each unit of money spent")),
    "p_no_effect": ("share", "", mark("chance that it caused nothing")),
    "p_below_target": ("share", "", mark("chance that a new customer costs less than the target")),
    "target": ("money", "money", mark("what a new customer may cost")),
    "claimed": ("number", "responses", mark("responses that the platform claims for itself")),
    "rules": ("number", "responses", mark("responses that this rule gives it")),
    "customer_id": ("text", "", mark("your number of the customer")),
    "promotion": ("text", "", mark("the promotion to offer")),
    "on": ("date", "", mark("the day of the contact")),
    "expected_value": ("money", "money", mark("extra margin that the contact is expected to earn")),
    "reason": ("text", "", mark("why this contact")),
    "probability": ("share", "", mark("chance with which the plan chose it")),
    "ghost": ("yes or no", "", mark("held back, to measure what the contact does: do not send")),
}
"""Kind, unit and meaning of the members of the JSON contracts; what they hold inside them has theirs."""

ENDS: Mapping[str, str] = {
    "mean": mark("most likely value"),
    "median": mark("middle value"),
    "p05": mark("lower end of the likely range (9 in 10)"),
    "p95": mark("upper end of the likely range (9 in 10)"),
}


def report_sheet(report: Report) -> Sheet:
    """Return the report as one sheet: the baseline, then the channels, the campaigns and the ads.

    Columns are ``level``, then the members of the JSON contract, those inside others joined by ``_``
    (``incremental_mean``, ``rules_last_touch``).
    """
    document: Any = report_json(report)
    rows = [
        {"level": "baseline", **_flat({"incremental": document["baseline"]})},
        *(
            {"level": level, **_flat(row)}
            for level in ("channel", "campaign", "ad")
            for row in document.get(f"{level}s", ())
        ),
    ]
    names = dict.fromkeys(["level", "channel", "campaign", "ad", *(name for row in rows for name in row)])
    # A cost that does not exist at all has no members to name; its columns come from the rows where it does.
    # An ad is no cost, though other names begin like its own.
    keys = ("level", "channel", "campaign", "ad")
    named = [
        name
        for name in names
        if name in keys or not any(other.startswith(f"{name}_") for other in names if other not in MEMBERS)
    ]
    return Sheet(_("Report"), [_field(name, report.currency) for name in named], rows)


def report_sheets(report: Report) -> list[Sheet]:
    """Return the report as a sheet for each level that it has."""
    whole = report_sheet(report)
    rows = [dict(row) for row in whole.rows]
    names = {
        "channel": _("Channels"), "campaign": _("Campaigns"), "ad": _("Ads"), "baseline": _("Would have come anyway")
    }  # fmt: skip
    sheets = []
    for level, name in names.items():
        own = [row for row in rows if row["level"] == level]
        filled = {key for row in own for key, value in row.items() if value is not None and key != "level"}
        if own or level != "campaign":
            sheets.append(Sheet(name, [field for field in whole.fields if field.name in filled], own))
    return sheets


def plan_sheet(plan: Plan, currency: str) -> Sheet:
    """Return the contacts of a plan as a sheet, its columns as in the JSON contract."""
    document: Any = plan_json(plan)
    names = ("customer_id", "promotion", "channel", "on", "expected_value", "reason", "probability", "ghost")
    rows = ({**row, "on": date.fromisoformat(row["on"])} for row in document["contacts"])
    return Sheet(_("Contacts"), [_field(name, currency) for name in names], rows)


def contacts_sheet(contacts: Iterable[PlannedContact], currency: str) -> Sheet:
    """Return contacts to send from as a sheet: those that are not held back, so no column says who is."""
    names = ("customer_id", "promotion", "channel", "on", "expected_value", "reason", "probability")
    rows = ({name: getattr(contact, name) for name in names} for contact in contacts)
    return Sheet(_("Contacts"), [_field(name, currency) for name in names], rows)


def faults_sheet(faults: Iterable[Fault]) -> Sheet:
    """Return what is wrong with a file as a sheet."""
    fields = (
        Field("line", _("line of the file, the header being line 1; empty for the file as a whole"), "whole"),
        Field("column", _("the column; empty for the whole line")),
        Field("found", _("what stands there")),
        Field("expected", _("what should stand there")),
        Field("sheet", _("the sheet of a workbook, or the file inside a ZIP; empty where there is only one")),
    )
    return Sheet(_("Faults"), fields, ({**asdict(fault), "line": fault.line or None} for fault in faults))


def rejected_sheet(rows: Iterable[Mapping[str, Any]]) -> Sheet:
    """Return the rows that an import left out as faulty, from ``campaigns.store.sources.faults_of``."""
    fields = (
        Field("line", _("line of the file, the header being line 1; empty for the file as a whole"), "whole"),
        Field("column", _("the column; empty for the whole line")),
        Field("found", _("what stands there")),
        Field("expected", _("what should stand there")),
        Field("row", _("the row as it was written, beside its first fault")),
    )
    return Sheet(_("Faults"), fields, rows)


def _field(name: str, currency: str) -> Field:
    """Describe a column by the member of the contract that it begins with, and how it ends."""
    plain = name.removeprefix("ad_spend_only_")
    member = max((each for each in MEMBERS if plain == each or plain.startswith(f"{each}_")), key=len, default="")
    kind, unit, meaning = MEMBERS.get(member, ("text", "", ""))
    end = plain.removeprefix(member).removeprefix("_")
    said = [_(meaning)] if meaning else []
    if end in ENDS:
        said.append(_(ENDS[end]))
    elif end:
        said.append(end.replace("_", " "))
    if plain != name:
        said.append(_("ad spend only"))
    return Field(name, ": ".join(said), kind, currency if unit == "money" else unit)


def _flat(members: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in members.items():
        if isinstance(value, Mapping):
            found.update(_flat(value, f"{above}{name}_"))
        elif not isinstance(value, list):  # what a report lists inside a row has no column
            found[f"{above}{name}"] = value
    return found
