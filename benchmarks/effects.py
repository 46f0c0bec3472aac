"""Effects by customer: fitting them to a million randomised contacts, scoring a million customers in six channels.

``python -m benchmarks.effects`` prints the seconds of each, the recovered pattern, and what the policy earns on
held-back randomised data against the best single arm, for markets where customers differ and where they do not.
"""

from __future__ import annotations

import time

import numpy as np

from attribution.policy_value import held_back_value
from attribution.uplift import Trial, fit_uplift

ARMS, FEATURES = 6, 12


def market(n: int, spread: float, seed: int) -> tuple[Trial, np.ndarray]:
    """Draw contacts of six arms sent or withheld (15 %), with effects that differ by ``spread``."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, FEATURES))
    average = np.linspace(0.006, 0.02, ARMS)
    pattern = rng.normal(size=(ARMS, FEATURES)) / np.sqrt(FEATURES)
    effect = average * (1.0 + spread * features @ pattern.T)
    own = rng.integers(0, ARMS, n)
    chance = np.zeros((n, ARMS))
    chance[np.arange(n), own] = 0.85
    arm = np.where(rng.random(n) < 0.85, own, -1)
    rate = 0.03 + np.where(arm >= 0, effect[np.arange(n), own], 0.0)
    return Trial(features, arm, chance, (rng.random(n) < rate).astype(float)), effect


def mailing(n: int, spread: float, seed: int) -> Trial:
    """Draw a test of two mailings against none."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, 8))
    differs = spread * np.c_[features[:, 0] - features[:, 1], features[:, 2] + features[:, 1]]
    effect = np.asarray([0.010, 0.008]) * (1 + differs)
    arm = rng.integers(-1, 2, n)
    rate = np.clip(0.03 + np.where(arm >= 0, effect[np.arange(n), arm], 0.0), 0, 1)
    return Trial(features, arm, np.full((n, 2), 1 / 3), (rng.random(n) < rate).astype(float))


def main() -> None:
    """Print the figures."""
    trial, effect = market(1_000_000, 1.0, 1)
    begun, busy = time.perf_counter(), time.process_time()
    model = fit_uplift(trial)
    took, used = time.perf_counter() - begun, time.process_time() - busy
    print(f"fit, 1,000,000 contacts: {took:.1f} s ({used:.1f} s of processor time)")
    begun, busy = time.perf_counter(), time.process_time()
    mean, error = model.of(trial.features)
    print(
        f"means and standard errors of 1,000,000 customers x {ARMS} arms: {time.perf_counter() - begun:.1f} s "
        f"({time.process_time() - busy:.1f} s of processor)"
    )
    inside = (np.abs(mean - effect) < 1.645 * error).mean()
    alike = np.corrcoef(mean.ravel(), effect.ravel())[0, 1]
    print(f"correlation with the true effects {alike:.2f}, inside 90 %: {inside:.2f}")
    margin, cost = np.full(2, 30.0), np.full(2, 0.2)
    for spread in (0.0, 0.3, 2.0):
        gains = [held_back_value(mailing(20_000, spread, seed), margin, cost, folds=3)[1] for seed in range(10)]
        gain = sum(one.mean for one in gains) / len(gains)
        noise = np.sqrt(sum(one.error**2 for one in gains)) / len(gains)
        print(
            f"policy less best single arm, differences {spread}: {gain:+.4f} per customer, standard error {noise:.4f}"
        )


if __name__ == "__main__":
    main()
