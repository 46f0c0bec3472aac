"""What if: the same plan with one thing changed, side by side, with who gains and who loses. Pure."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from campaigns.channels import canonical
from campaigns.faults import Fault, RefusedError
from campaigns.planning.composing import Composed, Wishes, compose, contact_words
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.records import Records

__all__ = ["AGENT_HOURS", "Change", "Comparison", "Shift", "Side", "compare", "read_change"]

AGENT_HOURS = 6.0
"""Hours of a day that one more agent spends on calls and their notes."""

SHOWN = 20
"""Customers named on each side of a comparison."""

BASE = "as it is"
_WRITTEN = re.compile(r"\s*(?P<what>.+?)\s*(?P<sign>[+-]?)\s*(?P<number>\d+(?:\.\d+)?)\s*(?P<percent>%?)\s*")
_EXPECTED = "for example: budget -20%, agents +1, agent-hours +8, cap email 3, limit 5000"


@dataclass(frozen=True)
class Change:
    """One thing changed: ``what`` by so much (``sign`` and ``percent``) or to so much."""

    what: str
    number: float
    sign: str = ""
    percent: bool = False

    @property
    def words(self) -> str:
        """The change as people read it."""
        return f"{self.what} {self.sign}{self.number:g}{' %' if self.percent else ''}"

    def of(self, before: float) -> float:
        """Apply the change to an amount; never below nothing."""
        step = before * self.number / 100 if self.percent else self.number
        if not self.sign:
            return step
        return max(before + step if self.sign == "+" else before - step, 0.0)


@dataclass(frozen=True)
class Shift:
    """A customer whose contacts differ: what they were worth, and what they would be. Major units."""

    customer_id: str
    before: float
    after: float
    contacts_before: int
    contacts_after: int


@dataclass(frozen=True)
class Side:
    """One plan of a comparison. Money in major units.

    Parameters
    ----------
    name
        What was changed.
    cost
        What its contacts cost.
    channels, promotions
        Contacts by touch point and by promotion.
    gained, lost
        How many customers are contacted who were not, and the other way round, against the plan as it is.
    winners, losers
        The customers whose expected value changes most.
    """

    name: str
    value: float
    bound: float
    gap: float
    contacts: int
    people: int
    cost: float
    channels: dict[str, int]
    promotions: dict[str, int]
    gained: int = 0
    lost: int = 0
    winners: tuple[Shift, ...] = ()
    losers: tuple[Shift, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """The plan as it is, and beside it what each change would make of it."""

    base: Side
    others: tuple[Side, ...]

    @property
    def sides(self) -> tuple[Side, ...]:
        """All of them, the plan as it is first."""
        return (self.base, *self.others)


def read_change(text: str) -> Change:
    """Read a change as people write it: ``budget -20%``, ``agents +1``, ``cap email 3``.

    Raises
    ------
    RefusedError
        If it cannot be read.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise RefusedError("This change cannot be read:", [Fault(0, "change", repr(text), _EXPECTED)])
    what = " ".join(found["what"].casefold().split())
    return Change(what, float(found["number"]), found["sign"], bool(found["percent"]))


def compare(records: Records, policy: ContactPolicy, wishes: Wishes, changes: Sequence[Change]) -> Comparison:
    """Make the plan as it is and once more for every change; nothing is stored.

    Raises
    ------
    RefusedError
        With every change that nothing answers to.
    """
    first = compose(records, policy, wishes)
    base = _side(BASE, first)
    faults: list[Fault] = []
    variants = [_changed(change, records, policy, wishes, base.cost, faults) for change in changes]
    if faults:
        raise RefusedError("These plans cannot be compared:", faults, "Name what the plan knows.")
    others = []
    for change, variant in zip(changes, variants, strict=True):
        if variant is not None:
            others.append(_beside(first, compose(*variant), _side(change.words, first)))
    return Comparison(base, tuple(others))


