"""What a simulated market is asked for: a frozen value that checks itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, Literal

from campaigns.faults import Fault, RefusedError
from campaigns.terms import Window

__all__ = ["INTENTS", "MarketSpec"]

INTENTS = ("fixed", "drifting")


@dataclass(frozen=True)
class MarketSpec:
    """Everything that decides a simulated market: the same spec gives the same market.

    Parameters
    ----------
    customers
        Number of persons, at least 100.
    days
        Days of data, burn-in included; more than ``burn_in_days + 14``.
    starts_on
        First day of the data (UTC).
    burn_in_days
        First days that feed exposure and are not reported; the window begins after them.
    seed
        Seed of every random number, not negative.
    intent
        ``fixed``: a person's latent intent stays; ``drifting``: it changes from month to month.
    suppress_buyers_days
        Days after an order in which a person is shown no display ads; 0 suppresses nobody.
    no_effects
        True makes every advertisement worthless (the touches and the targeting stay).
    targeting
        False shows display and search to anybody, whatever their intent.
    ghost_share
        Share of would-be e-mails, letters and display impressions withheld at random, in ``[0, 0.9]``.

    Raises
    ------
    RefusedError
        Naming every field that cannot be used.
    """

    customers: int = 20_000
    days: int = 180
    starts_on: date = date(2026, 1, 5)
    burn_in_days: int = 30
    seed: int = 14
    intent: Literal["fixed", "drifting"] = "fixed"
    suppress_buyers_days: int = 0
    no_effects: bool = False
    ghost_share: float = 0.12
    targeting: bool = True

    def __post_init__(self) -> None:
        faults = [
            Fault(0, name, repr(getattr(self, name)), expected)
            for name, good, expected in (
                ("customers", self.customers >= 100, "at least 100"),
                ("burn_in_days", self.burn_in_days >= 0, "0 or more days"),
                ("days", self.days > self.burn_in_days + 14, "at least 15 days after the burn-in"),
                ("seed", self.seed >= 0, "0 or more"),
                ("intent", self.intent in INTENTS, " or ".join(INTENTS)),
                ("suppress_buyers_days", self.suppress_buyers_days >= 0, "0 or more days"),
                ("ghost_share", 0.0 <= self.ghost_share <= 0.9, "a share from 0 to 0.9"),
            )
            if not good
        ]
        if faults:
            raise RefusedError("This market cannot be simulated:", faults, "Correct the values and try again.")

    @property
    def window(self) -> Window:
        """The days whose responses are reported, both included."""
        return Window(
            self.starts_on + timedelta(days=self.burn_in_days), self.starts_on + timedelta(days=self.days - 1)
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, the date as ISO text."""
        return {**asdict(self), "starts_on": self.starts_on.isoformat()}
