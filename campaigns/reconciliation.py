"""What a source shows, what counts of it, and every reason for the difference; the sums balance to the last row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from campaigns.language import _, mark

__all__ = ["NOTHING", "REASONS", "Amounts", "Difference", "Reconciled", "linked_sentence", "reason_words", "total"]


@dataclass(frozen=True)
class Amounts:
    """Rows, orders among them, and what these add up to; money in minor units of the reporting currency."""

    rows: int = 0
    orders: int = 0
    value: int = 0
    cost: int = 0

    def __add__(self, other: Amounts) -> Amounts:
        return Amounts(
            self.rows + other.rows, self.orders + other.orders, self.value + other.value, self.cost + other.cost
        )


NOTHING = Amounts()

REASONS: Mapping[str, str] = {
    "test": mark("test"),
    "cancelled": mark("cancelled"),
    "refunded": mark("refunded"),
    "tax": mark("tax"),
    "shipping": mark("shipping"),
    "tip": mark("tips"),
    "duplicate": mark("shown twice"),
    "same event": mark("redemptions of orders that are there"),
    "currency": mark("in a currency without a rate"),
    "faulty": mark("rejected as faulty"),
    "unknown person": mark("of unknown persons"),
    "outside": mark("outside the time reported on"),
    "other kind": mark("no orders"),
    "not won": mark("deals not won"),
    "step": mark("customers' own steps"),
    "held back": mark("held back"),
    "not contacted": mark("members of a campaign who were not contacted"),
    "deleted": mark("deleted"),
    "voided": mark("voided"),
    "without order number": mark("without an order number"),
}
"""What each reason is called; other reasons are named by the mapping that left the rows out, in its own words."""


def reason_words(reason: str) -> str:
    """Return what a reason is called."""
    return _(REASONS[reason]) if reason in REASONS else reason


_SENTENCES: Mapping[tuple[bool, bool, bool], str] = {
    (False, True, True): mark("%(source)s shows %(shown)s orders; we use %(used)s: %(left)s are %(reasons)s."),
    (False, True, False): mark("%(source)s shows %(shown)s orders; we use all of them."),
    (False, False, True): mark("%(source)s shows %(shown)s rows; we use %(used)s: %(left)s are %(reasons)s."),
    (False, False, False): mark("%(source)s shows %(shown)s rows; we use all of them."),
    (True, True, True): mark("Your files show %(shown)s orders; we use %(used)s: %(left)s are %(reasons)s."),
    (True, True, False): mark("Your files show %(shown)s orders; we use all of them."),
    (True, False, True): mark("Your files show %(shown)s rows; we use %(used)s: %(left)s are %(reasons)s."),
    (True, False, False): mark("Your files show %(shown)s rows; we use all of them."),
}
"""The sentence by whether the source has no name of its own, counts orders, and whether any are left out."""


@dataclass(frozen=True)
class Difference:
    """What is shown and does not count, for one reason."""

    reason: str
    amounts: Amounts


@dataclass(frozen=True)
class Reconciled:
    """What one source shows of one kind in one month, what counts of it, and why the rest does not.

    Parameters
    ----------
    kind
        File kind: responses, spend, touches or opportunities.
    month
        Its first day, in the configured zone; None for rows whose day is not known, and for totals.
    shows
        What the source shows; what counts and the differences add up to it exactly.
    uses
        What counts in the report.
    unlinked
        Of what counts, what is by nobody known: it counts, and joins no touch.

    Raises
    ------
    ValueError
        If the sums do not balance, which would be a defect.
    """

    kind: str
    source: str
    month: dt.date | None
    shows: Amounts
    uses: Amounts
    differences: tuple[Difference, ...] = ()
    unlinked: Amounts = field(default=NOTHING)

    def __post_init__(self) -> None:
        explained = sum((each.amounts for each in self.differences), self.uses)
        if explained != self.shows:
            raise ValueError(f"{self.kind} of {self.source} in {self.month}: {self.shows} shown, {explained} explained")

    @property
    def sentence(self) -> str:
        """The difference in one sentence, in orders where there are any and else in rows."""
        in_orders = self.shows.orders > 0
        shown, used = (each.orders if in_orders else each.rows for each in (self.shows, self.uses))
        values = {"source": self.source, "shown": f"{shown:,}", "used": f"{used:,}", "left": f"{shown - used:,}"}
        why = [each for each in self.differences if (each.amounts.orders if in_orders else each.amounts.rows)]
        why.sort(key=lambda each: -(each.amounts.orders if in_orders else each.amounts.rows))
        if why:
            values["reasons"] = _listed([reason_words(each.reason) for each in why])
        return _(_SENTENCES[self.source == self.kind, in_orders, bool(why)], **values)


def total(periods: Iterable[Reconciled]) -> tuple[Reconciled, ...]:
    """Return one total for each kind and source, over its months."""
    found: dict[tuple[str, str], list[Reconciled]] = {}
    for each in periods:
        found.setdefault((each.kind, each.source), []).append(each)
    return tuple(
        Reconciled(
            kind,
            source,
            None,
            sum((each.shows for each in some), NOTHING),
            sum((each.uses for each in some), NOTHING),
            _added(difference for each in some for difference in each.differences),
            sum((each.unlinked for each in some), NOTHING),
        )
        for (kind, source), some in found.items()
    )


def linked_sentence(share: float) -> str:
    """Say which share of the orders could be linked to a touch."""
    return _("%(share)s %% of orders could be linked to at least one touch.", share=round(100 * share))


def _added(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    found: dict[str, Amounts] = {}
    for each in differences:
        found[each.reason] = found.get(each.reason, NOTHING) + each.amounts
    return tuple(Difference(reason, amounts) for reason, amounts in found.items())


def _listed(words: Sequence[str]) -> str:
    if len(words) == 1:
        return words[0]
    return _("%(first)s or %(last)s", first=", ".join(words[:-1]), last=words[-1])
