"""Whether a fit may be published: each check at its thresholds, and the worst of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from attribution.diagnosis import Thresholds, diagnose, verdict_of
from attribution.evidence import Floats
from attribution.increment import Increments, Source
from attribution.sampling import Posterior, convergence
from campaigns.faults import RefusedError
from campaigns.terms import Check, Verdict

DAYS = 50
OBSERVED = np.full(DAYS, 10.0)


def noise(seed: int, draws: int = 1000, chains: int = 2) -> Floats:
    return np.random.default_rng(seed).normal(50.0, 5.0, (chains, draws)).ravel()


def source(name: str, expected: Floats, ad: str | None = None) -> Source:
    nothing = np.zeros_like(expected)
    campaign = None if ad is None else "c"
    return Source(name, campaign, ad, expected, expected, *[nothing] * 7)


def summed(*channels: Floats, ads: tuple[Floats, ...] = ()) -> Increments:
    return Increments(
        chains=2,
        campaigns=(),
        channels=tuple(source(f"channel {row}", draws) for row, draws in enumerate(channels)),
        ads=tuple(source("channel 0", draws, f"ad {row}") for row, draws in enumerate(ads)),
        baseline=noise(99),
        baseline_counted=noise(99),
        no_effect={},
    )


def posterior(divergences: int = 0) -> Posterior:
    return Posterior({"x": np.zeros((2, 1000))}, divergences, 15.0)


def predicted_with(inside: int) -> Floats:
    """Predictions of which so many days hold what was observed."""
    draws = np.random.default_rng(1).normal(10.0, 2.0, (200, DAYS))
    draws[:, inside:] += 100.0
    return draws


def judged(found: Increments, *, divergences: int = 0, inside: int = DAYS) -> dict[str, Check]:
    checks = diagnose(found, posterior(divergences), OBSERVED, predicted_with(inside))
    return {check.name: check for check in checks}


def apart(shift: float) -> Floats:
    """Two chains that disagree by a shift."""
    draws = noise(3).reshape(2, -1)
    draws[1] += shift
    return draws.ravel()


def sticky(step: float) -> Floats:
    """Chains that move slowly: fewer independent draws the smaller the step."""
    rng = np.random.default_rng(4)
    moves = rng.normal(size=(2, 1000))
    draws = np.zeros_like(moves)
    for row in range(1, 1000):
        draws[:, row] = (1.0 - step) * draws[:, row - 1] + moves[:, row]
    return draws.ravel()


def test_a_good_fit_passes_every_check_and_says_so_in_sentences() -> None:
    checks = judged(summed(noise(1), noise(2), ads=(noise(5),)))
    assert list(checks) == ["chains agree", "enough draws", "no step went astray", "days look like the model"]
    for check in checks.values():
        assert check.verdict is Verdict.PASS
        assert check.sentence.endswith(".")
        assert "nan" not in check.sentence


class TestChains:
    @pytest.mark.parametrize(("shift", "verdict"), [(0.0, Verdict.PASS), (2.0, Verdict.REVIEW), (20.0, Verdict.FAIL)])
    def test_the_more_chains_disagree_the_worse(self, shift: float, verdict: Verdict) -> None:
        check = judged(summed(noise(1), apart(shift)))["chains agree"]
        r_hat = convergence(apart(shift).reshape(2, -1))[0]
        assert check.verdict is verdict
        if shift:
            assert check.value == pytest.approx(r_hat)
            assert "worst: channel 1" in check.sentence

    def test_the_worst_may_be_an_ad_or_the_baseline(self) -> None:
        found = summed(noise(1), ads=(noise(2), apart(20.0)))
        assert "worst: channel 0 / c / ad 1" in judged(found)["chains agree"].sentence
        found = replace(summed(noise(1)), baseline=apart(20.0))
        assert "worst: what would have come anyway" in judged(found)["chains agree"].sentence

    def test_what_cannot_be_judged_fails_wherever_it_stands(self) -> None:
        lost = noise(1)
        lost[7] = np.nan
        for channels in ((lost, noise(2)), (noise(2), lost)):
            checks = judged(summed(*channels))
            assert checks["chains agree"].verdict is Verdict.FAIL
            assert checks["enough draws"].verdict is Verdict.FAIL

    def test_a_quantity_that_never_varies_is_no_disagreement(self) -> None:
        checks = judged(summed(np.zeros(2000)))
        assert verdict_of(list(checks.values())) is Verdict.PASS


class TestDraws:
    @pytest.mark.parametrize(("step", "verdict"), [(0.9, Verdict.PASS), (0.2, Verdict.REVIEW), (0.02, Verdict.FAIL)])
    def test_the_fewer_independent_draws_the_worse(self, step: float, verdict: Verdict) -> None:
        check = judged(summed(noise(1), sticky(step)))["enough draws"]
        assert check.verdict is verdict
        assert check.value == pytest.approx(min(convergence(sticky(step).reshape(2, -1))[1], check.value))
        if verdict is not Verdict.PASS:
            assert "fewest: channel 1" in check.sentence


class TestSteps:
    @pytest.mark.parametrize(
        ("divergences", "verdict"),
        [(0, Verdict.PASS), (1, Verdict.REVIEW), (20, Verdict.REVIEW), (21, Verdict.FAIL)],
    )
    def test_none_may_diverge_and_more_than_one_in_a_hundred_is_too_many(
        self, divergences: int, verdict: Verdict
    ) -> None:
        check = judged(summed(noise(1)), divergences=divergences)["no step went astray"]
        assert (check.value, check.verdict) == (divergences, verdict)
        assert check.sentence.startswith(f"{divergences} of 2,000 steps")


class TestDays:
    @pytest.mark.parametrize(
        ("inside", "verdict"),
        [(50, Verdict.PASS), (40, Verdict.PASS), (39, Verdict.REVIEW), (30, Verdict.REVIEW), (29, Verdict.FAIL)],
    )
    def test_most_days_lie_inside_what_the_model_expects(self, inside: int, verdict: Verdict) -> None:
        check = judged(summed(noise(1)), inside=inside)["days look like the model"]
        assert (check.value, check.verdict) == (inside / DAYS, verdict)

    def test_the_edge_of_the_band_is_inside(self) -> None:
        exact = np.tile(OBSERVED, (200, 1))
        checks = diagnose(summed(noise(1)), posterior(), OBSERVED, exact)
        assert checks[-1].value == 1.0


class TestVerdict:
    @pytest.mark.parametrize(
        ("verdicts", "worst"),
        [
            (["pass", "pass"], "pass"),
            (["pass", "review"], "review"),
            (["fail", "review", "pass"], "fail"),
            ([], "review"),
        ],
    )
    def test_it_is_the_worst_and_without_any_check_a_fit_is_to_be_looked_at(
        self, verdicts: list[str], worst: str
    ) -> None:
        checks = [Check("x", 0.0, 0.0, Verdict(verdict), "") for verdict in verdicts]
        assert verdict_of(checks) is Verdict(worst)


def test_thresholds_that_make_no_sense_are_refused() -> None:
    for r_hat in ((0.9, 1.05), (1.05, 1.01)):
        with pytest.raises(RefusedError, match="r_hat"):
            Thresholds(r_hat=r_hat)


def test_a_channel_whose_weeks_are_not_what_its_contacts_say_is_named() -> None:
    def told(share: float) -> Check:
        checks = diagnose(
            summed(noise(1)), posterior(), OBSERVED, predicted_with(DAYS), by_channel={"email": 1.0, "tv": share}
        )
        return {check.name: check for check in checks}["channels look like the model"]

    assert [told(share).verdict for share in (0.9, 0.7, 0.5)] == [Verdict.PASS, Verdict.REVIEW, Verdict.FAIL]
    assert "tv" in told(0.5).sentence
    assert "50%" in told(0.5).sentence
