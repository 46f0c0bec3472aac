"""Experiments: tests that run and ran, how sound they are, what they measured, and which to run next."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.access import Role
from campaigns.faults import RefusedError
from campaigns.language import _, ngettext
from campaigns.reporting.figures import NOTHING, days, money, number, percent, span
from campaigns.reporting.naming import channel_name, goal_of, nouns
from campaigns.retelling import retold
from campaigns.store.tests_planned import KnownTest, keep_test, known_tests
from campaigns.terms import ExperimentFinding, NextTest, Proof, Range, Report, Soundness
from web.access import allow, visitor
from web.asked import goal_asked_for
from web.audit import audited
from web.experiment_form import ExperimentForm, test_in
from web.moves import experiment_of_move, move_carried, today_here
from web.moving import MoveAsked
from web.pages.experiments import ExperimentsPage, FindingLine, NextLine, RunningLine
from web.site import site

__all__ = ["blueprint"]

blueprint = Blueprint("experiments", __name__)


@blueprint.get("/experiments")
@allow(Role.MARKETER, Role.MANAGER)
def show() -> str:
    """Show the tests, and which to run next; ``channel`` or a move names what the reader came for."""
    move = move_carried()
    asked = request.args.get("channel", "") or (move.target if move else "")
    filled = experiment_of_move(move, today_here()) if move else {"channel": asked, "share": 90}
    return _page(ExperimentForm(formdata=None, data=filled), asked, move)


@blueprint.post("/experiments")
@allow(Role.MARKETER)
def plan() -> ResponseReturnValue:
    """Plan a test."""
    form = ExperimentForm()
    form.offer(_channels(""))
    if not form.validate():
        return _page(form, form.channel.data or "", move_carried()), 422
    test = test_in(form)
    try:
        with site().database.transaction(exclusive=True) as session:
            keep_test(session, test, goal_asked_for())
            ran = {"starts_on": test.starts_on.isoformat(), "ends_on": test.ends_on.isoformat()}
            audited(session, "test planned", test.experiment, after={"channel": test.channel, **ran})
    except RefusedError as error:
        form.experiment.errors = [
            *form.experiment.errors,
            *(f"{fault.found}: {fault.expected}." for fault in error.faults),
        ]
        return _page(form, test.channel, move_carried()), 422
    flash(_("Planned. Tell whoever buys the ads; the next run after its end says what it found."))
    return redirect(url_for("experiments.show"), 303)


def _channels(asked: str) -> tuple[str, ...]:
    """Return the channels that can be tested: those of the report, and the one asked for."""
    report = site().published.report(goal_asked_for())
    known = {effect.channel for effect in report.channels} if report else set()
    return tuple(sorted({*known, *([asked] if asked else [])}))


def _page(form: ExperimentForm, asked: str, move: MoveAsked | None) -> str:
    report = site().published.report(goal_asked_for())
    form.offer(_channels(asked))
    with site().database.reading() as session:
        known = known_tests(session)
    today = datetime.now(UTC).astimezone(site().settings.zone).date()
    found = {(finding.experiment, finding.channel) for finding in (report.experiments if report else ())}
    coming = tuple(_running(test, today) for test in known if test.ends_on >= today)
    waiting = tuple(
        _running(test, today) for test in known if test.ends_on < today and (test.experiment, test.channel) not in found
    )
    proposed = report.next_tests if report else ()
    return ExperimentsPage(
        title=_("Experiments"),
        headline=_headline(report),
        lead=_(
            "Holding customers back at random, or switching a region off, is what shows for certain what ads cause."
        ),
        next_tests=tuple(_next(test, report, asked) for test in proposed) if report else (),
        untestable=_untestable(report, asked),
        running=coming + waiting,
        findings=tuple(_finding(finding, report) for finding in report.experiments) if report else (),
        form=form,
        move=move.words.sentence if move is not None and move.words is not None else "",
        open=move is not None or form.is_submitted(),
        may_plan=visitor().may(Role.MARKETER) and bool(form.channel.choices),
    ).render()


def _headline(report: Report | None) -> str:
    """Say how many channels are measured by a test."""
    if report is None:
        return _("Tests are proposed as soon as there is a report")
    measured = sum(effect.proof is Proof.TESTED for effect in report.channels)
    return _(
        "%(measured)s of %(all)s channels are measured by a test",
        measured=number(measured),
        all=number(len(report.channels)),
    )


def _untestable(report: Report | None, asked: str) -> str:
    """Say what to know of a channel that was asked for and of which no test is proposed."""
    if report is None or not asked or any(test.channel == asked for test in report.next_tests):
        return ""
    effect = next((effect for effect in report.channels if effect.channel == asked), None)
    if effect is None:
        return ""
    name = channel_name(asked)
    if effect.proof is Proof.TESTED:
        return _("%(channel)s is measured by a test already: its held-back customers go on measuring it.", channel=name)
    return _(
        "No test of %(channel)s is proposed by this run. Hold back a tenth of its audience at random for four weeks, "
        "or switch it off in a few regions.",
        channel=name,
    )


def _next(test: NextTest, report: Report, asked: str) -> NextLine:
    needs = ngettext("%(count)s week", "%(count)s weeks", test.weeks, count=number(test.weeks))
    if test.customers is not None:
        needs = _("%(count)s customers held back, %(weeks)s", count=number(test.customers), weeks=needs)
    return NextLine(
        channel=channel_name(test.channel),
        sentence=retold(test.sentence),
        stake=_("%(spend)s hang on it", spend=money(test.stake, report.currency)) if test.stake else "",
        needs=needs,
        gain=_(
            "its range narrows from %(now)s to %(then)s of the estimate",
            now=percent(test.width_now),
            then=percent(test.width_then),
        ),
        asked=test.channel == asked,
    )


def _running(test: KnownTest, today: date) -> RunningLine:
    if test.starts_on > today:
        state = _("planned")
    elif test.ends_on >= today:
        left = (test.ends_on - today).days + 1
        state = ngettext("runs, %(count)s day left", "runs, %(count)s days left", left, count=number(left))
    else:
        state = _("ended; its result comes with the next run, or it lies outside of the period")
    return RunningLine(test.experiment, channel_name(test.channel), days(test.starts_on, test.ends_on), state)


def _finding(found: ExperimentFinding, report: Report) -> FindingLine:
    _one, things = nouns(goal_of(report.run))
    people = NOTHING
    if found.treated or found.control:
        people = _(
            "%(treated)s reached, %(control)s held back", treated=number(found.treated), control=number(found.control)
        )
    return FindingLine(
        name=found.experiment,
        channel=" / ".join(part for part in (channel_name(found.channel), found.campaign, found.ad) if part),
        days=days(found.starts_on, found.ends_on),
        people=people,
        measured=_ranged(found.measured, things),
        estimated=_ranged(found.estimated, things),
        use=_(found.soundness.words),
        sound=found.soundness is Soundness.SOUND,
        sentences=tuple(map(retold, found.sentences)),
    )


def _ranged(of: Range | None, things: str) -> str:
    if of is None:
        return _("cannot be told")
    middle, low, high = span(of)
    return _("%(middle)s (%(low)s to %(high)s) extra %(things)s", middle=middle, low=low, high=high, things=things)
