"""Random small plans, solved by HiGHS over every schedule of every household: bound, plan and gap against the truth."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import highspy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.planning import pricing
from campaigns.planning.caps import Cap
from campaigns.planning.facts import Candidates
from campaigns.planning.planner import solve, upper_bound
from campaigns.planning.problem import BUDGET, MIX, Limit, Problem, Scarce
from campaigns.planning.rules import Judgement
from campaigns.planning.windows import count_windows

OFFERS, CHANNELS, DAYS = 3, 2, 3
COST = np.asarray([0.1, 1.0])


@dataclass(frozen=True)
class Schedule:
    """One thing a household could hear: contacts with their days, and what they are worth."""

    contacts: tuple[tuple[int, int], ...]
    value: float


@st.composite
def problems(draw) -> Problem:
    people = draw(st.integers(2, 5))
    homes = draw(st.lists(st.integers(0, 2), min_size=people, max_size=people))
    household = np.unique(homes, return_inverse=True)[1]
    every = [(p, o, c) for p in range(people) for o in range(OFFERS) for c in range(CHANNELS)]
    some = draw(st.lists(st.sampled_from(every), min_size=1, max_size=9, unique=True))
    person, offer, channel = np.asarray(sorted(some)).T
    value = np.asarray(draw(st.lists(st.integers(1, 60), min_size=len(some), max_size=len(some)))) / 10
    masks = draw(st.lists(st.sampled_from([0, 1, 3, 5, 6, 7, 7, 7]), min_size=len(some), max_size=len(some)))
    second = draw(st.sampled_from([0.0, 0.0, 0.5, 0.9]))
    candidates = Candidates(person, offer, channel, value / 20, value, COST[channel], np.full(len(some), second))
    open_days = np.asarray(masks, np.uint64)
    caps = draw(
        st.lists(
            st.builds(
                Cap,
                st.integers(1, 3),
                st.integers(1, 5),
                st.sampled_from([None, "email", "call"]),
                st.sampled_from(["person", "household"]),
            ),
            max_size=2,
            unique_by=lambda cap: (cap.days, cap.channel, cap.scope),
        )
    )
    history = draw(st.lists(st.tuples(st.integers(0, people - 1), st.integers(-3, 2)), max_size=2))
    known = np.asarray(history, np.int64).reshape(-1, 2)
    windows = tuple(
        count_windows(
            cap,
            np.arange(people) if cap.scope == "person" else household,
            known[:, 0],
            known[:, 1],
            DAYS,
            None if cap.channel is None else ["email", "call"].index(cap.channel),
        )
        for cap in caps
    )
    scarce = tuple(
        Scarce(name, place, use, np.asarray(draw(st.lists(st.integers(0, 2), min_size=DAYS, max_size=DAYS)), float))
        for name, place, use in (("hours", 1, 0.5), ("e-mails", 0, 1.0))
        if draw(st.booleans())
    )
    return Problem(
        candidates,
        Judgement(open_days, np.where(open_days != 0, -1, 0).astype(np.int8)),
        windows,
        household,
        CHANNELS,
        np.zeros((CHANNELS, DAYS), np.int64),
        scarce,
        *draw(clashes()),
        DAYS,
        draw(st.none() | st.integers(1, 6)),
        draw(st.integers(0, 3)),
        tuple(draw(limits())),
    )


@st.composite
def clashes(draw):
    rivals, follows = np.zeros((OFFERS, OFFERS), bool), np.zeros((OFFERS, OFFERS), bool)
    if draw(st.integers(0, 2)) == 0:
        rivals[0, 1] = rivals[1, 0] = True
    if draw(st.integers(0, 2)) == 0:
        follows[2, 0] = True
    return rivals, follows


@st.composite
def limits(draw):
    found = []
    if draw(st.booleans()):
        most = draw(st.integers(2, 40)) / 10
        found.append(Limit("budget", np.tile(COST, (OFFERS, 1)), most=most, unit="euro", reason=BUDGET))
    if draw(st.integers(0, 2)) == 0:
        use = np.zeros((OFFERS, CHANNELS))
        use[1] = 1.0
        least, more = draw(st.integers(0, 4)), draw(st.none() | st.integers(0, 2))
        found.append(Limit("volume of 1", use, least=float(least), most=None if more is None else float(least + more)))
    if draw(st.integers(0, 3)) == 0:
        share = draw(st.sampled_from([0.25, 0.5]))
        use = np.full((OFFERS, CHANNELS), -share)
        use[2] = 1.0 - share
        found.append(Limit("share of relationship contacts", use, least=0.0, reason=MIX))
    return found


def schedules(problem: Problem, house: int) -> list[Schedule]:
    """List everything a household could hear within its caps, by trying it all."""
    candidates = problem.candidates
    rows = np.flatnonzero(problem.household[candidates.person] == house).tolist()
    choices = [
        [None, *(day for day in range(DAYS) if int(problem.judgement.open_days[row]) >> day & 1)] for row in rows
    ]
    found = []
    for days in itertools.product(*choices):
        contacts = tuple((row, day) for row, day in zip(rows, days, strict=True) if day is not None)
        if admissible(problem, contacts):
            found.append(Schedule(contacts, worth(problem, [row for row, _ in contacts])))
    return found


def worth(problem: Problem, rows: list[int]) -> float:
    candidates = problem.candidates
    gross = candidates.value + candidates.cost
    total = 0.0
    groups: dict[tuple[int, int], list[int]] = {}
    for row in rows:
        groups.setdefault((candidates.person[row], candidates.channel[row]), []).append(row)
    for group in groups.values():
        for rank, row in enumerate(sorted(group, key=lambda row: -gross[row])):
            total += gross[row] * candidates.second[row] ** rank - candidates.cost[row]
    return total


def admissible(problem: Problem, contacts) -> bool:
    candidates = problem.candidates
    for (one, day), (other, later) in itertools.permutations(contacts, 2):
        if candidates.person[one] != candidates.person[other]:
            continue
        if candidates.channel[one] == candidates.channel[other] and candidates.second[one] == 0:
            return False
        pair = candidates.offer[one], candidates.offer[other]
        if problem.rivals[pair] or (problem.follows[pair] and day >= later):
            return False
    for windows in problem.windows:
        ours = [
            (windows.group[candidates.person[row]], day)
            for row, day in contacts
            if windows.channel in (None, candidates.channel[row])
        ]
        for group, day in ours:
            for window in range(day, day + windows.cap.days):
                inside = sum(own == group and window - windows.cap.days < on <= window for own, on in ours)
                if windows.counts[group, window] + inside > windows.cap.limit:
                    return False
    return True


def use_of(problem: Problem, limit: Limit, contacts) -> float:
    candidates = problem.candidates
    return sum(float(limit.use[candidates.offer[row], candidates.channel[row]]) for row, _ in contacts)


def best_of_all(problem: Problem, most_of: Limit | None = None) -> float | None:
    """Return the best value that any plan reaches, by HiGHS, or None if there is no plan.

    With ``most_of`` it is not the value but the use of that limit.
    """
    houses = sorted(set(problem.household.tolist()))
    columns = [(house, one) for house in houses for one in schedules(problem, house)]
    candidates = problem.candidates
    rows: list[tuple[list[float], float, float]] = [
        ([float(own == house) for own, _ in columns], 1.0, 1.0) for house in houses
    ]
    for item in problem.scarce:
        for day in range(problem.days):
            use = [
                item.per_contact
                * sum(candidates.channel[row] == item.channel and on == day for row, on in one.contacts)
                for _, one in columns
            ]
            rows.append((use, -np.inf, float(item.left[day])))
    for limit in problem.limits:
        use = [use_of(problem, limit, one.contacts) for _, one in columns]
        low = -np.inf if limit.least is None else limit.least
        rows.append((use, low, np.inf if limit.most is None else limit.most))
    if problem.limit is not None:
        rows.append(([float(len(one.contacts)) for _, one in columns], -np.inf, float(problem.limit)))
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("mip_rel_gap", 0.0)
    for _, one in columns:
        highs.addVar(0.0, 1.0)
        at = highs.getNumCol() - 1
        highs.changeColIntegrality(at, highspy.HighsVarType.kInteger)
        highs.changeColCost(at, -(one.value if most_of is None else use_of(problem, most_of, one.contacts)))
    for use, low, high in rows:
        there = [place for place, number in enumerate(use) if number]
        highs.addRow(low, high, len(there), np.asarray(there, np.int32), np.asarray([use[place] for place in there]))
    highs.run()
    if highs.getModelStatus() == highspy.HighsModelStatus.kInfeasible:
        return None
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return -highs.getInfo().objective_function_value


def broken(problem: Problem, solution) -> list[str]:
    """Return everything that a plan breaks, least amounts that it owns up to left out."""
    candidates = problem.candidates
    contacts = list(zip(solution.chosen.tolist(), solution.day.tolist(), strict=True))
    found = []
    for house in set(problem.household.tolist()):
        if not admissible(problem, [one for one in contacts if problem.household[candidates.person[one[0]]] == house]):
            found.append(f"household {house}")
    found += ["day" for row, day in contacts if not int(problem.judgement.open_days[row]) >> day & 1]
    for item in problem.scarce:
        used = np.bincount(
            [day for row, day in contacts if candidates.channel[row] == item.channel], minlength=problem.days
        )
        if (used * item.per_contact > np.maximum(item.left, 0) + 1e-6).any():
            found.append(item.name)
    owned = {unmet.name for unmet in solution.unmet}
    for limit in problem.limits:
        used = sum(limit.use[candidates.offer[row], candidates.channel[row]] for row, _ in contacts)
        if limit.most is not None and used > limit.most + 1e-6:
            found.append(limit.name)
        if limit.least is not None and used < limit.least - 1e-6 and limit.name not in owned:
            found.append(limit.name)
    if problem.limit is not None and len(contacts) > problem.limit:
        found.append("limit")
    return found


def hold_against_highs(problem: Problem) -> None:
    solution = solve(problem)
    best = best_of_all(problem)
    assert broken(problem, solution) == []
    assert solution.value == pytest.approx(worth(problem, solution.chosen.tolist()))
    assert solution.value <= solution.bound + 1e-9
    again = solve(problem)
    assert again.chosen.tolist() == solution.chosen.tolist()
    assert again.day.tolist() == solution.day.tolist()
    if best is None:
        assert solution.unmet
        hold_nearest(problem, solution)
        return
    assert not any(unmet.proven for unmet in solution.unmet)
    assert not solution.unmet, "a plan that meets everything exists and was not found"
    hold_proof(solution, best)
    assert best <= upper_bound(problem) + 1e-6


def hold_proof(solution, best: float) -> None:
    """Hold value, bound and gap against the best plan of all."""
    assert solution.value <= best + 1e-6
    assert best <= solution.bound + 1e-6
    assert (best - solution.value) / max(best, 1e-9) <= solution.gap + 1e-6


def hold_nearest(problem: Problem, solution) -> None:
    """Hold what is said of least amounts that are not reached against the most that any plan reaches."""
    owned = {unmet.name: unmet for unmet in solution.unmet}
    for limit in problem.limits:
        if limit.name not in owned:
            continue
        unmet = owned[limit.name]
        assert unmet.wanted == limit.least
        assert unmet.reached == pytest.approx(
            use_of(problem, limit, zip(solution.chosen.tolist(), solution.day.tolist(), strict=True))
        )
        others = tuple(replace(one, least=None) if one is limit else one for one in problem.limits)
        most = best_of_all(replace(problem, limits=others), limit)
        assert unmet.together or most is None or most <= unmet.possible + 1e-6
    eased = tuple(
        limit if limit.name not in owned else replace(limit, least=owned[limit.name].reached)
        for limit in problem.limits
    )
    best = best_of_all(replace(problem, limits=eased))
    assert best is not None
    hold_proof(solution, best)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems())
def test_on_a_few_random_problems_bound_plan_and_gap_are_as_stated(problem):
    hold_against_highs(problem)


@pytest.mark.slow
@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems())
def test_on_three_hundred_random_problems_bound_plan_and_gap_are_as_stated(problem):
    hold_against_highs(problem)


@st.composite
def problems_too_tight(draw) -> Problem:
    """Problems of which a volume asks for more than there often is."""
    problem = draw(problems())
    use = np.zeros((OFFERS, CHANNELS))
    use[draw(st.integers(0, 2))] = 1.0
    floor = Limit("too much", use, least=float(draw(st.integers(2, 9))))
    return replace(problem, limits=(*(limit for limit in problem.limits if limit.reason != MIX), floor))


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems_too_tight())
def test_what_cannot_be_met_is_named_with_the_nearest_plan_on_a_few_random_problems(problem):
    hold_against_highs(problem)


@pytest.mark.slow
@settings(max_examples=50, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(problem=problems_too_tight())
def test_the_nearest_plan_reaches_the_most_that_any_could(problem):
    solution = solve(problem)
    if len(solution.unmet) != 1:
        return
    (unmet,) = solution.unmet
    missed = next(limit for limit in problem.limits if limit.name == unmet.name)
    others = tuple(replace(limit, least=None) if limit is missed else limit for limit in problem.limits)
    most = best_of_all(replace(problem, limits=others), missed)
    assert most is not None
    assert unmet.reached == pytest.approx(most)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems_too_tight())
def test_what_cannot_be_met_is_named_with_the_nearest_plan_on_many_random_problems(problem):
    hold_against_highs(problem)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(problem=problems())
def test_prices_from_a_sample_prove_a_bound_too(problem):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pricing, "FEW", 0)
        patched.setattr(pricing, "SAMPLES", (1, 1))
        solution = solve(problem)
    assert broken(problem, solution) == []
    if not solution.unmet:
        best = best_of_all(problem)
        assert best is not None
        hold_proof(solution, best)
