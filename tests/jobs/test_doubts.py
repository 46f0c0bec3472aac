"""What the data themselves cast doubt on: effects that do not stand out."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from jobs.doubts import unseen_effects


def told(*channels: tuple[float, float]) -> tuple[str, ...]:
    """What is said of a thousand orders, of channels credited with so many, give or take."""
    rng = np.random.default_rng(3)
    sources = [SimpleNamespace(expected=draws, caused=draws) for draws in (rng.normal(*one, 400) for one in channels)]
    evidence: Any = SimpleNamespace(responses=1_000, goal=SimpleNamespace(plural="orders"))
    found: Any = SimpleNamespace(channels=sources)
    return unseen_effects(evidence, found)


def test_where_no_range_begins_above_next_to_nothing_that_is_said() -> None:
    (sentence,) = told((3.0, 1.0), (12.0, 6.0))
    assert sentence.startswith("No effect of any channel is to be seen in these data")
    assert "orders" in sentence


def test_one_channel_that_stands_out_is_enough_to_say_nothing() -> None:
    assert told((3.0, 1.0), (40.0, 6.0)) == ()


def test_without_channels_there_is_nothing_to_say() -> None:
    assert told() == ()
