"""Holds: sales keeps a customer or an account to itself, and watches the plan change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from campaigns.access import Role
from campaigns.faults import RefusedError
from campaigns.language import _, ngettext
from campaigns.reporting.figures import day, number
from campaigns.reporting.naming import channel_name
from campaigns.retelling import retold
from campaigns.settings import policy_table
from campaigns.store import plan_requests
from campaigns.store.accounts import members_of_account, owns_account
from campaigns.store.background import promotion_names
from campaigns.store.finding import owns
from campaigns.store.holds import Hold, HoldWish, hold_of, place_hold_in, release_hold_in
from campaigns.store.plan_change import PlanChange, Planned, plan_change
from campaigns.store.plan_records import circle_of, person_of
from campaigns.store.plan_requests import Kind
from campaigns.store.plans import StoredPlan, stored_plan
from campaigns.store.policies import policy_in_use
from web.access import allow, visitor
from web.asked import address_if_there
from web.audit import audited
from web.hold_form import HoldForm
from web.pages.holds import ChangeLine, HoldChange, HoldPage, RefusedHoldPage
from web.site import site

__all__ = ["blueprint"]

blueprint = Blueprint("holds", __name__)


@blueprint.post("/holds")
@allow(Role.SALES, Role.MANAGER)
def place() -> ResponseReturnValue:
    """Place a hold, have the plan drafted anew, and show what that changes."""
    here, who = site(), visitor()
    form = HoldForm()
    form.offer(form.customer.data or "", form.account.data or "")
    if not form.validate_on_submit():
        return RefusedHoldPage(_("Hold"), (), form).render(), 422
    today = datetime.now(here.settings.zone).date()
    whole = form.scope.data == "account"
    wish = HoldWish(
        owner=who.owner if who.sees_own_accounts_only else (form.owner.data or who.owner or who.name),
        reason=form.reason.data,
        until=form.until.data,
        customer_id=None if whole else form.customer.data,
        account_id=form.account.data if whole else None,
    )
    policy = policy_in_use(here.database, policy_table()).policy
    try:
        with here.database.transaction(exclusive=True) as session:
            _refuse_others(session, wish.customer_id, wish.account_id)
            hold = place_hold_in(session, policy, wish, by=who.name, today=today)
            after = {"owner": hold.owner, "reason": hold.reason, "until": hold.until.isoformat()}
            audited(session, "hold placed", _subject(hold), after=after)
            _redraft(session, today)
    except RefusedError as refused:
        faults = tuple(
            _(
                "%(column)s: %(found)s; expected %(expected)s.",
                column=fault.column,
                found=fault.found,
                expected=retold(fault.expected),
            )
            for fault in refused.faults
        )
        return RefusedHoldPage(_("Hold"), faults, form).render(), 422
    return redirect(url_for("holds.show", hold_id=hold.id), 303)


@blueprint.post("/holds/<int:hold_id>/release")
@allow(Role.SALES, Role.MANAGER)
def release(hold_id: int) -> ResponseReturnValue:
    """Release a hold before its end, and have the plan drafted anew."""
    here = site()
    if _hold_or_404(hold_id, to_change=True).released_at is not None:
        flash(_("The hold was released before."), "refused")
        return redirect(url_for("holds.show", hold_id=hold_id), 303)
    with here.database.transaction(exclusive=True) as session:
        hold = release_hold_in(session, hold_id, by=visitor().name)
        audited(session, "hold released", _subject(hold), before={"until": hold.until.isoformat()})
        _redraft(session, datetime.now(here.settings.zone).date())
    flash(_("The hold is released."))
    return redirect(url_for("holds.show", hold_id=hold_id), 303)


@blueprint.post("/holds/<int:hold_id>/draft")
@allow(Role.SALES, Role.MANAGER)
def draft(hold_id: int) -> ResponseReturnValue:
    """Have the plan drafted anew."""
    hold = _hold_or_404(hold_id)
    with site().database.transaction() as session:
        if _redraft(session, datetime.now(site().settings.zone).date()):
            audited(session, "plan asked for", _subject(hold))
    return redirect(url_for("holds.show", hold_id=hold_id), 303)


@blueprint.get("/holds/<int:hold_id>")
@allow(Role.MARKETER, Role.MANAGER, Role.SALES)
def show(hold_id: int) -> str:
    """Show a hold and the plan before and after it."""
    hold = _hold_or_404(hold_id)
    if hold.account_id:
        headline = _("%(owner)s holds account %(account)s", owner=hold.owner, account=hold.account_id)
        back, words = (
            url_for("accounts.show", account_id=hold.account_id),
            _("Account %(account)s", account=hold.account_id),
        )
    else:
        headline = _("%(owner)s holds %(customer)s", owner=hold.owner, customer=hold.customer_id)
        back, words = url_for("customers.one", customer_id=hold.customer_id), hold.customer_id or ""
    until = day(hold.until)
    lead = _("Until %(day)s: %(reason)s", day=until, reason=hold.reason)
    if hold.released_at is not None:
        released = day(hold.released_at.astimezone(site().settings.zone).date())
        lead = _("Released on %(day)s. It was: %(reason)s", day=released, reason=hold.reason)
    return HoldPage(
        title=_("Hold"),
        headline=headline,
        lead=lead,
        back=back,
        back_words=words,
        release=url_for("holds.release", hold_id=hold_id) if hold.released_at is None and _may_change(hold) else "",
        change=_change(hold),
    ).render()


@blueprint.get("/holds/<int:hold_id>/change")
@allow(Role.MARKETER, Role.MANAGER, Role.SALES)
def change(hold_id: int) -> str:
    """Send what the plan does about a hold by now."""
    return _change(_hold_or_404(hold_id)).render()


def _change(hold: Hold) -> HoldChange:
    here = site()
    since = hold.released_at or hold.placed_at
    with here.database.reading() as session:
        people = _people(session, hold)
        found = plan_change(session, people, since)
        asked = plan_requests.latest(session, [Kind.DRAFT])
        plan = stored_plan(session, None)
        names = promotion_names(session)
    active = asked is not None and asked.state in plan_requests.OPEN and found.after is None
    failed = asked is not None and asked.state == "failed" and asked.requested_at >= since
    words, detail = _words(found, plan, active)
    if failed and asked is not None and found.after is None:
        detail = retold(asked.message)
    may_draft = visitor().may(Role.SALES, Role.MANAGER) and plan is not None and plan.state == "draft"
    lists = (
        (_("No longer planned"), found.gone),
        (_("New in the plan"), found.added),
        (_("Planned as before") if found.after is not None else _("In the plan made before"), found.kept),
    )
    return HoldChange(
        active=active,
        words=words,
        detail=detail,
        lists=tuple((title, tuple(_line(one, names) for one in contacts)) for title, contacts in lists if contacts),
        address=url_for("holds.change", hold_id=hold.id),
        again=url_for("holds.draft", hold_id=hold.id) if may_draft and not active and found.after is None else "",
        clashes=address_if_there("clashes.show") if plan is not None and plan.state in ("approved", "exported") else "",
    )


def _words(found: PlanChange, plan: StoredPlan | None, active: bool) -> tuple[str, str]:
    """Say where the plan stands, and what that means."""
    if plan is None:
        return _("There is no plan yet"), _("The first plan heeds the hold.")
    if active:
        return _("The plan is being drafted anew"), _("You can leave this page; the new plan is kept.")
    if found.after is None and plan.state in ("approved", "exported"):
        return (
            _("The plan is approved already"),
            _("Its contacts with them stand as clashes, to be settled with marketing."),
        )
    if found.after is None:
        return _("The plan was made before this"), _("Draft it anew to see what changes.")
    gone, added = len(found.gone), len(found.added)
    said = ngettext("%(count)s contact left the plan", "%(count)s contacts left the plan", gone, count=number(gone))
    if not gone and not added:
        said = _("Nothing changed: the plan had nothing else for them")
    elif not gone:
        said = ngettext("%(count)s contact is new", "%(count)s contacts are new", added, count=number(added))
    return said, _("Plan %(before)s against plan %(after)s.", before=found.before or "–", after=found.after)


def _line(one: Planned, names: dict[str, str]) -> ChangeLine:
    offer = names.get(one.promotion or "", one.promotion or "") or _("no particular offer")
    what = _("%(channel)s about %(offer)s", channel=channel_name(one.channel), offer=offer)
    return ChangeLine(one.customer_id, url_for("customers.one", customer_id=one.customer_id), what, day(one.on))


def _people(session: Session, hold: Hold) -> list[int]:
    """Return whom a hold concerns: the account's people, or the customer with household and account."""
    if hold.account_id:
        return list(members_of_account(session, hold.account_id))
    person = person_of(session, hold.customer_id or "")
    return [] if person is None else circle_of(session, person)


