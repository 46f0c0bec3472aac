"""The media mix model: laying figures out, refusing what cannot be used, and its density against a plain one."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import halfnorm, multivariate_normal, norm

from attribution.aggregate.findings import sum_up
from attribution.aggregate.model import MixPriors, base_draws, build_mix_model, design_mix, lift
from attribution.aggregate.panel import Panel, PanelColumns, lay_panel
from attribution.sampling import Posterior, SamplingOptions, sample
from campaigns.faults import RefusedError
from campaigns.terms import Verdict

COLUMNS = PanelColumns("week", "orders", ("tv", "radio"), ("price",), "region")


def weeks(periods: int = 60, regions: tuple[str, ...] = ("north", "south"), seed: int = 1) -> pd.DataFrame:
    """Figures whose truth is known: TV adds at most 0.4 of the base, radio nothing; the south never had TV."""
    lot = np.random.default_rng(seed)
    rows = []
    for region in regions:
        tv = lot.gamma(1.0, 1.0, periods) * (lot.random(periods) < 0.6) * (region == "north")
        radio = lot.gamma(2.0, 1.0, periods)
        price = lot.normal(size=periods)
        stock = np.convolve(tv, 0.6 * 0.4 ** np.arange(8))[:periods]
        mean = 100.0 * (1.0 + 0.4 * (1.0 - np.exp(-stock)) - 0.05 * price)
        start = pd.Timestamp("2025-01-06")
        for n in range(periods):
            rows.append((start + pd.Timedelta(weeks=n), region, mean[n] + lot.normal() * 3, tv[n], radio[n], price[n]))
    return pd.DataFrame(rows, columns=["week", "region", "orders", "tv", "radio", "price"])


class TestThePanel:
    def test_rows_in_any_order_give_the_same_panel(self) -> None:
        frame = weeks()
        laid, shuffled = lay_panel(frame, COLUMNS), lay_panel(frame.sample(frac=1.0, random_state=3), COLUMNS)
        assert laid.regions == ("north", "south")
        assert laid.days == 7
        assert (laid.outcome == shuffled.outcome).all()
        assert (laid.exposure == shuffled.exposure).all()

    def test_text_is_read_as_numbers_and_dates(self) -> None:
        laid = lay_panel(weeks().astype(str), COLUMNS)
        assert np.allclose(laid.outcome, lay_panel(weeks(), COLUMNS).outcome)

    @pytest.mark.parametrize("library", ["polars", "pyarrow"])
    def test_other_frames_are_taken_too(self, library: str) -> None:
        pytest.importorskip(library)
        import narwhals as nw

        other = nw.from_dict(weeks().to_dict("list"), backend=library).to_native()
        assert np.allclose(lay_panel(other, COLUMNS).outcome, lay_panel(weeks(), COLUMNS).outcome)

    def test_every_fault_is_named_at_once(self) -> None:
        frame = weeks().astype(object)
        frame.loc[3, "tv"] = "much"
        frame.loc[5, "week"] = "someday"
        with pytest.raises(RefusedError) as refusal:
            lay_panel(frame, COLUMNS)
        assert [(fault.line, fault.column) for fault in refusal.value.faults] == [(7, "week"), (5, "tv")]

    @pytest.mark.parametrize(
        ("spoil", "said"),
        [
            (lambda f: f.drop(columns="radio"), "no such column"),
            (lambda f: f.assign(tv=-f["tv"]), "0 or more"),
            (lambda f: f.assign(tv=0.0), "bought at least once"),
            (lambda f: f.assign(radio=2.0), "exposure that varies"),
            (lambda f: f.assign(price=1.0), "a control that varies"),
            (lambda f: f.assign(orders=0.0), "an outcome above 0"),
            (lambda f: pd.concat([f, f.head(1)]), "one row per period and region"),
            (lambda f: f.drop(index=7), "every period in every region"),
            (lambda f: f[f["week"] != f["week"].unique()[9]], "without gaps"),
            (lambda f: f[f["week"] < "2025-03-01"], "at least 20"),
        ],
    )
    def test_what_cannot_be_used_is_refused(self, spoil: Any, said: str) -> None:
        with pytest.raises(RefusedError, match="cannot be used") as refusal:
            lay_panel(spoil(weeks()), COLUMNS)
        assert any(said in fault.expected or said in fault.found for fault in refusal.value.faults)

    def test_a_column_has_one_part(self) -> None:
        with pytest.raises(RefusedError):
            PanelColumns("week", "orders", ("tv", "orders"))
        with pytest.raises(RefusedError):
            PanelColumns("week", "orders", ())


@pytest.fixture(scope="module")
def panel() -> Panel:
    return lay_panel(weeks(), COLUMNS)


class TestTheModel:
    def test_a_medium_that_was_off_adds_nothing(self, panel: Panel) -> None:
        design = design_mix(panel)
        values = {"strength": np.ones(2), "retention": np.full(2, 0.4), "scale": np.ones(2)}
        added = lift(design, values)
        assert (added[0][design.region == 1] == 0.0).all()
        assert (added[0][design.region == 0] > 0.0).any()
        assert (added < 1.0).all()

    def test_the_density_is_that_of_the_model_with_its_base_terms(self, panel: Panel) -> None:
        """What is integrated out is integrated out rightly: differences of log-density agree with the full normal's."""
        design, priors = design_mix(panel), MixPriors()
        model = build_mix_model(panel, design, priors)
        density = model.compile_logp(mode="FAST_COMPILE")
        base = design.base * design.base_sd

        def both(strength: float, scale: float, noise: float) -> tuple[float, float]:
            values = {"strength": np.full(2, strength), "retention": np.full(2, 0.3), "scale": np.full(2, scale)}
            at_mean = values["strength"] * (1.0 - np.exp(-1.0 / scale))
            point = model.initial_point()
            point |= {"at_mean_log__": np.log(at_mean), "scale_log__": np.log(values["scale"])}
            point |= {"retention_logodds__": np.log(0.3 / 0.7) * np.ones(2), "noise_log__": np.log(noise)}
            point |= {"reach_z": np.zeros((2, 2))}
            left = design.outcome - 1.0 - lift(design, values).sum(axis=0)
            cov = base @ base.T + noise**2 * np.eye(len(left))
            # Of strength and scale by their logarithms, whatever the sampler is told instead of strength.
            strengths = halfnorm(scale=priors.strength_sd).logpdf(strength) + np.log(strength)
            beliefs = 2.0 * (strengths + norm(0.0, priors.scale_sd).logpdf(np.log(scale)))
            beliefs += halfnorm(scale=priors.noise_sd).logpdf(noise) + np.log(noise)
            return float(density(point)), float(multivariate_normal(cov=cov).logpdf(left) + beliefs)

        (first, full_first), *others = both(0.2, 1.0, 0.05), both(0.5, 1.0, 0.2), both(0.3, 2.5, 0.1)
        for other, full_other in others:
            assert first - other == pytest.approx(full_first - full_other, rel=1e-9)

    def test_draws_of_the_base_have_the_mean_of_a_ridge_regression(self, panel: Panel) -> None:
        design = design_mix(panel)
        noise = np.full(4000, 0.1)
        drawn = base_draws(design, np.zeros((4000, len(design.outcome))), noise, seed=1)
        precision = design.base.T @ design.base / 0.01 + np.diag(1.0 / design.base_sd**2)
        ridge = 1.0 + design.base @ np.linalg.solve(precision, design.base.T @ (design.outcome - 1.0) / 0.01)
        assert np.abs(drawn.mean(axis=0) - ridge).max() < 0.01


