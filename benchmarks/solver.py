"""The solver of plans: seconds, memory and gap at a million customers, and against HiGHS on twenty thousand.

The instance: 6 touch points, 10 promotions each allowed on 2 of them, 7 days, 20 % of the customers in shared
households, at most 3 contacts per household and week, a customer at most once through a touch point. Scarce are calls,
letters and e-mails per day, the budget in all and of each promotion; two promotions have a least volume and two a most.
A second instance of each size lets a customer hear a second time through a touch point, for 60 % of what it would bring
as the first. ``python -m benchmarks.solver`` prints the figures; sizes may be named:
``python -m benchmarks.solver 20000``.
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np

from campaigns.planning.caps import Cap
from campaigns.planning.facts import Candidates
from campaigns.planning.planner import solve
from campaigns.planning.problem import BUDGET, Limit, Problem, Scarce, Solution
from campaigns.planning.rules import Judgement
from campaigns.planning.windows import count_windows

CHANNELS, OFFERS, DAYS = 6, 10, 7
COST = np.asarray([0.02, 0.9, 4.0, 0.08, 0.01, 0.3])
EMAIL, MAIL, CALL = 0, 1, 2
SIZES = (2_000, 20_000, 200_000, 1_000_000)
SECOND = 0.6
COMPARED, PATIENCE = 20_000, 120.0
"""Customers up to which HiGHS solves the same, and the seconds of processor time it may take."""


def instance(people: int, seed: int = 1, second: float = 0.0) -> Problem:
    """Draw a market of so many customers; ``second`` is what a second contact through a touch point keeps."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), 2 * OFFERS)
    allowed = np.asarray([[place % CHANNELS, (place + 1 + place // CHANNELS) % CHANNELS] for place in range(OFFERS)])
    offer = np.tile(np.repeat(np.arange(OFFERS), 2), people)
    channel = np.tile(allowed.ravel(), people)
    eager = rng.gamma(2.0, 0.5, people)
    taste = rng.gamma(1.0, 1.0, (people, OFFERS))
    reach = np.asarray([0.004, 0.012, 0.06, 0.006, 0.003, 0.008])
    margin = rng.uniform(20.0, 60.0, OFFERS)
    extra = eager[person] * taste[person, offer] * reach[channel] * rng.uniform(0.7, 1.3, len(person))
    cost = COST[channel]
    value = extra * margin[offer] - cost
    candidates = Candidates(person, offer, channel, extra, value, cost, np.full(len(person), second))
    whole = np.uint64((1 << DAYS) - 1)
    worth = value > 0
    judgement = Judgement(np.where(worth, whole, np.uint64(0)), np.where(worth, -1, 0).astype(np.int8))
    household = _households(people)
    windows = count_windows(Cap(3, 7, None, "household"), household, np.zeros(0, int), np.zeros(0, int), DAYS)
    scarce = (
        Scarce("agent-hours", CALL, 0.1, np.full(DAYS, round(people * 0.01 / DAYS) * 0.1)),
        Scarce("letters", MAIL, 1.0, np.full(DAYS, float(round(people * 0.05 / DAYS)))),
        Scarce("e-mails", EMAIL, 1.0, np.full(DAYS, float(round(people * 0.4 / DAYS)))),
    )
    none = np.zeros((OFFERS, OFFERS), bool)
    limits = _limits(people)
    return Problem(
        candidates, judgement, (windows,), household, CHANNELS, np.zeros((CHANNELS, DAYS), np.int64), scarce,
        none, none, DAYS, limits=limits,
    )  # fmt: skip


def _households(people: int) -> np.ndarray:
    """Put every fifth customer into a household of two; the others live alone."""
    shared = people // 5 // 2 * 2
    return np.r_[np.repeat(np.arange(shared // 2), 2), np.arange(shared // 2, people - shared // 2)]


def _limits(people: int) -> tuple[Limit, ...]:
    def of(offer: int, weight: np.ndarray) -> np.ndarray:
        use = np.zeros((OFFERS, CHANNELS))
        use[offer] = weight
        return use

    each = [
        Limit(f"budget of promotion {offer}", of(offer, COST), most=people * 0.02, unit="euro", reason=BUDGET)
        for offer in range(OFFERS)
    ]
    one = np.ones(CHANNELS)
    volumes = [
        Limit("promotion 3: at least", of(3, one), least=float(round(people * 0.12))),
        Limit("promotion 6: at least", of(6, one), least=float(round(people * 0.15))),
        Limit("promotion 2: at most", of(2, one), most=float(round(people * 0.08))),
        Limit("promotion 5: at most", of(5, one), most=float(round(people * 0.06))),
    ]
    total = Limit("budget", np.tile(COST, (OFFERS, 1)), most=people * 0.11, unit="euro", reason=BUDGET)
    return (total, *each, *volumes)


def main(arguments: list[str] | None = None) -> None:
    """Print the figures."""
    named = [int(word) for word in (sys.argv[1:] if arguments is None else arguments)]
    for second in (0.0, SECOND):
        begun = time.perf_counter()
        solve(instance(200, second=second))
        print(f"compiling, or loading what was compiled before: {time.perf_counter() - begun:.1f} s")
    for people in named or SIZES:
        for second in (0.0, SECOND):
            problem = instance(people, second=second)
            begun, busy = time.perf_counter(), time.process_time()
            solution = solve(problem)
            seconds, busy = time.perf_counter() - begun, time.process_time() - busy
            _tell(problem, solution, seconds, busy, second)
            if people <= COMPARED and not second:
                _compare(problem, solution, seconds, busy)


def _tell(problem: Problem, solution: Solution, seconds: float, busy: float, second: float) -> None:
    people = len(problem.household)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{people:,} customers x {OFFERS} promotions x {DAYS} days ({len(problem.candidates):,} candidates"
        f"{', second contacts' if second else ''}): {seconds:.2f} s ({busy:.2f} s of processor time), "
        f"peak memory of the process {peak:.2f} GB\n"
        f"   gap {solution.gap:.4%}, {len(solution.chosen):,} contacts, value {solution.value:,.0f}, "
        f"least amounts not met: {len(solution.unmet)}"
    )
    prices = [*zip((item.name for item in problem.scarce), solution.prices, strict=True)]
    prices += [*zip((item.name for item in problem.limits), solution.limit_prices, strict=True)]
    print("   prices: " + ", ".join(f"{name} {price:.3f}" for name, price in prices if price), flush=True)


def _compare(problem: Problem, solution: Solution, seconds: float, busy: float) -> None:
    """Let HiGHS solve the same problem to a gap of 0.1 %, days pooled (which only helps it)."""
    from benchmarks._highs import solve_with_highs

    found = solve_with_highs(problem, gap=0.001, seconds=PATIENCE)
    took = f"{found.seconds:.1f} s ({found.busy:.1f} s of processor time)"
    faster = f"{found.seconds / seconds:.0f} times faster, with 1/{found.busy / busy:.0f} of the processor time"
    if found.reached and found.value is not None:
        told = (
            f"{took}, value {found.value:,.0f}, bound {found.bound:,.0f}; the solver is {faster}, and its plan "
            f"is worth {solution.value / found.value - 1:+.3%}"
        )
    else:
        stood = "no plan" if found.value is None else f"a plan worth {found.value:,.0f}"
        told = (
            f"not reached when it was stopped after {took}; it had {stood} and the bound {found.bound:,.0f}. "
            f"The solver is more than {faster}, at a gap of {solution.gap:.4%}"
        )
    print(f"   HiGHS, to a gap of 0.1 %, days pooled: {told}", flush=True)


if __name__ == "__main__":
    main()
