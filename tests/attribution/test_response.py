"""What one more contact would do, per person and channel."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from attribution.evidence import Evidence
from attribution.gather import gather
from attribution.increment import draws_of_variables
from attribution.observations import FitOptions, Observations
from attribution.priors import Priors
from attribution.rates import design_of, wear_by_bin
from attribution.response import next_contact
from attribution.sampling import Posterior

OPTIONS = FitOptions(burn_in_days=20)


def scores(
    observations: Observations,
    evidence: Evidence,
    posterior: Posterior,
    options: FitOptions = OPTIONS,
    **chances: float,
) -> pd.DataFrame:
    table = next_contact(observations, evidence, posterior, options, no_effect=chances)
    return table.to_pandas().set_index(["channel", "person"]).sort_index()


@pytest.fixture(scope="module")
def written(new_book: Any) -> Any:
    """Sixty days; persons 1 to 4 new, 5 unknown, 6 and 7 responded before."""
    book = new_book().response(None, 0.5).response(None, 59.5)
    for person in (1, 2, 3, 4, 7):
        book.person(person, created=-5.0)
    book.person(5).person(6, created=-50.0, ordered=-20.0).response(7, 40.5)
    book.touch(2, 35.5).touch(3, 35.5).touch(3, 45.5).touch(4, 29.9).touch(7, 38.5).touch(6, 50.5)
    book.touch(1, 50.5, kind="ghost").touch(1, 51.5, kind="open").touch(1, 52.5, "display", "impression")
    return book


@pytest.fixture(scope="module")
def fitted(written: Any, draw_posterior: Any) -> tuple[Observations, Evidence, Posterior]:
    observations = written.observations()
    evidence = gather(observations, OPTIONS)
    return observations, evidence, draw_posterior(evidence)


@pytest.fixture(scope="module")
def scored(fitted: tuple[Observations, Evidence, Posterior]) -> pd.DataFrame:
    return scores(*fitted)


class TestCounts:
    def test_every_person_has_a_score_in_every_channel(self, scored: pd.DataFrame) -> None:
        assert len(scored) == 14
        assert set(scored.index.get_level_values("channel")) == {"display", "email"}

    def test_contacts_of_the_last_thirty_days_count_and_neither_ghosts_nor_steps(self, scored: pd.DataFrame) -> None:
        assert scored.loc["email", "recent_touches"].to_dict() == {1: 0, 2: 1, 3: 2, 4: 0, 5: 0, 6: 1, 7: 1}
        assert scored.loc["display", "recent_touches"].to_dict() == {1: 1} | dict.fromkeys(range(2, 8), 0)

    def test_contacts_after_the_days_that_were_fitted_do_not(
        self, written: Any, fitted: tuple[Observations, Evidence, Posterior], draw_posterior: Any
    ) -> None:
        options = replace(OPTIONS, ends_on=written.on(44))
        earlier = gather(fitted[0], options)
        found = scores(fitted[0], earlier, draw_posterior(earlier), options)
        assert found.loc["email", "recent_touches"].to_dict() == {1: 0, 2: 1, 3: 1, 4: 1, 5: 0, 6: 0, 7: 1}


class TestEffects:
    def test_those_alike_score_alike_and_wear_out_with_every_recent_contact(self, scored: pd.DataFrame) -> None:
        extra = scored.loc["email", "extra_responses"]
        assert extra[1] == extra[4] > extra[2] > extra[3] > 0.0
        assert extra[6] == extra[7] < extra[5]

    def test_those_who_responded_before_differ_by_what_the_model_learned(
        self, scored: pd.DataFrame, fitted: tuple[Observations, Evidence, Posterior]
    ) -> None:
        _, evidence, posterior = fitted
        extra = scored.loc["email", "extra_responses"]
        later = posterior.flat()["later"][:, [channel.name for channel in evidence.channels].index("email")]
        assert later.min() < extra[5] / extra[1] < later.max()

    def test_a_score_is_the_mean_effect_of_a_first_touch_over_the_draws(
        self, fitted: tuple[Observations, Evidence, Posterior], scored: pd.DataFrame
    ) -> None:
        _, evidence, posterior = fitted
        design = design_of(evidence)
        first = [
            one["effect"][0] * wear_by_bin(one, design)[0, 0]
            for one in draws_of_variables(evidence, posterior, Priors(), range(posterior.draws))
        ]
        assert scored.loc["display", "extra_responses"][2] == pytest.approx(sum(first) / len(first))

    def test_a_chance_of_no_effect_takes_its_part(
        self, fitted: tuple[Observations, Evidence, Posterior], scored: pd.DataFrame
    ) -> None:
        doubted = scores(*fitted, email=0.25)
        ratio = doubted["extra_responses"] / scored["extra_responses"]
        assert ratio["email"].to_numpy() == pytest.approx(0.75)
        assert ratio["display"].to_numpy() == pytest.approx(1.0)


class TestWhatIsAsked:
    def test_only_the_channels_wanted(self, fitted: tuple[Observations, Evidence, Posterior]) -> None:
        table = next_contact(*fitted, OPTIONS, no_effect={}, channels=["email", "pigeon"])
        assert table["channel"].unique().to_pylist() == ["email"]

    def test_without_channels_there_are_no_scores_but_their_columns(self, new_book: Any, draw_posterior: Any) -> None:
        book = new_book().response(None, 0.5).response(1, 40.5).response(None, 59.5).person(1, created=-5.0)
        bare = gather(book.observations(), OPTIONS)
        table = next_contact(book.observations(), bare, draw_posterior(bare), OPTIONS, no_effect={})
        assert table.num_rows == 0
        assert table.column_names == ["person", "channel", "extra_responses", "recent_touches", "error", "second"]
