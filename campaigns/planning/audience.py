"""To whom a promotion is offered, as a rule: who they are, what they bought, when, and how much. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from campaigns.faults import Fault, RefusedError

__all__ = ["VALUE_CLASSES", "Audience"]

VALUE_CLASSES = ("high", "middle", "low", "none")
"""By what somebody's orders of the last year were worth: the top fifth of buyers, the next three tenths, the other
half, and those without an order."""

LONGEST = 3650
"""Most days since the last order that can be asked for."""

_LISTS = ("segments", "regions", "interests", "bought", "not_bought", "value_classes")


@dataclass(frozen=True)
class Audience:
    """Whom an offer is for. Every part narrows it; an empty part asks for nothing.

    Parameters
    ----------
    segments, regions
        One of these, as the customers file writes them.
    interests
        Showed interest in one of these products.
    bought, not_bought
        Bought one of these products; bought none of those.
    last_order_days
        Ordered before, but not in the last so many days.
    value_classes
        One of `VALUE_CLASSES`.
    """

    segments: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    bought: tuple[str, ...] = ()
    not_bought: tuple[str, ...] = ()
    last_order_days: int | None = None
    value_classes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if faults := list(self._faults()):
            raise RefusedError("Such an audience contradicts itself:", faults, "Change one of each pair.")

    @property
    def everybody(self) -> bool:
        """Whether it leaves nobody out."""
        return not self.to_mapping()

    def _faults(self) -> list[Fault]:
        faults = []
        both = sorted({*self.bought} & {*self.not_bought})
        if both:
            expected = "a product in one of the two only"
            faults.append(Fault(0, "audience", f"bought and not bought: {', '.join(both)}", expected))
        if self.last_order_days is not None and not 1 <= self.last_order_days <= LONGEST:
            expected = f"a number of days from 1 to {LONGEST}"
            faults.append(Fault(0, "days since the last order", str(self.last_order_days), expected))
        strange = sorted({*self.value_classes} - {*VALUE_CLASSES})
        if strange:
            faults.append(Fault(0, "value class", ", ".join(strange), "one of " + ", ".join(VALUE_CLASSES)))
        if self.value_classes == ("none",) and self.last_order_days is not None and self.last_order_days < 365:
            found = f"no order in a year, and the last one {self.last_order_days} days ago or longer"
            faults.append(Fault(0, "audience", found, "365 days or more, or another value class"))
        return faults

    def to_mapping(self) -> dict[str, Any]:
        """Return what `from_mapping` reads, without the parts that ask for nothing."""
        written = {name: list(getattr(self, name)) for name in _LISTS if getattr(self, name)}
        return written | ({} if self.last_order_days is None else {"last_order_days": self.last_order_days})

    @classmethod
    def from_mapping(cls, written: Mapping[str, Any]) -> Audience:
        """Read what `to_mapping` wrote; parts that this version does not know are refused.

        Raises
        ------
        RefusedError
            If there is a part that is not known, or the audience contradicts itself.
        """
        known = {field.name for field in fields(cls)}
        if strange := sorted({*written} - known):
            fault = Fault(0, "audience", ", ".join(strange), "one of " + ", ".join(sorted(known)))
            raise RefusedError("This audience cannot be read:", [fault], "Save the promotion again.")
        read: dict[str, Any] = {name: tuple(value) if name in _LISTS else value for name, value in written.items()}
        return cls(**read)
