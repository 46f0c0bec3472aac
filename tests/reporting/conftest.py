"""What the tests of the report share: the sample report, its truth, its plan and its target."""

from __future__ import annotations

from types import ModuleType

import pytest

from campaigns.terms import Plan, Report


@pytest.fixture(scope="session")
def target(sample: ModuleType) -> float:
    return float(sample.TARGET)


@pytest.fixture(scope="session")
def report(sample: ModuleType) -> Report:
    return sample.sample_report()  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def truth(sample: ModuleType) -> dict[str, object]:
    return sample.sample_truth()  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def plan(sample: ModuleType) -> Plan:
    return sample.sample_plan()  # type: ignore[no-any-return]
