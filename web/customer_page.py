"""One customer on one screen: read once, and put in words for whoever looks."""

from __future__ import annotations

from datetime import date, datetime

from flask import request, url_for
from sqlmodel import Session

from campaigns.access import Role
from campaigns.intake.money import decimals
from campaigns.language import _, ngettext
from campaigns.people.habits import usually_buys_on_offer
from campaigns.reporting.figures import day, money, number
from campaigns.retelling import retold
from campaigns.settings import policy_table
from campaigns.store.conversation import conversation
from campaigns.store.customer_record import Said, Standing, Who, Worth, standing_with, who_is, worth_of
from campaigns.store.handovers import holder_of
from campaigns.store.holds import Hold, holds_on
from campaigns.store.owners import owners
from campaigns.store.plan_records import circle_of
from campaigns.store.policies import policy_in_use
from web.access import visitor
from web.asked import address_if_there
from web.customer_advice import Advised, Now, advised
from web.customer_words import CONSENTS, STAGE_WORDS, TEAMS
from web.hold_form import HoldForm, hold_line
from web.leads import HandoverForm
from web.outcome_form import OutcomeForm, promotions_offered
from web.pages.customers import CustomerPage, CustomerState, SaidLine
from web.site import site
from web.turns import turn_line

__all__ = ["customer_page", "customer_state"]

TURNS = 60
"""Turns of the conversation on one page."""

MOODS = {"yes": "good", "no": "bad"}


def customer_page(person: int, customer_id: str, *, form: OutcomeForm | None = None) -> CustomerPage:
    """Describe a customer for the visitor."""
    here, who = site(), visitor()
    with here.database.reading() as session:
        known, worth = who_is(session, person, customer_id), worth_of(session, person)
        free = holder_of(session, person) is None
        staff = owners(session) if free and who.may(Role.MARKETER, Role.MANAGER) else ()
    told, account = known.told, known.told.get("account_id", "")
    consent_words = {"yes": _("yes"), "no": _("no"), "unknown": _("not asked")}
    office = who.may(Role.MARKETER, Role.MANAGER, Role.SALES)
    holding = office and who.may(Role.SALES, Role.MANAGER)
    return CustomerPage(
        title=known.name,
        name=known.name,
        lead=_lead(known),
        on_offer=_("usually buys on offer") if usually_buys_on_offer(worth.orders, worth.with_offer) else "",
        facts=_facts(known),
        worth=_worth(worth, office),
        consents=tuple(
            (_(words), consent_words[known.consent[kind]], MOODS.get(known.consent[kind], ""))
            for kind, words in CONSENTS.items()
        ),
        account=account,
        account_address=address_if_there("accounts.show", account_id=account) if account and office else "",
        hold=HoldForm.for_customer(customer_id, account, told.get("owner", "")) if holding else None,
        handover=HandoverForm.offering(staff, customer_id, told.get("owner", "")),
        state=customer_state(person, customer_id, form=form),
    )


def customer_state(
    person: int, customer_id: str, *, form: OutcomeForm | None = None, logged: str = ""
) -> CustomerState:
    """Describe what changes when something is logged."""
    # what tells who owns a customer, and why a plan chose what it chose, loads Arrow: only these pages need it
    from campaigns.store.teams import owner_of

    here = site()
    zone, database = here.settings.zone, here.database
    policy = policy_in_use(database, policy_table()).policy
    today = datetime.now(zone).date()
    before = _before()
    with database.reading() as session:
        standing = standing_with(session, person, today)
        turns = conversation(session, person, zone=zone, before=before, limit=TURNS)
        known = who_is(session, person, customer_id)
        held = _held(session, person, known, today)
        offers = promotions_offered(session)
    owned = owner_of(database, policy, customer_id, today=today, zone=zone)
    plan = advised(person, customer_id, dict(offers), _now(standing, owned.until))
    names = dict(offers)
    if form is None:
        form = OutcomeForm.offering(offers, plan.next_promotion, formdata=None)
    more = len(turns) == TURNS
    return CustomerState(
        logged=logged,
        warnings=_warnings(standing, plan),
        complaints=tuple(_said(one, names) for one in standing.complaints[:5]),
        cases=tuple(
            SaidLine(
                one.reason, day(one.opened_at.astimezone(zone).date()), _promised(one.promised_by, one.promised_until)
            )
            for one in standing.cases
        ),
        declined=tuple(_said(one, names) for one in standing.declined[:5]),
        interested=tuple(_said(one, names) for one in standing.interested[:5]),
        speaks=_(TEAMS[owned.team]),
        stage=_(STAGE_WORDS[owned.stage]) if owned.stage in STAGE_WORDS else owned.stage,
        speaks_why=_why_told(owned.reason),
        holds=tuple(map(hold_line, held)),
        plan=plan.words,
        say=plan.say,
        silent=plan.silent,
        change=plan.change,
        form=form,
        turns=tuple(turn_line(turn, names) for turn in turns),
        before=url_for("customers.one", customer_id=customer_id, before=turns[-1].at.isoformat()) if more else "",
        log_address=url_for("customers.log", customer_id=customer_id),
    )


