"""From records to facts: persons, offers and days become positions in arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from campaigns.channels import canonical
from campaigns.faults import UnreadyError
from campaigns.people.consent import consents, for_service
from campaigns.planning.decency import free_days, quiet_days
from campaigns.planning.facts import Candidates, Contacts, Events, Facts, Offer, TouchPoint
from campaigns.planning.horizon import FOREVER, NEVER, Index, day_numbers
from campaigns.planning.keeping import keeping_of
from campaigns.planning.locks import SALES, sales_locks
from campaigns.planning.policy import ContactPolicy, Resource
from campaigns.planning.problem import Scarce
from campaigns.planning.records import Records
from campaigns.planning.valuing import Scored, valued

__all__ = ["candidates_of", "gather", "scarce_of"]

Relation = Callable[[Offer, Offer], bool]


@dataclass(frozen=True)
class _Calendar:
    """What day 0 is, and where days begin."""

    starts_on: date
    zone: ZoneInfo

    def days(self, column: Any, missing: int = NEVER) -> Index:
        return day_numbers(column, self.starts_on, self.zone, missing)


def gather(records: Records, policy: ContactPolicy, *, starts_on: date, days: int, zone: ZoneInfo) -> Facts:
    """Lay out what the rules look at.

    Offers that run on no day of the plan are left aside. Where none runs, the only offer is "no particular one".

    Raises
    ------
    UnreadyError
        If nothing says what a response earns.
    """
    calendar = _Calendar(starts_on, zone)
    number = np.sort(np.asarray(records.persons["person"], np.int64))
    persons = records.persons.sort_by("person")
    points = _touch_points(records.channels)
    needed = {row["channel"]: row["consent"] or "none" for row in records.channels.to_pylist()}
    promotions = _promotions(records, policy, calendar)
    offers = tuple(offer for offer in promotions.values() if offer.first < days and offer.last >= 0)
    if not offers:
        offers = (Offer(None, *_margin(records, policy, None, 0.0), NEVER, FOREVER),)
    history = _History.of(records, number, calendar, policy)
    consent = consents(persons, _placed(records.opt_outs, number), needed)
    place, quiet = quiet_days(persons, points, policy, starts_on, days, zone)
    declines = _placed(records.declines, number)
    purchases = _placed(records.purchases, number)
    returns = _placed(records.returns, number)
    complaints = _placed(records.complaints, number)
    return Facts(
        starts_on=starts_on,
        days=days,
        number=number,
        customer_id=_texts(persons["customer_id"]),
        household=_households(persons["household_id"]),
        touch_points=points,
        offers=offers,
        consent=consent,
        service_consent=for_service(consent, _placed(records.purposes, number)),
        place=place,
        quiet=quiet,
        suppressed_until=_suppressed_until(_placed(records.suppressions, number), len(number), calendar),
        case_open=np.isin(np.arange(len(number)), _ints(_placed(records.open_cases, number)["person"])),
        locks=sales_locks(
            {name: _placed(getattr(records, name), number, keep_others=True) for name in SALES},
            _texts(persons["account_id"]),
            _texts(persons["owner"]),
            policy,
            starts_on,
            zone,
        ),
        contacts=history.contacts(points, offers),
        complaints=Events(
            _ints(complaints["person"]),
            np.zeros(complaints.num_rows, np.int64),
            calendar.days(complaints["occurred_at"]),
        ),
        declines=_about_offers(declines, offers, calendar, ("promotion", "product")),
        purchases=_about_offers(purchases, offers, calendar, ("product",)),
        returns=_about_offers(returns, offers, calendar, ("product",)),
        rivals=history.events(offers, promotions, lambda one, other: one.excludes_or_is_excluded_by(other)),
        forerunners=history.events(offers, promotions, lambda one, other: one.may_not_follow(other)),
        successors=history.events(offers, promotions, lambda one, other: other.may_not_follow(one)),
        invited=_invited(records.audiences, number, offers),
        spared=_spared(persons, policy),
    )


def candidates_of(records: Records, policy: ContactPolicy, facts: Facts) -> Candidates:
    """List every contact that could be thought of, and what each is expected to earn.

    That is each person and touch point with a score, crossed with the offers that use the touch point.
    """
    scores = _placed(records.scores, facts.number)
    places = {point.channel: place for place, point in enumerate(facts.touch_points)}
    channel = _codes(scores["channel"], places)
    told = np.asarray(scores["extra_responses"].to_numpy(), np.float64)
    effect = np.where(np.isfinite(told), told, np.nan)  # which is never worth a contact
    planned = np.flatnonzero(channel >= 0)
    person, extra = _ints(scores["person"])[planned], effect[planned]
    order = np.lexsort((channel[planned], person))
    offers = len(facts.offers)
    row = np.repeat(order, offers)
    offer = np.tile(np.arange(offers), len(order))
    through = channel[planned][row]
    used = facts.uses[offer, through]
    row, offer, through = row[used], offer[used], through[used]
    error, second = (_finite(scores[name].fill_null(0.0))[planned][row] for name in ("error", "second"))
    cost = np.asarray([point.unit_cost for point in facts.touch_points] or [0.0])
    worth, is_new = _worths(records, facts)
    return valued(
        Scored(person[row], offer, through, extra[row], error, np.clip(second, 0.0, 1.0)),
        facts.offers,
        tuple(places),
        cost,
        worth,
        is_new,
        records.responding,
        keeping_of(records, policy),
    )


def _worths(records: Records, facts: Facts) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return what each person is to bring yet, nan where it is not known, and whose first order is still to come."""
    worth, is_new = np.full(facts.people, np.nan), np.zeros(facts.people, bool)
    rows = _placed(records.worths, facts.number)
    place = _ints(rows["person"])
    known = np.asarray(rows["margin"].to_numpy(), np.float64)
    worth[place] = np.where(np.isfinite(known), known, np.nan)
    is_new[place] = np.asarray(rows["is_new"].fill_null(False).to_numpy(), bool)
    return worth, is_new


