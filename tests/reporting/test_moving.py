import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.reporting.moving import Curve, move_money, points_of


def curve(channel: str, spend: float, won: float, elasticity: float, draws: int = 4) -> Curve:
    return Curve(channel, spend, np.full(draws, won), np.full(draws, elasticity))


def test_a_curve_stands_where_spend_stands_and_starts_at_nothing() -> None:
    found = curve("search", 200.0, 20.0, 0.5)
    assert found.at(200.0) == pytest.approx(np.full(4, 20.0))
    assert found.at(0.0) == pytest.approx(np.zeros(4))
    assert found.at(800.0) == pytest.approx(np.full(4, 40.0))


def test_money_moved_by_hand_comes_out_as_by_hand() -> None:
    moved = move_money(curve("display", 100.0, 10.0, 1.0), curve("search", 100.0, 30.0, 1.0), 50.0)
    assert moved.gained.mean == pytest.approx(-5.0 + 15.0)
    assert (moved.gained.p05, moved.gained.p95) == pytest.approx((10.0, 10.0))
    assert moved.p_worse == 0.0
    assert not moved.beyond


def test_the_chance_of_being_worse_is_the_share_of_draws_that_are() -> None:
    source = curve("display", 100.0, 10.0, 1.0)
    target = Curve("search", 100.0, np.array([40.0, 40.0, 40.0, 2.0]), np.ones(4))
    assert move_money(source, target, 10.0).p_worse == 0.25


def test_more_than_twice_of_what_was_ever_spent_is_beyond_what_was_seen() -> None:
    assert move_money(curve("tv", 500.0, 5.0, 0.6), curve("search", 100.0, 30.0, 0.6), 101.0).beyond


@pytest.mark.parametrize("amount", [0.0, -5.0, 100.01, float("nan")])
def test_only_money_that_is_there_can_be_moved(amount: float) -> None:
    with pytest.raises(ValueError, match="cannot be moved"):
        move_money(curve("display", 100.0, 10.0, 0.5), curve("search", 100.0, 30.0, 0.5), amount)


def test_money_does_not_move_to_where_it_is() -> None:
    with pytest.raises(ValueError, match="from one channel to another"):
        move_money(curve("display", 100.0, 10.0, 0.5), curve("display", 100.0, 10.0, 0.5), 5.0)


@pytest.mark.parametrize(("spend", "draws"), [(0.0, 3), (-1.0, 3), (5.0, 0)])
def test_a_curve_needs_spend_and_draws(spend: float, draws: int) -> None:
    with pytest.raises(ValueError, match=r"spend above 0|make no curve"):
        curve("tv", spend, 1.0, 0.5, draws)


@given(st.floats(0.0, 1.0), st.floats(0.01, 0.99))
def test_a_curve_never_falls_as_spend_grows(elasticity: float, share: float) -> None:
    found = curve("mail", 300.0, 12.0, elasticity)
    assert (found.at(300.0 * share) <= found.at(300.0) + 1e-9).all()


def test_points_run_from_nothing_to_twice_todays_spend() -> None:
    points = points_of(curve("mail", 300.0, 12.0, 0.5))
    assert (points[0].spend, points[0].won.mean) == (0.0, 0.0)
    assert points[-1].spend == 600.0
    assert points[12].won.mean == pytest.approx(12.0)
