"""Tests as evidence: reading them, their checks, the likelihood of what they measured, and what they correct."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attribution.evidence import Evidence
from attribution.experiments import calibrate, findings_of, judge, may_be_sound, read_tests, trials_of
from attribution.experiments.calibration import log_prior, predicted
from attribution.experiments.exposure import caused_by, contacts_of
from attribution.experiments.next_test import Candidate, next_tests
from attribution.experiments.records import arm_of
from attribution.experiments.trials import Arms, Trial
from attribution.gather import gather
from attribution.increment import REAL, draws_of_variables, increments
from attribution.observations import FitOptions, Observations
from attribution.priors import Priors
from attribution.rates import design_of
from attribution.sampling import Posterior
from campaigns.terms import Soundness, TestKind

COLUMNS = (
    "experiment", "channel", "campaign", "ad", "goal", "starts_on", "ends_on", "measured_until",
    "planned_treated_share", "treated_n", "treated_responses", "control_n", "control_responses",
    "touches_per_treated", "lift", "lift_se", "region",
)  # fmt: skip


def with_tests(observations: Observations, rows: list[dict[str, Any]], assigned: Any = None) -> Observations:
    experiments = pd.DataFrame([dict.fromkeys(COLUMNS) | row for row in rows], columns=list(COLUMNS))
    return replace(observations, experiments=experiments, assignments=assigned)


def a_test(evidence: Evidence, **told: Any) -> dict[str, Any]:
    start = evidence.window.start + timedelta(days=3)
    row = {"experiment": "x", "channel": "display", "starts_on": start, "ends_on": start + timedelta(days=20)}
    return row | {"measured_until": start + timedelta(days=50)} | told


def an_earlier_test(evidence: Evidence, **told: Any) -> dict[str, Any]:
    """One that was over before the window opened: none of its people's responses are among those observed."""
    start = evidence.window.start - timedelta(days=80)
    row = {"starts_on": start, "ends_on": start + timedelta(days=20), "measured_until": start + timedelta(days=50)}
    return a_test(evidence, **(row | told))


COUNTS = {
    "treated_n": 10_000.0,
    "treated_responses": 900.0,
    "control_n": 10_000.0,
    "control_responses": 500.0,
    "touches_per_treated": 5.0,
}


def trial_of(observations: Observations, evidence: Evidence, rows: list[dict[str, Any]], assigned: Any = None) -> Trial:
    told = with_tests(observations, rows, assigned)
    (trial,) = trials_of(told, evidence, FitOptions(), read_tests(told, FitOptions()))
    return trial


class TestReading:
    def test_arms_go_by_the_names_that_people_give_them(self) -> None:
        assert [arm_of(name) for name in ("Treated", " exposed", "held_back", "HOLDOUT", "b")] == [
            "treated", "treated", "control", "control", None,
        ]  # fmt: skip

    def test_a_test_is_known_by_its_people_its_counts_or_its_lift(
        self, observations: Observations, evidence: Evidence
    ) -> None:
        rows = [
            a_test(evidence, experiment="counts", **COUNTS),
            a_test(evidence, experiment="lift", lift=40.0, lift_se=10.0, region="north | east"),
            a_test(evidence, experiment="people"),
            a_test(evidence, experiment="nothing"),
            a_test(evidence, experiment="leads", goal="lead", **COUNTS),
        ]
        assigned = pd.DataFrame(
            {"person": [1], "experiment": ["people"], "arm": ["control"], "assigned_at": [pd.Timestamp("2026-01-01")]}
        )
        found = {test.name: test for test in read_tests(with_tests(observations, rows, assigned), FitOptions())}
        assert {name: test.kind for name, test in found.items()} == {
            "counts": TestKind.COUNTS, "lift": TestKind.LIFT, "people": TestKind.PEOPLE,
        }  # fmt: skip
        assert found["lift"].regions == ("north", "east")

    def test_without_tests_there_are_none(self, observations: Observations) -> None:
        assert read_tests(observations, FitOptions()) == ()


