"""Names that join: spend without touches beside touches without spend, and what means the same."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from campaigns.access import Role
from campaigns.faults import RefusedError
from campaigns.language import _, mark
from campaigns.naming.names import Name
from campaigns.naming.pairing import Unjoined
from campaigns.reporting.figures import day, money, number, percent
from campaigns.retelling import retold
from campaigns.store.aliases import confirm_alias, remove_alias
from campaigns.store.joins import Joins, Written, joins_of, named
from campaigns.store.summaries import written_kept
from web.access import allow, visitor
from web.audit import audited
from web.once_per_run import OncePerRun
from web.pages.joining import AliasLine, LevelLines, NameLine, NamesPage, PairLine
from web.site import site

__all__ = ["blueprint"]

blueprint = Blueprint("names", __name__)

SHOWN = 25
"""Names listed of each side of a level."""

TITLES = {"channel": mark("Channels"), "campaign": mark("Campaigns"), "ad": mark("Ads")}


_names = OncePerRun(written_kept)


@blueprint.get("/sources/names")
@allow(Role.MARKETER, Role.MANAGER)
def show() -> str:
    """Show what joins and what does not."""
    with site().database.reading() as session:
        found = joins_of(session, _written(session))
    return _page(found).render()


@blueprint.post("/sources/names")
@allow(Role.MARKETER)
def change() -> ResponseReturnValue:
    """Count a name as another, or as itself again."""
    try:
        with site().database.transaction(exclusive=True) as session:
            _change(session)
    except RefusedError as error:
        flash(" ".join(map(retold, (error.message, *map(str, error.faults)))), "error")
    return redirect(url_for("names.show"))


def _change(session: Session) -> None:
    form = request.form
    if "forget" in form:
        name = named(session, form["forget"], _written(session))
        if remove_alias(session, name):
            audited(session, "name forgotten", str(name))
            flash(_("%(name)s counts as itself again.", name=str(name)))
        return
    pair = next((each for each in joins_of(session, _written(session)).pairs if each.id == form.get("pair")), None)
    if pair is not None:
        name, meant, why = pair.name, pair.meant, "; ".join(pair.reasons)
    else:
        written = _written(session)
        name, meant = (named(session, form.get(field, ""), written) for field in ("name", "meant"))
        why = ""
    confirm_alias(session, name, meant, now=datetime.now(UTC), by=visitor().name, reason=why)
    audited(session, "name confirmed", str(name), after={"means": str(meant)})
    flash(_("%(name)s now counts as %(meant)s.", name=str(name), meant=str(meant)))


def _written(session: Session) -> Written | None:
    """Return the names that the last run summed up; None before there is one."""
    return _names.get(session)[0]


def _page(found: Joins) -> NamesPage:
    currency = site().settings.currency
    if not found.spend or not found.touches:
        headline = _("Names can be compared as soon as there are spend and touches")
    else:
        headline = _(
            "%(share)s of the spend lies in channels with touches", share=percent(found.joined_spend / found.spend)
        )
    return NamesPage(
        title=_("Names that join"),
        headline=headline,
        lead=_(
            "Spend and touches meet by the names of channels, campaigns and ads. Whatever does not meet counts as "
            "spend without effect, or as effect without cost."
        ),
        media=", ".join(found.media),
        pairs=tuple(
            PairLine(
                pair.id,
                str(pair.name),
                str(pair.meant),
                "; ".join(pair.reasons),
                money(pair.cost / 100, currency),
                number(pair.touches),
            )
            for pair in found.pairs
        ),
        levels=tuple(_level(each, currency) for each in found.unjoined if each.spend or each.touches),
        aliases=tuple(
            AliasLine(
                str(alias.name),
                str(alias.meant),
                _("since %(day)s, by %(who)s", day=day(alias.confirmed_at.date()), who=alias.confirmed_by or "–"),
            )
            for alias in found.aliases
        ),
        known=tuple(sorted({str(name) for name in _known(found)})),
    )


def _level(each: Unjoined, currency: str) -> LevelLines:
    return LevelLines(
        _(TITLES[each.level]),
        tuple(NameLine(str(one.name), money(one.cost / 100, currency)) for one in each.spend[:SHOWN]),
        tuple(NameLine(str(one.name), number(one.rows)) for one in each.touches[:SHOWN]),
    )


def _known(found: Joins) -> list[Name]:
    return [one.name for each in found.unjoined for one in (*each.spend, *each.touches)]