def scarce_of(records: Records, policy: ContactPolicy, facts: Facts) -> tuple[tuple[Scarce, ...], tuple[str, ...]]:
    """Say what is left of every resource on the days of the plan.

    A resource is tied to a touch point by the policy, or by bearing its name (then it counts contacts). Once a resource
    is known at all, a day that no row speaks of has none of it: nobody works on a day for which no agent was planned.

    Returns
    -------
    The scarce things that this plan uses, less what is promised already, and the names of resources that are tied to
    no touch point and therefore limit nothing.
    """
    tied = {resource.name.casefold(): resource for resource in policy.resources}
    places = {point.channel: place for place, point in enumerate(facts.touch_points)}
    day = day_numbers(records.capacities["date"], facts.starts_on, ZoneInfo("UTC"))
    limit = np.asarray(records.capacities["limit"].to_numpy(), np.float64)
    names = _texts(records.capacities["resource"])
    scarce, idle = [], []
    for name in sorted(set(names)):
        resource = tied.get(name.casefold()) or Resource(name, canonical(name))
        if resource.channel not in places:
            idle.append(name)
            continue
        place = places[resource.channel]
        rows = (names == name) & (day >= 0) & (day < facts.days)
        left = np.bincount(day[rows], weights=limit[rows], minlength=facts.days)
        known = facts.contacts.day[(facts.contacts.channel == place) & (facts.contacts.day >= 0)]
        known = np.bincount(known[known < facts.days], minlength=facts.days)
        scarce.append(Scarce(name, place, resource.per_contact, left - known * resource.per_contact))
    return tuple(scarce), tuple(idle)