def _now(standing: Standing, sales_until: date | None) -> Now:
    """Tell what stands against contacts today; how long a refusal counts is the policy's, which the next plan asks."""
    silent = ""
    if standing.suppressed:
        silent = _("they are never contacted")
    elif standing.complaints:
        silent = _("they complained")
    elif standing.cases:
        silent = _("service has an open case")
    elif standing.opted_out:
        silent = _("they want no more offers")
    return Now(sales_until, frozenset(one.promotion for one in standing.declined if one.promotion), silent)


def _before() -> datetime | None:
    """Read from which moment back the conversation is wanted; what is no moment asks for all."""
    try:
        found = datetime.fromisoformat(request.args.get("before", ""))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _held(session: Session, person: int, known: Who, today: date) -> tuple[Hold, ...]:
    account = known.told.get("account_id")
    people = circle_of(session, person)
    return holds_on(session, people, [account] if account else [], today)


def _lead(known: Who) -> str:
    parts = [known.customer_id, known.told.get("segment", "")]
    if known.since is not None:
        parts.append(_("since %(day)s", day=day(known.since.astimezone(site().settings.zone).date())))
    return ", ".join(part for part in parts if part)


def _facts(known: Who) -> tuple[tuple[str, str], ...]:
    told = known.told
    street = " ".join(told[name] for name in ("street", "postcode", "city") if name in told)
    place = ", ".join(part for part in (street, told.get("region", ""), told.get("country", "")) if part)
    named = (
        (_("Customer number"), known.customer_id),
        (_("E-mail"), told.get("email", "")),
        (_("Telephone"), told.get("phone", "")),
        (_("Address"), place),
        (_("Language"), told.get("language", "")),
        (_("Time zone"), told.get("time_zone", "")),
        (_("Household"), told.get("household_id", "")),
        (_("Owner in sales"), told.get("owner", "")),
        (_("Territory"), told.get("territory", "")),
        (_("Loyalty number"), told.get("loyalty", "")),
    )
    return tuple((name, value) for name, value in named if value)


def _worth(worth: Worth, office: bool) -> tuple[tuple[str, str], ...]:
    """Say what they bought; the margin is the firm's own affair, and front line does without it."""
    zone, currency = site().settings.zone, site().settings.currency
    unit = 10 ** decimals(currency)
    if not worth.orders:
        return ((_("Orders"), _("none yet")),)
    lines = [(_("Orders"), number(worth.orders)), (_("Worth"), money(worth.value / unit, currency, 1))]
    if office and worth.margin is not None:
        lines.append((_("Margin"), money(worth.margin / unit, currency, 1)))
    if worth.last_at is not None:
        lines.append((_("Last order"), day(worth.last_at.astimezone(zone).date())))
    lines.append((_("With an offer or a code"), number(worth.with_offer)))
    if worth.returned:
        lines.append((_("Returned"), number(worth.returned)))
    return tuple(lines)


def _warnings(standing: Standing, plan: Advised) -> tuple[str, ...]:
    found = []
    for reason, until in standing.suppressed:
        ends = _("until %(day)s", day=day(until)) if until is not None else _("for good")
        found.append(_("Never contact them (%(reason)s), %(until)s.", reason=reason, until=ends))
    if standing.complaints:
        count = len(standing.complaints)
        found.append(ngettext("They complained.", "They complained %(count)s times.", count, count=number(count)))
    if standing.cases:
        found.append(_("Service has an open case: speak of that alone."))
    if standing.opted_out:
        found.append(_("They said that they want no more offers."))
    if plan.held_back:
        found.append(_("Held back at random to measure the plan: do not contact them about offers."))
    return tuple(found)


def _said(one: Said, names: dict[str, str]) -> SaidLine:
    about = names.get(one.promotion or "", one.promotion or "") or one.product or _("no particular offer")
    return SaidLine(about, day(one.at.astimezone(site().settings.zone).date()), one.reason or "")


def _promised(by: str | None, until: datetime | None) -> str:
    if until is None:
        return ""
    at = day(until.astimezone(site().settings.zone).date())
    return _("promised by %(who)s until %(day)s", who=by or _("service"), day=at)


def _why_told(reason: str) -> str:
    """Tell why a team speaks to somebody in the reader's language, each of several locks for itself."""
    said, point, locks = reason.partition(". ")
    if not point:
        return retold(reason)
    told = "; ".join(map(retold, locks.removesuffix(".").split("; ")))
    return f"{retold(said + '.')} {told}."