def _changed(
    change: Change, records: Records, policy: ContactPolicy, wishes: Wishes, cost: float, faults: list[Fault]
) -> tuple[Records, ContactPolicy, Wishes] | None:
    """Return records, policy and wishes with a change made; what it cannot be made to is added to ``faults``."""
    if change.what == "budget":
        before = wishes.aims.budget if wishes.aims.budget is not None else cost
        return records, policy, replace(wishes, aims=replace(wishes.aims, budget=change.of(before)))
    if change.what == "limit":
        return records, policy, replace(wishes, limit=max(int(change.of(wishes.limit or 0)), 1))
    if change.what.startswith("cap "):
        name = change.what.removeprefix("cap ").strip()
        channel = None if name in ("all", "over all") else canonical(name)
        mine = [cap for cap in policy.caps if cap.channel == channel and cap.each is None and cap.scope == "person"]
        if not mine:
            faults.append(Fault(0, "change", repr(change.words), f"a cap of the policy; it has none for {name}"))
            return None
        caps = tuple(replace(cap, limit=int(change.of(cap.limit))) if cap in mine else cap for cap in policy.caps)
        return records, replace(policy, caps=caps), wishes
    name, step = change.what, change
    if name in ("agents", "agent"):
        name, step = "agent-hours", replace(change, number=change.number * (1 if change.percent else AGENT_HOURS))
    known = {str(resource).casefold() for resource in records.capacities["resource"].to_pylist()}
    if name not in known:
        expected = "budget, agents, limit, cap TOUCH POINT, or a capacity: " + (
            ", ".join(sorted(known)) or "none is known"
        )
        faults.append(Fault(0, "change", repr(change.words), expected))
        return None
    return replace(records, capacities=_capacities(records.capacities, name, step)), policy, wishes


def _capacities(capacities: pa.Table, name: str, change: Change) -> pa.Table:
    limits = [
        change.of(row["limit"]) if str(row["resource"]).casefold() == name else row["limit"]
        for row in capacities.to_pylist()
    ]
    place = capacities.schema.get_field_index("limit")
    return capacities.set_column(place, "limit", pa.array(limits, pa.float64()))


def _side(name: str, composed: Composed) -> Side:
    plan, facts = composed.plan, composed.question.facts
    costs = {point.channel: point.unit_cost for point in facts.touch_points}
    return Side(
        name,
        plan.expected_value,
        plan.bound,
        plan.gap,
        len(plan.contacts),
        len(set(composed.persons)),
        sum(costs[contact.channel] for contact in plan.contacts if not contact.ghost),
        _counted(contact_words(contact.channel) for contact in plan.contacts),
        _counted(contact.promotion or "no particular offer" for contact in plan.contacts),
    )


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(Counter(names).most_common())


def _by_customer(composed: Composed) -> dict[str, tuple[float, int]]:
    worth: dict[str, tuple[float, int]] = defaultdict(lambda: (0.0, 0))
    for contact in composed.plan.contacts:
        value, count = worth[contact.customer_id]
        worth[contact.customer_id] = value + contact.expected_value, count + 1
    return worth


def _beside(first: Composed, other: Composed, base: Side) -> Side:
    """Return the side of another plan, with who gains and who loses against the first."""
    before, after = _by_customer(first), _by_customer(other)
    shifts = [
        Shift(name, *_pair(before[name], after[name]))
        for name in sorted({*before, *after})
        if before[name] != after[name]
    ]
    rising = sorted(shifts, key=lambda shift: (shift.before - shift.after, shift.customer_id))
    return replace(
        _side(base.name, other),
        gained=sum(shift.contacts_before == 0 for shift in shifts),
        lost=sum(shift.contacts_after == 0 for shift in shifts),
        winners=tuple(shift for shift in rising[:SHOWN] if shift.after > shift.before),
        losers=tuple(shift for shift in rising[::-1][:SHOWN] if shift.after < shift.before),
    )


def _pair(before: tuple[float, int], after: tuple[float, int]) -> tuple[float, float, int, int]:
    return before[0], after[0], before[1], after[1]