@dataclass(frozen=True)
class _History:
    """Contacts made and contacts promised, each once: a promise that was kept on its day is the contact made."""

    person: Index
    channel: NDArray[Any]
    promotion: NDArray[Any]
    day: Index
    free_from: Index

    @classmethod
    def of(cls, records: Records, number: Index, calendar: _Calendar, policy: ContactPolicy) -> _History:
        made, promised = _placed(records.contacts, number), _placed(records.promised, number)
        day, due = calendar.days(made["occurred_at"]), calendar.days(promised["on"])
        promises = _meetings(promised, due)
        kept = set(_meetings(made, day)).intersection(promises)
        ahead = np.asarray([promise not in kept for promise in promises], bool)
        return cls(
            np.r_[_ints(made["person"]), _ints(promised["person"])[ahead]],
            np.r_[_texts(made["channel"]), _texts(promised["channel"])[ahead]],
            np.r_[_texts(made["promotion"]), _texts(promised["promotion"])[ahead]],
            np.r_[day, due[ahead]],
            np.r_[
                free_days(made["occurred_at"], policy, calendar.starts_on, calendar.zone), due[ahead] + policy.gap_days
            ],
        )

    def contacts(self, points: tuple[TouchPoint, ...], offers: tuple[Offer, ...]) -> Contacts:
        places = {point.channel: place for place, point in enumerate(points)}
        channel = np.asarray([places.get(name, -1) for name in self.channel], np.int64)
        promotions = {offer.promotion: place for place, offer in enumerate(offers) if offer.promotion is not None}
        offer = np.asarray([promotions.get(name, -1) for name in self.promotion], np.int64)
        return Contacts(self.person, channel, self.day, offer, self.free_from)

    def events(self, offers: tuple[Offer, ...], promotions: dict[str, Offer], related: Relation) -> Events:
        """List the contacts whose promotion stands in this relation to an offer, once for each such offer."""
        heard = sorted({name for name in self.promotion if name is not None})
        unknown = (Offer(name, 0.0, False, NEVER, FOREVER) for name in heard)
        told = [promotions.get(name, offer) for name, offer in zip(heard, unknown, strict=True)]
        codes = {name: code for code, name in enumerate(heard)}
        code = np.asarray([codes.get(name, -1) for name in self.promotion], np.int64)
        rows, places = [], []
        for place, offer in enumerate(offers):
            stands = [code_ for code_, other in enumerate(told) if related(offer, other)]
            found = np.flatnonzero(np.isin(code, stands))
            rows.append(found)
            places.append(np.full(len(found), place))
        row = np.concatenate(rows)
        return Events(self.person[row], np.concatenate(places), self.day[row])


def _meetings(contacts: pa.Table, day: Index) -> list[tuple[int, Any, int]]:
    """Return person, touch point and day of each contact."""
    people = _ints(contacts["person"]).tolist()
    return list(zip(people, contacts["channel"].to_pylist(), day.tolist(), strict=True))


def _touch_points(channels: pa.Table) -> tuple[TouchPoint, ...]:
    rows = sorted(channels.to_pylist(), key=lambda row: row["channel"])
    return tuple(
        TouchPoint(row["channel"], row["consent"] or "none", row["unit_cost"] or 0.0)
        for row in rows
        if row["plannable"]
    )


def _promotions(records: Records, policy: ContactPolicy, calendar: _Calendar) -> dict[str, Offer]:
    """Read every promotion, by key; of two with one key the later row holds."""
    table = records.promotions
    first, last = calendar.days(table["starts_on"]), calendar.days(table["ends_on"], FOREVER)
    offers = {}
    for row, start, end in zip(table.to_pylist(), first, last, strict=True):
        margin, assumed = _margin(records, policy, row["margin"], row["discount"] or 0.0)
        offers[row["promotion"]] = Offer(
            row["promotion"],
            margin,
            assumed,
            int(start),
            int(end),
            row["product"],
            frozenset(canonical(name) for name in _listed(row["channels"])),
            frozenset(_listed(row["excludes"])),
            row["not_after"],
            row["kind"] or "product",
            row["budget"],
        )
    return dict(sorted(offers.items()))


def _margin(records: Records, policy: ContactPolicy, margin: float | None, discount: float) -> tuple[float, bool]:
    """Return what one response earns after the discount, and whether the margin was assumed."""
    if margin is not None:
        return margin - discount, False
    if records.order_margin is not None:
        return records.order_margin - discount, False
    if records.order_value is not None:
        return records.order_value * policy.margin_share - discount, True
    raise UnreadyError(
        "Nothing says what an order earns: neither the promotion nor any order has a margin or a value.",
        "Import promotions with a margin, or orders with a value or a margin.",
    )


