"""Small bars inside a table: a likely range with soft ends, the estimate and the target line, rows to one scale."""

from __future__ import annotations

from markupsafe import Markup

from campaigns.reporting.figures import bounded
from campaigns.reporting.lines import Line
from campaigns.terms import Cost

__all__ = ["FADES", "bar_of_cost", "bar_of_extra", "far_of_costs", "range_bar"]

WIDTH, HEIGHT = 120.0, 14.0

FADES = Markup(
    '<svg class="fades" width="0" height="0" aria-hidden="true" focusable="false"><defs>'
    '<linearGradient id="fade-in"><stop offset="0" stop-color="var(--estimate)" stop-opacity="0.1"/>'
    '<stop offset="1" stop-color="var(--estimate)" stop-opacity="0.85"/></linearGradient>'
    '<linearGradient id="fade-out"><stop offset="0" stop-color="var(--estimate)" stop-opacity="0.85"/>'
    '<stop offset="1" stop-color="var(--estimate)" stop-opacity="0.1"/></linearGradient></defs></svg>'
)
"""The soft ends, once per page; every bar refers to them."""

FAR = 4.0
"""Multiple of the largest limit at which the scale of costs ends."""


def range_bar(low: float, middle: float, high: float, far: float, limit: float | None = None) -> Markup:
    """Draw one likely range on a scale from 0 to ``far``; what lies beyond is cut, its end then not soft but open.

    Parameters
    ----------
    low, middle, high
        The range, in the unit of ``far``.
    limit
        Where the target line stands, or None for none.
    """
    left, centre, right = (round(WIDTH * min(max(value / far, 0.0), 1.0), 1) for value in (low, middle, high))
    parts = [
        f'<rect class="ground" x="0" y="{HEIGHT / 2 - 0.5:g}" width="{WIDTH:g}" height="1"/>',
        f'<rect x="{left:g}" y="2" width="{max(centre - left, 0.5):.1f}" height="10" fill="url(#fade-in)"/>',
        f'<rect x="{centre:g}" y="2" width="{max(right - centre, 0.5):.1f}" height="10" fill="url(#fade-out)"/>',
        f'<rect class="middle" x="{min(centre, WIDTH - 2) - 1:.1f}" y="0" width="2" height="{HEIGHT:g}"/>',
    ]
    if limit is not None and limit <= far:
        at = WIDTH * limit / far
        parts.append(f'<path class="limit" d="M{at:.1f} 0v{HEIGHT:g}"/>')
    drawn = "".join(parts)
    return Markup(  # noqa: S704 - numbers alone
        f'<svg class="range" viewBox="-1 0 {WIDTH + 2:g} {HEIGHT:g}" aria-hidden="true" focusable="false">{drawn}</svg>'
    )


def bar_of_extra(line: Line, far: float) -> Markup:
    """Draw the likely range of what a line caused."""
    found = line.effect.incremental
    return range_bar(found.p05, found.mean, found.p95, far)


def bar_of_cost(line: Line, far: float) -> Markup:
    """Draw the likely range of a cost with its target; empty where no cost can be shown."""
    cost = None if line.effect.cac is None else bounded(line.effect.cac)
    if cost is None or cost.median is None or cost.p05 is None:
        return Markup("")
    return range_bar(cost.p05, cost.median, far if cost.p95 is None else cost.p95, far, line.limit)


def far_of_costs(lines: tuple[Line, ...]) -> float:
    """Find where the scale of costs ends: at the largest end known, or ``FAR`` times the largest limit."""
    costs: list[Cost] = [bounded(line.effect.cac) for line in lines if line.effect.cac is not None]
    ends = [end for cost in costs for end in (cost.p05, cost.median, cost.p95) if end is not None]
    limits = [line.limit for line in lines if line.limit is not None]
    largest = max(ends, default=1.0)
    return max(1.25 * max(limits), min(largest, FAR * max(limits))) if limits else largest
