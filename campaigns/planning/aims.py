"""What the marketer wants of a plan as a whole: budgets, volumes of promotions, the balance, what it is to teach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from campaigns.faults import Fault, RefusedError
from campaigns.planning.facts import Facts
from campaigns.planning.problem import BUDGET, MIX, VOLUME, Limit
from campaigns.planning.valuing import RELATIONSHIP

__all__ = ["RELATIONSHIP", "SUGGESTED", "Aims", "Volume", "limits_of", "read_volumes", "spared"]


SUGGESTED = 0.1
"""Share of a plan suggested for exploration, and for being held back."""


@dataclass(frozen=True)
class Volume:
    """The least and the most contacts about a promotion; None for no bound."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True)
class Aims:
    """Wishes about the plan as a whole, all of them optional.

    Parameters
    ----------
    budget
        The most that all contacts together may cost, in major units.
    budgets
        The same per promotion, by its key; it outranks the budget that the promotion itself carries.
    volumes
        Least and most contacts per promotion, by its key.
    least_relationship, most_relationship
        Bounds on the share of relationship contacts among all, 0 to 1.
    ghosts
        Share of the chosen contacts to withhold at random, 0 to 0.5.
    never_held_back
        Customers, by their own numbers, whose contacts are never withheld in this plan, beside named accounts and whom
        the policy lists.
    exploration
        Share of customers for whom values are drawn from what is known about them, not its mean, 0 to 0.5.
    """

    budget: float | None = None
    budgets: Mapping[str, float] = field(default_factory=dict, hash=False)
    volumes: Mapping[str, Volume] = field(default_factory=dict, hash=False)
    least_relationship: float | None = None
    most_relationship: float | None = None
    ghosts: float = 0.0
    never_held_back: tuple[str, ...] = ()
    exploration: float = 0.0

    def __post_init__(self) -> None:
        if faults := self._faults():
            raise RefusedError("Such a plan cannot be made:", faults, "Ask again with other numbers.")

    def _faults(self) -> list[Fault]:
        faults = []
        money = {"budget": self.budget, **{f"budget of {name}": amount for name, amount in self.budgets.items()}}
        for name, amount in money.items():
            if amount is not None and not (np.isfinite(amount) and amount >= 0):
                faults.append(Fault(0, name, str(amount), "an amount of money, 0 or more"))
        for name, volume in self.volumes.items():
            least, most = volume.least, volume.most
            if any(bound is not None and bound < 0 for bound in (least, most)):
                faults.append(Fault(0, f"volume of {name}", f"{least} to {most}", "numbers of contacts, 0 or more"))
            if least is not None and most is not None and least > most:
                expected = "a least number of contacts that is not above the most"
                faults.append(Fault(0, f"volume of {name}", f"{least} to {most}", expected))
        low, high = self.least_relationship, self.most_relationship
        for name, share in (("least", low), ("most", high)):
            if share is not None and not 0.0 <= share <= 1.0:
                faults.append(Fault(0, f"{name} share of relationship contacts", str(share), "a share from 0 to 1"))
        if low is not None and high is not None and low > high:
            expected = "a least share that is not above the most"
            faults.append(Fault(0, "share of relationship contacts", f"{low} to {high}", expected))
        for name in ("ghosts", "exploration"):
            if not 0.0 <= getattr(self, name) <= 0.5:
                faults.append(Fault(0, name, str(getattr(self, name)), "a share from 0 to 0.5"))
        return faults

    def to_mapping(self) -> dict[str, Any]:
        """Return what `from_mapping` reads, for keeping it with a plan."""
        written = {name: value for name, value in vars(self).items() if value not in (None, {}, (), 0.0)}
        if self.volumes:
            written["volumes"] = {name: [volume.least, volume.most] for name, volume in self.volumes.items()}
        return written | ({"budgets": dict(self.budgets)} if self.budgets else {})

    @classmethod
    def from_mapping(cls, written: Mapping[str, Any]) -> Aims:
        """Read what `to_mapping` wrote."""
        volumes = {name: Volume(*bounds) for name, bounds in written.get("volumes", {}).items()}
        named = tuple(written.get("never_held_back", ()))
        return cls(**{**written, "volumes": volumes, "never_held_back": named})