def _listed(text: str | None) -> Iterable[str]:
    return (part.strip() for part in (text or "").split("|") if part.strip())


def _suppressed_until(suppressions: pa.Table, people: int, calendar: _Calendar) -> Index:
    until = np.full(people, NEVER, np.int64)
    np.maximum.at(until, _ints(suppressions["person"]), calendar.days(suppressions["until"], FOREVER))
    return until


def _invited(audiences: pa.Table, number: Index, offers: tuple[Offer, ...]) -> NDArray[np.bool_] | None:
    """Return who is in the audience of which offer, or None where nobody is left out of any."""
    if not audiences.num_rows:
        return None
    invited = np.ones((len(number), len(offers)), bool)
    for place, offer in enumerate(offers):
        own: Any = audiences.filter(pc.equal(audiences["promotion"], offer.promotion or ""))
        if own.num_rows:
            invited[:, place] = np.isin(number, _ints(own["person"].drop_null()))
    return invited


def _spared(persons: pa.Table, policy: ContactPolicy) -> NDArray[np.bool_]:
    """Return whose contacts are never held back: people of an account that has an owner, and whom the policy lists."""
    account, owner = persons["account_id"], persons["owner"]
    named: Any = pc.and_(pc.is_valid(account), pc.is_valid(owner))
    for column in (persons["customer_id"], account):
        listed: Any = pc.is_in(column, value_set=pa.array(policy.never_held_back, pa.string()))
        named = pc.or_(named, listed)
    return np.asarray(named, bool)


def _about_offers(table: pa.Table, offers: tuple[Offer, ...], calendar: _Calendar, by: tuple[str, ...]) -> Events:
    """List the events that concern an offer by its key or by its product, once for each such offer."""
    rows, places = [], []
    for place, offer in enumerate(offers):
        about = np.zeros(table.num_rows, bool)
        for name in by:
            wanted = getattr(offer, name)
            if wanted is not None:
                matching: Any = pc.equal(table[name], wanted)
                about |= matching.fill_null(False).to_numpy()
        found = np.flatnonzero(about)
        rows.append(found)
        places.append(np.full(len(found), place))
    row = np.concatenate(rows)
    return Events(_ints(table["person"])[row], np.concatenate(places), calendar.days(table["occurred_at"])[row])


def _placed(table: pa.Table, number: Index, *, keep_others: bool = False) -> pa.Table:
    """Replace the numbers of persons by their positions; rows about nobody known are dropped, or kept with null."""
    person: Any = table["person"]
    asked = np.asarray(person.fill_null(-1).to_numpy(), np.int64)
    place = np.searchsorted(number, asked)
    place[place == len(number)] = 0
    known = number[place] == asked if len(number) else np.zeros(len(asked), bool)
    column = pa.array(place, pa.int64(), mask=~known)
    placed = table.set_column(table.schema.get_field_index("person"), "person", column)
    return placed if keep_others else placed.filter(pa.array(known))


def _households(names: Any) -> Index:
    """Return the number of each person's household; everybody without one is a household of their own."""
    encoded = names.combine_chunks().dictionary_encode()
    code = np.asarray(encoded.indices.fill_null(-1), np.int64)
    alone = code < 0
    code[alone] = len(encoded.dictionary) + np.arange(int(alone.sum()))
    return code


def _codes(names: Any, places: dict[str, int]) -> Index:
    encoded = names.combine_chunks().dictionary_encode()
    lookup = np.asarray([places.get(name, -1) for name in encoded.dictionary.to_pylist()] or [-1], np.int64)
    return lookup[np.asarray(encoded.indices, np.int64)]


def _finite(column: Any) -> NDArray[np.float64]:
    """Return numbers, those that are none as 0."""
    return np.nan_to_num(np.asarray(column.to_numpy(), np.float64), posinf=0.0, neginf=0.0)


def _ints(column: Any) -> Index:
    return np.asarray(column.to_numpy(), np.int64)


def _texts(column: Any) -> NDArray[Any]:
    texts = np.empty(len(column), dtype=object)
    texts[:] = column.to_pylist()
    return texts
