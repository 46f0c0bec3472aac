from __future__ import annotations

import gzip
from xml.etree import ElementTree

import numpy as np
import pytest

from jobs.tracing import LARGEST, trace_plots


@pytest.mark.slow
def test_traces_are_small_drawings_and_what_never_varies_is_left_out() -> None:
    random = np.random.default_rng(1)
    plots = trace_plots(
        {"effect": random.normal(size=(4, 500, 12)), "base": random.normal(size=(4, 500)), "fixed": np.ones((4, 500))}
    )
    assert list(plots) == ["base", "effect"]
    for svg in plots.values():
        assert ElementTree.fromstring(svg).tag.endswith("svg")  # noqa: S314 - our own drawing
        assert len(gzip.compress(svg)) <= LARGEST