class TestFindings:
    def posterior(self, strength: tuple[float, float], draws: int = 60) -> Posterior:
        lot = np.random.default_rng(0)
        shape = (2, draws, 2)
        return Posterior(
            {
                "strength": np.array(strength) * lot.lognormal(0.0, 0.05, shape),
                "retention": np.full(shape, 0.4) + lot.normal(0.0, 0.01, shape),
                "scale": lot.lognormal(0.0, 0.05, shape),
                "noise": lot.lognormal(-3.0, 0.05, shape[:2]),
            },
            0,
            7.0,
        )

    def test_base_and_media_add_up_to_the_outcome(self, panel: Panel) -> None:
        design = design_mix(panel)
        found = sum_up(panel, design, self.posterior((0.3, 0.1)), 1)
        total = found.base.mean + sum(medium.contribution.mean for medium in found.media)
        assert total == pytest.approx(found.outcome, rel=0.01)

    def test_the_curve_begins_at_nothing_rises_and_passes_today(self, panel: Panel) -> None:
        found = sum_up(panel, design_mix(panel), self.posterior((0.3, 0.1)), 1).media[0]
        means = [point.contribution.mean for point in found.curve]
        assert means[0] == 0.0
        assert all(a < b for a, b in pairwise(means))
        assert means[[point.multiple for point in found.curve].index(1.0)] == pytest.approx(found.contribution.mean)
        assert found.next_spend is not None
        assert found.per_spend is not None
        assert found.next_spend.mean < found.per_spend.mean

    def test_a_medium_that_does_nothing_is_said_to(self, panel: Panel) -> None:
        found = sum_up(panel, design_mix(panel), self.posterior((0.3, 1e-4)), 1)
        assert found.media[1].p_nothing == 1.0
        assert any(note.startswith("radio: 100%") for note in found.notes)

    def test_media_that_move_together_are_named(self) -> None:
        frame = weeks()
        frame["radio"] = 2.0 * frame["tv"]
        panel = lay_panel(frame, COLUMNS)
        found = sum_up(panel, design_mix(panel), self.posterior((0.2, 0.2)), 1)
        assert any("tv and radio move together" in note for note in found.notes)


@pytest.mark.slow
def test_known_contributions_are_found() -> None:
    panel = lay_panel(weeks(periods=120), COLUMNS)
    design = design_mix(panel)
    posterior = sample(build_mix_model(panel, design), SamplingOptions(target_acceptance=0.95))
    found = sum_up(panel, design, posterior, 1)
    north = weeks(periods=120).query("region == 'north'")
    stock = np.convolve(north["tv"], 0.6 * 0.4 ** np.arange(8))[:120]
    truth = float((40.0 * (1.0 - np.exp(-stock))).sum())
    tv, radio = found.media
    assert found.verdict is not Verdict.FAIL
    assert tv.contribution.p05 <= truth <= tv.contribution.p95
    assert radio.share.mean < 0.03