class TestWhatWasMeasured:
    def test_the_extra_responses_are_those_beyond_the_held_back(self) -> None:
        extra, noise = Arms(2000.0, 1000.0, 2000.0, 1000.0, 150.0, 50.0).extra
        assert extra == 50.0
        assert noise == pytest.approx(np.sqrt(150.0 + 4.0 * 50.0))

    def test_the_likelihood_peaks_there_whatever_the_base_rate(self) -> None:
        caused = np.linspace(0.0, 200.0, 401)
        for scale in (1.0, 37.0):
            arms = Arms(2000.0, 1000.0, 2000.0 * scale, 1000.0 * scale, 150.0, 50.0)
            found = arms.log_likelihood(caused, 0.0 * caused)
            assert caused[found.argmax()] == pytest.approx(50.0, abs=3.0)
            mass = np.exp(found - found.max())
            mean = (caused * mass).sum() / mass.sum()
            spread = np.sqrt(((caused - mean) ** 2 * mass).sum() / mass.sum())
            assert spread == pytest.approx(np.sqrt(350.0), rel=0.1)

    def test_with_no_response_at_all_it_stays_a_number(self) -> None:
        assert np.isfinite(
            Arms(10.0, 10.0, 10.0, 10.0, 0.0, 0.0).log_likelihood(np.linspace(0, 5, 6), np.zeros(6))
        ).all()


class TestContacts:
    def test_a_contact_counts_for_the_days_that_were_measured(self, evidence: Evidence, posterior: Posterior) -> None:
        unit = next(row for row, unit in enumerate(evidence.units) if unit.channel == "display")
        frame = pd.DataFrame({"person": [1, 2], "t": [0.0, 0.0], "unit": unit, "phase": 0, "until": [1e3, 1.5]})
        contacts = contacts_of(frame.assign(counts=[True, False]), evidence, 30.0)
        half = contacts_of(frame.assign(counts=[False, True]), evidence, 30.0)
        (values,) = draws_of_variables(evidence, posterior, Priors(), [0])
        design = design_of(evidence)
        whole, part = caused_by(contacts, values, design), caused_by(half, values, design)
        assert 0.0 < part < whole
        assert whole < 10.0 * values["effect"].max()

    def test_wear_out_counts_the_contacts_before(self, evidence: Evidence) -> None:
        unit = next(row for row, unit in enumerate(evidence.units) if unit.channel == "display")
        frame = pd.DataFrame(
            {"person": [1, 1, 1, 2], "t": [0.0, 1.0, 40.0, 1.0], "unit": unit, "phase": 0, "until": 99.0}
        )
        contacts = contacts_of(frame.assign(counts=True), evidence, 30.0)
        whole = contacts.amount[contacts.bucket == 0]
        assert dict(zip(contacts.ordinal[contacts.bucket == 0].tolist(), whole.tolist(), strict=True)) == {
            0: 3.0,
            1: 1.0,
        }


class TestSoundness:
    def sentences(self, trial: Trial, evidence: Evidence, expected: float = 400.0) -> tuple[Soundness, str]:
        judged = judge(trial, evidence, np.array([expected]))
        return judged.soundness, judged.sentences[0]

    def test_a_sound_one(self, observations: Observations, evidence: Evidence) -> None:
        trial = trial_of(observations, evidence, [an_earlier_test(evidence, planned_treated_share=0.5, **COUNTS)])
        judged = judge(trial, evidence, np.array([400.0]))
        assert judged.soundness is Soundness.SOUND
        assert "as chance would have it" in judged.sentences[0]
        assert "cannot be checked" in judged.sentences[1]

    def test_arms_of_other_sizes_than_planned(self, observations: Observations, evidence: Evidence) -> None:
        trial = trial_of(observations, evidence, [an_earlier_test(evidence, planned_treated_share=0.55, **COUNTS)])
        soundness, said = self.sentences(trial, evidence)
        assert soundness is Soundness.ADVISORY
        assert said.startswith("50.0% of the customers were treated, 55.0% were planned")

    def test_read_too_soon(self, observations: Observations, evidence: Evidence) -> None:
        row = an_earlier_test(evidence, **COUNTS)
        trial = trial_of(observations, evidence, [row | {"measured_until": row["ends_on"]}])
        assert "it was read too soon" in self.sentences(trial, evidence)[1]

    def test_too_small_to_tell(self, observations: Observations, evidence: Evidence) -> None:
        trial = trial_of(observations, evidence, [an_earlier_test(evidence, **COUNTS)])
        soundness, said = self.sentences(trial, evidence, expected=20.0)
        assert soundness is Soundness.ADVISORY
        assert said.startswith("It was too small to tell")

    def test_a_channel_that_nobody_knows(self, observations: Observations, evidence: Evidence) -> None:
        trial = trial_of(observations, evidence, [an_earlier_test(evidence, channel="radio", **COUNTS)])
        assert self.sentences(trial, evidence)[1].startswith("radio has no contacts in the data")

    def test_people_in_both_arms(self, observations: Observations, evidence: Evidence) -> None:
        persons = observations.persons["person"].to_pylist()[:400]
        arms = ["treated", "control"] * 200
        start = pd.Timestamp(evidence.window.start)
        assigned = pd.DataFrame({"person": persons, "experiment": "x", "arm": arms, "assigned_at": start})
        mixed = pd.concat([assigned, assigned.head(20).assign(arm="control")])
        trial = trial_of(observations, evidence, [a_test(evidence)], mixed)
        assert trial.arms is not None
        assert trial.arms.both == 10
        assert "in both arms" in self.sentences(trial, evidence)[1]


