"""Journeys: the commonest paths with their credit and time, and one response opened to its touches."""

from __future__ import annotations

from flask import Blueprint, abort, url_for
from markupsafe import Markup

from campaigns.access import Role
from campaigns.intake.money import decimals
from campaigns.language import _, ngettext
from campaigns.reporting.figures import days, moment, money, number, percent
from campaigns.reporting.naming import campaign_name, channel_name, goal_of, nouns
from campaigns.store.journeys import CreditedResponse, Opened, Path, TouchShare, opened, paths, recent_responses
from campaigns.terms import Report
from web.access import allow
from web.asked import address_if_there, goal_asked_for, shown_or_404
from web.pages.journeys import JourneyPage, JourneysPage, PathLine, ResponseLine, TouchLine
from web.published import Shown
from web.site import site

__all__ = ["blueprint"]

PATHS = 40

RESPONSES = 20

NAMED = 3
"""Channels whose credit is named beside a path."""

LEAST = 0.005
"""Share of the credit that is named; less would be written as nothing."""

blueprint = Blueprint("journeys", __name__)


@blueprint.get("/journeys")
@allow(Role.MARKETER, Role.MANAGER)
def show() -> str:
    """Show the commonest paths, or what to do before there are any."""
    goal = goal_asked_for()
    shown = site().published.shown(goal)
    if shown is None:
        return JourneysPage(_("Journeys"), _("There are no journeys yet"), "", "", (), "", ()).render()
    report = shown.report
    with site().database.reading() as session:
        found = paths(session, report.run.id, PATHS)
        recent = recent_responses(session, report.run.id, RESPONSES)
    _one, things = nouns(goal_of(report.run))
    listed = sum(path.responses for path in found)
    return JourneysPage(
        title=_("Journeys"),
        headline=_headline(found, report),
        lead=days(report.run.window.start, report.run.window.end),
        things=things,
        paths=tuple(_path(path, report) for path in found),
        left_out=_left_out(report.run.responses - listed, things) if found else "",
        responses=tuple(_response(response, goal) for response in recent),
    ).render()


@blueprint.get("/journeys/<goal>/<int:place>")
@allow(Role.MARKETER, Role.MANAGER)
def journey(goal: str, place: int) -> str:
    """Show one response opened to its touches, each with its share."""
    shown = shown_or_404(goal)
    with site().database.reading() as session:
        found = opened(session, shown.report.run.id, place)
    return abort(404) if found is None else _opened(found, shown, goal).render()


def _headline(found: tuple[Path, ...], report: Report) -> str:
    """Say by how many paths most responses came."""
    _one, things = nouns(goal_of(report.run))
    if not found:
        return _("This run kept no journeys: the next one will")
    several = sum(path.responses for path in found if len(path.channels) > 1)
    total = sum(path.responses for path in found)
    return _(
        "%(share)s of these %(things)s came after touches in more than one channel",
        share=percent(several / max(total, 1)),
        things=things,
    )


def _left_out(count: int, things: str) -> str:
    if count <= 0:
        return ""
    return _("%(count)s %(things)s came by rarer paths, or by none.", count=number(count), things=things)


def _path(path: Path, report: Report) -> PathLine:
    total = max(path.responses, 1)
    ranked = sorted(path.credit.items(), key=lambda item: (-item[1], item[0]))
    worth_naming = [(channel, credit / total) for channel, credit in ranked[:NAMED] if credit >= LEAST * total]
    named = [f"{channel_name(channel)} {percent(share)}" for channel, share in worth_naming]
    return PathLine(
        channels=tuple(map(channel_name, path.channels)) or (_("no touch at all"),),
        responses=number(path.responses),
        share=percent(path.responses / max(report.run.responses, 1), 1),
        days=_days(path.median_days) if path.channels else "",
        anyway=percent(path.baseline / total),
        credit=", ".join(named),
        bar=_bar(sum(path.credit.values()) / total),
    )


def _bar(caused: float) -> Markup:
    """Draw which part of a path's responses its touches caused."""
    width = 100.0 * min(max(caused, 0.0), 1.0)
    return Markup(  # noqa: S704 - numbers alone
        '<svg class="parts" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="anyway" width="100" height="6"/><rect class="caused" width="{width:.1f}" height="6"/></svg>'
    )


def _days(count: float) -> str:
    if count < 1:
        hours = max(1, round(24 * count))
        return ngettext("%(count)s hour", "%(count)s hours", hours, count=number(hours))
    return ngettext("%(count)s day", "%(count)s days", round(count), count=number(round(count)))


def _response(found: CreditedResponse, goal: str) -> ResponseLine:
    return ResponseLine(
        address=url_for("journeys.journey", goal=goal, place=found.place),
        at=moment(found.occurred_at, site().settings.zone),
        kind=found.kind,
        touches=ngettext("%(count)s touch", "%(count)s touches", found.touches, count=number(found.touches)),
        anyway=percent(found.baseline),
    )


def _opened(found: Opened, shown: Shown, goal: str) -> JourneyPage:
    currency = shown.report.currency
    value = "" if found.value is None else money(found.value / 10 ** decimals(currency), currency, 0.01)
    one, _many = nouns(goal_of(shown.report.run))
    caused = percent(1.0 - found.baseline)
    return JourneyPage(
        title=_("One journey"),
        headline=_("%(share)s of this %(thing)s is owed to its touches", share=caused, thing=one),
        at=moment(found.occurred_at, site().settings.zone),
        value=value,
        customer=found.customer,
        customer_address=address_if_there("customers.person", person=str(found.person_id)) if found.person_id else "",
        touches=tuple(_touch(touch, shown) for touch in found.touches),
        anyway=percent(found.baseline),
        anyway_likely=_(
            "likely %(low)s to %(high)s", low=percent(found.baseline_p05), high=percent(found.baseline_p95)
        ),
        rest=percent(found.rest) if found.rest > 0.0005 else "",
        back=url_for("journeys.show", goal=goal),
    )


def _touch(touch: TouchShare, shown: Shown) -> TouchLine:
    campaign = campaign_name(touch.campaign, shown.background.names) if touch.campaign else ""
    return TouchLine(
        at=moment(touch.occurred_at, site().settings.zone) if touch.occurred_at else _("over these days"),
        what=channel_name(touch.channel),
        detail=", ".join(part for part in (touch.kind, campaign, touch.ad) if part),
        share=percent(touch.share),
        likely=_("likely %(low)s to %(high)s", low=percent(touch.p05), high=percent(touch.p95)),
    )
