"""What tests measured, and which test to run next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from campaigns.terms.figures import Range

__all__ = ["ExperimentFinding", "NextTest", "Soundness", "TestKind"]


class Soundness(StrEnum):
    """Whether a test is used: a sound one stands in the estimate, an advisory one is shown and not used."""

    SOUND = "sound"
    ADVISORY = "advisory"

    @property
    def words(self) -> str:
        """What people read."""
        return {"sound": "used in the estimate", "advisory": "shown, not used"}[self.value]


class TestKind(StrEnum):
    """How a test is known."""

    __test__ = False

    PEOPLE = "people"
    COUNTS = "counts"
    LIFT = "lift"

    @property
    def words(self) -> str:
        """What people read."""
        return {
            "people": "customers drawn by lot",
            "counts": "two groups, known by their counts",
            "lift": "regions or days, known by the lift",
        }[self.value]


@dataclass(frozen=True)
class ExperimentFinding:
    """What one test measured, beside what the estimate says of the same people, days and regions.

    Parameters
    ----------
    experiment
        Its name.
    channel, campaign, ad
        What was tested.
    kind
        How it is known.
    starts_on, ends_on
        Its days, both included.
    soundness
        Whether the estimate uses it.
    sentences
        Each check with what it found, those that made it advisory first.
    measured
        Extra responses among the treated that the test alone shows; None where it cannot be told.
    estimated
        Extra responses among the same people that the estimate says, the test included if it is sound; None where the
        channel is not in the estimate.
    treated, control
        People in either arm, 0 where they are not known.
    """

    experiment: str
    channel: str
    kind: TestKind
    starts_on: date
    ends_on: date
    soundness: Soundness
    sentences: tuple[str, ...]
    measured: Range | None = None
    estimated: Range | None = None
    campaign: str | None = None
    ad: str | None = None
    treated: int = 0
    control: int = 0


@dataclass(frozen=True)
class NextTest:
    """A test worth running, with what it needs and what it would tell; the most telling comes first.

    Parameters
    ----------
    channel
        The channel to hold customers back from.
    customers
        Customers to hold back; None where no size that you have would do.
    weeks
        How long, the carry-over included.
    width_now, width_then
        Width of the 90 % range of what the channel causes in the window, now and expected after the test, as a
        multiple of its estimate.
    stake
        Money whose use hangs on it: the channel's spend in the window, in major units.
    sentence
        The same in words.
    """

    channel: str
    customers: int | None
    weeks: int
    width_now: float
    width_then: float
    stake: float
    sentence: str