class TestWhoTookPart:
    def test_the_people_of_arms_are_left_out_from_the_day_of_their_assignment(
        self, observations: Observations, evidence: Evidence
    ) -> None:
        persons = observations.persons["person"].to_pylist()[:400]
        at = pd.Timestamp(evidence.window.start) + pd.Timedelta(days=5, hours=9)
        assigned = pd.DataFrame(
            {"person": persons, "experiment": "x", "arm": ["treated", "control"] * 200, "assigned_at": at}
        )
        row = a_test(evidence, measured_until=evidence.window.start + timedelta(days=40))
        trial = trial_of(observations, evidence, [row], assigned)
        assert trial.apart is not None
        assert sorted(trial.apart["person"]) == persons
        assert set(zip(trial.apart["begins"], trial.apart["until"], strict=True)) == {(5.0, 41.0)}
        assert not may_be_sound(trial, evidence)  # those said to be held back were contacted all the same

    def test_of_a_lift_by_regions_it_is_everybody_there(self, observations: Observations, evidence: Evidence) -> None:
        medium, region = evidence.media.names[0], evidence.strata.regions[0]
        row = a_test(evidence, channel=medium, lift=5.0, lift_se=0.5, region=region)
        trial = trial_of(observations, evidence, [row])
        assert trial.apart is not None
        there = [one for one in observations.persons.to_pylist() if one["region"] == region]
        assert sorted(trial.apart["person"]) == [one["person"] for one in there]
        assert may_be_sound(trial, evidence)

    @pytest.mark.parametrize(
        ("told", "wanted"), [(COUNTS, "who was in which arm"), ({"lift": 9.0, "lift_se": 1.0}, "its regions")]
    )
    def test_where_it_is_not_known_a_test_inside_the_window_is_advisory(
        self, observations: Observations, evidence: Evidence, told: dict[str, float], wanted: str
    ) -> None:
        trial = trial_of(observations, evidence, [a_test(evidence, **told)])
        judged = judge(trial, evidence, np.array([400.0]))
        assert judged.soundness is Soundness.ADVISORY
        assert judged.sentences[0].startswith("Who took part is not known")
        assert wanted in judged.sentences[0]
        assert not may_be_sound(trial, evidence)


