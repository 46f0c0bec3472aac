"""Simulation-based calibration: the small layout is a draw of the model, and wrong posteriors are found out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attribution.density import density_of
from attribution.likelihood import packed_log_likelihood
from attribution.unbounded import forward
from benchmarks.calibrate import ranks
from benchmarks.calibrate.quantities import quantities_of
from benchmarks.calibrate.rank_plots import write_plots
from benchmarks.calibrate.ranks import DRAWS, judge, least_likely
from benchmarks.calibrate.small_layout import PRIORS, Layout, draw_parameters, draw_responses, lay_out


@pytest.fixture(scope="module")
def layout() -> Layout:
    return lay_out()


def test_the_layout_has_every_kind_of_parameter(layout: Layout) -> None:
    values = draw_parameters(layout, np.random.default_rng(1))
    density = density_of(draw_responses(layout, values, np.random.default_rng(2)), PRIORS)
    assert {name: np.shape(value) for name, value in values.items()} == dict(density.shapes)


def test_as_many_responses_come_as_the_rates_say(layout: Layout) -> None:
    """Drawn a hundred times from one set of parameters, responses number what the rates add up to."""
    rng = np.random.default_rng(3)
    values = draw_parameters(layout, rng)
    drawn = [draw_responses(layout, values, rng) for _ in range(100)]
    numbers = [one.by_day.sum() for one in drawn]
    told = quantities_of(drawn[0], {name: np.asarray(value)[None] for name, value in values.items()}, layout.evidence)
    one = drawn[0]
    exposed = sum(float(told[f"caused: {channel.name}"][0]) for channel in one.channels)
    # The likelihood is the sum of log rates less the sum of all rates: without responses only the latter is left.
    quiet = replace(one.strata, quiet=np.zeros_like(one.strata.quiet))
    silent = replace(one, strata=quiet, states=layout.evidence.states)
    nothing = quantities_of(silent, {name: np.asarray(v)[None] for name, v in values.items()}, layout.evidence)
    expected = -float(nothing["log-likelihood"][0])
    assert expected > exposed > 0.0
    assert np.mean(numbers) == pytest.approx(expected, abs=4.0 * np.sqrt(expected / 100.0))
    assert np.var(numbers) == pytest.approx(expected, rel=0.6)


def test_the_plain_log_likelihood_differs_by_draws_as_the_compiled_one_does(layout: Layout) -> None:
    rng = np.random.default_rng(4)
    evidence = draw_responses(layout, draw_parameters(layout, rng), rng)
    density = density_of(evidence, PRIORS)
    positions = [density.start + rng.normal(0.0, 0.2, density.dimensions) for _ in range(2)]
    plain = [
        float(
            quantities_of(evidence, {n: np.asarray(v)[None] for n, v in density.values(at).items()}, evidence)[
                "log-likelihood"
            ][0]
        )
        for at in positions
    ]
    compiled = [
        float(packed_log_likelihood(*forward(at, density.sizes, *density.tables)[2], *density.packed)[0])
        for at in positions
    ]
    assert plain[0] - plain[1] == pytest.approx(compiled[0] - compiled[1], abs=1e-6)


class TestTheVerdict:
    def of(self, ranks: np.ndarray) -> tuple[float, float]:
        (found,) = judge({"x": ranks.clip(0, DRAWS).astype(np.int64)})
        return found.chi_square, found.band

    def test_uniform_ranks_pass(self) -> None:
        assert min(self.of(np.random.default_rng(5).integers(0, DRAWS + 1, 300))) > 0.05

    def test_ranges_that_are_too_narrow_or_too_wide_are_found(self) -> None:
        uniform = np.random.default_rng(6).random(300)
        narrow = np.where(uniform < 0.5, 2.0 * uniform**2, 1.0 - 2.0 * (1.0 - uniform) ** 2)
        wide = np.where(uniform < 0.5, np.sqrt(uniform / 2.0), 1.0 - np.sqrt((1.0 - uniform) / 2.0))
        for shares in (narrow, wide):
            assert max(self.of(np.floor(100.0 * shares))) < 0.01

    def test_an_estimate_that_leans_to_one_side_is_found(self) -> None:
        assert self.of(np.floor(100.0 * np.random.default_rng(7).random(300) ** 1.3))[1] < 0.05

    def test_a_point_that_is_too_far_out_has_a_small_probability(self) -> None:
        assert least_likely(np.zeros(300, dtype=np.int64)) < 1e-12
        assert least_likely(np.arange(300) * 100 // 300) > 0.2


def test_a_run_is_taken_up_where_it_was_and_draws_its_plots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repeated: list[int] = []

    def repeat(number: int, layout: Layout) -> dict[str, object]:
        repeated.append(number)
        drawn = {"one": (37 * number) % 100, "other": (53 * number) % 100}
        return {"asked": ranks._asked(), "ranks": drawn, "responses": 5.0 + len(layout.stratum), "divergences": 0}

    monkeypatch.setattr(ranks, "_repeat", repeat)
    arguments = ["--folder", str(tmp_path / "kept"), "--plots", str(tmp_path / "plots"), "--repetitions"]
    assert ranks.main([*arguments, "3"]) == 0
    assert ranks.main([*arguments, "5"]) == 0
    assert repeated == [0, 1, 2, 3, 4]
    assert "| one |" in capsys.readouterr().out
    assert (tmp_path / "plots" / "ranks.svg").read_text("utf-8").startswith("<svg")
    kept = tmp_path / "kept" / "0000.json"
    kept.write_text(json.dumps({**json.loads(kept.read_text("utf-8")), "asked": "another"}), "utf-8")
    assert ranks.main([*arguments, "5"]) == 1


def test_plots_show_every_quantity(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    write_plots(judge({name: rng.integers(0, DRAWS + 1, 50) for name in ("delay: mail", "spread")}), tmp_path)
    for name in ("ranks", "rank-shares"):
        drawn = (tmp_path / f"{name}.svg").read_text("utf-8")
        assert "delay: mail" in drawn
        assert "spread" in drawn
