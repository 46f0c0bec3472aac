"""The table of a calibration as Markdown, and its verdict against the bars."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmarks.calibrate.measuring import Measured
from campaigns.terms import RULES

__all__ = ["lines_of", "nothing_lines", "verdict_lines"]

METHODS = ("touchstone", *RULES, "zero")
MEAN, WORST = 0.003, 0.006
"""Mean share error over the markets, and that of the worst, at most."""
RELATIVE = 0.35
"""Mean of |error| / true increment, at most."""
COVERED = (0.85, 0.97)
"""Share of the ads inside their ranges."""
NOTHING = 0.005
"""Share of responses that a channel may be credited with where nothing works."""


def lines_of(found: Mapping[str, Measured]) -> list[str]:
    """Lay out a row per market: share errors of every method, then what else is judged."""
    heads = [method.replace("_", " ") for method in METHODS]
    lines = [
        f"| market | {' | '.join(heads)} | error / true | ads inside | display true, found | verdict |",
        "|---" * (len(heads) + 5) + "|",
    ]
    for name, market in found.items():
        errors = " | ".join(f"{market.share_error(method):.4f}" for method in METHODS)
        low, high = market.ranges["display"]
        display = f"{market.truth['display']:,.0f}, {market.credited['touchstone']['display']:,.0f}"
        lines.append(
            f"| {name} | {errors} | {market.relative_error('touchstone'):.2f} | {market.ads_inside} of {market.ads} "
            f"| {display} ({low:,.0f} to {high:,.0f}) | {market.verdict} |"
        )
    means = " | ".join(f"{np.mean([m.share_error(method) for m in found.values()]):.4f}" for method in METHODS)
    relative = np.mean([market.relative_error("touchstone") for market in found.values()])
    lines.append(f"| **mean** | {means} | {relative:.2f} | {_covered(found):.0%} | | |")
    return lines


def _covered(found: Mapping[str, Measured]) -> float:
    return sum(market.ads_inside for market in found.values()) / sum(market.ads for market in found.values())


def verdict_lines(found: Mapping[str, Measured]) -> list[str]:
    """Hold the figures against the bars, one line each."""
    errors = {name: market.share_error("touchstone") for name, market in found.items()}
    worst = max(errors, key=lambda name: errors[name])
    relative = float(np.mean([market.relative_error("touchstone") for market in found.values()]))
    low, high = COVERED
    covered = _covered(found)
    mean = float(np.mean(list(errors.values())))
    return [
        _line("mean share error", f"{mean:.4f}", f"at most {MEAN}", mean <= MEAN),
        _line("worst market", f"{errors[worst]:.4f} ({worst})", f"at most {WORST}", errors[worst] <= WORST),
        _line("mean |error| / true", f"{relative:.2f}", f"at most {RELATIVE}", relative <= RELATIVE),
        _line("ads inside their range", f"{covered:.1%}", f"{low:.0%} to {high:.0%}", low <= covered <= high),
    ]


def nothing_lines(found: Mapping[str, Measured]) -> list[str]:
    """Say of markets in which nothing works what each channel is still credited with."""
    lines = []
    for name, market in found.items():
        shares = {channel: value / market.responses for channel, value in market.credited["touchstone"].items()}
        top = max(shares, key=lambda channel: shares[channel])
        told = ", ".join(f"{channel} {share:.2%}" for channel, share in shares.items())
        lines.append(f"{name}: {told}")
        lines.append(
            _line(
                f"{name}: largest", f"{shares[top]:.2%} ({top})", f"at most {NOTHING:.1%}",
                shares[top] <= NOTHING,
            )
        )  # fmt: skip
    return lines


def _line(what: str, figure: str, bar: str, held: bool) -> str:
    return f"{what}: {figure}; wanted {bar}: {'held' if held else 'MISSED'}"