class TestCorrecting:
    def test_the_prior_is_a_density(self) -> None:
        real = np.linspace(0.0, 12.0, 200_001)
        assert np.trapezoid(np.exp(log_prior(real)), real) == pytest.approx(1.0, abs=0.01)

    def test_the_estimate_moves_to_what_a_precise_test_says(
        self, observations: Observations, evidence: Evidence, posterior: Posterior
    ) -> None:
        row = a_test(evidence, **COUNTS)
        trial = trial_of(observations, evidence, [row])
        apparent = predicted(evidence, posterior, Priors(), [trial], range(posterior.draws))[:, 0, 0]
        wanted = 0.4 * float(apparent.mean())
        counts = {"treated_responses": 40_000.0 + wanted, "control_responses": 40_000.0}
        sure = trial_of(
            observations, evidence, [row | {"lift": wanted, "lift_se": 0.05 * wanted} | dict.fromkeys(COUNTS)]
        )
        del counts
        trial = replace(trial, test=sure.test, arms=None)
        done = calibrate(evidence, posterior, [trial], Priors(), seed=1)
        (found,) = findings_of([trial], [judge(trial, evidence, apparent)], evidence, done.posterior, Priors())
        assert found.estimated is not None
        assert found.estimated.mean == pytest.approx(wanted, rel=0.1)
        before = {s.channel: s.expected.mean() for s in increments(evidence, posterior).channels}
        after = {s.channel: s.expected.mean() for s in increments(evidence, done.posterior).channels}
        assert after["display"] < 0.7 * before["display"]
        assert after["email"] == pytest.approx(before["email"], rel=0.3)

    def test_more_than_was_apparent_is_possible_and_all_still_adds_up(
        self, evidence: Evidence, posterior: Posterior
    ) -> None:
        names = len(evidence.channels) + len(evidence.media.names)
        draws: Any = posterior.values  # noqa: PD011 - no frame of pandas
        shape = draws["base_z"].shape[:2]
        twice = replace(posterior, values=draws | {REAL: np.full((*shape, names), 2.0)})
        before, after = increments(evidence, posterior), increments(evidence, twice)
        assert all(s.expected.mean() > b.expected.mean() for s, b in zip(after.channels, before.channels, strict=True))
        total = after.baseline + sum(source.expected for source in after.channels)
        assert total == pytest.approx(np.full(len(total), float(evidence.responses)))
        assert after.baseline.min() > 0.0

    def test_without_tests_nothing_changes(self, evidence: Evidence, posterior: Posterior) -> None:
        assert calibrate(evidence, posterior, []).posterior is posterior

    def test_a_lift_of_a_medium_corrects_it(
        self, observations: Observations, evidence: Evidence, posterior: Posterior
    ) -> None:
        medium = evidence.media.names[0]
        trial = trial_of(observations, evidence, [a_test(evidence, channel=medium, lift=0.0, lift_se=0.5)])
        assert trial.medium == 0
        done = calibrate(evidence, posterior, [trial], Priors())
        real = done.posterior.flat()[REAL][:, len(evidence.channels)]
        assert real.mean() < 0.5


class TestWhatToTestNext:
    def candidate(self, **told: Any) -> Candidate:
        rng = np.random.default_rng(1)
        usual: dict[str, Any] = {
            "channel": "display", "caused": rng.gamma(4.0, 1000.0, 2000), "reached": 50_000.0, "days": 120,
            "rate": 0.002, "carry_over": 28.0, "spend": 10_000.0,
        }  # fmt: skip
        return Candidate(**(usual | told))

    def test_it_says_how_many_customers_and_how_long(self) -> None:
        (test,) = next_tests([self.candidate()])
        assert test.customers is not None
        assert test.weeks == 4
        assert test.sentence == f"Holding back {test.customers:,} customers for 4 weeks would settle it."
        assert test.width_then < test.width_now

    def test_what_is_known_already_needs_none(self) -> None:
        assert next_tests([self.candidate(caused=np.random.default_rng(1).normal(4000.0, 200.0, 2000))]) == ()

    def test_where_half_of_all_customers_would_not_do_it_says_so(self) -> None:
        (test,) = next_tests([self.candidate(reached=5_000.0, caused=np.random.default_rng(1).gamma(4.0, 40.0, 2000))])
        assert test.customers is None
        assert "would be needed to settle it" in test.sentence

    def test_more_money_at_stake_comes_first(self) -> None:
        found = next_tests([self.candidate(channel="a", spend=10.0), self.candidate(channel="b", spend=1000.0)])
        assert [test.channel for test in found] == ["b", "a"]


def test_a_test_of_another_period_is_advisory(observations: Observations, evidence: Evidence) -> None:
    row = a_test(evidence, lift=1.0, lift_se=1.0, starts_on=date(2001, 1, 1), ends_on=date(2001, 2, 1))
    trial = trial_of(observations, evidence, [row | {"measured_until": date(2001, 3, 1)}])
    assert "outside the period" in judge(trial, evidence, np.array([5.0])).sentences[0]


def test_gathering_does_not_mind_tests(observations: Observations, evidence: Evidence) -> None:
    assert gather(with_tests(observations, [a_test(evidence, **COUNTS)])).responses == evidence.responses
