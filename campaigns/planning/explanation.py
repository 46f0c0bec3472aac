"""Why this customer hears this, and nothing else, as a value and as text. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from campaigns.planning.asking import Wishes, contact_words, per_hundred, question_of
from campaigns.planning.facts import Candidates
from campaigns.planning.flipping import amount, flip_of_chosen, flip_of_left_out
from campaigns.planning.horizon import listed
from campaigns.planning.locks import Lock
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.problem import BEYOND, FULL, OUTRANKED
from campaigns.planning.records import SCHEMAS, Records
from campaigns.planning.rules import RULES, Question
from campaigns.planning.verdicts import Verdict
from campaigns.terms import PlannedContact

__all__ = ["Explanation", "Option", "explain", "options_kept"]

CHANGED = "nothing stands against it now: the records have changed since the plan was made"
SHOWN = 12
"""Options that the text lists at most; the best come first."""


@dataclass(frozen=True)
class Option:
    """One contact that could be made, its value in parts, and what was said of it. Money in major units.

    Parameters
    ----------
    promotion
        The offer, or None for no particular one.
    extra_responses
        Extra responses that the contact is expected to cause.
    margin
        What one of them earns after the discount.
    unit_cost
        What the contact costs.
    value
        ``extra_responses * lasting * (margin + later) + kept - unit_cost - risk``.
    chosen_on
        The day the plan chose for it, or None if it did not.
    open_on
        Days on which no rule stood against it before the plan chose, as the records stand now.
    reasons
        Everything that stands against it: every rule that binds, not only the first.
    flip
        The smallest change that would turn the decision round.
    changes
        How many things would have to change for that; 0 for a chosen one.
    later
        Later margin that a first order brings, where this would be one.
    lasting
        Share of extra responses that did not only come sooner; 0 for a contact that sells nothing.
    kept
        Later margin of the customer that the contact keeps.
    risk
        The chance that the customer opts out, times the margin they are to bring yet.
    """

    promotion: str | None
    channel: str
    extra_responses: float
    margin: float
    unit_cost: float
    value: float
    chosen_on: date | None
    open_on: tuple[date, ...]
    reasons: tuple[str, ...]
    flip: str = ""
    changes: int = 0
    later: float = 0.0
    lasting: float = 1.0
    kept: float = 0.0
    risk: float = 0.0

    @property
    def words(self) -> str:
        """The contact as people read it."""
        return f"{contact_words(self.channel)} about {self.promotion or 'no particular offer'}"

    @property
    def parts(self) -> str:
        """The value in its parts, as people read it."""
        sold = (
            f"{per_hundred(self.extra_responses)} extra orders per 100 such contacts x "
            + (f"(margin {amount(self.margin)} + later margin {amount(self.later)})" if self.later else "")
            + ("" if self.later else f"margin {amount(self.margin)}")
            + (f" x {self.lasting:.0%} that did not only come sooner" if self.lasting < 1.0 else "")
        )
        parts = [sold] if self.lasting > 0.0 else []
        parts += [f"later margin kept {amount(self.kept)}"] if self.kept else []
        less = f" - risk of opting out {amount(self.risk)}" if self.risk >= 0.005 else ""
        return f"{amount(self.value)} = {' + '.join(parts)} - cost {amount(self.unit_cost)}{less}"


@dataclass(frozen=True)
class Explanation:
    """Why a plan chose what it chose for one customer.

    Parameters
    ----------
    options
        Every contact that could be made, best value first.
    locks
        What sales is doing with the customer on the days of the plan.
    basis
        What the explanation rests on.
    """

    customer_id: str
    plan_id: int
    starts_on: date
    ends_on: date
    currency: str
    options: tuple[Option, ...]
    locks: tuple[Lock, ...]
    basis: str

    @property
    def chosen(self) -> tuple[Option, ...]:
        """The contacts that the plan chose."""
        return tuple(option for option in self.options if option.chosen_on is not None)

    @property
    def next_best(self) -> Option | None:
        """The best contact that was not chosen although no rule stood against it, or None."""
        return next((option for option in self.options if option.chosen_on is None and option.open_on), None)

    @property
    def smallest_change(self) -> Option | None:
        """The contact left out that the fewest changes would bring into the plan, the most valuable of those."""
        left_out = [option for option in self.options if option.chosen_on is None and option.flip]
        return min(left_out, key=lambda option: (option.changes, -option.value), default=None)

    @property
    def text(self) -> str:
        """The explanation for a terminal."""
        lines = [
            f"Customer {self.customer_id} in plan {self.plan_id}, {self.starts_on} to {self.ends_on}",
            f"Amounts in {self.currency}.",
            "",
        ]
        for option in self.chosen:
            lines += [f"Chosen: {option.words} on {option.chosen_on}", f"  worth {option.parts}"]
            lines += [f"  since then: {reason}" for reason in option.reasons]
            lines += [f"  {option.flip}"] if option.flip else []
        if not self.chosen:
            lines.append("No contact was chosen.")
        if not self.options:
            lines.append("There is no score: nobody knows what a contact would do, or no touch point may be planned.")
        if self.next_best is not None:
            lines += ["", f"Next best: {self.next_best.words}", f"  worth {self.next_best.parts}"]
        if self.smallest_change is not None:
            lines += ["", f"Smallest change: {self.smallest_change.words}", f"  {self.smallest_change.flip}"]
        for lock in dict.fromkeys(self.locks):
            lines += ["", f"Sales is handling this: {lock.owner}, {lock.reason}, until {lock.until}"]
        left_out = [option for option in self.options if option.chosen_on is None]
        if left_out:
            lines += ["", "Left out, and why:"]
            lines += [
                f"  {option.words} ({amount(option.value)}): {'; '.join(option.reasons)}" for option in left_out[:SHOWN]
            ]
        if len(left_out) > SHOWN:
            lines.append(f"  ... and {len(left_out) - SHOWN} more")
        return "\n".join([*lines, "", self.basis])


def options_kept(verdicts: Sequence[Verdict], locks: Sequence[Lock] = ()) -> tuple[Option, ...]:
    """Turn what was kept of a customer into options, best value first, each with what would turn it round."""
    options = [_option(verdict, verdicts, locks) for verdict in verdicts]
    return tuple(sorted(options, key=lambda option: -option.value))


def _option(verdict: Verdict, verdicts: Sequence[Verdict], locks: Sequence[Lock]) -> Option:
    through = [other for other in verdicts if other.channel == verdict.channel and other is not verdict]
    sold = verdict.extra_responses * verdict.lasting
    # What the margin of the offer has to make good: the cost, less everything else that the contact brings.
    rest = verdict.unit_cost + verdict.risk - verdict.kept - sold * verdict.later
    parts = {"extra": sold, "margin": verdict.margin, "cost": rest}
    partly = [
        words if whole else f"{words} (on some of the days)"
        for (_, whole), words in zip(verdict.bound, verdict.words, strict=True)
    ]
    if verdict.chosen_on is not None:
        others = [other.value for other in through if other.chosen_on is None and other.open_on]
        flip = flip_of_chosen(**parts, best_other=max(others, default=None))
        changes, reasons = 0, []
    else:
        beaten = [other.value for other in through if other.chosen_on is not None]
        names = {words: name for (name, _), words in zip(verdict.bound, verdict.words, strict=True)}
        changes, flip = flip_of_left_out(
            verdict.bound,
            verdict.stopped_by,
            **parts,
            value=verdict.value,
            beaten_by=max(beaten, default=None),
            locks=locks,
            reasons=names,
        )
        reasons = partly
        if verdict.stopped_by is not None and verdict.stopped_by not in verdict.words:
            reasons = [*partly, verdict.stopped_by]
    return Option(
        verdict.promotion,
        verdict.channel,
        verdict.extra_responses,
        verdict.margin,
        verdict.unit_cost,
        verdict.value,
        verdict.chosen_on,
        verdict.open_on,
        tuple(reasons),
        flip,
        changes,
        verdict.later,
        verdict.lasting,
        verdict.kept,
        verdict.risk,
    )


def explain(
    records: Records,
    policy: ContactPolicy,
    wishes: Wishes,
    person: int,
    planned: Sequence[tuple[int, PlannedContact]],
    withheld: Sequence[str],
) -> tuple[tuple[Option, ...], tuple[Lock, ...]]:
    """Work out a customer's options beside what a plan chose.

    Parameters
    ----------
    records
        The records of the customer's household, without the plan's own contacts.
    policy, wishes
        What the plan was made with.
    person
        Number of the customer's person.
    planned
        The plan's contacts in the household, each with the number of its person.
    withheld
        The reasons for which the plan left contacts out.

    Returns
    -------
    The options, best value first, and the sales locks that hold on the days of the plan.
    """
    before = question_of(records, policy, wishes)
    beside = question_of(_promising(records, planned), policy, wishes)
    own = {(contact.promotion, contact.channel): contact.on for number, contact in planned if number == person}
    options = _options(before, beside, person, own, withheld)
    place = int(np.searchsorted(before.facts.number, person))
    locks = before.facts.locks.of(place, wishes.starts_on)
    holding = (lock for lock in locks if lock.starts_on <= wishes.ends_on and lock.until >= wishes.starts_on)
    return options, tuple(holding)


def _options(
    before: Question,
    beside: Question,
    person: int,
    own: dict[tuple[str | None, str], date],
    withheld: Sequence[str],
) -> tuple[Option, ...]:
    """List a customer's options, best value first.

    Parameters
    ----------
    before, beside
        The question without and with the plan's contacts; their candidates are the same.
    person
        Number of the customer's person.
    own
        Day of each contact that the plan chose for the customer, by offer and touch point.
    withheld
        The reasons for which the plan left contacts out.
    """
    facts, candidates = before.facts, before.candidates
    rows = np.flatnonzero(facts.number[candidates.person] == person)
    rows = rows[np.argsort(-np.nan_to_num(candidates.value[rows], nan=-np.inf), kind="stable")]
    closed_before = [rule.closed(before) for rule in RULES]
    closed_beside = [rule.closed(beside) for rule in RULES]
    served = {channel for _, channel in own}
    options = []
    for row in rows.tolist():
        offer, point = facts.offers[candidates.offer[row]], facts.touch_points[candidates.channel[row]]
        chosen_on = own.get((offer.promotion, point.channel))
        whole = int(before.whole)
        now = [int(mask[row]) for mask in closed_before]
        then = [int(mask[row]) for mask in closed_beside]
        open_mask = whole & ~int(np.bitwise_or.reduce(now))
        if chosen_on is not None:
            day = 1 << (chosen_on - facts.starts_on).days
            reasons = [rule.reason for rule, mask in zip(RULES, now, strict=True) if mask & day]
        else:
            reasons = [
                rule.reason if mask == whole else f"{rule.reason} (on some of the days)"
                for rule, mask in zip(RULES, then, strict=True)
                if mask
            ]
            if point.channel in served:
                reasons.append(OUTRANKED)
            elif whole & ~int(np.bitwise_or.reduce(then)):
                reasons.append(next((reason for reason in (FULL, BEYOND) if reason in withheld), CHANGED))
        options.append(
            Option(
                promotion=offer.promotion,
                channel=point.channel,
                extra_responses=float(candidates.extra[row]),
                margin=offer.margin,
                unit_cost=point.unit_cost,
                value=float(candidates.value[row]),
                chosen_on=chosen_on,
                open_on=tuple(facts.starts_on + timedelta(day) for day in listed(open_mask)),
                reasons=tuple(reasons),
                later=float(candidates.later[row]),
                lasting=float(_lasting(candidates, row, offer.margin)),
                kept=float(candidates.kept[row]),
                risk=float(candidates.risk[row]),
            )
        )
    return tuple(options)


def _lasting(candidates: Candidates, row: int, margin: float) -> float:
    whole = margin + candidates.later[row]
    if candidates.kept[row] > 0.0 and candidates.earned[row] == 0.0:
        return 0.0
    return float(candidates.earned[row] / whole) if abs(whole) > 1e-12 else 1.0


def _promising(records: Records, planned: Sequence[tuple[int, PlannedContact]]) -> Records:
    """Count the plan's contacts as promised."""
    rows = [
        {"person": number, "channel": contact.channel, "promotion": contact.promotion, "on": contact.on}
        for number, contact in planned
    ]
    promised = pa.Table.from_pylist(rows, schema=SCHEMAS["promised"])
    return replace(records, promised=pa.concat_tables([records.promised, promised]))