def spared(aims: Aims, facts: Facts) -> NDArray[np.bool_]:
    """Return whose contacts are neither held back nor tried out, shape ``(people,)``."""
    listed = np.isin(facts.customer_id.astype(str), aims.never_held_back)
    return np.asarray(listed if facts.spared is None else listed | facts.spared, bool)


def read_volumes(written: Iterable[str]) -> dict[str, Volume]:
    """Read volumes written as ``PROMOTION=LEAST-MOST``, ``PROMOTION=LEAST-`` or ``PROMOTION=-MOST``.

    Raises
    ------
    RefusedError
        With everything that is written otherwise.
    """
    volumes, faults = {}, []
    for text in written:
        name, sign, bounds = text.rpartition("=")
        least, dash, most = bounds.partition("-")
        numbers = [part.strip() for part in (least, most)]
        if not (sign and dash and name.strip() and any(numbers) and all(not n or n.isdecimal() for n in numbers)):
            faults.append(Fault(0, "volume", text, "PROMOTION=LEAST-MOST, for example spring=500-2000 or spring=500-"))
            continue
        volumes[name.strip()] = Volume(*(int(number) if number else None for number in numbers))
    if faults:
        raise RefusedError("Such a plan cannot be made:", faults, "Write the volumes again.")
    return volumes


def limits_of(aims: Aims, facts: Facts) -> tuple[Limit, ...]:
    """Turn aims into limits of a plan: budgets first, then volumes, then the balance.

    A promotion's own budget counts less what its contacts in the known history cost already.

    Raises
    ------
    RefusedError
        If an aim names a promotion that does not run on these days.
    """
    names = [offer.promotion for offer in facts.offers]
    asked = [*((name, "budget") for name in aims.budgets), *((name, "volume") for name in aims.volumes)]
    faults = [
        Fault(
            0,
            f"{kind} of {name}",
            name,
            "a promotion that runs on these days: " + (", ".join(filter(None, names)) or "none does"),
        )
        for name, kind in asked
        if name not in names
    ]
    if faults:
        raise RefusedError("Such a plan cannot be made:", faults, "Name a promotion that runs, or plan other days.")
    cost = np.asarray([point.unit_cost for point in facts.touch_points])
    everywhere = np.ones((len(names), 1))
    limits = []
    if aims.budget is not None:
        limits.append(Limit("budget", everywhere * cost, most=float(aims.budget), unit="money", reason=BUDGET))
    for place, offer in enumerate(facts.offers):
        left = aims.budgets.get(offer.promotion or "", _left_of(facts, place, cost))
        if left is not None:
            name = f"budget of {offer.promotion}"
            use = _only(place, len(names)) * cost
            limits.append(Limit(name, use, None, float(left), "money", BUDGET, promotion=offer.promotion))
    for name, volume in aims.volumes.items():
        use = _only(names.index(name), len(names)) * np.ones(len(cost))
        least, most = (None if bound is None else float(bound) for bound in (volume.least, volume.most))
        limits.append(Limit(f"contacts about {name}", use, least=least, most=most, reason=VOLUME, promotion=name))
    return (*limits, *_balance(aims, facts))


def _only(place: int, size: int) -> NDArray[np.float64]:
    column = np.zeros((size, 1))
    column[place] = 1.0
    return column


def _left_of(facts: Facts, place: int, cost: NDArray[np.float64]) -> float | None:
    """Return what is left of a promotion's own budget after the contacts known already."""
    budget = facts.offers[place].budget
    if budget is None:
        return None
    known = facts.contacts
    spent = cost[known.channel[(known.offer == place) & (known.channel >= 0)]].sum()
    return max(budget - float(spent), 0.0)


def _balance(aims: Aims, facts: Facts) -> list[Limit]:
    kept = np.asarray([offer.kind == RELATIONSHIP for offer in facts.offers], float)[:, None]
    both = np.ones((1, len(facts.touch_points)))
    limits = []
    if aims.least_relationship:
        share = aims.least_relationship
        name = f"at least {share:.0%} relationship contacts"
        limits.append(Limit(name, (kept - share) * both, least=0.0, reason=MIX, share=share))
    if aims.most_relationship is not None and aims.most_relationship < 1.0:
        share = aims.most_relationship
        name = f"at most {share:.0%} relationship contacts"
        limits.append(Limit(name, (share - kept) * both, least=0.0, reason=MIX, share=share, ceiling=True))
    return limits
