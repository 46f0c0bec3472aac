"""What a report shows beside its lines as sheets: verdicts, trend, response curves, tests, and how it was made."""

from __future__ import annotations

from datetime import UTC, tzinfo

from campaigns.language import _
from campaigns.reporting.background import Background, trend
from campaigns.reporting.lines import ad_lines, campaign_lines, channel_lines
from campaigns.reporting.moving import points_of
from campaigns.reporting.result_sheets import report_sheets
from campaigns.reporting.sentences import caused
from campaigns.reporting.sheets import Field, Sheet
from campaigns.retelling import retold
from campaigns.terms import Range, Report

__all__ = ["everything_shown"]


def everything_shown(
    report: Report, background: Background, target: float | None = None, zone: tzinfo = UTC
) -> list[Sheet]:
    """Return all that the report shows as sheets, the verdicts first."""
    return [
        _verdicts(report, background, target),
        *report_sheets(report),
        _trend(report, background),
        _curves(report, background),
        _tests(report),
        _made(report, background, zone),
    ]


def _verdicts(report: Report, background: Background, target: float | None) -> Sheet:
    fields = (
        Field("level", _("whether the row is of a channel, a campaign or an ad")),
        Field("channel", _("the channel")),
        Field("campaign", _("the campaign")),
        Field("ad", _("the ad")),
        Field("name", _("what the report calls it")),
        Field("verdict", _("what to do: More, Keep, Less or Test")),
        Field("why", _("the reason, with its figures")),
        Field("last_touch", _("what the rule of the last touch makes of it")),
    )
    names = background.names
    lines = (
        ("channel", channel_lines(report, target, names)),
        ("campaign", campaign_lines(report, target, names)),
        ("ad", ad_lines(report, target, names)),
    )
    rows = (
        {
            "level": level,
            "channel": line.effect.channel,
            "campaign": line.effect.campaign,
            "ad": line.effect.ad,
            "name": line.name,
            "verdict": line.word,
            "why": line.reason,
            "last_touch": line.last_click,
        }
        for level, found in lines
        for line in found
    )
    return Sheet(_("Verdicts"), fields, rows)


def _trend(report: Report, background: Background) -> Sheet:
    fields = (
        Field("run", _("number of the run"), "whole"),
        Field("last_day", _("last day of its data"), "date"),
        Field("responses", _("responses in its period"), "whole"),
        *_range_fields("extra", _("extra responses that advertising caused")),
        Field("spend", _("what was spent in its period"), "money", report.currency),
        Field("changed", _("what changed since the run before")),
    )
    rows = (
        {
            "run": then.run.id,
            "last_day": then.run.window.end,
            "responses": then.run.responses,
            **_range("extra", caused(then)),
            "spend": sum(effect.spend for effect in then.channels),
            "changed": "; ".join(then.changes.reasons) if then.changes else "",
        }
        for then in trend(report, background)
    )
    return Sheet(_("Trend"), fields, rows)


def _curves(report: Report, background: Background) -> Sheet:
    won = _("new customers won") if background.wins_newcomers else _("extra responses won")
    fields = (
        Field("channel", _("the channel")),
        Field("spend", _("what would be spent"), "money", report.currency),
        *_range_fields("won", won),
        Field("today", _("whether that is what is spent today"), "yes or no"),
    )
    rows = (
        {
            "channel": curve.channel,
            "spend": point.spend,
            **_range("won", point.won),
            "today": point.spend == curve.spend,
        }
        for curve in background.curves
        for point in points_of(curve)
    )
    return Sheet(_("Curves"), fields, rows)


def _tests(report: Report) -> Sheet:
    fields = (
        Field("test", _("name of the test")),
        Field("channel", _("the channel tested")),
        Field("first_day", _("its first day"), "date"),
        Field("last_day", _("its last day"), "date"),
        Field("treated", _("people in the treated group"), "whole"),
        Field("control", _("people held back"), "whole"),
        *_range_fields("measured", _("extra responses that it measured")),
        Field("use", _("whether the estimate uses it")),
        Field("checks", _("what its checks found")),
    )
    rows = (
        {
            "test": found.experiment,
            "channel": found.channel,
            "first_day": found.starts_on,
            "last_day": found.ends_on,
            "treated": found.treated,
            "control": found.control,
            **({} if found.measured is None else _range("measured", found.measured)),
            "use": _(found.soundness.words),
            "checks": " ".join(map(retold, found.sentences)),
        }
        for found in report.experiments
    )
    return Sheet(_("Tests"), fields, rows)


def _made(report: Report, background: Background, zone: tzinfo) -> Sheet:
    run = report.run
    told = [
        (_("Run"), str(run.id)),
        (_("Goal"), run.goal),
        (_("First day"), run.window.start.isoformat()),
        (_("Last day"), run.window.end.isoformat()),
        (_("Calculated"), run.finished_at.astimezone(zone).isoformat(timespec="minutes")),
        (_("This run"), _(run.verdict.words)),
        *((_("Shop and report"), sentence) for sentence in background.reconciliation),
        *((_("Check"), retold(check.sentence)) for check in report.checks),
        *((_("Note"), retold(note)) for note in report.notes),
    ]
    fields = (Field("what", _("what is told")), Field("value", _("what it is")))
    return Sheet(_("How it was made"), fields, [{"what": what, "value": value} for what, value in told])


def _range_fields(name: str, meaning: str) -> tuple[Field, Field, Field]:
    low = _("%(what)s: lower end of the likely range (9 in 10)", what=meaning)
    high = _("%(what)s: upper end of the likely range (9 in 10)", what=meaning)
    return Field(name, meaning, "number"), Field(f"{name}_low", low, "number"), Field(f"{name}_high", high, "number")


def _range(name: str, of: Range) -> dict[str, float]:
    return {name: of.mean, f"{name}_low": of.p05, f"{name}_high": of.p95}
