"""Tests as evidence: what they measured, whether they are sound, and how they correct what was merely observed.

Each response enters once: the people behind a test are left out of what is observed while it was measured. The
observational likelihood says how the responses of all others follow contacts in time (what contacts *appear* to do); a
test says how many more responses the treated had than the held back (what they *do*). The two meet in one number per
tested channel, the part of the apparent effect that is real.
"""

from attribution.experiments.calibration import Calibrated, calibrate
from attribution.experiments.findings import findings_of, judge, may_be_sound
from attribution.experiments.next_test import next_tests
from attribution.experiments.records import Test, read_tests
from attribution.experiments.trials import Trial, trials_of

__all__ = [
    "Calibrated",
    "Test",
    "Trial",
    "calibrate",
    "findings_of",
    "judge",
    "may_be_sound",
    "next_tests",
    "read_tests",
    "trials_of",
]