def _redraft(session: Session, today: date) -> bool:
    """Ask for the draft anew; a plan that is approved stays as it is, and so does one that nobody made yet."""
    plan = stored_plan(session, None)
    if plan is None or plan.state != "draft":
        return False
    told: dict[str, Any] = {name: plan.options[name] for name in ("limit", "seed", "aims") if name in plan.options}
    starts_on = max(plan.starts_on, today + timedelta(1))
    days = (plan.ends_on - plan.starts_on).days + 1
    options = {"starts_on": starts_on.isoformat(), "days": days, **told}
    plan_requests.request(session, Kind.DRAFT, options, by=visitor().name, now=datetime.now(UTC))
    return True


def _hold_or_404(hold_id: int, *, to_change: bool = False) -> Hold:
    with site().database.reading() as session:
        hold = hold_of(session, hold_id)
        if hold is None or (visitor().sees_own_accounts_only and not _sees(session, hold)):
            abort(404)
    if to_change and not _may_change(hold):
        abort(403, _("This hold is %(owner)s's.", owner=hold.owner))
    return hold


def _may_change(hold: Hold) -> bool:
    return visitor().may(Role.MANAGER) or (visitor().may(Role.SALES) and hold.owner == visitor().owner)


def _sees(session: Session, hold: Hold) -> bool:
    owner = visitor().owner
    if hold.owner == owner:
        return bool(owner)
    if hold.account_id:
        return owns_account(session, owner, hold.account_id)
    person = person_of(session, hold.customer_id or "")
    return person is not None and owns(session, owner, person)


def _refuse_others(session: Session, customer_id: str | None, account_id: str | None) -> None:
    """Refuse sales a hold on what is another owner's."""
    who = visitor()
    if not who.sees_own_accounts_only:
        return
    person = person_of(session, customer_id) if customer_id else None
    mine = person is not None and owns(session, who.owner, person)
    if account_id:
        mine = owns_account(session, who.owner, account_id)
    if not mine:
        abort(403, _("They are another owner's."))


def _subject(hold: Hold) -> str:
    return f"account {hold.account_id}" if hold.account_id else f"customer {hold.customer_id}"
