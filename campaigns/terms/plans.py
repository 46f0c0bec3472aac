"""Whom to contact in the coming days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

__all__ = ["Plan", "PlanConstraint", "PlannedContact"]


@dataclass(frozen=True)
class PlannedContact:
    """One contact that the plan proposes, or withholds as a held-back customer (``ghost``).

    ``probability`` is the known chance with which it was to be sent; ``extra_responses`` what it was expected to cause,
    None where a plan of an older version did not keep it.
    """

    customer_id: str
    promotion: str | None
    channel: str
    on: date
    expected_value: float
    reason: str
    probability: float = 1.0
    ghost: bool = False
    extra_responses: float | None = None


@dataclass(frozen=True)
class PlanConstraint:
    """A scarce thing, how much of it the plan uses and what one more unit would earn.

    ``name`` is what programs and old plans call it. ``kind`` and ``about`` say what it is, for words in any language
    (`campaigns.reporting.constraints`): ``capacity`` of a ``resource``; ``budget``, of a ``promotion`` or in all;
    ``volume`` of a ``promotion`` and ``share`` of relationship contacts, each with ``bound`` least or most; ``cap``
    with ``channel``, ``days``, ``scope`` and ``each``; ``number`` of contacts asked for. Plans of older versions kept
    no kind.
    """

    name: str
    limit: float
    used: float
    price: float
    kind: str = ""
    about: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Plan:
    """Whom to contact in the coming days. Values in major units of the reporting currency.

    ``bound`` is a value that no plan under the same rules can beat, ``gap`` = (bound - value) / bound.
    ``withheld`` counts, by reason, the candidate contacts that were left out. ``notes`` say what the reader should know
    besides: what was assumed, what to be careful about, which policy was used.
    """

    id: int
    starts_on: date
    ends_on: date
    expected_value: float
    bound: float
    gap: float
    constraints: tuple[PlanConstraint, ...]
    withheld: Mapping[str, int]
    contacts: tuple[PlannedContact, ...]
    notes: tuple[str, ...] = ()
